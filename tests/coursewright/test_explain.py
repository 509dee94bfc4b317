"""``coursewright explain``: the whole computation of one grade; ``coursewright duplicates``: who may be one person."""

import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from authoring.course import LatePolicy, LateRule
from autograder.arrangements import Terms
from autograder.late import late_penalty
from autograder.record import GradeRecord, Outcome, to_json
from coursewright.explained import how_late

pytestmark = pytest.mark.integration  # nbgrader is slow to import

COURSE = Path(__file__).parents[2] / "courses" / "mpc"
HEADER = "learner,track,verified_at,verification,email,refunded_at\n"
ADA = "ada,verified,2026-09-20T12:00:00Z,idv:1,ada@example.org,\n"
DUE = datetime(2026, 9, 22, 16, tzinfo=UTC)  # 12:00 in New York


def record(folder: Path, assignment: str, score: float, penalty: float = 0.0) -> None:
    made = GradeRecord(
        course="mpc",
        assignment=assignment,
        learner="ada",
        attempt=f"sha256:{assignment}",
        source="sha256:s",
        environment="sha256:e",
        grader="coursewright 0.1.0",
        outcome=Outcome.GRADED,
        score=score,
        max_score=18.0,
        late_penalty=penalty,
    )
    path = folder / "records" / assignment / "ada" / "1.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(to_json(made))


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The sample course with what ada did: the first problem set late, the second in time by an arrangement."""
    folder = tmp_path / "mpc"
    shutil.copytree(COURSE, folder)
    (folder / "enrolments.csv").write_text(HEADER + ADA + "bob,audit,,,bob@example.org,\n")
    (folder / "arrangements.csv").write_text(
        "learner,assignment,until,extra_hours,late_policy,excused,reason\nada,week02-problem-set,,48,,,ill\n"
    )
    record(folder, "week01-problem-set", 16.0, 3.2)
    record(folder, "week02-problem-set", 9.0)
    for assignment, moment in (("week01-problem-set", "2026-09-23 17:30"), ("week02-problem-set", "2026-10-01 15:00")):
        place = folder / "submitted" / "ada" / assignment
        place.mkdir(parents=True)
        (place / "timestamp.txt").write_text(f"{moment}:00.000000 UTC")
    return folder


def test_the_whole_computation_is_told_in_plain_words(course, run):
    done = run("explain", course, "ada")
    assert done.status == 0
    assert done.out.splitlines() == [
        "ada in Manufacturing Process Control (2026T3)",
        "Problem sets, 50 % of the grade:",
        "  week01-problem-set: 16 of 18 points less 3.2 for being late, 71.11 %",
        (
            "    due 2026-09-22 12:00 EDT; handed in 2026-09-23 13:30 EDT, late by 1 day and 1 hour: "
            "each of 2 started days takes 10 % of what was earned"
        ),
        "  week02-problem-set: 9 of 18 points, 50 %",
        "    due 2026-10-01 12:00 EDT, by arrangement (ill); handed in 2026-10-01 11:00 EDT, in time",
        "  share: (71.11 % + 50 %) / 2 = 60.55 %",
        "Proctored final exam, 50 % of the grade:",
        "  final-exam: the exam was not sat, which earns nothing",
        "  share: 0 %",
        "Course grade: 50 % x 60.55 % + 50 % x 0 % = 30.27 %.",
        "30.27 % is below the pass mark of 60 %: not passed.",
        "Standing: verified at 2026-09-20 12:00:00 UTC, by the deadline of 2026-10-13 03:59:00 UTC.",
    ]


def test_an_excuse_is_told_with_its_reason(course, run):
    (course / "arrangements.csv").write_text(
        "learner,assignment,until,extra_hours,late_policy,excused,reason\nada,week01-problem-set,,,,yes,family\n"
    )
    out = run("explain", course, "ada").out
    assert "  week01-problem-set: excused, does not count\n    due 2026-09-22 12:00 EDT, by arrangement (family)" in out
    assert "  share: 50 %" in out


def test_as_json_it_is_the_grade_with_every_part(course, run):
    found = run("explain", course, "ada", "--json").json
    assert found["grade"]["grade"] == "0.3027777777"
    assert found["grade"]["missing"] == ["final-exam"]
    assert found["times"]["week02-problem-set"].startswith("due 2026-10-01")


def test_audit_learners_are_explained_too(course, run):
    assert "Standing: on the audit track, which never counts" in run("explain", course, "bob").out


@pytest.mark.parametrize("learner", ["adda", "../../etc", ""])
def test_whom_nobody_knows_has_no_grade(course, run, learner):
    done = run("explain", course, learner)
    assert (done.status, done.out) == (1, "")
    assert "there is no learner" in done.err


PER_DAY = LatePolicy(rule=LateRule.PER_DAY, grace_minutes=30, per_day=Decimal("0.1"), cut_off_days=5)


@pytest.mark.parametrize(
    ("policy", "late", "waived", "said", "points"),
    [
        (PER_DAY, timedelta(0), False, "in time", 0),
        (PER_DAY, timedelta(minutes=30), False, "within the grace of 30 minutes", 0),
        (PER_DAY, timedelta(minutes=31), False, "the one started day takes 10 %", 1),
        (PER_DAY, timedelta(days=1), False, "the one started day takes 10 %", 1),
        (PER_DAY, timedelta(days=4, seconds=1), False, "each of 5 started days takes 10 %", 5),
        (PER_DAY, timedelta(days=5, seconds=1), False, "after 5 days late work counts nothing", 10),
        (PER_DAY, timedelta(days=5, seconds=1), True, "which is waived", 0),
        (LatePolicy(rule=LateRule.CUT_OFF), timedelta(seconds=1), False, "late work counts nothing", 10),
        (LatePolicy(), timedelta(days=99), False, "which costs nothing", 0),
        (LatePolicy(cut_off_days=2), timedelta(days=3), False, "after 2 days late work counts nothing", 10),
    ],
)
def test_what_is_said_of_lateness_is_what_is_charged(policy, late, waived, said, points):
    assert said in how_late(policy, Terms(due=DUE, waived=waived), DUE + late)
    assert waived or late_penalty(policy, 10.0, DUE, DUE + late) == points


# Duplicates


def test_accounts_that_may_be_one_persons_are_reported_and_nothing_is_decided(tmp_path, run):
    rows = (
        ADA
        + "ada2,audit,,,ADA+second@example.org,\n"
        + "a3,verified,2026-09-20T12:00:00Z,idv:1,else@example.org,\n"
        + "bob,audit,,,b.o.b@gmail.com,\n"
        + "bert,audit,,,bob@googlemail.com,\n"
        + "cleo,audit,,,,\ndan,audit,,,,\n"
    )
    (tmp_path / "enrolments.csv").write_text(HEADER + rows)
    done = run("duplicates", tmp_path)
    assert done.status == 1
    assert [line.split("  ")[0] for line in done.out.splitlines()[1:4]] == ["ada, a3", "ada, ada2", "bob, bert"]
    assert done.out.splitlines()[-1] == "7 accounts, 3 suspicions; nothing is decided here."
    assert (tmp_path / "enrolments.csv").read_text() == HEADER + rows


def test_one_account_in_two_runs_is_one_person(tmp_path, run):
    for name in ("spring", "autumn"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "enrolments.csv").write_text(HEADER + ADA)
    done = run("duplicates", tmp_path / "spring", tmp_path / "autumn", "--json")
    assert (done.status, done.json) == (0, {"learners": 1, "suspected": []})


def test_two_accounts_in_two_runs_are_seen(tmp_path, run):
    for name, learner in (("spring", "ada"), ("autumn", "ada2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "enrolments.csv").write_text(HEADER + ADA.replace("ada,", f"{learner},"))
    found = run("duplicates", tmp_path / "spring", tmp_path / "autumn", "--json").json["suspected"]
    assert [each["learners"] for each in found] == [["ada", "ada2"], ["ada", "ada2"]]
