"""Canvas's gradebook as CSV, to be imported into a Canvas course.

The columns are those of Canvas's own export: who, then each assignment with its Canvas id in parentheses, then the
totals, which Canvas computes itself and marks "(read only)". The second row has the points possible. An empty cell is
an assignment without a score, ``EX`` one that the learner is excused from. Totals of our own are given as the final
score, where nothing handed in earns nothing; the current score, which leaves that out, is Canvas's to compute.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from authoring.csv_file import CsvError
from release.exports.cells import number
from release.exports.export import Export
from release.exports.mapping import People, Person, any_of, joined
from release.exports.peer_rounding import PeerRounding, course_fraction, two_places
from release.exports.sheet import parsed, read_bytes, texts, written
from release.exports.table import Column, GradeTable, LearnerGrades, Score, State

IDS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
TOTALS = ("Current Score", "Unposted Current Score", "Final Score", "Unposted Final Score")
POINTS_POSSIBLE = "    Points Possible"
READ_ONLY = "(read only)"
EXCUSED = "EX"
_LACKING = any_of("canvas_id", "sis_user_id", "sis_login_id")


def gradebook(
    table: GradeTable,
    people: People,
    ids: Mapping[str, str] | None = None,
    rounding: PeerRounding = PeerRounding.EXACT,
) -> Export:
    """The gradebook; with ``canvas`` points are shown as Canvas shows them.

    Args:
        table: the grades.
        people: who they are to Canvas.
        ids: Canvas's id of each assignment. An assignment without one is matched by its title, or made anew.
        rounding: ``exact`` or ``canvas``.
    """
    matched, unmatched = joined(table, people, _LACKING)
    titles = [title_with_id(column, ids or {}) for column in table.columns]
    possible = [number(column.possible) for column in table.columns]
    rows = [
        [*IDS, *texts(*titles), *TOTALS],
        [POINTS_POSSIBLE, "", "", "", "", *possible, *(READ_ONLY for _ in TOTALS)],
    ]
    for row, person in matched:
        scores = [_cell(row.scores[column.id], rounding) for column in table.columns]
        rows.append([*_who(row, person), *scores, *_totals(row, rounding)])
    return Export(written(rows), len(matched), unmatched)


def title_with_id(column: Column, ids: Mapping[str, str]) -> str:
    """An assignment's heading: its title, with Canvas's id where it is known."""
    return f"{column.title} ({ids[column.id]})" if column.id in ids else column.title


def read_assignment_ids(path: Path, table: GradeTable) -> Mapping[str, str]:
    """Canvas's ids of the course's assignments: a CSV file with the columns ``assignment,canvas_id``.

    Raises:
        CoursewrightError: the file cannot be read, or names an assignment that does not count or an id that is none.
    """
    sheet = parsed(read_bytes(path), str(path))
    sheet.need(["assignment", "canvas_id"], "list of Canvas's assignments")
    known = {column.id for column in table.columns}
    ids: dict[str, str] = {}
    for line in sheet.lines:
        assignment, found = line["assignment"], line["canvas_id"]
        if assignment not in known:
            raise CsvError(sheet.file, line.number, "assignment", f"{assignment!r} is no assignment that counts")
        if not (found.isascii() and found.isdigit()) or found in ids.values():
            raise line.wrong("canvas_id", "the number of an assignment in Canvas, each once")
        ids[assignment] = found
    return ids


def _who(row: LearnerGrades, person: Person) -> list[str]:
    name = ", ".join(part for part in (person["family_name"], person["given_name"]) if part) or row.learner
    return texts(name, person["canvas_id"], person["sis_user_id"], person["sis_login_id"], person["canvas_section"])


def _cell(score: Score, rounding: PeerRounding) -> str:
    if score.state is State.EXCUSED:
        return EXCUSED
    if score.points is None:
        return ""
    return _shown(score.points, rounding)


def _totals(row: LearnerGrades, rounding: PeerRounding) -> Sequence[str]:
    if row.exact is None:
        return ["", "", "", ""]
    final = _shown(course_fraction(row.exact, rounding) * 100, rounding)
    return ["", "", final, final]


def _shown(value: Decimal, rounding: PeerRounding) -> str:
    return f"{two_places(value):f}" if rounding is PeerRounding.CANVAS else number(value)
