"""Grade ids that are missing, doubled or unusable.

The gradebook knows a cell by its grade id alone. nbgrader refuses a notebook in which one is missing or occurs
twice.
"""

import re
from collections import Counter
from collections.abc import Iterator

from authoring import cells
from authoring.check.context import CheckedCell, Context
from authoring.check.finding import Finding, Severity

NAME = "grade-id"
_ALLOWED = re.compile(r"[a-zA-Z0-9_-]+")


def find(context: Context) -> Iterator[Finding]:
    """One finding for each cell that nbgrader manages and cannot name."""
    for notebook in context.notebooks:
        managed = [cell for cell in notebook.cells if _is_managed(cell)]
        times = Counter(cells.grade_id(cell.node) for cell in managed)
        for cell in managed:
            name = cells.grade_id(cell.node)
            if name is None:
                mend = "Name it in nbgrader's Create Assignment view."
                yield cell.place.finding(NAME, Severity.ERROR, "the cell has no grade id", mend)
            elif times[name] > 1:
                message = f"{times[name]} cells have this grade id (this is cell {cell.index + 1})"
                yield cell.place.finding(NAME, Severity.ERROR, message, "Give each its own grade id.")
            elif not _ALLOWED.fullmatch(name):
                message = "the grade id holds something else than letters, digits, `_` and `-`"
                yield cell.place.finding(NAME, Severity.ERROR, message, "Rename it before the assignment is released.")


def _is_managed(cell: CheckedCell) -> bool:
    node = cell.node
    return cells.carries_points(node) or cells.is_solution(node) or cells.is_locked(node)
