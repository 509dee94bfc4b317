"""Who takes a run, and whether they are verified learners: enrolments from a registrar's CSV, read strictly.

The columns are ``learner,track,verified_at,verification,email,refunded_at``. ``verification`` is a reference to the
identity check (never the document), times are ISO 8601 with an offset, empty means unknown or never.
"""

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from authoring.course import Course
from authoring.errors import CoursewrightError

COLUMNS = ("learner", "track", "verified_at", "verification", "email", "refunded_at")

_MARK = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]*\Z")
_LEARNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*\Z")
_GMAIL = ("gmail.com", "googlemail.com")  # one mailbox under both names, whatever the dots in it
_EMAIL = re.compile(r"[A-Za-z0-9_][^@\s,;\"'<>]*@[^@\s,;\"'<>]+\Z")


class Track(StrEnum):
    """How a learner takes a run."""

    AUDIT = "audit"
    VERIFIED = "verified"


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """One learner in one run of a course. Times are in UTC."""

    learner: str
    track: Track
    verified_at: datetime | None = None
    verification: str = ""  # a reference to the identity check
    email: str = ""
    refunded_at: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """Whether an enrolment makes a verified learner, and why."""

    verified: bool
    reason: str


@dataclass(frozen=True)
class SuspectedDuplicate:
    """Learners who may be one person; a person decides."""

    learners: tuple[str, ...]
    reason: str


class EnrolmentFileError(CoursewrightError):
    """A row of an enrolment file that cannot be used.

    Attributes:
        file: the file.
        row: its row in a spreadsheet, from 1 (the header).
        column: the column, or empty for the whole row.
    """

    def __init__(self, file: str, row: int, column: str, message: str) -> None:
        super().__init__(f"{file}: row {row}{f', column {column}' if column else ''}: {message}")
        self.file = file
        self.row = row
        self.column = column


def read_enrolments(path: Path) -> tuple[Enrolment, ...]:
    """Every enrolment of a CSV file, in its order.

    Raises:
        EnrolmentFileError: a column is missing or unknown, a value is not what its column holds (a spreadsheet formula
            never is), or a learner occurs twice.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CoursewrightError(f"{path}: the file cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise CoursewrightError(f"{path}: byte {error.start} is not UTF-8: save the file as CSV UTF-8.") from error
    return parse_enrolments(text, file=str(path))


def parse_enrolments(text: str, *, file: str) -> tuple[Enrolment, ...]:
    """As :func:`read_enrolments`, for a text; ``file`` is what errors call it."""
    rows: dict[str, int] = {}
    enrolments = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        _check_header(next(reader, []), file)
        for row, values in enumerate(reader, start=2):
            enrolment = _enrolment(values, file, row)
            if enrolment.learner in rows:
                first = rows[enrolment.learner]
                raise EnrolmentFileError(file, row, "learner", f"{enrolment.learner!r} is in row {first} already.")
            rows[enrolment.learner] = row
            enrolments.append(enrolment)
    except csv.Error as error:
        raise CoursewrightError(f"{file}: line {reader.line_num}: this is not CSV: {error}.") from error
    return tuple(enrolments)


def standing(enrolment: Enrolment | None, course: Course) -> Standing:
    """Whether the learner is a verified learner of the run: verified by its deadline, and not refunded."""
    deadline = course.instant(course.verification_deadline).astimezone(UTC)
    if enrolment is None:
        return Standing(False, "not enrolled in this run")
    if enrolment.track is not Track.VERIFIED:
        return Standing(False, "on the audit track, which never counts towards a credential")
    if enrolment.refunded_at is not None:
        return Standing(False, f"refunded at {_shown(enrolment.refunded_at)}, which revokes the verification")
    if enrolment.verified_at is None or not enrolment.verification:
        return Standing(False, "on the verified track, but the identity has not been verified")
    if enrolment.verified_at > deadline:
        return Standing(False, f"verified at {_shown(enrolment.verified_at)}, after the deadline of {_shown(deadline)}")
    return Standing(True, f"verified at {_shown(enrolment.verified_at)}, by the deadline of {_shown(deadline)}")


def suspected_duplicates(enrolments: Iterable[Enrolment]) -> tuple[SuspectedDuplicate, ...]:
    """Learners who share an identity check, or an e-mail address once what makes no other mailbox is set aside.

    That is case, the width of letters, a ``+tag``, and at Gmail the dots. A learner of several runs is one learner.
    """
    by_check: dict[str, list[str]] = defaultdict(list)
    by_email: dict[str, list[str]] = defaultdict(list)
    for enrolment in enrolments:
        by_check[enrolment.verification].append(enrolment.learner)
        by_email[_normalised(enrolment.email)].append(enrolment.learner)
    return (*_shared(by_check, "the same identity check"), *_shared(by_email, "the same e-mail address"))


def _shared(groups: Mapping[str, list[str]], reason: str) -> Iterable[SuspectedDuplicate]:
    own = ((key, tuple(dict.fromkeys(learners))) for key, learners in groups.items())
    return (SuspectedDuplicate(learners, reason) for key, learners in own if key and len(learners) > 1)


def _normalised(email: str) -> str:
    name, at, domain = unicodedata.normalize("NFKC", email).casefold().rpartition("@")
    name = name.partition("+")[0]
    if domain in _GMAIL:
        name, domain = name.replace(".", ""), _GMAIL[0]
    return name + at + domain


def _check_header(header: list[str], file: str) -> None:
    if missing := [column for column in COLUMNS if column not in header]:
        raise EnrolmentFileError(file, 1, "", f"the column {missing[0]!r} is missing: expected {','.join(COLUMNS)}.")
    if tuple(header) != COLUMNS:
        raise EnrolmentFileError(file, 1, "", f"expected exactly {','.join(COLUMNS)}, got {','.join(header)}.")


def _enrolment(values: list[str], file: str, row: int) -> Enrolment:
    if len(values) != len(COLUMNS):
        raise EnrolmentFileError(file, row, "", f"expected {len(COLUMNS)} values, got {len(values)}.")
    cells = dict(zip(COLUMNS, values, strict=True))
    cell = _Cells(file, row, cells)
    return Enrolment(
        learner=cell.matching("learner", _LEARNER, "an id of letters, digits and . _ @ -", required=True),
        track=cell.track(),
        verified_at=cell.instant("verified_at"),
        verification=cell.matching("verification", _MARK, "a reference of letters, digits and . _ : @ / -"),
        email=cell.matching("email", _EMAIL, "an e-mail address that starts with a letter, a digit or _"),
        refunded_at=cell.instant("refunded_at"),
    )


@dataclass(frozen=True)
class _Cells:
    """The values of one row, each read as what its column holds."""

    file: str
    row: int
    values: Mapping[str, str]

    def wrong(self, column: str, expected: str) -> EnrolmentFileError:
        return EnrolmentFileError(
            self.file, self.row, column, f"expected {expected}, got {self.values[column][:80]!r}."
        )

    def matching(self, column: str, pattern: re.Pattern[str], expected: str, *, required: bool = False) -> str:
        value = self.values[column]
        if (value or required) and not pattern.match(value):
            raise self.wrong(column, expected)
        return value

    def track(self) -> Track:
        if self.values["track"] not in set(Track):
            raise self.wrong("track", " or ".join(Track))
        return Track(self.values["track"])

    def instant(self, column: str) -> datetime | None:
        value = self.values[column]
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = datetime.min
        if moment.tzinfo is None:
            raise self.wrong(column, "a time with its offset, like 2026-02-01T12:00:00Z")
        return moment.astimezone(UTC)


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
