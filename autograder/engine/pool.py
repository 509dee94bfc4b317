"""The grader's end of the engine: jobs in, what their cells did out."""

import contextlib
import itertools
import math
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from authoring.errors import CoursewrightError
from autograder.engine.protocol import (
    FAILED_STATUS,
    Done,
    Ended,
    Frames,
    FromExaminer,
    Job,
    Kill,
    Limits,
    Lost,
    ProtocolError,
    Ran,
    Ready,
    Run,
    Setup,
    Started,
    decode_workspace,
    encode,
    frame,
    from_zygote,
    send,
)

# How long a job that is over is waited for.
_GRACE_SECONDS = 3.0
# How long a cell that was interrupted is waited for; the examiner gives up a workspace sooner, and tells.
_CELL_GRACE_SECONDS = 10.0
_START_SECONDS = 30.0
_MIB = 1024 * 1024

_LIED = "the submission sent the grader something that is no message, and was stopped"


class End(StrEnum):
    """How a job came to its end."""

    DONE = "done"
    TIMEOUT = "timeout"  # killed by the grader's clock
    CPU = "cpu"  # killed: too much computing time
    EXCESS = "excess"  # killed: too much of something else, memory for example
    DIED = "died"  # it ended itself, or crashed
    LIED = "lied"  # it sent something that is no message
    UNSTARTED = "unstarted"  # it ended before its first cell


@dataclass(frozen=True)
class JobRun:
    """What became of a job. Cells without an entry in ``cells`` did not come to an end."""

    job: Job
    cells: dict[int, Ran]
    interrupted: int | None  # the cell that was running when the workspace ended too early
    end: End
    problem: str = ""  # for people
    cpu_seconds: float = 0.0


class EngineError(CoursewrightError):
    """The engine cannot start, or broke down."""


@dataclass
class _Active:
    job: Job
    connection: socket.socket
    deadline: float = math.inf  # it may wait for its turn for as long as others run
    cell_deadline: float | None = None
    frames: Frames = field(default_factory=Frames)
    cells: dict[int, Ran] = field(default_factory=dict)
    running: int | None = None
    done: bool = False
    lost: Lost | None = None
    verdict: End | None = None  # why it was killed
    problem: str = ""  # the same for people
    ended: Ended | None = None
    closed: bool = False
    begun: bool = False

    def __post_init__(self) -> None:
        self._order = self.job.reporting()

    def begin(self) -> None:
        """Let its first cell run; it has settled meanwhile, or is about to."""
        self.begun = True
        self.deadline = time.monotonic() + _START_SECONDS
        with contextlib.suppress(OSError):  # it has ended already, which its line says too
            self.connection.send(b"\n")

    def hear(self, message: FromExaminer, now: float) -> None:
        match message:
            case Started(cell=cell) if self.running is None and cell == self.next_cell():
                if not self.cells:
                    self.deadline = now + self.job.place.limits.submission_seconds
                self.running = cell
                self.cell_deadline = now + self.job.place.limits.cell_seconds + _CELL_GRACE_SECONDS
            case Ran(cell=cell) if self.running is not None and cell == self.running:
                self.cells[cell] = message
                self.running = self.cell_deadline = None
            case Lost() if self.lost is None and not self.done:
                self.lost = message
                self.deadline = now + _GRACE_SECONDS
            case Done() if not self.done and self.running is None and self.next_cell() is None:
                self.done = True
                self.deadline = now + _GRACE_SECONDS
            case _:
                raise ProtocolError("a message out of turn")

    def next_cell(self) -> int | None:
        return self._order[len(self.cells)] if len(self.cells) < len(self._order) else None

    def next_deadline(self) -> float:
        return self.deadline if self.cell_deadline is None else min(self.deadline, self.cell_deadline)


class Engine:
    """A warm process, and the jobs that run in its children. Use it in a ``with`` statement.

    Args:
        imports: what to import before the first job; a name that cannot be imported is left to the cells.
        visible: folders that jobs can read, besides the interpreter and its libraries.
        isolated: run jobs in a jail. Without it only time-outs and resource limits hold.

    Raises:
        EngineError: the jail cannot be set up here.
    """

    def __init__(self, imports: Iterable[str], *, isolated: bool, visible: Iterable[str] = ()) -> None:
        self._root = tempfile.mkdtemp(prefix="coursewright-root-")
        self._line, theirs = socket.socketpair()
        # -P: the working directory is not on the path
        command = [sys.executable, "-P", "-m", "autograder.engine.zygote", str(theirs.fileno())]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command, pass_fds=[theirs.fileno()], cwd="/", env=_environment(self._root), stdin=subprocess.DEVNULL
        )
        theirs.close()
        self._frames = Frames()
        self._isolated = isolated
        self._visible = tuple(sorted({*_visible(), *visible}))
        self._alone, self._kernels = False, True
        self.weaknesses: tuple[str, ...] = ()  # what of the jail holds here less well than elsewhere
        try:
            self._warm_up(tuple(imports))
        except BaseException:
            self.close()
            raise
        finally:
            shutil.rmtree(self._root, ignore_errors=True)  # the warm process has what it needs from there

    def _warm_up(self, imports: tuple[str, ...]) -> None:
        send(self._line, Setup(imports=imports, isolated=self._isolated, root=self._root, visible=self._visible))
        while True:
            data = self._line.recv(65536)
            if not data:
                raise EngineError("the grading process ended while it warmed up; the lines above say why.")
            for received in self._frames.feed(data):
                message = from_zygote.decode(received)
                if isinstance(message, Ready) and message.problem:
                    raise EngineError(
                        f"this machine does not let submissions be locked in ({message.problem}): `coursewright "
                        "doctor` shows what is missing and how to mend it; or say `--isolation none` if the "
                        "submissions are trusted."
                    )
                if isinstance(message, Ready):
                    self.weaknesses, self._alone = message.weaknesses, message.alone
                    self._kernels = message.kernels
                return

    def __enter__(self) -> Self:
        """Nothing more: the process is warm already."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process and all that it started."""
        self.close()

    def close(self) -> None:
        """End the process and all that it started."""
        self._line.close()
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def run(self, jobs: Iterable[Job], workers: int) -> Iterator[JobRun]:
        """Execute the jobs, so many at a time, and yield each as it ends.

        One more gets its processes ahead, and they wait for their turn: no processor is then idle meanwhile.

        Raises:
            EngineError: the warm process is gone.
        """
        waiting, workers = iter(jobs), 1 if self._alone else workers
        active: dict[int, _Active] = {}
        with selectors.DefaultSelector() as selector:
            selector.register(self._line, selectors.EVENT_READ)
            try:
                for number in itertools.count(1):
                    job = next(waiting, None)
                    if job is not None:
                        active[number] = self._start(number, job)
                        selector.register(active[number].connection, selectors.EVENT_READ, number)
                    while active and (job is None or self._is_full(active, workers)):
                        _take_turns(active, workers)
                        self._attend(selector, active)
                        for finished in [key for key, one in active.items() if one.ended and one.closed]:
                            yield _outcome(active.pop(finished))
                    if job is None:
                        return
            finally:
                self._abandon(active)

    def _is_full(self, active: dict[int, _Active], workers: int) -> bool:
        """Whether no further job may get its processes."""
        return len(active) >= workers if self._alone else _unfinished(active) > workers

    def _start(self, number: int, job: Job) -> _Active:
        if job.place.kernel is not None and not self._kernels:
            raise EngineError(
                f"the kernel {job.place.kernel.name} can only be locked in where there are namespaces: `coursewright "
                "doctor` shows how to allow them."
            )
        ours, theirs = socket.socketpair()
        # two files, since the workspace must not see the examiner's
        payloads = [_in_memory(job.place), _in_memory(replace(job, place=replace(job.place, files=())))]
        message = frame(Run(number=number, limits=job.place.limits))
        try:
            socket.send_fds(self._line, [message], [*payloads, theirs.fileno()])
        except OSError as error:
            raise EngineError("the grading process is gone; start the batch again, it goes on where it was.") from error
        finally:
            for payload in payloads:
                os.close(payload)
            theirs.close()
        ours.setblocking(False)
        return _Active(job, ours)

    def _attend(self, selector: selectors.BaseSelector, active: dict[int, _Active]) -> None:
        """Wait for the next message or deadline, and act on it."""
        wait = min((job.next_deadline() for job in active.values() if job.begun and not job.verdict), default=None)
        timeout = None if wait is None else max(0.0, wait - time.monotonic())
        for key, _ in selector.select(timeout):
            if key.fileobj is self._line:
                self._hear_zygote(active, selector)
            elif not active[key.data].closed:
                self._hear_examiner(key.data, active[key.data], selector)
        now = time.monotonic()
        for number, job in active.items():
            if job.verdict is None and job.next_deadline() <= now:
                job.problem = _timeout_text(job, now)
                self._kill(number, job, End.TIMEOUT)

    def _hear_zygote(self, active: dict[int, _Active], selector: selectors.BaseSelector) -> None:
        data = self._line.recv(65536)
        if not data:
            raise EngineError("the grading process is gone; start the batch again, it goes on where it was.")
        for received in self._frames.feed(data):
            message = from_zygote.decode(received)
            if isinstance(message, Ended) and message.number in active:
                job = active[message.number]
                job.ended = message
                while not job.closed and self._hear_examiner(message.number, job, selector):
                    pass
                if not job.closed:  # without a jail, a process that got away may hold the line for ever
                    _hang_up(job, selector)

    def _hear_examiner(self, number: int, job: _Active, selector: selectors.BaseSelector) -> bool:
        """Take in what an examiner has said; whether there was anything."""
        try:
            data = job.connection.recv(1 << 20)
            for received in job.frames.feed(data):
                job.hear(decode_workspace(received), time.monotonic())
        except BlockingIOError:
            return False
        except ConnectionResetError:
            data = b""
        except ProtocolError:
            self._kill(number, job, End.LIED)
            data = b""
        if not data:
            _hang_up(job, selector)
        return True

    def _kill(self, number: int, job: _Active, verdict: End) -> None:
        job.verdict = verdict
        with contextlib.suppress(OSError):  # the zygote is gone: the next look at its line says so
            send(self._line, Kill(number=number))

    def _abandon(self, active: dict[int, _Active]) -> None:
        for number, job in active.items():
            self._kill(number, job, End.DIED)
            job.connection.close()


def _unfinished(active: dict[int, _Active]) -> int:
    """How many jobs have not run all their cells; of the others only the processes have to end."""
    return sum(not job.done for job in active.values())


def _take_turns(active: dict[int, _Active], workers: int) -> None:
    """Let as many jobs run their cells as may, the first ones first."""
    running = sum(job.begun and not job.done for job in active.values())
    for job in active.values():
        if running < workers and not job.begun:
            job.begin()
            running += 1


def _in_memory(message: Struct) -> int:
    """A file with the message that exists in memory only; its descriptor, ready to be read."""
    descriptor = os.memfd_create("job")
    with os.fdopen(descriptor, "wb", closefd=False) as file:
        file.write(encode(message))
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _hang_up(job: _Active, selector: selectors.BaseSelector) -> None:
    selector.unregister(job.connection)
    job.connection.close()
    job.closed = True


def _outcome(active: _Active) -> JobRun:
    excess = active.ended.excess if active.ended else ""
    end, problem = _judge_excess(excess, active.job.place.limits) if excess else _judge(active)
    cpu_seconds = active.ended.cpu_seconds if active.ended else 0.0
    return JobRun(active.job, active.cells, active.running, end, problem, cpu_seconds)


def _judge(active: _Active) -> tuple[End, str]:
    if active.verdict is End.LIED or (active.lost is not None and active.lost.breach):
        return End.LIED, _LIED
    if active.done:
        return End.DONE, ""
    if not active.cells and (active.running is None or _failed(active)):
        return End.UNSTARTED, (
            "the submission could not be started: its files may need more than the "
            f"{active.job.place.limits.disk_bytes // _MIB} MiB of the working folder"
        )
    if active.verdict is End.TIMEOUT or (active.lost is not None and active.lost.silent):
        return End.TIMEOUT, active.problem or _timeout_text(active, 0.0)
    if active.lost is None:
        return End.DIED, "the process of the tests ended while the cell ran: what the cell returned may be too large"
    return _judge_status(active.ended.workspace_status if active.ended else 0, active)


def _failed(active: _Active) -> bool:
    return active.ended is not None and active.ended.workspace_status == FAILED_STATUS


def _timeout_text(active: _Active, now: float) -> str:
    limits = active.job.place.limits
    if active.running is not None and now < active.deadline:
        return f"the cell could not be interrupted after {limits.cell_seconds:g} s, and was stopped"
    return f"the submission took longer than {limits.submission_seconds:g} s, and was stopped"


def _judge_status(status: int, active: _Active) -> tuple[End, str]:
    if status == -signal.SIGXCPU or (status == -signal.SIGKILL and _used_up(active)):
        seconds = active.job.place.limits.cpu_seconds
        return End.CPU, f"the submission used more than {seconds} s of computing time, and was stopped"
    if status < 0:
        return End.DIED, f"the process crashed ({signal.Signals(-status).name}) while the cell ran"
    return End.DIED, f"the process ended itself (exit status {status}) while the cell ran"


def _judge_excess(name: str, limits: Limits) -> tuple[End, str]:
    """What to say of a job that went beyond a limit for all of its processes together."""
    used = {
        "cpu_seconds": f"more than {limits.cpu_seconds} s of computing time",
        "processes": f"more than {limits.processes} processes",
        "total_memory_bytes": f"more than {limits.total_memory_bytes // _MIB} MiB of memory",
        "files": f"more than {limits.files} files",
        "disk_bytes": f"more than {limits.disk_bytes // _MIB} MiB of disk",
    }
    return End.CPU if name == "cpu_seconds" else End.EXCESS, f"the submission used {used[name]}, and was stopped"


def _used_up(active: _Active) -> bool:
    return active.ended is not None and active.ended.cpu_seconds >= active.job.place.limits.cpu_seconds - 1


def _environment(folder: str) -> dict[str, str]:
    """Few variables, the same for every batch: one thread per library, a fixed order of hashes."""
    kept = ("PATH", "HOME", "PYTHONPATH", "MPLCONFIGDIR", "XDG_CACHE_HOME", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "BLIS_NUM_THREADS")
    return (
        environment
        | dict.fromkeys(threads, "1")
        | {
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "PYTHONHASHSEED": "0",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "NBGRADER_EXECUTION": "autograde",
            "IPYTHONDIR": str(Path(folder) / "ipython"),
            "TZ": "UTC",
        }
    )


def _visible() -> tuple[str, ...]:
    """What a workspace must see besides the system: the interpreter, the libraries, and this package."""
    package = Path(__file__).resolve().parents[1]
    repository = package.parent
    libraries = {Path(entry).resolve() for entry in sys.path if entry} - {repository}
    folders = {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve(), package, package.parent / "authoring"}
    folders |= {path for path in libraries if path.name in {"site-packages", "dist-packages"}}
    return tuple(sorted(str(path) for path in folders))


__all__ = ["End", "Engine", "EngineError", "Job", "JobRun", "Limits"]
