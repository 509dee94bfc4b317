"""Nbgrader's tables, read and written in bulk: a row that is there already is changed, and keeps its id.

Only the columns that ``nbgrader autograde`` writes are written; what a person writes is in others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from authoring import nbgrader_api
from autograder.gradebook_rows import Layout, Places, Row

_ROWS = 10_000  # in one call of the driver
_VALUES = 500  # in one list within a statement: SQLite takes a limited number


class Tables:
    """The tables within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tables: Mapping[str, Table] = nbgrader_api.tables()

    def layout(self, assignment: str) -> Layout:
        """What is known of an assignment. Its cells have to be registered."""
        table, notebook, cell = (self._tables[name] for name in ("assignment", "notebook", "base_cell"))
        assignment_id = self._connection.execute(select(table.c.id).where(table.c.name == assignment)).scalar_one()
        query = select(notebook.c.name, notebook.c.id).where(notebook.c.assignment_id == assignment_id)
        notebooks = {row.name: row.id for row in self._connection.execute(query)}
        cells = self._connection.execute(
            select(notebook.c.name, cell.c.name, cell.c.id, cell.c.type)
            .join_from(cell, notebook, cell.c.notebook_id == notebook.c.id)
            .where(notebook.c.assignment_id == assignment_id)
            .order_by(cell.c.id)
        ).all()
        return Layout(
            assignment_id=assignment_id,
            notebooks=notebooks,
            graded=tuple((book, name, key) for book, name, key, kind in cells if kind != "SolutionCell"),
            commented=tuple((book, name, key) for book, name, key, kind in cells if kind != "GradeCell"),
        )

    def add_students(self, learners: Iterable[str]) -> None:
        """Add those that are not there yet; the others keep their names."""
        self._put("student", ("id",), (), ({"id": learner} for learner in learners))

    def put_submissions(self, rows: Iterable[Row]) -> None:
        """Write the submissions."""
        self._put("submitted_assignment", ("assignment_id", "student_id"), ("timestamp",), rows)

    def put_notebooks(self, rows: Iterable[Row]) -> None:
        """Write the submitted notebooks; a flag that a person set stays."""
        self._put("submitted_notebook", ("notebook_id", "assignment_id"), ("late_submission_penalty",), rows)

    def put_grades(self, rows: Iterable[Row]) -> None:
        """Write automatic scores. Where a person gave a mark, a person is asked to look again, as in nbgrader."""
        marked = self._tables["grade"].c.manual_score.is_not(None)
        self._put("grade", ("cell_id", "notebook_id"), ("auto_score", "needs_manual_grade"), rows, or_needs=marked)

    def put_comments(self, rows: Iterable[Row]) -> None:
        """Write automatic comments."""
        self._put("comment", ("cell_id", "notebook_id"), ("auto_comment",), rows)

    def submission_ids(self, layout: Layout, learners: Sequence[str]) -> dict[str, str]:
        """The ids of the learners' submissions."""
        table = self._tables["submitted_assignment"]
        query = select(table.c.student_id, table.c.id).where(table.c.assignment_id == layout.assignment_id)
        return {row.student_id: row.id for row in self._in_parts(query, table.c.student_id, learners)}

    def notebook_ids(self, layout: Layout, submitted: Mapping[str, str]) -> Places:
        """The ids of the submitted notebooks of these submissions."""
        table = self._tables["submitted_notebook"]
        names = {key: name for name, key in layout.notebooks.items()}
        learners = {key: learner for learner, key in submitted.items()}
        query = select(table.c.assignment_id, table.c.notebook_id, table.c.id).where(table.c.notebook_id.in_(names))
        found = self._in_parts(query, table.c.assignment_id, list(learners))
        return {(learners[submission], names[notebook]): key for submission, notebook, key in found}

    def _in_parts(self, query: Any, column: Any, wanted: Sequence[str]) -> Iterator[Any]:
        for start in range(0, len(wanted), _VALUES):
            yield from self._connection.execute(query.where(column.in_(wanted[start : start + _VALUES])))

    def _put(
        self,
        name: str,
        key: tuple[str, ...],
        changing: tuple[str, ...],
        rows: Iterable[Row],
        *,
        or_needs: ColumnElement[bool] | None = None,
    ) -> None:
        """Insert rows; where one with the same key is there, set its ``changing`` columns."""
        own = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        insert = own.insert(self._tables[name])
        changed: dict[str, Any] = {each: insert.excluded[each] for each in changing}
        if or_needs is not None:
            changed["needs_manual_grade"] = or_(changed["needs_manual_grade"], or_needs)
        if changed:
            statement = insert.on_conflict_do_update(index_elements=key, set_=changed)
        else:
            statement = insert.on_conflict_do_nothing(index_elements=key)
        waiting = iter(rows)
        while part := list(islice(waiting, _ROWS)):
            self._connection.execute(statement, part)
