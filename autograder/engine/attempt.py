"""Doing something in a process that is thrown away, to find out whether it works here."""

import os
from collections.abc import Callable

from autograder.engine import linux
from autograder.engine.protocol import FAILED_STATUS


def problem_of(attempt: Callable[[], None], namespaces: int = 0) -> str:
    """What goes wrong when this is done in a process of its own, in new namespaces; nothing if all goes well.

    Only for a process with one thread.
    """
    theirs, ours = os.pipe()
    try:
        child = linux.fork_into(namespaces)
    except OSError as error:
        os.close(theirs)
        os.close(ours)
        return str(error)
    if child == 0:
        _do(attempt, ours)
    os.close(ours)
    with os.fdopen(theirs, "rb") as file:
        problem = file.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    return problem or ("" if status == 0 else f"a process ended with status {os.waitstatus_to_exitcode(status)}")


def _do(attempt: Callable[[], None], report: int) -> None:
    status = FAILED_STATUS
    try:
        attempt()
        status = 0
    except Exception as error:  # noqa: BLE001 - whatever it is, it does not work here
        os.write(report, (str(error) or type(error).__name__).encode()[:4000])
    finally:
        os._exit(status)
