"""What the record says of a submission that ran into a limit: which tests count, and which never ran."""

from pathlib import Path

import pytest

from authoring.course import Limits
from autograder import grade
from autograder.grading import Policy
from autograder.record import CellOutcome, GradeRecord
from tests.autograder import notebooks as make

pytestmark = pytest.mark.integration

DEAF = "import signal\n    signal.signal(signal.SIGALRM, signal.SIG_IGN)\n    while True:\n        pass"
ENDLESS = "while True:\n        pass"
IN_C = "sum(range(10**15))"
FLOOD = "import os\n    [os.fork() for _ in range(2)]\n    kept = b'x' * (100 << 20)\n    __import__('time').sleep(60)"


def graded(root: Path, body: str, limits: Limits) -> GradeRecord:
    """The record of an answer that is right, wrong in its own way, and right."""
    solution = "### BEGIN SOLUTION\ndef f(n):\n    return n\n### END SOLUTION"
    answer = f"def f(n):\n    if n != 2:\n        return n\n    {body}"
    tests = [make.check(f"t{n}", f"assert f({n}) == {n}") for n in (1, 2, 3)]
    make.write(root / "source/ps/nb.ipynb", make.notebook(make.solution("s", solution), *tests))
    submission = make.notebook(make.solution("s", answer), *tests)
    folder = make.submit(root, "ada", "ps", {"nb.ipynb": submission})
    return grade(root / "source/ps", folder, policy=Policy(limits=limits))


def outcomes(record: GradeRecord) -> list[CellOutcome]:
    return [cell.outcome for cell in record.cells]


def test_a_test_that_takes_too_long_is_interrupted_and_the_next_one_counts(tmp_path: Path) -> None:
    record = graded(tmp_path, ENDLESS, Limits(cell_seconds=1.0))
    assert outcomes(record) == [CellOutcome.PASSED, CellOutcome.TIMEOUT, CellOutcome.PASSED]
    assert record.score == 2


@pytest.mark.parametrize(
    ("body", "limits", "outcome", "problem"),
    [
        (DEAF, Limits(cell_seconds=1.0), CellOutcome.TIMEOUT, "the cell could not be interrupted after 1 s"),
        (IN_C, Limits(cell_seconds=1.0), CellOutcome.TIMEOUT, "the cell could not be interrupted after 1 s"),
        (ENDLESS, Limits(cpu_seconds=2), CellOutcome.TIMEOUT, "more than 2 s of computing time"),
        (ENDLESS, Limits(submission_seconds=3.0), CellOutcome.TIMEOUT, "took longer than 3 s"),
        (FLOOD, Limits(submission_memory_mib=300), CellOutcome.ERROR, "more than 300 MiB of memory"),
    ],
)
def test_what_cannot_be_interrupted_is_stopped_and_what_was_not_reached_says_so(
    tmp_path: Path, body: str, limits: Limits, outcome: CellOutcome, problem: str
) -> None:
    record = graded(tmp_path, body, limits)
    assert outcomes(record) == [CellOutcome.PASSED, outcome, CellOutcome.NOT_RUN]
    assert record.score == 1
    assert [finding.rule for finding in record.findings] == ["stopped"]
    assert problem in record.findings[0].message
    assert problem in record.cells[2].message
