"""A reference solution that does not get full marks.

Either the solution or its test is wrong; learners who answer right would lose points.
"""

from collections.abc import Iterator

from authoring import cells
from authoring.check.context import Context
from authoring.check.finding import Finding, Severity

NAME = "reference-solution"


def find(context: Context) -> Iterator[Finding]:
    """One finding for each test cell that the author's own answers do not pass in full."""
    for assignment in context.assignments:
        for cell, trial in assignment.tried(assignment.trials.reference if assignment.trials else ()):
            if not cells.is_test(cell.node) or trial.max_score is None:
                continue
            if trial.score is None or trial.score < trial.max_score:
                got = "no score" if trial.score is None else f"{trial.score:g}"
                reason = f": {first_line(trial.message)}" if trial.message else ""
                message = f"the reference solution gets {got} of {trial.max_score:g} points{reason}"
                yield cell.place.finding(NAME, Severity.ERROR, message, "Correct the solution, or the test.")


def first_line(text: str) -> str:
    """The first line of a message, at most 200 characters of it."""
    return (text.strip().splitlines() or [""])[0][:200]
