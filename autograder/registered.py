"""Whether the gradebook still fits an assignment: nbgrader does not let cells come or go once there are submissions."""

from sqlalchemy import select

from authoring import cells, database, nbgrader_api
from authoring.errors import CoursewrightError
from authoring.nbgrader_api import NbgraderCourse
from autograder.source import Source


def check_registered(course: NbgraderCourse, source: Source) -> None:
    """Raise an error unless the gradebook is there and has the source's cells; nothing is written.

    Raises:
        CoursewrightError: it is not, or a cell that carries points was added, taken away or renamed.
    """
    if database.is_absent(course.db_url):
        raise CoursewrightError(f"{course.db_url}: there is no gradebook; run `coursewright grade` first.")
    known, now = _known(course, source.assignment), _cells(source)
    for notebook, cell in sorted(known ^ now):
        what = "is new in" if (notebook, cell) in now else "is gone from"
        raise CoursewrightError(
            f"{course.source(source.assignment)}: {cell} {what} {notebook}.ipynb, and nbgrader's gradebook keeps the "
            "cells of an assignment that was handed in: put it back as it was; its text and its points may change."
        )


def _cells(source: Source) -> set[tuple[str, str]]:
    return {
        (stem, cells.grade_id(cell) or "")
        for stem, notebook in source.notebooks.items()
        for cell in notebook.cells
        if cells.carries_points(cell) or cells.is_solution(cell)
    }


def _known(course: NbgraderCourse, assignment: str) -> set[tuple[str, str]]:
    tables = nbgrader_api.tables()
    notebook, cell = tables["notebook"], tables["base_cell"]
    query = (
        select(notebook.c.name, cell.c.name)
        .join_from(cell, notebook, cell.c.notebook_id == notebook.c.id)
        .join(tables["assignment"], notebook.c.assignment_id == tables["assignment"].c.id)
        .where(tables["assignment"].c.name == assignment)
        .where(cell.c.type.in_(("GradeCell", "SolutionCell", "TaskCell")))
    )
    with database.reading(course.db_url) as connection:
        return {(stem, name) for stem, name in connection.execute(query)}
