"""What was arranged with single learners: more time, no late penalty, an assignment that does not count.

``arrangements.csv`` in the course's folder has a row for each arrangement, for one assignment or for all. Where two
rows speak of one learner and assignment, the learner has the best of both. Exams are not meant: what a sitting allows
is decided when it is opened.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from authoring.course import Course
from authoring.csv_file import Row, read_rows
from authoring.toml_shape import nearest
from autograder.roster import Roster

FILE_NAME = "arrangements.csv"
COLUMNS = ("learner", "assignment", "until", "extra_hours", "late_policy", "excused", "reason")
EVERY = "all"
_MOST_HOURS = 10_000  # over a year: more is a slip of the hand


@dataclass(frozen=True)
class Arrangement:
    """One row of the file."""

    learner: str
    assignment: str  # or EVERY
    until: datetime | None  # UTC
    extra: timedelta
    waived: bool
    excused: bool
    reason: str

    def concerns(self, learner: str, assignment: str) -> bool:
        """Whether the row is about this learner's work for this assignment."""
        return self.learner == learner and self.assignment in {assignment, EVERY}


@dataclass(frozen=True)
class Terms:
    """Until when somebody may hand in, and what follows afterwards."""

    due: datetime | None  # None: never
    waived: bool = False  # lateness costs nothing
    excused: bool = False  # the assignment does not count for the learner


def terms(rows: Iterable[Arrangement], learner: str, assignment: str, due: datetime | None) -> Terms:
    """What holds for a learner when ``due`` holds without any arrangement."""
    own = [row for row in rows if row.concerns(learner, assignment)]
    moments = [] if due is None else [due, *(due + row.extra for row in own), *(row.until for row in own if row.until)]
    return Terms(
        due=max(moments, default=None),
        waived=any(row.waived or row.excused for row in own),
        excused=any(row.excused for row in own),
    )


def read_arrangements(
    root: Path, course: Course | None, assignments: Collection[str], roster: Roster
) -> tuple[Arrangement, ...]:
    """Every arrangement of the course in ``root``; none if there is no such file.

    Args:
        root: the course's folder.
        course: what ``course.toml`` says, for its time zone.
        assignments: the names that may occur.
        roster: the learners who may occur.

    Raises:
        CoursewrightError: the file is not CSV, or its first row that cannot be used: a learner or an assignment that
            nobody knows, a time or a number that is none, a row that arranges nothing or gives no reason.
    """
    path = root / FILE_NAME
    if not path.is_file():
        return ()
    return tuple(_arrangements(read_rows(path, COLUMNS), course, assignments, roster))


def _arrangements(
    rows: Iterable[Row], course: Course | None, assignments: Collection[str], roster: Roster
) -> Iterator[Arrangement]:
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        roster.check(row)
        check_assignment(row, [EVERY, *assignments])
        place = row["learner"], row["assignment"]
        if place in seen:
            raise row.wrong("", f"row {seen[place]} is about {' and '.join(place)} already; write one row of the two")
        seen[place] = row.number
        found = Arrangement(
            learner=row["learner"],
            assignment=row["assignment"],
            until=_until(row, course),
            extra=_extra(row),
            waived=_word(row, "late_policy", "waived"),
            excused=_word(row, "excused", "yes"),
            reason=row["reason"],
        )
        if not (found.until or found.extra or found.waived or found.excused):
            raise row.wrong("", "nothing is arranged; fill in until, extra_hours, late_policy or excused")
        if not found.reason:
            raise row.wrong("reason", "the reason is missing; it is what you will be asked for")
        yield found


def check_assignment(row: Row, known: Collection[str]) -> None:
    """Raise an error that names the nearest assignment if the row's is not known."""
    if row["assignment"] not in known:
        name = row["assignment"]
        raise row.wrong("assignment", f'there is no assignment "{name}"{nearest(name, list(known))}')


def _until(row: Row, course: Course | None) -> datetime | None:
    """A wall-clock time of the course, or any time with its offset."""
    if not row["until"]:
        return None
    try:
        typed = datetime.fromisoformat(row["until"])
    except ValueError as error:
        raise row.expected("until", "a time such as 2026-09-25T12:00") from error
    if len(row["until"]) <= len("2026-09-25"):
        raise row.expected("until", "a day and a time such as 2026-09-25T12:00")
    if typed.tzinfo is not None:
        return typed.astimezone(UTC)
    if course is None:
        raise row.expected("until", "a time with its offset such as 2026-09-25T12:00Z, for no course.toml names a zone")
    return course.instant(typed).astimezone(UTC)


def _extra(row: Row) -> timedelta:
    if not row["extra_hours"]:
        return timedelta(0)
    try:
        hours = Decimal(row["extra_hours"])
    except InvalidOperation:
        hours = Decimal("NaN")
    if not (hours.is_finite() and 0 < hours <= _MOST_HOURS):
        raise row.expected("extra_hours", f"a number of hours above 0 and up to {_MOST_HOURS}")
    return timedelta(hours=float(hours))


def _word(row: Row, column: str, word: str) -> bool:
    if row[column] not in {"", word}:
        raise row.expected(column, f'"{word}" or nothing')
    return row[column] == word
