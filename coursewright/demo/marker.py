"""A simulated TA: reads the free-text answers that wait for a mark and gives the rubric's, as one would in Formgrader.

The TA sees what a TA sees (the executed notebooks and the gradebook) and knows the marks of the sample answers; answers
that are nobody's sample are left for a person.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from authoring import nbgrader_api
from authoring.cells import grade_id
from authoring.course import Assignment
from authoring.notebook_file import load_notebook
from authoring.samples import SampleAnswer, load_samples
from autograder.record import CellGrade, CellOutcome, GradeRecord, read_records
from coursewright.demo.setting import Setting

_LEFT = 2  # answers of each assignment that the TA has not come to


@dataclass(frozen=True)
class _Answer:
    """One answer that waits."""

    learner: str
    notebook: str
    cell: str
    text: str


def mark(setting: Setting, assignment: Assignment) -> tuple[int, int]:
    """Give marks in ``gradebook.db``; how many were given and how many answers are left."""
    samples = {(each.cell, each.source.strip()): each for each in load_samples(setting.root, assignment.id)}
    waiting = list(_waiting(setting, assignment))
    known = [(answer, samples[key]) for answer in waiting if (key := (answer.cell, answer.text)) in samples]
    marked = known[: max(0, len(known) - _LEFT)]
    course = nbgrader_api.open_course(setting.root)
    with nbgrader_api.gradebook(course) as book:
        for answer, sample in marked:
            _give(book, assignment.id, answer, sample)
        book.db.commit()
    return len(marked), len(waiting) - len(marked)


def _waiting(setting: Setting, assignment: Assignment) -> Iterable[_Answer]:
    course = nbgrader_api.open_course(setting.root)
    for record in read_records(setting.root / "records" / assignment.id):
        cells = [cell for cell in record.cells if cell.outcome is CellOutcome.NEEDS_MANUAL]
        texts = _texts(course, record, cells) if cells else {}
        for cell in cells:
            yield _Answer(record.learner, cell.notebook, cell.grade_id, texts[cell.grade_id])


def _texts(course: nbgrader_api.NbgraderCourse, record: GradeRecord, cells: Sequence[CellGrade]) -> Mapping[str, str]:
    folder = course.autograded(record.learner, record.assignment)
    notebooks = [load_notebook(folder / f"{stem}.ipynb") for stem in {cell.notebook for cell in cells}]
    return {grade_id(cell) or "": cell.source.strip() for notebook in notebooks for cell in notebook.cells}


def _give(book: Any, assignment: str, answer: _Answer, sample: SampleAnswer) -> None:
    """What Formgrader writes when a TA types a mark and a comment."""
    where = (answer.cell, answer.notebook, assignment, answer.learner)
    grade = book.find_grade(*where)
    grade.manual_score = float(sample.marks.get(answer.cell, 0))
    grade.needs_manual_grade = False
    book.find_comment(*where).manual_comment = sample.about or None
