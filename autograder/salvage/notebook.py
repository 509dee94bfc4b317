"""From a JSON object to cells: what a submission is rebuilt from, and nothing else.

What comes out holds of each cell its type, its text, its nbgrader metadata and tags, its id and its attachments, each
of the right shape. Outputs, execution counts and all other metadata play no part in grading and are not looked at.

A cell whose text cannot be known (a number instead of a text, bytes that are no characters) is *lost*: it stays in
its place, empty, and whoever rebuilds the notebook decides whether it matters.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from authoring.notebook_file import NotebookError, upgraded
from autograder.salvage.document import DOUBLED, MAX_BYTES, MAX_CELLS, Document, document, without_outputs
from autograder.salvage.text import SAVE_AGAIN, NoNotebookError, decoded

_TYPES = ("code", "markdown", "raw")
_SURROGATES = re.compile("[\ud800-\udfff]")
_NAMED = 5  # places that a note names
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@dataclass(frozen=True)
class Salvaged:
    """A submitted notebook, as far as it could be read."""

    notebook: NotebookNode
    notes: tuple[str, ...] = ()  # what was mended
    lost: Mapping[int, str] = field(default_factory=dict)  # positions of cells whose text is not known, and why


def read_submitted(data: bytes, name: str) -> Salvaged:
    """The notebook in a submitted file.

    Args:
        data: the file's bytes; nothing about them is trusted.
        name: how errors call the file.

    Raises:
        NotebookError: it is none, or it cannot be told for certain what it holds.
    """
    try:
        if len(data) > MAX_BYTES:
            found, notes = without_outputs(data)
            return _salvaged(found, notes, name, broken=False)
        text = decoded(data)
        found, notes = document(text.text)
        return _salvaged(found, (*text.notes, *notes), name, broken=text.broken)
    except NoNotebookError as error:
        raise NotebookError(name, str(error)) from error


def _salvaged(found: Document, notes: Iterable[str], name: str, *, broken: bool) -> Salvaged:
    mender = _Mender(list(notes), broken=broken)
    found = mender.in_format_4(found, name)
    listed = found.get("cells")
    if not isinstance(listed, list):
        raise NoNotebookError(f"this is JSON, but not a notebook: it has no list of cells; {SAVE_AGAIN}")
    if len(listed) > MAX_CELLS:
        raise NoNotebookError(
            f"the notebook has {len(listed):,} cells and at most {MAX_CELLS:,} are allowed; {SAVE_AGAIN}"
        )
    made = [mender.cell(cell, number) for number, cell in enumerate(listed, start=1)]
    mender.look_around(found, made)
    notebook = NotebookNode(cells=made, metadata=_kernel(found.get("metadata")), nbformat=4, nbformat_minor=5)
    return Salvaged(notebook, mender.all_notes(), mender.lost)


class _Mender:
    """Makes sound cells, and remembers what was wrong with them."""

    def __init__(self, notes: list[str], *, broken: bool) -> None:
        self._notes = notes
        self._broken = broken
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        self.lost: dict[int, str] = {}

    def in_format_4(self, found: Document, name: str) -> Document:
        """The same notebook in format 4."""
        major = found.get("nbformat")
        if not isinstance(major, int) or isinstance(major, bool):
            if not isinstance(found.get("cells"), list):
                raise NoNotebookError(f"this is JSON, but not a notebook: it has no `nbformat` number; {SAVE_AGAIN}")
            self._notes.append("the notebook does not say its format and was read as format 4")
        elif major > 4:
            raise NoNotebookError(
                f"the notebook has format {str(major)[:20]}, and 4 is the newest known; "
                "ask the learner to save it as format 4"
            )
        elif major < 4:
            try:
                found = upgraded({key: value for key, value in found.items() if key != DOUBLED}, name)
            except NotebookError as error:
                raise NoNotebookError(error.problem) from error
            self._notes.append(f"the notebook has format {str(major)[:20]} and was converted to 4")
        for key in found.get(DOUBLED, ()):
            self._notes.append(f"the key `{_shown(key)}` stands twice in the notebook; the last one counts")
        return found

    def cell(self, found: object, number: int) -> NotebookNode:
        """A cell that can be walked without a further look."""
        if not isinstance(found, dict):
            self.lost[number - 1] = "it is no cell"
            found = {"cell_type": "raw", "metadata": {}}
        self._look_for_doubled(found, number)
        kind = found.get("cell_type")
        if kind not in _TYPES:
            self._remark("is neither code nor Markdown nor raw, and was taken as Markdown", number)
            kind = "markdown"
        made = NotebookNode(cell_type=kind, metadata=self._metadata(found, number), source=self._text(found, number))
        identity = found.get("id")
        if isinstance(identity, str) and _ID.fullmatch(identity):
            made["id"] = identity
        if not _are_outputs(found.get("outputs", [])):
            self._remark("has outputs that are none; no outputs are looked at", number)
        if "attachments" in found:
            made["attachments"] = self._attachments(found["attachments"], number)
        return made

    def _metadata(self, found: Document, number: int) -> NotebookNode:
        metadata = found.get("metadata")
        made = NotebookNode()
        if not isinstance(metadata, dict):
            self._remark("has no metadata", number)
            return made
        marks = metadata.get("nbgrader")
        if isinstance(marks, dict):
            made["nbgrader"] = NotebookNode(
                {key: self._clean(value) for key, value in marks.items() if _is_plain(value) and key != DOUBLED}
            )
        elif "nbgrader" in metadata:
            self._remark("has nbgrader metadata that is no table", number)
        tags = metadata.get("tags")
        if isinstance(tags, list):
            made["tags"] = [self._clean(tag) for tag in tags if isinstance(tag, str)]
        return made

    def _text(self, found: Document, number: int) -> str:
        source = found.get("source")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            self.lost.setdefault(number - 1, "it has no text" if "source" not in found else "its text is no text")
            return ""
        if not _SURROGATES.search(source):
            return source
        if self._broken and any("\udc80" <= character <= "\udcff" for character in source):
            self.lost[number - 1] = "some of its bytes are no text"
        else:
            self._remark("holds half a character (a lone surrogate), which was replaced", number)
        return _clean(source)

    def _attachments(self, found: object, number: int) -> NotebookNode:
        """Pasted pictures, each a table from a media type to a text."""
        made = NotebookNode()
        for name, bundle in found.items() if isinstance(found, dict) else ():
            if isinstance(bundle, dict):
                made[_clean(name)] = NotebookNode(
                    {_clean(kind): _clean(data) for kind, data in bundle.items() if isinstance(data, str)}
                )
        if not isinstance(found, dict) or len(made) != len(found):
            self._remark("has attachments that are none, and they were left out", number)
        return made

    def _look_for_doubled(self, found: Document, number: int) -> None:
        metadata = found.get("metadata")
        marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        for table in (found, metadata, marks):
            for key in table.get(DOUBLED, ()) if isinstance(table, dict) else ():
                if key not in {"outputs", "execution_count"}:
                    self._remark(f"has the key `{_shown(key)}` twice; the last one counts", number)

    def look_around(self, found: Document, made: Sequence[NotebookNode]) -> None:
        """What is wrong with the notebook and does no harm: its metadata, and the cells' own ids, are not ours."""
        if not isinstance(found.get("metadata"), dict):
            self._notes.append("the notebook has no metadata; the assignment's own were used")
        ids = [cell.get("id") for cell in made]
        minor = found.get("nbformat_minor")
        if isinstance(minor, int) and minor >= 5 and made and (None in ids or len(set(ids)) != len(ids)):
            self._notes.append("cells have no id of their own, or one that another cell has; they were given new ones")

    def _clean(self, value: Any) -> Any:
        return _clean(value) if isinstance(value, str) else value

    def _remark(self, what: str, number: int) -> None:
        self._places[what].append(number)

    def all_notes(self) -> tuple[str, ...]:
        """Every note, those of cells with the places."""
        return (*self._notes, *(f"{_cells(numbers)} {what}" for what, numbers in self._places.items()))


def _cells(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"cell {numbers[0]}"
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    return f"each of the cells {', '.join(map(str, numbers[:_NAMED]))}{more}"


def _are_outputs(found: object) -> bool:
    return isinstance(found, list) and all(isinstance(one, dict) and "output_type" in one for one in found)


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _clean(text: str) -> str:
    return _SURROGATES.sub("\ufffd", text)


def _shown(key: str) -> str:
    return _clean(key)[:40]


def _kernel(metadata: object) -> NotebookNode:
    """Of a notebook's metadata what says in which language it was written."""
    kept = NotebookNode()
    for table, key in (("kernelspec", "name"), ("kernelspec", "language"), ("language_info", "name")):
        values = metadata.get(table) if isinstance(metadata, dict) else None
        value = values.get(key) if isinstance(values, dict) else None
        if isinstance(value, str):
            kept.setdefault(table, NotebookNode())[key] = _clean(value)[:100]
    return kept
