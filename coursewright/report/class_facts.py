"""What is to be said of some assignments of a course, whether or not it has a ``course.toml``."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from authoring.course import Course
from authoring.course_file import FILE_NAME, load_course
from authoring.errors import CoursewrightError
from authoring.toml_shape import nearest
from autograder.arranged import read_arranged
from autograder.record import GradeRecord, read_records
from autograder.roster import read_roster
from coursewright.report.assignment_facts import AssignmentFacts, GradingTime, assignment_facts, bare_facts
from coursewright.report.facts import Task, assignment_tasks
from coursewright.report.people_facts import Work, notes, record_work
from coursewright.timings import read as read_timings


@dataclass(frozen=True)
class Row:
    """One learner."""

    id: str
    work: tuple[Work, ...]  # in the order of the assignments
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ClassFacts:
    """What a page about some assignments says."""

    title: str
    about: str
    tasks: tuple[Task, ...]  # the most urgent first
    assignments: tuple[AssignmentFacts, ...]
    rows: tuple[Row, ...]


def class_facts(root: Path, assignment: str = "") -> ClassFacts:
    """What the records of one assignment say, or of all that have any.

    Args:
        root: a course folder; it need not have a ``course.toml``.
        assignment: the name of a folder below ``source/``.

    Raises:
        CoursewrightError: nothing was graded, or a file of the course cannot be read.
    """
    from authoring import nbgrader_api  # here, for it is slow to import

    layout = nbgrader_api.open_course(root)
    course = load_course(root) if (root / FILE_NAME).is_file() else None
    wanted = [assignment] if assignment else _graded(root)
    records = [record for name in wanted for record in read_records(root / "records" / name)]
    if not records:
        raise CoursewrightError(f"{root / 'records'}: {_nothing(root, assignment)}")
    learners = sorted(read_roster(layout, wanted).learners | {record.learner for record in records})
    times, arranged = read_timings(root), read_arranged(layout, course)
    assignments = tuple(_facts(course, name, records, len(learners), times.get(name)) for name in wanted)
    free = {learner: arranged.excused(learner, course) if course else frozenset() for learner in learners}
    where = f"{course.title}, run {course.run}" if course else root.resolve().name
    return ClassFacts(
        title=assignments[0].title if assignment else where,
        about=f"{where}. {len(records)} records of {len(learners)} learners.",
        tasks=tuple(assignment_tasks(assignments)),
        assignments=assignments,
        rows=tuple(_row(learner, wanted, records, free[learner]) for learner in learners),
    )


def _graded(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "records").glob("*") if path.is_dir())


def _nothing(root: Path, assignment: str) -> str:
    if not assignment:
        return "nothing was graded yet; run `coursewright grade` first."
    known = nearest(assignment, _graded(root))
    return f"nothing of {assignment} was graded yet{known}; run `coursewright grade` first, or correct the name."


def _facts(
    course: Course | None, name: str, records: Sequence[GradeRecord], learners: int, time: GradingTime | None
) -> AssignmentFacts:
    known = {each.id: each for each in course.assignments} if course else {}
    if course and name in known:
        return assignment_facts(course, known[name], records, learners, time)
    return bare_facts(name, records, learners, time)


def _row(learner: str, wanted: Sequence[str], records: Sequence[GradeRecord], excused: frozenset[str]) -> Row:
    own = [record for record in records if record.learner == learner]
    work = [Work(name, None, None, "excused") if name in excused else record_work(name, own) for name in wanted]
    said = notes(own)
    prefix = f"{wanted[0]}: " if len(wanted) == 1 else ""
    return Row(learner, tuple(work), tuple(note.removeprefix(prefix) for note in said))
