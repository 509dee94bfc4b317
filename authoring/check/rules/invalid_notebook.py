"""Notebooks that cannot be read, depart from their format, or carry nbgrader metadata that nbgrader refuses.

Jupyter repairs some of it silently on one machine and refuses to open the file on another; nbgrader aborts the
whole assignment for one bad cell.
"""

from collections.abc import Iterator
from itertools import islice

from authoring import cells
from authoring.check.context import CheckedCell, Context
from authoring.check.finding import Finding, Severity
from authoring.notebook_file import format_faults

NAME = "invalid-notebook"
_SCHEMA = 3
_FLAGS = ("grade", "solution", "locked")


def find(context: Context) -> Iterator[Finding]:
    """Findings about files, then about formats (at most three a notebook), then about nbgrader's metadata."""
    for assignment in context.assignments:
        for place, reason in assignment.unreadable:
            yield place.finding(NAME, Severity.ERROR, reason, "Open it in JupyterLab, mend it and save it again.")
    for notebook in context.notebooks:
        for fault in islice(format_faults(notebook.node), 3):
            mend = "Open the notebook in JupyterLab and save it again."
            yield notebook.place.finding(NAME, Severity.ERROR, f"it departs from the notebook format: {fault}", mend)
    for cell in context.cells:
        for fault in _metadata_faults(cell):
            mend = "Set the cell's type again in nbgrader's Create Assignment view."
            yield cell.place.finding(NAME, Severity.ERROR, fault, mend)


def _metadata_faults(cell: CheckedCell) -> Iterator[str]:
    if "nbgrader" not in cell.node["metadata"]:
        return
    metadata = cells.nbgrader_metadata(cell.node)
    version = metadata.get("schema_version", 0)
    if version != _SCHEMA:
        age = "newer than" if isinstance(version, int) and version > _SCHEMA else "older than"
        yield f"its nbgrader metadata has version {version}, {age} {_SCHEMA}; `nbgrader update` brings old ones up"
        return
    for flag in _FLAGS:
        if not isinstance(metadata.get(flag), bool):
            yield f"its nbgrader metadata lacks `{flag}` as true or false"
    is_grade, is_solution = cells.is_grade(cell.node), cells.is_solution(cell.node)
    if cells.is_task(cell.node):
        if cell.kind != "markdown":
            yield "it is a task, and only a Markdown cell can be one"
    elif cell.kind == "markdown" and is_grade != is_solution:
        yield "a Markdown answer must be graded by a person: `grade` and `solution` go together"
