"""The process in which a submission's cells run."""

import os
import random
import socket
import sys
from pathlib import Path

from autograder.engine import jail
from autograder.engine.protocol import Done, File, Job, Started, job_decoder, send
from autograder.engine.shell import RecordingShell, run_cell, take_over_streams


def live(number: int, payload: int, connection: socket.socket, shell: RecordingShell, *, isolated: bool) -> None:
    """Execute the job in the memory file ``payload``, tell the grader over ``connection``, and end.

    Called in a fresh child of the zygote; never returns.
    """
    with os.fdopen(payload, "rb") as file:
        job = job_decoder.decode(file.read())
    if isolated:
        jail.furnish(job.limits.disk_bytes)
        folder, scratch = jail.WORK, jail.SCRATCH
    else:
        folder = scratch = str(Path.cwd())
    jail.limit_resources(job.limits)
    if isolated:
        jail.drop_privileges(number, job.limits.processes)
    _write_files(folder, job.files)
    _settle(folder, scratch, job, shell)
    own = os.getpid()
    for cell, source in job.cells:
        send(connection, Started(cell=cell))
        ran = run_cell(shell, cell, source, job.limits.cell_seconds)
        if os.getpid() != own:
            os._exit(0)  # a copy of this process that the cell made with os.fork(): the rest is not for it
        send(connection, ran)
    send(connection, Done())
    # no clean-up: the submission's exit handlers have no say
    os._exit(0)


def _write_files(folder: str, files: tuple[File, ...]) -> None:
    for file in files:
        path = Path(folder, file.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)


def _settle(folder: str, scratch: str, job: Job, shell: RecordingShell) -> None:
    """Make the process look to the cells like a kernel that was started in the folder of the notebook."""
    os.chdir(folder)
    os.environ.update(HOME=folder, USER="learner", LOGNAME="learner", TMPDIR=scratch)
    sys.path.insert(0, "")
    shell.recorder.left = job.limits.output_bytes
    take_over_streams(shell)
    random.seed(job.seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(job.seed % 2**32)
