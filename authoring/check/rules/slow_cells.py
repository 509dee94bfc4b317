"""Cells slower than the limit, or so near to it that a busy machine will stop them.

A learner's right answer would score 0 because the grader had company. Half the limit is taken as near.
"""

from collections.abc import Iterator

from authoring.check.context import CheckedAssignment, Context
from authoring.check.finding import Finding, Severity

NAME = "slow-cell"
_NEAR = 0.5


def find(context: Context) -> Iterator[Finding]:
    """One finding for each slow cell, and one for an assignment that is slow as a whole."""
    for assignment in context.assignments:
        if assignment.trials:
            yield from _find(assignment)


def _find(assignment: CheckedAssignment) -> Iterator[Finding]:
    trials, limits = assignment.trials.reference if assignment.trials else (), assignment.limits
    for cell, trial in assignment.tried(trials):
        message = f"the cell takes {_shown(trial.seconds)}, and the limit is {limits.cell_seconds:g} s"
        if trial.outcome == "timeout" or trial.seconds > limits.cell_seconds:
            yield cell.place.finding(NAME, Severity.ERROR, message, "Make it faster, or raise limits.cell_seconds.")
        elif trial.seconds > _NEAR * limits.cell_seconds:
            mend = "Make it faster, or raise limits.cell_seconds: a busy machine takes twice as long."
            yield cell.place.finding(NAME, Severity.WARNING, message, mend)
    total = sum(trial.seconds for trial in trials)
    if total > _NEAR * limits.submission_seconds:
        message = f"all cells take {_shown(total)} together, and the limit is {limits.submission_seconds:g} s"
        severity = Severity.ERROR if total > limits.submission_seconds else Severity.WARNING
        yield assignment.place.finding(NAME, severity, message, "Make it faster, or raise limits.submission_seconds.")


def _shown(seconds: float) -> str:
    """Rounded to what stays the same from run to run, more or less: two figures."""
    return f"{float(f'{seconds:.2g}'):g} s"
