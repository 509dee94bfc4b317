"""What learners answered and earned, wherever it comes from: graded attempts or a CSV file.

The CSV file has a row of names, the first ``learner``, then a row for each learner; an empty cell means that the item
was not asked. Two rows, in place of a learner's, say what the others mean:

* ``(key)``: the right option of each item. Cells below an item with a key are options; ``-`` is an answer left empty.
* ``(points)``: what each item is worth; 1 where there is none. Cells below an item without a key are points.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from authoring.errors import CoursewrightError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Choices = NDArray[np.int64]

KEY, POINTS, EMPTY = "(key)", "(points)", "-"


@dataclass(frozen=True)
class Options:
    """The options of an item with one right option, and who chose which.

    Attributes:
        names: in the author's order.
        right: the place of the right one.
        chosen: for each learner the place of what was chosen, -1 if nothing or not asked.
    """

    names: tuple[str, ...]
    right: int
    chosen: "Choices"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Learners by items.

    Attributes:
        learners: the rows.
        items: the columns.
        max_points: of each item.
        points: NaN where an item was not asked.
        options: of each item, None where it is not a choice of one.
        left_empty: for each item how many were asked and answered nothing; None if that is not known.
        pilots: items on trial, which count in no score.
        minutes: for each learner the time from opening to handing in; NaN or none where it is not known.
    """

    learners: tuple[str, ...]
    items: tuple[str, ...]
    max_points: tuple[float, ...]
    points: "Numbers"
    options: tuple[Options | None, ...]
    left_empty: tuple[int | None, ...]
    pilots: frozenset[int] = frozenset()
    minutes: "Numbers | None" = None

    def rest(self, item: int) -> "Numbers":
        """For each learner the share of the points earned on what was asked besides ``item``; NaN for nothing."""
        import numpy as np

        earned, possible = self._totals
        if item not in self.pilots:
            own = self.points[:, item]
            earned = earned - np.nan_to_num(own)
            possible = possible - ~np.isnan(own) * self.max_points[item]
        shares: Numbers = np.full(len(earned), np.nan)
        np.divide(earned, possible, out=shares, where=possible > 1e-9)
        return shares

    @cached_property
    def _totals(self) -> "tuple[Numbers, Numbers]":
        """For each learner the points earned on all that counts, and the points of it."""
        import numpy as np

        keep = [place for place in range(len(self.items)) if place not in self.pilots]
        part, top = self.points[:, keep], np.asarray(self.max_points)[keep]
        return np.nansum(part, axis=1), (~np.isnan(part) * top).sum(axis=1)

    @property
    def shares(self) -> "Numbers":
        """For each learner the share of the points earned on all that counts; NaN for nothing."""
        import numpy as np

        earned, possible = self._totals
        shares: Numbers = earned / np.where(possible > 0, possible, np.nan)
        return shares

    @property
    def same_items(self) -> bool:
        """Whether all learners were asked the same."""
        import numpy as np

        return not bool(np.isnan(self.points).any())

    @property
    def right_or_wrong(self) -> "NDArray[np.bool_]":
        """For each item whether it knows no partial credit, going by what learners earned."""
        import numpy as np

        top = np.asarray(self.max_points)
        part = (self.points > 1e-9) & (self.points < top - 1e-9)
        found: NDArray[np.bool_] = np.logical_not(np.logical_or.reduce(part, axis=0))
        return found


class AnswerFileError(CoursewrightError):
    """The file is no table of answers. ``line`` counts from 1."""

    def __init__(self, path: Path, problem: str, line: int = 0) -> None:
        super().__init__(f"{path}{f', line {line}' if line else ''}: {problem}")
        self.path, self.line = path, line


def read_answers(path: Path) -> Answers:
    """Read a CSV file of answers.

    Raises:
        AnswerFileError: it cannot be read, or a cell is neither empty nor what its item's key or points ask for.
    """
    header, rows = _rows(path)
    key = _special(path, rows, KEY, header)
    worth = _special(path, rows, POINTS, header)
    learners = [(line, row) for line, row in rows if row[0] not in {KEY, POINTS}]
    if not learners:
        raise AnswerFileError(path, "there is no learner's row below the names.")
    twice = next((name for name, count in Counter(row[0] for _, row in learners).items() if count > 1), None)
    if twice is not None:
        raise AnswerFileError(path, f"learner {twice[:40]!r} has two rows; keep the one that counts.")
    tops = [_worth(path, cell, name) for cell, name in zip(worth, header[1:], strict=True)]
    columns = [
        _column(path, name, top, right, [(line, row[place]) for line, row in learners])
        for place, (name, top, right) in enumerate(zip(header[1:], tops, key, strict=True), 1)
    ]
    import numpy as np

    return Answers(
        learners=tuple(row[0] for _, row in learners),
        items=tuple(header[1:]),
        max_points=tuple(tops),
        points=np.array([points for points, _, _ in columns], float).T,
        options=tuple(options for _, options, _ in columns),
        left_empty=tuple(empty for _, _, empty in columns),
    )


def _rows(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    import csv

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if row]
    except OSError as error:
        raise AnswerFileError(path, f"it cannot be read ({error.strerror}).") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise AnswerFileError(path, f"it is no CSV file in UTF-8 ({error}).") from error
    if not rows or rows[0][1][0].lower() != "learner" or len(rows[0][1]) < 2:
        raise AnswerFileError(path, "the first line must hold learner and the items' names, separated by commas.", 1)
    header = rows[0][1]
    twice = next((name for name, count in Counter(header).items() if count > 1 or not name), None)
    if twice is not None:
        raise AnswerFileError(path, f"two columns are named {twice[:40]!r}; name them apart.", 1)
    for line, row in rows[1:]:
        if len(row) != len(header):
            raise AnswerFileError(path, f"there are {len(row)} cells for {len(header)} columns.", line)
        if not row[0]:
            raise AnswerFileError(path, "the first cell must name the learner.", line)
    return header, rows[1:]


def _special(path: Path, rows: Sequence[tuple[int, list[str]]], name: str, header: Sequence[str]) -> list[str]:
    found = [(line, row) for line, row in rows if row[0] == name]
    if len(found) > 1:
        raise AnswerFileError(path, f"there are two rows {name}; keep one.", found[1][0])
    return found[0][1][1:] if found else [""] * (len(header) - 1)


def _worth(path: Path, cell: str, name: str) -> float:
    value = _number(cell or "1")
    if value is None or value <= 0:
        raise AnswerFileError(path, f"item {name[:40]!r} cannot be worth {cell[:40]!r}; write a number above 0.")
    return value


def _column(
    path: Path, name: str, top: float, right: str, cells: Sequence[tuple[int, str]]
) -> tuple[list[float], Options | None, int | None]:
    if not right:
        return [_points(path, name, top, line, cell) for line, cell in cells], None, None
    import numpy as np

    names = tuple(sorted({cell for _, cell in cells if cell not in {"", EMPTY}} | {right}))
    places = {each: place for place, each in enumerate(names)}
    points = [float("nan") if not cell else top * (cell == right) for _, cell in cells]
    chosen = np.array([places.get(cell, -1) for _, cell in cells])
    return points, Options(names, places[right], chosen), sum(cell == EMPTY for _, cell in cells)


def _points(path: Path, name: str, top: float, line: int, cell: str) -> float:
    if not cell:
        return float("nan")
    value = _number(cell)
    if value is None or not 0 <= value <= top:
        raise AnswerFileError(
            path,
            f"{cell[:40]!r} below {name[:40]!r} must be points from 0 to {top:g}, or empty if it was not asked; "
            f"what the items are worth stands in a row {POINTS}.",
            line,
        )
    return value


def _number(cell: str) -> float | None:
    import math

    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
