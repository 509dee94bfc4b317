"""An assignment of which no student version can be made.

nbgrader stops at the first cell that it does not understand, on the evening of the release. Where the markers of a
solution or of hidden tests are the reason, the cell is named.
"""

from collections.abc import Iterator

from authoring import cells
from authoring.check.context import CheckedCell, Context
from authoring.check.finding import Finding, Severity

NAME = "student-version"


def find(context: Context) -> Iterator[Finding]:
    """One finding for each cell with faulty markers, or else one for the assignment, with nbgrader's reason."""
    for assignment in context.assignments:
        faulty = [(cell, fault) for cell in assignment.cells for fault in _faults(cell)]
        for cell, (message, mend) in faulty:
            yield cell.place.finding(NAME, Severity.ERROR, message, mend)
        if assignment.student_error and not faulty:
            message = f"no student version can be made: {assignment.student_error}"
            yield assignment.place.finding(NAME, Severity.ERROR, message, "Mend what the other findings name first.")


def _faults(cell: CheckedCell) -> Iterator[tuple[str, str]]:
    answers, graded = cells.is_solution(cell.node), cells.is_grade(cell.node)
    for what, may_be_here, kind in (("SOLUTION", answers, "an answer"), ("HIDDEN TESTS", graded, "a test")):
        marks = [line for line in cell.source.split("\n") if f"BEGIN {what}" in line or f"END {what}" in line]
        if marks and not may_be_here and f"BEGIN {what}" in cell.source:
            mend = f"Make it {kind} in nbgrader's Create Assignment view, or take the markers out."
            yield f"the cell has the marker BEGIN {what} and is not {kind}", mend
        elif [f"BEGIN {what}" in mark for mark in marks] != [True, False] * (len(marks) // 2):
            mend = f"Write BEGIN {what} before and END {what} after each region, and nest none."
            yield f"the markers BEGIN {what} and END {what} do not come in pairs", mend
