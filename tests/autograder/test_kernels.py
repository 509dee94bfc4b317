"""A course in Bash, with the kernel that others wrote, graded here and by nbgrader itself."""

import json
import os
import sys
from pathlib import Path

import pytest

from authoring.course import Limits
from authoring.errors import CoursewrightError
from autograder import grade
from autograder.grading import Policy
from autograder.record import CellGrade, CellOutcome, GradeRecord, Isolation, Outcome
from tests.autograder import notebooks as make
from tests.autograder.nbgrader_oracle import nbgrader, rows

pytestmark = pytest.mark.integration

BASH = {"name": "bash", "display_name": "Bash", "language": "bash"}
SOLUTION = "### BEGIN SOLUTION\nadd() { echo $(($1 + $2)); }\n### END SOLUTION"
TESTS = {
    "t_adds": "test $(add 2 3) -eq 5",
    "t_negative": "test $(add 2 -3) -eq -1",
    "t_quiet": "### BEGIN HIDDEN TESTS\ntest -z \"$(add 1 1 2>&1 >/dev/null)\"\n### END HIDDEN TESTS",
}
ANSWERS = {
    "right": "add() { echo $(($1 + $2)); }",
    "half": "add() { echo $(($1 + ${2#-})); }",
    "wrong": "add() { echo 0; echo oops >&2; }",
    "broken": "add() { echo",
    "empty": "",
}


@pytest.fixture
def jupyter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bash is a kernel that Jupyter knows."""
    folder = tmp_path / "jupyter/kernels/bash"
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "bash_kernel", "-f", "{connection_file}"]
    (folder / "kernel.json").write_text(json.dumps({"argv": command, "display_name": "Bash", "language": "bash"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))


def course(root: Path, tests: dict[str, str] = TESTS) -> Path:
    """A course with an assignment in Bash."""
    made = make.notebook(make.solution("s", SOLUTION), *(make.check(name, text, 2) for name, text in tests.items()))
    made.metadata["kernelspec"] = BASH
    made.metadata["language_info"] = {"name": "bash"}
    make.write(root / "source/ps/nb.ipynb", made)
    for folder in (root, root / "source"):  # a single submission is graded without the course around it
        (folder / "nbgrader_config.py").write_text("c = get_config()\nc.ClearSolutions.code_stub = {'bash': '# answer'}\n")
    return root


def graded(root: Path, answer: str, *more: str, limits: Limits | None = None) -> GradeRecord:
    """The record of an answer, with cells of the learner's own before it."""
    tests = [make.check(name, text.split("\n")[0] or "true", 2) for name, text in TESTS.items()]
    made = make.notebook(*map(make.code, more), make.solution("s", answer), *tests)
    made.metadata["kernelspec"] = BASH
    folder = make.submit(root, "ada", "ps", {"nb.ipynb": made})
    return grade(root / "source/ps", folder, policy=Policy(limits=limits or Limits()))


def outcomes(record: GradeRecord) -> list[CellOutcome]:
    return [cell.outcome for cell in record.cells]


def test_probe(tmp_path, jupyter):
    record = graded(course(tmp_path), ANSWERS["right"])
    print(record)
    assert outcomes(record) == [CellOutcome.PASSED] * 3
