"""A learner's course grade with everything that it came from: due times, what was arranged, lateness, and each step."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from authoring.course import AssignmentKind, Course, LatePolicy, LateRule
from authoring.errors import CoursewrightError
from coursewright.exam_room import ENROLMENTS
from release.rounding import per_cent

if TYPE_CHECKING:
    from authoring.nbgrader_api import NbgraderCourse
    from autograder.arranged import Arranged
    from autograder.arrangements import Terms
    from autograder.record import GradeRecord
    from exam_bank.sittings.result import SittingResult
    from release.course_grade import CourseGrade


@dataclass(frozen=True)
class Explained:
    """A grade, and for each assignment that counts what is to be said of its time."""

    grade: "CourseGrade"
    times: dict[str, str]

    def lines(self) -> Iterator[str]:
        """The whole computation, the remarks on times below the assignments that they are about."""
        for step in self.grade.steps:
            yield step
            name = step.strip().partition(":")[0]
            if step.startswith("  ") and name in self.times:
                yield f"    {self.times[name]}"


def explain_grade(root: Path, course: Course, learner: str) -> Explained:
    """The learner's grade in the run whose folder is ``root``.

    Raises:
        CoursewrightError: nobody knows the learner, or a file of the course cannot be read.
    """
    from authoring import nbgrader_api
    from autograder.arranged import read_arranged
    from release.course_grade import course_grade
    from release.enrolment import read_enrolments

    enrolment = next((each for each in read_enrolments(root / ENROLMENTS) if each.learner == learner), None)
    records = () if enrolment is None else tuple(_records(root, course, learner))
    sittings = tuple(_sittings(root, course, learner))
    if enrolment is None and not sittings:
        raise CoursewrightError(f"{root / ENROLMENTS}: there is no learner {learner!r}; look at how the id is written.")
    layout = nbgrader_api.open_course(root)
    arranged = read_arranged(layout, course)
    grade = course_grade(course, enrolment, learner, records, sittings, arranged.excused(learner, course))
    return Explained(grade, dict(_times(layout, course, arranged, learner)))


def _records(root: Path, course: Course, learner: str) -> "Iterator[GradeRecord]":
    from autograder.record import read_records

    for assignment in course.assignments:
        yield from read_records(root / "records" / assignment.id / learner)


def _sittings(root: Path, course: Course, learner: str) -> "Iterator[SittingResult]":
    from coursewright.report.exam_files import read_exam

    for assignment in course.assignments:
        if assignment.kind is AssignmentKind.EXAM:
            every = (sat.grade.result for sat in read_exam(root, assignment.id))
            yield from (result for result in every if result.learner == learner)


def _times(layout: "NbgraderCourse", course: Course, arranged: "Arranged", learner: str) -> "Iterable[tuple[str, str]]":
    """What is said of the times of each assignment that counts, exams apart."""
    from autograder.groups import who_counts
    from autograder.lateness import lateness
    from autograder.submission import submitted_at

    for assignment in course.assignments:
        if assignment.category is None or assignment.kind is AssignmentKind.EXAM:
            continue
        groups = arranged.groups_of(assignment.id)
        late = lateness(layout, course, assignment.id, arranged.arrangements, groups)
        own = late.terms(learner)
        reasons = [row.reason for row in arranged.arrangements if row.concerns(learner, assignment.id)]
        folder = layout.submitted(who_counts(layout, assignment.id, groups, learner), assignment.id)
        handed_in = submitted_at(folder) if folder.is_dir() else None
        known = handed_in is not None or not folder.is_dir()
        said = [_due(course, own, reasons)]
        if handed_in is not None:
            said.append(f"handed in {_shown(course, handed_in)}, {how_late(late.policy, own, handed_in)}")
        elif not known:
            said.append("when it was handed in is not known, so it is not late")
        yield assignment.id, "; ".join(said)


def _due(course: Course, own: "Terms", reasons: Iterable[str]) -> str:
    due = "no due time" if own.due is None else f"due {_shown(course, own.due)}"
    why = ", ".join(reasons)
    return f"{due}, by arrangement ({why})" if why else due


def how_late(policy: LatePolicy | None, own: "Terms", handed_in: datetime) -> str:
    """What the lateness of a submission costs, and by which rule, as ``autograder.late`` charges it."""
    if own.due is None or handed_in <= own.due:
        return "in time"
    policy, late = policy or LatePolicy(), handed_in - own.due
    by = f"late by {_span(late)}"
    if late <= timedelta(minutes=policy.grace_minutes):
        return f"{by}, within the grace of {policy.grace_minutes} minutes"
    return f"{by}, which is waived" if own.waived else f"{by}{_cost(policy, ceil(late / timedelta(days=1)))}"


def _cost(policy: LatePolicy, days: int) -> str:
    if policy.rule is LateRule.CUT_OFF:
        return ", and late work counts nothing"
    if policy.cut_off_days is not None and days > policy.cut_off_days:
        return f", and after {policy.cut_off_days} days late work counts nothing"
    if policy.rule is LateRule.NONE:
        return ", which costs nothing"
    each = "the one started day" if days == 1 else f"each of {days} started days"
    return f": {each} takes {per_cent(policy.per_day)} of what was earned"


def _span(late: timedelta) -> str:
    """A length of time in words, its two largest units."""
    minutes = ceil(late / timedelta(minutes=1))
    parts = [(minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute")]
    said = [f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in parts if number]
    return " and ".join(said[:2])


def _shown(course: Course, moment: datetime) -> str:
    return f"{moment.astimezone(course.zone):%Y-%m-%d %H:%M %Z}"
