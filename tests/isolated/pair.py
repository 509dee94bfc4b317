"""An examiner and a workspace: two children of one warm process, without a jail around them."""

import importlib
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.engine.protocol import Ran
from autograder.engine.shell import RecordingShell, make_shell, run_cell, take_over_streams
from autograder.isolated.examiner import Examiner, WorkspaceDiedError
from autograder.isolated.names import Reference, reference_of
from autograder.isolated.workspace import serve


@dataclass(frozen=True)
class Cell:
    """A code cell: ``kind`` is "author", "answer" or "test"."""

    kind: str
    source: str
    released: str | None = None  # of a test, if it has hidden parts


@dataclass(frozen=True)
class Outcome:
    """What happened: the outcome of each cell that ran, and what else the examiner's child had to say."""

    cells: list[Ran | None]
    broken: str = ""
    seconds: float = 0.0
    extra: Any = None


Inspect = Callable[[Examiner], Any]


@dataclass
class Pair:
    """Forks both sides for each notebook."""

    shell: RecordingShell
    serve: Callable[[socket.socket, RecordingShell], None] = field(default=serve)

    def isolated(
        self,
        cells: Iterable[Cell],
        *,
        files: Mapping[str, bytes] | None = None,
        solution: Reference | None = None,
        seconds: float = 20.0,
        then: Inspect | None = None,
    ) -> Outcome:
        """Run the cells with tests in the examiner."""
        with tempfile.TemporaryDirectory() as folder:
            _write(folder, files or {})
            ours, theirs = socket.socketpair()
            workspace = self._child(folder, lambda: self.serve(theirs, self.shell), ours)
            theirs.close()
            try:
                work = lambda: _examine(ours, self.shell, list(cells), solution, seconds, then, files)  # noqa: E731
                return self._result(folder, work)
            finally:
                ours.close()
                os.kill(workspace, signal.SIGKILL)
                os.waitpid(workspace, 0)

    def shared(
        self, cells: Iterable[Cell], *, files: Mapping[str, bytes] | None = None, seconds: float = 20.0
    ) -> Outcome:
        """Run the cells all in one process."""
        with tempfile.TemporaryDirectory() as folder:
            _write(folder, files or {})

            def work() -> Outcome:
                return Outcome([run_cell(self.shell, n, cell.source, seconds) for n, cell in enumerate(cells)])

            return self._result(folder, work)

    def _child(self, folder: str, work: Callable[[], Any], *others: socket.socket) -> int:
        child = os.fork()
        if child == 0:
            try:
                for other in others:
                    other.close()
                os.chdir(folder)
                os.setpgid(0, 0)
                sys.path.insert(0, "")
                take_over_streams(self.shell)
                work()
            finally:
                os._exit(0)
        return child

    def _result(self, folder: str, work: Callable[[], Outcome]) -> Outcome:
        reading, writing = os.pipe()

        def report() -> None:
            try:
                found = work()
            except BaseException as error:  # noqa: BLE001
                import traceback

                found = Outcome([], broken=f"{type(error).__name__}: {error}\n{traceback.format_exc()}")
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(pickle.dumps(found))

        child = self._child(folder, report)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            data = pipe.read()
        os.waitpid(child, 0)
        return pickle.loads(data)


def _write(folder: str, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _examine(
    connection: socket.socket,
    shell: RecordingShell,
    cells: list[Cell],
    solution: Reference | None,
    seconds: float,
    then: Inspect | None,
    files: Mapping[str, bytes] | None = None,
) -> Outcome:
    started = time.perf_counter()
    examiner = Examiner(connection, shell, solution, files or {})
    outcomes: list[Ran | None] = []
    for number, cell in enumerate(cells):
        try:
            outcomes.append(_run(examiner, number, cell, seconds))
        except WorkspaceDiedError:
            outcomes.append(None)
    extra = then(examiner) if then else None
    return Outcome(outcomes, examiner.broken, time.perf_counter() - started, extra)


def _run(examiner: Examiner, number: int, cell: Cell, seconds: float) -> Ran:
    if cell.kind == "test":
        released = cell.source if cell.released is None else cell.released
        return examiner.run_test_cell(number, cell.source, seconds, released)
    run = examiner.run_author_cell if cell.kind == "author" else examiner.run_learner_cell
    return run(number, cell.source, seconds)


def solution_of(cells: Iterable[Cell]) -> Reference:
    """The reference, from a notebook whose answers are right."""
    return reference_of(cell.source for cell in cells if cell.kind == "answer")


def fresh(cells: list[Cell]) -> Outcome:
    """The same in a process of its own, whose workspace is forked before the cells arrive, as the engine does it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.isolated.pair"],
        input=pickle.dumps(cells),
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
        timeout=60,
    )
    return pickle.loads(done.stdout)


def main() -> None:
    """Fork a workspace, and only then read the cells."""
    pair = Pair(make_shell())
    ours, theirs = socket.socketpair()
    with tempfile.TemporaryDirectory() as folder:
        workspace = pair._child(folder, lambda: serve(theirs, pair.shell), ours)
        theirs.close()
        cells = pickle.loads(sys.stdin.buffer.read())
        solution = Reference(bound=frozenset({"f"}))
        outcome = pair._result(folder, lambda: _examine(ours, pair.shell, cells, solution, 20.0, None))
        ours.close()
        os.waitpid(workspace, 0)
    sys.stdout.buffer.write(pickle.dumps(outcome))


if __name__ == "__main__":
    # under its own name, by which pickle knows the cells
    importlib.import_module("tests.isolated.pair").main()
