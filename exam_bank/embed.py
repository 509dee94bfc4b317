"""Items inside notebooks: the question is written into its cell, where plain Jupyter, nbgrader and git all see it.

A Markdown cell that names an item,

    ``metadata.coursewright.item = {"ref": "<topic>/<id>", "role": "concept-check"}``

gets the rendered question as its source and the question's data next to ``ref``. Doing it again changes nothing, and
nothing else in the notebook changes.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from authoring.check.finding import Finding, Severity
from exam_bank.item import Item, Role, Status, Use
from exam_bank.item_file import read_bank
from exam_bank.render import item_metadata, markdown
from exam_bank.strict import SourceError
from exam_bank.variant import Variant
from exam_bank.variant_maker import Proof, VariantError, make_variants, try_proofs

RULE = "stale-item"
MEND = "run `coursewright items embed`"
MAX_BYTES = 32 * 1024 * 1024

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class _Use:
    """One cell that shows an item."""

    file: str
    cell: Json
    name: str  # of the cell, for people
    item: Item
    role: Role
    seed: int


@dataclass(frozen=True, kw_only=True)
class _Notebook:
    path: Path
    file: str  # relative to the course folder
    text: str
    data: Json


def embed(root: Path) -> tuple[Path, ...]:
    """Brings the item cells of every notebook below ``root/source`` up to date.

    Returns:
        The notebooks that were changed.

    Raises:
        SourceError: a cell names an item or a role that does not exist; nothing is written then.
        VariantError: an item gives no question for the cell's seed; nothing is written then.
    """
    notebooks = _notebooks(root)
    found = [each for notebook in notebooks for each in _item_cells(notebook)]
    items = read_bank(root).items if found else {}
    uses = [_use(file, name, cell, items) for file, name, cell in found]
    for use, variant in zip(uses, make_variants([(use.item, use.seed) for use in uses]), strict=True):
        _write_into(use, variant)
    changed = [each for each in notebooks if json.loads(each.text) != each.data]
    for each in changed:
        _replace(each.path, _dumped(each.data, each.text))
    return tuple(each.path for each in changed)


def stale_items(root: Path) -> tuple[Finding, ...]:
    """The item cells that :func:`embed` would change, or that name what does not exist."""
    try:
        found = [each for notebook in _notebooks(root) for each in _item_cells(notebook)]
        items = read_bank(root).items if found else {}
    except SourceError as error:
        return (_explained(error),)
    findings, uses = [], []
    for file, name, cell in found:
        try:
            uses.append(_use(file, name, cell, items))
        except SourceError as error:
            findings.append(_explained(error))
    proofs = try_proofs([(use.item, use.seed) for use in uses])
    findings += [finding for pair in zip(uses, proofs, strict=True) if (finding := _staleness(*pair))]
    return tuple(sorted(findings))


def _staleness(use: _Use, proof: Proof | VariantError) -> Finding | None:
    if isinstance(proof, VariantError):
        return _finding(use.file, use.name, str(proof), "correct the item")
    if _is_current(use, proof.variant):
        return None
    return _finding(use.file, use.name, f"the text of item {use.item.ref} is out of date", MEND)


def _explained(error: SourceError) -> Finding:
    """The last clause of a problem is its mend."""
    problem, _, mend = error.problem.partition("; ")
    return _finding(error.file, error.place or None, problem, mend or "correct the file")


def _finding(file: str, cell: str | None, message: str, mend: str) -> Finding:
    return Finding(file=file, cell=cell, rule=RULE, severity=Severity.ERROR, message=message, mend=mend)


# ---- reading


def _notebooks(root: Path) -> list[_Notebook]:
    """The notebooks below ``source`` that use items."""
    paths = sorted((root / "source").rglob("*.ipynb"))
    visible = [path for path in paths if not any(part.startswith(".") for part in path.relative_to(root).parts)]
    read = (_read(path, path.relative_to(root).as_posix()) for path in visible)
    return [notebook for notebook in read if notebook is not None]


def _read(path: Path, file: str) -> _Notebook | None:
    with path.open("rb") as handle:
        raw = handle.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise SourceError(file, "", "the notebook is larger than 32 MiB; clear its outputs")
    if b'"coursewright"' not in raw:
        return None
    try:
        text = raw.decode()
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(file, "", "this is not a notebook; save it from Jupyter") from error
    if not isinstance(data, dict) or not isinstance(data.get("cells"), list):
        raise SourceError(file, "", "this is not a notebook of format 4; save it from Jupyter")
    return _Notebook(path=path, file=file, text=text, data=data)


def _item_cells(notebook: _Notebook) -> Iterator[tuple[str, str, Json]]:
    for number, cell in enumerate(notebook.data["cells"], 1):
        if isinstance(cell, dict) and _item_data(cell) is not None:
            yield notebook.file, str(cell.get("id") or f"cell {number}"), cell


def _item_data(cell: Json) -> Any:
    mine = cell.get("metadata", {}).get("coursewright")
    return mine.get("item") if isinstance(mine, dict) else None


def _use(file: str, name: str, cell: Json, items: Mapping[str, Item]) -> _Use:
    data = _item_data(cell)
    if cell.get("cell_type") != "markdown":
        raise SourceError(file, name, "an item belongs into a Markdown cell; change the cell's type")
    if not isinstance(data, dict) or data.get("ref") not in items:
        wanted = data.get("ref") if isinstance(data, dict) else data
        raise SourceError(file, name, f"there is no item {wanted!r}; `ref` is <topic>/<id> of a file in items/")
    item, seed = items[data["ref"]], data.get("seed", 0)
    if data.get("role") not in {Role.CONCEPT_CHECK, Role.GRADED}:
        raise SourceError(file, name, f"the role {data.get('role')!r} must be 'concept-check' or 'graded'")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise SourceError(file, name, "`seed` must be a whole number from 0")
    if item.use is not Use.LESSON:
        raise SourceError(
            file, name, f"item {item.ref} is an exam item; use one with `use: lesson` in its front matter"
        )
    if item.status is Status.RETIRED:
        raise SourceError(file, name, f"item {item.ref} is retired; use another one")
    return _Use(file=file, cell=cell, name=name, item=item, role=Role(data["role"]), seed=seed)


# ---- writing


def _is_current(use: _Use, variant: Variant) -> bool:
    source = use.cell.get("source", "")
    text = "".join(source) if isinstance(source, list) else source
    return bool(text == markdown(variant, use.role) and _item_data(use.cell) == item_metadata(variant, use.role))


def _write_into(use: _Use, variant: Variant) -> None:
    """Changes the cell only if it says something else, so that a current notebook stays as it is, byte for byte."""
    if _is_current(use, variant):
        return
    text = markdown(variant, use.role)
    use.cell["source"] = text.splitlines(keepends=True)
    use.cell["metadata"]["coursewright"]["item"] = item_metadata(variant, use.role)


def _dumped(data: Json, before: str) -> str:
    """``data`` in the layout that the file had, or else in Jupyter's."""
    old = json.loads(before)
    for indent in (1, 2, 4, None):
        for ascii_only in (False, True):
            if _json(old, indent, ascii_only=ascii_only) == before.rstrip("\n"):
                return _json(data, indent, ascii_only=ascii_only) + before[len(before.rstrip("\n")) :]
    return _json(data, 1, ascii_only=False) + "\n"


def _json(data: Json, indent: int | None, *, ascii_only: bool) -> str:
    return json.dumps(data, indent=indent, ensure_ascii=ascii_only)


def _replace(path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8", newline="")
    new.replace(path)
