"""The sample answers to the problem sets: there are enough of them, and they speak of cells that exist."""

from collections import defaultdict

import pytest
from nbformat.notebooknode import NotebookNode

from authoring.build import student_notebooks
from authoring.cells import carries_points, grade_id, is_grade, is_solution
from authoring.notebook_file import load_notebook
from authoring.samples import SampleAnswer, load_samples
from tests.courses.conftest import MPC, PROBLEM_SETS


@pytest.fixture(params=PROBLEM_SETS)
def assignment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def notebook(assignment: str) -> NotebookNode:
    return load_notebook(MPC / "source" / assignment / "problem-set.ipynb")


@pytest.fixture
def answers(assignment: str) -> dict[str, dict[str, SampleAnswer]]:
    """By cell, then by name."""
    found: dict[str, dict[str, SampleAnswer]] = defaultdict(dict)
    for answer in load_samples(MPC, assignment):
        found[answer.cell][answer.name] = answer
    return dict(found)


def test_every_answer_cell_has_right_empty_and_two_mistakes(
    notebook: NotebookNode, answers: dict[str, dict[str, SampleAnswer]]
) -> None:
    assert set(answers) == {grade_id(cell) for cell in notebook.cells if is_solution(cell)}
    for cell, named in answers.items():
        mistakes = [name for name in named if name not in {"right", "empty"} and not name.startswith("hostile-")]
        assert {"right", "empty"} <= set(named), cell
        assert len(mistakes) >= 2, cell


def test_each_problem_set_has_answers_that_crash_never_end_and_attack(
    answers: dict[str, dict[str, SampleAnswer]],
) -> None:
    names = [name for named in answers.values() for name in named]
    assert {"crashes", "endless"} <= set(names)
    assert sum(name.startswith("hostile-") for name in names) >= 3


def test_marks_name_the_cells_that_judge_the_answer_and_nothing_else(
    notebook: NotebookNode, answers: dict[str, dict[str, SampleAnswer]]
) -> None:
    full = {grade_id(cell): cell.metadata.nbgrader.points for cell in notebook.cells if carries_points(cell)}
    judged: list[str] = []
    for cell, named in answers.items():
        right = dict(named["right"].marks)
        assert right == {name: full[name] for name in right}, f"{cell}: the right answer earns everything"
        for answer in named.values():
            assert set(answer.marks) == set(right), f"{cell}, {answer.name}"
            assert all(answer.marks[name] <= full[name] for name in right), f"{cell}, {answer.name}"
            if answer.name in {"empty", "endless", "crashes"} or answer.name.startswith("hostile-"):
                assert not any(answer.marks.values()), f"{cell}, {answer.name}"
        judged += right
    assert sorted(judged) == sorted(full), "every cell that carries points judges exactly one answer"


def test_somewhere_a_test_gives_part_of_its_points(answers: dict[str, dict[str, SampleAnswer]]) -> None:
    partial = [
        (answer.cell, answer.name)
        for named in answers.values()
        for answer in named.values()
        for cell, mark in answer.marks.items()
        if cell.startswith("t_") and 0 < mark < named["right"].marks[cell]
    ]
    assert partial


def test_an_empty_answer_is_what_students_are_given(
    assignment: str, answers: dict[str, dict[str, SampleAnswer]]
) -> None:
    (student,) = student_notebooks(MPC, assignment).values()
    given = {grade_id(cell): cell.source for cell in student.cells if is_solution(cell)}
    assert {cell: named["empty"].source for cell, named in answers.items()} == given


def test_grade_ids_say_what_their_cells_are(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        name = grade_id(cell)
        if name is None:
            continue
        expected = "r_"
        if is_solution(cell):
            expected = "m_" if is_grade(cell) else "s_"
        elif is_grade(cell):
            expected = "t_"
        assert name.startswith(expected)


def test_the_rubric_adds_up_to_the_points(notebook: NotebookNode) -> None:
    (cell,) = [cell for cell in notebook.cells if is_grade(cell) and is_solution(cell)]
    rubric = cell.source.split("BEGIN MARK SCHEME")[1]
    assert rubric.count("- 1 point: ") == cell.metadata.nbgrader.points
