"""From a graded submission to what its pages show: the author's text from the source, the learner's from what ran."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from nbformat import NotebookNode

from authoring import cells, nbgrader_api
from authoring.nbgrader_api import NbgraderCourse
from authoring.notebook_file import read_notebook
from autograder.feedback import clean, code, outputs
from autograder.feedback.page import Page, ShownCell
from autograder.feedback.results import Result, penalties, results, title, total
from autograder.feedback.tests_shown import Secrets, ShownTest, failed_line, message, released_texts, shown_tests
from autograder.gradebook_notes import Notes
from autograder.record import GradeRecord
from autograder.source import Source

_FOR_AUTHORS = frozenset({"odd-partial-credit"})  # findings that tell what a test does
_KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}


@dataclass(frozen=True)
class Author:
    """The author's side of an assignment, as learners may see it."""

    source: Source
    course: str
    texts: Mapping[str, Mapping[str, str]]  # of cells as they were released, by file stem and grade id
    tests: Mapping[str, Mapping[str, ShownTest]]  # by file stem and grade id

    @cached_property
    def secrets(self) -> Secrets:
        """The lines that nobody may be shown."""
        return Secrets(test for tests in self.tests.values() for test in tests.values())

    @cached_property
    def pictures(self) -> Mapping[str, str]:
        """The pictures beside the notebooks, by the name that Markdown calls them."""
        found = {}
        for name, data in self.source.files.items():
            kind = _KINDS.get(PurePosixPath(name).suffix.lower(), "")
            if address := clean.address_of_bytes(kind, data):
                found[name] = found[quote(name)] = address
        return found


def read_author(course: NbgraderCourse, source: Source, title_of_course: str) -> Author:
    """Prepare what all pages of an assignment share."""
    texts = {}
    for stem in source.notebooks:
        path = course.source(source.assignment) / f"{stem}.ipynb"
        released = read_notebook(nbgrader_api.student_version(course, path).encode(), str(path))
        texts[stem] = released_texts(released)
    return Author(source, title_of_course, texts, {stem: shown_tests(source, stem) for stem in source.notebooks})


def pages(author: Author, record: GradeRecord, executed: Mapping[str, NotebookNode], notes: Notes) -> Iterator[Page]:
    """The pages of a submission, one for each notebook of the assignment.

    Args:
        author: the author's side.
        record: what the machine said.
        executed: the executed notebooks by file stem; one that was not handed in is not there.
        notes: the gradebook.
    """
    late = penalties(record, notes)
    found = {stem: results(one, stem, record, notes) for stem, one in author.source.notebooks.items()}
    everything = tuple(result for some in found.values() for result in some)
    for stem in author.source.notebooks:
        shown = _Notebook(author, stem, record, notes, found[stem])
        yield Page(
            course=author.course,
            assignment=record.assignment,
            notebook=stem,
            learner=record.learner,
            results=found[stem],
            total=total(found[stem], late.get(stem, 0.0)),
            whole=total(everything, sum(late.values())) if len(found) > 1 else None,
            others=tuple(other for other in found if other != stem),
            notices=tuple(_notices(author, record)),
            cells=tuple(shown.cells(executed[stem])) if stem in executed else (),
        )


def _notices(author: Author, record: GradeRecord) -> Iterator[str]:
    for finding in record.findings:
        text = f"{finding.cell}: {finding.message}" if finding.cell else finding.message
        if finding.rule not in _FOR_AUTHORS and not author.secrets.in_text(text):
            yield text


class _Notebook:
    """One executed notebook, with what is known of its cells at hand."""

    def __init__(self, author: Author, stem: str, record: GradeRecord, notes: Notes, found: tuple[Result, ...]) -> None:
        self._author = author
        self._stem = stem
        self._learner = record.learner
        self._notes = notes
        self._results = {one.grade_id: one for one in found}
        self._grades = {cell.grade_id: cell for cell in record.cells if cell.notebook == stem}
        template = author.source.notebooks[stem]
        self._originals = {cells.grade_id(cell): cell.source for cell in template.cells if cells.grade_id(cell)}
        self._language = str(template.metadata.get("kernelspec", {}).get("language") or "python")

    def cells(self, executed: NotebookNode) -> Iterator[ShownCell]:
        """The cells in the order in which they ran."""
        for number, cell in enumerate(executed.cells, start=1):
            name = cells.grade_id(cell) or ""
            if name in self._author.tests[self._stem]:
                yield self._test(f"cell-{number}", name, cell)
            elif (shown := self._other(f"cell-{number}", name, cell)).body or shown.title:
                yield shown

    def _test(self, anchor: str, name: str, cell: NotebookNode) -> ShownCell:
        test, grade = self._author.tests[self._stem][name], self._grades.get(name)
        made = cell.get("outputs", [])
        printed = [output for output in made if output.get("output_type") != "error"]  # the message tells the error
        said = message(test, grade, made, self._author.secrets) if grade else ""
        full = grade is not None and grade.score == grade.max_score
        return ShownCell(
            anchor=anchor,
            title=title(cell),
            kind="code",
            body=code.to_html(test.released, self._language) if test.released.strip() else "",
            outputs=tuple(outputs.to_html(printed, self._author.secrets)) if test.is_open and grade else (),
            result=self._results.get(name),
            message=said,
            failed_line=failed_line(test, made) if grade and said and said == grade.message else "",
            hidden=not test.is_open,
            hints=() if full else test.hints,
            comment=self._comment(name),
        )

    def _other(self, anchor: str, name: str, cell: NotebookNode) -> ShownCell:
        result, comment = self._results.get(name), self._comment(name)
        text = self._text(name, cell)
        is_code = cell.cell_type == "code"
        return ShownCell(
            anchor=anchor,
            title=title(cell) if result or comment else "",
            kind="code" if is_code else "text",
            body=self._body(cell, text) if text.strip() else "",
            outputs=tuple(outputs.to_html(cell.get("outputs", []), self._author.secrets)) if is_code else (),
            result=result,
            comment=comment,
        )

    def _text(self, name: str, cell: NotebookNode) -> str:
        """The learner's text of an answer, and the released one of everything else that is the author's."""
        mine = cells.is_solution(cell) and cell.source != self._originals.get(name)
        return str(cell.source if mine else self._author.texts[self._stem].get(name, cell.source))

    def _body(self, cell: NotebookNode, text: str) -> str:
        if cell.cell_type == "code":
            return code.to_html(text, self._language)
        if cell.cell_type == "raw":
            return clean.plain(text)
        pictures = {**self._author.pictures, **clean.attachments(cell)} if "![" in text or "<img" in text else {}
        return clean.from_markdown(text, pictures)

    def _comment(self, name: str) -> str:
        comment = self._notes.comments.get((self._learner, self._stem, name), "")
        return clean.from_markdown(comment) if comment else ""


def executed_notebooks(folder: Path, stems: Mapping[str, NotebookNode]) -> dict[str, NotebookNode]:
    """The executed notebooks in a folder, by file stem.

    Raises:
        NotebookError: one of them cannot be read.
    """
    found = {}
    for stem in stems:
        path = folder / f"{stem}.ipynb"
        if path.is_file():
            found[stem] = read_notebook(path.read_bytes(), str(path))
    return found
