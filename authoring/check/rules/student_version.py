"""An assignment of which no student version can be made.

nbgrader stops at the first cell that it does not understand, on the evening of the release.
"""

from collections.abc import Iterator

from authoring.check.context import Context
from authoring.check.finding import Finding, Severity

NAME = "student-version"


def find(context: Context) -> Iterator[Finding]:
    """One finding for each assignment, with nbgrader's reason."""
    for assignment in context.assignments:
        if assignment.student_error:
            mend = "Mend the cell that the message speaks of; other findings may name it."
            yield assignment.place.finding(NAME, Severity.ERROR, assignment.student_error, mend)
