"""A test that fails in the learner's process, where nbgrader runs it, although it passes isolated.

``nbgrader validate`` and ``nbgrader autograde`` then find the author's own answers wrong, and so does a learner who
runs the test in the notebook.
"""

from collections.abc import Iterator

from authoring import cells
from authoring.check.context import Context
from authoring.check.finding import Finding, Severity
from authoring.check.rules.reference_marks import first_line

NAME = "isolated-only"


def find(context: Context) -> Iterator[Finding]:
    """One finding for each test that the reference solution passes when it is isolated, and only then."""
    for assignment in context.assignments:
        for cell, trial in assignment.tried(assignment.trials.reference if assignment.trials else ()):
            if cells.is_test(cell.node) and trial.outcome == "passed" and trial.together not in {"", "passed"}:
                reason = f" ({first_line(trial.together_message)})" if trial.together_message else ""
                message = f"the test passes isolated, but not in the notebook itself{reason}"
                mend = "See what the cells before it leave behind: a name that was bound anew, a file, a figure."
                yield cell.place.finding(NAME, Severity.ERROR, message, mend)
