"""What a submission may use while it is graded, by whoever said it last."""

from msgspec.structs import replace

from authoring.course import Assignment, Course, Limits
from authoring.nbgrader_api import NbgraderCourse

# An nbgrader course knows a limit for each cell only, so the whole submission gets a generous one.
_NBGRADER_SUBMISSION_SECONDS = 3600.0


def limits_for(course: NbgraderCourse, described: Course | None, assignment: str) -> Limits:
    """The assignment's own limits, or the course's, or those of ``nbgrader_config.py``, or the defaults."""
    known = assignment_of(described, assignment)
    if known and known.limits:
        return known.limits
    if described:
        return described.limits
    limits = Limits(submission_seconds=_NBGRADER_SUBMISSION_SECONDS, cpu_seconds=int(_NBGRADER_SUBMISSION_SECONDS))
    if course.cell_timeout is None:
        return replace(limits, cell_seconds=limits.submission_seconds)
    return limits if course.cell_timeout < 0 else replace(limits, cell_seconds=course.cell_timeout)


def assignment_of(described: Course | None, assignment: str) -> Assignment | None:
    """What ``course.toml`` says of an assignment, if there is one and it does."""
    return next((one for one in described.assignments if one.id == assignment), None) if described else None
