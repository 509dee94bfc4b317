"""Files that only grow: a line of JSON for each thing that a person decided, tied to the line before it.

``previous`` in a line is the hash of the line before, so that nobody takes one out unseen.
"""

import fcntl
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from authoring.errors import CoursewrightError

_FIRST = "sha256:" + "0" * 64


def append(path: Path, entry: Mapping[str, Any]) -> None:
    """Add an entry, safe on disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        lines = file.read().splitlines()
        previous = _hash(lines[-1]) if lines else _FIRST
        file.write(msgspec.json.encode({**entry, "previous": previous}, order="sorted") + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> list[dict[str, Any]]:
    """The entries, in order; none if there is no such file.

    Raises:
        CoursewrightError: a line is no entry, or does not follow from the one before it.
    """
    if not path.is_file():
        return []
    found, previous = [], _FIRST
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            entry = msgspec.json.decode(line, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise CoursewrightError(f"{path}, line {number}: this is no entry ({error}); put the file back.") from error
        if entry.get("previous") != previous:
            raise CoursewrightError(f"{path}, line {number}: a line before it was changed or is gone; put it back.")
        found.append(entry)
        previous = _hash(line)
    return found


def _hash(line: bytes) -> str:
    return "sha256:" + hashlib.sha256(line).hexdigest()
