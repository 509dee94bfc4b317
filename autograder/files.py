"""Where records and executed notebooks lie on disk, and how they get there whole.

A grade is kept in steps, so that a batch that is killed between two of them knows afterwards how far it was:

1. The executed notebooks, and the record to which they belong, are written beside their place.
2. The earlier executed notebooks are put away.
3. The record is written.
4. The new executed notebooks are put in their place.

So notebooks that are in their place belong to the record that counts. A record without them was interrupted after step
2, and gets back those that were put away, or after step 3, and gets those that were written for it.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

from authoring.errors import CoursewrightError
from autograder.record import GradeRecord, from_json, to_json

_RECORD = "record.json"
_EXECUTED = "executed"


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


def read_record(root: Path, assignment: str, learner: str) -> GradeRecord:
    """The record that counts of a learner who has one."""
    (path,) = (root / "records" / assignment / learner).glob("[!.]*.json")
    return from_json(path.read_bytes())


def write_record(root: Path, record: GradeRecord) -> Path:
    """Write the record, and set older attempts of the same learner aside.

    ``records/`` holds the attempts that count, one a learner and assignment; ``superseded/`` keeps the others.
    """
    path = record_path(root, record)
    path.parent.mkdir(parents=True, exist_ok=True)
    superseded = root / "superseded" / record.assignment / record.learner
    for left in path.parent.glob(".*.json.new"):
        left.unlink()  # a batch was killed while it wrote this
    for older in path.parent.glob("[!.]*.json"):
        if older != path:
            superseded.mkdir(parents=True, exist_ok=True)
            older.replace(superseded / older.name)
    data = to_json(record)
    if not path.is_file() or path.read_bytes() != data:
        replace(path, data)
    (superseded / path.name).unlink(missing_ok=True)  # the attempt was handed in again, and counts again
    return path


def write_graded(root: Path, folder: Path, record: GradeRecord, executed: Mapping[str, bytes]) -> None:
    """Write a record and its executed notebooks.

    Args:
        root: the course.
        folder: where Formgrader looks for the executed submission.
        record: what counts from now on.
        executed: the notebooks and the files beside them, by relative path.
    """
    part, new, old = _beside(folder)
    for left in (part, new, old):
        shutil.rmtree(left, ignore_errors=True)
    (part / _EXECUTED).mkdir(parents=True)
    for name, data in executed.items():
        path = part / _EXECUTED / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (part / _RECORD).write_bytes(to_json(record))
    part.rename(new)
    if folder.exists():
        folder.rename(old)
    write_record(root, record)
    (new / _EXECUTED).rename(folder)
    for left in (new, old):
        shutil.rmtree(left, ignore_errors=True)


def settle(root: Path, folder: Path, record: GradeRecord) -> bool:
    """Finish what was interrupted while it was written; whether the record's executed notebooks are in their place.

    Args:
        root: the course.
        folder: where Formgrader looks for the executed submission.
        record: one that lies on disk.
    """
    part, new, old = _beside(folder)
    if not folder.exists():
        whole = (new / _RECORD).is_file() and (new / _RECORD).read_bytes() == record_path(root, record).read_bytes()
        mend = new / _EXECUTED if whole else old
        if mend.is_dir():
            mend.rename(folder)
    for left in (part, new, old):
        shutil.rmtree(left, ignore_errors=True)
    return folder.is_dir()


def _beside(folder: Path) -> tuple[Path, Path, Path]:
    """Where the executed notebooks are written, wait when they are whole, and end."""
    part, new, old = (folder.with_name(f".{folder.name}.{stage}") for stage in ("part", "new", "old"))
    return part, new, old


def replace(path: Path, data: bytes) -> None:
    """Write to a temporary name beside the file, then put it in its place."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(data)
    temporary.replace(path)
