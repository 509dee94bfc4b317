"""A test that only works in the learner's process.

There a hostile answer can tamper with it: patch what it calls, or return what equals everything.
"""

from collections.abc import Iterator

from authoring import cells
from authoring.check.context import Context
from authoring.check.finding import Finding, Severity

NAME = "shared-test"


def find(context: Context) -> Iterator[Finding]:
    """One finding for each test that the reference solution passes in its own process only, unless the author knows."""
    for assignment in context.assignments:
        for cell, trial in assignment.tried(assignment.trials.reference if assignment.trials else ()):
            known = cell.node.metadata.get("coursewright", {}).get("isolation") == "shared"
            if cells.is_test(cell.node) and trial.isolation == "shared" and not known:
                message = "the test only works in the learner's process, where an answer can tamper with it"
                mend = (
                    "Let it call the learner's functions with data and look at what they return, or accept it with "
                    '`"isolation": "shared"` below `coursewright` in the cell\'s metadata.'
                )
                yield cell.place.finding(NAME, Severity.WARNING, message, mend)
