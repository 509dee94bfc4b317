"""A person's marks and the machine's scores in one record, and apart again."""

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from autograder.record import CellGrade, CellKind, CellOutcome, GradeRecord, Outcome

NO_RESPONSE = "No response."
"""The message of an answer that was not touched: it gets 0 without a person, as in nbgrader."""


@dataclass(frozen=True)
class Mark:
    """What a person gave for a cell."""

    score: float | None  # None: only extra credit
    extra_credit: float = 0.0


Marks = Mapping[tuple[str, str, str], Mark]
"""By learner, notebook and grade id."""


def with_marks(record: GradeRecord, marks: Marks) -> GradeRecord:
    """The record with a person's marks in it; they go before what the machine says, as in nbgrader."""
    cells = tuple(_marked(cell, marks.get((record.learner, cell.notebook, cell.grade_id))) for cell in record.cells)
    return _summed(replace(record, cells=cells))


def without_marks(record: GradeRecord) -> GradeRecord | None:
    """What the machine said, or None if a mark stands where the machine's score was: then only grading again tells."""
    if any(cell.kind is CellKind.TEST and cell.outcome is CellOutcome.MANUAL for cell in record.cells):
        return None
    cells = tuple(_unmarked(cell) if cell.outcome is CellOutcome.MANUAL else cell for cell in record.cells)
    return _summed(replace(record, cells=cells))


def without_mark(record: GradeRecord, notebook: str, grade_id: str) -> GradeRecord:
    """The record with an answer as the machine leaves it: waiting, or at 0 if it was not touched."""
    cells = tuple(
        _unmarked(cell)
        if (cell.notebook, cell.grade_id, cell.outcome) == (notebook, grade_id, CellOutcome.MANUAL)
        else cell
        for cell in record.cells
    )
    return _summed(replace(record, cells=cells))


def automatic_score(cell: CellGrade | None) -> float | None:
    """What the machine says of a cell: nothing where a person has to, and nothing where nobody could look."""
    return None if cell is None else _unmarked(cell).score if cell.outcome is CellOutcome.MANUAL else cell.score


def total(cells: tuple[CellGrade, ...]) -> float:
    """The points so far, without the dust of binary fractions."""
    return round(sum(cell.score or 0.0 for cell in cells), 9)


def _marked(cell: CellGrade, mark: Mark | None) -> CellGrade:
    if mark is None:
        return cell
    score = cell.score if mark.score is None else mark.score
    if score is None:
        return cell
    return replace(cell, outcome=CellOutcome.MANUAL, score=score + mark.extra_credit)


def _unmarked(cell: CellGrade) -> CellGrade:
    if cell.message == NO_RESPONSE:
        return replace(cell, score=0.0)
    return replace(cell, outcome=CellOutcome.NEEDS_MANUAL, score=None)


def _summed(record: GradeRecord) -> GradeRecord:
    if record.outcome not in {Outcome.GRADED, Outcome.NEEDS_MANUAL}:
        return record
    waiting = any(cell.score is None for cell in record.cells)
    outcome = Outcome.NEEDS_MANUAL if waiting else Outcome.GRADED
    return replace(record, outcome=outcome, score=total(record.cells))
