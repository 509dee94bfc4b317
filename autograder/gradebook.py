"""nbgrader's gradebook, a class at a time: grade records into it, and what people put there out of it.

The rows are those that ``nbgrader autograde`` leaves: an automatic score for each test, none for what a person marks,
"No response." for an untouched answer. Marks and comments that a person gave in Formgrader are never touched.
It is in SQLite, or in PostgreSQL where ``CourseDirectory.db_url`` says so.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import select

from authoring import database, nbgrader_api
from authoring.nbgrader_api import NbgraderCourse
from autograder import gradebook_rows as rows
from autograder.gradebook_query import of_cells
from autograder.gradebook_rows import Entry
from autograder.gradebook_tables import Tables
from autograder.marks import Mark, Marks
from autograder.record import Outcome

__all__ = ["Entry", "read_due", "read_marks", "write"]

_IN_ONE_GO = 2_000  # entries: their rows stay within some tens of MiB


def read_marks(course: NbgraderCourse, assignment: str) -> Marks:
    """Every mark that a person gave for an assignment."""
    grade = nbgrader_api.tables()["grade"]
    query = of_cells("grade", assignment, "manual_score", "extra_credit").where(
        grade.c.manual_score.is_not(None) | grade.c.extra_credit.is_not(None)
    )
    with database.reading(course.db_url) as connection:
        found = connection.execute(query).all()
    return {(learner, nb, name): Mark(score, extra or 0.0) for learner, nb, name, score, extra in found}


def read_due(course: NbgraderCourse, assignment: str) -> Mapping[str, datetime]:
    """When an assignment is due, by learner (extensions included) and, under "", for everybody else.

    Empty when the gradebook knows of no due time.
    """
    tables = nbgrader_api.tables()
    table, submitted = tables["assignment"], tables["submitted_assignment"]
    query = (
        select(table.c.duedate, submitted.c.student_id, submitted.c.extension)
        .join_from(table, submitted, submitted.c.assignment_id == table.c.id, isouter=True)
        .where(table.c.name == assignment, table.c.duedate.is_not(None))
    )
    with database.reading(course.db_url) as connection:
        found = connection.execute(query).all()
    due = {learner: _aware(moment + extension) for moment, learner, extension in found if learner and extension}
    return due | ({"": _aware(found[0][0])} if found else {})


def write(course: NbgraderCourse, assignment: str, entries: Sequence[Entry]) -> None:
    """Write records of one assignment in one transaction.

    A missing submission leaves no row, as in nbgrader; one that failed leaves rows that wait for a person.

    Raises:
        DatabaseError: the gradebook cannot be reached or written; then nothing of it is.
    """
    present = {one.record.learner: one for one in entries if one.record.outcome is not Outcome.MISSING}
    if not present:
        return
    # in the order of the learners, so that two writers who meet wait for each other and do not lock each other up
    ordered = [present[learner] for learner in sorted(present)]
    with database.writing(course.db_url) as connection:
        tables = Tables(connection)
        layout = tables.layout(assignment)
        for start in range(0, len(ordered), _IN_ONE_GO):
            _write(tables, layout, ordered[start : start + _IN_ONE_GO])


def _write(tables: Tables, layout: rows.Layout, entries: Sequence[Entry]) -> None:
    learners = [entry.record.learner for entry in entries]
    tables.add_students(learners)
    tables.put_submissions(rows.submissions(layout, entries))
    submitted = tables.submission_ids(layout, learners)
    tables.put_notebooks(rows.notebooks(layout, entries, submitted))
    places = tables.notebook_ids(layout, submitted)
    tables.put_grades(rows.grades(layout, entries, places))
    tables.put_comments(rows.comments(layout, entries, places))


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
