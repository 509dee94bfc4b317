"""What the gradebook says of a whole class's cells: points, and the comments of people."""

from collections.abc import Mapping
from dataclasses import dataclass

from authoring import database, nbgrader_api
from authoring.nbgrader_api import NbgraderCourse
from autograder.gradebook_query import of_cells, of_notebooks

_POINTS = ("auto_score", "manual_score", "extra_credit")


@dataclass(frozen=True)
class Points:
    """The points of a cell, as nbgrader adds them up."""

    points: float | None  # None: nobody gave any yet
    by_person: bool


@dataclass(frozen=True)
class Notes:
    """An assignment's gradebook, by learner, notebook and, for a cell, grade id."""

    points: Mapping[tuple[str, str, str], Points]
    comments: Mapping[tuple[str, str, str], str]
    late_penalties: Mapping[tuple[str, str], float]


def read_notes(course: NbgraderCourse, assignment: str) -> Notes:
    """Read everything at once; raises as :func:`authoring.database.reading`."""
    late = nbgrader_api.tables()["submitted_notebook"].c.late_submission_penalty
    with database.reading(course.db_url) as connection:
        points = {
            (row.learner, row.notebook, row.cell): _points(row.auto_score, row.manual_score, row.extra_credit)
            for row in connection.execute(of_cells("grade", assignment, *_POINTS))
        }
        comments = {
            (row.learner, row.notebook, row.cell): row.manual_comment or row.auto_comment
            for row in connection.execute(of_cells("comment", assignment, "auto_comment", "manual_comment"))
            if row.manual_comment or row.auto_comment
        }
        found = connection.execute(of_notebooks(assignment, late).where(late.is_not(None)))
        penalties = {(row.learner, row.notebook): row.late_submission_penalty for row in found}
    return Notes(points, comments, penalties)


def _points(automatic: float | None, manual: float | None, extra: float | None) -> Points:
    points = automatic if manual is None else manual
    by_person = manual is not None or bool(extra)
    return Points(None if points is None else points + (extra or 0.0), by_person)
