"""Arrangements and groups in a batch: whose lateness costs what, one submission for several, and nbgrader's export."""

import json
import shutil
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from authoring.errors import CoursewrightError
from autograder.batch import plan, run
from tests.autograder.nbgrader_oracle import export, rows
from tests.autograder.small_course import ONE_DAY_LATE, grade, hand_in, make_course

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")]

ARRANGEMENTS = "learner,assignment,until,extra_hours,late_policy,excused,reason\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("small") / "small")


@pytest.fixture
def course(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "course")
    return tmp_path / "course"


def late(root: Path, *learners: str) -> None:
    for learner in learners:
        hand_in(root, learner, stamp=ONE_DAY_LATE)


def test_each_learner_is_late_by_what_was_arranged_and_nbgrader_exports_the_same(course: Path) -> None:
    late(course, "ada", "ben", "cleo", "dan", "eve")
    (course / "arrangements.csv").write_text(
        ARRANGEMENTS + "ben,ps,2026-09-22T18:00,,,,ill\n"  # 22:00 UTC, to the second
        "cleo,all,,2,,,accommodation\n"
        "dan,ps,,,waived,,the server was down\n"
        "eve,ps,,,,yes,family\n"
    )
    records = grade(course)
    penalties = {learner: record.late_penalty for learner, record in records.items()}
    assert penalties == {"ada": 0.7, "ben": 0.0, "cleo": 0.7, "dan": 0.0, "eve": 0.0}
    exported = export(course)
    for learner, record in records.items():
        assert float(exported[learner]["late_submission_penalty"]) == record.late_penalty
        assert float(exported[learner]["score"]) == pytest.approx(record.score - record.late_penalty)


def test_a_changed_arrangement_counts_the_next_time_without_running_anything_again(course: Path) -> None:
    late(course, "ada")
    assert grade(course)["ada"].late_penalty == 0.7
    (course / "arrangements.csv").write_text(ARRANGEMENTS + "ada,ps,,24,,,ill\n")
    (again,) = run(plan(course, "ps"), workers=1)
    assert (again.reused, again.record.late_penalty) == (True, 0.0)
    assert rows(course, "SELECT late_submission_penalty FROM submitted_notebook") == [(None,)]


def test_an_nbgrader_course_has_arrangements_on_top_of_its_own_due_time_and_extensions(course: Path) -> None:
    (course / "course.toml").unlink()
    (course / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "from nbgrader.plugins import BasePlugin\n"
        "class OnePoint(BasePlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
        "        return 1.0\n"
        "c.AssignLatePenalties.plugin_class = OnePoint\n"
    )
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        book.update_or_create_assignment("ps", duedate="2026-09-22 16:00:00")
    late(course, "ada", "ben")
    (course / "arrangements.csv").write_text(ARRANGEMENTS + "ben,ps,2026-09-22T22:00Z,,,,ill\n")
    assert {learner: record.late_penalty for learner, record in grade(course).items()} == {"ada": 1.0, "ben": 0.0}


@pytest.mark.parametrize(
    ("enrolled", "said"),
    [
        (True, 'there is no learner "adda" (did you mean `ada`?); correct the id, or add the enrolment to enrolments'),
        (False, 'there is no learner "adda" (did you mean `ada`?); correct the id, or add the learner with `nbgrader'),
    ],
)
def test_nobody_is_graded_while_an_arrangement_names_nobody(course: Path, enrolled: bool, said: str) -> None:
    hand_in(course, "ada")
    (course / "arrangements.csv").write_text(ARRANGEMENTS + "adda,ps,,24,,,ill\n")
    if enrolled:
        columns = "learner,track,verified_at,verification,email,refunded_at"
        (course / "enrolments.csv").write_text(f"{columns}\nada,audit,,,,\n")
    with pytest.raises(CoursewrightError) as caught:
        grade(course)
    assert said in str(caught.value)
    assert not (course / "records").exists()


# Groups ------------------------------------------------------------------------------------------------------------


def groups(root: Path, *rows: str) -> None:
    (root / "groups.csv").write_text("assignment,group,learner\n" + "\n".join(rows) + "\n")


def test_a_group_has_one_score_a_record_and_a_gradebook_row_for_each(course: Path) -> None:
    late(course, "ada", "eve")
    (course / "enrolments.csv").write_text(
        "learner,track,verified_at,verification,email,refunded_at\n"
        + "".join(f"{learner},audit,,,,\n" for learner in ("ada", "ben", "cleo", "eve"))
    )
    groups(course, "ps,red,cleo", "ps,red,ada", "ps,red,ben")
    records = grade(course)
    assert set(records) == {"ada", "ben", "cleo", "eve"}
    assert {records[learner].attempt for learner in ("ada", "ben", "cleo")} == {records["ada"].attempt}
    assert {(record.score, record.late_penalty) for record in records.values()} == {(7.0, 0.7)}
    (remark,) = records["ben"].findings
    assert (remark.rule, remark.message) == ("group-submission", "ada handed in for the group red (ada, ben, cleo)")
    assert records["eve"].findings == ()
    exported = export(course)
    assert {exported[learner]["raw_score"] for learner in ("ada", "ben", "cleo")} == {"7.0"}
    assert (course / "autograded/cleo/ps/nb.ipynb").is_file()
    before = (course / "records/ps/ben").glob("*.json")
    texts = [path.read_bytes() for path in before]
    assert all(one.reused for one in run(plan(course, "ps"), workers=1))
    assert [path.read_bytes() for path in (course / "records/ps/ben").glob("*.json")] == texts


def test_the_last_submission_of_a_group_counts_and_the_others_are_named(course: Path) -> None:
    hand_in(course, "ada", "x = 2", "2026-09-20 12:00:00 UTC")
    hand_in(course, "ben", "x = 1", "2026-09-21 12:00:00 UTC")
    (course / "submitted/cleo/ps").mkdir(parents=True)  # without a notebook it is none
    groups(course, "ps,red,ada", "ps,red,ben", "ps,red,cleo")
    records = grade(course)
    assert {learner: record.score for learner, record in records.items()} == {"ada": 0.0, "ben": 0.0, "cleo": 0.0}
    assert "what ada and cleo handed in does not count" in records["ada"].findings[0].message


def test_a_learner_who_joins_a_group_gets_its_record_and_the_own_one_is_superseded(course: Path) -> None:
    for learner, source in (("ada", "x = 2"), ("ben", "x = 1")):
        hand_in(course, learner, source)
    alone = grade(course)["ben"]
    assert alone.score == 0.0
    shutil.rmtree(course / "submitted/ben")
    (course / "groups.csv").write_text("assignment,group,learner\nps,red,ada\nps,red,ben\n")
    assert grade(course)["ben"].score == 7.0
    (path,) = (course / "superseded/ps/ben").glob("*.json")
    assert json.loads(path.read_text())["attempt"] == alone.attempt


def test_of_a_group_everybody_has_the_extension_that_one_of_them_has(course: Path) -> None:
    late(course, "ada", "ben")
    groups(course, "ps,red,ada", "ps,red,ben")
    (course / "arrangements.csv").write_text(ARRANGEMENTS + "ben,ps,,24,,,ill\n")
    assert {record.late_penalty for record in grade(course).values()} == {0.0}


def test_a_mark_for_one_of_a_group_is_everybodys(course: Path) -> None:
    for learner in ("ada", "ben"):
        hand_in(course, learner)
    groups(course, "ps,red,ada", "ps,red,ben")
    grade(course)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:  # as Formgrader does
        book.find_grade("e", "nb", "ps", "ada").manual_score = 2.5
        book.find_comment("e", "nb", "ps", "ada").manual_comment = "Good."
        book.db.commit()
    assert {learner: record.score for learner, record in grade(course).items()} == {"ada": 9.5, "ben": 9.5}
    assert {row["raw_score"] for row in export(course).values()} == {"9.5"}
    assert rows(course, "SELECT manual_comment FROM comment WHERE manual_comment IS NOT NULL") == [("Good.",)] * 2


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["ps,red,ada", "ps,blue,ada"], "row 3, column learner: row 2 has ada in a group for this assignment already"),
        (["ps,red,adda"], 'row 2, column learner: there is no learner "adda"'),
        (["pss,red,ada"], 'row 2, column assignment: there is no assignment "pss" (did you mean `ps`?)'),
        (["ps,,ada"], "row 2, column group: the group's name is missing"),
    ],
)
def test_a_group_that_cannot_be_is_named(course: Path, lines: list[str], said: str) -> None:
    hand_in(course, "ada")
    groups(course, *lines)
    with pytest.raises(CoursewrightError) as caught:
        plan(course, "ps")
    assert said in str(caught.value)
