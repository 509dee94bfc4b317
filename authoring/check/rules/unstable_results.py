"""Results that differ between two runs.

Text that speaks of "the 7 points above the limit" is wrong the next time, and a test that depends on chance gives
the same answer different marks. Compared are the scores and the outputs of two runs of the reference version;
memory addresses and names of temporary files are taken out, and cells that measure time (``%timeit``) are left out.
"""

import re
from collections.abc import Iterator
from typing import Any

from authoring.check.context import Context
from authoring.check.finding import Finding, Severity

NAME = "unstable-result"
_ACCIDENTAL = re.compile(r"0x[0-9a-fA-F]{6,}|/tmp/[^\s:'\"]+|<ipython-input-[^>]*>")
_TIMES = re.compile(r"^\s*%%?(?:time|timeit|prun)\b", re.MULTILINE)
_MEND = "Seed the random numbers (np.random.default_rng(7)), sort what has no order, and leave out the time of day."


def find(context: Context) -> Iterator[Finding]:
    """One finding for each cell that is different the second time."""
    for assignment in context.assignments:
        if assignment.trials is None:
            continue
        second = {(trial.notebook, trial.index): trial for trial in assignment.trials.again}
        for cell, first in assignment.tried(assignment.trials.reference):
            again = second.get((first.notebook, first.index))
            if again is None or _TIMES.search(cell.source):
                continue
            if (first.outcome, first.score) != (again.outcome, again.score):
                was, then = f"{first.outcome} ({first.score})", f"{again.outcome} ({again.score})"
                message = f"two runs of the reference version give different marks: {was}, then {then}"
                yield cell.place.finding(NAME, Severity.ERROR, message, _MEND)
            elif _settled(first.outputs) != _settled(again.outputs):
                message = "two runs of the reference version show different results"
                yield cell.place.finding(NAME, Severity.WARNING, message, _MEND)


def _settled(value: Any) -> Any:
    """Outputs without what differs by accident."""
    if isinstance(value, str):
        return _ACCIDENTAL.sub("…", value)
    if isinstance(value, dict):
        return {key: _settled(inner) for key, inner in value.items() if key not in {"execution_count", "metadata"}}
    if isinstance(value, list | tuple):
        return [_settled(inner) for inner in value]
    return value
