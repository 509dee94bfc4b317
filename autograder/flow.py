"""Submissions through a warm process: a stream of them in, the finished ones out, and never many in memory."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from authoring.notebook_file import notebook_bytes
from autograder.engine import protocol
from autograder.engine.pool import Engine, JobRun
from autograder.grading import Graded, Policy, assemble, jobs
from autograder.preparing import Prepared, prepare
from autograder.record import GradeRecord
from autograder.source import Source
from autograder.submission import Submission


@dataclass(frozen=True)
class Finished:
    """A submission that has run: what the machine says of it, and the notebooks as they ran."""

    submission: Submission
    record: GradeRecord  # without a person's marks and without lateness
    executed: Mapping[str, bytes]  # notebooks by file stem
    beside: Mapping[str, bytes]  # the files beside them, by relative path
    handed_in: frozenset[str]  # stems of the notebooks that could be read
    unanswered: frozenset[tuple[str, str]]  # notebook and grade id of answers that were left as they were given
    cpu_seconds: float


def finished(prepared: Prepared, graded: Graded) -> Finished:
    """A submission with what came of it."""
    return Finished(
        submission=prepared.submission,
        record=graded.record,
        executed={stem: notebook_bytes(notebook) for stem, notebook in graded.executed.items()},
        beside=prepared.files,
        handed_in=frozenset(prepared.notebooks),
        unanswered=prepared.unanswered,
        cpu_seconds=graded.cpu_seconds,
    )


@dataclass
class _Waiting:
    """A submission of which not all notebooks have run yet."""

    prepared: Prepared
    runs: dict[str, JobRun] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return len(self.runs) == len(self.prepared.notebooks)


def grade_all(
    engine: Engine,
    source: Source,
    policy: Policy,
    submissions: Iterable[Submission],
    *,
    course: str,
    workers: int,
) -> Iterator[Finished]:
    """Grade submissions, so many at a time, and give each as it ends.

    Args:
        engine: warm for the source.
        source: with its shared tests known.
        policy: how to grade.
        submissions: taken one by one as there is room, so it may be a stream; no learner may occur twice at a time.
        course: the course's id, for the record.
        workers: how many notebooks run at a time.

    Raises:
        EngineError: the warm process is gone.
    """
    waiting: dict[str, _Waiting] = {}
    ready: deque[_Waiting] = deque()  # those of which nothing has to run any more

    def all_jobs() -> Iterator[protocol.Job]:
        for submission in submissions:
            one = _Waiting(prepare(source, submission))
            if one.complete:
                ready.append(one)
            else:
                waiting[submission.learner] = one
            for job in jobs(source, one.prepared, policy):
                yield replace(job, key=f"{submission.learner}/{job.key}")

    def take_ready() -> Iterator[Finished]:
        while ready:
            one = ready.popleft()
            yield finished(one.prepared, assemble(source, one.prepared, one.runs, policy, course=course))

    for ran in engine.run(all_jobs(), workers):
        learner, stem = ran.job.key.rsplit("/", 1)
        waiting[learner].runs[stem] = ran
        if waiting[learner].complete:
            ready.append(waiting.pop(learner))
        yield from take_ready()
    yield from take_ready()
