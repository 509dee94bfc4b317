"""A person's mark for one answer, in ``gradebook.db`` as Formgrader leaves it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, select

from authoring import database, nbgrader_api
from authoring.errors import CoursewrightError
from authoring.nbgrader_api import NbgraderCourse
from autograder.gradebook_query import of_cells


@dataclass(frozen=True)
class Given:
    """What a person gave for an answer. Without points it waits."""

    points: float | None = None
    comment: str = ""


@dataclass(frozen=True)
class Place:
    """One answer in the gradebook."""

    assignment: str
    learner: str
    notebook: str
    cell: str

    def __str__(self) -> str:
        return f"{self.cell} in {self.notebook}.ipynb of {self.learner} ({self.assignment})"


@dataclass(frozen=True)
class Kept:
    """What the gradebook holds of an answer."""

    given: Given
    extra_credit: float
    submitted_at: datetime | None


@contextmanager
def transaction(course: NbgraderCourse) -> Iterator["Transaction"]:
    """Changes to a gradebook that are kept together, or not at all.

    Raises:
        DatabaseError: the gradebook cannot be reached or written; then nothing was.
    """
    with database.writing(course.db_url) as connection:
        yield Transaction(connection)


class Transaction:
    """Reads and writes of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tables: Mapping[str, Table] = nbgrader_api.tables()

    def kept(self, place: Place) -> Kept:
        """What is there.

        Raises:
            CoursewrightError: the gradebook does not know the answer.
        """
        grade = self._row("grade", place, ("manual_score", "extra_credit"))
        comment = self._row("comment", place, ("manual_comment",))
        submitted = self._tables["submitted_assignment"]
        query = select(submitted.c.timestamp).where(submitted.c.id == grade["submission"])
        moment = self._connection.execute(query).scalar_one()
        return Kept(
            given=Given(grade["manual_score"], comment["manual_comment"] or ""),
            extra_credit=grade["extra_credit"] or 0.0,
            submitted_at=None if moment is None else moment.replace(tzinfo=UTC),
        )

    def write(self, place: Place, given: Given) -> None:
        """Write a mark over whatever is there; without points the answer waits again."""
        grade, comment = self._tables["grade"], self._tables["comment"]
        waits = given.points is None
        values = {"manual_score": given.points, "needs_manual_grade": waits}
        key = self._row("grade", place, ())["id"]
        self._connection.execute(grade.update().where(grade.c.id == key).values(values))
        key = self._row("comment", place, ())["id"]
        self._connection.execute(
            comment.update().where(comment.c.id == key).values(manual_comment=given.comment or None)
        )

    def write_penalties(self, place: Place, penalties: Mapping[str, float | None]) -> None:
        """Write the late penalty of each notebook of the learner's submission."""
        submission = self._row("grade", place, ())["submission"]
        table, notebook = self._tables["submitted_notebook"], self._tables["notebook"]
        for name, penalty in penalties.items():
            named = select(notebook.c.id).where(notebook.c.name == name)
            mine = (table.c.assignment_id == submission) & table.c.notebook_id.in_(named)
            self._connection.execute(table.update().where(mine).values(late_submission_penalty=penalty))

    def _row(self, name: str, place: Place, columns: tuple[str, ...]) -> dict[str, Any]:
        handed_in, notebook = self._tables["submitted_assignment"], self._tables["notebook"]
        query = (
            of_cells(name, place.assignment, "id", *columns)
            .add_columns(handed_in.c.id.label("submission"))
            .where(handed_in.c.student_id == place.learner)
            .where(notebook.c.name == place.notebook, self._tables["base_cell"].c.name == place.cell)
        )
        found = self._connection.execute(query).mappings().first()
        if found is None:
            raise CoursewrightError(f"the gradebook does not have {place}: run `coursewright grade` first.")
        return dict(found)
