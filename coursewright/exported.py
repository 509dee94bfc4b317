"""What an export is made from: a course's folder, the mapping, and, where it is asked for, the ledger."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from coursewright.exam_room import ENROLMENTS

if TYPE_CHECKING:
    from autograder.record import GradeRecord
    from release.exports.export import Export
    from release.exports.mapping import People, Unmatched
    from release.exports.table import GradeTable
    from release.ledger import Ledger

MAPPING = "mapping.csv"


def read_table(root: Path) -> "GradeTable":
    """The grades of a course's folder as they are now.

    Raises:
        CoursewrightError: a file of the course cannot be read, or its grades cannot be put into one table.
    """
    from authoring import nbgrader_api
    from authoring.course_file import load_course
    from autograder.arranged import read_arranged
    from autograder.submission import submitted_at
    from coursewright.run_grades import sittings_by_learner
    from release.enrolment import read_enrolments
    from release.exports.table import Evidence, grade_table

    course = load_course(root)
    layout, sittings = nbgrader_api.open_course(root), sittings_by_learner(root, course)
    arranged = read_arranged(layout, course)
    records: dict[str, list[GradeRecord]] = {}
    for record in read_all_records(root):
        records.setdefault(record.learner, []).append(record)

    def evidence_of(learner: str) -> Evidence:
        own = records.get(learner, [])
        times = {each.assignment: submitted_at(layout.submitted(learner, each.assignment)) for each in own}
        return Evidence(
            records=own,
            sittings=sittings.get(learner, ()),
            excused=arranged.excused(learner, course),
            submitted={name: moment for name, moment in times.items() if moment is not None},
        )

    return grade_table(course, read_enrolments(root / ENROLMENTS), evidence_of)


def read_all_records(root: Path) -> "Sequence[GradeRecord]":
    """Every grade record of the course."""
    from autograder.record import read_records

    return read_records(root / "records")


def as_recorded(table: "GradeTable", ledger: "Ledger") -> "GradeTable":
    """The table with the course grades that the ledger has in force; nobody else in it is a verified learner."""
    from release.exports.table import with_recorded

    found = {}
    for row in table.learners:
        for recorded in ledger.grades_of(row.learner):
            if (recorded.grade.course, recorded.grade.run) == (table.course, table.run):
                in_force = (recorded.grade.grade, recorded.grade.passed)
                found[row.learner] = None if recorded.withdrawn else in_force
    return with_recorded(table, found)


def people_of(root: Path, mapping: Path | None) -> "People":
    """The mapping that is named, or the one in the course's folder.

    Raises:
        CoursewrightError: there is none, or it cannot be read.
    """
    from release.exports.mapping import read_people

    return read_people(mapping or root / MAPPING)


def write_export(export: "Export", table: "GradeTable", into: Path) -> Path | None:
    """Write the file, and beside it the rows of whoever is not in it; where those are, if there are any."""
    from release.exports.mapping import by_hand
    from release.exports.sheet import written

    _replace(into, export.data)
    aside = into.with_name(f"{into.stem}.unmatched.csv")
    rows = by_hand(table, export.unmatched)
    if len(rows) == 1:
        aside.unlink(missing_ok=True)  # of an earlier export
        return None
    _replace(aside, written(rows))
    return aside


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(data)
    temporary.replace(path)


def rows_of(unmatched: "Sequence[Unmatched]") -> list[list[str]]:
    """The unmatched as a table for people."""
    return [[each.who, each.reason] for each in unmatched]
