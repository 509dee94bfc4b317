"""A mark that a person gave to one member of a group is every member's."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection

from authoring import database, nbgrader_api
from authoring.nbgrader_api import NbgraderCourse
from autograder.gradebook_query import of_cells
from autograder.groups import HandedIn
from autograder.marks import Mark, Marks


def shared(marks: Marks, submissions: Iterable[HandedIn]) -> Marks:
    """The marks, with those of each group given to the members that have none of their own for a cell."""
    together = [one for one in submissions if one.group]
    if not together:
        return marks
    by_learner: dict[str, dict[tuple[str, str], Mark]] = {}
    for (learner, notebook, cell), mark in marks.items():
        by_learner.setdefault(learner, {})[notebook, cell] = mark
    spread = dict(marks)
    for one in together:
        for member in reversed(one.members):  # the mark of whoever handed in goes before those of the others
            for place, mark in by_learner.get(member, {}).items():
                spread |= {(other, *place): mark for other in one.members if place not in by_learner.get(other, {})}
    return spread


def share(course: NbgraderCourse, assignment: str, submissions: Iterable[HandedIn]) -> None:
    """Write in the gradebook what :func:`shared` says, with the comments."""
    together = [one for one in submissions if one.group]
    if not together:
        return
    with database.writing(course.db_url) as connection:
        for table, columns in (("grade", ("manual_score", "extra_credit")), ("comment", ("manual_comment",))):
            rows = _rows(connection, assignment, table, columns)
            for one in together:
                _fill(connection, table, columns, list(_of(rows, one)))


_Row = tuple[str, str, str, tuple[object, ...]]  # learner, cell, the row's id, its values


def _rows(connection: Connection, assignment: str, name: str, columns: Sequence[str]) -> Mapping[str, list[_Row]]:
    """What people gave to each learner, in a table of grades or of comments."""
    query = of_cells(name, assignment, "cell_id", "id", *columns)
    found: dict[str, list[_Row]] = {}
    for learner, _, _, cell, key, *values in connection.execute(query):
        found.setdefault(learner, []).append((learner, cell, key, tuple(values)))
    return found


def _of(rows: Mapping[str, list[_Row]], one: HandedIn) -> Iterator[_Row]:
    for member in one.members:
        yield from rows.get(member, ())


def _fill(connection: Connection, name: str, columns: Sequence[str], rows: Sequence[_Row]) -> None:
    """Give the rows of a group that hold nothing what the first that holds something has, cell by cell."""
    table = nbgrader_api.tables()[name]
    known: dict[str, tuple[object, ...]] = {}
    for _, cell, _, values in rows:
        if any(value is not None for value in values):
            known.setdefault(cell, values)
    for _, cell, key, values in rows:
        if cell in known and all(value is None for value in values):
            given = dict(zip(columns, known[cell], strict=True))
            flag = {"needs_manual_grade": False} if name == "grade" else {}
            connection.execute(table.update().where(table.c.id == key).values(**given, **flag))
