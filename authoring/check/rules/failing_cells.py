"""Cells that fail when the author's own version is run from top to bottom.

It worked in the author's session, in another order or with a variable that is no longer defined anywhere.
"""

from collections.abc import Iterator

from authoring import cells
from authoring.check.context import CheckedCell, Context
from authoring.check.finding import Finding, Severity
from authoring.check.rules.reference_marks import first_line
from authoring.check.trial import CellTrial

NAME = "failing-cell"
_MEND = 'Restart the kernel, run all cells and mend it; a cell that is meant to fail has the tag "raises-exception".'


def find(context: Context) -> Iterator[Finding]:
    """One finding for an assignment that cannot be run, or for each cell without points that fails."""
    for assignment in context.assignments:
        if assignment.trials is None:
            continue
        if assignment.trials.error:
            mend = "Run the notebook from top to bottom in JupyterLab and mend what fails."
            yield assignment.place.finding(NAME, Severity.ERROR, f"it cannot be run: {assignment.trials.error}", mend)
        for cell, trial in assignment.tried(assignment.trials.reference):
            reason = _reason(trial)
            if reason and not cells.is_test(cell.node) and not _may_fail(cell):
                yield cell.place.finding(NAME, Severity.ERROR, f"the cell fails: {reason}", _MEND)


def _reason(trial: CellTrial) -> str:
    for output in trial.outputs:
        if output.get("output_type") == "error":
            return first_line(f"{output.get('ename', '')}: {output.get('evalue', '')}")
    failed = trial.outcome in {"error", "failed", "timeout", "not_run"}
    return first_line(trial.message) or trial.outcome.replace("_", " ") if failed else ""


def _may_fail(cell: CheckedCell) -> bool:
    tags = cell.node["metadata"].get("tags", ())
    return isinstance(tags, list | tuple) and "raises-exception" in tags
