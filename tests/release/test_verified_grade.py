from datetime import UTC, date, datetime

import pytest

from autograder.record import Outcome, record_hash
from exam_bank.sittings.result import SittingState
from release.enrolment import Track
from release.verified_grade import NotVerifiedError, VerifiedExam, VerifiedGrade, sitting_hash, verified_grade
from tests.release.conftest import D, make_enrolment, make_record, make_sitting

RECORDS = (make_record("week01-problem-set", 8.0), make_record("week02-problem-set", 6.0))


def test_a_verified_grade_rests_on_the_hash_of_everything(course):
    sitting = make_sitting()
    assert verified_grade(course, make_enrolment(), RECORDS, (sitting,)) == VerifiedGrade(
        learner="ada",
        course="mpc",
        run="2026-spring",
        grade=D("0.72"),
        passed=True,
        pass_mark=D("0.6"),
        earned_on=date(2026, 4, 26),
        verification="idv:4711",
        exams=(
            VerifiedExam(
                exam="final-exam",
                attempt=1,
                score=D(30),
                max_score=D(40),
                taken_at=datetime(2026, 4, 24, 15, 50, tzinfo=UTC),
                verified_at=datetime(2026, 4, 27, 10, tzinfo=UTC),
                sitting=sitting_hash(sitting),
            ),
        ),
        records=tuple(sorted(map(record_hash, RECORDS))),
    )


def test_audit_track_passes_are_no_verified_grades(course):
    with pytest.raises(NotVerifiedError, match="audit track"):
        verified_grade(course, make_enrolment(track=Track.AUDIT), RECORDS, (make_sitting(),))


def test_a_refund_revokes(course):
    refunded = make_enrolment(refunded_at=datetime(2026, 3, 20, tzinfo=UTC))
    with pytest.raises(NotVerifiedError, match="refunded"):
        verified_grade(course, refunded, RECORDS, (make_sitting(),))


def test_a_pending_grade_is_no_verified_grade(course):
    waiting = (make_record(outcome=Outcome.NEEDS_MANUAL), RECORDS[1])
    with pytest.raises(NotVerifiedError, match="the grade is pending"):
        verified_grade(course, make_enrolment(), waiting, (make_sitting(),))


@pytest.mark.parametrize("state", [SittingState.IN_REVIEW, SittingState.SUBMITTED, SittingState.OPEN])
def test_an_exam_in_review_holds_the_grade_back_even_beside_a_verified_attempt(course, state):
    with pytest.raises(NotVerifiedError, match="not decided by the proctor"):
        verified_grade(course, make_enrolment(), RECORDS, (make_sitting(), make_sitting(attempt=2, state=state)))


def test_an_exam_that_does_not_count_for_the_grade_holds_it_back_too(course):
    other = make_sitting(exam="oral", state=SittingState.IN_REVIEW)
    with pytest.raises(NotVerifiedError, match="attempt 1 at oral waits for a person"):
        verified_grade(course, make_enrolment(), RECORDS, (make_sitting(), other))


def test_a_rejected_attempt_is_no_verified_exam(course):
    rejected = make_sitting("40", SittingState.REJECTED, attempt=2)
    exams = verified_grade(course, make_enrolment(), RECORDS, (make_sitting(), rejected)).exams
    assert [exam.attempt for exam in exams] == [1]


@pytest.mark.parametrize("missing", [{"submitted_at": None, "opened_at": None}, {"reviewed_at": None}])
def test_the_date_of_an_exam_is_never_made_up(course, missing):
    with pytest.raises(NotVerifiedError, match="no time of its own, and none is made up"):
        verified_grade(course, make_enrolment(), RECORDS, (make_sitting(**missing),))


def test_a_failing_grade_is_a_verified_grade_too(course):
    grade = verified_grade(course, make_enrolment(), (), (make_sitting("1"),))
    assert not grade.passed
    assert grade.grade == D("0.01")
