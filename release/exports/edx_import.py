"""edX's grade report or problem grade report, read.

The columns are found by their names: the ids, ``Grade``, whatever graded columns follow it, and the track and identity
behind them. "Certificate Eligible" and the like are left aside: whether somebody passed is not the file's to say.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from release.exports.cells import parsed_number
from release.exports.edx import EXCUSED, IDS, NOT_ATTEMPTED, NOT_AVAILABLE, TAIL
from release.exports.evidence import Facts, Found, ImportedGrades, ImportedScore, evidence
from release.exports.mapping import People
from release.exports.sheet import Line, Sheet, parsed, read_bytes
from release.exports.table import State

BY = ("edx_id", "edx_username", "edx_email")
_AFTER = (*TAIL, "Cohort Name", "Team Name")
_GROUP = "Experiment Group ("
_EARNED, _POSSIBLE = " (Earned)", " (Possible)"
_WORDS = {
    NOT_ATTEMPTED: State.NOT_ATTEMPTED,
    NOT_AVAILABLE: State.NOT_AVAILABLE,
    EXCUSED: State.EXCUSED,
    "": State.NO_SCORE,
}
_IDENTITY = {"ID Verified": True, "Not ID Verified": False}


def read_edx(path: Path, facts: Facts, people: People) -> ImportedGrades:
    """The grades of a report.

    Raises:
        CsvError: a column is missing, or a cell is not what its column holds.
        CoursewrightError: the file cannot be read, or nobody says when the run ended.
    """
    data = read_bytes(path)
    sheet = parsed(data, str(path))
    sheet.need([*IDS, "Grade"], "grade report of edX")
    graded = _graded(sheet)
    problems = any(column.endswith(_EARNED) for column in graded)
    if problems:
        sheet.need([_possible(column) for column in graded if column.endswith(_EARNED)], "problem grade report of edX")
    found = [_found(line, graded, problems=problems) for line in sheet.lines]
    return evidence("edx-problem-grade-report" if problems else "edx-grade-report", path, data, facts, found, people)


def _graded(sheet: Sheet) -> list[str]:
    columns = []
    for column in sheet.header[sheet.header.index("Grade") + 1 :]:
        if column in _AFTER or column.startswith(_GROUP):
            break
        columns.append(column)
    return columns


def _found(line: Line, graded: Sequence[str], *, problems: bool) -> Found:
    return Found(
        row=line.number,
        ids={column: line[column] for column in IDS},
        known_by=dict(zip(BY, (line["Student ID"], line["Username"], line["Email"]), strict=True)),
        scores=list(_problems(line, graded) if problems else _fractions(line, graded)),
        grade=_fraction(line, "Grade"),
        track=line["Enrollment Track"],
        identity_verified=_IDENTITY.get(line["Verification Status"]),
    )


def _fraction(line: Line, column: str) -> Decimal | None:
    grade = line.amount(column)
    if grade is not None and grade > 1:
        raise line.wrong(column, "a fraction from 0 to 1")
    return grade


def _fractions(line: Line, columns: Iterable[str]) -> Iterable[ImportedScore]:
    for column in columns:
        state, points = _cell(line, column)
        if points is not None and points > 1:
            raise line.wrong(column, "a fraction from 0 to 1")
        yield ImportedScore(column=column, state=state, points=points, possible=None if points is None else Decimal(1))


def _problems(line: Line, columns: Iterable[str]) -> Iterable[ImportedScore]:
    for column in columns:
        if column.endswith(_EARNED):
            state, points = _cell(line, column)
            _, possible = _cell(line, _possible(column))
            yield ImportedScore(column=column.removesuffix(_EARNED), state=state, points=points, possible=possible)


def _possible(column: str) -> str:
    return column.removesuffix(_EARNED) + _POSSIBLE


def _cell(line: Line, column: str) -> tuple[State, Decimal | None]:
    text = line[column].strip()
    if text in _WORDS:
        return _WORDS[text], None
    try:
        return State.GRADED, parsed_number(text)
    except ValueError as error:
        raise line.wrong(column, f"a number, {NOT_ATTEMPTED!r} or {NOT_AVAILABLE!r}") from error
