"""The gradebook: records written in bulk into SQLite and PostgreSQL, and nbgrader's own functions for comparison.

A submission has eight cells with points, of which a person marks two, and four answers, in one notebook. Each gets the
class twice: into an empty gradebook, and again over the rows of the first time. nbgrader's functions get a few.
PostgreSQL is a server of Debian's package with its usual settings on a temporary folder.
"""

import os
import platform
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from authoring import nbgrader_api
from authoring.nbgrader_api import NbgraderCourse
from authoring.notebook_file import notebook_bytes
from autograder.gradebook import Entry, write
from autograder.record import CellGrade, CellKind, CellOutcome, GradeRecord, Isolation, Outcome
from tests.autograder.postgresql import running_cluster

MANY, FEW = 5_000, 10
NOW = datetime(2026, 9, 14, 12, tzinfo=UTC)
TESTS, ESSAYS = [f"t{number}" for number in range(6)], ["e0", "e1"]
ANSWERS = ["s0", "s1", *ESSAYS]


def register(root: Path, db_url: str) -> NbgraderCourse:
    """A course whose gradebook knows one assignment."""
    flags = {"schema_version": 3, "task": False, "locked": False, "grade": False, "solution": False}

    def metadata(name: str, **others: object) -> dict[str, object]:
        return {"nbgrader": {**flags, **others, "grade_id": name}}

    cells = [new_code_cell("1", metadata=metadata(name, solution=True)) for name in ("s0", "s1")]
    cells += [new_code_cell("1", metadata=metadata(name, grade=True, locked=True, points=1)) for name in TESTS]
    cells += [new_markdown_cell("?", metadata=metadata(name, grade=True, solution=True, points=2)) for name in ESSAYS]
    path = root / "source" / "ps" / "nb.ipynb"
    path.parent.mkdir(parents=True)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.write_bytes(notebook_bytes(new_notebook(cells=cells, metadata={"kernelspec": kernel})))
    (root / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.db_url = {db_url!r}\n")
    course = nbgrader_api.open_course(root)
    nbgrader_api.register(course, "ps", [path])
    return course


def grade_of(name: str, kind: CellKind) -> CellGrade:
    """Full marks for a test, none yet for an answer."""
    test = kind is CellKind.TEST
    return CellGrade(
        notebook="nb",
        grade_id=name,
        kind=kind,
        isolation=Isolation.EXAMINER if test else Isolation.NONE,
        outcome=CellOutcome.PASSED if test else CellOutcome.NEEDS_MANUAL,
        score=1.0 if test else None,
        max_score=1.0 if test else 2.0,
    )


def the_class() -> list[Entry]:
    """Everybody's record."""
    cells = [grade_of(name, CellKind.TEST) for name in TESTS] + [grade_of(name, CellKind.MANUAL) for name in ESSAYS]
    record = GradeRecord(
        course="c",
        assignment="ps",
        learner="",
        attempt="sha256:1",
        source="sha256:2",
        environment="sha256:3",
        grader="g",
        outcome=Outcome.NEEDS_MANUAL,
        score=6.0,
        max_score=10.0,
        cells=tuple(cells),
    )
    return [Entry(replace(record, learner=f"l{number:05}"), NOW, frozenset(), {"nb": 0.5}) for number in range(MANY)]


def a_second(course: NbgraderCourse, entries: list[Entry]) -> float:
    """How many submissions are written in a second of wall clock."""
    started = time.perf_counter()
    write(course, "ps", entries)
    return len(entries) / (time.perf_counter() - started)


def with_nbgrader(course: NbgraderCourse, entries: list[Entry]) -> float:
    """The same with the functions that ``nbgrader autograde`` calls."""
    started = time.perf_counter()
    for entry in entries:
        learner = entry.record.learner
        with nbgrader_api.gradebook(course) as book:
            book.update_or_create_student(learner)
            book.update_or_create_submission("ps", learner, timestamp=NOW.replace(tzinfo=None))
            for cell in entry.record.cells:
                grade = book.find_grade(cell.grade_id, "nb", "ps", learner)
                grade.auto_score, grade.needs_manual_grade = cell.score, cell.score is None
            for name in ANSWERS:
                book.find_comment(name, "nb", "ps", learner).auto_comment = None
            book.find_submission_notebook("nb", "ps", learner).late_submission_penalty = 0.5
            book.db.commit()
    return len(entries) / (time.perf_counter() - started)


def main() -> None:
    """Print the table."""
    processors = len(os.sched_getaffinity(0))
    print(f"{platform.machine()}, {processors} processors, Python {platform.python_version()}, {time.strftime('%F')}")
    print(f"{'submissions a second':24}{'first time':>12}{'again':>12}")
    with tempfile.TemporaryDirectory() as temporary, running_cluster(durable=True) as cluster:
        databases = {"SQLite": f"sqlite:///{temporary}/ours.db", "PostgreSQL": cluster.create_database()}
        entries = the_class()
        for name, db_url in databases.items():
            course = register(Path(temporary) / name, db_url)
            print(f"{name:24}{a_second(course, entries):12,.0f}{a_second(course, entries):12,.0f}")
        course = register(Path(temporary) / "nbgrader", f"sqlite:///{temporary}/theirs.db")
        few = entries[:FEW]
        print(f"{'nbgrader, SQLite':24}{with_nbgrader(course, few):12,.1f}{with_nbgrader(course, few):12,.1f}")


if __name__ == "__main__":
    main()
