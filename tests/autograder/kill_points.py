"""Kills a batch at every step that it takes on disk, starts it again, and tells what is not as it should be.

Run as ``python -m tests.autograder.kill_points FOLDER``. A step is a file that Python opens to write, renames, makes or
removes (its audit events say so, just before) or a statement to the database (SQLAlchemy's events). The process forks
for each, kills itself there, and forks again for the restart. Cells run for real once; afterwards their outcomes are
played back, so that thousands of steps cost little. What is printed is JSON: the steps by kind, and the problems.
"""

import json
import os
import shutil
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy

from autograder import batch, grading
from autograder.engine.pool import Engine, JobRun
from tests.autograder.light_class import course, everything, hand_in

_WRITES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree"}
_EVERY = {"plan": 6, "forced": 3}  # so many of the steps; of planning, most are nbgrader's own
_RAN: dict[str, JobRun] = {}  # by the key of the job
_JOBS: list[str] = []  # the keys of what was run in this process


class Recording(Engine):
    """The engine, with what it gives kept."""

    def run(self, jobs: Any, workers: int) -> Iterator[JobRun]:
        for ran in super().run(jobs, workers):
            _RAN[ran.job.key + str(ran.job.place.files) + str(ran.job.cells)] = ran
            yield ran


class Played:
    """Gives what the engine gave for the same job, and notes that it was asked."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __enter__(self) -> "Played":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def run(self, jobs: Any, workers: int) -> Iterator[JobRun]:  # noqa: ARG002 - as the engine is called
        for job in jobs:
            _JOBS.append(job.key.split("/")[0])
            yield replace(_RAN[job.key + str(job.place.files) + str(job.cells)], job=job)


class Steps:
    """Counts the steps of this process, and kills it at one of them."""

    def __init__(self, below: Path, kill_at: int) -> None:
        self.kinds: Counter[str] = Counter()
        self._below = str(below)
        self._kill_at = kill_at
        sys.addaudithook(self._audited)
        for event in ("before_cursor_execute", "commit"):
            sqlalchemy.event.listen(sqlalchemy.engine.Engine, event, lambda *_, name=event: self._step(name))

    def _audited(self, event: str, arguments: tuple[Any, ...]) -> None:
        writes = event in _WRITES or (event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT)
        if writes and str(arguments[0]).startswith(self._below):
            self._step(event)

    def _step(self, kind: str) -> None:
        self.kinds[kind] += 1
        if self.kinds.total() == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


def in_a_child(deed: Callable[[], Any]) -> Any:
    """What the deed gives, as JSON, or None if it was killed."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.write(theirs, json.dumps(deed()).encode())
            status = 0
        except BaseException:  # noqa: BLE001 - it is told, and must not get back into the parent's code
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(theirs)
    with os.fdopen(ours, "rb") as file:
        said = file.read()
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) == -signal.SIGKILL:
        return None
    assert status == 0, "the batch failed; its traceback is above"
    return json.loads(said)


def names(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def recorded(root: Path, attempts: set[str]) -> set[str]:
    """The learners whose present attempt has a record, as the file system shows it."""
    return {path.parent.name for path in (root / "records/ps").glob("*/*.json") if str(path) in attempts}


class Scenario:
    """A course in a state from which a batch starts."""

    def __init__(self, root: Path, deed: Callable[[], Any], *, force: bool = False) -> None:
        self.root, self.deed, self.force = root, deed, force
        self.start = root.parent / "start"
        shutil.rmtree(self.start, ignore_errors=True)
        shutil.copytree(root, self.start)
        self.kinds = Counter(in_a_child(lambda: self._counted(0)))
        self.expected, self.names = everything(root), names(root)
        self.attempts = {str(path) for path in (root / "records/ps").glob("*/*.json")}

    def _counted(self, kill_at: int) -> dict[str, int]:
        steps = Steps(self.root, kill_at)
        self.deed()
        return steps.kinds

    def _again(self) -> list[str]:
        _JOBS.clear()
        self.deed()
        return _JOBS

    def problems(self, kill_at: int) -> Iterator[str]:
        """What is wrong after a kill at that step and a restart."""
        shutil.rmtree(self.root)
        shutil.copytree(self.start, self.root)
        if in_a_child(lambda: self._counted(kill_at)) is not None:
            yield "it was not killed"
        kept = recorded(self.root, self.attempts)
        graded_again = set(in_a_child(self._again))
        if not self.force and graded_again & kept:
            yield f"graded again: {sorted(graded_again & kept)}"
        yield from (f"{what} differ" for what, found in everything(self.root).items() if found != self.expected[what])
        if names(self.root) != self.names:
            yield f"other files: {sorted(names(self.root) ^ self.names)}"


def scenarios(folder: Path) -> Iterator[tuple[str, Scenario]]:
    root = course(folder / "course", {"ada": "return n + ", "ben": "return n"})

    def plan_and_run(force: bool = False) -> None:
        list(batch.run(batch.plan(root, "ps"), workers=1, force=force))

    engines: Any = grading
    engines.Engine = Recording
    (root / "gradebook.db").unlink(missing_ok=True)
    clean = folder / "clean"
    shutil.copytree(root, clean)
    plan_and_run()
    hand_in(root, "ben", "return n + n")
    plan_and_run()
    assert {"ada", "ben"} <= {key.split("/")[0] for key in _RAN}, "nobody would see what runs again"
    engines.Engine = Played

    shutil.rmtree(root)
    shutil.copytree(clean, root)
    yield "plan", Scenario(root, lambda: batch.plan(root, "ps") and None)
    planned = batch.plan(root, "ps")

    def run(force: bool = False) -> None:
        list(batch.run(planned, workers=1, force=force))

    yield "first", Scenario(root, run)
    hand_in(root, "ben", "return n + n")
    yield "handed in again", Scenario(root, run)
    yield "forced", Scenario(root, lambda: run(force=True), force=True)


def main(folder: Path) -> None:
    """Print what was found."""
    found = {}
    for name, scenario in scenarios(folder):
        total = scenario.kinds.total()
        problems = {point: list(scenario.problems(point)) for point in range(1, total + 1, _EVERY.get(name, 1))}
        found[name] = {
            "steps": scenario.kinds,
            "kills": len(problems),
            "problems": {point: said for point, said in problems.items() if said},
        }
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
