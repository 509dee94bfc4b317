"""The sample course's files fit together."""

from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from authoring.build import student_notebooks
from authoring.cells import carries_points
from authoring.course import AssignmentKind, Course
from authoring.notebook_file import format_faults, load_notebook
from exam_bank.embed import stale_items
from tests.courses.conftest import LESSONS, MPC, NOTEBOOKS, PROBLEM_SETS


def points(assignment: str) -> float:
    cells = load_notebook(MPC / "source" / assignment / "problem-set.ipynb").cells
    return sum(cell.metadata.nbgrader.points for cell in cells if carries_points(cell))


def test_every_assignment_has_a_folder_and_every_folder_an_assignment(course: Course) -> None:
    listed = {each.id for each in course.assignments if each.kind is not AssignmentKind.EXAM}
    assert listed == {path.name for path in (MPC / "source").iterdir() if path.is_dir()}


def test_the_final_exam_has_its_blueprint(course: Course) -> None:
    final = course.assignment("final-exam")
    assert final.kind is AssignmentKind.EXAM
    assert final.blueprint is not None
    assert (MPC / final.blueprint).is_file()


def test_the_run_is_as_announced(course: Course) -> None:
    assert course.time_zone == "America/New_York"
    assert course.pass_mark == Decimal("0.60")
    assert sum(category.weight for category in course.categories) == 1
    assert (course.ends - course.starts).days == 8 * 7 - 1
    assert (course.verification_deadline.date() - course.starts).days == 4 * 7
    for week in course.weeks:
        assert (week.opens.weekday(), week.opens.hour) == (0, 12), f"week {week.number} opens Mondays at noon"


def test_the_exam_ends_by_the_clock_of_the_course_after_summer_time_is_over(course: Course) -> None:
    due = course.due_at(course.assignment("final-exam"))
    assert due is not None
    assert due.astimezone(ZoneInfo("UTC")).hour == 4  # 23:59 in New York is 04:59 UTC in November
    assert (
        course.instant(course.weeks[0].opens).astimezone(ZoneInfo("UTC")).hour == 16
    )  # noon is 16:00 UTC in September


@pytest.mark.parametrize("assignment", PROBLEM_SETS)
def test_points_in_the_course_file_are_those_of_the_notebooks(course: Course, assignment: str) -> None:
    assert 12 <= points(assignment) <= 20
    assert course.assignment(assignment).points == Decimal(str(points(assignment)))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.parent.name)
def test_notebooks_are_sound_and_clean(path: Path) -> None:
    notebook = load_notebook(path)
    assert format_faults(notebook) == ()
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.cells[0].source.startswith("# Week ")
    for cell in notebook.cells:
        assert "-" in cell.id or cell.id.isalpha(), f"{cell.id} is not a readable id"
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None)


@pytest.mark.parametrize("assignment", LESSONS)
def test_a_lesson_asks_at_least_four_concept_checks(assignment: str) -> None:
    cells = load_notebook(MPC / "source" / assignment / "lesson.ipynb").cells
    items = [cell.metadata.coursewright["item"] for cell in cells if "coursewright" in cell.metadata]
    assert len(items) >= 4
    assert {item["role"] for item in items} == {"concept-check"}
    assert len({item["ref"] for item in items}) == len(items)


@pytest.mark.integration  # every variant is made in a process of its own
def test_concept_checks_in_the_lessons_show_the_items_as_they_are() -> None:
    assert stale_items(MPC) == ()


@pytest.mark.parametrize("assignment", PROBLEM_SETS)
def test_students_get_neither_solutions_nor_hidden_tests_nor_mark_schemes(assignment: str) -> None:
    (notebook,) = student_notebooks(MPC, assignment).values()
    text = "\n".join(cell.source for cell in notebook.cells)
    for marker in ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME"):
        assert marker not in text


def test_all_figures_have_one_look() -> None:
    styles = {path.read_bytes() for path in MPC.glob("source/*/mpc.mplstyle")}
    assert len(styles) == 1
    assert len(list(MPC.glob("source/*/mpc.mplstyle"))) == len(NOTEBOOKS)
