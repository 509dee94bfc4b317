"""The sample course's problem sets, isolated: every sample answer gets the marks that it was promised."""

from pathlib import Path

import pytest

from authoring import cells as nb
from authoring import nbgrader_api
from authoring.build import student_notebooks
from authoring.samples import answered, answers_for, load_samples
from autograder import scoring
from autograder.source import Source, load_source
from tests.isolated.pair import Cell, Outcome, Pair, solution_of

COURSE = Path(__file__).parents[2] / "courses" / "mpc"
ASSIGNMENTS = ("week01-problem-set", "week02-problem-set")
SAMPLES = [(name, sample) for name in ASSIGNMENTS for sample in load_samples(COURSE, name) if sample.cell[0] == "s"]

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def sources() -> dict[str, Source]:
    course = nbgrader_api.open_course(COURSE)
    return {name: load_source(course, COURSE / "source" / name) for name in ASSIGNMENTS}


@pytest.fixture(scope="module")
def students():
    return {name: student_notebooks(COURSE, name)["problem-set"] for name in ASSIGNMENTS}


def kind(cell) -> str:
    if nb.is_test(cell):
        return "test"
    return "author" if nb.is_locked(cell) else "answer"


def cells_of(source: Source, notebook, student) -> list[Cell]:
    """The notebook's answers, among the author's own cells."""
    released = {nb.grade_id(cell): cell.source for cell in student.cells if nb.grade_id(cell)}
    template = {nb.grade_id(cell): cell for cell in source.notebooks["problem-set"].cells if nb.grade_id(cell)}
    found = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        name = nb.grade_id(cell)
        trusted = template.get(name) if name and nb.is_locked(cell) else None
        text = cell.source if trusted is None else trusted.source
        found.append(Cell(kind(cell), text, released.get(name) if kind(cell) == "test" else None))
    return found


def marks(source: Source, notebook, outcome: Outcome) -> dict[str, float]:
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    template = {nb.grade_id(cell): cell for cell in source.notebooks["problem-set"].cells}
    found = {}
    for cell, ran in zip(code, outcome.cells, strict=True):
        if nb.is_test(cell):
            original = template[nb.grade_id(cell)]
            grade = scoring.not_run("", original, "") if ran is None else scoring.test_grade("", original, ran)[0]
            found[nb.grade_id(cell)] = grade.score
    return found


def solution(source: Source):
    reference = source.reference["problem-set"]
    return solution_of(Cell(kind(cell), cell.source) for cell in reference.cells if cell.cell_type == "code")


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_reference_solution_gets_full_marks(pair: Pair, sources, students, assignment):
    source = sources[assignment]
    notebook = source.reference["problem-set"]
    cells = cells_of(source, notebook, students[assignment])
    outcome = pair.isolated(cells, files=source.files, solution=solution(source))
    full = {nb.grade_id(cell): nb.points(cell) for cell in notebook.cells if nb.is_test(cell)}
    assert marks(source, notebook, outcome) == full


@pytest.mark.parametrize(("assignment", "sample"), SAMPLES, ids=[f"{a}-{s.cell}-{s.name}" for a, s in SAMPLES])
def test_a_sample_answer_gets_its_marks(pair: Pair, sources, students, assignment, sample):
    source, student = sources[assignment], students[assignment]
    right = {one.cell: one for one in load_samples(COURSE, assignment) if one.name == "right"}
    chosen = answers_for(student, {**right, sample.cell: sample}.values())
    notebook = answered(student, chosen)
    cells = cells_of(source, notebook, student)
    outcome = pair.isolated(cells, files=source.files, solution=solution(source), seconds=3.0)
    full = {nb.grade_id(cell): nb.points(cell) for cell in student.cells if nb.is_test(cell)}
    found = marks(source, notebook, outcome)
    if sample.name == "hostile-exits":  # the cells behind the exit have nobody to ask
        full = {name: found[name] for name in full}
        assert outcome.broken
    assert found == {**full, **sample.marks}
