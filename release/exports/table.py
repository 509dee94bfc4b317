"""What is exported: a run's learners with the score of each assignment and the course grade.

A score has a state, and points only where there are some: "not attempted" is never 0.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from msgspec.structs import replace as with_changes

from authoring.course import Assignment, AssignmentKind, Category, Course, Rounding
from authoring.errors import CoursewrightError
from autograder.record import GradeRecord, Outcome
from exam_bank.sittings.result import SittingResult, SittingState
from release.course_grade import course_grade
from release.enrolment import Enrolment
from release.rounding import decimal
from release.share import Share, share


class State(StrEnum):
    """What is known of a score. Only the first has points that are final."""

    GRADED = "graded"
    PENDING = "pending"  # something was handed in, and a person has yet to decide
    NOT_ATTEMPTED = "not-attempted"
    EXCUSED = "excused"
    NO_SCORE = "no-score"  # a peer's file says no more than that there is none
    NOT_AVAILABLE = "not-available"  # a peer says that the learner cannot have one


@dataclass(frozen=True)
class Score:
    """One learner's score of one assignment or problem. ``points`` (late penalties subtracted) only if graded."""

    state: State
    points: Decimal | None = None
    possible: Decimal | None = None


@dataclass(frozen=True)
class Column:
    """An assignment that counts."""

    id: str
    title: str
    category: Category
    possible: Decimal | None  # points; None while nothing says
    due: datetime | None
    exam: bool  # no notebook that is handed in


@dataclass(frozen=True)
class LearnerGrades:
    """One learner's row."""

    learner: str
    email: str
    track: str
    verified: bool  # a verified learner of the run
    standing: str  # why or why not
    exact: Decimal | None  # the course grade as a fraction, before the course's own rounding; None while it is pending
    grade: Decimal | None  # by the course's own rounding
    passed: bool | None
    scores: Mapping[str, Score]  # by assignment
    problems: Mapping[tuple[str, str], Score] = field(default_factory=dict)  # by assignment and problem
    submitted: Mapping[str, datetime] = field(default_factory=dict)  # by assignment, where it is known


@dataclass(frozen=True)
class GradeTable:
    """A run's grades as they are known now."""

    course: str
    title: str
    run: str
    starts: date
    ends: date
    categories: Sequence[Category]
    columns: Sequence[Column]  # in the order of the weeks
    learners: Sequence[LearnerGrades]  # in the order of the enrolments

    def of_category(self, category: str) -> list[Column]:
        """The columns of one category."""
        return [column for column in self.columns if column.category.id == category]

    def problems_of(self, assignment: str) -> list[str]:
        """The names of an assignment's problems, as any learner's record has them, in its order."""
        found = (name for each in self.learners for of, name in each.problems if of == assignment)
        return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Evidence:
    """What a learner's row is made from."""

    records: Sequence[GradeRecord] = ()
    sittings: Sequence[SittingResult] = ()
    excused: Collection[str] = ()
    submitted: Mapping[str, datetime] = field(default_factory=dict)


def grade_table(course: Course, enrolments: Iterable[Enrolment], evidence_of: Callable[[str], Evidence]) -> GradeTable:
    """The table of a run.

    Args:
        course: the run.
        enrolments: who is in it.
        evidence_of: what there is of a learner.

    Raises:
        CoursewrightError: as :func:`~release.course_grade.course_grade`, or an assignment is graded out of different
            points for different learners.
    """
    counted = [each for each in course.assignments if each.category is not None]
    learners = [_row(course, counted, enrolment, evidence_of(enrolment.learner)) for enrolment in enrolments]
    return GradeTable(
        course=course.id,
        title=course.title,
        run=course.run,
        starts=course.starts,
        ends=course.ends,
        categories=course.categories,
        columns=[_column(course, each, learners) for each in counted],
        learners=learners,
    )


def _row(course: Course, counted: Sequence[Assignment], enrolment: Enrolment, own: Evidence) -> LearnerGrades:
    by_rule = course_grade(course, enrolment, enrolment.learner, own.records, own.sittings, own.excused)
    unrounded = with_changes(course, rounding=Rounding.NONE)
    exact = course_grade(unrounded, enrolment, enrolment.learner, own.records, own.sittings, own.excused)
    return LearnerGrades(
        learner=enrolment.learner,
        email=enrolment.email,
        track=enrolment.track,
        verified=by_rule.verified,
        standing=by_rule.standing,
        exact=exact.grade,
        grade=by_rule.grade,
        passed=by_rule.passed,
        scores={each.id: _score(each, own) for each in counted},
        problems={
            (each.id, name): score
            for each in counted
            for name, score in _problems(each, own)
            if each.id not in own.excused
        },
        submitted=own.submitted,
    )


def _score(assignment: Assignment, own: Evidence) -> Score:
    possible = _possible(assignment, own)
    if assignment.id in own.excused:
        return Score(State.EXCUSED, possible=possible)
    found = share(assignment, own.records, own.sittings)
    if found.value is None:
        return Score(State.PENDING, possible=possible)
    if found.outcome is Outcome.MISSING:
        return Score(State.NOT_ATTEMPTED, possible=possible)
    return Score(State.GRADED, _points(found, possible), possible)


def _points(found: Share, possible: Decimal | None) -> Decimal:
    if possible is None or found.value is None:
        raise CoursewrightError(f"{found.said}: its points are not known.")
    return decimal(found.value * Fraction(possible))


def _possible(assignment: Assignment, own: Evidence) -> Decimal | None:
    if assignment.kind is AssignmentKind.EXAM:
        sat = [each.max_score for each in own.sittings if each.exam == assignment.id]
        verified = [each for each in own.sittings if each.exam == assignment.id and each.state is SittingState.VERIFIED]
        if verified:
            best = max(verified, key=lambda each: Fraction(each.score or 0) / Fraction(each.max_score or 1))
            return best.max_score
        return assignment.points if assignment.points is not None or not sat else sat[0]
    if assignment.points is not None:
        return assignment.points
    most = [each.max_score for each in own.records if each.assignment == assignment.id]
    return Decimal(str(most[0])) if most and most[0] > 0 else None


def _problems(assignment: Assignment, own: Evidence) -> Iterable[tuple[str, Score]]:
    """The cells of an assignment that carry points; an exam is one problem, for its items differ by learner."""
    if assignment.kind is AssignmentKind.EXAM:
        yield assignment.title, _score(assignment, own)
        return
    for record in own.records:
        if record.assignment == assignment.id and record.outcome is not Outcome.MISSING:
            for cell in record.cells:
                possible = Decimal(str(cell.max_score))
                points = None if cell.score is None else Decimal(str(cell.score))
                state = State.PENDING if points is None else State.GRADED
                yield f"{cell.notebook}: {cell.grade_id}", Score(state, points, possible)


def _column(course: Course, assignment: Assignment, learners: Iterable[LearnerGrades]) -> Column:
    seen = {
        score.possible: row.learner for row in learners if (score := row.scores[assignment.id]).possible is not None
    }
    if len(seen) > 1:
        said = " and ".join(f"{possible:f} for {learner}" for possible, learner in seen.items() if possible is not None)
        raise CoursewrightError(f"{assignment.id}: it is graded out of {said} points; regrade it, then export.")
    category = next(each for each in course.categories if each.id == assignment.category)
    possible = next(iter(seen), assignment.points)
    is_exam = assignment.kind is AssignmentKind.EXAM
    return Column(assignment.id, assignment.title, category, possible, course.due_at(assignment), is_exam)


def with_recorded(table: GradeTable, recorded: Mapping[str, tuple[Decimal, bool] | None]) -> GradeTable:
    """The table with the grades that the ledger has in force.

    Args:
        table: the table as it comes from the course's files.
        recorded: grade and passed by learner; None for a grade that was withdrawn. Others keep what they have, and are
            no verified learners here.
    """
    return replace(table, learners=[_recorded(row, recorded) for row in table.learners])


def _recorded(row: LearnerGrades, recorded: Mapping[str, tuple[Decimal, bool] | None]) -> LearnerGrades:
    if row.learner not in recorded:
        return replace(row, verified=False, standing="no verified grade in the ledger")
    found = recorded[row.learner]
    if found is None:
        return replace(row, verified=False, standing="the verified grade was withdrawn", passed=None)
    grade, passed = found
    return replace(row, exact=grade, grade=grade, passed=passed, verified=True, standing="verified grade in the ledger")
