"""edX's two grade reports, as the platform's instructors download them.

The grade report has a row for each learner: ids, the course grade, each assignment as a fraction (with the average of
its type where the type has several), the track, and where the certificate stands. The problem grade report has what
was earned and what was possible of each problem. "Not Attempted" stands where nothing was handed in, and an empty cell
where a person has yet to decide; neither is 0.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from authoring.course import Category
from release.exports.cells import number
from release.exports.export import Export
from release.exports.mapping import People, Person, all_of, joined
from release.exports.peer_rounding import PeerRounding, assignment_fraction, course_fraction
from release.exports.sheet import texts, written
from release.exports.table import Column, GradeTable, LearnerGrades, Score, State
from release.rounding import decimal

NOT_ATTEMPTED = "Not Attempted"
NOT_AVAILABLE = "Not Available"
EXCUSED = "Excused"  # edX has no such thing; its readers take it for what it says
IDS = ("Student ID", "Email", "Username")
TAIL = (
    "Enrollment Track",
    "Verification Status",
    "Certificate Eligible",
    "Certificate Delivered",
    "Certificate Type",
    "Enrollment Status",
)
_LACKING = all_of("edx_id", "edx_username")


def grade_report(table: GradeTable, people: People, rounding: PeerRounding = PeerRounding.EDX) -> Export:
    """The grade report; with ``exact`` nothing in it is rounded."""
    matched, unmatched = joined(table, people, _LACKING)
    rows = [[*IDS, "Grade", *texts(*_headings(table)), *TAIL]]
    for row, person in matched:
        grades = [cell for each in _types(table) for cell in _of_type(row, each, table.of_category(each.id), rounding)]
        rows.append([*_ids(row, person), _grade(row, rounding), *grades, *_tail(row)])
    return Export(written(rows, bom=True), len(matched), unmatched)


def problem_grade_report(table: GradeTable, people: People, rounding: PeerRounding = PeerRounding.EDX) -> Export:
    """The problem grade report; points are never rounded in it, only the course grade is."""
    matched, unmatched = joined(table, people, _LACKING)
    problems = [
        (heading, column.id, name) for heading, column in _numbered(table) for name in table.problems_of(column.id)
    ]
    headings = [f"{heading} - {name} ({what})" for heading, _, name in problems for what in ("Earned", "Possible")]
    possible = {(of, name): score.possible for each in table.learners for (of, name), score in each.problems.items()}
    rows = [[*IDS, "Enrollment Status", "Grade", *texts(*headings)]]
    for row, person in matched:
        cells = [cell for _, of, name in problems for cell in _problem(row, of, name, possible[of, name])]
        rows.append([*_ids(row, person), "enrolled", _grade(row, rounding), *cells])
    return Export(written(rows, bom=True), len(matched), unmatched)


def _types(table: GradeTable) -> list[Category]:
    return [each for each in table.categories if table.of_category(each.id)]


def _numbered(table: GradeTable) -> Iterable[tuple[str, Column]]:
    """Each assignment with its heading: its type, its number within the type, and its name."""
    for each in _types(table):
        for index, column in enumerate(table.of_category(each.id), start=1):
            yield f"{each.title} {index}: {column.title}", column


def _headings(table: GradeTable) -> Iterable[str]:
    """The headings of the grades; an assignment that is alone in its type stands under the type's name."""
    for each in _types(table):
        if len(table.of_category(each.id)) == 1:
            yield each.title
        else:
            yield from (heading for heading, column in _numbered(table) if column.category.id == each.id)
            yield f"{each.title} (Avg)"


def _ids(row: LearnerGrades, person: Person) -> list[str]:
    return texts(person["edx_id"], person["edx_email"] or row.email, person["edx_username"])


def _grade(row: LearnerGrades, rounding: PeerRounding) -> str:
    return "" if row.exact is None else number(course_fraction(row.exact, rounding))


def _of_type(
    row: LearnerGrades, category: Category, columns: Sequence[Column], rounding: PeerRounding
) -> Iterable[str]:
    scores = [row.scores[column.id] for column in columns]
    yield from (_cell(score, number(assignment_fraction(score, rounding))) for score in scores)
    if len(columns) > 1:
        yield _average(scores, category.drop_lowest, rounding)


def _cell(score: Score, shown: str) -> str:
    match score.state:
        case State.GRADED:
            return shown
        case State.NOT_ATTEMPTED:
            return NOT_ATTEMPTED
        case State.EXCUSED:
            return EXCUSED
        case State.NOT_AVAILABLE:
            return NOT_AVAILABLE
        case State.PENDING | State.NO_SCORE:
            return ""


def _average(scores: Sequence[Score], drop_lowest: int, rounding: PeerRounding) -> str:
    """The mean after the lowest are dropped, where what was not attempted earns nothing; empty while one waits."""
    counted = [score for score in scores if score.state is not State.EXCUSED]
    if not counted or any(score.state is State.PENDING for score in counted):
        return ""
    shares = sorted(assignment_fraction(score, rounding) or Decimal(0) for score in counted)
    kept = shares[min(drop_lowest, len(shares) - 1) :]
    return number(decimal(sum((Fraction(each) for each in kept), Fraction(0)) / len(kept)))


def _problem(row: LearnerGrades, of: str, name: str, possible: Decimal | None) -> list[str]:
    score = row.problems.get((of, name))
    if score is not None:
        return [_cell(score, number(score.points)), number(score.possible)]
    whole = row.scores[of].state
    if whole is State.NOT_ATTEMPTED:
        return [NOT_ATTEMPTED, number(possible)]
    if whole is State.EXCUSED:
        return [EXCUSED, number(possible)]
    return [NOT_AVAILABLE, NOT_AVAILABLE]


def _tail(row: LearnerGrades) -> list[str]:
    """The track and the certificate's standing; whether one was delivered is not known here."""
    identity = "N/A" if row.track != "verified" else "ID Verified" if row.verified else "Not ID Verified"
    return [row.track, identity, "Y" if row.verified and row.passed else "N", "N", "N/A", "enrolled"]
