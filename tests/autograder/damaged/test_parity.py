"""Damage that nbgrader grades without a word gets from us, cell by cell, what nbgrader gives."""

import shutil
from pathlib import Path

import pytest

from autograder import batch
from tests.autograder.damaged.course import write_course
from tests.autograder.damaged.kinds import KINDS
from tests.autograder.damaged.test_kinds import hand_in
from tests.autograder.nbgrader_oracle import graded, nbgrader

pytestmark = pytest.mark.integration

REPRESENTATIVE = (
    *("doubled-key.ipynb", "format-3", "source-crlf", "merge-in-answer"),
    *("merged-answers", "no-essay", "test-first"),
)


def test_the_gradebooks_are_the_same(tmp_path: Path) -> None:
    root = tmp_path / "nbgrader"
    root.mkdir()
    write_course(root)
    nbgrader(root, "generate_assignment", "ps")
    for kind in KINDS:
        if kind.name in REPRESENTATIVE:
            hand_in(root, kind)
    shutil.copytree(root, tmp_path / "ours")
    nbgrader(root, "autograde", "ps")
    for _ in batch.run(batch.plan(tmp_path / "ours", "ps"), workers=2):
        pass
    theirs, ours = graded(root), graded(tmp_path / "ours")
    assert len({row[0] for row in theirs["grades"]}) == len(REPRESENTATIVE)
    assert {row[4] for row in theirs["grades"]} == {None, 0.0, 1.0, 2.0}
    assert ours["grades"] == theirs["grades"]
    assert ours["comments"] == theirs["comments"]
