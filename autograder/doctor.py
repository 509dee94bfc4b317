"""What this machine offers for grading: each layer of the jail tried, the libraries' versions, fonts."""

import os
import platform
import resource
import sys
from collections.abc import Iterator
from importlib.metadata import version

import msgspec

from autograder.engine.pool import Engine, EngineError
from autograder.engine.protocol import Cell, File, Job, Limits, Place

# What a submission can find out about its jail; each line is (what, code whose value must be true).
_PROBES = (
    ("no network", "[name for _, name in __import__('socket').if_nameindex() if name != 'lo'] == []"),
    ("own processes only", "sorted(n for n in __import__('os').listdir('/proc') if n.isdigit())[0] == '1'"),
    ("unprivileged user", "'CapEff:\\t0000000000000000' in open('/proc/self/status').read()"),
    ("no new privileges", "'NoNewPrivs:\\t1' in open('/proc/self/status').read()"),
    ("own working folder only", "__import__('os').listdir('.') == ['probe.txt']"),
    ("nothing else can be written", "not any(map(lambda p: __import__('os').access(p, 2), ('/', '/usr', '/etc')))"),
    ("bounded memory", "__import__('resource').getrlimit(9)[0] > 0"),
    ("bounded processes", "__import__('resource').getrlimit(6)[0] > 0"),
)


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    what: str
    holds: bool
    needed: bool  # whether grading refuses without it
    detail: str = ""


def examine() -> tuple[Check, ...]:
    """Look at everything; takes a second or two."""
    return (*_jail(), *_machine())


def _jail() -> Iterator[Check]:
    limits = Limits(
        cell_seconds=10,
        submission_seconds=30,
        cpu_seconds=30,
        memory_bytes=2 << 30,
        output_bytes=1 << 20,
        disk_bytes=1 << 20,
        processes=16,
    )
    probes = tuple(Cell(number=number, source=f"assert {code}") for number, (_, code) in enumerate(_PROBES))
    place = Place(files=(File(path="probe.txt", data=b""),), seed=0, limits=limits)
    job = Job(key="doctor", cells=probes, place=place)
    user = "root" if os.geteuid() == 0 else "an ordinary user, in a user namespace"
    try:
        with Engine((), isolated=True) as engine:
            (run,) = engine.run([job], workers=1)
    except EngineError as error:
        yield Check(what="locked in", holds=False, needed=True, detail=str(error))
        return
    yield Check(what="locked in", holds=True, needed=True, detail=f"as {user}")
    for index, (what, _) in enumerate(_PROBES):
        ran = run.cells.get(index)
        detail = "" if ran is None or ran.status == "ok" else ran.error
        yield Check(what=what, holds=ran is not None and ran.status == "ok", needed=True, detail=detail)


def _machine() -> Iterator[Check]:
    yield Check(what="Linux", holds=sys.platform == "linux", needed=True, detail=platform.release())
    yield Check(
        what="Python 3.11 or newer", holds=sys.version_info >= (3, 11), needed=True, detail=sys.version.split()[0]
    )
    for name in ("nbgrader", "jupyterlab", "ipython", "numpy", "scipy", "matplotlib"):
        yield Check(what=name, holds=True, needed=False, detail=version(name))
    cores = len(os.sched_getaffinity(0))
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    yield Check(what="processors", holds=True, needed=False, detail=str(cores))
    yield Check(what="open files", holds=files >= 256, needed=False, detail=str(files))
