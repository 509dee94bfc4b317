"""Each mistake that a real program made, by its name: with the tests beside the parts in question, none comes back.

What concerns single parts has its test beside them; here are those that need several, and the list of all of them.
"""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from authoring.course import Rounding
from authoring.errors import CoursewrightError
from authoring.program import AllOf, CoursePass, ExamPass
from authoring.program_file import parse_program
from release import evaluate, keys
from release.course_grade import course_grade
from release.eligibility import GradesInHand
from release.ledger import FrozenError, Ledger
from release.ledger_verify import verify_ledger
from release.verified_grade import verified_grade
from tests.release.conftest import D, make_course, make_enrolment, make_record, make_sitting
from tests.release.ledgers import amended
from tests.release.test_eligibility import decide, exam_entry, program, recorded

TESTS = Path(__file__).parents[1]
NOW = datetime(2026, 6, 1, tzinfo=UTC)
BOTH = (make_record("week01-problem-set", 8.0), make_record("week02-problem-set", 6.0))

# The mistake, and the tests that hold it, wherever they are
MISTAKES = {
    "letters went out without the capstone": ["test_letters_for_five_courses_without_the_capstone"],
    "the exam had to be passed too": [
        "test_passing_ignored_that_the_exam_had_to_be_passed_too",
        "test_until_summer_2022_both_parts_had_to_be_passed",
    ],
    "a later failure hid an earlier pass": [
        "test_a_later_failed_attempt_hid_an_earlier_pass",
        "test_a_later_failed_exam_attempt_does_not_hide_the_earlier_pass",
    ],
    "score of one run, date of another": ["test_a_record_mixed_the_score_of_one_run_with_the_date_of_another"],
    "grades changed after the freeze": [
        "test_grades_changed_after_the_freeze_because_homework_was_hidden_after_the_course_had_ended",
        "test_undoing_a_freeze_meant_deleting_rows",
        "test_passing_grades_stayed_for_people_no_longer_enrolled",
        "test_a_passing_grade_stayed_after_a_refund",
    ],
    "no requirements, complete for everybody": [
        "test_a_program_with_no_requirements_counted_as_complete_for_everybody",
        "test_a_program_with_no_requirements_is_an_error",
    ],
    "audit passes counted": ["test_audit_track_passes_counted", "test_an_audit_pass_never_counts"],
    "an import's own 'passed' and today's date": [
        "test_an_exam_took_passed_from_elsewhere_and_today_as_its_date",
        "test_the_date_of_an_exam_is_that_of_its_sitting",
        "test_the_date_of_an_exam_is_never_made_up",
    ],
    "missing became 0.0": ["test_missing_earns_nothing_but_is_said_and_is_never_a_zero", "test_missing_is_missing"],
    "59.45 % on two systems": [
        "test_a_score_of_59_45_per_cent_passes_at_60_only_by_the_rule_that_says_so",
        "test_a_grade_of_59_45_per_cent_was_a_pass_on_one_system_and_not_on_another",
    ],
    "a byte for each revoked credential": [
        "test_historic_mistake_a_byte_for_each_credential_where_the_standard_wants_a_bit",
    ],
    "an achievement type outside the list": [
        "test_an_achievement_type_outside_the_standard_is_an_error",
        "test_achievement_types_are_those_of_the_standard",
    ],
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_is_held_by_tests_that_are_there(mistake):
    there = {
        found
        for part in ("authoring", "release")
        for file in (TESTS / part).rglob("test_*.py")
        for found in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    }
    assert set(MISTAKES[mistake]) <= there


@pytest.fixture
def ledger(tmp_path):
    """A ledger with ada's grade in a run that is closed."""
    with Ledger(f"sqlite:///{tmp_path / 'ledger.db'}", keys.generate()) as opened:
        opened.append_grade(grade(), at=NOW)
        opened.freeze("mpc", "2026-spring", actor="R", at=NOW)
        yield opened


def grade(course=None, records=BOTH, enrolment=None):
    return verified_grade(course or make_course(), enrolment or make_enrolment(), records, (make_sitting(),))


WANTED = program(
    AllOf(of=(CoursePass(course="mpc"), ExamPass(course="mpc", exam="final-exam", minimum_score=D("0.6"))))
)


def test_grades_changed_after_the_freeze_because_homework_was_hidden_after_the_course_had_ended(ledger):
    hidden = grade(records=BOTH[:1])  # what the grade comes to without the homework that nobody sees any more
    assert hidden.grade < grade().grade
    with pytest.raises(FrozenError):
        ledger.append_grade(hidden, at=NOW)
    assert ledger.grades_of("ada")[0].grade.grade == grade().grade


def test_undoing_a_freeze_meant_deleting_rows(ledger):
    before = ledger.head().size
    amended(ledger, grade(records=BOTH[:1]), at=NOW, reason="appeal")
    amended(ledger, grade(), at=NOW, reason="appeal withdrawn")
    assert ledger.head().size == before + 4  # two proposals and two approvals
    assert ledger.grades_of("ada")[0].grade.grade == grade().grade
    assert verify_ledger(ledger.store, keys=[ledger.head().key]).ok


def test_a_passing_grade_stayed_after_a_refund(ledger):
    assert evaluate(WANTED, ledger, "ada").met
    refunded = make_enrolment(refunded_at=datetime(2026, 3, 20, tzinfo=UTC))
    with pytest.raises(CoursewrightError, match="refunded"):
        grade(enrolment=refunded)
    amended(ledger, None, at=NOW, reason="refunded")
    found = evaluate(WANTED, ledger, "ada")
    assert not found.met
    assert "set aside: run 2026-spring (withdrawn: refunded)" in found.missing[1]


def test_an_exam_took_passed_from_elsewhere_and_today_as_its_date(ledger):
    """A recorded exam holds points and its own time; whether that passes is worked out, by the program, each time."""
    (kept,) = ledger.grades_of("ada")[0].grade.exams
    assert not hasattr(kept, "passed")
    assert kept.taken_at == make_sitting().submitted_at
    assert evaluate(WANTED, ledger, "ada").counted[1].on == date(2026, 4, 24)
    low = exam_entry("0.59", taken_at=datetime(2026, 4, 24, tzinfo=UTC))
    assert not decide(WANTED.requirement, recorded(exams=(low,))).met


def test_missing_is_missing():
    found = grade(records=BOTH[:1])
    assert found.missing == ("week02-problem-set",)
    assert len(found.records) == 1
    parts = course_grade(make_course(), make_enrolment(), "ada", BOTH[:1], (make_sitting(),)).categories[0].parts
    assert [part.share for part in parts] == [D("0.8"), None]


def test_a_grade_of_59_45_per_cent_was_a_pass_on_one_system_and_not_on_another():
    def passed(rule: Rounding) -> bool:
        course = make_course(rounding=rule)
        records = [make_record(each.assignment, 5.945) for each in BOTH]
        return verified_grade(course, make_enrolment(), records, (make_sitting("23.78"),)).passed

    assert {rule: passed(rule) for rule in Rounding} == {
        Rounding.NONE: False,
        Rounding.HALF_UP_WHOLE_PERCENT: False,
        Rounding.EDX: True,
    }


def test_a_grade_at_the_bar_of_one_run_is_judged_by_that_runs_bar():
    """A pass mark that was lowered later makes no pass of an earlier failure."""
    earlier, later = recorded(0, "0.55", pass_mark=D("0.6"), passed=False), recorded(1, "0.5", pass_mark=D("0.5"))
    later = recorded(1, "0.5", pass_mark=D("0.5"), passed=True)
    assert not decide(CoursePass(course="mpc"), earlier).met
    assert decide(CoursePass(course="mpc"), earlier, later).counted[0].entry == 1


def test_one_course_counted_for_two_requirements():
    twice = """
schema = 1
id = "p"
title = "P"
description = "d"
achievement_type = "Certificate"
criteria = "c"
[requirement]
kind = "all-of"
of = [{ kind = "course", course = "a" },
      { kind = "n-of", n = 1, of = [{ kind = "course", course = "a" }, { kind = "course", course = "b" }] }]
"""
    with pytest.raises(CoursewrightError, match="a course counts once"):
        parse_program(twice, name="p.toml")


def test_of_two_systems_ids_that_differ_in_case_none_stands_for_the_other():
    assert not evaluate(program(CoursePass(course="SC0x")), GradesInHand((recorded(course="sc0x"),)), "ada").met
