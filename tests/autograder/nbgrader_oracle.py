"""nbgrader itself, as a program that we did not write, and its gradebook read without any of our code."""

import csv
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from nbgrader.api import Gradebook
from nbgrader.apps import quickstartapp
from nbgrader.plugins import CsvExportPlugin

_CONFIG = """c = get_config()
c.CourseDirectory.course_id = "course101"
c.IncludeHeaderFooter.header = "source/header.ipynb"
"""


def quickstart(root: Path, config: str = "") -> Path:
    """The course that ``nbgrader quickstart`` makes from the example in its package.

    The program itself also writes a page of commented settings and adds three students, and takes 20 s for that.
    """
    example = Path(quickstartapp.__file__).parents[1] / "docs" / "source" / "user_guide" / "source"
    shutil.copytree(example, root / "source", ignore=shutil.ignore_patterns("*.html", "autotests.yml", "ps1_autotest"))
    (root / "nbgrader_config.py").write_text(_CONFIG + config)
    return root


def nbgrader(root: Path, *arguments: str, status: int | None = 0) -> str:
    """Run ``nbgrader …`` in the course folder and give what it said."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # it starts `alembic` from there
    environment = {**os.environ, "PATH": path}
    environment.pop("PYTEST_CURRENT_TEST", None)  # ipykernel behaves otherwise when it finds this
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    said = done.stdout + done.stderr
    assert status is None or done.returncode == status, said
    return said


def export(root: Path) -> dict[str, dict[str, str]]:
    """What ``nbgrader export`` writes of everybody who handed something in, by learner, by its own plugin."""
    plugin = CsvExportPlugin()
    plugin.to = str(root / "grades.csv")
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        plugin.export(book)
    with (root / "grades.csv").open() as file:
        return {row["student_id"]: row for row in csv.DictReader(file) if row["timestamp"]}


def rows(gradebook: Path | str, query: str) -> list[tuple[Any, ...]]:
    """Rows of a gradebook: the ``gradebook.db`` of a course's folder, or the database at a URL.

    Values are those of SQLite, whatever the database is.
    """
    if isinstance(gradebook, str) and gradebook.startswith("postgresql"):
        with psycopg.connect(gradebook.replace("+psycopg", "")) as connection:
            return [tuple(map(_as_in_sqlite, row)) for row in connection.execute(query)]  # type: ignore[call-overload]
    path = gradebook / "gradebook.db" if isinstance(gradebook, Path) else gradebook.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def _as_in_sqlite(value: Any) -> Any:
    if isinstance(value, timedelta):
        value = datetime(1970, 1, 1) + value
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S.%f}"
    return int(value) if isinstance(value, bool) else value


_CELLS = """
SELECT assignment.name, notebook.name, base_cell.name, base_cell.type,
       coalesce(grade_cell.max_score, task_cell.max_score), coalesce(grade_cell.cell_type, task_cell.cell_type)
FROM base_cell JOIN notebook ON base_cell.notebook_id = notebook.id
JOIN assignment ON notebook.assignment_id = assignment.id
LEFT JOIN grade_cells AS grade_cell ON grade_cell.id = base_cell.id
LEFT JOIN task_cells AS task_cell ON task_cell.id = base_cell.id
ORDER BY 1, 2, 3, 4"""
_SOURCE_CELLS = """
SELECT assignment.name, notebook.name, notebook.kernelspec, source_cell.name, source_cell.cell_type,
       source_cell.locked, source_cell.source, source_cell.checksum
FROM source_cell JOIN notebook ON source_cell.notebook_id = notebook.id
JOIN assignment ON notebook.assignment_id = assignment.id
ORDER BY 1, 2, 4"""
_SUBMISSIONS = """
SELECT assignment.name, student_id, timestamp, extension
FROM submitted_assignment JOIN assignment ON assignment_id = assignment.id
ORDER BY 1, 2"""
_SUBMITTED = """
submitted_notebook JOIN notebook ON submitted_notebook.notebook_id = notebook.id
JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id"""
_NOTEBOOKS = f"SELECT student_id, notebook.name, flagged, late_submission_penalty FROM {_SUBMITTED} ORDER BY 1, 2"
_GRADES = f"""
SELECT student_id, notebook.name, base_cell.name, base_cell.type,
       auto_score, manual_score, extra_credit, needs_manual_grade
FROM {_SUBMITTED} JOIN grade ON grade.notebook_id = submitted_notebook.id JOIN base_cell ON cell_id = base_cell.id
ORDER BY 1, 2, 3, 4"""
_COMMENTS = f"""
SELECT student_id, notebook.name, base_cell.name, base_cell.type, auto_comment, manual_comment
FROM {_SUBMITTED} JOIN comment ON comment.notebook_id = submitted_notebook.id JOIN base_cell ON cell_id = base_cell.id
ORDER BY 1, 2, 3, 4"""


def registered(root: Path | str) -> dict[str, list[tuple[Any, ...]]]:
    """What the gradebook knows of the assignments."""
    return {"cells": rows(root, _CELLS), "source cells": rows(root, _SOURCE_CELLS)}


def graded(root: Path | str) -> dict[str, list[tuple[Any, ...]]]:
    """What the gradebook knows of the submissions."""
    return {
        "submissions": rows(root, _SUBMISSIONS),
        "notebooks": rows(root, _NOTEBOOKS),
        "grades": rows(root, _GRADES),
        "comments": rows(root, _COMMENTS),
    }
