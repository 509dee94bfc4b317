"""Sample answers that cannot be read, or belong to cells that are not there.

They prove the tests of an assignment; one whose cell was renamed proves nothing any more.
"""

from collections.abc import Iterator
from pathlib import Path

from authoring import cells
from authoring.check.context import CheckedAssignment, Context, Place
from authoring.check.finding import Finding, Severity
from authoring.errors import CoursewrightError
from authoring.samples import load_samples, samples_path

NAME = "sample-answer"


def find(context: Context) -> Iterator[Finding]:
    """One finding for each faulty file or answer; only a whole course is looked at."""
    if context.root is None or not context.is_course:
        return
    for assignment in context.assignments:
        path = samples_path(context.root, assignment.id)
        if path.is_file():
            yield from _find(context.root, assignment, Place(file=path.relative_to(context.root).as_posix()))


def _find(root: Path, assignment: CheckedAssignment, place: Place) -> Iterator[Finding]:
    try:
        answers = load_samples(root, assignment.id)
    except CoursewrightError as error:
        yield place.finding(NAME, Severity.ERROR, str(error).removeprefix(f"{place.file}: "), "Correct the file.")
        return
    answerable = {cells.grade_id(cell.node) for cell in assignment.cells if cells.is_solution(cell.node)}
    marked = {cells.grade_id(cell.node) for cell in assignment.cells if cells.carries_points(cell.node)}
    for answer in answers:
        for problem in [
            *([f"there is no answer cell {answer.cell}"] if answer.cell not in answerable else []),
            *(f"no cell {cell} carries points" for cell in sorted(answer.marks.keys() - marked)),
        ]:
            message = f'the answer "{answer.name}" to {answer.cell}: {problem}'
            yield place.finding(NAME, Severity.ERROR, message, "Correct the grade id, or remove the answer.")
