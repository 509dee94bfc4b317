"""What the filter of system calls refuses, and that nothing that a notebook does needs it."""

import errno
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable

import pytest

from autograder.engine import linux, seccomp
from autograder.engine.attempt import problem_of
from tests.autograder.test_engine import ask

pytestmark = pytest.mark.integration

REFUSED = errno.EPERM
UNKNOWN = errno.ENOSYS
NUMBERS = {
    "x86_64": {"getpid": 39, "keyctl": 250, "ptrace": 101},
    "aarch64": {"getpid": 172, "keyctl": 219, "ptrace": 117},
}
NUMBER = NUMBERS[os.uname().machine]


def under_filter(attempt: Callable[[], object], **settings: object) -> str:
    """What goes wrong when this is done under the filter."""
    program = seccomp.compile_filter(**settings)  # type: ignore[arg-type]

    def filtered() -> None:
        linux.forbid_new_privileges()
        seccomp.load_filter(program)
        attempt()

    return problem_of(filtered)


def call(number: int, *arguments: object) -> Callable[[], None]:
    return lambda: linux.system_call(number, *arguments) and None


def in_c(name: str, *arguments: object) -> Callable[[], None]:
    """A function of the C library that fails with an error number."""
    import ctypes

    def attempt() -> None:
        if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) == -1:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    return attempt


ATTACKS: dict[str, Callable[[], object]] = {
    "a socket of the internet": socket.socket,
    "a socket of the kernel": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "a socket of the machine": lambda: socket.socket(socket.AF_UNIX),
    "a pair of datagram sockets": lambda: socket.socketpair(type=socket.SOCK_DGRAM),
    "a pair of raw sockets": lambda: socket.socketpair(type=socket.SOCK_RAW),
    "a name for half a pair": lambda: socket.socketpair()[0].bind("\0name"),
    "a connection of half a pair": lambda: socket.socketpair()[0].connect("\0name"),
    "memory without a file system": lambda: os.memfd_create("file"),
    "a user namespace": lambda: linux.unshare(linux.CLONE_NEWUSER),
    "any unshare": lambda: linux.unshare(0),
    "a mount": lambda: linux.mount("none", "/nowhere", "tmpfs"),
    "another root": lambda: linux.pivot_root("/"),
    "a trace": in_c("ptrace", 16, os.getpid(), None, None),
    "another's memory": in_c("process_vm_readv", os.getpid(), None, 0, None, 0, 0),
    "the keyring": call(NUMBER["keyctl"], 0, -3, 0),
    "a personality": in_c("personality", 0xFFFFFFFF),
    "shared memory": in_c("shmget", 0, 4096, 0o600),
    "a message queue": in_c("msgget", 0, 0o600),
    "semaphores": in_c("semget", 0, 1, 0o600),
    "a handle to a file": in_c("name_to_handle_at", -100, b"/", None, None, 0),
    "the clock": lambda: time.clock_settime(time.CLOCK_MONOTONIC, 0),
    "io_uring": call(425, 8, None),
    "a descriptor of another": call(438, 0, 0, 0),
    "a new mount": call(430, b"tmpfs", 0),
    "another filter": lambda: linux.prctl(22, 2, 0),
    "staying when the grader is gone": lambda: linux.prctl(1, 0),
    "the machine's name": lambda: socket.sethostname(socket.gethostname()),
}


@pytest.mark.parametrize("what", ATTACKS)
def test_what_no_notebook_needs_is_refused(what: str) -> None:
    problem = under_filter(ATTACKS[what])
    assert f"[Errno {REFUSED}]" in problem, problem


@pytest.mark.parametrize("flag", [0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000])
def test_a_process_cannot_be_started_in_new_namespaces(flag: int) -> None:
    clone = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
    assert f"[Errno {REFUSED}]" in under_filter(call(clone, flag | signal.SIGCHLD, None, None, None, None))
    assert f"[Errno {UNKNOWN}]" in under_filter(lambda: linux.fork_into(flag)), "whose flags are out of sight"


@pytest.mark.parametrize("number", [463, 470, 1000, 0x40000000 | NUMBER["getpid"], 0x40000000 | NUMBER["ptrace"]])
def test_calls_that_are_newer_than_the_filter_or_of_x32_do_not_exist(number: int) -> None:
    assert f"[Errno {UNKNOWN}]" in under_filter(call(number, 0, 0, 0))


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="only there does a process have a second set of calls")
def test_a_call_of_another_architecture_ends_the_process() -> None:
    code = """
    import ctypes, mmap
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20 (getpid of i386); int 0x80; ret
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    ctypes.CFUNCTYPE(ctypes.c_int)(address)()
    """
    attempt = lambda: exec(textwrap.dedent(code))  # noqa: E731
    assert problem_of(attempt) == "", "without the filter it works"
    assert under_filter(attempt).endswith(f"status {-signal.SIGSYS}")


def test_terminals_cannot_be_typed_into() -> None:
    import fcntl
    import pty

    def attempt() -> None:
        _, terminal = pty.openpty()
        fcntl.ioctl(terminal, 0x5412, b"x")

    assert f"[Errno {REFUSED}]" in under_filter(attempt)


def test_further_calls_can_be_refused_and_some_of_them_only_on_others() -> None:
    assert f"[Errno {REFUSED}]" in under_filter(os.setsid, extra=["setsid"])
    import resource

    limits = resource.RLIMIT_NOFILE
    assert under_filter(lambda: resource.prlimit(0, limits), on_others=["prlimit64"]) == ""
    other = under_filter(lambda: resource.prlimit(os.getppid(), limits), on_others=["prlimit64"])
    assert f"[Errno {REFUSED}]" in other


def test_a_variant_has_the_sockets_that_kernels_need_and_no_others() -> None:
    for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6):
        assert under_filter(lambda family=family: socket.socket(family), sockets=True) == ""  # type: ignore[misc]
    for family in (socket.AF_PACKET, socket.AF_ALG, socket.AF_VSOCK, 44, 64, 1000):
        problem = under_filter(lambda family=family: socket.socket(family, socket.SOCK_RAW), sockets=True)  # type: ignore[misc]
        assert f"[Errno {REFUSED}]" in problem, family


def test_a_filter_cannot_be_had_without_libseccomp() -> None:
    code = """
    import ctypes.util
    found = ctypes.util.find_library
    ctypes.util.find_library = lambda name: None if name == "seccomp" else found(name)
    from autograder.engine import seccomp
    try:
        seccomp.compile_filter()
    except seccomp.SeccompError as error:
        print(error)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert "install the Debian package libseccomp2" in done.stdout


LIBRARIES = {
    "numpy": """
import numpy as np
rng = np.random.default_rng(1)
a = rng.normal(size=(200, 200))
assert np.allclose(a @ np.linalg.inv(a), np.eye(200))
np.save("a.npy", a); assert (np.load("a.npy", mmap_mode="r") == a).all()""",
    "scipy": """
from scipy import integrate, optimize, signal, sparse, stats
assert abs(integrate.quad(lambda x: x * x, 0, 3)[0] - 9) < 1e-9
assert optimize.minimize(lambda x: (x[0] - 2) ** 2, [0.0]).success
assert optimize.linprog([1, 1], A_ub=[[-1, 0], [0, -1]], b_ub=[-1, -1]).status == 0
assert 0 < stats.ttest_ind([1, 2, 3], [2, 3, 5]).pvalue < 1
integrate.solve_ivp(lambda t, y: -y, (0, 1), [1.0])""",
    "matplotlib": """
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
ax.plot([1, 2], [3, 4], label="$x^2$"); ax.legend(); fig.savefig("a.png")
fig.savefig("a.pdf"); fig.savefig("a.svg")""",
    "pandas": """
import pandas as pd, io
frame = pd.DataFrame({"a": [1, 2, 2], "b": ["x", "y", "y"]})
frame.to_csv("a.csv"); assert pd.read_csv("a.csv").groupby("b")["a"].sum()["y"] == 4
assert pd.read_json(io.StringIO(frame.to_json())).shape == (3, 2)""",
    "asyncio": """
import asyncio
async def sleep(): await asyncio.sleep(0.01); return 3
async def program():
    process = await asyncio.create_subprocess_exec("echo", "four", stdout=asyncio.subprocess.PIPE)
    return (await process.communicate())[0]
assert asyncio.run(sleep()) == 3
assert asyncio.run(program()) == b"four\\n" """,
    "await": "import asyncio\nawait asyncio.sleep(0.01)",
    "threads": """
import threading
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(4) as pool: assert list(pool.map(abs, [-1, -2])) == [1, 2]
done = threading.Event(); threading.Thread(target=done.set).start(); assert done.wait(5)""",
    "processes": """
import multiprocessing as mp
from concurrent.futures import ProcessPoolExecutor
fork = mp.get_context("fork")
def square(x): return x * x
def put(queue): queue.put(7)
with fork.Pool(2) as pool: assert pool.map(square, [1, 2, 3]) == [1, 4, 9]
queue = fork.Queue(); process = fork.Process(target=put, args=[queue]); process.start()
assert queue.get(timeout=5) == 7
process.join()
with ProcessPoolExecutor(2, mp_context=fork) as pool: assert list(pool.map(square, [4])) == [16]
ours, theirs = fork.Pipe(); ours.send([1]); assert theirs.recv() == [1]
number = fork.Value("i", 3); assert number.value == 3""",
    "shared memory": """
from multiprocessing.shared_memory import SharedMemory
memory = SharedMemory(create=True, size=4096); memory.buf[0] = 3; memory.close(); memory.unlink()""",
    "programs": """
import subprocess, os, signal, sys
assert subprocess.run(["sort"], input="b\\na\\n", capture_output=True, text=True, check=True).stdout == "a\\nb\\n"
assert subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True).stdout == "42\\n"
process = subprocess.Popen(["sleep", "60"], start_new_session=True); process.terminate(); assert process.wait() == -15
open("run", "w").write("#!/bin/sh\\necho ran\\n"); os.chmod("run", 0o755)
assert subprocess.check_output(["./run"]) == b"ran\\n" """,
    "magics": "!echo shell\n%timeit -n1 -r1 1\nx = !echo two\nassert x == ['two']",
    "shell cells": "%%bash\necho three | tr a-z A-Z",
    "files": """
import os, pathlib, shutil, tarfile, tempfile, zipfile, sqlite3, logging
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "a"); path.write_text("x"); shutil.copy2(path, "copy")
    shutil.move("copy", folder + "/b")
    os.symlink("b", folder + "/link"); os.link(folder + "/b", folder + "/hard"); os.truncate(path, 0); os.mkfifo("pipe")
    with zipfile.ZipFile("a.zip", "w") as archive: archive.write(path)
    with tarfile.open("a.tgz", "w:gz") as archive: archive.add(folder)
    shutil.copytree(folder, "tree", symlinks=True); shutil.rmtree("tree")
base = sqlite3.connect("a.db"); base.execute("create table t (x)"); base.commit()
tempfile.NamedTemporaryFile().close()""",
    "callbacks of C": """
import ctypes
compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
numbers = (ctypes.c_int * 3)(3, 1, 2)
ctypes.CDLL(None).qsort(numbers, 3, 4, compare(lambda a, b: a[0] - b[0])); assert list(numbers) == [1, 2, 3]""",
    "the rest of Python": """
import getpass, hashlib, locale, platform, resource, secrets, signal, time, uuid, zoneinfo, os, sys, faulthandler
getpass.getuser(); platform.platform(); secrets.token_hex(); uuid.uuid1(); uuid.uuid4()
zoneinfo.ZoneInfo("Europe/Berlin")
resource.getrusage(0); resource.getrlimit(resource.RLIMIT_NOFILE); os.cpu_count(); os.sched_getaffinity(0); os.nice(1)
signal.raise_signal(signal.SIGWINCH); os.getloadavg(); os.urandom(3); hashlib.sha256(b"x"); time.sleep(0.001)
open("/dev/null", "w").write("x"); open("/dev/urandom", "rb").read(3); print("x", file=open("/dev/stdout", "w"))""",
}


@pytest.fixture(scope="module")
def libraries() -> dict[str, object]:
    command = [sys.executable, "-m", "tests.autograder.engine_driver"]
    jobs = [
        {"key": name, "cells": [code], "limits": {"memory_bytes": 2 << 30, "processes": 64}}
        for name, code in LIBRARIES.items()
    ]
    return ask([*command], jobs, imports=["numpy", "scipy.stats", "matplotlib.pyplot", "pandas"])  # type: ignore[return-value]


@pytest.mark.parametrize("what", LIBRARIES)
def test_what_courses_do_goes_on_working(libraries: dict[str, dict[str, object]], what: str) -> None:
    run = libraries[what]
    assert run["end"] == "done", run
    assert [(cell["status"], cell["outputs"]) for cell in run["cells"] if cell["status"] != "ok"] == []  # type: ignore[attr-defined]
