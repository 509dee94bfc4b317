"""Every notebook of the sample course runs, as its author left it."""

import re
import shutil
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat.notebooknode import NotebookNode

from authoring.notebook_file import load_notebook
from tests.courses.conftest import MPC, NOTEBOOKS, PRACTICES

pytestmark = pytest.mark.integration
PROGRAM = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def run(notebook: NotebookNode, assignment: str, folder: Path) -> NotebookNode:
    """Executes the notebook in a copy of its folder."""
    copy = folder / assignment
    shutil.copytree(MPC / "source" / assignment, copy)
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(copy)}})
    client.execute()
    return notebook


def printed(notebook: NotebookNode, stream: str) -> str:
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return "".join(output.text for output in outputs if output.output_type == "stream" and output.name == stream)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.parent.name)
def test_a_notebook_runs_from_top_to_bottom_without_a_warning(path: Path, tmp_path: Path) -> None:
    notebook = run(load_notebook(path), path.parent.name, tmp_path)
    assert printed(notebook, "stderr") == ""


@pytest.mark.parametrize("assignment", PRACTICES)
def test_worked_solutions_pass_the_checks_of_their_exercises(assignment: str, tmp_path: Path) -> None:
    notebook = load_notebook(MPC / "source" / assignment / "practice.ipynb")
    worked = {
        cell.id.removeprefix("solution-"): cell.source for cell in notebook.cells if cell.id.startswith("solution-")
    }
    exercises = [cell for cell in notebook.cells if cell.id.startswith("work-")]
    assert len(exercises) == len(worked) >= 5
    for cell in exercises:
        cell.source += "\n" + "\n".join(PROGRAM.findall(worked[cell.id.removeprefix("work-")]))
    run(notebook, assignment, tmp_path)
    checks = [cell for cell in notebook.cells if cell.id.startswith("check-")]
    said = "".join(output.text for cell in checks for output in cell.outputs)
    asked = sum(len(re.findall(r"^check\(", cell.source, re.MULTILINE)) for cell in checks)
    assert said == "Right.\n" * asked
