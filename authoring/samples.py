"""Named sample answers: what learners write, right and wrong, and the marks that it gets.

``samples/<assignment>.toml`` of a course has them. They prove the tests of an assignment (a right answer gets full
marks, each named mistake what it deserves) and are what demonstrations and load tests submit.
"""

import copy
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from nbformat.notebooknode import NotebookNode

from authoring.cells import grade_id, is_solution
from authoring.errors import CoursewrightError
from authoring.ids import RULE, is_safe_id
from authoring.toml_file import TomlError, load_toml

SCHEMA = 1


class SampleAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One answer to one cell that a learner might give."""

    cell: str  # grade id of the solution cell or manually graded cell
    name: str  # "right", "empty", or the mistake; unique for the cell
    source: str  # what the cell then holds
    about: str = ""  # the mistake, and why learners make it
    # By grade id of the cells that carry points: the points when all other answers are right.
    marks: Mapping[str, Annotated[float, msgspec.Meta(ge=0)]] = {}


class _SampleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    schema: int
    answers: tuple[SampleAnswer, ...]


def samples_path(root: Path, assignment_id: str) -> Path:
    """Where the sample answers to an assignment of the course at ``root`` are."""
    return root / "samples" / f"{assignment_id}.toml"


def load_samples(root: Path, assignment_id: str) -> tuple[SampleAnswer, ...]:
    """The sample answers to an assignment, in the order of the file.

    Args:
        root: the course's folder.
        assignment_id: a folder below its ``source/``.

    Raises:
        CoursewrightError: there is no such file, or its first fault.
    """
    if not is_safe_id(assignment_id):
        raise CoursewrightError(f"the assignment id {assignment_id!r} is not made of {RULE}")
    path = samples_path(root, assignment_id)
    name = str(path.relative_to(root))
    answers = load_toml(path, _SampleFile, schema=SCHEMA, name=name).answers
    seen = set()
    for answer in answers:
        key = f'answers[cell = "{answer.cell}", name = "{answer.name}"]'
        if not is_safe_id(answer.name):
            raise TomlError(name, f"{key}.name", f"a name is made of {RULE}")
        if (answer.cell, answer.name) in seen:
            raise TomlError(name, key, "the cell has an answer of this name already; give this one another name")
        seen.add((answer.cell, answer.name))
    return tuple(msgspec.structs.replace(answer, source=answer.source.removesuffix("\n")) for answer in answers)


def answers_for(notebook: NotebookNode, answers: Iterable[SampleAnswer]) -> tuple[SampleAnswer, ...]:
    """Those of the answers whose cells are in the notebook (an assignment may have several notebooks)."""
    here = {grade_id(cell) for cell in notebook.cells if is_solution(cell)}
    return tuple(answer for answer in answers if answer.cell in here)


def answered(notebook: NotebookNode, answers: Iterable[SampleAnswer]) -> NotebookNode:
    """The student notebook with the sources of the answered cells replaced, and everything else kept.

    Raises:
        CoursewrightError: two answers are to the same cell, or the notebook has no cell for one.
    """
    by_cell: dict[str, SampleAnswer] = {}
    for answer in answers:
        if by_cell.setdefault(answer.cell, answer) is not answer:
            both = f"{by_cell[answer.cell].name} and {answer.name}"
            raise CoursewrightError(f"cell {answer.cell} is given two answers, {both}; give it one")
    filled = copy.deepcopy(notebook)
    for cell in filled.cells:
        if is_solution(cell) and (found := by_cell.pop(grade_id(cell) or "", None)) is not None:
            cell["source"] = found.source
    if by_cell:
        raise CoursewrightError(f"the notebook has no cell to answer with the grade id {min(by_cell)}")
    return filled
