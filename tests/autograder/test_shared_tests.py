"""Tests that only work in the learner's process are found with the reference solution, and with nothing else."""

from pathlib import Path

import pytest
from nbformat.notebooknode import NotebookNode

from authoring import nbgrader_api
from authoring.course import Limits
from autograder.engine.pool import Engine
from autograder.grading import Policy
from autograder.shared_tests import with_shared_tests
from autograder.source import Source, load_source
from tests.autograder import notebooks as make

pytestmark = pytest.mark.integration

QUICK = Policy(limits=Limits(cell_seconds=1.0))


def source_of(root: Path, *cells: NotebookNode, solution: str = "def f():\n    return 7") -> Source:
    body = f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
    make.write(root / "source/ps/nb.ipynb", make.notebook(make.solution("s", body), *cells))
    return load_source(nbgrader_api.open_course(root), root / "source/ps")


def shared(source: Source, folder: Path | None = None) -> frozenset[str]:
    with Engine((), isolated=True) as engine:
        return with_shared_tests(engine, source, QUICK, folder).shared["nb"]


INSIDE = make.check("t_inside", "assert get_ipython().user_ns['f']() == 7")


def test_only_what_fails_apart_and_passes_together_is_shared(tmp_path: Path) -> None:
    marked = make.check("t_marked", "assert f() == 7")
    marked.metadata["coursewright"] = {"isolation": "shared"}
    source = source_of(
        tmp_path, INSIDE, make.check("t_plain", "assert f() == 7"), make.check("t_wrong", "assert f() == 8"), marked
    )
    assert shared(source) == {"t_inside", "t_marked"}


def test_that_a_test_was_too_slow_says_nothing_about_it(tmp_path: Path) -> None:
    slow = make.check("t_slow", "import time; time.sleep(0 if chr(102) in get_ipython().user_ns else 9)")
    assert shared(source_of(tmp_path, slow)) == frozenset()


def test_the_answer_is_kept_for_this_source_and_this_solution(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    wrong = source_of(tmp_path, INSIDE, solution="def f():\n    return 8")
    assert shared(wrong, kept) == frozenset()
    right = source_of(tmp_path, INSIDE)
    assert right.hash == wrong.hash
    assert shared(right, kept) == {"t_inside"}
    (path,) = [path for path in kept.iterdir() if path.read_bytes() != b"{}"]
    path.write_bytes(b"{}")  # it is believed
    assert shared(right, kept) == frozenset()
