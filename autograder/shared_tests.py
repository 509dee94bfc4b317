"""Which tests of an assignment only work in the learner's process.

An author may say so in the test cell's metadata (``coursewright.isolation = "shared"``). For the others the reference
solution tells: it is graded with every test in the examiner, and a test that does not give full marks there but does in
the learner's process is a shared one. The answer is kept in the course folder under the hash of source and solution.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
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
    marked = replace(source, shared={stem: frozenset(_marked(source, stem)) for stem in source.notebooks})
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


def _marked(source: Source, stem: str) -> Iterator[str]:
    for cell in source.notebooks[stem].cells:
        if cells.is_test(cell) and cell.metadata.get("coursewright", {}).get("isolation") == "shared":
            yield cells.grade_id(cell) or ""


def find_shared_tests(engine: Engine, source: Source, policy: Policy) -> Names:
    """The tests that the reference solution passes in its own process only."""
    apart = {stem: frozenset(_lost(*ran)) for stem, ran in _run(engine, source, policy).items()}
    if not any(apart.values()):
        return {}
    together = _run(engine, _sharing(source, apart), policy)
    found = {stem: names & frozenset(_won(*together[stem])) for stem, names in apart.items()}
    return {stem: names for stem, names in found.items() if names}


def _run(engine: Engine, source: Source, policy: Policy) -> dict[str, tuple[str, Prepared, JobRun]]:
    """Grade the reference solution."""
    files = {f"{stem}.ipynb": notebook_bytes(notebook) for stem, notebook in source.reference.items()}
    prepared = prepare(source, Submission("reference", files, None))
    return {run.job.key: (run.job.key, prepared, run) for run in engine.run(jobs(source, prepared, policy), workers=1)}


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
