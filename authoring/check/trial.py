"""The seam to whoever executes notebooks: rules judge what a trial saw, they never run code themselves.

``authoring`` may not import the autograder, so the command line hands a trial in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol


class Version(StrEnum):
    """Which answers a trial runs."""

    REFERENCE = "reference"  # the author's solutions
    STUDENT = "student"  # the released notebook, nothing filled in


@dataclass(frozen=True, kw_only=True)
class CellTrial:
    """What one code or manually graded cell did in a trial."""

    notebook: str  # file stem
    index: int  # position in the source notebook, from 0
    grade_id: str | None
    outcome: str  # a cell outcome of the autograder; "ran" for cells that carry no points
    score: float | None
    max_score: float | None
    seconds: float
    message: str
    isolation: str = ""  # where a test ran: "examiner", or "shared" if it only works in the learner's process
    together: str = ""  # its outcome with every test in the learner's process, where that was tried
    together_message: str = ""
    outputs: Sequence[dict[str, Any]] = field(default_factory=tuple)  # nbformat outputs


class Trial(Protocol):
    """Runs one version of an assignment as the autograder would grade it."""

    def __call__(self, assignment: Path, version: Version) -> Sequence[CellTrial]:
        """The cells of every notebook of the folder ``assignment``, in order.

        Raises:
            CoursewrightError: the assignment cannot be executed at all.
        """
        ...
