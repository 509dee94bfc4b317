"""A class whose submissions take next to no time: one notebook, an answer and its test, and some chance in both."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from authoring.build import build
from tests.autograder import notebooks as make
from tests.autograder.nbgrader_oracle import graded

ANSWERS = ("return 2 * n", "return n", "return n + ", "raise ValueError(n)", "import os; os._exit(3)", "return n / 0")


def course(root: Path, answers: Mapping[str, str], test: str = "assert twice(2) == 4") -> Path:
    """A course with one assignment, ``ps``, and one submission for each answer.

    Args:
        root: a folder that does not exist yet.
        answers: the body of ``twice(n)`` by learner.
        test: the test's code.
    """
    solution = "def twice(n):\n    ### BEGIN SOLUTION\n    return 2 * n\n    ### END SOLUTION"
    cells = (make.code("import numpy as np"), make.solution("s", solution), make.check("t", test))
    make.write(root / "source/ps/p.ipynb", make.notebook(*cells))
    list(build(root))
    for learner, answer in answers.items():
        hand_in(root, learner, answer)
    return root


def hand_in(root: Path, learner: str, answer: str) -> None:
    """Put a learner's answer where submissions lie."""
    notebook = make.answer(root / "release/ps/p.ipynb", {"s": f"def twice(n):\n    {answer}"})
    make.submit(root, learner, "ps", {"p.ipynb": notebook})


def mixed(size: int) -> dict[str, str]:
    """So many answers: right, wrong, broken ones and such that end their process."""
    return {f"l{number:03}": f"{ANSWERS[number % len(ANSWERS)]}  # {number}" for number in range(size)}


def files(folder: Path) -> dict[str, bytes]:
    """Everything below a folder, by relative path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def everything(root: Path) -> dict[str, Any]:
    """All that grading leaves in a course: records, executed notebooks, and the gradebook as nbgrader's SQL sees it."""
    kept = {name: files(root / name) for name in ("records", "superseded", "autograded")}
    return {**kept, "gradebook": graded(root)}
