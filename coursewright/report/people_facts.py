"""What is to be said of each learner: scores, the course grade explained, and what speaks against a credential."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from decimal import Decimal
from fractions import Fraction

from authoring.course import AssignmentKind, Course
from authoring.program import AllOf, AnyOf, ExamPass, NOf, Program, Requirement
from autograder.arranged import Arranged
from autograder.record import GradeRecord, Outcome
from coursewright.report.assignment_facts import net_score
from coursewright.report.exam_files import Sat
from exam_bank.sittings.result import SittingResult, SittingState
from release.course_grade import CourseGrade, GradeOutcome, course_grade
from release.eligibility import Eligibility, LedgerView, evaluate
from release.enrolment import Enrolment, Track


@dataclass(frozen=True)
class Work:
    """What one learner has of one assignment: a score, or in a word why there is none."""

    assignment: str
    score: float | None
    points: float | None
    word: str  # "graded", "late", "waits for a mark", "cannot be graded", "nothing handed in", …


@dataclass(frozen=True)
class Person:
    """One learner. ``eligible`` is None where nobody asked the ledger."""

    id: str
    standing: str
    verified: bool
    work: tuple[Work, ...]
    grade: Decimal | None
    passed: bool | None
    steps: tuple[str, ...]
    notes: tuple[str, ...]  # what the grader found in the submissions
    eligible: bool | None
    reasons: tuple[str, ...]  # the ledger's, in plain words
    against: tuple[str, ...]  # why there is no credential, in words that can be counted


@dataclass(frozen=True)
class Sources:
    """Where the facts about learners come from."""

    course: Course
    records: Sequence[GradeRecord]
    exams: Mapping[str, Sequence[Sat]]  # by assignment
    program: Program | None
    ledger: LedgerView | None
    arranged: Arranged = field(default_factory=Arranged)


def people_facts(sources: Sources, enrolments: Sequence[Enrolment]) -> tuple[Person, ...]:
    """Everybody who is enrolled, in the order of the file."""
    return tuple(_person(sources, enrolment) for enrolment in enrolments)


def _person(sources: Sources, enrolment: Enrolment) -> Person:
    learner = enrolment.learner
    records = [each for each in sources.records if each.learner == learner]
    sittings = [
        sat.grade.result
        for attempts in sources.exams.values()
        for sat in attempts
        if sat.sitting.authorised.learner == learner
    ]
    excused = sources.arranged.excused(learner, sources.course)
    grade = course_grade(sources.course, enrolment, learner, records, sittings, excused)
    found = None
    if sources.program is not None and sources.ledger is not None:
        found = evaluate(sources.program, sources.ledger, learner)
    return Person(
        id=learner,
        standing=grade.standing,
        verified=grade.verified,
        work=tuple(_work(sources.course, records, sittings, excused)),
        grade=grade.grade,
        passed=grade.passed,
        steps=grade.steps,
        notes=tuple(notes(records)),
        eligible=None if found is None else found.met,
        reasons=() if found is None else tuple(reason.text for reason in found.reasons),
        against=() if found is None else tuple(_against(sources, enrolment, grade, sittings, found)),
    )


# Scores


def _work(
    course: Course, records: Sequence[GradeRecord], sittings: Sequence[SittingResult], excused: Collection[str]
) -> list[Work]:
    found = []
    for assignment in course.assignments:
        if assignment.category is None:
            continue
        if assignment.id in excused:
            found.append(Work(assignment.id, None, None, "excused"))
        elif assignment.kind is AssignmentKind.EXAM:
            found.append(_exam_work(assignment.id, sittings))
        else:
            found.append(record_work(assignment.id, records))
    return found


_WORDS = {
    Outcome.GRADED: "graded",
    Outcome.NEEDS_MANUAL: "waits for a mark",
    Outcome.FAILED: "cannot be graded",
    Outcome.MISSING: "no notebook in it",
}


def record_work(assignment: str, records: Sequence[GradeRecord]) -> Work:
    """What a learner's records say of an assignment."""
    record = next((each for each in records if each.assignment == assignment), None)
    if record is None:
        return Work(assignment, None, None, "nothing handed in")
    score = net_score(record) if record.outcome is Outcome.GRADED else None
    word = "late" if score is not None and record.late_penalty else _WORDS[record.outcome]
    return Work(assignment, score, record.max_score, word)


def _exam_work(exam: str, sittings: Sequence[SittingResult]) -> Work:
    own = [each for each in sittings if each.exam == exam]
    if not own:
        return Work(exam, None, None, "not sat")
    last = max(own, key=lambda each: each.attempt)
    word = last.state.value.replace("_", " ")
    if last.needs_manual:
        word += ", waits for a mark"
    return Work(exam, None if last.score is None else float(last.score), float(last.max_score), word)


def notes(records: Sequence[GradeRecord]) -> list[str]:
    """What the grader found in a learner's submissions."""
    return [
        f"{record.assignment}: {f'{finding.cell}: ' if finding.cell else ''}{finding.message}"
        for record in sorted(records, key=lambda each: each.assignment)
        for finding in record.findings
    ]


# What speaks against a credential


def _against(
    sources: Sources,
    enrolment: Enrolment,
    grade: CourseGrade,
    sittings: Sequence[SittingResult],
    found: Eligibility,
) -> list[str]:
    """Every reason, in words that are the same for everybody whom they concern."""
    if found.met:
        return []
    if not grade.verified:
        return [_standing(sources.course, enrolment)]
    if grade.outcome is GradeOutcome.PENDING:
        return _pending(grade, sources.course)
    reasons = ["The course grade is below the pass mark"] if grade.passed is False else []
    wanted = [each for each in exam_requirements(sources.program) if each.course == sources.course.id]
    found_wanting = [_exam_reason(each, sittings, sources.course.pass_mark) for each in wanted]
    reasons += [reason for reason in found_wanting if reason]
    return reasons or ["Another reason, which the ledger has"]


def _standing(course: Course, enrolment: Enrolment) -> str:
    if enrolment.track is Track.AUDIT:
        return "On the audit track"
    if enrolment.refunded_at is not None:
        return "Refunded, which revokes the verification"
    if enrolment.verified_at is None or not enrolment.verification:
        return "The identity was never verified"
    if enrolment.verified_at > course.instant(course.verification_deadline).astimezone(UTC):
        return "The identity was verified after the deadline"
    return "Not a verified learner of this run"


def _pending(grade: CourseGrade, course: Course) -> list[str]:
    """Where the grade waits: each reason once."""
    exams = {each.id for each in course.assignments if each.kind is AssignmentKind.EXAM}
    waiting = {
        part.assignment
        for category in grade.categories
        for part in category.parts
        if part.outcome is Outcome.NEEDS_MANUAL
    }
    reasons = []
    if waiting - exams:
        reasons.append("A problem set waits for a person")
    if waiting & exams:
        reasons.append("The exam waits for the proctor or for a mark")
    return reasons or ["Something waits for a person"]


def exam_requirements(program: Program | None) -> list[ExamPass]:
    """Every exam that the program asks for."""
    return _within(program.requirement) if program else []


def _within(requirement: Requirement) -> list[ExamPass]:
    match requirement:
        case ExamPass():
            return [requirement]
        case AllOf() | NOf() | AnyOf():
            return [exam for part in requirement.of for exam in _within(part)]
        case _:
            return []


def _exam_reason(wanted: ExamPass, sittings: Sequence[SittingResult], pass_mark: Decimal) -> str:
    own = [each for each in sittings if each.exam == wanted.exam]
    verified = [each for each in own if each.state is SittingState.VERIFIED and each.score is not None]
    if verified:
        best = max(Fraction(each.score or 0) / Fraction(each.max_score) for each in verified)
        needed = Fraction(pass_mark if wanted.minimum_score is None else wanted.minimum_score)
        return "" if best >= needed else "The exam was not passed"
    states = {each.state for each in own}
    if SittingState.REJECTED in states:
        return "The proctor rejected the exam"
    if SittingState.NO_SHOW in states:
        return "Did not come to the exam"
    return "Did not sit the exam"
