"""The process in which a submission's cells run. It is told nothing of the tests, and speaks to the examiner only."""

import os
import socket
import sys

from autograder.engine import entropy
from autograder.engine.place import settle, write_files
from autograder.engine.protocol import place_decoder
from autograder.engine.shell import RecordingShell
from autograder.engine.walls import Walls
from autograder.isolated.workspace import serve


def live(
    number: int, user: int, payload: int, examiner: socket.socket, shell: RecordingShell, *, within: Walls | None
) -> None:
    """Settle in the place that the memory file ``payload`` describes, do what the examiner asks, and end.

    Called in a fresh child of the zygote; never returns.
    """
    with os.fdopen(payload, "rb") as file:
        place = place_decoder.decode(file.read())
    settle(place, shell, number=number, user=user, within=within, sockets=place.kernel is not None)
    entropy.reseed(place.seed)
    examiner.recv(1)  # the author's folders are there now, and cannot be the learner's own any more
    write_files(place.files)
    if within is not None and within.own_user:
        os.umask(0)  # what it makes in a folder of a test's, the test can clear away; nobody else sees either
    sys.path.insert(0, "")
    if place.kernel is None:
        serve(examiner, shell)
    else:
        from autograder.kernels import driver  # warm already, where there are such notebooks

        driver.serve(examiner, place.kernel, shell.recorder, place.limits.cell_seconds)
    # no clean-up: the submission's exit handlers have no say
    os._exit(0)
