"""A class at a time: the pages of everybody whose work is graded, written where nbgrader looks for them."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from authoring import cells, nbgrader_api
from authoring.course_file import load_course
from authoring.errors import CoursewrightError
from authoring.nbgrader_api import NbgraderCourse
from autograder.feedback.assembling import Author, executed_notebooks, pages, read_author
from autograder.feedback.page import Page, to_html
from autograder.gradebook_notes import Notes, read_notes
from autograder.record import GradeRecord, Outcome, missing_notebooks, read_records
from autograder.source import load_source

_NBGRADERS_OWN = ("timestamp.txt", "submission_secret.txt")  # `nbgrader release_feedback` wants them beside the pages
_LONGEST = 10_000  # bytes of one of these


@dataclass(frozen=True)
class Giving:
    """Feedback that is to be written."""

    course: NbgraderCourse
    author: Author
    learners: tuple[str, ...]
    graded: frozenset[str]  # everybody who has a record

    @cached_property
    def notes(self) -> Notes:
        """The gradebook, read once."""
        return read_notes(self.course, self.author.source.assignment)


@dataclass(frozen=True)
class Given:
    """What became of one learner's feedback."""

    learner: str
    pages: tuple[Path, ...]
    points: float | None = None  # after the late penalty; None when nothing could be graded
    max_points: float = 0.0
    waiting: int = 0  # questions that nobody has marked yet
    problem: str = ""  # why there is no feedback


def plan(root: Path, assignment: str, *, learners: Sequence[str] = ()) -> Giving:
    """Find whose work is graded.

    Args:
        root: a course folder; it need not have a ``course.toml``.
        assignment: the name of a folder below ``source/``.
        learners: nbgrader's student ids; everybody who has a record when empty.

    Raises:
        CoursewrightError: there is no such assignment, or its source cannot be used.
    """
    course = nbgrader_api.open_course(root)
    folder = course.known_source(assignment)
    described = load_course(root) if (root / "course.toml").is_file() else None
    source = load_source(course, folder)
    author = read_author(course, source, described.title if described else course.course_id)
    records = course.root / "records" / assignment
    graded = sorted(path.name for path in records.glob("*") if path.is_dir())
    return Giving(course, author, tuple(learners) or tuple(graded), frozenset(graded))


def give(giving: Giving) -> Iterator[Given]:
    """Write the pages, one learner after the other; a learner without is told of with the reason."""
    for learner in giving.learners:
        try:
            yield _give(giving, learner)
        except CoursewrightError as error:
            yield Given(learner, (), problem=str(error))


def _give(giving: Giving, learner: str) -> Given:
    course, source = giving.course, giving.author.source
    record = _record(giving, learner)
    executed_in = course.autograded(learner, source.assignment)
    executed = executed_notebooks(executed_in, source.notebooks)
    expected = {cell.notebook for cell in record.cells} - missing_notebooks(record)
    if record.outcome is not Outcome.FAILED and (gone := expected - executed.keys()):
        missing = executed_in / f"{min(gone)}.ipynb"
        raise CoursewrightError(
            f"{missing} is not there: run `coursewright grade` with --force and --learner {learner}."
        )
    made = list(pages(giving.author, record, executed, giving.notes))
    folder = course.feedback(learner, source.assignment)
    _write(folder, executed_in, made)
    whole = made[0].whole or made[0].total
    return Given(
        learner=learner,
        pages=tuple(folder / f"{page.notebook}.html" for page in made),
        points=None if record.outcome is Outcome.FAILED else whole.counts,
        max_points=whole.max_points,
        waiting=whole.waiting,
    )


def _record(giving: Giving, learner: str) -> GradeRecord:
    source, root = giving.author.source, giving.course.root
    folder = root / "records" / source.assignment / learner
    try:
        found = read_records(folder) if learner in giving.graded else ()
    except msgspec.DecodeError as error:
        raise CoursewrightError(f"{folder} holds no grade record ({error}): run `coursewright grade`.") from error
    if not found:
        raise CoursewrightError(f"{learner} has no record for {source.assignment}: run `coursewright grade` first.")
    record = found[0]
    if record.outcome is Outcome.MISSING:
        raise CoursewrightError(f"{learner} handed in no notebook of {source.assignment}.")
    if record.source != source.hash:
        raise CoursewrightError(
            f"{learner} was graded against another version of {giving.course.source(source.assignment)}: "
            "run `coursewright grade` first."
        )
    graded = list(_graded_cells(giving))
    if graded and not any((learner, stem, cell) in giving.notes.points for stem, cell in graded):
        raise CoursewrightError(f"{learner} is not in the gradebook for {source.assignment}: run `coursewright grade`.")
    return record


def _graded_cells(giving: Giving) -> Iterator[tuple[str, str]]:
    for stem, notebook in giving.author.source.notebooks.items():
        yield from ((stem, cells.grade_id(cell) or "") for cell in notebook.cells if cells.carries_points(cell))


def _write(folder: Path, executed_in: Path, made: Sequence[Page]) -> None:
    """Put the pages, and what nbgrader wants beside them, into a folder that takes the old one's place."""
    new, old = (folder.with_name(f".{folder.name}.{state}") for state in ("new", "old"))
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for page in made:
        (new / f"{page.notebook}.html").write_text(to_html(page), "utf-8")
    for name in _NBGRADERS_OWN:
        if (path := executed_in / name).is_file() and not path.is_symlink():
            (new / name).write_bytes(path.read_bytes()[:_LONGEST])
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
