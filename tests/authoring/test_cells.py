"""Cells mean what nbgrader says they mean."""

import itertools
import math
from typing import Any

import pytest
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader import utils

from authoring import cells


def cell(kind: str = "code", **nbgrader: Any) -> NotebookNode:
    new = new_code_cell if kind == "code" else new_markdown_cell
    return new("", id="c1", metadata={"nbgrader": nbgrader} if nbgrader else {})


@pytest.mark.parametrize("kind", ["code", "markdown"])
@pytest.mark.parametrize("flags", list(itertools.product([False, True], repeat=4)))
def test_flags_are_read_as_nbgrader_reads_them(kind: str, flags: tuple[bool, ...]) -> None:
    subject = cell(kind, **dict(zip(("grade", "solution", "locked", "task"), flags, strict=True)))
    assert cells.is_grade(subject) == utils.is_grade(subject)
    assert cells.is_solution(subject) == utils.is_solution(subject)
    assert cells.is_locked(subject) == utils.is_locked(subject)
    assert cells.is_task(subject) == utils.is_task(subject)


def test_a_cell_without_metadata_is_nothing_special() -> None:
    plain = cell()
    asked = (cells.is_grade, cells.is_solution, cells.is_locked, cells.is_task, cells.is_manual, cells.is_test)
    assert not any(is_it(plain) for is_it in asked)
    assert cells.grade_id(plain) is None
    assert cells.points(plain) == 0.0


@pytest.mark.parametrize("junk", [None, [], "grade", 3])
def test_metadata_of_a_wrong_shape_counts_as_none(junk: object) -> None:
    damaged = NotebookNode(cell_type="code", source="", metadata=NotebookNode(nbgrader=junk))
    assert cells.nbgrader_metadata(damaged) == {}
    assert not cells.is_grade(damaged)
    assert cells.grade_id(damaged) is None


def test_who_gives_the_points() -> None:
    test = cell(grade=True, solution=False, points=2)
    essay = cell("markdown", grade=True, solution=True, points=3)
    manual_code = cell(grade=True, solution=True, points=3)
    task = cell("markdown", grade=False, solution=False, task=True, points=4)
    answer = cell(grade=False, solution=True)

    assert [cells.is_test(each) for each in (test, essay, manual_code, task, answer)] == [True] + [False] * 4
    assert [cells.is_manual(each) for each in (test, essay, manual_code, task, answer)] == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert [cells.points(each) for each in (test, essay, manual_code, task, answer)] == [2.0, 3.0, 3.0, 4.0, 0.0]


@pytest.mark.parametrize("found", [None, "2", True, -1, math.nan, math.inf])
def test_points_that_are_no_points_are_refused(found: object) -> None:
    with pytest.raises(cells.PointsError, match=r"^cell t_mean: `points` in the nbgrader metadata is .*; give it") as e:
        cells.points(cell(grade=True, grade_id="t_mean", points=found))
    assert e.value.grade_id == "t_mean"


def test_a_cell_is_called_by_its_grade_id_then_its_id_then_its_position() -> None:
    assert cells.cell_name(cell(grade_id="t_mean"), 6) == "t_mean"
    assert cells.cell_name(cell(), 6) == "c1"
    assert cells.cell_name(NotebookNode(cell_type="raw", source="", metadata=NotebookNode()), 6) == "cell 7"
