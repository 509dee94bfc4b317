"""The warm process: it has imported what an assignment needs, and forks two processes for every notebook.

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
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType
from typing import NoReturn

from autograder.engine import entropy, examiner, jail, linux, walls, watch, workspace
from autograder.engine.networks import Networks
from autograder.engine.place import name_places
from autograder.engine.protocol import FAILED_STATUS, Ended, Frames, Kill, Limits, Ready, Run, Setup, send, to_zygote
from autograder.engine.shell import RecordingShell, make_shell, warm_up
from autograder.engine.users import Users
from autograder.engine.walls import Walls
from autograder.isolated.examiner import look_around

_ROOM = 140_000  # words; Python takes the next power of two of bytes, and half of it is left for other frames


def main(descriptor: int) -> None:
    """Warm up as the grader says, then fork as it says."""
    grader = socket.socket(fileno=descriptor)
    linux.die_with_parent(signal.SIGTERM)
    frames = Frames()
    setup = _first(grader, frames)
    entropy.install()  # before the libraries that take hold of os.urandom
    shell = make_shell()
    _import(setup.imports)
    if "numpy" in sys.modules:
        importlib.import_module("numpy.random")  # which NumPy leaves to its first use: that would be in every child
    if "matplotlib" in sys.modules:
        _warm_plots()
    warm_up(shell)
    within = None
    gc.collect()
    linux.use_large_pages()
    if setup.isolated:
        try:
            within = walls.build(setup.root, setup.visible)
        except OSError as error:
            send(grader, Ready(problem=str(error)))
            return
    if within is not None and within.namespaces:
        name_places(jail.WORK, jail.SCRATCH)
    look_around()
    gc.collect()
    gc.freeze()  # the forked children then leave the pages of these objects shared
    send(grader, walls.ready(within))
    namespaces = within is not None and within.namespaces
    if not namespaces:
        linux.adopt_orphans()
    Nursery(grader, shell, within).serve()
    if not namespaces:
        _kill_orphans()


def _first(grader: socket.socket, frames: Frames) -> Setup:
    while received := grader.recv(65536):
        for data in frames.feed(received):
            message = to_zygote.decode(data)
            if isinstance(message, Setup):
                return message
    sys.exit()  # the grader was killed before it said anything


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
    # pyplot draws all figures after a cell, and the inline backend draws each again to show it: once will do
    plt.uninstall_repl_displayhook()


@dataclass
class _Running:
    """A job's two processes."""

    number: int
    examiner: int  # process id
    workspace: int  # process id
    folder: tempfile.TemporaryDirectory[str] | None  # without a jail
    limits: Limits
    statuses: dict[int, int] = field(default_factory=dict)  # by process id, of those that have ended
    excess: str = ""  # the limit for which it was killed
    cpu_seconds: float = 0.0


class Nursery:
    """The children that run now."""

    def __init__(self, grader: socket.socket, shell: RecordingShell, within: Walls | None) -> None:
        self._grader = grader
        self._shell = shell
        self._within = within
        self._isolated = within is not None and within.namespaces
        self._frames = Frames()
        self._running: dict[int, _Running] = {}
        self._next_look = 0.0
        # an ordinary user's processes have user namespaces of their own, and their networks belong to these
        self._networks = Networks() if self._isolated and os.geteuid() == 0 else None
        self._users = Users() if within is not None and within.own_user else None
        self._selector = selectors.DefaultSelector()

    def serve(self) -> None:
        """Fork, kill and report until the grader hangs up; then end all children."""
        self._selector.register(self._grader, selectors.EVENT_READ)
        connected = True
        while connected or self._running:
            for key, _ in self._selector.select(watch.SECONDS if self._running else None):
                if key.fileobj is self._grader:
                    connected = self._listen()
                else:
                    self._reap(key.fd, *key.data)
            self._watch()

    def _listen(self) -> bool:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._grader, 65536, 8)
        except ConnectionResetError:  # the grader was killed before it heard all that it was told
            data, descriptors = b"", []
        if not data:
            self._selector.unregister(self._grader)
            for running in self._running.values():
                self._kill(running, running.examiner, running.workspace)
            return False
        for frame in self._frames.feed(data):
            match to_zygote.decode(frame):
                case Run(number=number, limits=limits):
                    self._start(number, limits, *descriptors)
                case Kill(number=number) if number in self._running:
                    running = self._running[number]
                    self._kill(running, running.examiner, running.workspace)
        return True

    def _start(self, number: int, limits: Limits, place: int, job: int, connection: int) -> None:
        """Fork the workspace and the examiner of a job; neither gets what is the other's."""
        folder = None if self._isolated else tempfile.TemporaryDirectory(prefix="coursewright-")
        if folder is None:
            jail.make_folder(number, limits)
        elif self._within is not None and self._within.own_user:
            Path(folder.name).chmod(0o1777)
        grader = socket.socket(fileno=connection)
        to_workspace, to_examiner = socket.socketpair()

        def live_workspace(user: int) -> None:
            os.close(job)
            grader.close()
            to_workspace.close()
            workspace.live(number, user, place, to_examiner, self._shell, within=self._within)

        def live_examiner(user: int) -> None:
            os.close(place)
            to_examiner.close()
            examiner.live(number, user, job, grader, to_workspace, self._shell, within=self._within)

        # the workspace first: the examiner's part of the job is then in nobody's memory yet
        pids = [self._fork(live, folder) for live in (live_workspace, live_examiner)]
        for descriptor in (place, job):
            os.close(descriptor)
        for line in (grader, to_workspace, to_examiner):
            line.close()
        running = _Running(number, pids[1], pids[0], folder, limits)
        self._running[number] = running
        for pid in pids:
            self._selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (running, pid))

    def _fork(self, live: Callable[[int], None], folder: tempfile.TemporaryDirectory[str] | None) -> int:
        namespaces = jail.namespaces() if self._isolated else 0
        network = None
        if namespaces and self._networks is not None:
            network = self._networks.enter()
            namespaces &= ~linux.CLONE_NEWNET
        user = os.geteuid() if self._users is None else self._users.take()
        child = linux.fork_into(namespaces)
        if child == 0:
            if network is not None:
                os.close(network)
            self._become(live, user, folder)
        if network is not None and self._networks is not None:
            self._networks.lend(network, child)
        if self._users is not None:
            self._users.lend(child)
        return child

    def _become(
        self, live: Callable[[int], None], user: int, folder: tempfile.TemporaryDirectory[str] | None
    ) -> NoReturn:
        try:
            self._grader.close()
            for key in list(self._selector.get_map().values()):
                if key.fileobj is not self._grader:
                    os.close(key.fd)
            self._selector.close()
            if self._networks is not None:
                self._networks.close()
            if self._users is not None:
                self._users.close()
            linux.die_with_parent(signal.SIGKILL)
            if folder is not None:
                os.chdir(folder.name)
                os.setpgid(0, 0)
            live(user)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it must not return into the zygote's code
            # before the first cell there is nobody else's code here: say it where an operator sees it
            os.write(2, f"coursewright: a job failed: {type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(FAILED_STATUS)

    def _kill(self, running: _Running, *pids: int) -> None:
        """Kill processes, with everything that they started: in their pid namespace, or else in their group."""
        for pid in pids:
            if pid in running.statuses:
                continue
            with contextlib.suppress(ProcessLookupError):
                if self._isolated:
                    os.kill(pid, signal.SIGKILL)
                else:
                    os.killpg(pid, signal.SIGKILL)

    def _watch(self) -> None:
        """Kill what uses more than all processes of a job may use together."""
        if self._within is None or time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + watch.SECONDS
        for running in self._running.values():
            alive = {running.examiner, running.workspace} - running.statuses.keys()
            folder = None if running.folder is None else Path(running.folder.name)
            running.excess = running.excess or watch.excess(
                alive, running.limits, namespaces=self._isolated, folder=folder
            )
            if running.excess:
                self._kill(running, running.workspace)

    def _reap(self, handle: int, running: _Running, pid: int) -> None:
        self._selector.unregister(handle)
        os.close(handle)
        if not self._isolated:
            self._kill(running, pid)  # what it left behind; its number is not given away before it is waited for
            _bury(pid)
        _, status, usage = os.wait4(pid, 0)
        if self._networks is not None:
            self._networks.give_back(pid)
        if self._users is not None:
            self._users.give_back(pid)
        running.statuses[pid] = os.waitstatus_to_exitcode(status)
        running.cpu_seconds += usage.ru_utime + usage.ru_stime
        if pid == running.examiner:
            self._kill(running, running.workspace)
        if len(running.statuses) == 2:
            self._finish(running)

    def _finish(self, running: _Running) -> None:
        del self._running[running.number]
        if running.folder is None:
            jail.remove_folder(running.number)
        else:
            running.folder.cleanup()
        ended = Ended(
            number=running.number,
            examiner_status=running.statuses[running.examiner],
            workspace_status=running.statuses[running.workspace],
            cpu_seconds=running.cpu_seconds,
            excess=running.excess,
        )
        with contextlib.suppress(BrokenPipeError):  # the grader is gone; serve() sees that too
            send(self._grader, ended)


def _children() -> list[int]:
    """The processes that this one has started, and those that it has adopted."""
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def _bury(group: int) -> None:
    """Wait for what was killed with the leader of a process group: until then it counts as a process of its user."""
    while members := [pid for pid in _children() if pid != group and os.getpgid(pid) == group]:
        for pid in members:
            os.waitpid(pid, 0)


def _kill_orphans() -> None:
    """Kill what got away from its workspace; without a jail a process can, and it is a child of this one then."""
    while found := _children():
        for child in found:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _with_room(function: Callable[[], None]) -> None:
    """Call a function so that what it calls, however deep, finds its frames' memory in one piece.

    Python gets this memory 16 KiB at a time and gives it back at once, so that code which goes up and down at such a
    border asks the kernel for memory, and loses it, again and again. A frame that claims a lot for itself, and uses
    nothing of it, makes room for the others.
    """

    def call(function: Callable[[], None]) -> None:
        function()

    FunctionType(call.__code__.replace(co_stacksize=_ROOM), {})(function)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):  # the grader was killed while this process warmed up
        _with_room(lambda: main(int(sys.argv[1])))
