"""Marks given to answers that wait: where they end up, that they last, and in what order answers come."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from authoring import nbgrader_api
from authoring.errors import CoursewrightError
from autograder import journal
from autograder.manual_marks import Given
from autograder.marking import Answer, Marking, Signed, answer_of, answers, give, open_marking
from autograder.questions import answer_text, find_question, questions
from autograder.record import CellOutcome, GradeRecord, Outcome, read_records, to_json
from tests.autograder import notebooks as make
from tests.autograder.nbgrader_oracle import rows
from tests.autograder.small_course import ONE_DAY_LATE, grade, hand_in, make_course, write_source

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")]

LEARNERS = ("ada", "ben", "cleo", "dan", "eve", "fay")
NOW = Signed("grace", datetime(2026, 9, 23, 9, tzinfo=UTC))


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_course(tmp_path_factory.mktemp("small") / "small")
    for learner in LEARNERS:
        hand_in(root, learner, text=f"{learner} says so.")
    hand_in(root, "empty", text="YOUR ANSWER HERE")
    (root / "submitted/none/ps").mkdir(parents=True)
    grade(root)
    return root


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    shutil.copytree(graded, tmp_path / "course")
    return tmp_path / "course"


@pytest.fixture
def marking(course: Path) -> Marking:
    return open_marking(course, "ps")


def record(root: Path, learner: str) -> GradeRecord:
    (found,) = read_records(root / "records/ps" / learner)
    return found


def row(root: Path) -> list[tuple[object, ...]]:
    """The essays in the gradebook: learner, mark, whether it waits, and comment."""
    return rows(
        root,
        "SELECT student_id, manual_score, needs_manual_grade, manual_comment FROM grade"
        " JOIN base_cell ON grade.cell_id = base_cell.id"
        " JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id"
        " JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id"
        " JOIN comment ON comment.notebook_id = grade.notebook_id JOIN base_cell b ON comment.cell_id = b.id"
        " WHERE base_cell.name = 'e' AND b.name = 'e' AND base_cell.type = 'GradeCell' ORDER BY 1",
    )


def waiting(marking: Marking) -> list[str]:
    return [answer.learner for answer in answers(marking, marking.questions[0])[0]]


def test_what_was_asked_and_what_a_full_answer_says_come_from_the_source(marking: Marking) -> None:
    (question,) = marking.questions
    assert (question.name, question.max_score) == ("nb:e", 3.0)
    assert "all of it" in question.reference
    assert answer_text(marking.course, "ps", "ada", question) == "ada says so."


def test_answers_come_in_an_order_that_is_always_the_same_and_not_the_names(course: Path, marking: Marking) -> None:
    assert sorted(waiting(marking)) == sorted(LEARNERS)
    assert waiting(marking) == waiting(open_marking(course, "ps"))
    assert waiting(marking) != sorted(LEARNERS)


def test_what_was_not_touched_or_not_handed_in_waits_for_nobody(marking: Marking) -> None:
    assert {"empty", "none"} & set(waiting(marking)) == set()


def test_a_mark_is_in_the_gradebook_and_in_the_record_at_once(course: Path, marking: Marking) -> None:
    answer = answer_of(marking, marking.questions[0], "ada")
    assert give(marking, answer, Given(2.5, "Good."), NOW) == Given(None, "")
    assert row(course)[0] == ("ada", 2.5, 0, "Good.")
    found = record(course, "ada")
    assert (found.outcome, found.score) == (Outcome.GRADED, 9.5)
    assert [cell.outcome for cell in found.cells] == [CellOutcome.PASSED, CellOutcome.MANUAL]
    assert "ada" not in waiting(marking)
    assert answers(marking, marking.questions[0])[1] == 1
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        submission = book.find_submission("ps", "ada")
        assert (submission.score, submission.needs_manual_grade) == (9.5, False)


def test_the_record_is_the_one_that_grading_again_writes(course: Path, marking: Marking) -> None:
    hand_in(course, "ada", stamp=ONE_DAY_LATE, text="ada says so.")
    grade(course)
    give(marking, answer_of(marking, marking.questions[0], "ada"), Given(2.5, "Good."), NOW)
    found = record(course, "ada")
    assert (found.score, found.late_penalty) == (9.5, 0.95)
    penalties = rows(course, "SELECT late_submission_penalty FROM submitted_notebook WHERE late_submission_penalty > 0")
    assert penalties == [(0.95,)]
    assert to_json(grade(course)["ada"]) == to_json(found)


def test_a_mark_survives_every_kind_of_regrade(course: Path, marking: Marking) -> None:
    give(marking, answer_of(marking, marking.questions[0], "ada"), Given(2.5, "Good."), NOW)
    for change in ("nothing", "force", "test", "gradebook row of another"):
        if change == "test":
            write_source(course, "assert x == 3")
        if change.startswith("gradebook"):
            hand_in(course, "ben", text="ben says more.")
        assert grade(course, force=change == "force")["ada"].cells[1].score == 2.5, change
        assert row(course)[0][1] == 2.5
        assert row(course)[0][3] == "Good."


def test_a_mark_can_be_taken_back_and_leaves_no_trace_but_in_the_journal(course: Path, marking: Marking) -> None:
    before, answer = to_json(record(course, "ada")), answer_of(marking, marking.questions[0], "ada")
    assert give(marking, answer, Given(2.5, "Good."), NOW) == Given(None, "")
    assert give(marking, answer, Given(None, ""), NOW) == Given(2.5, "Good.")
    assert to_json(record(course, "ada")) == before
    assert row(course)[0] == ("ada", None, 1, None)
    kept = journal.read(course / "marks/ps.jsonl")
    assert [(entry["points"], entry["comment"], entry["by"]) for entry in kept] == [
        (2.5, "Good.", "grace"),
        (None, "", "grace"),
    ]


@pytest.mark.parametrize("points", [-0.5, 3.5, float("nan")])
def test_points_that_the_cell_does_not_have_are_refused(course: Path, marking: Marking, points: float) -> None:
    answer = answer_of(marking, marking.questions[0], "ada")
    with pytest.raises(CoursewrightError, match="are not between 0 and 3"):
        give(marking, answer, Given(points), NOW)
    assert row(course)[0] == ("ada", None, 1, None)


def test_an_answer_that_was_handed_in_again_meanwhile_gets_no_mark(course: Path, marking: Marking) -> None:
    answer = answer_of(marking, marking.questions[0], "ada")
    hand_in(course, "ada", text="ada says something else.")
    grade(course)
    with pytest.raises(CoursewrightError, match="no longer the one that was shown"):
        give(marking, answer, Given(1.0), NOW)
    assert row(course)[0] == ("ada", None, 1, None)


def test_what_formgrader_marked_is_not_asked_again(course: Path, marking: Marking) -> None:
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        book.find_grade("e", "nb", "ps", "ben").manual_score = 1.0
        book.db.commit()
    assert "ben" not in waiting(marking)


def test_an_answer_of_a_group_is_asked_once_and_marked_for_everybody(course: Path) -> None:
    (course / "groups.csv").write_text("assignment,group,learner\nps,red,ada\nps,red,ben\n")
    grade(course)
    marking = open_marking(course, "ps")
    assert len(set(waiting(marking)) & {"ada", "ben"}) == 1
    give(marking, answer_of(marking, marking.questions[0], "ada"), Given(2.0), NOW)
    assert {record(course, learner).score for learner in ("ada", "ben")} == {9.0}
    assert [one[1] for one in row(course)[:2]] == [2.0, 2.0]


def test_what_a_learner_does_below_a_task_is_its_answer(tmp_path: Path) -> None:
    scheme = "### BEGIN MARK SCHEME\n- a plan\n### END MARK SCHEME"
    test = make.check("t", "1")
    make.write(tmp_path / "source/ps/nb.ipynb", make.notebook(make.task("k", f"Plan it.\n{scheme}"), test))
    course = nbgrader_api.open_course(tmp_path)
    (question,) = questions(course, "ps")
    assert (question.asked, question.reference, question.is_task) == ("Plan it.", "- a plan", True)
    done = make.notebook(make.task("k", "Plan it."), make.text("First this."), make.code("print(1)"), test)
    make.write(tmp_path / "autograded/ada/ps/nb.ipynb", done)
    assert answer_text(course, "ps", "ada", question) == "First this.\n\nprint(1)"


def test_a_question_that_is_not_there_is_said(marking: Marking) -> None:
    with pytest.raises(CoursewrightError, match=r'called "x" \(known are `e`\)'):
        find_question(marking.questions, "x")
    with pytest.raises(CoursewrightError, match="adda has no graded answer to e of ps"):
        answer_of(marking, marking.questions[0], "adda")


def test_a_mark_for_an_answer_that_the_gradebook_lost_is_refused(course: Path, marking: Marking) -> None:
    lost = Answer("nobody", ("nobody",), "sha256:1", marking.questions[0])
    with pytest.raises(CoursewrightError, match="no longer the one"):
        give(marking, lost, Given(1.0), NOW)
