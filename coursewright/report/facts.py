"""Everything that a report says, gathered once from a course folder and the ledger; nothing is drawn or worded here."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from authoring.course import AssignmentKind, Course
from authoring.course_file import load_course
from authoring.program import Program
from autograder.arranged import Arranged, read_arranged
from autograder.record import read_records
from coursewright.report.assignment_facts import AssignmentFacts, GradingTime, assignment_facts
from coursewright.report.exam_facts import ExamFacts, exam_facts
from coursewright.report.exam_files import Sat, read_exam
from coursewright.report.people_facts import Person, Sources, exam_requirements, people_facts
from exam_bank.item_file import read_bank
from release.enrolment import Enrolment, read_enrolments, suspected_duplicates

__all__ = ["Facts", "GradingTime", "Task", "gather"]


@dataclass(frozen=True)
class Task:
    """Something that a person has to do."""

    what: str
    mend: str
    learners: tuple[str, ...]
    details: tuple[str, ...] = ()  # one for each learner, or none


@dataclass(frozen=True)
class Facts:
    """What a report of one run says."""

    course: Course
    program: Program | None
    tasks: tuple[Task, ...]  # the most urgent first
    assignments: tuple[AssignmentFacts, ...]
    exams: tuple[ExamFacts, ...]
    people: tuple[Person, ...]
    notes: tuple[str, ...] = field(default=())  # how this run came about

    @property
    def eligible(self) -> int:
        """How many have earned the credential."""
        return sum(bool(person.eligible) for person in self.people)

    @property
    def against(self) -> tuple[tuple[str, int], ...]:
        """What speaks against a credential, with how many learners it concerns."""
        counts = Counter(reason for person in self.people for reason in person.against)
        return tuple(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def gather(
    root: Path,
    *,
    ledger: str | None = None,
    program: Program | None = None,
    times: Mapping[str, GradingTime] | None = None,
    notes: Sequence[str] = (),
) -> Facts:
    """Everything that there is to say about a run.

    Args:
        root: the course folder, with ``records/`` and, where there are any, ``enrolments.csv``, forms and sittings.
            Without an enrolment file, whoever handed something in is taken for enrolled, on the audit track.
        ledger: the SQLAlchemy URL of the ledger of verified grades.
        program: whose credential is asked about.
        times: what grading took, by assignment.
        notes: what else the page should say about how it came about.

    Raises:
        CoursewrightError: something in the folder cannot be read.
    """
    from release.ledger import Ledger

    course, records = load_course(root), read_records(root / "records")
    enrolments = _enrolments(root, {record.learner for record in records})
    exams = _exams(root, course)
    with ExitStack() as stack:
        opened = stack.enter_context(Ledger(ledger)) if ledger else None
        sources = Sources(course, records, exams, program, opened, _arranged(root, course))
        people = people_facts(sources, enrolments)
    assignments = tuple(
        assignment_facts(course, each, records, len(enrolments), (times or {}).get(each.id))
        for each in course.assignments
        if each.category is not None and each.kind is not AssignmentKind.EXAM
    )
    found = tuple(_exam_facts(root, course, program, exams))
    tasks = (*_tasks(assignments, found), *_duplicates(enrolments))
    return Facts(course, program, tasks, assignments, found, people, tuple(notes))


def _enrolments(root: Path, known: set[str]) -> Sequence[Enrolment]:
    from release.enrolment import Track

    path = root / "enrolments.csv"
    if path.is_file():
        return read_enrolments(path)
    return [Enrolment(learner=learner, track=Track.AUDIT) for learner in sorted(known)]


def _arranged(root: Path, course: Course) -> Arranged:
    from authoring import nbgrader_api  # here, for it is slow to import

    return read_arranged(nbgrader_api.open_course(root), course)


def _exams(root: Path, course: Course) -> Mapping[str, Sequence[Sat]]:
    exams = [each for each in course.assignments if each.kind is AssignmentKind.EXAM]
    return {each.id: read_exam(root, each.id) for each in exams}


def _exam_facts(
    root: Path, course: Course, program: Program | None, exams: Mapping[str, Sequence[Sat]]
) -> Iterator[ExamFacts]:
    bank = read_bank(root) if any(exams.values()) else None
    for week in course.weeks:
        for each in week.assignments:
            if bank is not None and exams.get(each.id):
                wanted = [one for one in exam_requirements(program) if (one.course, one.exam) == (course.id, each.id)]
                minimum = wanted[0].minimum_score if wanted else None
                mark = course.pass_mark if minimum is None else minimum
                yield exam_facts(each, week.number, mark, exams[each.id], bank)


# What people have to do


def assignment_tasks(assignments: Sequence[AssignmentFacts]) -> Iterator[Task]:
    """What assignments ask of people: the most urgent first."""
    return _tasks(assignments, ())


def _tasks(assignments: Sequence[AssignmentFacts], exams: Sequence[ExamFacts]) -> Iterator[Task]:
    """The most urgent first: what cannot be graded at all, then marks, then reviews, then what may be a mistake."""
    for each in assignments:
        if each.failed:
            yield Task(
                f"{_short(each.title)}: cannot be graded",
                "Ask for the file again, put it below submitted/ and grade again. There is no score; it is not a 0.",
                tuple(incident.learner for incident in each.failed),
                tuple(incident.message for incident in each.failed),
            )
    for each in assignments:
        if each.waiting:
            yield Task(
                f"{_short(each.title)}: free text waits for a mark",
                "Mark it with coursewright mark; or in Formgrader, and then grade again.",
                each.waiting,
            )
    yield from (task for exam in exams for task in _exam_tasks(exam))
    for each in assignments:
        if each.without_notebook:
            yield Task(
                f"{_short(each.title)}: handed in without a notebook",
                "Ask whether a file was forgotten; it counts as not handed in.",
                each.without_notebook,
            )


def _short(title: str) -> str:
    """A title without what follows its colon."""
    return title.partition(":")[0]


def _exam_tasks(exam: ExamFacts) -> Iterator[Task]:
    if exam.waiting_marks:
        yield Task(
            f"{exam.title}: answers wait for a mark",
            "Mark them against the rubric; until then the attempt has no score.",
            exam.waiting_marks,
        )
    if exam.waiting_reviews:
        yield Task(
            f"{exam.title}: the proctor has not decided",
            "Wait for the review; until then the course grade is pending.",
            tuple(learner for learner, _ in exam.waiting_reviews),
            tuple(state for _, state in exam.waiting_reviews),
        )


def _duplicates(enrolments: Sequence[Enrolment]) -> Iterator[Task]:
    for found in suspected_duplicates(enrolments):
        yield Task(
            "Two accounts may be one person",
            f"They have {found.reason}. Look at their identity checks and decide; nothing was decided here.",
            found.learners,
        )
