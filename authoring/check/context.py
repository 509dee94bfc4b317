"""The facts that rules judge. :mod:`authoring.check.gather` reads, builds and runs once; no rule does it again."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from markdown_it.token import Token
from nbformat.notebooknode import NotebookNode

from authoring import cells
from authoring.check.finding import Finding, Severity
from authoring.check.python_source import parse
from authoring.check.text import tokens
from authoring.check.trial import CellTrial
from authoring.course import Assignment, Course, Limits
from authoring.course_file import FILE_NAME


@dataclass(frozen=True, kw_only=True)
class Place:
    """What a finding is about: a file (relative to the checked path), or a cell of it."""

    file: str
    cell: str | None = None

    def finding(self, rule: str, severity: Severity, message: str, mend: str) -> Finding:
        """A finding at this place."""
        return Finding(file=self.file, cell=self.cell, rule=rule, severity=severity, message=message, mend=mend)


@dataclass(frozen=True, kw_only=True)
class CheckedCell:
    """A cell of a source notebook or of a student version."""

    file: str
    index: int  # from 0
    node: NotebookNode

    @property
    def place(self) -> Place:
        """Where findings about the cell are."""
        return Place(file=self.file, cell=cells.cell_name(self.node, self.index))

    @property
    def kind(self) -> str:
        """``code``, ``markdown`` or ``raw``."""
        return str(self.node["cell_type"])

    @property
    def source(self) -> str:
        """The cell's text."""
        return str(self.node["source"])

    @cached_property
    def tree(self) -> ast.Module | None:
        """A code cell's syntax tree, magics left out; None if it is not Python."""
        return parse(self.source) if self.kind == "code" else None

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """A Markdown cell's tokens, those inside paragraphs included."""
        return tokens(self.source) if self.kind == "markdown" else ()


@dataclass(frozen=True, kw_only=True)
class CheckedNotebook:
    """A notebook as it was read."""

    file: str  # relative to the checked path
    stem: str
    node: NotebookNode

    @property
    def place(self) -> Place:
        """Where findings about the whole notebook are."""
        return Place(file=self.file)

    @cached_property
    def cells(self) -> tuple[CheckedCell, ...]:
        """Its cells, in order."""
        return tuple(
            CheckedCell(file=self.file, index=index, node=node) for index, node in enumerate(self.node["cells"])
        )

    @property
    def is_python(self) -> bool:
        """Whether the code is Python, as far as the notebook says."""
        spec = self.node["metadata"].get("kernelspec", {})
        return not isinstance(spec, Mapping) or spec.get("language", "python") == "python"


@dataclass(frozen=True, kw_only=True)
class Trials:
    """What happened when an assignment was run; all empty, with the reason, if it could not be."""

    reference: tuple[CellTrial, ...] = ()
    again: tuple[CellTrial, ...] = ()  # the reference version a second time
    student: tuple[CellTrial, ...] = ()
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class CheckedAssignment:
    """One folder of notebooks."""

    id: str
    folder: Path
    place: Place
    notebooks: tuple[CheckedNotebook, ...]
    unreadable: tuple[tuple[Place, str], ...]  # notebooks that are none, and why
    files: frozenset[str]  # everything else, relative to the folder
    is_whole: bool  # whether all notebooks of the folder are here
    entry: Assignment | None  # what course.toml says of it
    limits: Limits
    student: tuple[CheckedNotebook, ...]  # the built student versions
    student_error: str  # why there are none
    trials: Trials | None  # None: nothing was run

    def tried(self, trials: Iterable[CellTrial]) -> Iterator[tuple[CheckedCell, CellTrial]]:
        """Each trial of a cell with the source cell that it is of."""
        by_stem = {notebook.stem: notebook for notebook in self.notebooks}
        for trial in trials:
            notebook = by_stem.get(trial.notebook)
            if notebook is not None and trial.index < len(notebook.cells):
                yield notebook.cells[trial.index], trial

    @property
    def cells(self) -> Iterator[CheckedCell]:
        """Every cell of every source notebook."""
        return (cell for notebook in self.notebooks for cell in notebook.cells)


@dataclass(frozen=True, kw_only=True)
class Context:
    """Everything that was gathered below a path."""

    root: Path | None  # the course's folder; None: a folder of notebooks that belongs to no course
    course: Course | None
    course_error: str  # why there is no course although there is a course.toml
    is_course: bool  # whether the whole course is checked
    assignments: tuple[CheckedAssignment, ...]

    @property
    def course_place(self) -> Place:
        """Where findings about ``course.toml`` are."""
        return Place(file=FILE_NAME)

    @property
    def notebooks(self) -> Iterator[CheckedNotebook]:
        """Every source notebook."""
        return (notebook for assignment in self.assignments for notebook in assignment.notebooks)

    @property
    def cells(self) -> Iterator[CheckedCell]:
        """Every cell of every source notebook."""
        return (cell for notebook in self.notebooks for cell in notebook.cells)


Rule = Callable[[Context], Iterable[Finding]]
"""A rule finds what it is about in the facts; the module that it is in says why that matters."""
