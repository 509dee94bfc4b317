"""A learner's side of an assignment: the submitted files, read without trust."""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from authoring import nbgrader_api
from authoring.errors import CoursewrightError
from autograder.record import RecordFinding
from autograder.source import content_hash

MAX_FILES = 500
MAX_BYTES = 64 * 1024 * 1024
_STAMP = "timestamp.txt"  # nbgrader's own, no part of the answer


@dataclass(frozen=True)
class Submission:
    """What a learner handed in once."""

    learner: str
    files: Mapping[str, bytes]  # by relative path with "/"
    submitted_at: datetime | None
    findings: tuple[RecordFinding, ...] = ()  # what was left out, and why

    @property
    def hash(self) -> str:
        """``sha256:…`` of the files: the attempt's name."""
        return content_hash(self.files)


def read_submission(folder: Path, learner: str) -> Submission:
    """The submission in a folder: its regular files up to a size, without links, devices and the like.

    Nothing in it stops a batch: what is left out becomes a finding.
    """
    findings: list[RecordFinding] = []
    files: dict[str, bytes] = {}
    size = 0
    for path, problem in _walk(folder):
        name = path.relative_to(folder).as_posix()
        if name == _STAMP:
            continue
        data = None if problem else _read(path, MAX_BYTES - size)
        if problem or data is None or len(files) >= MAX_FILES:
            findings.append(_left_out(name, problem or "it is one file, or one byte, more than is allowed"))
            continue
        files[name] = data
        size += len(data)
    return Submission(learner, files, _submitted_at(folder, findings), tuple(findings))


def _walk(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every entry below a folder, sorted, with what is wrong with it; links are not followed."""
    for parent, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if name not in {".ipynb_checkpoints", "__pycache__"})
        for name in sorted([*names, *(name for name in folders if (Path(parent) / name).is_symlink())]):
            path = Path(parent) / name
            yield path, _problem(path)


def _problem(path: Path) -> str:
    try:
        mode = path.lstat().st_mode
        path.name.encode("utf-8")
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    except UnicodeEncodeError:
        return "its name is not text"
    if stat.S_ISLNK(mode):
        return "it is a link, and links are not followed"
    if not stat.S_ISREG(mode):
        return "it is not a regular file"
    return ""


def _read(path: Path, limit: int) -> bytes | None:
    """The file's bytes, or None if there are more than the limit; never through a link that appeared meanwhile."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(max(limit, 0) + 1)
    return data if len(data) <= limit else None


def _left_out(name: str, why: str) -> RecordFinding:
    shown = name.encode("utf-8", "replace").decode()[:200]
    return RecordFinding(rule="file-left-out", message=f"{shown}: left out, because {why}")


def _submitted_at(folder: Path, findings: list[RecordFinding]) -> datetime | None:
    try:
        return nbgrader_api.submitted_at(folder)
    except CoursewrightError as error:
        findings.append(RecordFinding(rule="unreadable-timestamp", message=str(error).replace(f"{folder}/", "")))
        return None
