"""What this machine offers for grading: each layer of the jail tried, the libraries' versions, fonts."""

import os
import platform
import resource
import sys
from collections.abc import Iterator
from importlib.metadata import version

import msgspec

from autograder import layers
from autograder.engine import landlock
from autograder.engine.pool import End, Engine, EngineError
from autograder.engine.protocol import Cell, File, Job, Limits, Place
from autograder.layers import Layer

_LIMITS = Limits(
    cell_seconds=0.5,
    submission_seconds=30,
    cpu_seconds=30,
    memory_bytes=2 << 30,
    output_bytes=1 << 20,
    disk_bytes=1 << 20,
    processes=16,
    total_memory_bytes=1 << 30,
    files=100,
    open_files=128,
)
_WRITE = """
for folder in ('/', '/usr', '/etc', '/home'):
    try:
        open(folder + '/probe.txt', 'w')
    except OSError:
        continue
    raise AssertionError(folder)"""
# What a submission finds when all layers stand together; it is an error if that is not what it should find.
_INSIDE = (
    ("own working folder only", "assert __import__('os').listdir('.') == ['probe.txt']"),
    ("nothing else can be written", _WRITE),
    ("unprivileged", "assert 'CapEff:\\t0000000000000000' in open('/proc/self/status').read()"),
)


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    what: str
    holds: bool
    needed: bool  # whether grading refuses without it
    detail: str = ""  # what was tried, or what is missing and how to mend it


def examine() -> tuple[Check, ...]:
    """Look at everything; takes a few seconds."""
    return (*_layers(), *_together(), *_machine())


def _layers() -> Iterator[Check]:
    found = tuple(layers.examine())
    namespaces = all(not one.problem for one in found if one.namespace)
    told: set[str] = set()
    for one in found:
        detail = one.problem or (f"{one.detail} (ABI {landlock.abi()})" if one.name == "Landlock" else one.detail)
        if one.problem and one.remedy not in told:
            told.add(one.remedy)
            detail += f"; to mend it: {one.remedy}"
        yield Check(what=one.name, holds=not one.problem, needed=_needed(one, namespaces=namespaces), detail=detail)


def _needed(layer: Layer, *, namespaces: bool) -> bool:
    """Namespaces and Landlock can each be missing where the other one holds."""
    if layer.namespace:
        return not landlock.abi()
    return not namespaces if layer.name == "Landlock" else True


def _together() -> Iterator[Check]:
    """Whether submissions can be locked in, and what stops them there."""
    cells = [code for _, code in _INSIDE]
    place = Place(files=(File(path="probe.txt", data=b""),), seed=0, limits=_LIMITS)
    cells += ["__import__('os').getuid()", "while True: pass"]
    numbered = tuple(Cell(number=number, source=source) for number, source in enumerate(cells))
    try:
        with Engine((), isolated=True) as engine:
            (run,) = engine.run([Job(key="doctor", cells=numbered, place=place)], workers=1)
            weaknesses = engine.weaknesses
    except EngineError as error:
        yield Check(what="locked in", holds=False, needed=True, detail=str(error))
        return
    detail = ("as root" if os.geteuid() == 0 else "as an ordinary user") + "".join(
        f"; {weakness}" for weakness in weaknesses
    )
    yield Check(what="locked in", holds=run.end is End.DONE, needed=True, detail=run.problem or detail)
    for index, (what, _) in enumerate(_INSIDE):
        ran = run.cells.get(index)
        holds = ran is not None and ran.status == "ok"
        yield Check(what=what, holds=holds, needed=True, detail="" if ran is None else ran.error)
    *_, user, last = (run.cells.get(number) for number in range(len(numbered)))
    own = user is not None and user.value is not None and user.value != os.geteuid()
    why = (
        "each process is a user of its own" if own else "only root can give each process one; the others make up for it"
    )
    yield Check(what="own user", holds=own, needed=False, detail=why)
    stopped = last is not None and last.status == "timeout"
    yield Check(what="clock", holds=stopped, needed=True, detail="a cell that does not end is interrupted")


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
    yield Check(what="descriptors", holds=files >= 256, needed=False, detail=str(files))
