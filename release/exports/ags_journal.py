"""What was sent to a platform: a file of JSON lines, so that sending again after a crash does nothing twice.

A line is written, and is on the disk, before a score is sent, and another after the platform took it. The last line of
a score says where it stands. A torn last line is what a crash leaves, and is passed over.
"""

import os
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from authoring.errors import CoursewrightError


class Progress(StrEnum):
    """Where a score stands."""

    SENDING = "sending"  # perhaps the platform has it
    SENT = "sent"
    REFUSED = "refused"


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """One line."""

    item: str  # the line item's address
    user: str
    digest: str  # of what was sent, its time aside
    timestamp: datetime
    progress: Progress


class Journal:
    """The journal in a file."""

    def __init__(self, path: Path) -> None:
        """Read what is there.

        Raises:
            CoursewrightError: a line that is not the last is no line of a journal.
        """
        self.path = path
        self._last: dict[tuple[str, str], Noted] = {}
        lines = path.read_bytes().split(b"\n") if path.is_file() else []
        for number, line in enumerate(lines, start=1):
            try:
                noted = msgspec.json.decode(line, type=Noted) if line else None
            except msgspec.DecodeError as error:
                if number == len(lines):  # no newline behind it: the write was cut off
                    self._cut(len(line))
                    break
                raise CoursewrightError(
                    f"{path}: line {number} was changed; restore the file from a backup."
                ) from error
            if noted is not None:
                self._last[noted.item, noted.user] = noted

    def last(self, item: str, user: str) -> Noted | None:
        """Where the user's score of an item stands, or None if it was never sent."""
        return self._last.get((item, user))

    def note(self, noted: Noted) -> None:
        """Write a line, and see it on the disk."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(msgspec.json.encode(noted, order="sorted") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._last[noted.item, noted.user] = noted

    def _cut(self, length: int) -> None:
        os.truncate(self.path, self.path.stat().st_size - length)
