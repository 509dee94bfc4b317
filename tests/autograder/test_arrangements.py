"""What is arranged with single learners: how the file is read, and what holds for whom."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from authoring.course import Course
from authoring.course_file import load_course
from authoring.errors import CoursewrightError
from autograder.arrangements import Arrangement, Terms, read_arrangements, terms
from autograder.roster import Roster

MPC = Path(__file__).parents[2] / "courses" / "mpc"
HEADER = "learner,assignment,until,extra_hours,late_policy,excused,reason\n"
ROSTER = Roster(frozenset({"ada", "ben"}), "enrol the learner")
ASSIGNMENTS = ("ps1", "ps2")
DUE = datetime(2026, 9, 22, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(MPC)


def read(root: Path, text: str, course: Course | None) -> tuple[Arrangement, ...]:
    (root / "arrangements.csv").write_text(HEADER + text)
    return read_arrangements(root, course, ASSIGNMENTS, ROSTER)


def test_a_course_without_the_file_has_no_arrangements(tmp_path: Path, course: Course) -> None:
    assert read_arrangements(tmp_path, course, ASSIGNMENTS, ROSTER) == ()


def test_times_are_wall_clock_times_of_the_course_or_have_an_offset(tmp_path: Path, course: Course) -> None:
    found = read(tmp_path, "ada,ps1,2026-09-25T12:00,,,,ill\nada,ps2,2026-09-25T12:00+02:00,,,,ill\n", course)
    assert [row.until for row in found] == [
        datetime(2026, 9, 25, 16, tzinfo=UTC),  # noon in New York, in summer time
        datetime(2026, 9, 25, 10, tzinfo=UTC),
    ]


def test_the_first_of_two_nights_that_the_clock_shows_twice_is_meant(tmp_path: Path, course: Course) -> None:
    (found,) = read(tmp_path, "ada,ps1,2026-11-01T01:30,,,,ill\n", course)
    assert found.until == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("adda,ps1,,24,,,ill", 'row 2, column learner: there is no learner "adda" (did you mean `ada`?)'),
        ("ada,ps3,,24,,,ill", 'row 2, column assignment: there is no assignment "ps3" (did you mean `ps2`?)'),
        ("ada,ps1,tomorrow,,,,ill", "row 2, column until: expected a time such as 2026-09-25T12:00, got 'tomorrow'"),
        ("ada,ps1,2026-09-25,,,,ill", "row 2, column until: expected a day and a time"),
        ("ada,ps1,,-3,,,ill", "row 2, column extra_hours: expected a number of hours above 0"),
        ("ada,ps1,,nan,,,ill", "row 2, column extra_hours: expected a number of hours"),
        ("ada,ps1,,1e9,,,ill", "row 2, column extra_hours: expected a number of hours"),
        ("ada,ps1,,,none,,ill", "row 2, column late_policy: expected \"waived\" or nothing, got 'none'"),
        ("ada,ps1,,,,no,ill", "row 2, column excused: expected \"yes\" or nothing, got 'no'"),
        ("ada,ps1,,,,,ill", "row 2: nothing is arranged"),
        ("ada,ps1,,24,,,", "row 2, column reason: the reason is missing"),
        ("ada,ps1,,24,,,ill\nada,ps1,,48,,,ill", "row 3: row 2 is about ada and ps1 already"),
        ("=1+1,ps1,,24,,,ill", 'column learner: there is no learner "=1+1"'),
    ],
)
def test_a_row_that_cannot_be_used_is_named(tmp_path: Path, course: Course, row: str, said: str) -> None:
    with pytest.raises(CoursewrightError) as caught:
        read(tmp_path, row + "\n", course)
    assert said in str(caught.value)


def test_a_course_that_names_no_zone_needs_an_offset(tmp_path: Path) -> None:
    with pytest.raises(CoursewrightError, match="a time with its offset"):
        read(tmp_path, "ada,ps1,2026-09-25T12:00,,,,ill\n", None)


def row(learner: str = "ada", assignment: str = "ps1", **others: object) -> Arrangement:
    usual = {"until": None, "extra": timedelta(0), "waived": False, "excused": False, "reason": "ill"}
    return Arrangement(learner=learner, assignment=assignment, **{**usual, **others})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], Terms(DUE)),
        ([row(extra=timedelta(hours=3))], Terms(DUE + timedelta(hours=3))),
        ([row(until=DUE + timedelta(days=2))], Terms(DUE + timedelta(days=2))),
        ([row(until=DUE - timedelta(days=2))], Terms(DUE)),
        (
            [row(until=DUE + timedelta(days=2)), row(assignment="all", extra=timedelta(days=3))],
            Terms(DUE + timedelta(3)),
        ),
        ([row(assignment="all", waived=True)], Terms(DUE, waived=True)),
        ([row(excused=True)], Terms(DUE, waived=True, excused=True)),
        ([row("ben", extra=timedelta(3)), row(assignment="ps2", waived=True)], Terms(DUE)),
    ],
)
def test_what_holds_for_ada_and_the_first_set(rows: list[Arrangement], found: Terms) -> None:
    assert terms(rows, "ada", "ps1", DUE) == found


def test_what_is_never_due_is_never_late(tmp_path: Path) -> None:
    assert terms([row(until=DUE)], "ada", "ps1", None) == Terms(None)
