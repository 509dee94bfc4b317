"""Reads, builds and runs what is to be checked, once, into a :class:`~authoring.check.context.Context`."""

import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from authoring import cells
from authoring.build import student_notebooks
from authoring.check.context import CheckedAssignment, CheckedNotebook, Context, Place, Trials
from authoring.check.trial import Trial, Version
from authoring.course import Course, Limits
from authoring.course_file import FILE_NAME, load_course
from authoring.errors import CoursewrightError
from authoring.notebook_file import load_notebook


def gather(path: Path, trial: Trial | None = None) -> Context:
    """The facts about a course, one assignment's folder, or one notebook.

    Each assignment's reference version is run at most twice, and its student version at most once.

    Raises:
        CoursewrightError: ``path`` is none of the three.
    """
    if path.is_file() and path.suffix == ".ipynb":
        return _gather_part(path.parent, path.parent, path.name, trial)
    if path.is_dir() and _is_course(path):
        folders = sorted({notebook.parent for notebook in (path / "source").glob("*/*.ipynb")})
        course, error = _course(path)
        assignments = tuple(_assignment(folder, path, course, trial, base=path) for folder in folders)
        return Context(root=path, course=course, course_error=error, is_course=True, assignments=assignments)
    if path.is_dir() and any(path.glob("*.ipynb")):
        return _gather_part(path, path, "*.ipynb", trial)
    what = (
        "neither a course, nor an assignment's folder with notebooks, nor a notebook" if path.exists() else "not there"
    )
    raise CoursewrightError(
        f"{path} is {what}; name a folder with a {FILE_NAME} or a source folder, or one with notebooks"
    )


def _is_course(folder: Path) -> bool:
    return (folder / FILE_NAME).is_file() or (folder / "source").is_dir() or (folder / "nbgrader_config.py").is_file()


def _gather_part(folder: Path, base: Path, pattern: str, trial: Trial | None) -> Context:
    above = folder.resolve().parent
    root = above.parent if above.name == "source" and _is_course(above.parent) else None
    course, error = _course(root) if root else (None, "")
    assignment = _assignment(folder, root, course, trial, base=base, pattern=pattern)
    return Context(root=root, course=course, course_error=error, is_course=False, assignments=(assignment,))


def _course(root: Path) -> tuple[Course | None, str]:
    if not (root / FILE_NAME).is_file():
        return None, ""
    try:
        return load_course(root), ""
    except CoursewrightError as error:
        return None, str(error).removeprefix(f"{root / FILE_NAME}").lstrip(":, ")


def _assignment(
    folder: Path, root: Path | None, course: Course | None, trial: Trial | None, *, base: Path, pattern: str = "*.ipynb"
) -> CheckedAssignment:
    assignment_id = folder.resolve().name
    entry = next((each for each in course.assignments if each.id == assignment_id), None) if course else None
    paths = sorted(folder.glob(pattern))
    notebooks, unreadable = _read(paths, base)
    student, student_error = ((), "") if unreadable else _student(folder, root, paths, base)
    return CheckedAssignment(
        id=assignment_id,
        folder=folder,
        place=Place(file=str(folder.relative_to(base)) if folder != base else "."),
        notebooks=notebooks,
        unreadable=unreadable,
        files=frozenset(_files(folder)),
        is_whole=pattern == "*.ipynb",
        entry=entry,
        limits=(entry.limits if entry else None) or (course.limits if course else Limits()),
        student=student,
        student_error=student_error,
        trials=None if trial is None or unreadable else _run(trial, folder, notebooks),
    )


def _files(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in relative.parts)
        if path.is_file() and path.suffix != ".ipynb" and not hidden:
            yield relative.as_posix()


def _read(paths: Sequence[Path], base: Path) -> tuple[tuple[CheckedNotebook, ...], tuple[tuple[Place, str], ...]]:
    notebooks, unreadable = [], []
    for path in paths:
        file = path.relative_to(base).as_posix()
        try:
            notebooks.append(CheckedNotebook(file=file, stem=path.stem, node=load_notebook(path, file)))
        except CoursewrightError as error:
            unreadable.append((Place(file=file), str(error).removeprefix(file).lstrip(":, ")))
    return tuple(notebooks), tuple(unreadable)


def _student(
    folder: Path, root: Path | None, paths: Sequence[Path], base: Path
) -> tuple[tuple[CheckedNotebook, ...], str]:
    """The student versions, or why there are none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about cell ids: a rule speaks of them
            built = _built(folder.resolve(), root)
    except CoursewrightError as error:
        return (), (str(error.__cause__ or error).strip().splitlines() or ["it says no more"])[0]
    found = ((path, built[path.stem]) for path in paths if path.stem in built)
    return tuple(
        CheckedNotebook(file=path.relative_to(base).as_posix(), stem=path.stem, node=node) for path, node in found
    ), ""


def _built(folder: Path, root: Path | None) -> Mapping[str, NotebookNode]:
    """The student versions by stem. A folder that belongs to no course is lent one to be built in."""
    if root is not None:
        return student_notebooks(root, folder.name)
    with tempfile.TemporaryDirectory() as lent:
        (Path(lent) / "source").mkdir()
        (Path(lent) / "source" / folder.name).symlink_to(folder)
        return student_notebooks(Path(lent), folder.name)


def _run(trial: Trial, folder: Path, notebooks: Sequence[CheckedNotebook]) -> Trials:
    try:
        reference = tuple(trial(folder, Version.REFERENCE))
        again = tuple(trial(folder, Version.REFERENCE))
        has_tests = any(cells.is_test(cell.node) for notebook in notebooks for cell in notebook.cells)
        student = tuple(trial(folder, Version.STUDENT)) if has_tests else ()
    except CoursewrightError as error:
        return Trials(error=str(error))
    return Trials(reference=reference, again=again, student=student)
