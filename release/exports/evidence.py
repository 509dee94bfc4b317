"""Grades that came from elsewhere: evidence that names its source, and decides nothing.

It holds what a file says of each row, the file's hash, and the run and the day that the grades are of, which whoever
imports them has from the data. Nothing is dated today, and nothing is taken for passed because a file says so. A row
whose learner nobody knows is kept with the reason.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec

from authoring.errors import CoursewrightError
from release.canonical import canonical
from release.exports.mapping import People, Unmatched
from release.exports.table import State

SCHEMA = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}\Z")


class ImportedScore(msgspec.Struct, frozen=True, kw_only=True):
    """One score as the file has it. ``points`` only where the file has some; ``possible`` 1 where it has fractions."""

    column: str
    state: State
    points: Decimal | None = None
    possible: Decimal | None = None


class ImportedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One learner's row."""

    learner: str  # empty if nobody is known by these ids
    reason: str = ""  # why not
    row: int  # in the file, from 1
    ids: dict[str, str]  # what the file knows the learner by, by its own columns
    track: str = ""
    identity_verified: bool | None = None  # None where the file does not say
    grade: Decimal | None = None  # course grade, a fraction; None where there is none
    scores: tuple[ImportedScore, ...] = ()


class ImportedGrades(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one file says of one run."""

    schema: int = SCHEMA
    peer: str  # "edx-grade-report", …
    file: str  # its name
    sha256: str  # of its bytes, hex
    course: str
    run: str
    ended_on: date  # the last day of the run
    pass_mark: Decimal | None  # a fraction, as whoever imported knows it; never from the file
    rows: tuple[ImportedRow, ...]

    @property
    def unmatched(self) -> list[Unmatched]:
        """The rows of nobody who is known."""
        return [
            Unmatched("file", f"row {row.row} ({', '.join(value for value in row.ids.values() if value)})", row.reason)
            for row in self.rows
            if not row.learner
        ]


@dataclass(frozen=True)
class Facts:
    """What a file does not say itself: which run it is of, when that ended, and what it took to pass."""

    course: str
    run: str
    ended_on: date | None
    pass_mark: Decimal | None = None

    def end(self, file: str) -> date:
        """The last day of the run.

        Raises:
            CoursewrightError: nobody said it; today is not taken for it.
        """
        if self.ended_on is None:
            raise CoursewrightError(
                f"{file}: the file does not say when the run {self.run} ended; say it with --ended."
            )
        return self.ended_on


@dataclass(frozen=True)
class Found:
    """A row as a reader found it, before anybody asked whose it is."""

    row: int
    ids: Mapping[str, str]  # by the file's columns
    known_by: Mapping[str, str]  # by the mapping's columns
    scores: Sequence[ImportedScore]
    grade: Decimal | None = None
    track: str = ""
    identity_verified: bool | None = None


def evidence(
    peer: str, file: Path, data: bytes, facts: Facts, found: Iterable[Found], people: People | None
) -> ImportedGrades:
    """The evidence in a file whose rows were read.

    Args:
        peer: the format.
        file: where it is from; its name alone is kept.
        data: its bytes.
        facts: what it does not say itself.
        found: its rows.
        people: the mapping; None if the file's ids are the course's own.
    """
    rows = [_row(each, people) for each in found]
    return ImportedGrades(
        peer=peer,
        file=file.name,
        sha256=hashlib.sha256(data).hexdigest(),
        course=facts.course,
        run=facts.run,
        ended_on=facts.end(str(file)),
        pass_mark=facts.pass_mark,
        rows=tuple(_each_once(rows)),
    )


def absent(imported: ImportedGrades, people: People, columns: Sequence[str]) -> list[Unmatched]:
    """Whoever the mapping knows to this peer by one of the columns, and of whom the file has no row."""
    there = {row.learner for row in imported.rows}
    return [
        Unmatched("mapping", learner, f"is not in {imported.file}")
        for learner, person in people.by_learner.items()
        if learner not in there and any(person[column] for column in columns)
    ]


def write_evidence(folder: Path, imported: ImportedGrades) -> Path:
    """Write the evidence below the folder; the same file imported again gives the same bytes in the same place.

    Raises:
        CoursewrightError: the course or the run has a name that is none for a file.
    """
    for name in (imported.course, imported.run):
        if not _NAME.match(name):
            raise CoursewrightError(f"{name!r}: a course and a run have names of letters, digits and . _ + - here.")
    path = folder / f"{imported.course}_{imported.run}_{imported.peer}_{imported.sha256[:12]}.json"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(canonical(imported) + b"\n")
    return temporary.replace(path)


def read_evidence(path: Path) -> ImportedGrades:
    """The evidence in a file that :func:`write_evidence` wrote.

    Raises:
        CoursewrightError: it is something else, or of a later version.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=ImportedGrades)
    except OSError as error:
        raise CoursewrightError(f"{path}: the file cannot be read ({error.strerror}).") from error
    except msgspec.DecodeError as error:
        raise CoursewrightError(f"{path}: these are no imported grades ({error}); import the file again.") from error
    if found.schema != SCHEMA:
        raise CoursewrightError(f"{path}: the file is of version {found.schema}, and {SCHEMA} is known here.")
    return found


def _row(found: Found, people: People | None) -> ImportedRow:
    if people is None:
        learner, reason = next(iter(found.known_by.values())), ""
    else:
        learner, reason = people.known_as(found.known_by)
    return ImportedRow(
        learner=learner,
        reason=reason,
        row=found.row,
        ids=dict(found.ids),
        track=found.track,
        identity_verified=found.identity_verified,
        grade=found.grade,
        scores=tuple(found.scores),
    )


def _each_once(rows: Sequence[ImportedRow]) -> Iterable[ImportedRow]:
    """The rows; where two are one learner's, a person has to say which is right, so neither is."""
    numbers: dict[str, list[int]] = {}
    for row in rows:
        numbers.setdefault(row.learner, []).append(row.row)
    for row in rows:
        if row.learner and len(own := numbers[row.learner]) > 1:
            said = f"the rows {', '.join(map(str, own))} are all of {row.learner}: leave the right one in the file"
            yield msgspec.structs.replace(row, learner="", reason=said)
        else:
            yield row
