"""A verified grade: what a verified learner's course grade came to, with the hashes of everything that it rests on."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal

import msgspec

from authoring.course import Course
from authoring.errors import CoursewrightError
from autograder.record import GradeRecord
from exam_bank.sittings.result import SittingResult, SittingState
from release.canonical import digest
from release.course_grade import CourseGrade, GradeOutcome, course_grade
from release.enrolment import Enrolment
from release.share import waits_for_a_person


class NotVerifiedError(CoursewrightError):
    """There is no verified grade yet, or there never will be one.

    Attributes:
        learner: whose grade it would be.
        reason: why not, in plain words.
    """

    def __init__(self, learner: str, course: Course, reason: str) -> None:
        super().__init__(f"{learner} has no verified grade in {course.id} ({course.run}): {reason}.")
        self.learner = learner
        self.reason = reason


class VerifiedExam(msgspec.Struct, frozen=True, kw_only=True):
    """One exam attempt that the proctor verified. Its date is that of the sitting, never that of the import."""

    exam: str
    attempt: int
    score: Decimal  # points
    max_score: Decimal
    taken_at: datetime
    verified_at: datetime
    sitting: str  # "sha256:…" of the sitting's result


class VerifiedGrade(msgspec.Struct, frozen=True, kw_only=True):
    """The final grade of a verified learner in one run: one attempt at the course, whole."""

    learner: str
    course: str
    run: str
    grade: Decimal  # fraction, as CourseGrade.grade
    passed: bool
    pass_mark: Decimal
    earned_on: date  # the last day of the run
    verification: str  # the reference to the identity check
    exams: tuple[VerifiedExam, ...]
    records: tuple[str, ...]  # "sha256:…" of each record
    missing: tuple[
        str, ...
    ] = ()  # assignments that count and of which there is nothing: no record, no score, never a 0


def verified_grade(
    course: Course,
    enrolment: Enrolment,
    records: Iterable[GradeRecord],
    sittings: Iterable[SittingResult] = (),
    excused: Collection[str] = (),
) -> VerifiedGrade:
    """The verified grade of the enrolled learner; ``excused`` are the assignments that do not count for the learner.

    Raises:
        NotVerifiedError: the learner is not a verified learner of this run, the grade is pending, or the proctor has
            not decided an exam yet.
        CoursewrightError: as :func:`~release.course_grade.course_grade`.
    """
    own = [sitting for sitting in sittings if sitting.learner == enrolment.learner]
    grade = course_grade(course, enrolment, enrolment.learner, records, own, excused)
    if not grade.verified:
        raise NotVerifiedError(enrolment.learner, course, grade.standing)
    number, passed = _decided(course, grade)
    for sitting in own:
        if waits_for_a_person(sitting):
            where = f"attempt {sitting.attempt} at {sitting.exam}"
            raise NotVerifiedError(enrolment.learner, course, f"{where} waits for a person")
    return VerifiedGrade(
        learner=enrolment.learner,
        course=course.id,
        run=course.run,
        grade=number,
        passed=passed,
        pass_mark=course.pass_mark,
        earned_on=course.ends,
        verification=enrolment.verification,
        exams=tuple(_exam(course, sitting) for sitting in own if sitting.state is SittingState.VERIFIED),
        records=grade.records,
        missing=grade.missing,
    )


def sitting_hash(sitting: SittingResult) -> str:
    """``sha256:…``: how a verified grade names the exam attempt that it rests on."""
    return digest(sitting)


def _decided(course: Course, grade: CourseGrade) -> tuple[Decimal, bool]:
    if grade.outcome is not GradeOutcome.FINAL or grade.grade is None or grade.passed is None:
        raise NotVerifiedError(grade.learner, course, f"the grade is pending ({'; '.join(grade.pending)})")
    return grade.grade, grade.passed


def _exam(course: Course, sitting: SittingResult) -> VerifiedExam:
    taken_at = sitting.submitted_at or sitting.opened_at
    if taken_at is None or sitting.reviewed_at is None or sitting.score is None:
        what = f"attempt {sitting.attempt} at {sitting.exam} has no time of its own, and none is made up"
        raise NotVerifiedError(sitting.learner, course, what)
    return VerifiedExam(
        exam=sitting.exam,
        attempt=sitting.attempt,
        score=sitting.score,
        max_score=sitting.max_score,
        taken_at=taken_at,
        verified_at=sitting.reviewed_at,
        sitting=sitting_hash(sitting),
    )
