"""The page on some assignments: with and without a ``course.toml``, in a browser, and whatever learners write."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from authoring.errors import CoursewrightError
from autograder.files import write_record
from autograder.record import CellKind, GradeRecord, Outcome, RecordFinding
from coursewright import timings
from coursewright.report.class_facts import class_facts
from coursewright.report.messages import common_messages, normalised
from coursewright.report.page import class_page
from tests.a_browser import running_browser
from tests.coursewright.conftest import Run
from tests.coursewright.test_report import HOSTILE, SET, Outline, cell, failed, record

pytestmark = pytest.mark.integration  # it draws again and again

COURSES = Path(__file__).parents[2] / "courses"


def wrong(learner: str, number: float, name: str) -> GradeRecord:
    first = cell(score=0.0, message=f"AssertionError: {number} is not 3")
    return record(learner, first, cell("t_range", 0.0, message=f"NameError: name '{name}'"))


RECORDS = (
    record("ada", cell(score=2.0), cell("t_range", 1.0)),
    wrong("bea", 2.5, "x"),
    wrong("cyd", 7, "y"),
    record("dan", cell(score=2.0), cell("m_why", None, 4.0, kind=CellKind.MANUAL)),
    failed("eve", f"problem-set.ipynb: {HOSTILE}"),
    record("fay", cell(score=0.0, message=HOSTILE), findings=(RecordFinding(rule="stopped", message=HOSTILE),)),
)


@pytest.fixture(params=["course", "plain"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The sample course with a few records, and the same as a course that nobody described."""
    made = tmp_path / "mpc"
    shutil.copytree(COURSES / "mpc", made, ignore=shutil.ignore_patterns("gradebook.db", "items", "exam"))
    for each in RECORDS:
        write_record(made, each)
    timings.keep(made, SET, {each.learner: 0.2 for each in RECORDS}, seconds=1.5, workers=2)
    if request.param == "plain":
        (made / "course.toml").unlink()
    return made


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("AssertionError: 2.91 is not 2.88 within 1e-3", "AssertionError: # is not # within #"),
        ("NameError: name 'valeus' is not defined", "NameError: name \u2018\u2026\u2019 is not defined"),
        ("FileNotFoundError: /tmp/x1/data.csv", "FileNotFoundError: \u2026"),
        ("x2 is wrong in t_2 for -3", "x2 is wrong in t_2 for #"),
        ("no such thing", "no such thing"),
    ],
)
def test_messages_are_the_same_but_for_names_numbers_and_paths(message: str, text: str) -> None:
    assert normalised(message) == text


def test_a_learner_is_counted_once_for_each_kind_of_message() -> None:
    said = ["AssertionError: 2 is not 3", "AssertionError: 4 is not 3"]
    both = record("ada", cell(score=0.0, message=said[0]), cell("t_range", 0.0, message=said[1]))
    other = record("bea", cell(score=0.0, message=said[1]), cell("t_range", 2.0, message="ignored: full marks"))
    (found,) = common_messages([both, other])
    assert (found.text, found.learners, found.cells) == ("AssertionError: # is not #", 2, ("t_mean", "t_range"))
    assert found.example == said[1]


def test_what_is_said_of_an_assignment(root: Path) -> None:
    facts = class_facts(root, SET)
    (only,) = facts.assignments
    assert (only.graded, only.waiting, [each.learner for each in only.failed]) == (4, ("dan",), ["eve"])
    assert [(each.text, each.learners) for each in only.messages][:2] == [
        ("AssertionError: # is not #", 2),
        ("NameError: name \u2018\u2026\u2019", 2),
    ]
    assert [task.learners for task in facts.tasks] == [("eve",), ("dan",)]
    assert only.time is not None
    assert (only.time.submissions, only.time.seconds, len(only.time.learners)) == (6, 1.5, 6)
    described = (root / "course.toml").is_file()
    assert (only.pass_points is not None, only.week is not None) == (described, described)


def test_the_page_is_sound_and_what_learners_write_is_text(root: Path) -> None:
    text = class_page(class_facts(root, SET))
    outline = Outline(text)
    assert outline.tags["script"] == outline.tags["img"] == 0
    assert "<script" not in text
    assert "&lt;script&gt;alert(&#39;x&#39;)" in text
    assert outline.levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))
    assert outline.headers_without_scope == outline.pictures_without_name == 0
    assert outline.targets <= set(outline.ids)
    assert [name for name, times in outline.ids.items() if times > 1] == []
    assert outline.addresses == []
    for label in ("learners", "submissions", "computing time of a submission (s)", "score (points of 18"):
        assert label in text


def test_a_learner_may_be_called_anything(root: Path) -> None:
    name = '"><img src=x onerror=alert(1)>'
    write_record(root, record(name, cell("t_mean", None, 4.0)))
    outline = Outline(class_page(class_facts(root, SET)))
    assert outline.tags["img"] == outline.tags["script"] == 0
    assert name in outline.ids
    assert name in outline.targets


def test_a_learner_who_is_excused_has_that_word_and_no_zero(root: Path) -> None:
    row = "gil,week01-problem-set,,,,yes,ill"
    (root / "arrangements.csv").write_text(f"learner,assignment,until,extra_hours,late_policy,excused,reason\n{row}\n")
    columns = "learner,track,verified_at,verification,email,refunded_at"
    lines = "".join(f"{name},audit,,,,\n" for name in ("ada", "bea", "cyd", "dan", "eve", "fay", "gil"))
    (root / "enrolments.csv").write_text(f"{columns}\n{lines}")
    (found,) = [one for one in class_facts(root, SET).rows if one.id == "gil"]
    described = (root / "course.toml").is_file()
    assert found.work[0].word == ("excused" if described else "nothing handed in")


def test_a_run_that_graded_nothing_anew_leaves_the_times_as_they_are(root: Path) -> None:
    before = timings.read(root)
    timings.keep(root, SET, {}, seconds=0.1, workers=1)
    assert timings.read(root) == before
    (root / ".coursewright/timings" / f"{SET}.json").write_text("{")
    assert timings.read(root) == {}


def test_what_was_not_graded_is_said(root: Path) -> None:
    with pytest.raises(CoursewrightError, match="did you mean `week01-problem-set`"):
        class_facts(root, "week1-problem-set")
    shutil.rmtree(root / "records")
    with pytest.raises(CoursewrightError, match="nothing was graded yet"):
        class_facts(root)


def test_the_command_writes_the_page_and_says_what_needs_a_person(root: Path, run: Run, tmp_path: Path) -> None:
    done = run("report", root, SET)
    assert done.status == 0
    assert [line.split(":")[-1].strip() for line in done.out.splitlines()[:2]] == [
        "cannot be graded",
        "free text waits for a mark",
    ]
    assert (tmp_path / f"{SET}.html").read_text().startswith("<!doctype html>")
    assert run("report", root, "--out", "all.html").out.endswith("all.html holds the whole report.\n")
    assert "Commonest errors" in (tmp_path / "all.html").read_text()
    assert run("report", root, "none").status == 1


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as opened:
        yield opened


@pytest.mark.parametrize("width", [360, 1280])
def test_in_a_browser_nothing_runs_is_fetched_or_sticks_out(
    root: Path, tmp_path: Path, browser: Browser, width: int
) -> None:
    path = tmp_path / "page.html"
    path.write_text(class_page(class_facts(root, SET)), "utf-8")
    heard: list[str] = []
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.on("console", lambda message: heard.append(message.text))
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    page.on("request", lambda request: heard.append(request.url))
    page.goto(path.as_uri())
    assert heard == [path.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_records_of_learners_whom_nobody_enrolled_are_shown(root: Path) -> None:
    stranger: GradeRecord = record("zoe", cell(), outcome=Outcome.GRADED)
    write_record(root, stranger)
    assert "zoe" in [row.id for row in class_facts(root, SET).rows]
