"""Who is known to a course: whoever is enrolled, or, without a list, whoever the gradebook or a submission names."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import inspect, select

from authoring import database, nbgrader_api
from authoring.csv_file import Row, read_column
from authoring.nbgrader_api import NbgraderCourse
from authoring.toml_shape import nearest

ENROLMENTS = "enrolments.csv"
_FEW = 20  # so many names can be shown in an error


@dataclass(frozen=True)
class Roster:
    """The learners of a course, and where that is known from."""

    learners: frozenset[str]
    mend: str  # what to do for a learner who is missing

    def check(self, row: Row) -> None:
        """Raise an error if the learner in a row of a file is nobody's id."""
        if (name := row["learner"]) not in self.learners:
            hint = nearest(name, sorted(self.learners))
            shown = hint if hint.startswith(" (did") or len(self.learners) <= _FEW else ""
            raise row.wrong("learner", f'there is no learner "{name}"{shown}; correct the id, or {self.mend}')


def read_roster(course: NbgraderCourse, assignments: Collection[str]) -> Roster:
    """Who is enrolled by ``enrolments.csv``; without it, the gradebook's students and whoever handed something in.

    Raises:
        CoursewrightError: the list of enrolments cannot be read.
    """
    path = course.root / ENROLMENTS
    if path.is_file():
        return Roster(frozenset(read_column(path, "learner")), f"add the enrolment to {ENROLMENTS}")
    handed_in = {learner for assignment in assignments for learner in course.learners(assignment)}
    return Roster(frozenset(handed_in | _students(course)), "add the learner with `nbgrader db student add`")


def _students(course: NbgraderCourse) -> set[str]:
    table = nbgrader_api.tables()["student"]
    if database.is_absent(course.db_url):
        return set()
    with database.reading(course.db_url) as connection:
        if not inspect(connection).has_table("student"):
            return set()
        return set(connection.execute(select(table.c.id)).scalars())
