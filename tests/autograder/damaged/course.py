"""One small assignment, what a learner made of it, and the ways in which that can be changed."""

import copy
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode

from authoring import cells
from authoring.notebook_file import read_notebook
from autograder.source import Source
from tests.autograder import notebooks as make

STUB = "def {0}():\n    # YOUR CODE HERE\n    raise NotImplementedError()"
ONE = 'def one():\n    """Größe"""\n    return 1'
TWO = "def two():\n    return 2"
WHY = "Because it is so."
HIDDEN = "\n### BEGIN HIDDEN TESTS\nassert one() != 2\n### END HIDDEN TESTS"

Json = dict[str, Any]


def source_notebook() -> NotebookNode:
    """What the author wrote."""
    solved = "def {0}():\n    ### BEGIN SOLUTION\n    return {1}\n    ### END SOLUTION"
    return make.notebook(
        make.text("# One and two, a problem for beginners"),
        make.read_only("r_setup", "import math"),
        make.solution("s_one", solved.format("one", 1)),
        make.check("t_one", "assert one() == 1" + HIDDEN, 1),
        make.text("Say in a sentence why that is so."),
        make.essay("e_why", points=3),
        make.solution("s_two", solved.format("two", 2)),
        make.check("t_two", "assert two() == 2", 2),
    )


def write_course(root: Path) -> None:
    """An nbgrader course with the assignment ``ps``."""
    (root / "nbgrader_config.py").write_text("c = get_config()\n")
    make.write(root / "source" / "ps" / "ps.ipynb", source_notebook())


@cache
def _template() -> bytes:
    return json.dumps(_as(hidden=True, answers={})).encode()


def _as(*, hidden: bool, answers: dict[str, str]) -> Json:
    """The student version without nbgrader, so that tests that need no course are quick."""
    made: Json = json.loads(json.dumps(source_notebook()))
    for cell in made["cells"]:
        name = cells.grade_id(cell)
        if name in {"s_one", "s_two"}:
            cell["source"] = answers.get(name, STUB.format(name[2:]))
        elif name in answers:
            cell["source"] = answers[name]
        elif name == "t_one":
            cell["source"] = "assert one() == 1" + ("\nassert one() != 2" if hidden else "")
    return made


def source() -> Source:
    """The assignment as the grader has it."""
    notebook = read_notebook(_template(), "template")
    released = {"t_one": "assert one() == 1", "t_two": "assert two() == 2"}
    return Source("ps", {"ps": notebook}, {"ps": notebook}, {"ps": released}, {}, "sha256:0")


def good() -> Json:
    """A right and whole submission, as JSON."""
    return _as(hidden=False, answers={"s_one": ONE, "s_two": TWO, "e_why": WHY})


def place(notebook: Json, name: str) -> int:
    """Where a cell of the assignment stands."""
    return next(index for index, cell in enumerate(notebook["cells"]) if cells.grade_id(cell) == name)


def cell(notebook: Json, name: str) -> Json:
    """A cell of the assignment."""
    found: Json = notebook["cells"][place(notebook, name)]
    return found


def changed(change: Callable[[Json], object]) -> bytes:
    """The good submission, changed, as a file."""
    notebook = copy.deepcopy(good())
    change(notebook)
    return json.dumps(notebook, indent=1, ensure_ascii=False).encode()


def text() -> str:
    """The good submission as Jupyter writes it."""
    return json.dumps(good(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def scratch(source: str, kind: str = "code", identity: str = "mine") -> Json:
    """A cell of the learner's own."""
    cell = {"cell_type": kind, "metadata": {}, "source": source, "id": identity}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})
