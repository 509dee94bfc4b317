"""From text to a JSON object: the mistakes that tools, networks and people make in it, where nothing else can be meant.

Tried in this order, each only when what comes before fails:

1. JSON as it is. Of a key that stands twice the last counts, as for nbgrader, and it is said.
2. Control characters in strings, commas before a closing bracket, text around the object, numbers without end.
3. An unfinished merge of which both sides hold the same cells.
4. A file that breaks off behind its last cell.
"""

import json
import re
from collections.abc import Callable
from typing import Any

import msgspec

from autograder.salvage.text import SAVE_AGAIN, NoNotebookError

MAX_BYTES = 32 * 1024 * 1024  # of a notebook that is read whole; of a larger one the outputs are passed over
MAX_CELLS = 5_000
MAX_BRACKETS = 2_000_000
DOUBLED = "\0doubled"
"""A key under which an object keeps the names of the keys that stood twice in it."""

_MAX_DIGITS = 4_000  # Python reads 4,300 at most
_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+")|,(?=\s*[}\]])', re.DOTALL)
_BEGIN = re.compile(r'\{\s*"(?:cells|metadata|nbformat|nbformat_minor|worksheets)"\s*:')
_CELLS = re.compile(r'\s*\{\s*"cells"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")
_CONFLICT = re.compile(r"^<{7}(?: .*)?$", re.MULTILINE)
_MARKS = re.compile(r"^([<|=>])\1{6}(?: .*)?$")

Document = dict[str, Any]
Notes = tuple[str, ...]


def document(text: str) -> tuple[Document, Notes]:
    """The JSON object in a text, and what had to be mended.

    Raises:
        NoNotebookError: there is none, or it cannot be told which.
    """
    if text.count("{") + text.count("[") > MAX_BRACKETS:
        raise NoNotebookError(f"the file holds more than {MAX_BRACKETS:,} lists and tables; {SAVE_AGAIN}")
    try:
        found = json.loads(text, object_pairs_hook=_table)
    except RecursionError as error:
        raise NoNotebookError(f"the file is nested too deeply; {SAVE_AGAIN}") from error
    except ValueError:  # JSON's own error among them, and numbers without end
        return _mended(text)
    if not isinstance(found, dict):
        raise NoNotebookError(f"this is JSON, but not a notebook; {SAVE_AGAIN}")
    return found, ()


def _table(pairs: list[tuple[str, Any]]) -> Document:
    table = dict(pairs)
    if len(table) != len(pairs):
        names = [name for name, _ in pairs]
        table[DOUBLED] = sorted({name for name in names if names.count(name) > 1})
    return table


def _number(digits: str) -> int:
    return int(digits) if len(digits) < _MAX_DIGITS else 0


_DECODER = json.JSONDecoder(strict=False, parse_int=_number, object_pairs_hook=_table)


def _mended(text: str) -> tuple[Document, Notes]:
    if conflict := _CONFLICT.search(text):
        return _merged(text, text.count("\n", 0, conflict.start()) + 1)
    commas = _COMMA.sub(lambda found: found[1] or "", text)
    notes: Notes
    for attempt, notes in ((text, ()), (commas, ("commas that stand too much were left out",))):
        begin = _BEGIN.search(attempt)
        try:
            found, end = _DECODER.raw_decode(attempt, begin.start() if begin else len(attempt) - len(attempt.lstrip()))
        except RecursionError as error:
            raise NoNotebookError(f"the file is nested too deeply; {SAVE_AGAIN}") from error
        except ValueError as error:
            failure = error
            continue
        if not isinstance(found, dict):
            raise NoNotebookError(f"this is JSON, but not a notebook; {SAVE_AGAIN}")
        around = _around(attempt, begin.start() if begin else 0, end)
        return found, (*notes, *around) or ("what JSON does not allow in texts and numbers was read as it stands",)
    return _cut(commas, failure)


def _around(text: str, start: int, end: int) -> Notes:
    """What stands around the object; a second notebook behind it would leave the choice to us."""
    behind = text[end:].strip("\0 \t\r\n")
    if (second := _BEGIN.search(behind)) and _is_whole(behind, second.start()):
        raise NoNotebookError(f"the file holds two notebooks, one behind the other; {SAVE_AGAIN}")
    notes = ["text in front of the notebook was left out"] if text[:start].strip() else []
    return (*notes, *(["text behind the notebook was left out"] if behind else []))


def _is_whole(text: str, start: int) -> bool:
    try:
        _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return False
    return True


def _merged(text: str, line: int) -> tuple[Document, Notes]:
    """An unfinished merge, marked in that line: taken when both sides say the same of every cell but its outputs."""
    where = f"the file holds the marks of an unfinished merge (line {line})"
    try:
        (ours, notes), (theirs, _) = (document(side) for side in _sides(text))
    except NoNotebookError as error:
        raise NoNotebookError(f"{where}; ask the learner to finish it and to hand the notebook in again") from error
    if _content(ours) != _content(theirs):
        place = next(
            (index for index, (a, b) in enumerate(zip(_content(ours), _content(theirs), strict=False), 1) if a != b),
            min(len(_content(ours)), len(_content(theirs))) + 1,
        )
        raise NoNotebookError(f"{where}, whose sides differ in cell {place}; ask the learner which of them counts")
    return ours, (*notes, f"{where}; both sides have the same cells, and the first was taken")


def _sides(text: str) -> tuple[str, str]:
    """The text as the one and as the other side of every conflict have it; more ``<`` in a side are no new conflict."""
    ours: list[str] = []
    theirs: list[str] = []
    both = (ours, theirs)
    into: tuple[list[str], ...] = both
    sides: dict[str, tuple[list[str], ...]] = {"<": (ours,), "|": (), "=": (theirs,), ">": both}
    for line in text.splitlines():
        mark = _MARKS.match(line)
        if mark is None:
            for side in into:
                side.append(line)
        else:
            into = sides[mark[1]]
    return "\n".join(ours), "\n".join(theirs)


def _content(found: Document) -> list[tuple[object, ...]]:
    cells = found.get("cells")
    if not isinstance(cells, list):
        return [(repr(cells),)]
    return [
        (cell.get("cell_type"), cell.get("source"), repr(cell.get("metadata"))) if isinstance(cell, dict) else (cell,)
        for cell in cells
    ]


def _cut(text: str, failure: ValueError) -> tuple[Document, Notes]:
    """A file that breaks off behind its cells; otherwise say where it is broken, and how much there is before that."""
    begin = _CELLS.match(text)
    position, cells = begin.end() if begin else 0, list[Any]()
    while begin:
        position = _skip(text, position)
        if text[position : position + 1] == "]":
            return {"cells": cells, "nbformat": 4, "metadata": {}}, (
                "the file breaks off behind its last cell; the cells are whole",
            )
        try:
            cell, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        cells.append(cell)
    raise NoNotebookError(_where(text, failure, len(cells)))


def _skip(text: str, position: int) -> int:
    between = _BETWEEN.match(text, position)
    return between.end() if between else position


def _where(text: str, failure: ValueError, whole: int) -> str:
    if not isinstance(failure, json.JSONDecodeError):
        return f"the file is not JSON ({failure}); {SAVE_AGAIN}"
    breaks_off = failure.pos >= len(text.rstrip()) or failure.msg.startswith("Unterminated string")
    what = "the file breaks off" if breaks_off else f"the file is not JSON ({failure.msg})"
    after = f", behind {whole} whole cell{'' if whole == 1 else 's'}" if whole else ""
    return f"{what} in line {failure.lineno}, column {failure.colno}{after}; {SAVE_AGAIN}"


class _Cell(msgspec.Struct):
    """A cell without its outputs."""

    cell_type: object
    source: object = msgspec.UNSET
    metadata: object = msgspec.UNSET
    id: object = msgspec.UNSET
    attachments: object = msgspec.UNSET


class _Large(msgspec.Struct):
    cells: list[_Cell]
    nbformat: object = msgspec.UNSET
    metadata: object = msgspec.UNSET


def without_outputs(data: bytes) -> tuple[Document, Notes]:
    """The notebook in a large file, of which the outputs are passed over unread.

    Raises:
        NoNotebookError: it has another format, too many cells, or is broken.
    """
    size = f"the notebook has {len(data) / 1024**2:.0f} MiB"
    if data.count(b'"cell_type"') > 2 * MAX_CELLS:
        raise NoNotebookError(f"{size} and more than {MAX_CELLS} cells; {SAVE_AGAIN}")
    try:
        found = msgspec.json.decode(data, type=_Large)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise NoNotebookError(
            f"{size} and cannot be read ({error}); ask the learner to clear its outputs, and to hand it in again"
        ) from error
    plain: Callable[[msgspec.Struct], Document] = lambda one: {  # noqa: E731
        name: value for name in one.__struct_fields__ if (value := getattr(one, name)) is not msgspec.UNSET
    }
    return plain(found) | {"cells": [plain(cell) for cell in found.cells]}, (f"{size}; its outputs were passed over",)
