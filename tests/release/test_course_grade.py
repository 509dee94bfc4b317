from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring.course import Category, Rounding
from authoring.errors import CoursewrightError
from autograder.record import Outcome, record_hash
from exam_bank.sittings.result import SittingState
from release.course_grade import GradeOutcome, course_grade
from release.enrolment import Track
from release.rounding import decimal, per_cent, rounded
from tests.release.conftest import D, make_course, make_enrolment, make_record, make_sitting

BOTH = (make_record("week01-problem-set", 8.0), make_record("week02-problem-set", 6.0))


SAT = (make_sitting(),)


def grade_of(records=BOTH, sittings=SAT, course=None, enrolment=None):
    return course_grade(course or make_course(), enrolment or make_enrolment(), "ada", records, sittings)


def with_categories(*, drop=0, homework="0.6", final="0.4", **more):
    return make_course(
        categories=(
            Category(id="homework", title="Problem sets", weight=D(homework), drop_lowest=drop),
            Category(id="final", title="Final exam", weight=D(final)),
        ),
        **more,
    )


def test_the_grade_is_the_weighted_sum_of_the_categories():
    grade = grade_of()
    assert grade.grade == D("0.72")  # 0.6 * (0.8 + 0.6) / 2 + 0.4 * 30 / 40
    assert grade.passed
    assert grade.verified
    assert grade.outcome is GradeOutcome.FINAL
    assert [(each.category, each.share) for each in grade.categories] == [("homework", D("0.7")), ("final", D("0.75"))]


def test_the_explanation_is_the_whole_computation():
    records = (make_record("week01-problem-set", 8.5, late_penalty=1.5),)
    assert grade_of(records).steps == (
        "Problem sets, 60 % of the grade:",
        "  week01-problem-set: 8.5 of 10 points less 1.5 for being late, 70 %",
        "  week02-problem-set: nothing was submitted, which earns nothing",
        "  share: (70 % + 0 %) / 2 = 35 %",
        "Final exam, 40 % of the grade:",
        "  final-exam: attempt 1, verified by the proctor: 30 of 40 points, 75 %",
        "  share: 75 %",
        "Course grade: 60 % x 35 % + 40 % x 75 % = 51 %.",
        "51 % is below the pass mark of 60 %: not passed.",
        "Standing: verified at 2026-03-10 00:00:00 UTC, by the deadline of 2026-03-31 03:59:00 UTC.",
    )


@pytest.mark.parametrize(
    "records", [BOTH[:1], (BOTH[0], make_record(BOTH[1].assignment, None, outcome=Outcome.MISSING))]
)
def test_missing_earns_nothing_but_is_said_and_is_never_a_zero(records):
    grade = grade_of(records)
    assert grade.grade == D("0.54")
    assert grade.missing == ("week02-problem-set",)
    part = grade.categories[0].parts[1]
    assert part.outcome is Outcome.MISSING
    assert part.share is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"outcome": Outcome.NEEDS_MANUAL, "score": 7.0}, "a person has yet to mark part of it"),
        ({"outcome": Outcome.FAILED, "score": None}, "could not be graded"),
        ({"outcome": Outcome.GRADED, "score": None}, "no usable score"),
        ({"score": float("nan")}, "no usable score"),
        ({"score": -1.0}, "no usable score"),
        ({"max_score": 0.0}, "no usable score"),
    ],
)
def test_what_waits_for_a_person_makes_the_grade_pending_and_never_a_number(change, reason):
    grade = grade_of((make_record(**change), BOTH[1]))
    assert grade.outcome is GradeOutcome.PENDING
    assert grade.grade is None
    assert grade.passed is None
    assert len(grade.pending) == 1
    assert reason in grade.pending[0]
    assert grade.categories[0].share is None
    assert "pending" in grade.steps[-2]


def test_two_attempts_at_one_assignment_are_for_a_person_to_decide_and_the_same_record_twice_is_not():
    assert "2 graded attempts" in grade_of((*BOTH, make_record(score=9.0, attempt="sha256:other"))).pending[0]
    assert grade_of((*BOTH, BOTH[0])).grade == D("0.72")


def test_a_record_graded_out_of_other_points_than_the_course_says_is_pending():
    course = make_course()
    week = course.weeks[0]
    priced = msgspec.structs.replace(week.assignments[1], points=D(12))
    course = make_course(
        weeks=(msgspec.structs.replace(week, assignments=(week.assignments[0], priced)), course.weeks[1])
    )
    assert "graded out of 10 points, but the course says 12" in grade_of(course=course).pending[0]


def test_the_lowest_are_dropped_missing_ones_first():
    course = with_categories(drop=1)
    grade = grade_of(course=course)
    assert grade.categories[0].share == D("0.8")
    assert [part.dropped for part in grade.categories[0].parts] == [False, True]
    assert grade_of(BOTH[1:], course=course).categories[0].share == D("0.6")


def excusing(*excused, records=BOTH[:1], course=None):
    return course_grade(course or make_course(), make_enrolment(), "ada", records, SAT, excused)


def test_what_is_excused_counts_neither_as_work_nor_as_missing():
    grade = excusing("week02-problem-set")
    assert grade.categories[0].share == D("0.8")
    assert grade.missing == ()
    assert "  week02-problem-set: excused, does not count" in grade.steps


def test_of_what_excuses_leave_the_last_is_not_dropped():
    assert excusing("week02-problem-set", course=with_categories(drop=1)).categories[0].share == D("0.8")


def test_a_category_in_which_everything_is_excused_is_for_a_person_to_decide():
    grade = excusing("week01-problem-set", "week02-problem-set")
    assert grade.grade is None
    assert "every assignment is excused, so a person must decide" in grade.pending[0]


def test_a_late_penalty_takes_no_more_than_was_earned():
    grade = grade_of((make_record(score=1.0, late_penalty=5.0), BOTH[1]))
    assert grade.categories[0].parts[0].share == 0


@pytest.mark.parametrize(
    "state",
    [
        SittingState.OPEN,
        SittingState.SUBMITTED,
        SittingState.TIMED_OUT,
        SittingState.IN_REVIEW,
        SittingState.SECOND_REVIEW,
    ],
)
def test_an_exam_that_the_proctor_has_not_decided_is_pending(state):
    grade = grade_of(sittings=(make_sitting(state=state),))
    assert grade.grade is None
    assert "not decided by the proctor yet" in grade.pending[0]


def test_an_exam_with_answers_to_mark_is_pending():
    assert grade_of(sittings=(make_sitting(needs_manual=("q7",)),)).grade is None
    assert grade_of(sittings=(make_sitting(score=None),)).grade is None


@pytest.mark.parametrize(
    ("sittings", "reason"),
    [
        ((), "not sat"),
        ((make_sitting(None, SittingState.AUTHORISED),), "not sat"),
        ((make_sitting(state=SittingState.REJECTED),), "attempt 1 was rejected by the proctor"),
        ((make_sitting(None, SittingState.NO_SHOW),), "attempt 1 was a no-show"),
    ],
)
def test_an_exam_that_was_not_sat_or_not_verified_earns_nothing(sittings, reason):
    grade = grade_of(sittings=sittings)
    assert grade.grade == D("0.42")
    assert grade.missing == ("final-exam",)
    assert any(reason in step for step in grade.steps)


def test_a_later_failed_exam_attempt_does_not_hide_the_earlier_pass():
    sittings = (make_sitting("36"), make_sitting("4", attempt=2), make_sitting(None, SittingState.NO_SHOW, attempt=3))
    grade = grade_of(sittings=sittings)
    assert grade.categories[1].share == D("0.9")
    assert any("the best of 2 verified attempts" in step for step in grade.steps)


def test_two_results_of_one_exam_attempt_are_for_a_person_to_decide():
    assert "same attempt number" in grade_of(sittings=(make_sitting("36"), make_sitting("4"))).pending[0]


def test_other_learners_evidence_is_left_aside_and_other_courses_is_an_error():
    others = (*BOTH, make_record(score=0.0, learner="bob"))
    assert grade_of(others) == grade_of()
    with pytest.raises(CoursewrightError, match="evidence of the course calculus cannot count in mpc"):
        grade_of((*BOTH, make_record("quiz", course="calculus")))
    with pytest.raises(CoursewrightError, match="the enrolment is that of bob"):
        grade_of(enrolment=make_enrolment(learner="bob"))


def test_an_audit_learner_has_a_grade_but_is_not_verified():
    grade = grade_of(enrolment=make_enrolment(track=Track.AUDIT))
    assert grade.grade == D("0.72")
    assert not grade.verified
    assert "audit track" in grade.standing


def test_the_records_that_a_grade_rests_on_are_named():
    assert grade_of().records == tuple(sorted(map(record_hash, BOTH)))


def test_a_policy_that_leaves_nothing_to_count_is_an_error():
    with pytest.raises(CoursewrightError, match="nothing is left to count"):
        grade_of(course=with_categories(drop=2))
    with pytest.raises(CoursewrightError, match=r"sum to 0.9: make it 1"):
        grade_of(course=with_categories(homework="0.5"))


def test_arithmetic_is_exact_at_the_pass_mark():
    # 2/3, 2/3 and 7/15 have a mean of exactly 0.6; neither floats nor 28 decimal places may lose it
    records = (make_record(score=8.0, max_score=15.0), make_record("week02-problem-set", 2.0, max_score=3.0))
    grade = grade_of(records, (), with_categories(homework="1", final="0"))
    assert grade.grade == D("0.6")
    assert grade.passed


def test_a_grade_just_below_the_mark_is_never_shown_at_it():
    records = (make_record(score=5.9999999999999, late_penalty=0.0), make_record("week02-problem-set", 6.0))
    grade = grade_of(records, (), with_categories(homework="1", final="0"))
    assert not grade.passed
    assert grade.grade == D("0.5999999999")
    assert grade.steps[-2] == "59.99 % is below the pass mark of 60 %: not passed."


def test_a_score_of_59_45_per_cent_passes_at_60_only_by_the_rule_that_says_so():
    records = (make_record(score=59.45, max_score=100.0), make_record("week02-problem-set", 59.45, max_score=100.0))
    answers = {
        rule: grade_of(records, (), with_categories(homework="1", final="0", rounding=rule)) for rule in Rounding
    }
    assert {rule: (answer.grade, answer.passed) for rule, answer in answers.items()} == {
        Rounding.NONE: (D("0.5945"), False),
        Rounding.HALF_UP_WHOLE_PERCENT: (D("0.59"), False),
        Rounding.EDX: (D("0.6"), True),
    }
    assert "Rounded by the rule edx: 60 %." in answers[Rounding.EDX].steps


@pytest.mark.parametrize(
    ("per_mille", "half_up", "edx"), [(5944, 59, 59), (5945, 59, 60), (5949, 59, 60), (5950, 60, 60), (10000, 100, 100)]
)
def test_named_rounding(per_mille, half_up, edx):
    grade = Fraction(per_mille, 10_000)
    assert rounded(grade, Rounding.HALF_UP_WHOLE_PERCENT) == Fraction(half_up, 100)
    assert rounded(grade, Rounding.EDX) == Fraction(edx, 100)


@given(st.fractions(0, 2))
def test_decimals_are_cut_off_and_never_rounded_up(fraction):
    cut = decimal(fraction)
    assert Fraction(cut) <= fraction < Fraction(cut) + Fraction(1, 10**10)
    assert "E" not in str(cut) or abs(cut) < Decimal("1e-6")
    assert Decimal(per_cent(fraction).removesuffix(" %")) <= fraction * 100


@given(st.lists(st.integers(0, 100), min_size=2, max_size=2), st.integers(0, 40), st.integers(0, 1))
def test_better_work_never_lowers_a_grade(scores, exam, drop):
    def at(first):
        records = (make_record(score=first / 10), make_record("week02-problem-set", scores[1] / 10))
        return grade_of(records, (make_sitting(str(exam)),), with_categories(drop=drop)).grade

    assert at(scores[0]) <= at(min(scores[0] + 5, 100))


def test_the_clock_of_the_machine_plays_no_part():
    refunded = make_enrolment(refunded_at=datetime(2036, 1, 1, tzinfo=UTC))
    assert not grade_of(enrolment=refunded).verified
