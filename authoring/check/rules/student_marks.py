"""A student version that gets marks although nothing was filled in.

Everybody who hands in the untouched notebook gets these points, and so does everybody who answers wrongly.
"""

from collections.abc import Iterator

from authoring import cells
from authoring.check.context import Context
from authoring.check.finding import Finding, Severity

NAME = "free-marks"


def find(context: Context) -> Iterator[Finding]:
    """One finding for each test cell that the empty notebook earns something on."""
    for assignment in context.assignments:
        for cell, trial in assignment.tried(assignment.trials.student if assignment.trials else ()):
            if cells.is_test(cell.node) and trial.score:
                message = f"the student version, with nothing filled in, gets {trial.score:g} points here"
                mend = "Let the test fail unless the learner's own work is there."
                yield cell.place.finding(NAME, Severity.ERROR, message, mend)
