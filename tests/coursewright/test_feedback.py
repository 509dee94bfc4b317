"""``coursewright feedback``: what it prints, and how it ends."""

import pytest

from autograder.record import CellOutcome
from tests.autograder import feedback_course as made
from tests.autograder.feedback_course import grade_of

pytestmark = pytest.mark.integration  # each draws maths, which takes long

FULL = (
    grade_of("open", 2.0, 2.0, CellOutcome.PASSED),
    grade_of("mixed", 2.0, 2.0, CellOutcome.PASSED),
    grade_of("hidden", 1.0, 1.0, CellOutcome.PASSED),
    grade_of("e", None, 3.0, CellOutcome.NEEDS_MANUAL),
    grade_of("k", 4.0, 4.0, CellOutcome.MANUAL),
)


@pytest.fixture
def course(tmp_path):
    return made.graded_course(tmp_path / "course")


def test_everybody_who_is_graded_gets_a_page(run, course):
    course.grade("ada", FULL, {})
    course.grade("ben", FULL, {}, late_penalties={"nb": 1.25})
    done = run("feedback", "course", "ps")
    assert (done.status, done.err) == (0, "")
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[1][:3] == ["ada", "5", "12"]
    assert lines[2][:3] == ["ben", "3.75", "12"]
    assert done.out.splitlines()[-1] == "2 pages for 2 learners."


def test_json_names_the_pages_and_the_problems(run, course):
    course.grade("ada", FULL, {})
    done = run("feedback", "course", "ps", "--learner", "ada", "--learner", "nobody", "--json")
    assert done.status == 1
    ada, nobody = done.json["feedback"]
    assert ada == {
        "learner": "ada",
        "pages": [str(course.root / "feedback/ada/ps/nb.html")],
        "points": 5.0,
        "max_points": 12.0,
        "waiting": 2,
        "problem": "",
    }
    assert (nobody["pages"], nobody["points"]) == ([], None)
    assert "nobody has no record for ps" in nobody["problem"]
    assert done.json["summary"] == {"learners": 2, "pages": 1, "problems": 1, "waiting": 2}


def test_without_a_graded_class_there_is_nothing_to_do(run, course):
    done = run("feedback", "course", "ps")
    assert (done.status, done.out) == (0, "Nobody has been graded yet.\n")


def test_an_unknown_assignment_is_an_error_of_one_line(run, course):
    done = run("feedback", "course", "ps2")
    assert (done.status, done.out) == (1, "")
    assert "has no assignment ps2: name one of the course's assignments (ps)" in done.err
