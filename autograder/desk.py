"""Where finished submissions are written down: the record, the executed notebooks, and the gradebook in bulk."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from authoring import nbgrader_api
from autograder import files, gradebook
from autograder.flow import Finished
from autograder.grading import NOT_STARTED
from autograder.late import late_penalty, shared
from autograder.marks import with_marks, without_marks
from autograder.planning import Batch
from autograder.preparing import prepare
from autograder.record import GradeRecord
from autograder.submission import Submission

_GRADEBOOK_EVERY = 500  # records in one transaction


@dataclass(frozen=True)
class Result:
    """One submission of a batch, done."""

    record: GradeRecord
    reused: bool  # the record was there already
    cpu_seconds: float


class Desk:
    """Keeps what comes of a batch; what the gradebook gets is collected, and written in bulk. Close it at the end."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._marks = gradebook.read_marks(batch.course, batch.source.assignment)
        self._due = gradebook.read_due(batch.course, batch.source.assignment) if batch.late is None else {}
        self._entries: list[gradebook.Entry] = []

    def reuse(self, submission: Submission) -> Result | None:
        """Keep what was graded before, with the marks of today; None if the submission has to be graded.

        Raises:
            CoursewrightError: there is a record that cannot be read.
        """
        record = self._known(submission)
        if record is None:
            return None
        prepared = prepare(self._batch.source, submission)
        entry, record = self._complete(record, submission, frozenset(prepared.notebooks), prepared.unanswered)
        files.write_record(self._batch.course.root, record)
        self._enter(entry)
        return Result(record, reused=True, cpu_seconds=0.0)

    def keep(self, one: Finished) -> Result:
        """Write down a submission that has run, with a person's marks and the late penalty."""
        entry, record = self._complete(one.record, one.submission, one.handed_in, one.unanswered)
        folder = self._batch.course.autograded(one.record.learner, self._batch.source.assignment)
        files.write_graded(self._batch.course.root, folder, record, _executed(one))
        self._enter(entry)
        return Result(record, reused=False, cpu_seconds=one.cpu_seconds)

    def close(self) -> None:
        """Write what is left."""
        self._write_gradebook()

    def _known(self, submission: Submission) -> GradeRecord | None:
        """What the machine said of these very files before, if source, environment and grader are still the same."""
        batch = self._batch
        assignment = batch.source.assignment
        record = files.find_record(batch.course.root, assignment, submission.learner, submission.hash)
        if record is None or (record.source, record.environment, record.grader, record.course) != (
            batch.source.hash,
            batch.policy.environment,
            batch.policy.grader,
            batch.course_id,
        ):
            return None
        if any(finding.rule == NOT_STARTED for finding in record.findings):
            return None
        if not files.settle(batch.course.root, batch.course.autograded(submission.learner, assignment), record):
            return None
        return without_marks(record)

    def _complete(
        self,
        machine: GradeRecord,
        submission: Submission,
        handed_in: frozenset[str],
        unanswered: frozenset[tuple[str, str]],
    ) -> tuple[gradebook.Entry, GradeRecord]:
        """What the gradebook gets, and the record with everything in it."""
        record = with_marks(machine, self._marks)
        penalties = self._late_penalties(record, submission.submitted_at, handed_in)
        record = replace(record, late_penalty=round(sum(penalties.values(), 0.0), 9))
        return gradebook.Entry(machine, submission.submitted_at, unanswered, penalties), record

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

    def _enter(self, entry: gradebook.Entry) -> None:
        self._entries.append(entry)
        if len(self._entries) >= _GRADEBOOK_EVERY:
            self._write_gradebook()

    def _write_gradebook(self) -> None:
        gradebook.write(self._batch.course, self._batch.source.assignment, self._entries)
        self._entries.clear()


def _executed(one: Finished) -> dict[str, bytes]:
    """What lies where Formgrader looks, by relative path."""
    found = dict(one.beside) | {f"{stem}.ipynb": data for stem, data in one.executed.items()}
    if one.submission.submitted_at is not None:
        # nbgrader compares this with the submission's own to see whether to grade it again
        found["timestamp.txt"] = f"{one.submission.submitted_at:%Y-%m-%d %H:%M:%S.%f} UTC".encode()
    return found


def _points(record: GradeRecord, handed_in: Collection[str]) -> dict[str, float]:
    """The points so far by notebook, of those that were handed in."""
    points = dict.fromkeys(sorted(handed_in), 0.0)
    for cell in record.cells:
        if cell.notebook in points:
            points[cell.notebook] += cell.score or 0.0
    return points
