"""What all processes of a job use together, where the kernel's own limits are for each process.

The warm process looks twice a second. Everything is read from ``/proc``.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.engine.protocol import Limits

SECONDS = 0.5
_PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
_KIB = 1024


@dataclass(frozen=True)
class Seen:
    """A process."""

    pid: int
    group: int
    resident_bytes: int  # pages that it shares with the warm process among them
    cpu_seconds: float  # with those of its children that have ended
    threads: int


def excess(leaders: Iterable[int], limits: Limits, *, namespaces: bool, folder: Path | None = None) -> str:
    """The limit that a job is beyond, as the name of a field of :class:`Limits`; nothing while it is within them.

    Args:
        leaders: the job's own processes.
        limits: for all processes of the job together.
        namespaces: whether all that the job starts stays below the leaders; otherwise it is in their process groups.
        folder: the working folder, if nothing else limits what is in it.
    """
    seen = list(_below(leaders) if namespaces else _of_groups(set(leaders)))
    if sum(one.cpu_seconds for one in seen) > limits.cpu_seconds:
        return "cpu_seconds"
    if sum(one.threads for one in seen) > limits.processes + 2:
        return "processes"
    # what is resident is never less than what is used, and is quick to look up
    if sum(one.resident_bytes for one in seen) > limits.total_memory_bytes:
        own = _anonymous_bytes(os.getpid())
        if sum(_used_bytes(one.pid, own) for one in seen) > limits.total_memory_bytes:
            return "total_memory_bytes"
    return "" if folder is None else _overfull(folder, limits)


def _below(leaders: Iterable[int]) -> Iterator[Seen]:
    """The processes, and all that they have started."""
    waiting = list(leaders)
    while waiting:
        pid = waiting.pop()
        seen = _look(pid)
        if seen is None:
            continue
        yield seen
        try:
            for thread in (_PROC / str(pid) / "task").iterdir():
                waiting.extend(map(int, (thread / "children").read_text().split()))
        except OSError:  # it ended meanwhile
            continue


def _of_groups(groups: set[int]) -> Iterator[Seen]:
    for path in _PROC.glob("[0-9]*"):
        if (seen := _look(int(path.name))) is not None and seen.group in groups:
            yield seen


def _look(pid: int) -> Seen | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name before it may hold anything; see proc(5) for the numbers
    ticks = sum(int(field) for field in fields[11:15])
    return Seen(
        pid=pid,
        group=int(fields[2]),
        resident_bytes=int(fields[21]) * _PAGE,
        cpu_seconds=ticks / _TICKS,
        threads=int(fields[17]),
    )


def _used_bytes(pid: int, inherited: int) -> int:
    """What memory there would be without this process: its share of shared pages counts.

    Where the kernel does not say that, all pages count but those that a child of the warm process got from it.
    """
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
        return next(_kib(line) for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return max(0, _anonymous_bytes(pid) - inherited)


def _anonymous_bytes(pid: int) -> int:
    try:
        lines = (_PROC / str(pid) / "status").read_text(errors="replace").splitlines()
    except OSError:
        return 0
    return sum(_kib(line) for line in lines if line.startswith(("RssAnon:", "RssShmem:")))


def _kib(line: str) -> int:
    return int(line.split()[1]) * _KIB


def _overfull(folder: Path, limits: Limits) -> str:
    used, files = 0, 0
    for place, folders, names in os.walk(folder):
        files += len(folders) + len(names)
        for name in names:
            try:
                used += os.lstat(os.path.join(place, name)).st_blocks * 512  # noqa: PTH118 - quicker
            except OSError:
                continue
        if files > limits.files:
            return "files"
        if used > limits.disk_bytes:
            return "disk_bytes"
    return ""
