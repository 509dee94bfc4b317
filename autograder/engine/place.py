"""What both processes of a job do before their first cell: settle in the working folder, without any privilege."""

import os
import random
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from autograder.engine import jail, seeding, walls
from autograder.engine.protocol import File, Place
from autograder.engine.shell import RecordingShell, take_over_streams
from autograder.engine.temporary import share_temporary_files
from autograder.engine.walls import Walls


def settle(
    place: Place, shell: RecordingShell, *, number: int, user: int, within: Walls | None, sockets: bool = False
) -> None:
    """Enter the jail, or stay in the working directory without one, and look to cells like a fresh kernel.

    Args:
        place: limits and seed.
        shell: what the cells will run in.
        number: the job's.
        user: the unprivileged user's.
        within: the layers of the jail; None for none.
        sockets: allow those that stay within the jail.
    """
    if within is not None and within.namespaces:
        jail.furnish(number, place.limits)
        folder, scratch = jail.WORK, jail.SCRATCH
        if sockets:
            jail.raise_loopback()
    else:
        folder = scratch = str(Path.cwd())
    if within is not None and not within.namespaces:
        cast("Any", shell).system = shell.system_raw  # the usual one starts programs in a session of their own
    jail.limit_resources(place.limits)
    os.chdir(folder)
    name_places(folder, scratch)
    shell.recorder.left = place.limits.output_bytes
    take_over_streams(shell)
    seeding.seed(place.seed)
    if within is not None and within.own_user:
        share_temporary_files()
    if within is not None:  # last, since what went before needs more than cells may do
        walls.lock_in(within, folder, user, place.limits.processes, sockets=sockets)


def name_places(folder: str, scratch: str) -> None:
    """Tell programs where they are and who uses them; the warm process does it for all that will be in a jail."""
    wanted = {"HOME": folder, "USER": "learner", "LOGNAME": "learner", "TMPDIR": scratch}
    if not wanted.items() <= os.environ.items():
        os.environ.update(wanted)
    tempfile.tempdir = None  # what warming up has found is elsewhere


def write_files(files: Iterable[File]) -> None:
    """Write files into the working directory."""
    for file in files:
        path = Path(file.path)
        for folder in reversed(path.parents[:-1]):
            if not folder.exists():
                folder.mkdir(exist_ok=True)
                # the other process of the job writes here as another user, and takes nothing away
                folder.chmod(0o1777)
        path.write_bytes(file.data)


def restore_files(files: Iterable[File]) -> None:
    """Put back what :func:`write_files` wrote, where it is not as it was: a test must not read an answer's data.

    Where both processes of a job have the same user, the answer can write to the author's files.

    Raises:
        OSError: something keeps a file from being put back.
    """
    for file in files:
        path = Path(file.path)
        if not _holds(path, file.data):
            for part in (*reversed(path.parents[:-1]), path):
                if part.is_symlink() or (part.exists() and part.is_dir() is (part == path)):
                    part.rename(f".{part.name}.{os.getpid()}.{random.SystemRandom().getrandbits(64):x}")
            path.unlink(missing_ok=True)
            write_files((file,))


def _holds(path: Path, data: bytes) -> bool:
    """Whether a regular file holds these bytes."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe would wait for somebody who writes
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            return stat.S_ISREG(found.st_mode) and found.st_size == len(data) and file.read(len(data) + 1) == data
    except OSError:
        return False
