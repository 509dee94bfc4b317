"""A ``course.toml`` that cannot be read.

Dates, weights and limits then mean nothing, and neither releases nor grades can be trusted.
"""

from collections.abc import Iterator

from authoring.check.context import Context
from authoring.check.finding import Finding, Severity

NAME = "course-file"


def find(context: Context) -> Iterator[Finding]:
    """One finding with the loader's own sentence."""
    if context.course_error:
        mend = "Correct it; docs/course-toml.md lists every key."
        yield context.course_place.finding(NAME, Severity.ERROR, context.course_error, mend)
