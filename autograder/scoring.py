"""From what a cell did to its points: nbgrader's rules, made safe.

An error scores 0; a number as the cell's value is partial credit; nothing, or anything else, is full marks. Where
nbgrader's reading of a number goes wrong (``np.float64(0.5)``, fractions, NaN, negative and too large values) this one
says so and never gives more than the cell's maximum. Text on stderr alone is no failure. :func:`nbgrader_grade` is
nbgrader's own reading.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode

from authoring import cells
from authoring.nbgrader_api import determine_grade
from autograder.engine.protocol import Ran
from autograder.marks import NO_RESPONSE
from autograder.record import CellGrade, CellKind, CellOutcome, Isolation, RecordFinding

_MESSAGE_LENGTH = 500
_OVER = "CellTimeoutError: the cell ran longer than is allowed"  # whichever process's clock was first to say so
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")


def test_grade(notebook: str, cell: NotebookNode, ran: Ran) -> tuple[CellGrade, tuple[RecordFinding, ...]]:
    """The points of a test cell that ran to an end, with what was odd about it."""
    maximum = cells.points(cell)
    if ran.status == "timeout":
        return _grade(notebook, cell, CellOutcome.TIMEOUT, 0.0, _OVER), ()
    if ran.status != "ok":
        outcome = CellOutcome.FAILED if ran.error == "AssertionError" else CellOutcome.ERROR
        return _grade(notebook, cell, outcome, 0.0, _last_error(ran)), ()
    value = _value(ran)
    if value is None:
        return _grade(notebook, cell, CellOutcome.PASSED, maximum, ""), ()
    score, problem = _bounded(value, maximum)
    findings = (
        (RecordFinding(rule="odd-partial-credit", cell=cells.grade_id(cell), message=problem),) if problem else ()
    )
    return _grade(notebook, cell, _partial_outcome(score, maximum), score, problem), findings


def nbgrader_grade(notebook: str, cell: NotebookNode, ran: Ran) -> CellGrade:
    """The points of a test cell by nbgrader's own reading of its outputs."""
    if ran.status != "ok":
        return test_grade(notebook, cell, ran)[0]
    executed = NotebookNode(cell)
    executed["outputs"] = [NotebookNode(output) for output in ran.outputs]
    try:
        score, maximum = determine_grade(executed)
    except (KeyError, TypeError, ValueError) as error:
        return _grade(notebook, cell, CellOutcome.ERROR, 0.0, str(error))
    if score is None or score == maximum:
        return _grade(notebook, cell, CellOutcome.PASSED, maximum, "")
    outcome = CellOutcome.FAILED if score == 0 else CellOutcome.PARTIAL
    return _grade(notebook, cell, outcome, score, _last_error(ran))


def not_run(notebook: str, cell: NotebookNode, message: str) -> CellGrade:
    """A test cell that was never reached: no points, and it says why."""
    return _grade(notebook, cell, CellOutcome.NOT_RUN, 0.0, message)


def stopped(notebook: str, cell: NotebookNode, outcome: CellOutcome, message: str) -> CellGrade:
    """A test cell during which the submission came to its end."""
    return _grade(notebook, cell, outcome, 0.0, message)


def manual_grade(notebook: str, cell: NotebookNode, *, answered: bool) -> CellGrade:
    """An answer that a person marks; as in nbgrader one that was not touched (but never a task) gets 0 at once."""
    if answered or cells.is_task(cell):
        return _grade(notebook, cell, CellOutcome.NEEDS_MANUAL, None, "")
    return _grade(notebook, cell, CellOutcome.MANUAL, 0.0, NO_RESPONSE)


def _grade(notebook: str, cell: NotebookNode, outcome: CellOutcome, score: float | None, message: str) -> CellGrade:
    kind = CellKind.TEST if cells.is_test(cell) else CellKind.TASK if cells.is_task(cell) else CellKind.MANUAL
    return CellGrade(
        notebook=notebook,
        grade_id=cells.grade_id(cell) or "",
        kind=kind,
        isolation=Isolation.EXAMINER if kind is CellKind.TEST else Isolation.NONE,
        outcome=outcome,
        score=score,
        max_score=cells.points(cell),
        message=message,
    )


def _value(ran: Ran) -> float | None:
    """The number that the cell ended with, if it did: by its type, or else by its text as nbgrader reads it."""
    if ran.value is not None:
        return ran.value
    for output in ran.outputs:
        if output.get("output_type") == "execute_result":
            return _parsed(output.get("data"))
    return None


def _parsed(data: object) -> float | None:
    text = data.get("text/plain") if isinstance(data, Mapping) else None
    try:
        return float(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _bounded(value: float, maximum: float) -> tuple[float, str]:
    if math.isnan(value):
        return 0.0, "the test's value is not a number (NaN); it counts as 0"
    if value < 0:
        return 0.0, f"the test's value is negative ({value:g}); it counts as 0"
    if value > maximum:
        return maximum, f"the test's value ({value:g}) is above the maximum of {maximum:g}; the maximum counts"
    return value, ""


def _partial_outcome(score: float, maximum: float) -> CellOutcome:
    if score >= maximum:
        return CellOutcome.PASSED
    return CellOutcome.PARTIAL if score > 0 else CellOutcome.FAILED


def _last_error(ran: Ran) -> str:
    errors = [output for output in ran.outputs if output.get("output_type") == "error"]
    return error_text(errors[-1]) if errors else ran.error


def error_text(output: Mapping[str, Any]) -> str:
    """``NameError: …`` of an error output, in one bounded line without memory addresses."""
    parts = str(output.get("ename", "")), str(output.get("evalue", ""))  # either may be empty
    line = " ".join(": ".join(part for part in parts if part).split())
    return _ADDRESS.sub("0x…", line)[:_MESSAGE_LENGTH]
