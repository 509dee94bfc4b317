"""Grading again after the tests changed: what would change is shown first, and kept only if somebody says so.

1. :func:`preview` grades what has a record into a place of its own, and compares. Records, the gradebook and the
   executed notebooks stay as they are, to the byte.
2. :func:`apply` keeps exactly what was shown, or refuses: when the source, a record, a submission, a mark or an
   arrangement has changed since. Earlier records go to ``superseded/``, the decision into ``regrades/``.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from authoring import nbgrader_api
from authoring.build import source_notebooks
from authoring.errors import CoursewrightError
from autograder import files, gradebook, group_marks, groups, journal
from autograder.batch import KEPT, LOCKS
from autograder.desk import Desk, completed
from autograder.flow import grade_all
from autograder.grading import warm_engine
from autograder.groups import HandedIn
from autograder.marks import Marks
from autograder.planning import Batch, plan
from autograder.preparing import Prepared, prepare
from autograder.record import GradeRecord, record_hash, to_json
from autograder.registered import check_registered
from autograder.shared_tests import with_shared_tests
from autograder.sole import sole
from autograder.staging import Hashes, Shown, Staging
from autograder.submission import Submission, read_submission

JOURNAL = "regrades"


@dataclass(frozen=True)
class Change:
    """One learner's record, as it is and as it would be."""

    before: GradeRecord
    after: GradeRecord


@dataclass(frozen=True)
class Preview:
    """What would change. ``changes`` has everybody who was graded again, by learner."""

    assignment: str
    changes: tuple[Change, ...]
    skipped: tuple[tuple[str, str], ...]  # learners who were left out, and why


@dataclass(frozen=True)
class Step:
    """A submission of a preview, done."""

    learner: str
    total: int  # how many there are


def preview(
    root: Path, assignment: str, *, workers: int, isolated: bool = True, nbgrader_rules: bool = False
) -> Iterator[Step | Preview]:
    """Grade again into a place of its own: a step for each submission, at the end what would change.

    Args:
        root: a course folder.
        assignment: the name of a folder below ``source/``.
        workers: how many submissions run at a time.
        isolated: lock submissions in.
        nbgrader_rules: read outputs exactly as nbgrader does.

    Raises:
        CoursewrightError: nothing was graded yet, cells were added or taken away, another batch of the assignment is
            running, or this machine cannot isolate submissions.
    """
    batch = _plan(root, assignment, isolated, nbgrader_rules)
    staging = Staging(batch.course.root, assignment)
    with sole(batch.course.root / LOCKS / assignment, f"grading {assignment}"):
        standing, skipped = _standing(batch)
        batch = dataclasses.replace(batch, submissions=tuple(standing))
        todo = [one.learner for one in standing if not _is_current(batch, staging.record(one.learner), one, standing)]
        yield from (Step(one.learner, len(standing)) for one in standing if one.learner not in todo)
        for learner in _grade(batch, todo, workers, staging):
            yield Step(learner, len(standing))
        changes = tuple(_changes(batch, staging, standing))
        staging.show(_shown(batch, changes))
    yield Preview(assignment, changes, tuple(skipped))


def _plan(root: Path, assignment: str, isolated: bool, nbgrader_rules: bool) -> Batch:
    if not (root / "records" / assignment).is_dir():
        raise CoursewrightError(f"{root / 'records' / assignment} is not there: nothing of it was graded yet.")
    batch = plan(root, assignment, isolated=isolated, nbgrader_rules=nbgrader_rules, register=False)
    check_registered(batch.course, batch.source)
    return batch


_Standing = Mapping[HandedIn, Mapping[str, GradeRecord]]  # the record of each member


def _standing(batch: Batch) -> tuple[_Standing, list[tuple[str, str]]]:
    """The submissions whose records are of what was handed in last; who else there is, and why not."""
    found: dict[HandedIn, Mapping[str, GradeRecord]] = {}
    skipped = []
    for one in batch.submissions:
        attempt = _read(batch, one.learner).hash
        records = {
            member: record
            for member in one.members
            if (record := files.find_record(batch.course.root, batch.source.assignment, member, attempt)) is not None
        }
        if len(records) == len(one.members):
            found[one] = records
        else:
            skipped.append((one.learner, "what was handed in last is not graded yet; `coursewright grade` does that"))
    return found, skipped


def _read(batch: Batch, learner: str) -> Submission:
    return read_submission(batch.course.submitted(learner, batch.source.assignment), learner)


def _is_current(batch: Batch, staged: GradeRecord | None, one: HandedIn, standing: _Standing) -> bool:
    """Whether what is staged is what grading again would give."""
    return staged is not None and staged.attempt == standing[one][one.learner].attempt and batch.would_give(staged)


def _grade(batch: Batch, learners: list[str], workers: int, staging: Staging) -> Iterator[str]:
    if not learners:
        return
    submissions = (_read(batch, learner) for learner in learners)
    with warm_engine(batch.source, isolated=batch.policy.isolated) as engine:
        source = with_shared_tests(engine, batch.source, batch.policy, batch.course.root / KEPT)
        for one in grade_all(engine, source, batch.policy, submissions, course=batch.course_id, workers=workers):
            staging.keep(one)
            yield one.record.learner


def _changes(batch: Batch, staging: Staging, standing: _Standing) -> Iterator[Change]:
    marks = group_marks.shared(gradebook.read_marks(batch.course, batch.source.assignment), batch.submissions)
    for one, records in standing.items():
        prepared = prepare(batch.source, _read(batch, one.learner))
        for after in _after(batch, staging, one, prepared, marks):
            yield Change(records[after.learner], after)


def _after(batch: Batch, staging: Staging, one: HandedIn, prepared: Prepared, marks: Marks) -> Iterator[GradeRecord]:
    """The records that a staged submission would leave, with the marks and arrangements of now."""
    finished = staging.finished(prepared)
    for machine in groups.for_members(one, finished.record):
        yield completed(batch, marks, machine, finished.submission, finished.handed_in)[0]


def _shown(batch: Batch, changes: tuple[Change, ...]) -> Shown:
    return Shown(
        source=batch.source.hash,
        environment=batch.policy.environment,
        grader=batch.policy.grader,
        isolated=batch.policy.isolated,
        nbgrader_rules=batch.policy.nbgrader_rules,
        records={
            change.before.learner: Hashes(record_hash(change.before), record_hash(change.after)) for change in changes
        },
    )


# Keeping it ----------------------------------------------------------------------------------------------------------


def apply(root: Path, assignment: str, *, reason: str, by: str, at: datetime) -> Preview:
    """Keep what was shown last; a killed one goes on where it was when it is called again.

    Args:
        root: a course folder.
        assignment: the name of a folder below ``source/``.
        reason: why; it is kept.
        by: who decides; it is kept.
        at: when.

    Returns:
        What was changed.

    Raises:
        CoursewrightError: nothing was shown, or it would not be what was shown.
    """
    staging = Staging(root.resolve(), assignment)
    shown = staging.shown()
    batch = _plan(root, assignment, shown.isolated, shown.nbgrader_rules)
    with sole(batch.course.root / LOCKS / assignment, f"grading {assignment}"):
        counted = _counted(batch, shown)
        batch = dataclasses.replace(batch, submissions=counted)
        changes = tuple(_checked(batch, staging, shown))
        note = batch.course.root / JOURNAL / f"{assignment}.jsonl"
        entry = {"assignment": assignment, "by": by, "reason": reason, "source": shown.source, "records": shown.records}
        if not _is_begun(note, shown):
            journal.append(note, {"at": at.isoformat(), "event": "begun", **entry})
        nbgrader_api.register(batch.course, assignment, source_notebooks(batch.course.source(assignment)))
        with closing(Desk(batch)) as desk:
            for one in counted:
                _supersede(batch, one, shown)
                desk.keep(staging.finished(prepare(batch.source, _read(batch, one.learner))))
        journal.append(note, {"at": at.isoformat(), "event": "done", "records": shown.records})
        staging.clear()
    return Preview(assignment, changes, ())


def _counted(batch: Batch, shown: Shown) -> tuple[HandedIn, ...]:
    """The submissions that were shown, if everything that they rest on is as it was."""
    now = (batch.source.hash, batch.policy.environment, batch.policy.grader)
    then = (shown.source, shown.environment, shown.grader)
    if now != then:
        what = "the source has" if now[0] != then[0] else "the limits, the libraries or the grader have"
        raise _changed(batch, f"{what} changed since")
    found = tuple(one for one in batch.submissions if set(one.members) & shown.records.keys())
    if {member for one in found for member in one.members} != shown.records.keys():
        raise _changed(batch, "submissions or groups have changed since")
    return found


def _checked(batch: Batch, staging: Staging, shown: Shown) -> Iterator[Change]:
    """What would change now, held against what was shown."""
    marks = group_marks.shared(gradebook.read_marks(batch.course, batch.source.assignment), batch.submissions)
    for one in batch.submissions:
        submission = _read(batch, one.learner)
        for after in _after(batch, staging, one, prepare(batch.source, submission), marks):
            hashes = shown.records[after.learner]
            before = files.find_record(batch.course.root, batch.source.assignment, after.learner, submission.hash)
            if before is None or after.attempt != submission.hash:
                raise _changed(batch, f"{after.learner} handed in again since")
            if record_hash(before) not in {hashes.before, hashes.after}:
                raise _changed(batch, f"the record of {after.learner} has changed since")
            if record_hash(after) != hashes.after:
                raise _changed(batch, f"a mark of {after.learner}, or what was arranged, has changed since")
            yield Change(before, after)


def _changed(batch: Batch, what: str) -> CoursewrightError:
    return CoursewrightError(
        f"{batch.course.source(batch.source.assignment)}: {what} the regrade was shown, and nothing was kept: look at "
        "it again without --apply; what has not changed is not graded again."
    )


def _is_begun(note: Path, shown: Shown) -> bool:
    """Whether this very regrade was begun and not ended."""
    entries = journal.read(note)
    last = entries[-1] if entries else {}
    known = {learner: {"before": one.before, "after": one.after} for learner, one in shown.records.items()}
    return last.get("event") == "begun" and last.get("records") == known


def _supersede(batch: Batch, one: HandedIn, shown: Shown) -> None:
    """Put a copy of each record that will be replaced aside, under its own hash: the attempt's name stays."""
    assignment = batch.source.assignment
    attempt = _read(batch, one.learner).hash
    for member in one.members:
        record = files.find_record(batch.course.root, assignment, member, attempt)
        hashes = shown.records[member]
        if record is None or record_hash(record) != hashes.before or hashes.before == hashes.after:
            continue
        name = f"{attempt.removeprefix('sha256:')}.{hashes.before.removeprefix('sha256:')[:16]}.json"
        path = batch.course.root / "superseded" / assignment / member / name
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, to_json(record))
