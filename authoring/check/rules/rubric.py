"""Rubrics that do not fit their assignment: a question that nobody marks, or items that cannot make up its points.

A question without items (notes and comments only) leaves the points to whoever marks.
"""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from authoring import cells
from authoring.check.context import CheckedAssignment, Context, Place
from authoring.check.finding import Finding, Severity
from authoring.rubric import load_rubric, rubric_path
from authoring.toml_file import TomlError

NAME = "rubric"


def find(context: Context) -> Iterator[Finding]:
    """One finding for each faulty file or question; only a whole course is looked at."""
    if context.root is None or not context.is_course:
        return
    for assignment in context.assignments:
        path = rubric_path(context.root, assignment.id)
        if path.is_file():
            yield from _find(context.root, assignment, Place(file=path.relative_to(context.root).as_posix()))


def _find(root: Path, assignment: CheckedAssignment, place: Place) -> Iterator[Finding]:
    points = {
        (notebook.stem, cells.grade_id(cell.node) or ""): cells.points(cell.node)
        for notebook in assignment.notebooks
        for cell in notebook.cells
        if cells.is_manual(cell.node)
    }
    try:
        rubric = load_rubric(root, assignment.id, list(points))
    except TomlError as error:
        message = str(error).removeprefix(f"{place.file}: ")
        yield place.finding(NAME, Severity.ERROR, message, "Correct the file.")
        return
    for (notebook, cell), maximum in points.items():
        question = rubric.question(notebook, cell)
        best = sum((max(item.points, Decimal(0)) for item in question.items), Decimal(0))
        if question.items and best != Decimal(str(maximum)):
            message = f"the items of {cell} make up {best:f} points, and the cell carries {maximum:g}"
            yield place.finding(NAME, Severity.WARNING, message, "Change the points of the items, or of the cell.")
