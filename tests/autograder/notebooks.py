"""Notebooks made by hand: an author's source, and what learners make of the student version."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def _metadata(grade_id: str, **flags: Any) -> dict[str, Any]:
    plain = {"grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": {**plain, **flags, "grade_id": grade_id, "schema_version": 3}}


def solution(grade_id: str, source: str) -> NotebookNode:
    """An answer that tests judge."""
    return new_code_cell(source, metadata=_metadata(grade_id, solution=True))


def check(grade_id: str, source: str, points: float = 1) -> NotebookNode:
    """A cell whose outcome gives points."""
    return new_code_cell(source, metadata=_metadata(grade_id, grade=True, locked=True, points=points))


def essay(grade_id: str, source: str = "YOUR ANSWER HERE", points: float = 3) -> NotebookNode:
    """An answer that a person marks."""
    return new_markdown_cell(source, metadata=_metadata(grade_id, grade=True, solution=True, points=points))


def manual_code(grade_id: str, source: str, points: float = 2) -> NotebookNode:
    """Code that a person marks."""
    return new_code_cell(source, metadata=_metadata(grade_id, grade=True, solution=True, points=points))


def task(grade_id: str, source: str, points: float = 4) -> NotebookNode:
    """A description; a person marks what the learner does below it."""
    return new_markdown_cell(source, metadata=_metadata(grade_id, task=True, locked=True, points=points))


def read_only(grade_id: str, source: str) -> NotebookNode:
    """A cell of the author that learners cannot change."""
    return new_code_cell(source, metadata=_metadata(grade_id, locked=True))


def code(source: str) -> NotebookNode:
    """A cell that means nothing to nbgrader."""
    return new_code_cell(source)


def text(source: str) -> NotebookNode:
    """Text that means nothing to nbgrader."""
    return new_markdown_cell(source)


def notebook(*cells: NotebookNode) -> NotebookNode:
    """A notebook whose cell ids count, so that it is the same every time."""
    for index, cell in enumerate(cells):
        cell["id"] = f"c{index}"
    return new_notebook(cells=list(cells), metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}})


def write(path: Path, made: NotebookNode) -> None:
    """Save a notebook, and the folder for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)


def by_id(made: NotebookNode) -> dict[str, NotebookNode]:
    """The cells by grade id."""
    return {cell.metadata.nbgrader.grade_id: cell for cell in made.cells if "nbgrader" in cell.metadata}


def answer(released: Path, answers: Mapping[str, str]) -> NotebookNode:
    """The student version in a file, with some of its cells filled in."""
    made = nbformat.read(released, as_version=nbformat.NO_CONVERT)
    cells = by_id(made)
    for grade_id, source in answers.items():
        cells[grade_id]["source"] = source
    return made


def submit(root: Path, learner: str, assignment: str, files: Mapping[str, NotebookNode | bytes]) -> Path:
    """Put a submission where nbgrader collects it."""
    folder = root / "submitted" / learner / assignment
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return folder
