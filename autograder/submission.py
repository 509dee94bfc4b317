"""A learner's side of an assignment: the submitted files, read without trust."""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from authoring import nbgrader_api
from authoring.errors import CoursewrightError
from autograder.record import RecordFinding
from autograder.salvage.which_file import is_notebook
from autograder.source import content_hash

MAX_FILES = 500
MAX_BYTES = 64 * 1024 * 1024
MAX_NOTEBOOK_BYTES = 128 * 1024 * 1024
_MAX_DEPTH = 16  # folders in folders
_MAX_NAME = 1_000  # bytes of a path below the submission's folder
_STAMP = "timestamp.txt"  # nbgrader's own, no part of the answer
_CHECKPOINTS = ".ipynb_checkpoints"
_IGNORED = frozenset({_CHECKPOINTS, "__pycache__", "__MACOSX"})
_SYSTEM = ("._", ".DS_Store", "Thumbs.db", "desktop.ini")  # how the files begin that operating systems leave behind


@dataclass(frozen=True)
class Submission:
    """What a learner handed in once."""

    learner: str
    files: Mapping[str, bytes]  # by relative path with "/"
    submitted_at: datetime | None
    findings: tuple[RecordFinding, ...] = ()  # what was left out, and why
    unread: Mapping[str, str] = field(default_factory=dict)  # notebooks that are there and were not read, and why

    @property
    def hash(self) -> str:
        """``sha256:…`` of the files: the attempt's name."""
        return content_hash({**{name: f"not read: {why}".encode() for name, why in self.unread.items()}, **self.files})


def read_submission(folder: Path, learner: str) -> Submission:
    """The submission in a folder: its regular files up to a size, without links, devices and the like.

    Nothing in it stops a batch: what is left out becomes a finding.
    """
    findings: list[RecordFinding] = []
    files: dict[str, bytes] = {}
    unread = dict(_checkpoints(folder))
    left = {True: MAX_NOTEBOOK_BYTES, False: MAX_BYTES}  # of notebooks, of other files
    for count, (name, problem) in enumerate(_walk(folder, "", 0)):
        if count >= MAX_FILES:
            findings.append(_left_out(f"{name} and all that follow it", f"more than {MAX_FILES} files are not read"))
            break
        notebook = is_notebook(name)
        data = problem or _read(folder / name, left[notebook], MAX_NOTEBOOK_BYTES if notebook else MAX_BYTES)
        if isinstance(data, str):
            findings.append(_left_out(name, data))
            if notebook:
                unread[name] = data
        else:
            files[name] = data
            left[notebook] -= len(data)
    return Submission(learner, files, _submitted_at(folder, findings), tuple(findings), unread)


def _checkpoints(folder: Path) -> Iterator[tuple[str, str]]:
    """Jupyter's copies of notebooks: no part of the answer, but worth a word when there is nothing else."""
    place = folder / _CHECKPOINTS
    if place.is_symlink() or not place.is_dir():
        return
    for name in sorted(path.name for path in place.iterdir())[:MAX_FILES]:
        if is_notebook(name) and not _unusable(name):
            yield f"{_CHECKPOINTS}/{name}", "only the copy that Jupyter keeps of it is there, and it may be older"


def submitted_at(folder: Path) -> datetime | None:
    """When the submission in a folder was handed in; None if it does not say so, or says no time."""
    return _submitted_at(folder, [])


def _walk(folder: Path, above: str, depth: int) -> Iterator[tuple[str, str]]:
    """Every entry below a folder by relative path, with what is wrong with it; links are not followed.

    The notebooks come first, so that no number of other files can displace them.
    """
    try:
        entries = sorted(os.scandir(folder / above), key=lambda one: (not is_notebook(one.name), one.name))
    except OSError as error:
        if above:  # a submission that is no folder has no files
            yield above, f"it cannot be read ({error.strerror})"
        return
    below = []
    for entry in entries:
        name = f"{above}/{entry.name}" if above else entry.name
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.name in _IGNORED or (not is_folder and (name == _STAMP or entry.name.startswith(_SYSTEM))):
            continue
        if is_folder and not _unusable(name):
            below.append(name)
        else:
            yield name, _unusable(name) or _problem(entry)
    for name in below:
        if depth < _MAX_DEPTH:
            yield from _walk(folder, name, depth + 1)
        else:
            yield name, "it lies in too many folders, one in the other"


def _unusable(name: str) -> str:
    try:
        return "" if len(name.encode("utf-8")) <= _MAX_NAME else "its name is too long"
    except UnicodeEncodeError:
        return "its name is not text"


def _problem(entry: os.DirEntry[str]) -> str:
    try:
        mode = entry.stat(follow_symlinks=False).st_mode
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    if stat.S_ISLNK(mode):
        return "it is a link, and links are not followed"
    return "" if stat.S_ISREG(mode) else "it is not a regular file"


def _read(path: Path, limit: int, of: int) -> bytes | str:
    """The file's bytes, or why it is not read; never through a link that appeared meanwhile."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(max(limit, 0) + 1)
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    return data if len(data) <= limit else f"the files have more than {of // 1024**2} MiB with it"


def _left_out(name: str, why: str) -> RecordFinding:
    shown = name.encode("utf-8", "replace").decode()[:200]
    return RecordFinding(rule="file-left-out", message=f"{shown}: left out, because {why}")


def _submitted_at(folder: Path, findings: list[RecordFinding]) -> datetime | None:
    path = folder / _STAMP
    if not path.is_file() or path.is_symlink():
        return None
    data = _read(path, 1000, 1000)
    try:
        return nbgrader_api.parse_timestamp(data if isinstance(data, str) else data.decode("utf-8", "replace"))
    except CoursewrightError as error:
        findings.append(RecordFinding(rule="unreadable-timestamp", message=f"{_STAMP}: {error}"))
        return None
