"""Where records and executed notebooks lie on disk, and how they get there whole."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec
from nbformat import NotebookNode

from authoring.errors import CoursewrightError
from authoring.nbgrader_api import NbgraderCourse
from authoring.notebook_file import notebook_bytes
from autograder.preparing import Prepared
from autograder.record import GradeRecord, from_json, to_json


def record_path(root: Path, record: GradeRecord) -> Path:
    """``records/<assignment>/<learner>/<attempt>.json``."""
    attempt = record.attempt.removeprefix("sha256:")
    return root / "records" / record.assignment / record.learner / f"{attempt}.json"


def find_record(root: Path, assignment: str, learner: str, attempt: str) -> GradeRecord | None:
    """The record of an attempt, if it was graded before.

    Raises:
        CoursewrightError: there is a file, and it is no record.
    """
    path = root / "records" / assignment / learner / f"{attempt.removeprefix('sha256:')}.json"
    if not path.is_file():
        return None
    try:
        return from_json(path.read_bytes())
    except msgspec.DecodeError as error:
        raise CoursewrightError(
            f"{path} is no grade record ({error}): remove it, and the attempt is graded again."
        ) from error


def write_record(root: Path, record: GradeRecord) -> Path:
    """Write the record, and set older attempts of the same learner aside.

    ``records/`` holds the attempts that count, one a learner and assignment; ``superseded/`` keeps the others.
    """
    path = record_path(root, record)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, to_json(record))
    superseded = root / "superseded" / record.assignment / record.learner
    for older in path.parent.glob("*.json"):
        if older != path:
            superseded.mkdir(parents=True, exist_ok=True)
            older.replace(superseded / older.name)
    (superseded / path.name).unlink(missing_ok=True)  # the attempt was handed in again, and counts again
    return path


def write_executed(
    course: NbgraderCourse, assignment: str, prepared: Prepared, notebooks: Mapping[str, NotebookNode]
) -> None:
    """Write the executed notebooks, and the files that lay beside them, where Formgrader looks for them."""
    submission = prepared.submission
    folder = course.autograded(submission.learner, assignment)
    temporary = folder.with_name(f".{assignment}.new")
    shutil.rmtree(temporary, ignore_errors=True)
    for name, data in prepared.files.items():
        path = temporary / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    temporary.mkdir(parents=True, exist_ok=True)
    for stem, notebook in notebooks.items():
        (temporary / f"{stem}.ipynb").write_bytes(notebook_bytes(notebook))
    if submission.submitted_at is not None:
        # nbgrader compares this with the submission's own to see whether to grade it again
        (temporary / "timestamp.txt").write_text(f"{submission.submitted_at:%Y-%m-%d %H:%M:%S.%f} UTC")
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)


def replace(path: Path, data: bytes) -> None:
    """Write to a temporary name beside the file, then put it in its place."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(data)
    temporary.replace(path)
