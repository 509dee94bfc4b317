"""Which tests of an assignment only work in the learner's process.

An author may say so in the test cell's metadata (``coursewright.isolation = "shared"``). For the others the reference
solution tells: it is graded with every test in the examiner, and a test that does not give full marks there but does in
the learner's process is a shared one. The answer is kept in the course folder under the source's hash.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from authoring import cells
from authoring.notebook_file import notebook_bytes
from autograder.engine.pool import Engine, JobRun
from autograder.files import replace as replace_file
from autograder.grading import Policy, Prepared, jobs, prepare
from autograder.scoring import test_grade
from autograder.source import Source
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
    marked = replace(source, shared={stem: frozenset(_marked(source, stem)) for stem in source.notebooks})
    path = None if folder is None else folder / f"{source.hash.removeprefix('sha256:')}.json"
    if path is not None and path.is_file():
        return _sharing(marked, msgspec.json.decode(path.read_bytes(), type=Names))
    found = _found(engine, marked, policy)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, msgspec.json.encode(found, order="deterministic"))
    return _sharing(marked, found)


def _marked(source: Source, stem: str) -> Iterator[str]:
    for cell in source.notebooks[stem].cells:
        if cells.is_test(cell) and cell.metadata.get("coursewright", {}).get("isolation") == "shared":
            yield cells.grade_id(cell) or ""


def _found(engine: Engine, source: Source, policy: Policy) -> Names:
    """Tests that the reference solution passes in its own process only."""
    apart = _losing(engine, source, policy)
    if not any(apart.values()):
        return {}
    together = _losing(engine, _sharing(source, apart), policy)
    return {stem: names - together[stem] for stem, names in apart.items() if names - together[stem]}


def _losing(engine: Engine, source: Source, policy: Policy) -> Names:
    """Tests that do not give the reference solution full marks."""
    files = {f"{stem}.ipynb": notebook_bytes(notebook) for stem, notebook in source.reference.items()}
    prepared = prepare(source, Submission("reference", files, None))
    runs = {run.job.key: run for run in engine.run(jobs(source, prepared, policy), workers=1)}
    return {stem: frozenset(_lost(stem, prepared, run)) for stem, run in runs.items()}


def _lost(stem: str, prepared: Prepared, run: JobRun) -> Iterator[str]:
    for number, cell in enumerate(prepared.notebooks[stem].notebook.cells):
        if cells.is_test(cell):
            ran = run.cells.get(number)
            if ran is None or test_grade(stem, cell, ran)[0].score != cells.points(cell):
                yield cells.grade_id(cell) or ""


def _sharing(source: Source, more: Names) -> Source:
    return replace(source, shared={stem: names | more.get(stem, frozenset()) for stem, names in source.shared.items()})
