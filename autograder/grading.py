"""One submission against its source: what has to run, and the record that follows from what ran."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from msgspec.structs import replace
from nbformat import NotebookNode

from authoring import cells, nbgrader_api
from authoring.course import Limits
from autograder import scoring
from autograder.cell_roles import cells_to_run
from autograder.engine import protocol
from autograder.engine.pool import End, Engine, JobRun
from autograder.engine.protocol import Role
from autograder.environment import GRADER, environment_hash
from autograder.isolated.names import Names, names_of
from autograder.marks import total
from autograder.preparing import Prepared, prepare
from autograder.rebuild import Rebuilt
from autograder.record import CellGrade, CellOutcome, GradeRecord, Isolation, Outcome, RecordFinding, not_handed_in
from autograder.source import Source, load_source
from autograder.submission import read_submission

_MIB = 1024 * 1024

NOT_STARTED = "not-started"
"""The rule of a finding that may be this machine's fault: such a submission is tried again the next time."""


@dataclass(frozen=True)
class Policy:
    """How submissions are graded."""

    limits: Limits = field(default_factory=Limits)
    isolated: bool = True
    nbgrader_rules: bool = False  # read outputs exactly as nbgrader does

    @property
    def environment(self) -> str:
        """``sha256:…`` of what submissions run with: interpreter, libraries, limits, isolation."""
        return environment_hash(f"{self.limits} isolated={self.isolated}")

    @property
    def grader(self) -> str:
        """Who grades: the version, and the rules if they are not its own."""
        return f"{GRADER} with nbgrader's rules" if self.nbgrader_rules else GRADER


@dataclass(frozen=True)
class Graded:
    """A record, and the executed notebooks that belong to it."""

    record: GradeRecord
    executed: Mapping[str, NotebookNode]  # by file stem
    cpu_seconds: float


def grade(source: Path, submission: Path, *, policy: Policy | None = None) -> GradeRecord:
    """Grade one submission without a course folder or a database.

    Args:
        source: a folder with the author's notebooks (nbgrader metadata, reference solutions, hidden tests).
        submission: a folder with the learner's; its name is taken for the learner's id.
        policy: the limits and the isolation; the defaults when None.

    Returns:
        The record. A submission that cannot be graded has one too: its outcome says so.

    Raises:
        CoursewrightError: the source cannot be used, or submissions cannot be isolated on this machine.
    """
    from autograder.shared_tests import with_shared_tests

    policy = policy or Policy()
    author = load_source(nbgrader_api.open_course(source.parent), source)
    prepared = prepare(author, read_submission(submission, submission.name))
    with warm_engine(author, isolated=policy.isolated) as engine:
        author = with_shared_tests(engine, author, policy)
        runs = {run.job.key: run for run in engine.run(jobs(author, prepared, policy), workers=1)}
    return assemble(author, prepared, runs, policy, course=source.parent.name).record


def warm_engine(source: Source, *, isolated: bool) -> Engine:
    """An engine that is warm for an assignment.

    Raises:
        CoursewrightError: a kernel is not installed, or submissions cannot be isolated on this machine.
    """
    folders = {folder for kernel in source.kernel_specs.values() for folder in kernel.folders}
    return Engine(source.imports, isolated=isolated, visible=folders)


def jobs(source: Source, prepared: Prepared, policy: Policy) -> Iterator[protocol.Job]:
    """What the engine has to run: one job a notebook, each in fresh processes, as nbgrader has it."""
    own = {name: data for name, data in prepared.files.items() if name not in source.files}
    for stem, rebuilt in prepared.notebooks.items():
        place = protocol.Place(
            files=_files(own),
            seed=_seed(source.assignment, prepared.submission.learner, stem),
            limits=engine_limits(policy.limits),
            kernel=source.kernel_specs.get(stem),
        )
        tests = source.shared.get(stem, frozenset())
        to_run = tuple(cells_to_run(source.notebooks[stem], rebuilt.notebook, source.released[stem], tests))
        solutions = tuple(cell.source for cell in source.reference[stem].cells if cells.is_solution(cell))
        yield protocol.Job(
            key=stem,
            cells=to_run,
            place=place,
            files=_files(source.files),
            entropy=_seed(source.hash, prepared.submission.learner, stem),  # the hash covers the hidden tests
            solutions=solutions,
            names=_names(solutions, tuple(cell for cell in to_run if cell.role in {Role.TEST, Role.AUTHOR})),
        )


@lru_cache(maxsize=64)
def _names(solutions: tuple[str, ...], author: tuple[protocol.Cell, ...]) -> dict[str, Names]:
    """What can be said of an author's texts once for a whole class."""
    texts = {*solutions, *(cell.source for cell in author), *(cell.released for cell in author)}
    return {text: names_of(text) for text in sorted(texts)}


def _files(files: Mapping[str, bytes]) -> tuple[protocol.File, ...]:
    return tuple(protocol.File(path=name, data=data) for name, data in files.items())


def _seed(*parts: str) -> int:
    """The same for the same learner and assignment wherever it is graded, and different for others."""
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:8], "big")


def engine_limits(limits: Limits) -> protocol.Limits:
    """A course's limits in the engine's units."""
    return protocol.Limits(
        cell_seconds=limits.cell_seconds,
        submission_seconds=limits.submission_seconds,
        cpu_seconds=limits.cpu_seconds,
        memory_bytes=limits.memory_mib * _MIB,
        output_bytes=limits.output_mib * _MIB,
        disk_bytes=limits.disk_mib * _MIB,
        processes=limits.processes,
        total_memory_bytes=limits.submission_memory_mib * _MIB,
        files=limits.files,
        open_files=limits.open_files,
    )


def assemble(source: Source, prepared: Prepared, runs: Mapping[str, JobRun], policy: Policy, *, course: str) -> Graded:
    """The record of a submission whose notebooks have run."""
    findings = list(prepared.findings)
    grades: list[CellGrade] = []
    executed: dict[str, NotebookNode] = {}
    for stem, template in source.notebooks.items():
        if stem in prepared.notebooks and runs[stem].end is End.UNSTARTED:
            findings.append(RecordFinding(rule=NOT_STARTED, message=runs[stem].problem))
        elif stem in prepared.notebooks:
            rebuilt, run = prepared.notebooks[stem], runs[stem]
            # of other languages' values nothing is known but how nbgrader reads them
            nbgraders = policy.nbgrader_rules or stem in source.kernels
            scored = _grades(stem, rebuilt, run, findings, nbgrader_rules=nbgraders)
            grades.extend(_placed(scored, source.shared.get(stem, frozenset())))
            executed[stem] = _with_outputs(rebuilt.notebook, run)
        elif stem in prepared.missing:
            grades.extend(_zeros(stem, template))
    unusable = bool(prepared.broken) or any(run.end is End.UNSTARTED for run in runs.values())
    outcome = _outcome(source, prepared, grades, unusable=unusable)
    record = GradeRecord(
        course=course,
        assignment=source.assignment,
        learner=prepared.submission.learner,
        attempt=prepared.submission.hash,
        source=source.hash,
        environment=policy.environment,
        grader=policy.grader,
        outcome=outcome,
        score=total(tuple(grades)) if outcome in {Outcome.GRADED, Outcome.NEEDS_MANUAL} else None,
        max_score=source.max_score,
        cells=tuple(grades),
        findings=tuple(findings),
    )
    return Graded(record, executed, sum(run.cpu_seconds for run in runs.values()))


def assemble_unstarted(source: Source, prepared: Prepared, policy: Policy, problem: str, *, course: str) -> Graded:
    """The record of a submission that could not be run for a reason outside of it; it is tried again the next time."""
    runs = {
        job.key: JobRun(job, cells={}, interrupted=None, end=End.UNSTARTED, problem=problem)
        for job in jobs(source, prepared, policy)
    }
    return assemble(source, prepared, runs, policy, course=course)


def _outcome(source: Source, prepared: Prepared, grades: list[CellGrade], *, unusable: bool) -> Outcome:
    if len(prepared.missing) == len(source.notebooks):
        return Outcome.MISSING
    if unusable:
        return Outcome.FAILED
    return Outcome.NEEDS_MANUAL if any(grade.score is None for grade in grades) else Outcome.GRADED


def _grades(
    stem: str, rebuilt: Rebuilt, run: JobRun, findings: list[RecordFinding], *, nbgrader_rules: bool
) -> Iterator[CellGrade]:
    if run.end is not End.DONE:
        findings.append(RecordFinding(rule="stopped", cell=_name(rebuilt, run.interrupted), message=run.problem))
    for index, cell in enumerate(rebuilt.notebook.cells):
        if cells.is_manual(cell):
            yield scoring.manual_grade(stem, cell, answered=cells.grade_id(cell) in rebuilt.answered)
        elif not cells.is_test(cell):
            continue
        elif index in run.cells and nbgrader_rules:
            yield scoring.nbgrader_grade(stem, cell, run.cells[index])
        elif index in run.cells:
            grade, odd = scoring.test_grade(stem, cell, run.cells[index])
            findings.extend(odd)
            yield grade
        elif index == run.interrupted:
            outcome = CellOutcome.TIMEOUT if run.end in {End.TIMEOUT, End.CPU} else CellOutcome.ERROR
            yield scoring.stopped(stem, cell, outcome, run.problem)
        else:
            yield scoring.not_run(stem, cell, run.problem or "the test holds no code")


def _placed(grades: Iterable[CellGrade], shared: frozenset[str]) -> Iterator[CellGrade]:
    """The grades, with those of tests that ran in the learner's process marked so."""
    for grade in grades:
        yield replace(grade, isolation=Isolation.SHARED) if grade.grade_id in shared else grade


def _zeros(stem: str, template: NotebookNode) -> Iterator[CellGrade]:
    for cell in template.cells:
        if cells.carries_points(cell):
            yield scoring.not_run(stem, cell, not_handed_in(stem))


def _name(rebuilt: Rebuilt, index: int | None) -> str | None:
    return None if index is None else cells.cell_name(rebuilt.notebook.cells[index], index)


def _with_outputs(notebook: NotebookNode, run: JobRun) -> NotebookNode:
    count = 0
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        ran = run.cells.get(index)
        cell["outputs"] = [] if ran is None else [NotebookNode(output) for output in ran.outputs]
        if ran is not None:
            count += 1
            cell["execution_count"] = count
    return notebook
