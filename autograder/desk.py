"""Where finished submissions are written down: the record, the executed notebooks, and the gradebook in bulk."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from autograder import files, gradebook, group_marks, groups
from autograder.flow import Finished
from autograder.grading import NOT_STARTED
from autograder.lateness import charged
from autograder.marks import Marks, with_marks, without_marks
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
        marks = gradebook.read_marks(batch.course, batch.source.assignment)
        self._marks = group_marks.shared(marks, batch.submissions)
        self._counts = {one.learner: one for one in batch.submissions}
        self._entries: list[gradebook.Entry] = []

    def reuse(self, submission: Submission) -> list[Result] | None:
        """Keep what was graded before, with the marks of today; None if the submission has to be graded.

        Of a group there is a result for each member.

        Raises:
            CoursewrightError: there is a record that cannot be read.
        """
        known = self._known(submission)
        if known is None:
            return None
        prepared = prepare(self._batch.source, submission)
        handed_in = frozenset(prepared.notebooks)
        results = []
        for machine in groups.for_members(self._counts[submission.learner], known):
            record, penalties = completed(self._batch, self._marks, machine, submission, handed_in)
            files.write_record(self._batch.course.root, record)
            self._enter(gradebook.Entry(machine, submission.submitted_at, prepared.unanswered, penalties))
            results.append(Result(record, reused=True, cpu_seconds=0.0))
        return results

    def keep(self, one: Finished) -> list[Result]:
        """Write down a submission that has run, with a person's marks and the late penalty; of a group for each."""
        results: list[Result] = []
        for machine in groups.for_members(self._counts[one.record.learner], one.record):
            record, penalties = completed(self._batch, self._marks, machine, one.submission, one.handed_in)
            folder = self._batch.course.autograded(record.learner, self._batch.source.assignment)
            files.write_graded(self._batch.course.root, folder, record, _executed(one))
            self._enter(gradebook.Entry(machine, one.submission.submitted_at, one.unanswered, penalties))
            seconds = 0.0 if results else one.cpu_seconds  # it ran once, whoever it counts for
            results.append(Result(record, reused=False, cpu_seconds=seconds))
        return results

    def close(self) -> None:
        """Write what is left."""
        self._write_gradebook()
        group_marks.share(self._batch.course, self._batch.source.assignment, self._batch.submissions)

    def _known(self, submission: Submission) -> GradeRecord | None:
        """What the machine said of these very files before, if source, environment and grader are still the same."""
        batch = self._batch
        assignment = batch.source.assignment
        members = self._counts[submission.learner].members
        records = [files.find_record(batch.course.root, assignment, one, submission.hash) for one in members]
        record = records[0]
        if record is None or None in records or not batch.would_give(record):
            return None
        if any(finding.rule == NOT_STARTED for finding in record.findings):
            return None
        folders = {one.learner: batch.course.autograded(one.learner, assignment) for one in records if one}
        settled = [files.settle(batch.course.root, folders[one.learner], one) for one in records if one]
        return without_marks(groups.without_remark(record)) if all(settled) else None

    def _enter(self, entry: gradebook.Entry) -> None:
        self._entries.append(entry)
        if len(self._entries) >= _GRADEBOOK_EVERY:
            self._write_gradebook()

    def _write_gradebook(self) -> None:
        gradebook.write(self._batch.course, self._batch.source.assignment, self._entries)
        self._entries.clear()


def completed(
    batch: Batch, marks: Marks, machine: GradeRecord, submission: Submission, handed_in: Collection[str]
) -> tuple[GradeRecord, Mapping[str, float]]:
    """The record with a person's marks and the late penalty in it, and the penalties by notebook."""
    record = with_marks(machine, marks)
    penalties = batch.lateness.penalties(record, submission.submitted_at, handed_in)
    return charged(record, penalties), penalties


def _executed(one: Finished) -> dict[str, bytes]:
    """What lies where Formgrader looks, by relative path."""
    found = dict(one.beside) | {f"{stem}.ipynb": data for stem, data in one.executed.items()}
    if one.submission.submitted_at is not None:
        # nbgrader compares this with the submission's own to see whether to grade it again
        found["timestamp.txt"] = f"{one.submission.submitted_at:%Y-%m-%d %H:%M:%S.%f} UTC".encode()
    return found
