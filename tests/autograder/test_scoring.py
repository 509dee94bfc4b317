"""From what a test cell did to its points."""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring import cells
from autograder.engine.protocol import Ran
from autograder.engine.shell import Recorder, _number
from autograder.record import CellKind, CellOutcome, Isolation
from autograder.scoring import error_text, manual_grade, nbgrader_grade, not_run, stopped, test_grade
from tests.autograder import notebooks as make

grade_of = test_grade  # for pytest it is no test
del test_grade

CELL = make.check("t", "f()", 2)
NOT_A_NUMBER = "the test's value is not a number (NaN); it counts as 0"
NEGATIVE = "the test's value is negative (-1); it counts as 0"
TOO_LARGE = "the test's value (3) is above the maximum of 2; the maximum counts"


def ended_with(value: object) -> Ran:
    """What the engine reports of a cell whose last line has this value."""
    recorder = Recorder()
    if value is not None:
        recorder.result({"text/plain": repr(value)}, {}, 1)
    return Ran(cell=0, status="ok", outputs=recorder.outputs, value=_number(value))


def raised(name: str, message: str = "no", status: str = "error") -> Ran:
    output = {"output_type": "error", "ename": name, "evalue": message, "traceback": []}
    return Ran(cell=0, status=status, outputs=[output], error=name)


class Half:
    def __repr__(self) -> str:
        return "0.5"


@pytest.mark.parametrize(
    ("value", "outcome", "score", "problem", "nbgraders"),
    [
        (None, CellOutcome.PASSED, 2.0, "", 2.0),
        (0, CellOutcome.FAILED, 0.0, "", 0.0),
        (0.0, CellOutcome.FAILED, 0.0, "", 0.0),
        (0.5, CellOutcome.PARTIAL, 0.5, "", 0.5),
        (1, CellOutcome.PARTIAL, 1.0, "", 1.0),
        (2, CellOutcome.PASSED, 2.0, "", 2.0),
        (Half(), CellOutcome.PARTIAL, 0.5, "", 0.5),
        (True, CellOutcome.PASSED, 2.0, "", 2.0),
        (False, CellOutcome.PASSED, 2.0, "", 2.0),
        ("0.5", CellOutcome.PASSED, 2.0, "", 2.0),
        ("well done", CellOutcome.PASSED, 2.0, "", 2.0),
        ([1], CellOutcome.PASSED, 2.0, "", 2.0),
        (1j, CellOutcome.PASSED, 2.0, "", 2.0),
        # where nbgrader sees no number, or a wrong one
        (np.float64(0.5), CellOutcome.PARTIAL, 0.5, "", 2.0),
        (np.float32(0.5), CellOutcome.PARTIAL, 0.5, "", 2.0),
        (np.int64(1), CellOutcome.PARTIAL, 1.0, "", 2.0),
        (Fraction(1, 2), CellOutcome.PARTIAL, 0.5, "", 2.0),
        (Decimal("0.5"), CellOutcome.PARTIAL, 0.5, "", 2.0),
        (math.nan, CellOutcome.FAILED, 0.0, NOT_A_NUMBER, 2.0),
        (np.float64("nan"), CellOutcome.FAILED, 0.0, NOT_A_NUMBER, 2.0),
        (Decimal("nan"), CellOutcome.FAILED, 0.0, NOT_A_NUMBER, 2.0),
        (-1, CellOutcome.FAILED, 0.0, NEGATIVE, 2.0),
        (3, CellOutcome.PASSED, 2.0, TOO_LARGE, 0.0),  # nbgrader itself gives up on the whole submission
        (math.inf, CellOutcome.PASSED, 2.0, TOO_LARGE.replace("3", "inf"), 0.0),
        (10**400, CellOutcome.PASSED, 2.0, TOO_LARGE.replace("3", "inf"), 0.0),
    ],
)
def test_the_value_of_a_cell(value: object, outcome: CellOutcome, score: float, problem: str, nbgraders: float) -> None:
    grade, findings = grade_of("nb", CELL, ended_with(value))
    assert (grade.outcome, grade.score, grade.max_score, grade.message) == (outcome, score, 2.0, problem)
    assert [(finding.rule, finding.cell, finding.message) for finding in findings] == (
        [("odd-partial-credit", "t", problem)] if problem else []
    )
    assert nbgrader_grade("nb", CELL, ended_with(value)).score == nbgraders


@given(st.floats() | st.integers() | st.fractions() | st.decimals(allow_nan=True) | st.text() | st.booleans())
def test_a_score_is_between_nothing_and_the_maximum(value: object) -> None:
    for grade in (grade_of("nb", CELL, ended_with(value))[0], nbgrader_grade("nb", CELL, ended_with(value))):
        assert grade.score is not None
        assert 0 <= grade.score <= 2


def test_a_value_that_found_no_room_among_the_outputs_still_counts() -> None:
    recorder = Recorder()
    recorder.left = 10
    recorder.stream("stdout", "x" * 100)
    recorder.result({"text/plain": "0.5", "text/html": "<p>0.5"}, {}, 1)
    ran = Ran(cell=0, status="ok", outputs=recorder.outputs, value=0.5)
    assert nbgrader_grade("nb", CELL, ran).score == 0.5


@pytest.mark.parametrize(
    ("ran", "outcome", "message"),
    [
        (raised("AssertionError", "f(3) is 7"), CellOutcome.FAILED, "AssertionError: f(3) is 7"),
        (raised("AssertionError", ""), CellOutcome.FAILED, "AssertionError"),
        (raised("NameError"), CellOutcome.ERROR, "NameError: no"),
        (raised("SystemExit", "0"), CellOutcome.ERROR, "SystemExit: 0"),
        (
            raised("CellTimeoutError", "too long", "timeout"),
            CellOutcome.TIMEOUT,
            "CellTimeoutError: the cell ran longer than is allowed",
        ),
        (Ran(cell=0, status="error", outputs=[], error="Odd"), CellOutcome.ERROR, "Odd"),
    ],
)
def test_an_error_gives_nothing_and_says_which(ran: Ran, outcome: CellOutcome, message: str) -> None:
    grade, findings = grade_of("nb", CELL, ran)
    assert (grade.outcome, grade.score, grade.message, findings) == (outcome, 0.0, message, ())
    assert nbgrader_grade("nb", CELL, ran) == grade


def test_a_number_in_a_cell_that_then_failed_is_no_credit() -> None:
    ran = Ran(cell=0, status="error", outputs=[], error="ValueError", value=2.0)
    assert grade_of("nb", CELL, ran)[0].score == 0
    assert nbgrader_grade("nb", CELL, ran).score == 0


def test_a_warning_costs_the_points_with_nbgraders_rules_alone() -> None:
    ran = Ran(cell=0, status="ok", outputs=[{"output_type": "stream", "name": "stderr", "text": "careful"}])
    assert grade_of("nb", CELL, ran)[0].score == 2
    assert nbgrader_grade("nb", CELL, ran).score == 0


@pytest.mark.parametrize("data", [None, {}, {"text/plain": None}, {"text/plain": ["0.5"]}, {"text/html": "0.5"}, 7])
def test_outputs_of_any_shape_are_survived(data: Any) -> None:
    ran = Ran(cell=0, status="ok", outputs=[{"output_type": "execute_result", "data": data}])
    for grade in (grade_of("nb", CELL, ran)[0], nbgrader_grade("nb", CELL, ran)):
        assert grade.score in {0.0, 0.5, 2.0}


def test_a_cell_that_was_not_reached_or_was_stopped_gives_nothing_and_says_why() -> None:
    grade = not_run("nb", CELL, "the process crashed")
    assert (grade.outcome, grade.score, grade.message) == (CellOutcome.NOT_RUN, 0.0, "the process crashed")
    grade = stopped("nb", CELL, CellOutcome.TIMEOUT, "too long")
    assert (grade.outcome, grade.score, grade.message) == (CellOutcome.TIMEOUT, 0.0, "too long")


@pytest.mark.parametrize(
    ("cell", "answered", "kind", "outcome", "score", "message"),
    [
        (make.essay("e"), True, CellKind.MANUAL, CellOutcome.NEEDS_MANUAL, None, ""),
        (make.essay("e"), False, CellKind.MANUAL, CellOutcome.MANUAL, 0.0, "No response."),
        (make.manual_code("m", ""), True, CellKind.MANUAL, CellOutcome.NEEDS_MANUAL, None, ""),
        (make.task("k", ""), False, CellKind.TASK, CellOutcome.NEEDS_MANUAL, None, ""),
    ],
)
def test_what_a_person_marks(
    cell: Any, answered: bool, kind: CellKind, outcome: CellOutcome, score: float | None, message: str
) -> None:
    grade = manual_grade("nb", cell, answered=answered)
    assert (grade.kind, grade.outcome, grade.score, grade.message) == (kind, outcome, score, message)
    assert (grade.isolation, grade.max_score) == (Isolation.NONE, cells.points(cell))


def test_messages_are_one_short_line_without_memory_addresses() -> None:
    text = error_text({"ename": "TypeError", "evalue": "<f at 0x7f1d620de590>\n  is\tno number " + "x" * 1000})
    assert text.startswith("TypeError: <f at 0x…> is no number xxx")
    assert len(text) == 500
    assert error_text({}) == ""
