"""Dates out of order, outside the run, or at a time that the clocks leave out.

An assignment that is due before it is released, or after the course has ended, cannot be handed in.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

from authoring.check.context import Context
from authoring.check.finding import Finding, Severity
from authoring.course import Assignment, Course, Week

NAME = "dates"
_Problem = tuple[str, str]


def find(context: Context) -> Iterator[Finding]:
    """Findings about weeks, assignments and the verification deadline."""
    if context.course is None or not context.is_course:
        return
    for message, mend in _problems(context.course):
        yield context.course_place.finding(NAME, Severity.ERROR, message, mend)


def _problems(course: Course) -> Iterator[_Problem]:
    yield from _moment(course, "the verification deadline", course.verification_deadline)
    for week in course.weeks:
        yield from _moment(course, f"the opening of week {week.number}", week.opens)
        for assignment in week.assignments:
            yield from _assignment(course, week, assignment)
    for earlier, later in pairwise(sorted(course.weeks, key=lambda week: week.number)):
        if later.opens <= earlier.opens:
            message = f"week {later.number} opens on {later.opens}, not after week {earlier.number} ({earlier.opens})"
            yield message, "Correct `opens` of one of them."


def _assignment(course: Course, week: Week, assignment: Assignment) -> Iterator[_Problem]:
    name = assignment.id
    if assignment.release is not None:
        yield from _moment(course, f"the release of {name}", assignment.release)
        if assignment.release < week.opens:
            message = f"{name} is released on {assignment.release}, before its week {week.number} opens ({week.opens})"
            yield message, "Correct its `release`, or move it to the week before."
    if assignment.due is not None:
        yield from _moment(course, f"the due time of {name}", assignment.due)
        release = assignment.release or week.opens
        if assignment.due <= release:
            message = f"{name} is due on {assignment.due}, not after its release ({release})"
            yield message, "Correct its `due`, or its `release`."


def _moment(course: Course, what: str, moment: datetime) -> Iterator[_Problem]:
    if not course.starts <= moment.date() <= course.ends:
        message = f"{what}, {moment}, is outside the run ({course.starts} to {course.ends})"
        yield message, "Correct it, or `starts` and `ends` of the run."
    instant = course.instant(moment)
    if instant.astimezone(UTC).astimezone(course.zone).replace(tzinfo=None) != moment:
        message = f"{what}, {moment}, does not exist: the clocks in {course.time_zone} skip it"
        yield message, "Choose a time before or after the clocks change."
