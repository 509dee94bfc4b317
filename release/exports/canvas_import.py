"""Canvas's gradebook CSV, read.

An empty cell is an assignment without a score, and Canvas does not say why; it is never 0. The course grade is the
"Final Score", as Canvas computed it; totals of groups and current scores are left aside.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from authoring.csv_file import CsvError
from release.exports.canvas import EXCUSED, POINTS_POSSIBLE, READ_ONLY
from release.exports.evidence import Facts, Found, ImportedGrades, ImportedScore, evidence
from release.exports.mapping import People
from release.exports.sheet import Line, Sheet, parsed, read_bytes
from release.exports.table import State

BY = ("canvas_id", "sis_user_id", "sis_login_id")
_WHO = (
    "Student",
    "LastName",
    "FirstName",
    "ID",
    "SIS User ID",
    "SIS Login ID",
    "Integration ID",
    "Root Account",
    "Section",
)
_TOTAL = re.compile(r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)")
_WORDS = {"": State.NO_SCORE, EXCUSED: State.EXCUSED, "N/A": State.NOT_AVAILABLE}
_FINAL = "Final Score"
_MUTED = "Manual Posting"


def read_canvas(path: Path, facts: Facts, people: People) -> ImportedGrades:
    """The grades of a gradebook.

    Raises:
        CsvError: a column or the row of points possible is missing, or a cell is not what its column holds.
        CoursewrightError: the file cannot be read, or nobody says when the run ended.
    """
    data = read_bytes(path)
    sheet = parsed(data, str(path))
    sheet.need(["ID", "Section"], "gradebook of Canvas")
    possible = _points_row(sheet)
    columns = [column for column in sheet.header if column not in _WHO and not _aside(column, possible)]
    most = {column: possible.amount(column) for column in columns}
    found = [_found(line, most) for line in sheet.lines if line is not possible and not _is_note(line)]
    return evidence("canvas-gradebook", path, data, facts, found, people)


def _points_row(sheet: Sheet) -> Line:
    for line in sheet.lines[:3]:
        if line.cells[0].strip() == POINTS_POSSIBLE.strip():
            return line
    raise CsvError(sheet.file, 2, "", "the row Points Possible is missing, so this is no gradebook of Canvas")


def _aside(column: str, possible: Line) -> bool:
    return bool(_TOTAL.search(column)) or possible[column] == READ_ONLY


def _is_note(line: Line) -> bool:
    """Whether the row is Canvas's own, which says which assignments are not shown to learners yet."""
    return not line.cells[0].strip() and not line["ID"] and any(cell.startswith(_MUTED) for cell in line.cells)


def _found(line: Line, most: Mapping[str, Decimal | None]) -> Found:
    return Found(
        row=line.number,
        ids={column: line[column] for column in _WHO if column in line.header},
        known_by=dict(zip(BY, (line["ID"], line["SIS User ID"], line["SIS Login ID"]), strict=True)),
        scores=list(_scores(line, most)),
        grade=_grade(line),
    )


def _scores(line: Line, most: Mapping[str, Decimal | None]) -> Iterable[ImportedScore]:
    for column, possible in most.items():
        word = line[column].strip().upper()
        state = _WORDS.get(word, State.GRADED)
        points = line.amount(column) if state is State.GRADED else None
        yield ImportedScore(column=column, state=state, points=points, possible=possible)


def _grade(line: Line) -> Decimal | None:
    if _FINAL not in line.header or (percent := line.amount(_FINAL)) is None:
        return None
    return percent.scaleb(-2)
