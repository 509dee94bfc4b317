"""Answers that wait for a person: which, in what order, and writing the marks down.

One question at a time, over all learners, in an order that depends on the question alone: whoever marks sees no names,
and nobody is always the first or the last. A mark is in the gradebook and in the record before the next answer comes.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from authoring import nbgrader_api
from authoring.course_file import load_course
from authoring.errors import CoursewrightError
from authoring.nbgrader_api import NbgraderCourse
from authoring.rubric import Rubric, load_rubric
from autograder import gradebook, groups, journal
from autograder.arranged import read_arranged
from autograder.files import write_record
from autograder.lateness import Lateness, charged, lateness
from autograder.manual_marks import Given, Kept, Place, Transaction, transaction
from autograder.marks import NO_RESPONSE, Mark, with_marks, without_mark
from autograder.questions import Question, questions
from autograder.record import CellGrade, CellKind, CellOutcome, GradeRecord, Outcome, missing_notebooks, read_records


@dataclass(frozen=True)
class Answer:
    """One answer; of a group everybody's."""

    learner: str  # whose submission it is
    members: tuple[str, ...]  # for whom the mark counts
    attempt: str
    question: Question


@dataclass(frozen=True)
class Marking:
    """An assignment, ready to be marked."""

    course: NbgraderCourse
    assignment: str
    questions: tuple[Question, ...]
    rubric: Rubric
    lateness: Lateness
    members: Mapping[str, tuple[str, ...]]  # by whoever handed in; others' submissions count for themselves

    @property
    def journal(self) -> Path:
        """Where every mark is noted, with who gave it and when."""
        return self.course.root / "marks" / f"{self.assignment}.jsonl"


def open_marking(root: Path, assignment: str) -> Marking:
    """Read what marking an assignment needs.

    Raises:
        CoursewrightError: there is no such assignment, nothing in it waits for people by its source, or its rubric or
            another file of the course cannot be read.
    """
    course = nbgrader_api.open_course(root)
    described = load_course(root) if (root / "course.toml").is_file() else None
    asked = questions(course, assignment)
    if not asked:
        raise CoursewrightError(f"{course.source(assignment)}: nothing in it is marked by a person.")
    arranged = read_arranged(course, described)
    together = arranged.groups_of(assignment)
    return Marking(
        course=course,
        assignment=assignment,
        questions=asked,
        rubric=load_rubric(root, assignment, [(each.notebook, each.cell) for each in asked]),
        lateness=lateness(course, described, assignment, arranged.arrangements, together),
        members={one.learner: one.members for one in groups.handed_in(course, assignment, together) if one.group},
    )


def answers(marking: Marking, question: Question) -> tuple[list[Answer], int]:
    """The answers to a question that wait for a mark, in the order in which they are marked; how many have one.

    What was marked in Formgrader since the last grading has a mark.
    """
    given = gradebook.read_marks(marking.course, marking.assignment)
    shadows = {member for learner, members in marking.members.items() for member in members if member != learner}
    waiting, marked = [], 0
    for record in _records(marking):
        cell = _cell(record, question)
        if record.learner in shadows or cell is None or _untouched(cell):
            continue
        if cell.outcome is CellOutcome.NEEDS_MANUAL and (record.learner, question.notebook, question.cell) not in given:
            waiting.append(_answer(marking, record, question))
        else:
            marked += 1
    return sorted(waiting, key=lambda each: _place_in_line(marking.assignment, each)), marked


def answer_of(marking: Marking, question: Question, learner: str) -> Answer:
    """A learner's answer, marked or not.

    Raises:
        CoursewrightError: there is no record of it.
    """
    first = next((one for one, members in marking.members.items() if learner in members), learner)
    for record in _records(marking, first):
        if _cell(record, question) is not None:
            return _answer(marking, record, question)
    raise CoursewrightError(
        f"{marking.course.root}: {learner} has no graded answer to {question.cell} of {marking.assignment}: "
        "run `coursewright grade` first, or correct the id."
    )


def _records(marking: Marking, learner: str = "") -> tuple[GradeRecord, ...]:
    records = read_records(marking.course.root / "records" / marking.assignment / learner)
    return tuple(record for record in records if record.outcome in {Outcome.GRADED, Outcome.NEEDS_MANUAL})


def _answer(marking: Marking, record: GradeRecord, question: Question) -> Answer:
    members = marking.members.get(record.learner, (record.learner,))
    return Answer(record.learner, members, record.attempt, question)


def _cell(record: GradeRecord, question: Question) -> CellGrade | None:
    """What the record says of an answer; None where its notebook was not handed in."""
    for cell in record.cells:
        if (cell.notebook, cell.grade_id) == (question.notebook, question.cell) and cell.kind is not CellKind.TEST:
            return None if cell.outcome is CellOutcome.NOT_RUN else cell
    return None


def _untouched(cell: CellGrade) -> bool:
    """Whether nobody has to look, for the machine knows already that there is nothing."""
    return cell.message == NO_RESPONSE and not cell.score


def _place_in_line(assignment: str, answer: Answer) -> bytes:
    """The same for the same answer every time, and another order for every question."""
    question = answer.question
    parts = (assignment, question.notebook, question.cell, answer.learner)
    return hashlib.sha256("\0".join(parts).encode()).digest()


@dataclass(frozen=True)
class Signed:
    """Who marks, and when."""

    by: str
    at: datetime
    items: tuple[str, ...] = ()  # ids of the rubric's that were chosen


def give(marking: Marking, answer: Answer, given: Given, signed: Signed) -> Given:
    """Write a mark down for everybody whom it concerns; without points the answer waits again.

    Returns:
        What was there before.

    Raises:
        CoursewrightError: the points are not between 0 and the maximum, the answer is no longer the one that was
            shown, or the gradebook does not have it or cannot be written.
    """
    maximum = answer.question.max_score
    if given.points is not None and not 0 <= given.points <= maximum:
        raise CoursewrightError(f"{given.points:g} points are not between 0 and {maximum:g}: give what the cell can.")
    records = [_current(marking, answer, member) for member in answer.members]
    with transaction(marking.course) as rows:
        kept = [_write(marking, rows, answer, record.learner, given) for record in records]
        changed = []
        for record, before in zip(records, kept, strict=True):
            marked = _marked(answer, record, given, before.extra_credit)
            handed_in = {cell.notebook for cell in record.cells} - missing_notebooks(record)
            penalties = marking.lateness.penalties(marked, before.submitted_at, handed_in)
            rows.write_penalties(
                _place(marking, answer, record.learner), {name: penalties.get(name) for name in sorted(handed_in)}
            )
            changed.append(charged(marked, penalties))
    for record in changed:
        write_record(marking.course.root, record)
    _note(marking, answer, given, signed)
    return kept[0].given


def _current(marking: Marking, answer: Answer, learner: str) -> GradeRecord:
    found = [record for record in _records(marking, learner) if record.attempt == answer.attempt]
    if not found:
        raise CoursewrightError(
            f"{marking.course.root}: the answer to {answer.question.cell} is no longer the one that was shown, for it "
            "was handed in and graded again: look at it again."
        )
    return found[0]


def _place(marking: Marking, answer: Answer, learner: str) -> Place:
    return Place(marking.assignment, learner, answer.question.notebook, answer.question.cell)


def _write(marking: Marking, rows: Transaction, answer: Answer, learner: str, given: Given) -> Kept:
    place = _place(marking, answer, learner)
    before = rows.kept(place)
    rows.write(place, given)
    return before


def _marked(answer: Answer, record: GradeRecord, given: Given, extra_credit: float) -> GradeRecord:
    notebook, cell = answer.question.notebook, answer.question.cell
    machine = without_mark(record, notebook, cell)
    return with_marks(machine, {(record.learner, notebook, cell): Mark(given.points, extra_credit)})


def _note(marking: Marking, answer: Answer, given: Given, signed: Signed) -> None:
    entry = {
        "at": signed.at.isoformat(),
        "attempt": answer.attempt,
        "by": signed.by,
        "cell": answer.question.cell,
        "comment": given.comment,
        "items": signed.items,
        "learners": answer.members,
        "notebook": answer.question.notebook,
        "points": given.points,
    }
    journal.append(marking.journal, entry)
