"""What both processes of a job do before their first cell: settle in the working folder, without any privilege."""

import os
import random
import sys
from collections.abc import Iterable
from pathlib import Path

from autograder.engine import jail
from autograder.engine.protocol import File, Place
from autograder.engine.shell import RecordingShell, take_over_streams


def settle(place: Place, shell: RecordingShell, *, number: int, user: int, isolated: bool) -> None:
    """Enter the jail, or stay in the working directory without one, and look to cells like a fresh kernel.

    Args:
        place: limits and seed.
        shell: what the cells will run in.
        number: the job's.
        user: the unprivileged user's.
        isolated: whether there is a jail.
    """
    folder = scratch = str(Path.cwd())
    if isolated:
        jail.furnish(number, place.limits.disk_bytes)
        folder, scratch = jail.WORK, jail.SCRATCH
    jail.limit_resources(place.limits)
    if isolated:
        jail.drop_privileges(user, place.limits.processes)
    os.chdir(folder)
    os.environ.update(HOME=folder, USER="learner", LOGNAME="learner", TMPDIR=scratch)
    shell.recorder.left = place.limits.output_bytes
    take_over_streams(shell)
    random.seed(place.seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(place.seed % 2**32)


def write_files(files: Iterable[File]) -> None:
    """Write files into the working directory."""
    for file in files:
        path = Path(file.path)
        for folder in reversed(path.parents[:-1]):
            if not folder.exists():
                folder.mkdir(exist_ok=True)
                folder.chmod(0o777)  # the other process of the job writes here as another user
        path.write_bytes(file.data)
