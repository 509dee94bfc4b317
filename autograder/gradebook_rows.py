"""What a record comes to in nbgrader's gradebook, row by row."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from autograder.marks import NO_RESPONSE, automatic_score
from autograder.record import GradeRecord

Row = dict[str, object]
Places = Mapping[tuple[str, str], str]
"""The ids of submitted notebooks, by learner and name."""


@dataclass(frozen=True)
class Entry:
    """A record, with what only the gradebook wants to know."""

    record: GradeRecord  # what the machine says: without a person's marks
    submitted_at: datetime | None
    unanswered: frozenset[tuple[str, str]]  # notebook and grade id of answers that were left as they were
    late_penalties: Mapping[str, float]  # points by notebook; without those that are not late


@dataclass(frozen=True)
class Layout:
    """What the gradebook knows of an assignment."""

    assignment_id: str
    notebooks: Mapping[str, str]  # ids by name
    graded: tuple[tuple[str, str, str], ...]  # cells that carry points: notebook's name, grade id, the cell's id
    commented: tuple[tuple[str, str, str], ...]  # cells that can be commented on, the same way


def submissions(layout: Layout, entries: Sequence[Entry]) -> Iterator[Row]:
    """One for each learner."""
    for entry in entries:
        yield {
            "id": _new_id(),
            "assignment_id": layout.assignment_id,
            "student_id": entry.record.learner,
            "timestamp": _naive(entry.submitted_at),
        }


def notebooks(layout: Layout, entries: Sequence[Entry], submitted: Mapping[str, str]) -> Iterator[Row]:
    """One for each learner and notebook, handed in or not.

    Args:
        layout: the assignment.
        entries: the records.
        submitted: the ids of the submissions by learner.
    """
    for entry in entries:
        for name, notebook_id in layout.notebooks.items():
            yield {
                "id": _new_id(),
                "assignment_id": submitted[entry.record.learner],
                "notebook_id": notebook_id,
                "flagged": False,
                "late_submission_penalty": entry.late_penalties.get(name),
            }


def grades(layout: Layout, entries: Sequence[Entry], places: Places) -> Iterator[Row]:
    """One for each learner and cell that carries points."""
    for entry in entries:
        learner = entry.record.learner
        found = {(cell.notebook, cell.grade_id): cell for cell in entry.record.cells}
        for notebook, name, cell_id in layout.graded:
            score = automatic_score(found.get((notebook, name)))
            yield {
                "id": _new_id(),
                "cell_id": cell_id,
                "notebook_id": places[learner, notebook],
                "auto_score": score,
                "needs_manual_grade": score is None,
            }


def comments(layout: Layout, entries: Sequence[Entry], places: Places) -> Iterator[Row]:
    """One for each learner and cell that can be commented on."""
    for entry in entries:
        learner = entry.record.learner
        for notebook, name, cell_id in layout.commented:
            yield {
                "id": _new_id(),
                "cell_id": cell_id,
                "notebook_id": places[learner, notebook],
                "auto_comment": NO_RESPONSE if (notebook, name) in entry.unanswered else None,
            }


def _new_id() -> str:
    return uuid.uuid4().hex


def _naive(moment: datetime | None) -> datetime | None:
    """As nbgrader stores it: UTC without saying so."""
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)
