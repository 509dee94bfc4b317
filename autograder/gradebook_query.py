"""The rows of nbgrader's gradebook that belong to one assignment, with the names by which everybody else knows them."""

from typing import Any

from sqlalchemy import ColumnElement, Select, select

from authoring import nbgrader_api


def of_notebooks(assignment: str, *columns: ColumnElement[Any]) -> Select[Any]:
    """A query for submitted notebooks: ``learner`` and ``notebook``, and behind them the columns asked for."""
    tables = nbgrader_api.tables()
    submitted, notebook = tables["submitted_notebook"], tables["notebook"]
    handed_in, known = tables["submitted_assignment"], tables["assignment"]
    return (
        select(handed_in.c.student_id.label("learner"), notebook.c.name.label("notebook"), *columns)
        .select_from(submitted)
        .join(notebook, submitted.c.notebook_id == notebook.c.id)
        .join(handed_in, submitted.c.assignment_id == handed_in.c.id)
        .join(known, handed_in.c.assignment_id == known.c.id)
        .where(known.c.name == assignment)
    )


def of_cells(name: str, assignment: str, *columns: str) -> Select[Any]:
    """A query for the rows of a table of cells: ``learner``, ``notebook`` and ``cell``, and the columns asked for.

    Args:
        name: ``grade`` or ``comment``.
        assignment: the assignment's name.
        columns: names of columns of that table.
    """
    tables = nbgrader_api.tables()
    table, cell = tables[name], tables["base_cell"]
    return (
        of_notebooks(assignment, cell.c.name.label("cell"), *(table.c[column] for column in columns))
        .join(table, table.c.notebook_id == tables["submitted_notebook"].c.id)
        .join(cell, table.c.cell_id == cell.c.id)
    )
