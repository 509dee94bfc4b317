"""The warm process: it has imported what an assignment needs, and forks a workspace for every submission.

Started as ``python -P -m autograder.engine.zygote N``, where descriptor N is its line to the grader. It has one thread,
runs none of the learners' code, and ends when the line is cut.
"""

import contextlib
import gc
import importlib
import io
import os
import selectors
import signal
import socket
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from autograder.engine import jail, linux, workspace
from autograder.engine.protocol import Ended, Frames, Kill, Ready, Run, Setup, send, to_zygote
from autograder.engine.shell import RecordingShell, make_shell, warm_up

_WORKSPACE_FAILED = 71


def main(descriptor: int) -> None:
    """Warm up as the grader says, then fork as it says."""
    grader = socket.socket(fileno=descriptor)
    linux.die_with_parent(signal.SIGTERM)
    frames = Frames()
    setup = _first(grader, frames)
    shell = make_shell()
    _import(setup.imports)
    if "matplotlib" in sys.modules:
        _warm_plots()
    warm_up(shell)
    if setup.isolated:
        try:
            jail.enter_root(setup.root, setup.visible)
            _check_namespaces()
        except OSError as error:
            send(grader, Ready(problem=str(error)))
            return
    gc.collect()
    gc.freeze()  # the forked children then leave the pages of these objects shared
    send(grader, Ready())
    if not setup.isolated:
        linux.adopt_orphans()
    Nursery(grader, shell, isolated=setup.isolated).serve()
    if not setup.isolated:
        _kill_orphans()


def _first(grader: socket.socket, frames: Frames) -> Setup:
    while True:
        for data in frames.feed(grader.recv(65536)):
            message = to_zygote.decode(data)
            if isinstance(message, Setup):
                return message


def _import(names: tuple[str, ...]) -> None:
    for name in names:
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001, S112 - whatever is wrong with it, the cell that imports it will say so
            continue


def _warm_plots() -> None:
    """Draw once: fonts, the text cache and the inline backend are then there for every child."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots()
    axes.plot([0.0, 1.0], [0.0, 1.0], label="$x_1$")
    axes.set_title("0123456789 Warm")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png")
    plt.close("all")


def _check_namespaces() -> None:
    """Try in a child what every workspace will do.

    Raises:
        OSError: the kernel does not allow it.
    """
    child = linux.fork_into(jail.namespaces())
    if child == 0:
        try:
            jail.furnish(1)
        except OSError as error:
            os._exit(error.errno or _WORKSPACE_FAILED)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    if number := os.waitstatus_to_exitcode(status):
        raise OSError(f"a private file system cannot be mounted: {os.strerror(number)}")


@dataclass
class _Running:
    number: int
    workspace: int  # process id
    handle: int  # pidfd
    folder: tempfile.TemporaryDirectory[str] | None


class Nursery:
    """The children that run now."""

    def __init__(self, grader: socket.socket, shell: RecordingShell, *, isolated: bool) -> None:
        self._grader = grader
        self._shell = shell
        self._isolated = isolated
        self._frames = Frames()
        self._running: dict[int, _Running] = {}
        self._selector = selectors.DefaultSelector()

    def serve(self) -> None:
        """Fork, kill and report until the grader hangs up; then end all children."""
        self._selector.register(self._grader, selectors.EVENT_READ)
        connected = True
        while connected or self._running:
            for key, _ in self._selector.select():
                if key.fileobj is self._grader:
                    connected = self._listen()
                else:
                    self._reap(key.data)

    def _listen(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self._grader, 65536, 8)
        if not data:
            self._selector.unregister(self._grader)
            for running in self._running.values():
                self._kill(running)
            return False
        for frame in self._frames.feed(data):
            match to_zygote.decode(frame):
                case Run(number=number):
                    payload, connection = descriptors
                    self._start(number, payload, connection)
                case Kill(number=number) if number in self._running:
                    self._kill(self._running[number])
        return True

    def _start(self, number: int, payload: int, connection: int) -> None:
        folder = None if self._isolated else tempfile.TemporaryDirectory(prefix="coursewright-")
        child = linux.fork_into(jail.namespaces() if self._isolated else 0)
        if child == 0:
            self._selector.close()
            self._grader.close()
            for other in self._running.values():
                os.close(other.handle)
            if folder is not None:
                os.chdir(folder.name)
                os.setpgid(0, 0)
            _become_workspace(number, payload, socket.socket(fileno=connection), self._shell, isolated=self._isolated)
        os.close(payload)
        os.close(connection)
        running = _Running(number, child, os.pidfd_open(child), folder)
        self._running[number] = running
        self._selector.register(running.handle, selectors.EVENT_READ, running)

    def _kill(self, running: _Running) -> None:
        """Kill a workspace; in a pid namespace everything that it started goes with it, otherwise its group does."""
        with contextlib.suppress(ProcessLookupError):
            if self._isolated:
                os.kill(running.workspace, signal.SIGKILL)
            else:
                os.killpg(running.workspace, signal.SIGKILL)

    def _reap(self, running: _Running) -> None:
        self._selector.unregister(running.handle)
        os.close(running.handle)
        if not self._isolated:
            self._kill(running)  # what it left behind; its number is not given away before the next line
        _, status, usage = os.wait4(running.workspace, 0)
        del self._running[running.number]
        if running.folder is not None:
            running.folder.cleanup()
        cpu_seconds = usage.ru_utime + usage.ru_stime
        ended = Ended(number=running.number, status=os.waitstatus_to_exitcode(status), cpu_seconds=cpu_seconds)
        try:
            send(self._grader, ended)
        except BrokenPipeError:
            return  # the grader is gone; serve() sees that too


def _become_workspace(
    number: int, payload: int, connection: socket.socket, shell: RecordingShell, *, isolated: bool
) -> NoReturn:
    try:
        linux.die_with_parent(signal.SIGKILL)
        workspace.live(number, payload, connection, shell, isolated=isolated)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it must not return into the zygote's code
        # before the first cell there is nobody else's code here: say it where an operator sees it
        os.write(2, f"coursewright: a workspace failed: {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(_WORKSPACE_FAILED)


def _kill_orphans() -> None:
    """Kill what got away from its workspace; without a jail a process can, and it is a child of this one then."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    while found := children.read_text().split():
        for child in map(int, found):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
