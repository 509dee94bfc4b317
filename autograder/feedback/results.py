"""What became of each question, in words and points."""

from collections.abc import Mapping
from dataclasses import dataclass

from nbformat import NotebookNode

from authoring import cells
from autograder.gradebook_notes import Notes, Points
from autograder.marks import NO_RESPONSE
from autograder.record import CellGrade, CellOutcome, GradeRecord


@dataclass(frozen=True)
class Result:
    """One row of the table of marks."""

    grade_id: str
    title: str
    part: str  # the heading above it in the notebook, or ""
    kind: str  # good, part, bad or wait: how it is marked, besides the words
    word: str
    points: float | None
    max_points: float


@dataclass(frozen=True)
class Total:
    """The points of a notebook or of the assignment."""

    points: float
    max_points: float
    late_penalty: float
    waiting: int  # questions that nobody has marked yet

    @property
    def counts(self) -> float:
        """What is left after the late penalty."""
        return max(0.0, self.points - self.late_penalty)


_WORDS = {
    CellOutcome.PASSED: ("good", "passed"),
    CellOutcome.PARTIAL: ("part", "passed in part"),
    CellOutcome.FAILED: ("bad", "did not pass"),
    CellOutcome.ERROR: ("bad", "ended in an error"),
    CellOutcome.TIMEOUT: ("bad", "took too long"),
    CellOutcome.NOT_RUN: ("bad", "was not reached"),
    CellOutcome.TAMPERED: ("bad", "was interfered with"),
}


def results(notebook: NotebookNode, stem: str, record: GradeRecord, notes: Notes) -> tuple[Result, ...]:
    """The questions of a notebook, in the author's order."""
    grades = {cell.grade_id: cell for cell in record.cells if cell.notebook == stem}
    found = []
    part = ""
    for cell in notebook.cells:
        part = _heading(cell) or part
        name = cells.grade_id(cell)
        if name and cells.carries_points(cell):
            noted = notes.points.get((record.learner, stem, name), Points(None, by_person=False))
            found.append(_result(cell, name, part, grades.get(name), noted))
    return tuple(found)


def total(found: tuple[Result, ...], late_penalty: float) -> Total:
    """The sum of some questions."""
    return Total(
        points=round(sum(one.points or 0.0 for one in found), 9),
        max_points=round(sum(one.max_points for one in found), 9),
        late_penalty=late_penalty,
        waiting=sum(one.points is None for one in found),
    )


def penalties(record: GradeRecord, notes: Notes) -> Mapping[str, float]:
    """What lateness costs, by notebook."""
    return {stem: points for (learner, stem), points in notes.late_penalties.items() if learner == record.learner}


def _result(cell: NotebookNode, name: str, part: str, grade: CellGrade | None, noted: Points) -> Result:
    kind, word = _word(grade, noted, cells.points(cell))
    return Result(name, title(cell), part, kind, word, noted.points, cells.points(cell))


def title(cell: NotebookNode) -> str:
    """How the page calls a cell that carries points."""
    what = "Test" if cells.is_test(cell) else "Task" if cells.is_task(cell) else "Answer"
    return f"{what} {cells.grade_id(cell)}"


def _word(grade: CellGrade | None, noted: Points, maximum: float) -> tuple[str, str]:
    if noted.points is None:
        return ("bad", "could not be graded") if grade is None else ("wait", "waits for a person")
    if noted.by_person:
        kind = "good" if noted.points >= maximum else "part" if noted.points > 0 else "bad"
        return kind, "marked by a person"
    if grade is not None and grade.message == NO_RESPONSE:
        return "bad", "was not answered"
    return _WORDS.get(grade.outcome, ("part", "graded")) if grade is not None else ("part", "graded")


def _heading(cell: NotebookNode) -> str:
    """The text of the first heading of a cell of the author's."""
    if cell.cell_type != "markdown" or cells.is_solution(cell):
        return ""
    for line in cell.source.splitlines():
        if line.startswith("#") and line.lstrip("#").startswith(" "):
            return str(line.lstrip("#").strip(" #").replace("*", "").replace("`", ""))
    return ""
