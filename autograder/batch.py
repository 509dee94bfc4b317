"""A class at a time: which submissions have to be graded, grading them, and keeping what came of it.

Every record is written as soon as it is there, so a batch that was stopped goes on where it was: a submission whose
record was made from the same files, source, environment and grader is not graded again.
"""

import contextlib
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from authoring import nbgrader_api
from authoring.course import Assignment, Course, LatePolicy
from authoring.course_file import load_course
from authoring.errors import CoursewrightError
from authoring.nbgrader_api import NbgraderCourse
from autograder import files, gradebook
from autograder.engine import protocol
from autograder.engine.pool import Engine, JobRun
from autograder.grading import NOT_STARTED, Graded, Policy, assemble, jobs
from autograder.late import late_penalty, shared
from autograder.limits import assignment_of, limits_for
from autograder.marks import Marks, with_marks, without_marks
from autograder.preparing import Prepared, prepare
from autograder.record import GradeRecord
from autograder.shared_tests import with_shared_tests
from autograder.source import Source, load_source
from autograder.submission import Submission, read_submission

_KEPT = Path(".coursewright", "shared-tests")  # below the course: what grading found out about sources
_GRADEBOOK_EVERY = 500  # records in one transaction


@dataclass(frozen=True)
class Batch:
    """What is to be graded, and how."""

    course: NbgraderCourse
    course_id: str
    source: Source
    policy: Policy
    learners: tuple[str, ...]
    late: LatePolicy | None  # None: nbgrader's own plugin decides
    due: datetime | None


@dataclass(frozen=True)
class Result:
    """One submission of a batch, done."""

    record: GradeRecord
    reused: bool  # the record was there already
    cpu_seconds: float


def plan(
    root: Path,
    assignment: str,
    *,
    learners: Sequence[str] = (),
    isolated: bool = True,
    nbgrader_rules: bool = False,
) -> Batch:
    """Find the submissions and make sure that the gradebook knows the assignment.

    Args:
        root: a course folder; it need not have a ``course.toml``.
        assignment: the name of a folder below ``source/``.
        learners: nbgrader's student ids; everybody who handed something in when empty.
        isolated: lock submissions in.
        nbgrader_rules: read outputs exactly as nbgrader does.

    Raises:
        CoursewrightError: there is no such assignment, or a learner handed nothing in.
    """
    course = nbgrader_api.open_course(root)
    if assignment not in course.source_assignments():
        names = ", ".join(course.source_assignments()) or "none at all"
        raise CoursewrightError(
            f"{course.root} has no assignment {assignment}: name one of the course's assignments ({names})."
        )
    described = load_course(root) if (root / "course.toml").is_file() else None
    found = course.learners(assignment)
    for learner in learners:
        if learner not in found:
            raise CoursewrightError(
                f"{course.submitted(learner, assignment)} is not there: {learner} handed nothing in for {assignment}."
            )
    source = load_source(course, course.source(assignment))
    nbgrader_api.register(course, assignment, sorted(course.source(assignment).glob("*.ipynb")))
    known = assignment_of(described, assignment)
    return Batch(
        course=course,
        course_id=described.id if described else course.course_id,
        source=source,
        policy=Policy(limits_for(course, described, assignment), isolated, nbgrader_rules),
        learners=tuple(learners) or found,
        late=_late_policy(described, known),
        due=described.due_at(known) if described and known else None,
    )


def _late_policy(course: Course | None, assignment: Assignment | None) -> LatePolicy | None:
    if course is None:
        return None
    categories = {category.id: category for category in course.categories}
    return categories[assignment.category].late if assignment and assignment.category else LatePolicy()


def run(batch: Batch, *, workers: int, force: bool = False) -> Iterator[Result]:
    """Grade the batch, and yield each submission as it is done, in the order in which they end.

    Records, executed notebooks and the gradebook are written on the way.

    Args:
        batch: what :func:`plan` gave.
        workers: how many submissions run at a time.
        force: grade again what has a record already.

    Raises:
        CoursewrightError: this machine cannot isolate submissions, or a record on disk cannot be read.
    """
    desk = _Desk(batch, gradebook.read_marks(batch.course, batch.source.assignment))
    with contextlib.closing(desk):
        todo = []
        for learner in batch.learners:
            submission = _read(batch, learner)
            known = None if force else desk.known(submission)
            if known is None:
                todo.append(learner)
            else:
                yield desk.keep(prepare(batch.source, submission), Graded(known, {}, 0.0), reused=True)
        if todo:
            yield from _grade(batch, todo, desk, workers)


def _read(batch: Batch, learner: str) -> Submission:
    return read_submission(batch.course.submitted(learner, batch.source.assignment), learner)


@dataclass
class _Waiting:
    """A submission of which not all notebooks have run yet."""

    prepared: Prepared
    runs: dict[str, JobRun] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return len(self.runs) == len(self.prepared.notebooks)


def _grade(batch: Batch, learners: Sequence[str], desk: "_Desk", workers: int) -> Iterator[Result]:
    waiting: dict[str, _Waiting] = {}
    ready: deque[_Waiting] = deque()  # those of which nothing can be run

    def all_jobs() -> Iterator[protocol.Job]:
        for learner in learners:
            one = _Waiting(prepare(batch.source, _read(batch, learner)))
            if one.complete:
                ready.append(one)
            else:
                waiting[learner] = one
            for job in jobs(source, one.prepared, batch.policy):
                yield replace(job, key=f"{learner}/{job.key}")

    with Engine(batch.source.imports, isolated=batch.policy.isolated) as engine:
        source = with_shared_tests(engine, batch.source, batch.policy, batch.course.root / _KEPT)
        for ran in engine.run(all_jobs(), workers):
            learner, stem = ran.job.key.rsplit("/", 1)
            waiting[learner].runs[stem] = ran
            if waiting[learner].complete:
                ready.append(waiting.pop(learner))
            while ready:
                yield desk.finish(source, ready.popleft())
    while ready:
        yield desk.finish(source, ready.popleft())


class _Desk:
    """Where finished submissions are written down; what the gradebook gets is collected, and written in bulk."""

    def __init__(self, batch: Batch, marks: Marks) -> None:
        self._batch = batch
        self._marks = marks
        self._due = gradebook.read_due(batch.course, batch.source.assignment) if batch.late is None else {}
        self._entries: list[gradebook.Entry] = []

    def known(self, submission: Submission) -> GradeRecord | None:
        """What the machine said of these very files before, if source, environment and grader are still the same."""
        batch = self._batch
        record = files.find_record(batch.course.root, batch.source.assignment, submission.learner, submission.hash)
        if record is None or (record.source, record.environment, record.grader, record.course) != (
            batch.source.hash,
            batch.policy.environment,
            batch.policy.grader,
            batch.course_id,
        ):
            return None
        if any(finding.rule == NOT_STARTED for finding in record.findings):
            return None
        return without_marks(record)

    def finish(self, source: Source, one: _Waiting) -> Result:
        """Make the record of a submission that has run."""
        batch = self._batch
        graded = assemble(source, one.prepared, one.runs, batch.policy, course=batch.course_id)
        files.write_executed(batch.course, batch.source.assignment, one.prepared, graded.executed)
        return self.keep(one.prepared, graded, reused=False)

    def keep(self, prepared: Prepared, graded: Graded, *, reused: bool) -> Result:
        """Write the record down, with a person's marks and the late penalty."""
        submitted_at = prepared.submission.submitted_at
        record = with_marks(graded.record, self._marks)
        penalties = self._late_penalties(record, submitted_at, prepared.notebooks)
        record = replace(record, late_penalty=round(sum(penalties.values()), 9))
        files.write_record(self._batch.course.root, record)
        self._entries.append(gradebook.Entry(graded.record, submitted_at, prepared.unanswered, penalties))
        if len(self._entries) >= _GRADEBOOK_EVERY:
            self._write_gradebook()
        return Result(record, reused, graded.cpu_seconds)

    def _late_penalties(
        self, record: GradeRecord, submitted_at: datetime | None, handed_in: Collection[str]
    ) -> Mapping[str, float]:
        """The points that lateness costs, by notebook; nothing for one that is not late or not there."""
        if record.score is None or submitted_at is None:
            return {}
        points = _points(record, handed_in)
        if self._batch.late is not None:
            return shared(late_penalty(self._batch.late, record.score, self._batch.due, submitted_at), points)
        due = self._due.get(record.learner, self._due.get(""))
        if due is None or submitted_at <= due:
            return {}
        seconds = (submitted_at - due).total_seconds()
        asked = {
            name: nbgrader_api.late_penalty(self._batch.course, record.learner, own, seconds)
            for name, own in points.items()
        }
        return {name: penalty for name, penalty in asked.items() if penalty is not None}

    def _write_gradebook(self) -> None:
        gradebook.write(self._batch.course, self._batch.source.assignment, self._entries)
        self._entries.clear()

    def close(self) -> None:
        """Write what is left."""
        self._write_gradebook()


def _points(record: GradeRecord, handed_in: Collection[str]) -> dict[str, float]:
    """The points so far by notebook, of those that were handed in."""
    points = dict.fromkeys(sorted(handed_in), 0.0)
    for cell in record.cells:
        if cell.notebook in points:
            points[cell.notebook] += cell.score or 0.0
    return points
