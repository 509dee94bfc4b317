"""The notebook that is executed: made from the template and the learner's answers, never the submitted one itself.

1. Cells of the author that are locked come from the template, whatever the submission says.
2. Of answer cells only the text is the learner's; type, points, flags and tags are the template's.
3. Of several cells with one grade id the last counts, as in nbgrader; the others are scratch cells.
4. A cell that lost its grade id is recognised where nothing else can be meant, and an answer is taken out of the locked
   cell with which it was merged (:mod:`autograder.salvage.identify`).
5. Cells of the author that are gone come back, behind the one that preceded them; a test whose answer is gone too, in
   front of the next one, for the answer may stand in any cell between. Code answers come back empty: the code that
   learners were given to start from could undo what they wrote elsewhere.
6. All other cells are the learner's own scratch cells: they run where they stand, without metadata.

Every departure from an untouched notebook is a finding. For an honest submission the result has the same code in the
same order as nbgrader's.
"""

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from nbformat import NotebookNode

from authoring import cells
from autograder.record import RecordFinding
from autograder.salvage.identify import Identified, identified

_FLAGS = ("grade", "solution", "locked", "task", "points")
_MAX_NAME = 100  # characters of an id that are told
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_SCHEMA = 3  # of nbgrader's metadata
_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: .*)?$", re.MULTILINE)
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Rebuilt:
    """A notebook ready to run, and what had to be mended for it."""

    notebook: NotebookNode
    answered: frozenset[
        str
    ]  # grade ids of answers and tasks that differ from the template, or of which a person judges
    findings: tuple[RecordFinding, ...]
    put_back: frozenset[str] = frozenset()  # grade ids of cells that were not found in the submission
    places: Mapping[int, str] = field(default_factory=dict)  # grade ids by position in the submission


def rebuild(template: NotebookNode, submitted: NotebookNode, released: Mapping[str, str] = _NOTHING) -> Rebuilt:
    """The submitted notebook with everything that is the author's taken from the template.

    Args:
        template: the source's notebook, with hidden tests.
        submitted: the learner's, read by :func:`autograder.salvage.notebook.read_submitted`.
        released: the text of tests as learners were given it, by grade id.
    """
    known = identified(template, submitted.cells, released)
    mender = _Mender(template, known, released)
    names = _claims(submitted.cells, known)
    mended = [
        mender.mend(cell, name, index) for index, (cell, name) in enumerate(zip(submitted.cells, names, strict=True))
    ]
    placed = mender.put_back_missing(mended)
    mender.note_order(placed)
    mender.note_recognised()
    notebook = NotebookNode(
        cells=placed,
        metadata=template.metadata,
        nbformat=template.nbformat,
        nbformat_minor=template.nbformat_minor,
    )
    _give_ids(placed, template.nbformat_minor)
    return Rebuilt(
        notebook, frozenset(mender.answered), tuple(mender.findings), frozenset(mender.put_back), mender.places
    )


def _claims(submitted: Sequence[NotebookNode], known: Identified) -> list[tuple[str | None, bool]]:
    """The grade id of each cell, claimed or recognised, with whether it is the last that has it."""
    seen: set[str | None] = set()
    result = []
    for index in reversed(range(len(submitted))):
        name = known.names.get(index) or cells.grade_id(submitted[index])
        result.append((name, name not in seen))
        seen.add(name)
    return result[::-1]


class _Mender:
    """Goes through the submitted cells in order, and remembers what it met."""

    def __init__(self, template: NotebookNode, known: Identified, released: Mapping[str, str]) -> None:
        self._released = released
        self._originals = {name: cell for cell in template.cells if (name := cells.grade_id(cell))}
        self._known = known
        self._old_marks = False
        self.findings: list[RecordFinding] = []
        self.answered: set[str] = set()
        self.put_back: set[str] = set()
        self.places: dict[int, str] = {}

    def mend(self, cell: NotebookNode, claim: tuple[str | None, bool], index: int) -> NotebookNode:
        name, last = claim
        original = self._originals.get(name or "")
        if name is None:
            return _scratch(cell)
        if original is None:
            self._note("unknown-cell", name, "this cell is not the assignment's; it runs as a scratch cell")
            return _scratch(cell)
        if not last:
            self._note("duplicated-cell", name, "there are several cells with this id; the last one counts")
            return _scratch(cell)
        self.places[index] = name
        self._compare(name, original, cell, recognised=index in self._known.names)
        mended = _own_copy(original)
        if not cells.is_locked(original):
            mended["source"] = _text(cell)
            if mended.cell_type == "markdown" and "attachments" in cell:
                mended["attachments"] = cell["attachments"]  # pictures that were pasted into the answer
            if _text(cell) != _text(original):  # to the letter, as nbgrader's checksum has it
                self.answered.add(name)
        return mended

    def put_back_missing(self, mended: Sequence[NotebookNode]) -> list[NotebookNode]:
        placed = list(mended)
        self._take_out_merged(placed, mended)
        there = {name for cell in placed if (name := cells.grade_id(cell))}
        previous: str | None = None
        for name, original in self._originals.items():
            if name not in there:
                behind = _position(placed, {previous}) + 1
                if cells.is_test(original) and previous in self.put_back:
                    behind = self._in_front_of_the_next(placed, name, there)
                placed.insert(behind, self._missing(name, original))
            previous = name
        return placed

    def _in_front_of_the_next(self, placed: Sequence[NotebookNode], name: str, there: set[str]) -> int:
        names = list(self._originals)
        following = there & set(names[names.index(name) :])
        found = _position(placed, following)
        return len(placed) if found < 0 else found

    def _missing(self, name: str, original: NotebookNode) -> NotebookNode:
        self.put_back.add(name)
        cell = _own_copy(original)
        message = "this cell was gone from the submission and was put back"
        if not cells.is_locked(original):
            self.answered.add(name)  # a person looks whether the answer stands somewhere else, as in nbgrader
            if cell.cell_type == "code":
                cell["source"] = ""
            message += "; see whether its answer stands in another cell"
        self._note("missing-cell", name, message)
        return cell

    def _take_out_merged(self, placed: list[NotebookNode], mended: Sequence[NotebookNode]) -> None:
        for name, (index, text, in_front) in self._known.merged.items():
            cell = _own_copy(self._originals[name])
            cell["source"] = text
            self.answered.add(name)
            host = mended[index]
            at = next(position for position, one in enumerate(placed) if one is host)
            placed.insert(at if in_front else at + 1, cell)
            into = cells.grade_id(host)
            self._note("merged-cell", name, f"this answer was found in the locked cell {into}, and was taken out of it")

    def note_order(self, placed: Sequence[NotebookNode]) -> None:
        expected = list(self._originals)
        found = [cells.grade_id(cell) for cell in placed if cells.grade_id(cell)]
        for name, other in zip(found, expected, strict=True):
            if name != other:
                self._note("moved-cell", name, "this cell stands elsewhere than in the assignment; it ran where it is")
                return

    def note_recognised(self) -> None:
        if names := list(self._known.names.values()):
            what = (
                "this cell had lost the assignment's marks, and was"
                if len(names) == 1
                else (f"{_listed(names)} had lost the assignment's marks, and were")
            )
            message = f"{what} recognised by text and place; see whether that is right"
            self._note("recognised-cell", names[0] if len(names) == 1 else None, message)
        if self._old_marks:
            message = (
                f"the cells are marked as by another version of nbgrader (schema {_SCHEMA} is ours); nothing to do"
            )
            self._note("other-schema", None, message)

    def _compare(self, name: str, original: NotebookNode, cell: NotebookNode, *, recognised: bool) -> None:
        if cell.cell_type != original.cell_type:
            message = f"this cell was made a {cell.cell_type} cell; it is a {original.cell_type} cell again"
            self._note("retyped-cell", name, message)
        if cells.is_locked(original) and not recognised and not _same_text(original, cell, self._released.get(name)):
            self._note("changed-cell", name, "this locked cell was changed; the assignment's own was used")
        if not cells.is_locked(original) and _CONFLICT.search(_text(cell)):
            message = "the answer holds the marks of an unfinished merge; ask the learner which version counts"
            self._note("conflict-marks", name, message)
        if cells.grade_id(cell) == name:
            self._compare_flags(name, original, cell)
        tags = cell.metadata.get("tags")
        if tags and tags != original.metadata.get("tags"):
            self._note("changed-tags", name, "tags were added to this cell; they were taken off")

    def _compare_flags(self, name: str, original: NotebookNode, cell: NotebookNode) -> None:
        if cells.nbgrader_metadata(cell).get("schema_version") != _SCHEMA:  # it has other flags, or none
            self._old_marks = True
            return
        flags = [key for key in _FLAGS if _flag(original, key) != _flag(cell, key)]
        if flags:
            message = f"the flags {', '.join(flags)} were changed; the assignment's own were used"
            self._note("changed-flags", name, message)

    def _note(self, rule: str, cell: str | None, message: str) -> None:
        self.findings.append(RecordFinding(rule=rule, cell=cell and cell[:_MAX_NAME], message=message))


def _position(placed: Sequence[NotebookNode], names: Iterable[str | None]) -> int:
    """Where the first cell with one of the names stands, or -1."""
    wanted = {name for name in names if name}
    return next((index for index, cell in enumerate(placed) if cells.grade_id(cell) in wanted), -1)


def _listed(names: Sequence[str], most: int = 20) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def _flag(cell: NotebookNode, key: str) -> object:
    # 1 and 1.0 are equal, and so are 0 and False
    return cells.nbgrader_metadata(cell).get(key, False)


def _same_text(original: NotebookNode, cell: NotebookNode, released: str | None) -> bool:
    """Whether a locked cell is untouched. Hidden tests were cut from it, so it may be shorter than the template's."""
    text = _text(cell).replace("\r\n", "\n")
    if text.strip() in {_text(original).strip(), (released or _text(original)).strip()}:
        return True
    checksum = cells.nbgrader_metadata(cell).get("checksum")  # of what learners were given, perhaps before a change
    return isinstance(checksum, str) and checksum == _checksum(original, text)


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
