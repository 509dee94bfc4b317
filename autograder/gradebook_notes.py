"""What the gradebook says of a whole class's cells: points, and the comments of people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Table, select

from authoring import database, nbgrader_api
from authoring.nbgrader_api import NbgraderCourse


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
    tables = nbgrader_api.tables()
    grade, comment, submitted = tables["grade"], tables["comment"], tables["submitted_notebook"]
    with database.reading(course.db_url) as connection:
        points = {
            (row.student_id, row.notebook, row.cell): _points(row.auto_score, row.manual_score, row.extra_credit)
            for row in connection.execute(_of_cells(grade, assignment))
        }
        comments = {
            (row.student_id, row.notebook, row.cell): row.manual_comment or row.auto_comment
            for row in connection.execute(_of_cells(comment, assignment))
            if row.manual_comment or row.auto_comment
        }
        late = connection.execute(
            _of_submissions(submitted, assignment).where(submitted.c.late_submission_penalty.is_not(None))
        )
        penalties = {(row.student_id, row.notebook): row.late_submission_penalty for row in late}
    return Notes(points, comments, penalties)


def _points(automatic: float | None, manual: float | None, extra: float | None) -> Points:
    points = automatic if manual is None else manual
    by_person = manual is not None or bool(extra)
    return Points(None if points is None else points + (extra or 0.0), by_person)


def _of_cells(table: Table, assignment: str) -> Select[Any]:
    tables = nbgrader_api.tables()
    cell, submitted = tables["base_cell"], tables["submitted_notebook"]
    return (
        _of_submissions(submitted, assignment)
        .join(table, table.c.notebook_id == submitted.c.id)
        .join(cell, table.c.cell_id == cell.c.id)
        .add_columns(cell.c.name.label("cell"), *(one for one in table.c if one.name.endswith(_WANTED)))
    )


_WANTED = ("_score", "_credit", "_comment")


def _of_submissions(submitted: Table, assignment: str) -> Select[Any]:
    tables = nbgrader_api.tables()
    notebook, handed_in, known = tables["notebook"], tables["submitted_assignment"], tables["assignment"]
    return (
        select(handed_in.c.student_id, notebook.c.name.label("notebook"), submitted.c.late_submission_penalty)
        .select_from(submitted)
        .join(notebook, submitted.c.notebook_id == notebook.c.id)
        .join(handed_in, submitted.c.assignment_id == handed_in.c.id)
        .join(known, handed_in.c.assignment_id == known.c.id)
        .where(known.c.name == assignment)
    )
