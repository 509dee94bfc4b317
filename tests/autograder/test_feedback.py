"""What is on a learner's page, and what never is."""

import re
import shutil
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from autograder.feedback import giving
from autograder.feedback.giving import Given
from autograder.files import write_record
from autograder.record import CellOutcome, Outcome
from tests.autograder import feedback_course as made
from tests.autograder import notebooks as make
from tests.autograder.feedback_course import GradedCourse, error, finding, grade_of, printed
from tests.autograder.nbgrader_oracle import nbgrader

pytestmark = [
    pytest.mark.integration,  # each draws maths, which takes long
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),  # from within nbgrader
]

ANSWERS = {"s": "def squares(n):\n    return [i * i for i in range(1, n + 1)]", "e": "Because $x^2$ **grows**."}
FULL = (
    grade_of("open", 2.0, 2.0, CellOutcome.PASSED),
    grade_of("mixed", 2.0, 2.0, CellOutcome.PASSED),
    grade_of("hidden", 1.0, 1.0, CellOutcome.PASSED),
    grade_of("e", None, 3.0, CellOutcome.NEEDS_MANUAL),
    grade_of("k", None, 4.0, CellOutcome.NEEDS_MANUAL),
)
SECRETS = ("40404", "wanted forty", "987654321", "almost", "A line: 4 points")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.graded_course(tmp_path_factory.mktemp("empty")).root


@pytest.fixture
def course(empty: Path, tmp_path: Path) -> GradedCourse:
    root = tmp_path / "course"
    shutil.copytree(empty, root)
    return made.graded_course(root)


def give(course: GradedCourse, *learners: str) -> list[Given]:
    return list(giving.give(giving.plan(course.root, "ps", learners=learners)))


def page_of(course: GradedCourse, learner: str = "ada") -> str:
    (given,) = give(course, learner)
    assert given.problem == ""
    return given.pages[0].read_text("utf-8")


def text_of(page: str) -> str:
    """What is read on a page, a blank between any two things."""
    body = re.sub(r"<(style|title)>.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def with_one(name: str, **changes: Any) -> tuple[Any, ...]:
    from msgspec.structs import replace

    return tuple(replace(cell, **changes) if cell.grade_id == name else cell for cell in FULL)


def test_total_and_every_question_are_on_top_with_links(course: GradedCourse) -> None:
    course.grade("ada", FULL, ANSWERS)
    page = page_of(course)
    text = text_of(page)
    assert "5 of 12 points so far" in text
    assert "2 questions still wait for a person." in text
    assert "Squares Test open passed 2 of 2 Test mixed passed 2 of 2 Test hidden passed 1 of 1" in text
    assert "Words Answer e waits for a person \u2013 of 3 Task k waits for a person \u2013 of 4" in text
    for anchor in re.findall(r'href="#(cell-\d+)"', page):
        assert f'id="{anchor}"' in page
    assert len(re.findall(r'href="#cell-', page)) == 5


def test_marks_and_comments_of_people_come_from_the_gradebook(course: GradedCourse) -> None:
    course.grade("ada", FULL, ANSWERS)
    with Gradebook(course.course.db_url) as book:
        grade = book.find_grade("e", "nb", "ps", "ada")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 2.5, 0.25, False
        book.find_comment("e", "nb", "ps", "ada").manual_comment = "Say *why*: $x>0$. <script>x</script>"
        book.find_comment("s", "nb", "ps", "ada").manual_comment = "Neat."
        book.db.commit()
    page = page_of(course)
    text = text_of(page)
    assert "7.75 of 12 points so far 1 question still waits" in text
    assert "Answer e marked by a person 2.75 of 3" in text
    assert re.search(r"Say <em>why</em>: <img[^>]*alt=\"x&gt;0\"", page)
    assert "Neat." in text
    assert "<script" not in page


def test_late_penalties_are_told_and_taken_off(course: GradedCourse) -> None:
    course.grade("ada", FULL, ANSWERS, late_penalties={"nb": 1.5})
    assert "3.5 of 12 points so far 5 points, less 1.5 for handing in late." in text_of(page_of(course))


def test_an_answer_that_was_not_touched_says_so(course: GradedCourse) -> None:
    course.grade("ada", with_one("e", score=0.0, outcome=CellOutcome.MANUAL, message="No response."), ANSWERS)
    text = text_of(page_of(course))
    assert "Answer e was not answered 0 of 3" in text
    assert "Comment No response." in text


# Tests ---------------------------------------------------------------------------------------------------------------


def test_an_open_test_shows_its_text_what_it_said_and_where(course: GradedCourse) -> None:
    outputs = {"open": [printed("called with 2\n"), error("AssertionError", "two", (1, made.OPEN))]}
    failed = with_one("open", score=0.0, outcome=CellOutcome.FAILED, message="AssertionError: two")
    course.grade("ada", failed, ANSWERS, outputs)
    text = text_of(page_of(course))
    assert f"AssertionError: two It stopped at {made.OPEN}" in text
    assert "called with 2" in text


GIVEN_AWAY = {  # the test that failed, its outcome, its message, its outputs; what the learner is told
    "an assertion": (
        ("mixed", CellOutcome.FAILED, "AssertionError: wanted forty"),
        [printed("called with 40404"), error("AssertionError", "wanted forty", (4, "assert squares(0) == [40404]"))],
        "A part of this test that is not shown did not hold.",
    ),
    "an error of Python's": (
        ("mixed", CellOutcome.ERROR, "ZeroDivisionError: 40404"),
        [error("ZeroDivisionError", "40404", (4, 'assert squares(0) == [40404], "wanted forty"'))],
        "A part of this test that is not shown ended in an error (ZeroDivisionError).",
    ),
    "an error with a telling name": (
        ("hidden", CellOutcome.ERROR, "almost987654321: x"),
        [error("almost987654321", "x", (4, "almost(squares(1))"))],
        "A part of this test that is not shown ended in an error.",
    ),
    "a helper": (
        ("hidden", CellOutcome.FAILED, "AssertionError: wanted 987654321"),
        [error("AssertionError", "wanted 987654321", (4, "almost(squares(1))"), (3, "assert x == 987654321"))],
        "A part of this test that is not shown did not hold.",
    ),
    "a time-out": (
        ("hidden", CellOutcome.TIMEOUT, "TimeoutError: in almost(987654321)"),
        [],
        "A part of this test that is not shown took too long.",
    ),
    "partial credit": (
        ("hidden", CellOutcome.PARTIAL, "the value (987654321) is above the maximum"),
        [],
        "A part of this test that is not shown did not hold for everything.",
    ),
}


@pytest.mark.parametrize("way", GIVEN_AWAY)
def test_a_hidden_test_gives_nothing_away_by(course: GradedCourse, way: str) -> None:
    (name, outcome, message), outputs, told = GIVEN_AWAY[way]
    odd = [finding("odd-partial-credit", "the test's value (987654321) is above 1", "hidden")]
    failed = with_one(name, score=0.0, outcome=outcome, message=message)
    course.grade("ada", failed, ANSWERS, {name: outputs}, findings=tuple(odd))
    page = page_of(course)
    assert told in text_of(page)
    for secret in SECRETS:
        assert secret not in page


def test_a_test_that_nobody_may_see_has_its_name_and_says_that_it_is_not_shown(course: GradedCourse) -> None:
    course.grade("ada", FULL, ANSWERS)
    text = text_of(page_of(course))
    assert "Test hidden ✗" not in text
    assert "Test hidden passed 1 of 1 points This test is not shown." in text
    assert "A part of this test is not shown." in text


def test_the_author_s_hint_is_for_those_who_need_it(course: GradedCourse) -> None:
    course.grade("ada", FULL, ANSWERS)
    course.grade("ben", with_one("mixed", score=0.0, outcome=CellOutcome.FAILED), ANSWERS)
    assert "think of the empty list" not in page_of(course, "ada")
    assert "Hint: think of the empty list" in text_of(page_of(course, "ben"))


def test_a_released_line_that_fails_in_front_of_the_hidden_ones_is_told(course: GradedCourse) -> None:
    outputs = [printed("x"), error("ValueError", "too small", (1, "assert squares(3) == [1, 4, 9]"))]
    failed = with_one("mixed", score=0.0, outcome=CellOutcome.ERROR, message="ValueError: too small")
    course.grade("ada", failed, ANSWERS, {"mixed": outputs})
    assert "ValueError: too small It stopped at assert squares(3) == [1, 4, 9]" in text_of(page_of(course))


def test_an_output_that_quotes_a_hidden_line_is_left_out_wherever_it_stands(course: GradedCourse) -> None:
    line = "    assert x == 987654321"
    stolen = make.code("print(open('stolen').read())")
    stolen["outputs"] = [printed(made.HIDDEN)]
    framed = make.code("almost(1)")
    framed["outputs"] = [error("AssertionError", "x", (1, "almost(1)"), (3, line + ', f"wanted {x}"'))]
    rich = make.code("HTML(...)")
    marked_up = escape(made.MIXED).replace("squares", "<b>squares</b>").replace(" ", " &nbsp;")
    data = {"text/html": f"<pre>{marked_up}</pre>", "text/plain": "x"}
    rich["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
    course.grade("ada", FULL, ANSWERS, extra=[stolen, framed, rich])
    page = page_of(course)
    assert page.count("it is left out") == 3
    assert not [secret for secret in SECRETS if secret in page and secret != "almost"]  # which the learner's cell calls


def test_an_open_test_that_fails_in_a_hidden_helper_says_no_more_than_that(course: GradedCourse) -> None:
    helper = 'assert x == 987654321, f"wanted {x}"'
    outputs = [error("AssertionError", "wanted 12", (1, made.OPEN), (3, helper))]
    failed = with_one("open", score=0.0, outcome=CellOutcome.FAILED, message="AssertionError: wanted 12")
    course.grade("ada", failed, ANSWERS, {"open": outputs})
    text = text_of(page_of(course))
    assert "A part of this test that is not shown did not hold." in text
    assert "wanted 12" not in text


def test_mark_schemes_stay_with_those_who_mark(course: GradedCourse) -> None:
    course.grade("ada", FULL, ANSWERS)
    page = page_of(course)
    assert "Draw" in page
    assert "MARK SCHEME" not in page


# Files ---------------------------------------------------------------------------------------------------------------


def test_what_was_mended_and_what_could_not_be_read_is_told(course: GradedCourse) -> None:
    mended = finding("missing-cell", "this cell was gone from the submission and was put back", "open")
    course.grade("ada", FULL, ANSWERS, findings=(mended,))
    assert "open: this cell was gone from the submission and was put back" in text_of(page_of(course))
    broken = finding("unreadable-notebook", "nb.ipynb: the file is not JSON")
    course.grade("ben", (), {}, outcome=Outcome.FAILED, score=None, findings=(broken,))
    (course.course.autograded("ben", "ps") / "nb.ipynb").unlink()
    (given,) = give(course, "ben")
    assert (given.points, given.problem) == (None, "")
    text = text_of(given.pages[0].read_text())
    assert "nb.ipynb: the file is not JSON" in text
    assert "Test open could not be graded \u2013 of 2" in text


def test_who_cannot_have_feedback_is_told_of_and_stops_nobody(course: GradedCourse) -> None:
    course.grade("ada", FULL, ANSWERS)
    course.grade("ben", FULL, ANSWERS, source="sha256:another")
    course.grade("cleo", FULL, ANSWERS)
    shutil.rmtree(course.course.autograded("cleo", "ps"))
    course.grade("dan", FULL, ANSWERS)
    write_record(course.root, course.record("eve", FULL))
    next((course.root / "records/ps/dan").iterdir()).write_text("{")
    found = {given.learner: given.problem for given in give(course, "ada", "ben", "cleo", "dan", "eve", "../ada")}
    assert found["ada"] == ""
    assert "graded against another version" in found["ben"]
    assert "nb.ipynb is not there: run `coursewright grade` with --force and --learner cleo." in found["cleo"]
    assert "holds no grade record" in found["dan"]
    assert "eve is not in the gradebook for ps" in found["eve"]
    assert "../ada has no record for ps" in found["../ada"]
    assert [path.name for path in (course.root / "feedback").iterdir()] == ["ada"]


def test_a_page_takes_the_place_of_the_old_one_whole(course: GradedCourse) -> None:
    course.grade("ada", FULL, ANSWERS)
    first = page_of(course)
    assert page_of(course) == first
    assert [str(path.relative_to(course.root)) for path in (course.root / "feedback").rglob("*.*")] == [
        "feedback/ada/ps/nb.html"
    ]


def test_the_page_stands_alone(course: GradedCourse) -> None:
    picture = make.code("plot()")
    picture["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}}
    ]
    course.grade("ada", FULL, ANSWERS, extra=[picture])
    page = page_of(course)
    assert "default-src 'none'; img-src data:; style-src 'sha256-" in unescape(page)
    assert 'alt="Picture made by the code above: &lt;Figure&gt;" src="data:image/png;base64,iVBORw0KGgo="' in page
    assert re.findall(r"<img (?![^>]*alt=)", page) == []
    assert {address.split(",")[0] for address in re.findall(r'src="([^"]*)', page)} == {
        "data:image/svg+xml;base64",
        "data:image/png;base64",
    }


def test_nbgrader_releases_the_pages(tmp_path: Path) -> None:
    from nbgrader.utils import notebook_hash

    (tmp_path / "exchange").mkdir(mode=0o777)
    (tmp_path / "exchange").chmod(0o777)
    config = f"c.Exchange.root = {str(tmp_path / 'exchange')!r}\n"
    course = made.graded_course(tmp_path / "course", config)
    course.grade("ada", FULL, ANSWERS)
    folder = course.course.autograded("ada", "ps")
    (folder / "timestamp.txt").write_text("2026-09-14 12:00:00 UTC")
    (folder / "submission_secret.txt").write_text("s3cret")
    page = page_of(course)
    nbgrader(course.root, "release_feedback", "ps")
    released = tmp_path / "exchange/c101/feedback" / f"{notebook_hash(secret='s3cret', notebook_id='nb')}.html"
    assert released.read_text("utf-8") == page
