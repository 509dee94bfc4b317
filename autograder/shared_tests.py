"""Which tests of an assignment only work in the learner's process.

An author may say so in the test cell's metadata (``coursewright.isolation = "shared"``). For the others the reference
solution tells: it is graded with every test in the examiner, and a test that does not give full marks there but does in
the learner's process is a shared one. The answer is kept in the course folder under the hash of source and solution.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from nbformat import NotebookNode

from authoring import cells
from authoring.notebook_file import notebook_bytes
from autograder.engine.pool import End, Engine, JobRun
from autograder.engine.protocol import Ran
from autograder.files import replace as replace_file
from autograder.grading import Policy, jobs
from autograder.preparing import Prepared, prepare
from autograder.scoring import test_grade
from autograder.source import Source, content_hash
from autograder.submission import Submission

Names = dict[str, frozenset[str]]
"""Grade ids by file stem."""


@dataclass(frozen=True)
class Tried:
    """What the reference solution did, both ways."""

    source: Source  # with the tests that run in the learner's process known
    prepared: Prepared
    runs: Mapping[str, JobRun]  # by file stem: as submissions are graded
    together: Mapping[str, JobRun]  # by file stem: with every test in the learner's process


def try_reference(engine: Engine, source: Source, policy: Policy) -> Tried:
    """Grade the reference solution as submissions are graded, and with every test in the learner's process.

    Args:
        engine: warm for this source.
        source: the assignment.
        policy: how submissions are graded.
    """
    prepared, marked = _reference(source), _with_marked(source)
    runs = _run(engine, marked, prepared, policy)
    together = _run(engine, _sharing(marked, _all_tests(source)), prepared, policy)
    found = _proved(engine, marked, prepared, policy, runs)
    known = _sharing(marked, found)
    return Tried(known, prepared, _run(engine, known, prepared, policy) if found else runs, together)


def with_shared_tests(engine: Engine, source: Source, policy: Policy, folder: Path | None = None) -> Source:
    """The source, with the tests that run in the learner's process known.

    Args:
        engine: warm for this source.
        source: the assignment.
        policy: how submissions are graded.
        folder: where answers are kept; None keeps none.
    """
    return with_known(source, lambda marked: find_shared_tests(engine, marked, policy), folder)


def with_known(source: Source, find: Callable[[Source], Names], folder: Path | None) -> Source:
    """The source with its shared tests, which ``find`` finds unless the folder holds the answer already."""
    marked = _with_marked(source)
    path = None if folder is None else folder / f"{_key(source)}.json"
    if path is not None and path.is_file():
        return _sharing(marked, msgspec.json.decode(path.read_bytes(), type=Names))
    found = find(marked)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, msgspec.json.encode(found, order="deterministic"))
    return _sharing(marked, found)


def _key(source: Source) -> str:
    """A name for all that the answer depends on: the source with its tests and files, and the reference solution."""
    solutions = {stem: notebook_bytes(notebook) for stem, notebook in source.reference.items()}
    return content_hash({"source": source.hash.encode(), **solutions}).removeprefix("sha256:")


def _with_marked(source: Source) -> Source:
    return replace(source, shared={stem: frozenset(_marked(source, stem)) for stem in source.notebooks})


def _marked(source: Source, stem: str) -> Iterator[str]:
    for cell in source.notebooks[stem].cells:
        marked = cell.metadata.get("coursewright", {}).get("isolation") == "shared"
        if cells.is_test(cell) and (marked or stem in source.kernels):  # its own language runs nowhere else
            yield cells.grade_id(cell) or ""


def _all_tests(source: Source) -> Names:
    return {
        stem: frozenset(cells.grade_id(cell) or "" for cell in notebook.cells if cells.is_test(cell))
        for stem, notebook in source.notebooks.items()
    }


def find_shared_tests(engine: Engine, source: Source, policy: Policy) -> Names:
    """The tests that the reference solution passes in its own process only."""
    if source.kernels.keys() == source.notebooks.keys():  # all of them run there already
        return {}
    prepared = _reference(source)
    return _proved(engine, source, prepared, policy, _run(engine, source, prepared, policy))


def _proved(engine: Engine, source: Source, prepared: Prepared, policy: Policy, runs: Mapping[str, JobRun]) -> Names:
    """The same, when it has run with every test isolated."""
    apart = {stem: frozenset(_lost(stem, prepared, run)) for stem, run in runs.items()}
    if not any(apart.values()):
        return {}
    together = _run(engine, _sharing(source, apart), prepared, policy)
    found = {stem: names & frozenset(_won(stem, prepared, together[stem])) for stem, names in apart.items()}
    return {stem: names for stem, names in found.items() if names}


def _reference(source: Source) -> Prepared:
    """The reference solution, ready to run."""
    files = {f"{stem}.ipynb": notebook_bytes(notebook) for stem, notebook in source.reference.items()}
    return prepare(source, Submission("reference", files, None))


def _run(engine: Engine, source: Source, prepared: Prepared, policy: Policy) -> dict[str, JobRun]:
    return {run.job.key: run for run in engine.run(jobs(source, prepared, policy), workers=1)}


def _tests(stem: str, prepared: Prepared, run: JobRun) -> Iterator[tuple[NotebookNode, Ran | None]]:
    for number, cell in enumerate(prepared.notebooks[stem].notebook.cells):
        if cells.is_test(cell):
            yield cell, run.cells.get(number)


def _won(stem: str, prepared: Prepared, run: JobRun) -> Iterator[str]:
    """Tests that give the reference solution full marks."""
    for cell, ran in _tests(stem, prepared, run):
        if ran is not None and test_grade(stem, cell, ran)[0].score == cells.points(cell):
            yield cells.grade_id(cell) or ""


def _lost(stem: str, prepared: Prepared, run: JobRun) -> Iterator[str]:
    """Tests that do not. That the time was over says nothing about a test: the machine may be busy."""
    won = set(_won(stem, prepared, run))
    for cell, ran in _tests(stem, prepared, run):
        over = run.end is End.TIMEOUT if ran is None else ran.status == "timeout"
        if not over and cells.grade_id(cell) not in won:
            yield cells.grade_id(cell) or ""


def _sharing(source: Source, more: Names) -> Source:
    return replace(source, shared={stem: names | more.get(stem, frozenset()) for stem, names in source.shared.items()})
