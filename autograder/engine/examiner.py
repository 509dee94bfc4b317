"""The process in which test cells run: forked from the same warm parent as the workspace, it never sees submitted code.

It goes through the notebook's cells in order, has the workspace run the submitted ones, and tells the grader what each
did.
"""

import os
import socket

from autograder.engine import entropy
from autograder.engine.place import settle, write_files
from autograder.engine.protocol import (
    Cell,
    Done,
    Job,
    Lost,
    ProtocolError,
    Ran,
    Role,
    Started,
    frame,
    job_decoder,
    send,
)
from autograder.engine.shell import RecordingShell
from autograder.engine.walls import Walls
from autograder.isolated.examiner import Examiner
from autograder.isolated.messages import WorkspaceDiedError
from autograder.isolated.names import reference_of, remember
from autograder.kernels.relay import Relay


def live(
    number: int,
    payload: int,
    grader: socket.socket,
    workspace: socket.socket,
    shell: RecordingShell,
    *,
    within: Walls | None,
) -> None:
    """Carry out the job in the memory file ``payload``, and end.

    Called in a fresh child of the zygote; never returns.
    """
    with os.fdopen(payload, "rb") as file:
        job = job_decoder.decode(file.read())
    settle(job.place, shell, number=number, user=2 * number + 1, within=within)
    entropy.reseed(job.entropy)
    write_files(job.files)
    remember(job.names)
    given = (cell.source for cell in job.cells if cell.role is Role.AUTHOR)
    files = {file.path: file.data for file in job.files}
    examiner = (
        Relay(workspace) if job.place.kernel else Examiner(workspace, shell, reference_of(job.solutions, given), files)
    )
    try:
        if isinstance(examiner, Relay):
            examiner.wait_for_kernel()
        said = _examine(job, grader, examiner)
        grader.sendall(said + frame(Done()))
    except WorkspaceDiedError:
        send(grader, Lost(breach=examiner.breach, silent=examiner.silent))
    except ProtocolError:
        send(grader, Lost(breach=True, silent=False))
    os._exit(0)


def _examine(job: Job, grader: socket.socket, examiner: Examiner | Relay) -> bytes:
    """Go through the cells; what remains to be said when the last one is over."""
    said = b""  # goes with the next cell's beginning: each message wakes the grader up
    for cell in job.cells:
        if cell.role is Role.AUTHOR and isinstance(examiner, Examiner):
            grader.sendall(said)
            said = b""
            examiner.run_author_part(cell.source, job.place.limits.cell_seconds)
            continue
        grader.sendall(said + frame(Started(cell=cell.number)))
        said = frame(_run(cell, examiner, job.place.limits.cell_seconds))
    return said


def _run(cell: Cell, examiner: Examiner | Relay, seconds: float) -> Ran:
    if isinstance(examiner, Relay):
        return examiner.run_cell(cell, seconds)
    if cell.role is Role.TEST:
        ran = examiner.run_test_cell(cell.number, cell.source, seconds, cell.released)
        if examiner.broken:  # then this is the cell in which the submission came to its end
            raise WorkspaceDiedError(examiner.broken)
        return ran
    return examiner.run_learner_cell(cell.number, cell.source, seconds)
