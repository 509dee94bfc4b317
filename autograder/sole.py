"""One at a time: a job that must not run twice on the same folder."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from authoring.errors import CoursewrightError


@contextmanager
def sole(path: Path, doing: str) -> Iterator[None]:
    """Hold the lock file at ``path``; the kernel lets go of it when this process ends, however it ends.

    Args:
        path: the file, which stays; its folder is made.
        doing: what for, such as "grading week01".

    Raises:
        CoursewrightError: somebody else holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 200, 0).decode("utf-8", "replace").strip() or "another process"
            raise CoursewrightError(
                f"{path} is locked: {holder} is {doing}; wait until it is done, or end it, and start again."
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
