"""Temporary files are there for the test and for the answer, and for nobody who was not told where."""

import os
from pathlib import Path

import pytest

from authoring import nbgrader_api
from autograder.engine.pool import Engine
from autograder.grading import Policy, assemble, jobs
from autograder.preparing import prepare
from autograder.source import load_source
from autograder.submission import Submission
from tests.autograder import notebooks as make

pytestmark = pytest.mark.integration

# an ordinary user is the same one in both processes: there each has temporary files of its own
IN_COMMON = os.geteuid() == 0

ANSWER = """
import os, pathlib, tempfile
def write(folder):
    path = pathlib.Path(folder) / "deep" / "out.txt"
    path.parent.mkdir()
    path.write_text("written")
def replace(name):
    with open(name, "w") as file:
        file.write("replaced")
def make():
    folder = tempfile.mkdtemp()
    replace(os.path.join(folder, "mine.txt"))
    return folder
def snoop():
    return os.listdir(tempfile.gettempdir())
"""
TESTS = {
    "folder": "import tempfile, os\nwith tempfile.TemporaryDirectory() as folder:\n    write(folder)\n"
    "    assert open(os.path.join(folder, 'deep', 'out.txt')).read() == 'written'\nassert not os.path.exists(folder)",
    "file": "import tempfile\nwith tempfile.NamedTemporaryFile('w+') as file:\n    replace(file.name)\n"
    "    assert open(file.name).read() == 'replaced'",
    "handle": "import tempfile, os\nhandle, name = tempfile.mkstemp()\nos.close(handle)\nreplace(name)\n"
    "assert open(name).read() == 'replaced'\nos.remove(name)",
    "made": "import os\nassert os.listdir(make()) == ['mine.txt']",
}
HIDDEN = """
import tempfile
kept = tempfile.mkdtemp()
try:
    found = snoop()
except PermissionError:
    found = []
assert found == []
"""


def test_temporary_files_are_in_common_and_cannot_be_listed(tmp_path: Path) -> None:
    cells = [make.check(name, text) for name, text in {**TESTS, "hidden": HIDDEN}.items()]
    make.write(tmp_path / "source/ps/nb.ipynb", make.notebook(make.solution("s", ANSWER), *cells))
    source = load_source(nbgrader_api.open_course(tmp_path), tmp_path / "source/ps")
    answers = {"nb.ipynb": (tmp_path / "source/ps/nb.ipynb").read_bytes()}
    prepared = prepare(source, Submission("a", answers, None))
    with Engine((), isolated=True) as engine:
        runs = {run.job.key: run for run in engine.run(jobs(source, prepared, Policy()), workers=1)}
    record = assemble(source, prepared, runs, Policy(), course="").record
    passed = {cell.grade_id for cell in record.cells if cell.score == 1}
    assert passed == ({*TESTS, "hidden"} if IN_COMMON else {"hidden"}), record.cells
