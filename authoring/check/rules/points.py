"""Points that are missing, or do not add up to what ``course.toml`` promises.

A graded cell that is worth nothing is nearly always one whose points were forgotten, and learners count: an
assignment of "20 points" with 18 in it brings e-mail.
"""

from collections.abc import Iterator
from decimal import Decimal

from authoring import cells
from authoring.check.context import CheckedAssignment, Context
from authoring.check.finding import Finding, Severity

NAME = "points"


def find(context: Context) -> Iterator[Finding]:
    """Findings about single cells, then about the sum of each assignment."""
    for cell in context.cells:
        if not cells.carries_points(cell.node):
            continue
        mend = "Set the cell's points in nbgrader's Create Assignment view."
        try:
            if cells.points(cell.node) == 0:
                yield cell.place.finding(NAME, Severity.WARNING, "the cell is graded and worth 0 points", mend)
        except cells.PointsError as error:
            message = (
                f"the cell is graded, and its points are {'missing' if error.found is None else repr(error.found)}"
            )
            yield cell.place.finding(NAME, Severity.ERROR, message, mend)
    for assignment in context.assignments:
        if assignment.is_whole and not assignment.unreadable:
            yield from _sum(assignment)


def _sum(assignment: CheckedAssignment) -> Iterator[Finding]:
    if assignment.entry is None:
        return
    try:
        total = sum((Decimal(str(cells.points(cell.node))) for cell in assignment.cells), Decimal(0))
    except cells.PointsError:
        return  # found above
    promised = assignment.entry.points
    if promised is not None and total != promised:
        message = f"course.toml promises {promised.normalize():f} points, and its cells have {total.normalize():f}"
        mend = "Correct `points` in course.toml, or the points of the cells."
        yield assignment.place.finding(NAME, Severity.ERROR, message, mend)
    if promised is None and total == 0 and assignment.entry.category is not None:
        message = f"it counts in the category {assignment.entry.category}, and no cell of it has points"
        mend = "Give its cells points, or remove its `category` in course.toml."
        yield assignment.place.finding(NAME, Severity.ERROR, message, mend)
