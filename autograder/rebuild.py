"""The notebook that is executed: made from the template and the learner's answers, never the submitted one itself.

1. Cells of the author that are locked come from the template, whatever the submission says.
2. Of answer cells only the text is the learner's; type, points, flags and tags are the template's.
3. Of several cells with one grade id the last counts, as in nbgrader; the others are scratch cells.
4. Cells of the author that are gone come back, behind the one that preceded them.
5. All other cells are the learner's own scratch cells: they run where they stand, without metadata.

Every departure from an untouched notebook is a finding. For an honest submission the result has the same code in the
same order as nbgrader's.
"""

import copy
import re
from dataclasses import dataclass

from nbformat import NotebookNode

from authoring import cells
from autograder.record import RecordFinding

_FLAGS = ("grade", "solution", "locked", "task", "points")
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@dataclass(frozen=True)
class Rebuilt:
    """A notebook ready to run, and what had to be mended for it."""

    notebook: NotebookNode
    answered: frozenset[str]  # grade ids of answers and tasks that differ from the template
    findings: tuple[RecordFinding, ...]


def rebuild(template: NotebookNode, submitted: NotebookNode) -> Rebuilt:
    """The submitted notebook with everything that is the author's taken from the template."""
    mender = _Mender(template)
    mended = [mender.mend(cell, last) for cell, last in _with_last(submitted.cells)]
    placed = mender.put_back_missing(mended)
    mender.note_order(placed)
    notebook = NotebookNode(
        cells=placed,
        metadata=template.metadata,
        nbformat=template.nbformat,
        nbformat_minor=template.nbformat_minor,
    )
    _give_ids(placed, template.nbformat_minor)
    return Rebuilt(notebook, frozenset(mender.answered), tuple(mender.findings))


def _with_last(submitted: list[NotebookNode]) -> list[tuple[NotebookNode, bool]]:
    """Each cell, with whether it is the last that claims its grade id."""
    seen: set[str | None] = set()
    result = []
    for cell in reversed(submitted):
        name = cells.grade_id(cell)
        result.append((cell, name not in seen))
        seen.add(name)
    return result[::-1]


class _Mender:
    """Goes through the submitted cells in order, and remembers what it met."""

    def __init__(self, template: NotebookNode) -> None:
        self._originals = {cells.grade_id(cell): cell for cell in template.cells if cells.grade_id(cell)}
        self.findings: list[RecordFinding] = []
        self.answered: set[str] = set()

    def mend(self, cell: NotebookNode, last: bool) -> NotebookNode:
        name = cells.grade_id(cell)
        original = self._originals.get(name)
        if name is None:
            return _scratch(cell)
        if original is None:
            self._note("unknown-cell", name, "this cell is not the assignment's; it runs as a scratch cell")
            return _scratch(cell)
        if not last:
            self._note("duplicated-cell", name, "there are several cells with this id; the last one counts")
            return _scratch(cell)
        self._compare(name, original, cell)
        mended = _own_copy(original)
        if not cells.is_locked(original):
            mended["source"] = _text(cell)
            if mended.cell_type == "markdown" and "attachments" in cell:
                mended["attachments"] = cell["attachments"]  # pictures that were pasted into the answer
            if _text(cell) != _text(original):  # to the letter, as nbgrader's checksum has it
                self.answered.add(name)
        return mended

    def put_back_missing(self, mended: list[NotebookNode]) -> list[NotebookNode]:
        placed = list(mended)
        previous: str | None = None
        for name, original in self._originals.items():
            if not any(cells.grade_id(cell) == name for cell in placed):
                position = next((i + 1 for i, cell in enumerate(placed) if cells.grade_id(cell) == previous), 0)
                placed.insert(position if previous else 0, _own_copy(original))
                self._note("missing-cell", name, "this cell was gone from the submission and was put back")
            previous = name
        return placed

    def note_order(self, placed: list[NotebookNode]) -> None:
        expected = list(self._originals)
        found = [cells.grade_id(cell) for cell in placed if cells.grade_id(cell)]
        for name, other in zip(found, expected, strict=True):
            if name != other:
                self._note("moved-cell", name, "this cell stands elsewhere than in the assignment; it ran where it is")
                return

    def _compare(self, name: str | None, original: NotebookNode, cell: NotebookNode) -> None:
        if cell.cell_type != original.cell_type:
            message = f"this cell was made a {cell.cell_type} cell; it is a {original.cell_type} cell again"
            self._note("retyped-cell", name, message)
        if cells.is_locked(original) and not _same_text(original, cell):
            self._note("changed-cell", name, "this locked cell was changed; the assignment's own was used")
        flags = [key for key in _FLAGS if _flag(original, key) != _flag(cell, key)]
        if flags:
            message = f"the flags {', '.join(flags)} were changed; the assignment's own were used"
            self._note("changed-flags", name, message)
        tags = cell.metadata.get("tags")
        if tags and tags != original.metadata.get("tags"):
            self._note("changed-tags", name, "tags were added to this cell; they were taken off")

    def _note(self, rule: str, cell: str | None, message: str) -> None:
        self.findings.append(RecordFinding(rule=rule, cell=cell, message=message))


def _flag(cell: NotebookNode, key: str) -> object:
    # 1 and 1.0 are equal, and so are 0 and False
    return cells.nbgrader_metadata(cell).get(key, False)


def _same_text(original: NotebookNode, cell: NotebookNode) -> bool:
    """Whether a released cell is untouched. Hidden tests were cut from it, so it may be shorter than the template's."""
    released = cells.nbgrader_metadata(cell).get("checksum")
    return _text(cell).strip() == _text(original).strip() or (
        isinstance(released, str) and released == _checksum(original, _text(cell))
    )


def _checksum(original: NotebookNode, text: str) -> str:
    # nbgrader's own sum, over the text as it was submitted and the flags as they should be
    from authoring.nbgrader_api import compute_checksum

    probe = copy.deepcopy(original)
    probe["source"] = text
    return compute_checksum(probe)


def _own_copy(cell: NotebookNode) -> NotebookNode:
    """A cell whose fields can be replaced; what is in the fields is the template's, and stays as it is."""
    return NotebookNode(cell)


def _scratch(cell: NotebookNode) -> NotebookNode:
    fresh = NotebookNode(cell_type=cell.cell_type, metadata=NotebookNode(), source=_text(cell))
    if "id" in cell:
        fresh["id"] = cell["id"]
    if cell.cell_type == "code":
        fresh.update(execution_count=None, outputs=[])
    elif isinstance(cell.get("attachments"), dict):
        fresh["attachments"] = cell["attachments"]
    return fresh


def _text(cell: NotebookNode) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _give_ids(placed: list[NotebookNode], minor: int) -> None:
    """Make cell ids unique, or take them off where the format has none."""
    seen: set[str] = set()
    for index, cell in enumerate(placed):
        if minor < 5:
            cell.pop("id", None)
            continue
        found = cell.get("id")
        if not isinstance(found, str) or not _CELL_ID.fullmatch(found) or found in seen:
            cell["id"] = f"cell-{index}"
        while cell["id"] in seen:
            cell["id"] += "-"
        seen.add(cell["id"])
