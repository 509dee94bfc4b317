from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from authoring.program import AchievementType, AllOf, AnyOf, CoursePass, ExamPass, NOf, Program, Requirement, Unknown
from authoring.program_file import read_program
from release import evaluate
from release.eligibility import GradesInHand
from release.entry import ExamEntry, GradeEntry
from release.replay import RecordedGrade
from tests.release.conftest import NOW, D


def exam_entry(score: str = "0.8", exam: str = "final-exam", attempt: int = 1, **changes) -> ExamEntry:
    settings = {
        "exam": exam,
        "attempt": attempt,
        "score": D(score),
        "max_score": D(1),
        "taken_at": datetime(2026, 4, 24, tzinfo=UTC),
        "verified_at": NOW,
        "sitting": "",
    }
    return ExamEntry(**(settings | changes))


def recorded(index: int = 0, grade: str = "0.7", course: str = "mpc", withdrawn: str = "", **changes) -> RecordedGrade:
    settings = {
        "subject": "s",
        "course": course,
        "run": f"run{index}",
        "track": "verified",
        "grade": D(grade),
        "passed": D(grade) >= D("0.6"),
        "pass_mark": D("0.6"),
        "earned_on": date(2026, 4, 26),
        "verification": "",
        "exams": (),
        "records": (),
        "at": NOW,
    }
    return RecordedGrade(index, f"leaf{index}", GradeEntry(**(settings | changes)), withdrawn)


def program(requirement: Requirement) -> Program:
    return Program(
        schema=1,
        id="p",
        title="P",
        description="",
        achievement_type=AchievementType.CERTIFICATE,
        criteria="",
        requirement=requirement,
    )


def decide(requirement: Requirement, *grades: RecordedGrade):
    return evaluate(program(requirement), GradesInHand(grades), "ada")


FINAL = ExamPass(course="mpc", exam="final-exam", minimum_score=D("0.6"), title="Final")
BOTH = AllOf(of=(CoursePass(course="mpc", title="MPC"), FINAL))


def test_every_reason_is_said_when_it_is_met():
    answer = decide(BOTH, recorded(exams=(exam_entry("0.75"),)))
    assert answer.met
    assert [(reason.place, reason.met, reason.text) for reason in answer.reasons] == [
        ("", True, "2 of 2 requirements met, 2 needed"),
        ("1", True, "MPC: passed with 70 % in run run0 (ledger entry 0)"),
        ("2", True, "Final: passed with 75 % in attempt 1 of run run0, taken 2026-04-24 (ledger entry 0)"),
    ]
    assert answer.missing == ()
    assert [(each.score, each.entry, each.exam) for each in answer.counted] == [
        (D("0.7"), 0, ""),
        (D("0.75"), 0, "final-exam"),
    ]


def test_every_reason_is_said_when_it_is_not():
    answer = decide(BOTH)
    assert not answer.met
    assert answer.missing == (
        "0 of 2 requirements met, 2 needed",
        "MPC: no verified attempt",
        "Final: no verified attempt, 60 % needed",
    )


# Mistakes that real programs made


def test_passing_ignored_that_the_exam_had_to_be_passed_too():
    answer = decide(BOTH, recorded(grade="0.95", exams=(exam_entry("0.59"),)))
    assert not answer.met
    assert "Final: not passed: 59 % in attempt 1 of run run0, taken 2026-04-24, 60 % needed" in answer.missing


def test_letters_for_five_courses_without_the_capstone():
    courses = [CoursePass(course=name) for name in "abcde"]
    capstone = ExamPass(course="capstone", exam="capstone", minimum_score=D("0.6"))
    needed = AllOf(of=(AllOf(of=tuple(courses[:3])), NOf(n=2, of=tuple(courses[3:])), capstone))
    passes = [recorded(index, course=name) for index, name in enumerate("abcde")]
    answer = decide(needed, *passes)
    assert not answer.met
    assert answer.missing == (
        "2 of 3 requirements met, 3 needed",
        "capstone of capstone: no verified attempt, 60 % needed",
    )
    assert decide(needed, *passes, recorded(9, course="capstone", exams=(exam_entry(exam="capstone"),))).met


def test_a_later_failed_attempt_hid_an_earlier_pass():
    first = recorded(0, "0.8", exams=(exam_entry("0.9"), exam_entry("0.1", attempt=2)))
    answer = decide(BOTH, first, recorded(5, "0.2", exams=(exam_entry("0.0"),)))
    assert answer.met
    assert answer.reasons[1].text == (
        "MPC: passed with 80 % in run run0 (ledger entry 0), the best of 2 verified attempts"
    )
    assert answer.reasons[2].counts.attempt == 1


def test_a_record_mixed_the_score_of_one_run_with_the_date_of_another():
    early, late = date(2025, 6, 1), date(2026, 6, 1)
    answer = decide(CoursePass(course="mpc"), recorded(0, "0.9", earned_on=early), recorded(1, "0.7", earned_on=late))
    (counts,) = answer.counted
    assert (counts.score, counts.run, counts.on, counts.entry, counts.leaf) == (D("0.9"), "run0", early, 0, "leaf0")


def test_a_program_with_no_requirements_counted_as_complete_for_everybody():
    for nothing in (AllOf(of=()), AnyOf(of=()), NOf(n=0, of=()), NOf(n=0, of=(CoursePass(course="mpc"),))):
        answer = decide(nothing, recorded())
        assert not answer.met
        assert "what asks for nothing is never met" in answer.missing[0]
    assert not decide(AllOf(of=(AllOf(of=()), CoursePass(course="mpc"))), recorded()).met


def test_audit_track_passes_counted():
    answer = decide(BOTH, recorded(track="audit", exams=(exam_entry(),)))
    assert not answer.met
    assert answer.missing[1] == "MPC: no verified attempt; set aside: run run0 (the audit track never counts)"


def test_passing_grades_stayed_for_people_no_longer_enrolled():
    answer = decide(BOTH, recorded(withdrawn="refunded", exams=(exam_entry(),)))
    assert not answer.met
    assert answer.missing[1] == "MPC: no verified attempt; set aside: run run0 (withdrawn: refunded)"


def test_the_date_of_an_exam_is_that_of_its_sitting():
    (counts,) = decide(FINAL, recorded(exams=(exam_entry(),), at=NOW)).counted
    assert counts.on == date(2026, 4, 24)


# Details


def test_a_minimum_grade_above_the_pass_mark_is_asked_for_as_well():
    needed = CoursePass(course="mpc", title="MPC", minimum_grade=D("0.75"))
    assert decide(needed, recorded(grade="0.74")).missing == (
        "MPC: not passed: the one verified attempt has 74 % in run run0, 75 % needed",
    )
    assert decide(needed, recorded(grade="0.75")).met


def test_a_minimum_grade_never_replaces_the_pass():
    assert not decide(CoursePass(course="mpc", minimum_grade=D("0.1")), recorded(grade="0.5")).met


def test_an_exam_score_is_compared_exactly():
    two_thirds = exam_entry("2", max_score=D(3))
    assert not decide(
        ExamPass(course="mpc", exam="final-exam", minimum_score=D("0.6666666667")), recorded(exams=(two_thirds,))
    ).met
    assert decide(
        ExamPass(course="mpc", exam="final-exam", minimum_score=D("0.6666666666")), recorded(exams=(two_thirds,))
    ).met


def test_of_equal_attempts_the_first_counts():
    assert decide(CoursePass(course="mpc"), recorded(3), recorded(1)).counted[0].entry == 1


def test_an_exam_without_a_minimum_of_its_own_goes_by_the_pass_mark_of_the_run():
    needed = ExamPass(course="mpc", exam="final-exam")
    assert decide(needed, recorded(exams=(exam_entry("0.6"),))).met
    assert not decide(needed, recorded(exams=(exam_entry("0.59"),))).met


def test_what_is_not_known_is_never_met_and_said():
    answer = decide(Unknown(what="the second track"), recorded())
    assert answer.missing == ("not known, so it cannot be decided: the second track",)
    assert decide(AnyOf(of=(Unknown(what="x"), CoursePass(course="mpc"))), recorded()).met


CAPSTONE = ExamPass(
    course="cfx", exam="cfx", minimum_score=D("0.6"), valid_courses=("sc1", "sc2"), valid_years=5, title="Capstone"
)


def capstone(taken: datetime) -> RecordedGrade:
    return recorded(9, course="cfx", exams=(exam_entry(exam="cfx", taken_at=taken),))


def passes(first: date, second: date) -> tuple[RecordedGrade, ...]:
    return recorded(0, course="sc1", earned_on=first), recorded(1, course="sc2", earned_on=second)


def test_courses_are_valid_for_five_years_at_the_time_of_the_exam():
    old, new = date(2020, 2, 29), date(2023, 6, 1)
    assert decide(CAPSTONE, *passes(old, new), capstone(datetime(2025, 3, 1, tzinfo=UTC))).met
    answer = decide(CAPSTONE, *passes(old, new), capstone(datetime(2025, 3, 2, tzinfo=UTC)))
    (missing,) = answer.missing
    assert missing.startswith("Capstone: not passed: 80 % in attempt 1 of run run9, taken 2025-03-02, ")
    assert missing.endswith("but on that day there was no pass of sc1 that was at most 5 years old")
    again = recorded(2, course="sc1", earned_on=new)
    assert decide(CAPSTONE, *passes(old, new), again, capstone(datetime(2025, 3, 2, tzinfo=UTC))).met


def test_a_course_that_was_passed_after_the_exam_was_no_valid_one_on_its_day():
    early, late = passes(date(2025, 6, 1), date(2025, 6, 1)), capstone(datetime(2025, 5, 31, 9, tzinfo=UTC))
    assert not decide(CAPSTONE, *early, late).met
    assert decide(CAPSTONE, *early, capstone(datetime(2025, 6, 1, 9, tzinfo=UTC))).met


def test_a_failed_or_unverified_course_is_no_valid_one():
    exam = capstone(datetime(2026, 3, 1, tzinfo=UTC))
    good, other = passes(date(2025, 6, 1), date(2025, 6, 1))
    assert decide(CAPSTONE, good, other, exam).met
    for bad in ({"grade": "0.5"}, {"track": "audit"}, {"withdrawn": "refunded"}):
        assert not decide(CAPSTONE, good, recorded(1, course="sc2", earned_on=date(2025, 6, 1), **bad), exam).met


# The programs that ship

PROGRAMS = Path(__file__).parents[2] / "courses" / "programs"


@pytest.mark.parametrize("path", sorted(PROGRAMS.glob("*.toml")), ids=lambda path: path.stem)
def test_nobody_meets_a_program_that_ships_without_evidence(path):
    answer = evaluate(read_program(path), GradesInHand(()), "ada")
    assert not answer.met
    assert all(not reason.met for reason in answer.reasons)


def test_the_manufacturing_program_is_not_met_without_its_four_finals():
    wanted = read_program(PROGRAMS / "manufacturing.toml")
    with_finals = ("process-control-2", "systems-2", "strategy-leadership", "capacity-analytics")
    others = ("process-control-1", "systems-1", "accounting-planning", "inventory-analytics")
    passed = [recorded(index, "0.6", name) for index, name in enumerate(others)]
    finals = [recorded(index, "0.6", name, exams=(exam_entry("0.6"),)) for index, name in enumerate(with_finals, 10)]
    assert evaluate(wanted, GradesInHand((*passed, *finals)), "ada").met
    for missing in (*passed, *finals):
        rest = tuple(each for each in (*passed, *finals) if each is not missing)
        assert not evaluate(wanted, GradesInHand(rest), "ada").met
    failed = recorded(13, "0.9", "capacity-analytics", exams=(exam_entry("0.59"),))
    assert not evaluate(wanted, GradesInHand((*passed, *finals[:3], failed)), "ada").met
