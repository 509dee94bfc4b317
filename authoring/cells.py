"""What a cell means to nbgrader (metadata schema 3), in small functions.

They answer exactly as nbgrader does, except that metadata of a wrong shape counts as no metadata instead of raising:
submissions are not trusted.

====================  =========================================================
a cell that is        is
====================  =========================================================
grade and not         an autograder test (code): its own outcome gives the points
solution
grade and solution    manually graded: a person gives the points
solution alone        an autograded answer: tests elsewhere give the points
task                  a Markdown description with points, answered anywhere
locked alone          read-only text or code
====================  =========================================================
"""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from nbformat.notebooknode import NotebookNode

from authoring.errors import CoursewrightError

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class PointsError(CoursewrightError):
    """A cell that is graded but does not say how many points it carries.

    Attributes:
        grade_id: the cell's grade id, or None if it lacks that too.
        found: what stands there instead of points; None if nothing does.
    """

    def __init__(self, grade_id: str | None, found: object) -> None:
        super().__init__(grade_id, found)
        self.grade_id = grade_id
        self.found = found

    def __str__(self) -> str:
        return (
            f"cell {self.grade_id or 'without a grade id'}: `points` in the nbgrader metadata is {self.found!r};"
            " give it a number of 0 or more"
        )


def nbgrader_metadata(cell: NotebookNode) -> Mapping[str, Any]:
    """The cell's nbgrader metadata, empty if it has none."""
    found = cell.get("metadata", _NOTHING).get("nbgrader", _NOTHING)
    # a dictionary, nearly always: to ask for a mapping takes ten times as long
    return found if isinstance(found, (dict, Mapping)) else _NOTHING


def is_task(cell: NotebookNode) -> bool:
    """Whether a person marks whatever the learner does below this cell."""
    return bool(nbgrader_metadata(cell).get("task", False))


def is_grade(cell: NotebookNode) -> bool:
    """Whether the cell's own outcome, or a person's mark of it, gives points; a task is not meant (see there)."""
    return bool(nbgrader_metadata(cell).get("grade", False))


def carries_points(cell: NotebookNode) -> bool:
    """Whether the gradebook has points for the cell: it is graded, or a task (which nbgrader does not call graded)."""
    return is_grade(cell) or is_task(cell)


def is_solution(cell: NotebookNode) -> bool:
    """Whether the learner writes the answer here."""
    return bool(nbgrader_metadata(cell).get("solution", False))


def is_locked(cell: NotebookNode) -> bool:
    """Whether the author's source replaces whatever the learner made of the cell."""
    if is_solution(cell):
        return False
    return is_grade(cell) or bool(nbgrader_metadata(cell).get("locked", False))


def is_manual(cell: NotebookNode) -> bool:
    """Whether a person gives the points: for a graded answer or a task."""
    return is_task(cell) or (is_grade(cell) and (is_solution(cell) or cell.get("cell_type") != "code"))


def is_test(cell: NotebookNode) -> bool:
    """Whether running the cell gives the points."""
    return is_grade(cell) and not is_manual(cell)


def grade_id(cell: NotebookNode) -> str | None:
    """The cell's name in the gradebook, or None if it has none."""
    found = nbgrader_metadata(cell).get("grade_id")
    return found if isinstance(found, str) and found else None


def points(cell: NotebookNode) -> float:
    """The points that the cell carries, 0 if it is neither graded nor a task.

    Raises:
        PointsError: the cell carries points, and they are missing, negative or not a number.
    """
    if not carries_points(cell):
        return 0.0
    found = nbgrader_metadata(cell).get("points")
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found) or found < 0:
        raise PointsError(grade_id(cell), found)
    return float(found)


def cell_name(cell: NotebookNode, index: int) -> str:
    """How findings and errors call the cell: its grade id, its cell id, or "cell 7" (counted from 1)."""
    found = grade_id(cell) or cell.get("id")
    return found if isinstance(found, str) and found else f"cell {index + 1}"
