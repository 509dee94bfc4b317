"""Goes through the items of a course and asks every rule."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec

from authoring.check.finding import Finding, Severity
from authoring.toml_file import TomlError
from exam_bank.check.life import life_findings, set_findings
from exam_bank.check.numbers import number_findings
from exam_bank.check.programs import program_findings
from exam_bank.check.samples import coverage_findings, sample_findings
from exam_bank.check.spread import Spread, spread
from exam_bank.check.variants import key_findings, recomputed_findings, sameness_findings, variant_findings
from exam_bank.item import Code, Item
from exam_bank.item_file import item_paths, read_bank, read_item
from exam_bank.strict import SourceError
from exam_bank.variant_maker import Proof, VariantError, try_proofs

SEEDS = 1_000
SEEDS_WITHOUT_CODE = 20  # only the order of options differs
TOGETHER = 12  # items whose variants are made by one process and held at a time


class ItemTrial(msgspec.Struct, frozen=True, kw_only=True):
    """What trying items came to.

    Attributes:
        findings: what is wrong, in the order of the files.
        spreads: how far the variants of each item with variant code lie apart.
    """

    findings: tuple[Finding, ...]
    spreads: tuple[Spread, ...] = ()


def check_items(root: Path, *, seeds: int = SEEDS, reviews: int = 0) -> list[Finding]:
    """What is wrong with the items of the course in the folder ``root``, in the order of the files.

    Args:
        root: the course folder; findings name files relative to it.
        seeds: how many variants of each item with variant code are tried.
        reviews: how many reviews by others than its author an item needs before it is asked.
    """
    return list(try_items(root, seeds=seeds, reviews=reviews).findings)


def try_items(
    root: Path, *, seeds: int = SEEDS, reviews: int = 0, advance: Callable[[str], None] = lambda _: None
) -> ItemTrial:
    """As :func:`check_items`, with the spread of the variants.

    Args:
        root: the course folder.
        seeds: how many variants of each item with variant code are tried.
        reviews: how many reviews an item needs before it is asked.
        advance: called with an item's reference when it is done.
    """
    try:
        paths = item_paths(root)
    except SourceError as error:
        return ItemTrial(findings=(_schema(error, "move the file"),))
    findings: list[Finding] = []
    items: list[Item] = []
    for path in paths:
        try:
            items.append(read_item(path, root))
        except SourceError as error:
            findings.append(_schema(error, "see docs/items.md"))
            advance(f"{path.parent.name}/{path.stem}")
        except TomlError as error:
            return ItemTrial(findings=(_sets(error),))
    spreads: list[Spread] = []
    for item, trial in _tried(items, seeds):
        findings += [*trial.findings, *life_findings(item, root, reviews=reviews)]
        spreads += trial.spreads
        advance(item.ref)
    if len(items) == len(paths):
        findings += _of_bank(root)
    return ItemTrial(findings=tuple(sorted(findings)), spreads=tuple(spreads))


def _tried(items: Sequence[Item], seeds: int) -> Iterator[tuple[Item, ItemTrial]]:
    """Each item with what trying it came to; one process makes the variants of several, for its start costs most."""
    for first in range(0, len(items), TOGETHER):
        batch = items[first : first + TOGETHER]
        counts = [_count(item, seeds) for item in batch]
        requests = [(item, seed) for item, count in zip(batch, counts, strict=True) for seed in range(count)]
        proofs = iter(try_proofs(requests, check=True))
        for item, count in zip(batch, counts, strict=True):
            yield item, _judged(item, list(islice(proofs, count)))


def check_item(item: Item, *, seeds: int = SEEDS) -> Iterator[Finding]:
    """What is wrong with one item that could be read."""
    yield from try_item(item, seeds=seeds).findings


def try_item(item: Item, *, seeds: int = SEEDS) -> ItemTrial:
    """One item that could be read: its variants, samples and numbers."""
    return next(trial for _, trial in _tried([item], seeds))


def _count(item: Item, seeds: int) -> int:
    if isinstance(item.question, Code):
        return 0
    return seeds if item.variant_code else min(seeds, SEEDS_WITHOUT_CODE)


def _judged(item: Item, proofs: Sequence[Proof | VariantError]) -> ItemTrial:
    if isinstance(item.question, Code):
        return ItemTrial(findings=tuple(program_findings(item, item.question)))
    made = [proof for proof in proofs if isinstance(proof, Proof)]
    findings = (
        *variant_findings(item, [error for error in proofs if isinstance(error, VariantError)], len(proofs)),
        *sameness_findings(item, made),
        *key_findings(item, made),
        *number_findings(item, made),
        *recomputed_findings(item, made),
        *sample_findings(item, made),
        *coverage_findings(item),
    )
    about = spread(item, made)
    return ItemTrial(findings=findings, spreads=(about,) if about else ())


def _of_bank(root: Path) -> list[Finding]:
    """What no item shows alone."""
    try:
        bank = read_bank(root)
    except SourceError as error:
        return [_schema(error, "correct or delete the entry")]
    return list(set_findings(bank.items.values()))


def _schema(error: SourceError, mend: str) -> Finding:
    place = f"{error.place}: " if error.place else ""
    return _finding(error.file, place + error.problem, mend)


def _sets(error: TomlError) -> Finding:
    place = f"{error.key}: " if error.key else ""
    return _finding(error.file, place + error.problem, "see docs/items.md")


def _finding(file: str, message: str, mend: str) -> Finding:
    return Finding(file=file, rule="item-schema", severity=Severity.ERROR, message=message, mend=mend)
