"""The layers of the sandbox one by one: each is tried, alone, by something that it must stop.

Every attempt runs in a process that is thrown away, and raises if it gets through.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from autograder.engine import jail, landlock, linux, seccomp, users, watch
from autograder.engine.attempt import problem_of
from autograder.engine.landlock import Rule
from autograder.engine.protocol import Limits

_MIB = 1 << 20
_LIMITS = Limits(
    cell_seconds=10,
    submission_seconds=30,
    cpu_seconds=1,
    memory_bytes=1024 * _MIB,
    output_bytes=_MIB,
    disk_bytes=_MIB,
    processes=1,
    total_memory_bytes=16 * _MIB,
    files=100,
    open_files=64,
)
_ROOT = os.geteuid() == 0
_IN_USER = 0 if _ROOT else linux.CLONE_NEWUSER  # how an ordinary user makes any namespace

_NAMESPACES = (
    "run as root, or allow user namespaces (`sysctl -w user.max_user_namespaces=10000`, on Ubuntu also "
    "`sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`); a container must allow `unshare` and `mount`"
)
_FILTER = "install the Debian package libseccomp2; a container must allow seccomp"
_LANDLOCK = "use a kernel from 5.13 on, with `landlock` in its boot parameter `lsm`; a container must allow its calls"
_LIMIT = "grade as a user whom the kernel limits, and let nothing raise its limits"
_PRIVILEGES = "use a newer kernel"


class GotThroughError(Exception):
    """A layer did not stop what it must stop."""


@dataclass(frozen=True)
class Layer:
    """A layer, and what became of the attempt on it."""

    name: str
    problem: str  # nothing when it holds
    detail: str  # what was tried
    remedy: str  # what to do when it does not hold
    namespace: bool = False  # one of those that Landlock can stand in for


@dataclass(frozen=True)
class _Outside:
    """What attempts try to reach."""

    folder: Path
    secret: Path  # a file in it
    port: int
    abstract: bytes  # the name of a socket
    memory: int  # shared, of System V
    process: int


@contextmanager
def _outside() -> Iterator[_Outside]:
    libc = ctypes.CDLL(None)
    with (
        tempfile.TemporaryDirectory(prefix="coursewright-") as name,
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as abstract,
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process,
    ):
        folder = Path(name)
        (folder / "root").mkdir()
        (folder / "own").mkdir()
        (folder / "secret").touch(mode=0o600)
        abstract.bind(f"\0coursewright-{os.getpid()}")
        abstract.listen()
        memory = libc.shmget(0, 4096, 0o600)
        try:
            address = abstract.getsockname()
            yield _Outside(folder, folder / "secret", server.getsockname()[1], address, memory, process.pid)
        finally:
            libc.shmctl(memory, 0, None)
            process.communicate(b"\n")


def examine() -> Iterator[Layer]:
    """Try every layer; takes about two seconds. Only for a process with one thread."""
    with _outside() as outside:
        for name, flag, attempt, what in _NAMESPACE_ATTEMPTS:
            problem = problem_of(partial(attempt, outside), flag and flag | _IN_USER)
            yield Layer(name, problem, what, _NAMESPACES, namespace=True)
        yield Layer("uts namespace", _uts(), "this machine keeps its name", _NAMESPACES, namespace=True)
        for name, attempt, what, remedy in _ATTEMPTS:
            yield Layer(name, problem_of(partial(attempt, outside)), what, remedy)
    yield Layer("computing time", _computing(), "a process that computes for more than 1 s is killed", _LIMIT)
    yield Layer("memory of all processes", _watched(), "what several processes use is seen together", _LIMIT)


def _stopped(what: str, attempt: Callable[[], object]) -> None:
    """Do it, and complain if it works."""
    try:
        attempt()
    except (OSError, MemoryError):
        return
    raise GotThroughError(f"it does not stop {what}")


# --- namespaces


def _mount(outside: _Outside) -> None:
    jail.enter_root(str(outside.folder / "root"), ())
    _stopped("the opening of files", outside.secret.read_bytes)


def _pid(outside: _Outside) -> None:
    _stopped("signals", lambda: os.kill(outside.process, 0))


def _net(outside: _Outside) -> None:
    _stopped("connections", lambda: socket.create_connection(("127.0.0.1", outside.port), 2))
    _stopped("connections by name", partial(_connect, outside.abstract))


def _connect(name: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(name)


def _ipc(outside: _Outside) -> None:
    libc = ctypes.CDLL(None)
    libc.shmat.restype = ctypes.c_void_p
    if libc.shmat(outside.memory, None, 0) != ctypes.c_void_p(-1).value:
        raise GotThroughError("it does not stop the use of shared memory")


def _uts() -> str:
    before = socket.gethostname()
    problem = problem_of(lambda: socket.sethostname("coursewright"), linux.CLONE_NEWUTS | _IN_USER)
    return problem or ("" if socket.gethostname() == before else "it does not stop a change of the machine's name")


# the first attempt makes its namespace itself
_NAMESPACE_ATTEMPTS: tuple[tuple[str, int, Callable[[_Outside], None], str], ...] = (
    ("mount namespace", 0, _mount, "a file of ours is not to be seen"),
    ("pid namespace", linux.CLONE_NEWPID, _pid, "a process of ours cannot be signalled"),
    ("net namespace", linux.CLONE_NEWNET, _net, "a port and a named socket of ours cannot be reached"),
    ("ipc namespace", linux.CLONE_NEWIPC, _ipc, "shared memory of ours cannot be used"),
)


# --- privileges, system calls, files


def _no_capabilities(_: _Outside) -> None:
    jail.drop_privileges(0, 1, own_user=False)
    _stopped("a change of the root", lambda: os.chroot("/"))


def _no_new_privileges(_: _Outside) -> None:
    linux.forbid_new_privileges()
    if "NoNewPrivs:\t1" not in Path("/proc/self/status").read_text():
        raise GotThroughError("it is not set")


def _filter(_: _Outside) -> None:
    program = seccomp.compile_filter()
    linux.forbid_new_privileges()
    seccomp.load_filter(program)
    _stopped("sockets", socket.socket)
    _stopped("memory files", lambda: os.memfd_create("probe"))
    _stopped("new namespaces", lambda: linux.unshare(linux.CLONE_NEWUSER))


def _landlock(outside: _Outside) -> None:
    version = landlock.abi()
    if not version:
        raise GotThroughError("this kernel has none")
    linux.forbid_new_privileges()
    landlock.restrict([Rule(str(outside.folder / "own"), landlock.OWN)], version)
    (outside.folder / "own" / "file").touch()
    _stopped("the opening of files", outside.secret.read_bytes)
    if landlock.scopes(version):
        _stopped("signals", lambda: os.kill(outside.process, 0))
        _stopped("connections by name", partial(_connect, outside.abstract))


# --- resources


def _address_space(_: _Outside) -> None:
    jail.limit_resources(_LIMITS)
    _stopped("the use of memory", lambda: bytearray(2048 * _MIB))


def _file_size(outside: _Outside) -> None:
    jail.limit_resources(_LIMITS)
    _stopped("large files", lambda: (outside.folder / "large").write_bytes(bytes(2 * _MIB)))


def _open_files(_: _Outside) -> None:
    jail.limit_resources(_LIMITS)
    _stopped("open files", lambda: [os.open("/dev/null", os.O_RDONLY) for _ in range(_LIMITS.open_files)])


def _processes(_: _Outside) -> None:
    jail.drop_privileges(users.FIRST, 1, own_user=_ROOT)
    _stopped("new processes", _start_process)


def _start_process() -> None:
    if os.fork() == 0:
        os._exit(0)
    os.wait()


def _computing() -> str:
    def compute() -> None:
        jail.limit_resources(_LIMITS)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            pass

    problem = problem_of(compute)
    killed = problem.endswith((f" {-signal.SIGXCPU}", f" {-signal.SIGKILL}"))
    return "" if killed else problem or "it does not stop a process that computes"


def _watched() -> str:
    """Have two processes use a memory that is too much for both together."""
    ready, go = socket.socketpair()

    def use() -> None:
        memory = bytearray(b"x") * (12 * _MIB)
        if os.fork() == 0:
            memory[:] = b"y" * len(memory)  # until then the pages are shared
            ready.send(b"\n")
            ready.recv(1)
            os._exit(0)
        os.wait()

    child = os.fork()
    if child == 0:
        go.close()
        use()
        os._exit(0)
    ready.close()
    go.recv(1)
    found = watch.excess([child], _LIMITS, namespaces=True)
    go.close()
    os.waitpid(child, 0)
    return "" if found == "total_memory_bytes" else "the memory of other processes cannot be looked up"


_ATTEMPTS: tuple[tuple[str, Callable[[_Outside], None], str, str], ...] = (
    ("no capabilities", _no_capabilities, "the root cannot be changed", _PRIVILEGES),
    ("no new privileges", _no_new_privileges, "setuid programs give none", _PRIVILEGES),
    ("seccomp", _filter, "sockets, memory files and namespaces cannot be made", _FILTER),
    ("Landlock", _landlock, "a file of ours cannot be opened", _LANDLOCK),
    ("address space", _address_space, "2 GiB cannot be had where 1 GiB is allowed", _LIMIT),
    ("file size", _file_size, "2 MiB cannot be written where 1 MiB is allowed", _LIMIT),
    ("open files", _open_files, "no more than is allowed can be open", _LIMIT),
    ("processes", _processes, "no more than is allowed can be started", _LIMIT),
)
