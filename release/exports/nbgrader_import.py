"""The CSV of ``nbgrader export``, nbgrader's own or ours, read.

nbgrader writes 0.0 for whoever handed in nothing, and for who earned nothing. Where there is a time as well, it is a
score of 0; where there is none, the file does not say which, and neither is it said here. An empty score without a time
is nothing handed in, and one with a time waits for a person.
"""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from authoring.csv_file import CsvError
from release.exports.evidence import Facts, Found, ImportedGrades, ImportedScore, evidence
from release.exports.mapping import People
from release.exports.nbgrader_csv import HEADER
from release.exports.sheet import Line, parsed, read_bytes
from release.exports.table import State

_DOUBLES = Decimal("1e-9")


def read_nbgrader(path: Path, facts: Facts, people: People | None = None) -> ImportedGrades:
    """The grades of an export.

    Args:
        path: the file.
        facts: what it does not say itself.
        people: who the students are; without it they are the course's learners by the same ids.

    Raises:
        CsvError: a column is missing, a cell is not what its column holds, or a student has two rows for an assignment.
        CoursewrightError: the file cannot be read, or nobody says when the run ended.
    """
    data = read_bytes(path)
    sheet = parsed(data, str(path))
    sheet.need(HEADER, "export of nbgrader")
    own: dict[str, list[Line]] = {}
    for line in sheet.lines:
        if not line["student_id"]:
            raise line.wrong("student_id", "a student")
        lines = own.setdefault(line["student_id"], [])
        if any(each["assignment"] == line["assignment"] for each in lines):
            problem = f"{line['student_id']!r} has a row for {line['assignment']!r} already"
            raise CsvError(sheet.file, line.number, "assignment", problem)
        lines.append(line)
    return evidence("nbgrader", path, data, facts, [_found(lines) for lines in own.values()], people)


def _found(lines: Sequence[Line]) -> Found:
    first = lines[0]
    return Found(
        row=first.number,
        ids={column: first[column] for column in ("student_id", "last_name", "first_name", "email")},
        known_by={"learner": first["student_id"]},
        scores=[_score(line) for line in lines],
    )


def _score(line: Line) -> ImportedScore:
    points, possible = _points(line), line.amount("max_score")
    timed = bool(line["timestamp"].strip())
    if points is None:
        state = State.PENDING if timed else State.NOT_ATTEMPTED
    elif timed or points or line.amount("raw_score"):
        state = State.GRADED
    else:
        state, points = State.NO_SCORE, None
    return ImportedScore(column=line["assignment"], state=state, points=points, possible=possible)


def _points(line: Line) -> Decimal | None:
    raw, lost, score = (line.amount(column) for column in ("raw_score", "late_submission_penalty", "score"))
    if raw is None or score is None:
        return score
    exact = max(raw - (lost or Decimal(0)), Decimal(0))
    if abs(exact - score) > _DOUBLES:
        raise line.wrong("score", f"{exact:f}, which is raw_score less late_submission_penalty")
    return exact
