"""The CSV that ``nbgrader export`` writes, from grade records.

For who was graded, a row is the one that nbgrader writes. Who handed in nothing has an empty score here, where nbgrader
itself writes 0.0 and so tells nobody whether there was anything to score; so has whoever waits for a mark, where
nbgrader writes the points so far; and names with commas are quoted.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from autograder.record import GradeRecord, Outcome
from release.exports.export import Export
from release.exports.mapping import NOBODY, People, without_course
from release.exports.sheet import texts, written
from release.exports.table import Column, GradeTable, LearnerGrades, State

HEADER = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)


def nbgrader_csv(table: GradeTable, people: People, records: Iterable[GradeRecord]) -> Export:
    """Every learner's row for every assignment that is a notebook, as nbgrader orders them.

    The learners of a course are nbgrader's students, so nobody has to be in the mapping for this; what it says is used
    for names.
    """
    by_place = {(each.assignment, each.learner): each for each in records if each.outcome is not Outcome.MISSING}
    rows = [list(HEADER)]
    for column in table.columns:
        if not column.exam:
            rows.extend(_row(column, row, people, by_place.get((column.id, row.learner))) for row in table.learners)
    return Export(written(rows, line_end="\n"), len(table.learners), without_course(table, people, lambda _: ""))


def _row(column: Column, row: LearnerGrades, people: People, record: GradeRecord | None) -> list[str]:
    person = people.by_learner.get(row.learner, NOBODY)
    who = texts(row.learner, person["family_name"], person["given_name"], row.email)
    return [
        *texts(column.id),
        _naive(column.due),
        _naive(row.submitted.get(column.id)),
        *who,
        *_scores(record if row.scores[column.id].state is State.GRADED else None),
        _double(column.possible),
    ]


def _scores(record: GradeRecord | None) -> list[str]:
    if record is None or record.score is None:
        return ["", "", ""]
    left = max(0.0, record.score - record.late_penalty)  # in doubles, as nbgrader does it
    return [str(float(record.score)), str(float(record.late_penalty)), str(left)]


def _naive(moment: datetime | None) -> str:
    """The moment as nbgrader keeps times: UTC, without saying so."""
    return "" if moment is None else str(moment.astimezone(UTC).replace(tzinfo=None))


def _double(value: Decimal | None) -> str:
    """The number as nbgrader prints it."""
    return "" if value is None else str(float(value))
