"""Whether a learner has earned a program's credential, and every reason, in plain words.

The rules: only verified attempts that the ledger has in force count, audit ones and withdrawn ones never; of several
qualifying attempts the best counts (of equals the first), so that a later failure hides nothing; an attempt is taken
whole, with its own score, run and date; an exam counts only if the proctor verified it; a list of requirements that is
empty is not met.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

import msgspec

from authoring.program import AllOf, AnyOf, CoursePass, ExamPass, NOf, Program, Requirement, Unknown
from release.entry import ExamEntry
from release.replay import RecordedGrade
from release.rounding import decimal, per_cent


class LedgerView(Protocol):
    """Where grades come from: a ledger, or grades that were read before (:class:`GradesInHand`)."""

    def grades_of(self, learner: str) -> Sequence[RecordedGrade]:
        """The learner's grades, withdrawn ones included."""


@dataclass(frozen=True)
class GradesInHand:
    """Grades of one learner that were read before; the learner's name plays no part."""

    grades: tuple[RecordedGrade, ...]

    def grades_of(self, learner: str) -> tuple[RecordedGrade, ...]:  # noqa: ARG002  # as the protocol has it
        """All of them."""
        return self.grades


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """The attempt that meets a requirement."""

    title: str
    score: Decimal  # fraction
    course: str
    run: str
    exam: str = ""  # empty: the course grade
    attempt: int | None = None  # of the exam
    on: date  # when the exam was taken (in UTC), or the last day of the run
    entry: int
    leaf: str


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One requirement: met or not, and why."""

    place: str  # "" for the whole, then "1", "1.2", …
    met: bool
    text: str
    counts: Counted | None = None


class Eligibility(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the credential is earned."""

    program: str
    learner: str
    met: bool
    reasons: tuple[Reason, ...]  # in the program's order, a list before its parts

    @property
    def counted(self) -> tuple[Counted, ...]:
        """The attempts that meet requirements, in the program's order."""
        return tuple(reason.counts for reason in self.reasons if reason.counts is not None)

    @property
    def missing(self) -> tuple[str, ...]:
        """What is not met, in plain words."""
        return tuple(reason.text for reason in self.reasons if not reason.met)


def evaluate(program: Program, ledger: LedgerView, learner: str) -> Eligibility:
    """Whether the learner has earned the program's credential, by the grades in the ledger.

    Args:
        program: what the credential asks for.
        ledger: the ledger, or grades in hand.
        learner: who asks.
    """
    grades = sorted(ledger.grades_of(learner), key=lambda each: each.index)
    reasons = tuple(_judged(program.requirement, grades, ""))
    return Eligibility(program=program.id, learner=learner, met=reasons[0].met, reasons=reasons)


def _judged(requirement: Requirement, grades: Sequence[RecordedGrade], place: str) -> list[Reason]:
    """The reason for the requirement, then those for its parts."""
    match requirement:
        case CoursePass():
            return [_course(requirement, grades, place)]
        case ExamPass():
            return [_exam(requirement, grades, place)]
        case Unknown():
            text = f"not known, so it cannot be decided: {requirement.what}"
            return [Reason(place=place, met=False, text=text)]
        case AllOf() | NOf() | AnyOf():
            return _list(requirement, grades, place)


def _list(requirement: AllOf | NOf | AnyOf, grades: Sequence[RecordedGrade], place: str) -> list[Reason]:
    parts = [
        _judged(part, grades, f"{place}.{number}".lstrip(".")) for number, part in enumerate(requirement.of, start=1)
    ]
    met = sum(part[0].met for part in parts)
    needed = _needed(requirement)
    what = f"{requirement.title}: " if requirement.title else ""
    if not parts or needed < 1:
        text = f"{what}no requirements are listed, and what asks for nothing is never met"
        return [Reason(place=place, met=False, text=text)]
    text = f"{what}{met} of {len(parts)} requirements met, {needed} needed"
    return [Reason(place=place, met=met >= needed, text=text), *(reason for part in parts for reason in part)]


def _needed(requirement: AllOf | NOf | AnyOf) -> int:
    match requirement:
        case AllOf():
            return len(requirement.of)
        case NOf():
            return requirement.n
        case AnyOf():
            return 1


# Courses


def _course(requirement: CoursePass, grades: Sequence[RecordedGrade], place: str) -> Reason:
    title = requirement.title or requirement.course
    attempts = [each for each in grades if each.grade.course == requirement.course]
    valid = [each for each in attempts if not _why_invalid(each)]
    qualifying = [each for each in valid if _passes(each, requirement.minimum_grade)]
    if not qualifying:
        text = f"{title}: {_no_pass(requirement, valid)}{_set_aside(attempts)}"
        return Reason(place=place, met=False, text=text)
    best = max(qualifying, key=lambda each: each.grade.grade)  # the first of equals
    of = f", the best of {len(valid)} verified attempts" if len(valid) > 1 else ""
    said = f"passed with {per_cent(best.grade.grade)} in run {best.grade.run} (ledger entry {best.index}){of}"
    counts = Counted(
        title=title,
        score=best.grade.grade,
        course=best.grade.course,
        run=best.grade.run,
        on=best.grade.earned_on,
        entry=best.index,
        leaf=best.leaf,
    )
    return Reason(place=place, met=True, text=f"{title}: {said}{_set_aside(attempts)}", counts=counts)


def _passes(recorded: RecordedGrade, minimum: Decimal | None) -> bool:
    return recorded.grade.passed and (minimum is None or recorded.grade.grade >= minimum)


def _no_pass(requirement: CoursePass, valid: Sequence[RecordedGrade]) -> str:
    if not valid:
        return "no verified attempt"
    best = max(valid, key=lambda each: each.grade.grade)
    needed = max(best.grade.pass_mark, requirement.minimum_grade or Decimal(0))
    of = f"the best of {len(valid)} verified attempts" if len(valid) > 1 else "the one verified attempt"
    return f"not passed: {of} has {per_cent(best.grade.grade)} in run {best.grade.run}, {per_cent(needed)} needed"


# Exams


@dataclass(frozen=True)
class _Attempt:
    """One verified exam attempt within the grade that it was recorded with."""

    exam: ExamEntry
    recorded: RecordedGrade
    lacking: str  # to be a pass, or nothing

    @property
    def share(self) -> Fraction:
        return Fraction(self.exam.score) / Fraction(self.exam.max_score)

    @property
    def day(self) -> date:
        return self.exam.taken_at.astimezone(UTC).date()

    def __str__(self) -> str:
        taken = f"taken {self.day}"
        return f"{per_cent(self.share)} in attempt {self.exam.attempt} of run {self.recorded.grade.run}, {taken}"


def _exam(requirement: ExamPass, grades: Sequence[RecordedGrade], place: str) -> Reason:
    title = requirement.title or f"{requirement.exam} of {requirement.course}"
    aside = _set_aside(each for each in grades if each.grade.course == requirement.course)
    attempts = _attempts(requirement, [each for each in grades if not _why_invalid(each)])
    passed = [each for each in attempts if not each.lacking]
    of = f", the best of {len(attempts)} verified attempts" if len(attempts) > 1 else ""
    if passed:
        best = max(passed, key=lambda each: each.share)  # the first of equals
        text = f"{title}: passed with {best} (ledger entry {best.recorded.index}){of}{aside}"
        return Reason(place=place, met=True, text=text, counts=_counted_exam(title, best))
    if attempts:
        best = max(attempts, key=lambda each: each.share)
        return Reason(place=place, met=False, text=f"{title}: not passed: {best}{of}, {best.lacking}{aside}")
    needed = "" if requirement.minimum_score is None else f", {per_cent(requirement.minimum_score)} needed"
    return Reason(place=place, met=False, text=f"{title}: no verified attempt{needed}{aside}")


def _attempts(requirement: ExamPass, valid: Sequence[RecordedGrade]) -> list[_Attempt]:
    return [
        _Attempt(exam, each, _lacking(requirement, exam, each, valid))
        for each in valid
        for exam in each.grade.exams
        if each.grade.course == requirement.course and exam.exam == requirement.exam and exam.max_score > 0
    ]


def _lacking(requirement: ExamPass, exam: ExamEntry, recorded: RecordedGrade, valid: Sequence[RecordedGrade]) -> str:
    """What the attempt lacks to be a pass, or nothing."""
    bar = recorded.grade.pass_mark if requirement.minimum_score is None else requirement.minimum_score
    if Fraction(exam.score) < Fraction(bar) * Fraction(exam.max_score):
        return f"{per_cent(bar)} needed"
    day = exam.taken_at.astimezone(UTC).date()
    expired = [course for course in requirement.valid_courses if not _valid_pass(course, day, requirement, valid)]
    if not expired:
        return ""
    years = requirement.valid_years
    return f"but on that day there was no pass of {', '.join(expired)} that was at most {years} years old"


def _valid_pass(course: str, day: date, requirement: ExamPass, valid: Iterable[RecordedGrade]) -> bool:
    years = requirement.valid_years or 0
    return any(
        each.grade.passed and each.grade.course == course and _years_later(each.grade.earned_on, years) >= day
        for each in valid
    )


def _years_later(day: date, years: int) -> date:
    """The same day so many years later; of 29 February, the 1 March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _counted_exam(title: str, best: _Attempt) -> Counted:
    return Counted(
        title=title,
        score=decimal(best.share),
        course=best.recorded.grade.course,
        run=best.recorded.grade.run,
        exam=best.exam.exam,
        attempt=best.exam.attempt,
        on=best.day,
        entry=best.recorded.index,
        leaf=best.recorded.leaf,
    )


# What never counts


def _why_invalid(recorded: RecordedGrade) -> str:
    """Why a grade can never count, or nothing."""
    if recorded.withdrawn:
        return f"withdrawn: {recorded.withdrawn}"
    if recorded.grade.track != "verified":
        return f"the {recorded.grade.track} track never counts"
    return ""


def _set_aside(recorded: Iterable[RecordedGrade]) -> str:
    said = [f"run {each.grade.run} ({why})" for each in recorded if (why := _why_invalid(each))]
    return f"; set aside: {', '.join(said)}" if said else ""
