"""The questions that a person marks: what was asked, what a full answer says, and what a learner wrote."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from authoring import cells
from authoring.build import source_notebooks
from authoring.errors import CoursewrightError
from authoring.nbgrader_api import NbgraderCourse
from authoring.notebook_file import load_notebook
from authoring.toml_shape import nearest

_MOST_OUTPUT = 20_000  # characters of what a marked cell printed


@dataclass(frozen=True)
class Question:
    """A cell that a person marks."""

    notebook: str  # its file stem
    cell: str  # its grade id
    max_score: float
    asked: str  # the text above it, or a task's own
    reference: str  # the author's answer and mark scheme
    is_task: bool

    @property
    def name(self) -> str:
        """How commands and errors call it."""
        return f"{self.notebook}:{self.cell}"


def questions(course: NbgraderCourse, assignment: str) -> tuple[Question, ...]:
    """The questions of an assignment that a person marks, in the order of its notebooks.

    Raises:
        CoursewrightError: there is no such assignment, or a notebook of it cannot be read.
    """
    paths = source_notebooks(course.known_source(assignment))
    return tuple(question for path in paths for question in _questions(path.stem, load_notebook(path)))


def find_question(asked: Sequence[Question], wanted: str) -> Question:
    """The question of that grade id, or of ``notebook:grade id`` where two notebooks share it.

    Raises:
        CoursewrightError: there is none, or there are several.
    """
    found = [question for question in asked if wanted in {question.cell, question.name}]
    if len(found) > 1:
        names = " or ".join(question.name for question in found)
        raise CoursewrightError(f"there are {len(found)} questions {wanted}: say {names}.")
    if not found:
        known = nearest(wanted, [question.cell for question in asked])
        raise CoursewrightError(f'no question that a person marks is called "{wanted}"{known}.')
    return found[0]


def answer_text(course: NbgraderCourse, assignment: str, learner: str, question: Question) -> str:
    """What a learner wrote, with what it printed; of a task, everything below it up to the author's next cell.

    Raises:
        CoursewrightError: the graded notebook is not there, or cannot be read.
    """
    path = course.autograded(learner, assignment) / f"{question.notebook}.ipynb"
    if not path.is_file():
        raise CoursewrightError(f"{path} is not there: run `coursewright grade --force` for it.")
    notebook = load_notebook(path)
    for index, cell in enumerate(notebook.cells):
        if cells.grade_id(cell) == question.cell:
            own = _below(notebook, index) if question.is_task else [cell]
            return "\n\n".join(text for one in own if (text := _shown(one))) or "(nothing was written here)"
    raise CoursewrightError(f"{path} has no cell {question.cell}: run `coursewright grade --force` for it.")


def _questions(stem: str, notebook: NotebookNode) -> Iterator[Question]:
    for index, cell in enumerate(notebook.cells):
        if cells.is_manual(cell):
            task = cells.is_task(cell)
            text, _, scheme = cell.source.partition("### BEGIN MARK SCHEME")
            yield Question(
                notebook=stem,
                cell=cells.grade_id(cell) or "",
                max_score=cells.points(cell),
                asked=text.strip() if task else _above(notebook, index),
                reference=scheme.replace("### END MARK SCHEME", "").strip() if task else cell.source.strip(),
                is_task=task,
            )


def _above(notebook: NotebookNode, index: int) -> str:
    """The Markdown right above a cell, back to the last cell that is something else."""
    found: list[str] = []
    for cell in reversed(notebook.cells[:index]):
        if cell.cell_type != "markdown" or cells.is_solution(cell) or cells.carries_points(cell):
            break
        found.insert(0, cell.source.strip())
        if cell.source.lstrip().startswith("#"):  # a heading begins the question
            break
    return "\n\n".join(found)


def _below(notebook: NotebookNode, index: int) -> list[NotebookNode]:
    """The learner's own cells behind a task."""
    found = []
    for cell in notebook.cells[index + 1 :]:
        if cells.grade_id(cell):
            break
        found.append(cell)
    return found


def _shown(cell: NotebookNode) -> str:
    """A cell as text: its source, and what it printed."""
    parts = [cell.source.strip()]
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        text = output.get("text") or data.get("text/plain") or output.get("evalue") or ""
        text = text if isinstance(text, str) else "".join(text)
        parts.append("[a picture: see Formgrader]" if any(kind.startswith("image/") for kind in data) else text.strip())
    return "\n".join(part for part in parts if part)[:_MOST_OUTPUT]
