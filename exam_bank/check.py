"""Every item of a course is tried before learners meet it.

The rules, in the order in which they are tried:

* ``item-schema``: the file is a valid item.
* ``item-code``: the programs of a code item are Python (the autograder runs them).
* ``item-variants``: over many seeds the variant code neither fails nor hangs, every value is finite, exactly one option
  of a single choice is correct and no distractor equals it; the key earns all points; variants differ.
* ``item-samples``: over the same seeds every sample answer gets its promised score; there is a right, a wrong and a
  malformed one.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from authoring.check.finding import Finding, Severity
from exam_bank.item import Code, Item, ShortAnswer
from exam_bank.item_file import item_paths, read_bank, read_item
from exam_bank.scoring import ItemScore, Outcome, key_response, score
from exam_bank.strict import SourceError
from exam_bank.variant_maker import Proof, VariantError, try_proofs

SEEDS = 1_000
SEEDS_WITHOUT_CODE = 20  # only the order of options differs
_SAME = Decimal("0.005")


def check_items(root: Path, *, seeds: int = SEEDS) -> list[Finding]:
    """What is wrong with the items of the course in the folder ``root``, in the order of the files.

    Args:
        root: the course folder; findings name files relative to it.
        seeds: how many variants of each item with variant code are tried.
    """
    try:
        paths = item_paths(root)
    except SourceError as error:
        return [_finding(error.file, "item-schema", error.problem, "move the file")]
    findings = [finding for path in paths for finding in _of_file(path, root, seeds)]
    if not findings:
        findings = _of_bank(root)
    return sorted(findings)


def check_item(item: Item, *, seeds: int = SEEDS) -> Iterator[Finding]:
    """What is wrong with one item that could be read."""
    if isinstance(item.question, Code):
        yield from _program_findings(item, item.question)
        return
    count = seeds if item.variant_code else min(seeds, SEEDS_WITHOUT_CODE)
    proofs = try_proofs([(item, seed) for seed in range(count)])
    made = [proof for proof in proofs if isinstance(proof, Proof)]
    yield from _variant_findings(item, [error for error in proofs if isinstance(error, VariantError)], count)
    yield from _sameness_findings(item, made)
    yield from _key_findings(item, made)
    yield from _sample_findings(item, made)
    yield from _coverage_findings(item)


def _of_file(path: Path, root: Path, seeds: int) -> Iterator[Finding]:
    try:
        item = read_item(path, root)
    except SourceError as error:
        place = f"{error.place}: " if error.place else ""
        yield _finding(error.file, "item-schema", place + error.problem, "see docs/items.md")
        return
    yield from check_item(item, seeds=seeds)


def _of_bank(root: Path) -> list[Finding]:
    try:
        read_bank(root)
    except SourceError as error:
        return [_finding(error.file, "item-schema", f"{error.place}: {error.problem}", "correct or delete the entry")]
    return []


def _finding(file: str, rule: str, message: str, mend: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(file=file, rule=rule, severity=severity, message=message, mend=mend)


def _file(item: Item) -> str:
    return f"items/{item.ref}.md"


def _program_findings(item: Item, question: Code) -> Iterator[Finding]:
    programs = {
        "## Starter": question.starter,
        "## Reference": question.reference,
        "## Tests": question.tests,
        "## Hidden tests": question.hidden_tests,
    }
    for place, program in programs.items():
        try:
            ast.parse(program)
        except (SyntaxError, ValueError) as error:
            line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
            yield _finding(
                _file(item), "item-code", f"{place}{line}: this is not Python ({error})", "correct the program"
            )


def _variant_findings(item: Item, errors: Sequence[VariantError], count: int) -> Iterator[Finding]:
    """One finding for each kind of failure, with how often and where first."""
    kinds: dict[tuple[str, str], list[int]] = defaultdict(list)
    for error in errors:
        kinds[error.place, error.problem].append(error.seed)
    places: dict[str, list[tuple[str, list[int]]]] = defaultdict(list)
    for (place, problem), where in kinds.items():
        places[place].append((problem, where))
    for place, problems in places.items():
        often = sum(len(where) for _, where in problems)
        problem, where = problems[0]
        message = f"{place}: {problem} (seed {where[0]}; {often} of {count} seeds fail here)"
        yield _finding(_file(item), "item-variants", message, "correct the item, or what its variant code draws")


def _sameness_findings(item: Item, made: Sequence[Proof]) -> Iterator[Finding]:
    if item.variant_code and len(made) > 1 and len({proof.variant.stem for proof in made}) == 1:
        message = f"all {len(made)} variants have the same stem"
        mend = "use what the code binds in the stem as {{ name }}, or delete ## Variant"
        yield _finding(_file(item), "item-variants", message, mend, Severity.WARNING)


def _key_findings(item: Item, made: Sequence[Proof]) -> Iterator[Finding]:
    """The key itself must earn all points, for instance also when it is written out as a number."""
    for proof in made:
        response = key_response(proof.variant)
        if response is not None and score(proof.variant, response).points != item.points:
            message = f"the key {response!r} does not earn all points (seed {proof.variant.seed})"
            yield _finding(_file(item), "item-variants", message, "correct the key")
            return


def _sample_findings(item: Item, made: Sequence[Proof]) -> Iterator[Finding]:
    broken: Mapping[int, list[tuple[Proof, ItemScore]]] = defaultdict(list)
    for proof in made:
        for number, response in enumerate(proof.responses):
            result = score(proof.variant, response)
            if not _as_promised(result, item.samples[number].score):
                broken[number].append((proof, result))
    for number, failures in sorted(broken.items()):
        proof, result = failures[0]
        got = result.outcome.value if result.points is None else f"{result.points:f}"
        message = (
            f"samples[{number}]: the response {proof.responses[number]!r} gets {got}, promised is "
            f"{_promised(item.samples[number].score)} (seed {proof.variant.seed}; {len(failures)} of {len(made)} seeds)"
        )
        yield _finding(_file(item), "item-samples", message, "correct the key, the sample or the tolerance")


def _promised(promise: float | str) -> str:
    return promise if isinstance(promise, str) else f"{promise:g}"


def _as_promised(result: ItemScore, promise: float | str) -> bool:
    if isinstance(promise, str):
        return result.outcome.value == promise
    return result.points is not None and abs(result.points - Decimal(str(promise))) <= _SAME


def _coverage_findings(item: Item) -> Iterator[Finding]:
    scores = [sample.score for sample in item.samples]
    points = float(item.points)
    present = {
        "right": points in scores,
        "wrong": any(isinstance(each, float) and each < points for each in scores),
        "malformed": Outcome.MALFORMED.value in scores,
    }
    if isinstance(item.question, ShortAnswer):
        present = {"answer": Outcome.MANUAL.value in scores}
    for kind, given in present.items():
        if not given:
            message = (
                f"samples: there is no {kind} sample" if kind != "answer" else "samples: there is no sample answer"
            )
            yield _finding(_file(item), "item-samples", message, "add one", Severity.WARNING)
