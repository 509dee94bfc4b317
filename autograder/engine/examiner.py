"""The process in which test cells run: forked from the same warm parent as the workspace, it never sees submitted code.

It goes through the notebook's cells in order, has the workspace run the submitted ones, and tells the grader what each
did.
"""

import os
import socket

from autograder.engine import entropy
from autograder.engine.place import restore_files, settle, write_files
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
from autograder.isolated.names import Reference, reference_of, remember
from autograder.kernels.relay import Relay


def live(
    number: int,
    user: int,
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
    settle(job.place, shell, number=number, user=user, within=within)
    entropy.reseed(job.entropy)
    write_files(job.files)
    workspace.sendall(b"\n")  # now it may write the learner's
    remember(job.names)
    files = {file.path: file.data for file in job.files}
    examiner = Relay(workspace) if job.place.kernel else Examiner(workspace, shell, _reference(job), files)
    try:
        if isinstance(examiner, Relay):
            examiner.wait_for_kernel()
        grader.recv(1)  # the grader's word that it is this job's turn; if the grader is gone, the next message fails
        said = _examine(job, grader, examiner)
        grader.sendall(said + frame(Done()))
    except WorkspaceDiedError:
        send(grader, Lost(breach=examiner.breach, silent=examiner.silent))
    except ProtocolError:
        send(grader, Lost(breach=True, silent=False))
    os._exit(0)


def _reference(job: Job) -> Reference:
    texts = {role: [cell.source for cell in job.cells if cell.role is role] for role in Role}
    return reference_of(job.solutions, texts[Role.AUTHOR], texts[Role.TEST])


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
        said = frame(_unrestored(cell, job) or _run(cell, examiner, job.place.limits.cell_seconds))
    return said


def _unrestored(cell: Cell, job: Job) -> Ran | None:
    """The outcome of a test for which the author's files cannot be put in order."""
    if cell.role is not Role.TEST:
        return None
    try:
        restore_files(job.files)
    except OSError as error:
        name, text = type(error).__name__, f"a file of the assignment was replaced and cannot be put back: {error}"
        output = {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}
        return Ran(cell=cell.number, status="error", error=name, outputs=[output])
    return None


def _run(cell: Cell, examiner: Examiner | Relay, seconds: float) -> Ran:
    if isinstance(examiner, Relay):
        return examiner.run_cell(cell, seconds)
    if cell.role is Role.TEST:
        ran = examiner.run_test_cell(cell.number, cell.source, seconds, cell.released)
        if examiner.broken:  # then this is the cell in which the submission came to its end
            raise WorkspaceDiedError(examiner.broken)
        return ran
    return examiner.run_learner_cell(cell.number, cell.source, seconds)
