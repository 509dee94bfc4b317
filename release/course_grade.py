"""A learner's course grade, computed from records, sittings and the course's policy, and explained step by step.

Everything is exact: fractions inside, :class:`~decimal.Decimal` in what is given back. What is missing earns nothing
and is said; what is excused is left out; what waits for a person makes the whole grade pending, so that no number
looks final that is not.

The rule: an assignment's share is ``(score - late penalty) / points``, at least 0; a category's is the mean of its
assignments' shares after its lowest ``drop_lowest`` are left out; the course grade is the sum of the categories'
shares times their weights, rounded by the course's named rule.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

import msgspec

from authoring.course import Category, Course, Rounding
from authoring.errors import CoursewrightError
from autograder.record import GradeRecord, Outcome, record_hash
from exam_bank.sittings.result import SittingResult
from release.enrolment import Enrolment, standing
from release.rounding import decimal, per_cent, rounded
from release.share import Share, share


class GradeOutcome(StrEnum):
    """Whether a course grade is one."""

    FINAL = "final"
    PENDING = "pending"  # something waits for a person; there is no number


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What one assignment contributes. ``share`` is None while it waits, and where there is nothing."""

    assignment: str
    outcome: Outcome
    share: Decimal | None  # fraction of its points, after late penalties
    dropped: bool


class CategoryGrade(msgspec.Struct, frozen=True, kw_only=True):
    """What one category contributes. ``share`` is None while any of its parts waits."""

    category: str
    weight: Decimal
    share: Decimal | None
    parts: tuple[Part, ...]


class CourseGrade(msgspec.Struct, frozen=True, kw_only=True):
    """The grade of one learner in one run. ``grade`` and ``passed`` are None while it is pending.

    ``grade`` is a fraction, cut off (never rounded up) after ten places unless the course names a rounding: it is below
    the pass mark whenever ``passed`` is false.
    """

    learner: str
    course: str
    run: str
    outcome: GradeOutcome
    grade: Decimal | None
    passed: bool | None
    pass_mark: Decimal
    verified: bool  # a verified learner of this run
    standing: str  # why or why not
    categories: tuple[CategoryGrade, ...]
    missing: tuple[str, ...]  # assignments that count and of which there is nothing
    pending: tuple[str, ...]  # what waits for a person, in plain words
    records: tuple[str, ...]  # hashes of the records that it rests on, sorted
    steps: tuple[str, ...]  # the whole computation in plain words


@dataclass(frozen=True)
class _Counted:
    """A category with the exact shares of its assignments, and those that do not count for the learner."""

    category: Category
    shares: tuple[Share, ...]
    excused: tuple[str, ...]

    @property
    def value(self) -> Fraction | None:
        """The mean of the shares that are kept, or None while any waits."""
        kept = [each.value for each in self.shares if not each.dropped and each.value is not None]
        return None if self.pending else sum(kept, Fraction(0)) / len(kept)

    @property
    def pending(self) -> tuple[str, ...]:
        """What waits for a person: a mark, or what to do about a category in which everything is excused."""
        if not self.shares:
            return (f"{self.category.title}: every assignment is excused, so a person must decide what counts instead",)
        return tuple(each.said for each in self.shares if each.value is None)


def course_grade(
    course: Course,
    enrolment: Enrolment | None,
    learner: str,
    records: Iterable[GradeRecord],
    sittings: Iterable[SittingResult] = (),
    excused: Collection[str] = (),
) -> CourseGrade:
    """The grade of ``learner`` in this run.

    Args:
        course: the run, whose policy applies.
        enrolment: the learner's enrolment in it, or None.
        learner: whose grade it is.
        records: graded attempts; those of other learners are left aside.
        sittings: attempts at the course's exams; those of other learners are left aside.
        excused: the ids of assignments that do not count for this learner.

    Raises:
        CoursewrightError: the enrolment is another learner's, a record or sitting is of another course, the weights do
            not sum to 1, or a category has no assignment that is left to count.
    """
    if enrolment is not None and enrolment.learner != learner:
        raise CoursewrightError(f"{learner}: the enrolment is that of {enrolment.learner}: pass the learner's own.")
    own_records = _own(course, learner, records)
    counted = _counted(course, own_records, _own(course, learner, sittings), excused)
    exact = _total(counted)
    grade = None if exact is None else rounded(exact, course.rounding)
    where = standing(enrolment, course)
    return CourseGrade(
        learner=learner,
        course=course.id,
        run=course.run,
        outcome=GradeOutcome.PENDING if grade is None else GradeOutcome.FINAL,
        grade=None if grade is None else decimal(grade),
        passed=None if grade is None else grade >= Fraction(course.pass_mark),
        pass_mark=course.pass_mark,
        verified=where.verified,
        standing=where.reason,
        categories=tuple(_category_grade(each) for each in counted),
        missing=tuple(s.assignment for each in counted for s in each.shares if s.outcome is Outcome.MISSING),
        pending=tuple(said for each in counted for said in each.pending),
        records=tuple(sorted(record_hash(record) for record in own_records)),
        steps=(*_steps(course, counted, exact, grade), f"Standing: {where.reason}."),
    )


Evidence = TypeVar("Evidence", GradeRecord, SittingResult)


def _own(course: Course, learner: str, evidence: Iterable[Evidence]) -> list[Evidence]:
    own = [each for each in evidence if each.learner == learner]
    for each in own:
        if each.course != course.id:
            raise CoursewrightError(f"{learner}: evidence of the course {each.course} cannot count in {course.id}.")
    return own


def _counted(
    course: Course, records: Sequence[GradeRecord], sittings: Sequence[SittingResult], excused: Collection[str]
) -> tuple[_Counted, ...]:
    if (weights := sum((category.weight for category in course.categories), Decimal(0))) != 1:
        raise CoursewrightError(f"{course.id}: the weights of the categories sum to {weights}: make it 1.")
    found = []
    for category in course.categories:
        own = [each for each in course.assignments if each.category == category.id]
        shares = [share(each, records, sittings) for each in own if each.id not in excused]
        left_out = tuple(each.id for each in own if each.id in excused)
        if len(own) <= category.drop_lowest:
            raise CoursewrightError(
                f"{course.id}: the category {category.id} has {len(own)} assignments and drops "
                f"{category.drop_lowest}, so nothing is left to count: add assignments or drop fewer."
            )
        found.append(_Counted(category, _dropped(category, shares), left_out))
    return tuple(found)


def _dropped(category: Category, shares: Sequence[Share]) -> tuple[Share, ...]:
    """The shares, the lowest marked as dropped; nothing is dropped while one waits, for it may be the lowest.

    Where so much is excused that nothing would be left, one share stays.
    """
    if any(each.value is None for each in shares):
        return tuple(shares)
    number = min(category.drop_lowest, max(len(shares) - 1, 0))
    lowest = sorted(range(len(shares)), key=lambda index: (shares[index].value, index))[:number]
    return tuple(replace(each, dropped=index in lowest) for index, each in enumerate(shares))


def _total(counted: Iterable[_Counted]) -> Fraction | None:
    total = Fraction(0)
    for each in counted:
        if (value := each.value) is None:
            return None
        total += Fraction(each.category.weight) * value
    return total


def _category_grade(counted: _Counted) -> CategoryGrade:
    value = counted.value
    return CategoryGrade(
        category=counted.category.id,
        weight=counted.category.weight,
        share=None if value is None else decimal(value),
        parts=tuple(_part(each) for each in counted.shares),
    )


def _part(each: Share) -> Part:
    known = each.value is not None and each.outcome is not Outcome.MISSING
    return Part(
        assignment=each.assignment,
        outcome=each.outcome,
        share=decimal(each.value) if known and each.value is not None else None,
        dropped=each.dropped,
    )


def _steps(
    course: Course, counted: Sequence[_Counted], exact: Fraction | None, grade: Fraction | None
) -> tuple[str, ...]:
    lines = [line for each in counted for line in _category_steps(each)]
    if exact is None or grade is None:
        return (*lines, "Course grade: pending, because something waits for a person. There is no number yet.")
    lines.append(f"Course grade: {' + '.join(_contribution(each) for each in counted)} = {per_cent(exact)}.")
    if course.rounding is not Rounding.NONE:
        lines.append(f"Rounded by the rule {course.rounding.value}: {per_cent(grade)}.")
    passed = grade >= Fraction(course.pass_mark)
    compared = "reaches" if passed else "is below"
    result = "passed" if passed else "not passed"
    return (*lines, f"{per_cent(grade)} {compared} the pass mark of {per_cent(course.pass_mark)}: {result}.")


def _category_steps(counted: _Counted) -> Iterable[str]:
    category = counted.category
    yield f"{category.title}, {per_cent(category.weight)} of the grade:"
    for name in counted.excused:
        yield f"  {name}: excused, does not count"
    for each in counted.shares:
        yield f"  {each.said}{' (dropped: one of the lowest)' if each.dropped else ''}"
    if (value := counted.value) is None:
        yield "  share: pending"
    else:
        kept = [each.value or Fraction(0) for each in counted.shares if not each.dropped]
        mean = f"({' + '.join(map(per_cent, kept))}) / {len(kept)} = " if len(kept) > 1 else ""
        yield f"  share: {mean}{per_cent(value)}"


def _contribution(counted: _Counted) -> str:
    return f"{per_cent(counted.category.weight)} x {per_cent(counted.value or Fraction(0))}"
