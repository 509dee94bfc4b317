"""Source notebooks become the student versions below nbgrader's ``release/``."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from authoring.errors import CoursewrightError

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from authoring.nbgrader_api import NbgraderCourse


@dataclass(frozen=True)
class StudentVersion:
    """What learners get of one assignment."""

    assignment: str
    folder: Path
    notebooks: tuple[str, ...]  # file names
    files: tuple[str, ...]  # everything else, relative to the folder


def build(root: Path, assignments: Sequence[str] = ()) -> Iterator[StudentVersion]:
    """Make the student versions of these assignments (of all, when none is named), one after the other.

    Each is written to a temporary folder that then takes the place of the old one, and is registered in
    ``gradebook.db`` so that Formgrader and ``nbgrader autograde`` know its cells.

    Raises:
        CoursewrightError: an assignment has no source, or nbgrader cannot convert a notebook of it.
    """
    from authoring import nbgrader_api

    course = nbgrader_api.open_course(root)
    for assignment in assignments or course.source_assignments():
        notebooks = source_notebooks(course.source(assignment))
        nbgrader_api.register(course, assignment, notebooks)
        yield _write(course, assignment, {path: nbgrader_api.student_version(course, path) for path in notebooks})


def student_notebooks(root: Path, assignment: str) -> "Mapping[str, NotebookNode]":
    """The student versions of an assignment's notebooks by file stem, made in memory; nothing is written.

    Raises:
        CoursewrightError: as :func:`build`.
    """
    from authoring import nbgrader_api
    from authoring.notebook_file import read_notebook

    course = nbgrader_api.open_course(root)
    return {
        path.stem: read_notebook(nbgrader_api.student_version(course, path).encode(), str(path))
        for path in source_notebooks(course.source(assignment))
    }


def source_notebooks(folder: Path) -> tuple[Path, ...]:
    """The notebooks of the assignment in a folder, sorted by name.

    Raises:
        CoursewrightError: there are none.
    """
    notebooks = tuple(sorted(folder.glob("*.ipynb")))
    if not notebooks:
        known = ", ".join(sorted({path.parent.name for path in folder.parent.glob("*/*.ipynb")})) or "none at all"
        raise CoursewrightError(f"{folder} holds no notebook: name one of the course's assignments ({known}).")
    return notebooks


def _write(course: "NbgraderCourse", assignment: str, texts: Mapping[Path, str]) -> StudentVersion:
    from authoring import nbgrader_api

    folder = course.release(assignment)
    temporary = folder.with_name(f".{assignment}.new")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    nbgrader_api.copy_files(course, course.source(assignment), temporary)
    for path, text in texts.items():
        (temporary / path.name).write_text(text, "utf-8")
    _replace_folder(temporary, folder)
    written = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    notebooks = {path.name for path in texts}
    return StudentVersion(assignment, folder, tuple(sorted(notebooks)), tuple(sorted(written - notebooks)))


def _replace_folder(new: Path, place: Path) -> None:
    """Put a finished folder where an older one may be; what is there before and after is always whole."""
    old = place.with_name(f".{place.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)
