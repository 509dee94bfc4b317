"""Reads responses from CSV: a header row with the items' names, then a row for each learner with 0, 1 or nothing.

An empty cell means that the learner was not asked the item. Whoever left an answer empty has 0 there. Empty lines are
passed over.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from authoring.errors import CoursewrightError

VALUES = {"0": 0.0, "1": 1.0, "": float("nan")}


class ResponseFileError(CoursewrightError):
    """The file is no table of responses; ``line`` and ``column`` count from 1, and are 0 where none is at fault."""

    def __init__(self, path: Path, problem: str, *, line: int = 0, column: int = 0) -> None:
        place = (f", line {line}" if line else "") + (f", column {column}" if column else "")
        super().__init__(f"{path}{place}: {problem}")
        self.path, self.line, self.column = path, line, column


@dataclass(frozen=True)
class Responses:
    """A table of responses: learners by items, NaN where an item was not asked."""

    items: tuple[str, ...]
    table: NDArray[np.float64]


def read_responses(path: Path) -> Responses:
    """Read a table.

    Raises:
        ResponseFileError: it cannot be read, or a cell is none of 0, 1 and empty; the message names the cell.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            rows = ((reader.line_num, row) for row in reader if row)
            return _table(path, rows)
    except OSError as error:
        raise ResponseFileError(path, f"it cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise ResponseFileError(path, "it is no UTF-8 text; save it as CSV in UTF-8.") from error
    except csv.Error as error:
        raise ResponseFileError(path, f"it is no CSV ({error}).", line=reader.line_num) from error


def _table(path: Path, rows: Iterable[tuple[int, list[str]]]) -> Responses:
    places = iter(rows)
    line, header = next(places, (0, []))
    if not header:
        raise ResponseFileError(path, "it is empty; the first line holds the items' names.")
    items = tuple(name.strip() for name in header)
    _check_names(path, line, items)
    table = [_row(path, line, row, items) for line, row in places]
    if not table:
        raise ResponseFileError(path, "there are no responses below the items' names.")
    return Responses(items, np.array(table))


def _check_names(path: Path, line: int, items: Sequence[str]) -> None:
    if len(items) == 1 and ";" in items[0]:
        raise ResponseFileError(path, "there is one column; separate the cells by commas, not semicolons.", line=line)
    for column, name in enumerate(items, 1):
        if not name:
            raise ResponseFileError(path, "this column has no item's name.", line=line, column=column)
    twice = next((name for name, count in Counter(items).items() if count > 1), None)
    if twice is not None:
        column = len(items) - items[::-1].index(twice)
        raise ResponseFileError(path, f"a second column is named {twice!r}; name it apart.", line=line, column=column)
    if set(items) <= {"0", "1"}:
        raise ResponseFileError(path, "this line holds responses; put the items' names above it.", line=line)


def _row(path: Path, line: int, row: Sequence[str], items: Sequence[str]) -> list[float]:
    if len(row) != len(items):
        raise ResponseFileError(path, f"there are {len(row)} cells for {len(items)} items.", line=line)
    try:
        return [VALUES[cell] for cell in row]
    except KeyError:
        return [_value(path, line, column, cell, items) for column, cell in enumerate(row, 1)]


def _value(path: Path, line: int, column: int, cell: str, items: Sequence[str]) -> float:
    found = VALUES.get(cell.strip())
    if found is None:
        problem = f"{cell[:40]!r} below {items[column - 1]!r} must be 1 (right), 0 (wrong) or empty (not asked)."
        raise ResponseFileError(path, problem, line=line, column=column)
    return found
