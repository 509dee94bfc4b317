"""Which layers of the sandbox this machine offers, whether they are enough, and locking a process in behind them.

Needed are, always: a filter of system calls, no new privileges, limits of resources; and either all the namespaces, or
Landlock. Without namespaces a job still cannot open anything outside its folder, has no sockets, and cannot leave
its process group, so it is killed whole; what is weaker then is said by :func:`weaknesses`.
"""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autograder.engine import jail, landlock, seccomp, users
from autograder.engine.attempt import problem_of
from autograder.engine.landlock import Rule
from autograder.engine.protocol import Limits, Ready

# What is refused in addition where processes are not in a pid namespace: to get away from the group that is killed.
_LEAVING = ("setsid", "setpgid")
# … and where they are the grader's own user: Landlock lets a user change what is not the file's contents.
_OWNERSHIP = (
    *("chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat", "utime", "utimes", "futimesat"),
    *("utimensat", "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr"),
)
_FCHMODAT2 = 452
_SIGNALS = ("kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal")
_TRUNCATE = ("truncate",)
_PRIORITIES = ("setpriority", "sched_setscheduler", "sched_setparam", "sched_setattr", "ioprio_set")
_OF_PROCESSES = ("prlimit64", "sched_setaffinity")  # for others than oneself

_KNOWN_PROC = ("cpuinfo", "filesystems", "loadavg", "meminfo", "self", "stat", "uptime", "version")
_TRIAL = Limits(
    cell_seconds=1,
    submission_seconds=1,
    cpu_seconds=1,
    memory_bytes=0,
    output_bytes=0,
    disk_bytes=1,
    processes=1,
    total_memory_bytes=0,
    files=1,
    open_files=64,
)


@dataclass(frozen=True)
class Walls:
    """What a job is locked in with."""

    namespaces: bool  # mount, pid, net, ipc, uts; and user, for an ordinary user
    own_user: bool  # each process is a user that nobody else is
    landlock: int  # its ABI; 0 is none
    program: bytes  # the filter of system calls
    visible: tuple[str, ...]  # folders that can be read, besides the system's
    others: int = 0  # processes and threads that count as this user's, but are no job's

    @property
    def alone(self) -> bool:
        """Whether only one submission can run at a time: the kernel counts processes of all as one user's."""
        return not self.namespaces and not self.own_user and os.geteuid() != 0


def build(root: str, visible: tuple[str, ...]) -> Walls:
    """Find out what holds here, and move this process into a root of its own if that is possible.

    Args:
        root: an empty folder, for the new root to be mounted on.
        visible: what a job can read besides the system's libraries.

    Raises:
        OSError: too few layers hold for submissions to be locked in; it says which.
    """
    seccomp.compile_filter()  # to say at once what is missing
    version = landlock.abi()
    missing = problem_of(lambda: _namespaces(root, visible))
    if missing and not version:
        raise OSError(f"neither namespaces ({missing}) nor Landlock are to be had")
    walls = _walls(version, visible, missing)
    if walls.namespaces:
        jail.enter_root(root, visible)
    if version:
        landlock.hold(_for_all(visible))
    if problem := problem_of(lambda: lock_in(walls, tempfile.gettempdir(), users.FIRST, 1)):
        raise OSError(problem)
    return walls


def _walls(version: int, visible: tuple[str, ...], missing: str) -> Walls:
    namespaces, root = not missing, os.geteuid() == 0
    own_user = root and (namespaces or not problem_of(lambda: _read_as_nobody(visible)))
    program = seccomp.compile_filter(
        _refused(version, namespaces=namespaces, own_user=own_user),
        on_others=() if namespaces or own_user else _OF_PROCESSES,
    )
    others = 0 if namespaces or own_user else _own_processes()
    return Walls(namespaces, own_user, version, program, visible, others)


def _refused(version: int, *, namespaces: bool, own_user: bool) -> Iterator[str | int]:
    if namespaces:
        return
    yield from _LEAVING
    if own_user:
        return
    yield from (*_OWNERSHIP, _FCHMODAT2, *_PRIORITIES)
    if not landlock.truncation(version):
        yield from _TRUNCATE
    if not landlock.scopes(version):
        yield from _SIGNALS


def lock_in(walls: Walls, folder: str, user: int, processes: int, *, sockets: bool = False) -> None:
    """Give up every privilege and all that the job does not need, for good.

    Args:
        walls: what :func:`build` gave.
        folder: the working folder, where there are no namespaces.
        user: whose id no other process has.
        processes: how many processes and threads the job may have.
        sockets: allow them; only where the network is a namespace of its own.

    Raises:
        OSError: something of it does not work.
    """
    program = walls.program
    if sockets:
        if not walls.namespaces:
            raise OSError("a kernel cannot be locked in without namespaces: its sockets would reach others")
        program = seccomp.compile_filter(sockets=True)
    jail.drop_privileges(user, walls.others + processes, own_user=walls.own_user)
    if walls.landlock:
        landlock.restrict(rules(walls, folder), walls.landlock, tcp=sockets)
        landlock.let_go()
    seccomp.load_filter(program)


def rules(walls: Walls, folder: str) -> Iterator[Rule]:
    """What a job may do with files."""
    yield from _for_all(walls.visible)
    if not walls.namespaces:
        yield Rule(folder, landlock.OWN)
        for name in _KNOWN_PROC:
            yield Rule(f"/proc/{name}", landlock.READ)
        return
    for own in (jail.WORK, jail.SCRATCH, jail.SHARED_MEMORY):
        yield Rule(own, landlock.OWN)
    yield Rule("/dev/pts", landlock.TERMINAL)
    yield Rule("/proc", landlock.READ)
    yield Rule("/", landlock.LIST)  # names only


@cache
def _for_all(visible: tuple[str, ...]) -> tuple[Rule, ...]:
    """The rules that are the same for all jobs, since what they name never changes."""
    paths = (*jail.SYSTEM, *jail.SETTINGS, *visible)
    found = [Rule(path, landlock.RUN) for path in paths if not Path(path).is_symlink()]  # what it leads to is there too
    return (*found, *(Rule(f"/dev/{name}", landlock.USE) for name in jail.DEVICES))


def weaknesses(walls: Walls) -> Iterator[str]:
    """What does not hold here as it does elsewhere, each in a sentence for people."""
    if walls.namespaces and not walls.landlock:
        yield "this kernel has no Landlock: the mount namespace alone keeps files away"
    if walls.namespaces:
        return
    yield "submissions can find out whether a file or a process exists, though they can open and reach none"
    yield "notebooks of other languages than Python cannot be graded"
    yield "the size of the working folder is looked at twice a second, not enforced by the kernel"
    yield "`multiprocessing` has no locks, queues or pools, and programs cannot start a session of their own"
    if not walls.own_user:
        yield "submissions run as the user who grades, and cannot change modes, owners or times of files"
        if not landlock.scopes(walls.landlock):
            yield "submissions cannot send signals, not even to processes that they started"
    if walls.alone:
        yield "submissions run one at a time, because the kernel counts processes by their user"


def ready(walls: Walls | None) -> Ready:
    """What the grader is told of the walls."""
    if walls is None:
        return Ready()
    return Ready(weaknesses=tuple(weaknesses(walls)), alone=walls.alone, kernels=walls.namespaces)


def _namespaces(root: str, visible: tuple[str, ...]) -> None:
    """Do once, in a process that is thrown away, what every job does."""
    jail.enter_root(root, visible)
    jail.make_folder(0, _TRIAL)
    if problem := problem_of(lambda: jail.furnish(0, _TRIAL), jail.namespaces()):
        raise OSError(f"a private file system cannot be mounted: {problem}")


def _read_as_nobody(visible: tuple[str, ...]) -> None:
    """Whether another user than root can use the interpreter and the libraries."""
    jail.drop_privileges(users.FIRST, 1, own_user=True)
    for path in (*visible, tempfile.gettempdir()):
        next(Path(path).iterdir(), None)


def _own_processes() -> int:
    """How many processes and threads this user has."""
    found = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid == os.geteuid():
                found += sum(1 for _ in (folder / "task").iterdir())
        except OSError:  # it ended meanwhile
            continue
    return found
