"""Marking at a real pseudo-terminal, and in a script."""

import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

from autograder import journal
from autograder.record import read_records
from tests.autograder.small_course import grade, hand_in, make_course
from tests.coursewright.conftest import Run

pytestmark = pytest.mark.integration

HOSTILE = "\x1b[2J\x1b]0;owned\x07 Because."
RUBRIC = """schema = 1
[[questions]]
cell = "e"
notes = "Be kind."
[[questions.items]]
id = "reason"
text = "It gives a reason."
points = 2
[[questions.items]]
id = "source"
text = "It names a source."
points = 1
[[questions.comments]]
id = "why"
text = "Why is that so?"
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_course(tmp_path_factory.mktemp("small") / "small")
    (root / "rubrics").mkdir()
    (root / "rubrics/ps.toml").write_text(RUBRIC)
    for learner in ("ada-lovelace", "ben-okri", "cleo-laine"):
        hand_in(root, learner, text=HOSTILE)
    grade(root)
    return root


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    shutil.copytree(graded, tmp_path / "course")
    return tmp_path / "course"


@pytest.fixture
def sit_down(course: Path) -> Iterator[Callable[[], "pexpect.spawn[str]"]]:
    """Starts the command at a terminal."""
    begun = []

    def start() -> "pexpect.spawn[str]":
        arguments = ["-m", "coursewright", "mark", str(course), "ps", "--by", "grace"]
        begun.append(pexpect.spawn(sys.executable, arguments, encoding="utf-8", timeout=30, dimensions=(40, 100)))
        return begun[-1]

    yield start
    for child in begun:
        child.close(force=True)


def scores(root: Path) -> list[float | None]:
    """The points of the essays in the order of the learners."""
    return [record.cells[1].score for record in read_records(root / "records")]


def given(root: Path) -> list[tuple[float | None, str, list[str]]]:
    return [(entry["points"], entry["comment"], entry["items"]) for entry in journal.read(root / "marks/ps.jsonl")]


def test_a_sitting_from_the_first_answer_to_the_last(
    course: Path, sit_down: Callable[[], "pexpect.spawn[str]"]
) -> None:
    child = sit_down()
    child.expect_exact("== e (nb), 3 points ==")
    child.expect_exact("Say why x is 2.")
    child.expect_exact("all of it")
    child.expect_exact("Be kind.")
    child.expect_exact("-- Answer 1 of 3 --")
    child.expect_exact("\\x1b[2J\\x1b]0;owned\\x07 Because.")  # shown, not obeyed
    child.expect_exact("+2  It gives a reason.")
    child.send("\r")
    child.expect_exact("Nothing was given yet")
    child.send("1")
    child.expect_exact("2 of 3 points, items 1")
    child.send("2")
    child.expect_exact("3 of 3 points, items 1 2")
    child.send("1")
    child.expect_exact("1 of 3 points, items 2")
    child.send("c")
    child.expect_exact("1  Why is that so?")
    child.expect_exact("nothing: no comment): ")
    child.sendline("1")
    child.expect_exact("1 of 3 points, items 2, 1 comment")
    child.send("\r")
    child.expect_exact("-- Answer 2 of 3 --")
    assert given(course) == [(1.0, "Why is that so?", ["source"])]  # at once
    child.send("b")
    child.expect_exact("The last mark was taken back.")
    child.expect_exact("-- Answer 1 of 3 --")
    child.send("p")
    child.expect_exact("points, 0 to 3")
    child.sendline("2.5")
    child.expect_exact("2.5 of 3 points")
    child.send("\r")
    child.expect_exact("-- Answer 2 of 3 --")
    child.send("s")
    child.expect_exact("-- Answer 2 of 3 --")
    child.send("q")
    child.expect_exact("1 answer marked, 2 to go")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert sorted(scores(course), key=str) == [2.5, None, None]
    assert given(course)[1:] == [(None, "", []), (2.5, "", [])]


def test_no_name_is_shown(course: Path, sit_down: Callable[[], "pexpect.spawn[str]"]) -> None:
    child = sit_down()
    for _ in range(3):
        child.expect_exact("-- Answer ")
        child.send("s")
    child.expect(pexpect.EOF)
    seen = child.before or ""
    assert not any(name in seen for name in ("lovelace", "okri", "laine"))
    assert "0 answers marked, 3 to go" in seen


def test_a_session_that_is_killed_loses_nothing(course: Path, sit_down: Callable[[], "pexpect.spawn[str]"]) -> None:
    child = sit_down()
    child.expect_exact("-- Answer 1 of 3 --")
    child.send("1\r")
    child.expect_exact("-- Answer 2 of 3 --")
    child.kill(signal.SIGKILL)
    child.expect(pexpect.EOF)
    assert sorted(scores(course), key=str) == [2.0, None, None]
    again = sit_down()
    again.expect_exact("-- Answer 2 of 3 --")
    again.send("q")
    again.expect(pexpect.EOF)


def test_a_script_sees_what_waits_and_gives_marks(course: Path, run: Run) -> None:
    listed = run("mark", course, "ps", "--json").json
    assert [(one["question"], one["answer"]) for one in listed["waiting"]] == [("e", HOSTILE)] * 3
    assert listed["summary"] == [{"question": "nb:e", "waiting": 3, "marked": 0}]
    said = run("mark", course, "ps", "--learner", "ben-okri", "--rubric", "reason", "--comment", "why")
    assert said.out == "ben-okri, e: 2 of 3 points.\n"
    done = run("mark", course, "ps", "--learner", "ada-lovelace", "--points", "1.5", "--comment", "No.", "--json").json
    assert done == {"learners": ["ada-lovelace"], "question": "e", "points": 1.5, "comment": "No."}
    assert scores(course) == [1.5, 2.0, None]
    assert given(course) == [(2.0, "Why is that so?", ["reason"]), (1.5, "No.", [])]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--learner", "ben-okri"], "say how many --points the answer earns"),
        (["--learner", "ben-okri", "--points", "4"], "4 points are not between 0 and 3"),
        (["--learner", "ben-okri", "--rubric", "resaon"], 'has no item "resaon" (did you mean `reason`?)'),
        (["--learner", "ben-okri", "--points", "1", "--question", "ee"], 'called "ee" (did you mean `e`?)'),
        (["--learner", "ben", "--points", "1"], "ben has no graded answer to e of ps"),
        (["--points", "1"], "say --learner and --question with it"),
        ([], "this is no terminal"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(course: Path, run: Run, options: list[str], said: str) -> None:
    done = run("mark", course, "ps", *options)
    assert (done.status, done.out) == (1, "")
    assert said in done.err
    assert scores(course) == [None] * 3
