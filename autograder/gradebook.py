"""Grade records into nbgrader's ``gradebook.db``, many in one transaction, and a person's marks out of it.

The rows are those that ``nbgrader autograde`` leaves: an automatic score for each test, none for what a person marks,
"No response." for an untouched answer. Marks and comments that a person gave in Formgrader are never touched.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, create_engine, select

from authoring import nbgrader_api
from authoring.nbgrader_api import NbgraderCourse
from autograder.marks import NO_RESPONSE, Mark, Marks, automatic_score
from autograder.record import GradeRecord, Outcome

_CHUNK = 500  # SQLite takes a limited number of values in one statement

Row = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """A record, with what only the gradebook wants to know."""

    record: GradeRecord  # what the machine says: without a person's marks
    submitted_at: datetime | None
    unanswered: frozenset[tuple[str, str]]  # notebook and grade id of answers that were left as they were
    late_penalties: Mapping[str, float]  # points by notebook; without those that are not late


def read_marks(course: NbgraderCourse, assignment: str) -> Marks:
    """Every mark that a person gave for an assignment."""
    tables = nbgrader_api.tables()
    grade, cell, notebook = tables["grade"], tables["base_cell"], tables["notebook"]
    submitted_notebook, submitted = tables["submitted_notebook"], tables["submitted_assignment"]
    query = (
        select(submitted.c.student_id, notebook.c.name, cell.c.name, grade.c.manual_score, grade.c.extra_credit)
        .join_from(grade, cell, grade.c.cell_id == cell.c.id)
        .join(submitted_notebook, grade.c.notebook_id == submitted_notebook.c.id)
        .join(notebook, submitted_notebook.c.notebook_id == notebook.c.id)
        .join(submitted, submitted_notebook.c.assignment_id == submitted.c.id)
        .join(tables["assignment"], submitted.c.assignment_id == tables["assignment"].c.id)
        .where(tables["assignment"].c.name == assignment)
        .where(grade.c.manual_score.is_not(None) | grade.c.extra_credit.is_not(None))
    )
    engine = create_engine(course.db_url)
    try:
        with engine.connect() as connection:
            rows = connection.execute(query).all()
    finally:
        engine.dispose()
    return {(learner, nb, name): Mark(score, extra or 0.0) for learner, nb, name, score, extra in rows}


def read_due(course: NbgraderCourse, assignment: str) -> Mapping[str, datetime]:
    """When an assignment is due, by learner (extensions included) and, under "", for everybody else.

    Empty when the gradebook knows of no due time.
    """
    tables = nbgrader_api.tables()
    table, submitted = tables["assignment"], tables["submitted_assignment"]
    query = (
        select(table.c.duedate, submitted.c.student_id, submitted.c.extension)
        .join_from(table, submitted, submitted.c.assignment_id == table.c.id, isouter=True)
        .where(table.c.name == assignment, table.c.duedate.is_not(None))
    )
    engine = create_engine(course.db_url)
    try:
        with engine.connect() as connection:
            rows = connection.execute(query).all()
    finally:
        engine.dispose()
    due = {learner: _aware(moment + extension) for moment, learner, extension in rows if learner and extension}
    return due | ({"": _aware(rows[0][0])} if rows else {})


def write(course: NbgraderCourse, assignment: str, entries: Sequence[Entry]) -> None:
    """Write records of one assignment in one transaction.

    A missing submission leaves no row, as in nbgrader; one that failed leaves rows that wait for a person.
    """
    present = [entry for entry in entries if entry.record.outcome is not Outcome.MISSING]
    if not present:
        return
    engine = create_engine(course.db_url)
    try:
        with engine.begin() as connection:
            _Writer(connection, assignment).write(present)
    finally:
        engine.dispose()


class _Writer:
    """One transaction, with what the gradebook knows of the assignment at hand."""

    def __init__(self, connection: Connection, assignment: str) -> None:
        self._connection = connection
        self._tables: Mapping[str, Table] = nbgrader_api.tables()
        table = self._tables["assignment"]
        self._assignment_id = self._value(select(table.c.id).where(table.c.name == assignment))
        self._notebooks = self._notebook_ids()
        self._names = {key: name for name, key in self._notebooks.items()}
        self._cells = self._cell_ids()

    def _value(self, query: Any) -> Any:
        return self._connection.execute(query).scalar_one()

    def _notebook_ids(self) -> dict[str, str]:
        table = self._tables["notebook"]
        query = select(table.c.name, table.c.id).where(table.c.assignment_id == self._assignment_id)
        return {row.name: row.id for row in self._connection.execute(query)}

    def _cell_ids(self) -> dict[tuple[str, str, str], str]:
        """Ids of cells by notebook id, grade id and type; an answer that is graded is there twice."""
        table = self._tables["base_cell"]
        query = select(table.c.notebook_id, table.c.name, table.c.type, table.c.id).where(
            table.c.notebook_id.in_(self._notebooks.values())
        )
        return {(notebook, name, kind): key for notebook, name, kind, key in self._connection.execute(query)}

    def write(self, entries: Sequence[Entry]) -> None:
        learners = {entry.record.learner for entry in entries}
        self._add_students(learners)
        submitted = self._upsert(
            "submitted_assignment",
            ("assignment_id", "student_id"),
            [
                {
                    "assignment_id": self._assignment_id,
                    "student_id": entry.record.learner,
                    "timestamp": _naive(entry.submitted_at),
                }
                for entry in entries
            ],
        )
        notebooks = self._upsert(
            "submitted_notebook",
            ("assignment_id", "notebook_id"),
            [
                {
                    "assignment_id": submitted[self._assignment_id, entry.record.learner],
                    "notebook_id": notebook_id,
                    "late_submission_penalty": entry.late_penalties.get(name),
                }
                for entry in entries
                for name, notebook_id in self._notebooks.items()
            ],
            new={"flagged": False},
        )
        place = {
            (entry.record.learner, name): notebooks[submitted[self._assignment_id, entry.record.learner], notebook_id]
            for entry in entries
            for name, notebook_id in self._notebooks.items()
        }
        self._write_grades(entries, place)
        self._write_comments(entries, place)

    def _add_students(self, learners: set[str]) -> None:
        table = self._tables["student"]
        known = set(self._in_chunks(select(table.c.id), table.c.id, sorted(learners)))
        new = [{"id": learner} for learner in sorted(learners - {row[0] for row in known})]
        if new:
            self._connection.execute(table.insert(), new)

    def _write_grades(self, entries: Sequence[Entry], place: Mapping[tuple[str, str], str]) -> None:
        rows = []
        for entry in entries:
            grades = {(cell.notebook, cell.grade_id): cell for cell in entry.record.cells}
            for (notebook_id, name, kind), cell_id in self._cells.items():
                if kind == "SolutionCell":
                    continue
                notebook = self._names[notebook_id]
                score = automatic_score(grades.get((notebook, name)))
                rows.append(
                    {
                        "cell_id": cell_id,
                        "notebook_id": place[entry.record.learner, notebook],
                        "auto_score": score,
                        "needs_manual_grade": score is None,
                    }
                )
        self._upsert("grade", ("notebook_id", "cell_id"), rows, keep_flag="needs_manual_grade")

    def _write_comments(self, entries: Sequence[Entry], place: Mapping[tuple[str, str], str]) -> None:
        rows = []
        for entry in entries:
            for (notebook_id, name, kind), cell_id in self._cells.items():
                if kind == "GradeCell":
                    continue
                notebook = self._names[notebook_id]
                rows.append(
                    {
                        "cell_id": cell_id,
                        "notebook_id": place[entry.record.learner, notebook],
                        "auto_comment": NO_RESPONSE if (notebook, name) in entry.unanswered else None,
                    }
                )
        self._upsert("comment", ("notebook_id", "cell_id"), rows)

    def _upsert(
        self,
        table_name: str,
        key: tuple[str, str],
        rows: Sequence[Row],
        *,
        new: Row | None = None,
        keep_flag: str = "",
    ) -> dict[tuple[str, str], str]:
        """Insert the rows whose key is not there yet, update the others; the ids of all by key.

        ``new`` are further columns of inserted rows; the column ``keep_flag`` stays true where a person gave a mark.
        """
        table = self._tables[table_name]
        first, second = table.c[key[0]], table.c[key[1]]
        query = select(first, second, table.c.id, *([table.c.manual_score] if keep_flag else []))
        known: dict[tuple[str, str], Any] = {}
        column = second if key[0] == "assignment_id" and table_name == "submitted_assignment" else first
        wanted = sorted({row[column.name] for row in rows})
        for found in self._in_chunks(query, column, wanted):
            known[found[0], found[1]] = found
        fresh, changed = [], []
        ids = {}
        for row in rows:
            place = (row[key[0]], row[key[1]])
            if place in known:
                ids[place] = known[place][2]
                marked = bool(keep_flag) and known[place][3] is not None
                changed.append({**row, "row_id": ids[place], **({keep_flag: True} if marked else {})})
            else:
                ids[place] = uuid.uuid4().hex
                fresh.append({**row, **(new or {}), "id": ids[place]})
        if fresh:
            self._connection.execute(table.insert(), fresh)
        if changed:
            self._update(table, key, changed)
        return ids

    def _update(self, table: Table, key: tuple[str, str], rows: Sequence[Row]) -> None:
        columns = [name for name in rows[0] if name not in {*key, "row_id"}]
        statement = table.update().where(table.c.id == bindparam("row_id"))
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
        self._connection.execute(
            statement.values(values),
            [{"row_id": row["row_id"], **{f"new_{name}": row[name] for name in columns}} for row in rows],
        )

    def _in_chunks(self, query: Any, column: Any, wanted: Sequence[str]) -> Iterable[Any]:
        for start in range(0, len(wanted), _CHUNK):
            yield from self._connection.execute(query.where(column.in_(wanted[start : start + _CHUNK])))


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def _naive(moment: datetime | None) -> datetime | None:
    """As nbgrader stores it: UTC without saying so."""
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)
