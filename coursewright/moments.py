"""Times as people type them."""

from datetime import datetime
from typing import TYPE_CHECKING

from authoring.errors import CoursewrightError

if TYPE_CHECKING:
    from authoring.course import Course


def moment(text: str, course: "Course") -> datetime:
    """The moment that the text names; without an offset it is a wall-clock time of the course.

    Raises:
        CoursewrightError: it is no time.
    """
    try:
        typed = datetime.fromisoformat(text)
    except ValueError as error:
        raise CoursewrightError(f"{text!r} is not a time; write it as 2026-09-14T12:00.") from error
    return course.instant(typed) if typed.tzinfo is None else typed
