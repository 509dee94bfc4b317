"""The verified grades of a run, put together from what lies in its course's folder."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from authoring.course import AssignmentKind, Course
from authoring.errors import CoursewrightError
from coursewright.exam_room import ENROLMENTS

if TYPE_CHECKING:
    from authoring.nbgrader_api import NbgraderCourse
    from autograder.arranged import Arranged
    from autograder.record import GradeRecord
    from exam_bank.sittings.result import SittingResult
    from release.verified_grade import VerifiedGrade


@dataclass(frozen=True)
class RunGrades:
    """Who has a verified grade, and why the others have none."""

    grades: tuple["VerifiedGrade", ...]
    without: dict[str, str]  # learner -> why


def run_grades(root: Path, course: Course, *, at: datetime) -> RunGrades:
    """The verified grades of everybody who is enrolled, in the order of the enrolments.

    What is missing earns nothing, so nothing may only seem to be missing: the run has to be over, and whatever was
    handed in has to be graded.

    Raises:
        CoursewrightError: the run is not over, or the enrolments, a record or a form cannot be read.
    """
    from authoring import nbgrader_api
    from autograder.arranged import read_arranged
    from release.enrolment import read_enrolments
    from release.verified_grade import NotVerifiedError, verified_grade

    _check_that_it_is_over(root, course, at)
    layout, records = nbgrader_api.open_course(root), _records(root)
    sittings = sittings_by_learner(root, course)
    arranged = read_arranged(layout, course)
    grades, without = [], {}
    for enrolment in read_enrolments(root / ENROLMENTS):
        learner = enrolment.learner
        if waits := _ungraded(layout, course, arranged, learner, records.get(learner, ())):
            without[learner] = f"{waits} was handed in and is not graded yet"
            continue
        if extended := _extended(course, arranged, learner, at):
            without[learner] = extended
            continue
        try:
            own, sat = records.get(learner, ()), sittings.get(learner, ())
            excused = arranged.excused(learner, course)
            grades.append(verified_grade(course, enrolment, own, sat, excused))
        except NotVerifiedError as error:
            without[learner] = error.reason
    return RunGrades(tuple(grades), without)


def grade_of(root: Path, course: Course, learner: str, *, at: datetime) -> "VerifiedGrade":
    """The learner's verified grade.

    Raises:
        CoursewrightError: there is none.
    """
    found = run_grades(root, course, at=at)
    for grade in found.grades:
        if grade.learner == learner:
            return grade
    why = found.without.get(learner, f"there is no such learner in {root / ENROLMENTS}")
    raise CoursewrightError(f"{learner} has no verified grade in {course.id} ({course.run}): {why}.")


def _check_that_it_is_over(root: Path, course: Course, at: datetime) -> None:
    end = course.instant(datetime.combine(course.ends, time.max))
    for assignment in course.assignments:
        until = course.due_at(assignment) or end
        if assignment.category is not None and at < until:
            when = until.astimezone(course.zone)
            raise CoursewrightError(
                f"{root / 'course.toml'}: {assignment.id} is open until {when:%Y-%m-%d %H:%M %Z}, so what is missing "
                "may still come; add the grades after that."
            )


def _ungraded(
    layout: "NbgraderCourse", course: Course, arranged: "Arranged", learner: str, records: "Sequence[GradeRecord]"
) -> str:
    """The first assignment that counts whose submission has no record of its own, or nothing."""
    from autograder.groups import who_counts
    from autograder.submission import read_submission

    graded = {(record.assignment, record.attempt) for record in records}
    for assignment in course.assignments:
        counts = who_counts(layout, assignment.id, arranged.groups_of(assignment.id), learner)
        folder = layout.submitted(counts, assignment.id)
        if assignment.category is None or not folder.is_dir():
            continue
        if (assignment.id, read_submission(folder, counts).hash) not in graded:
            return assignment.id
    return ""


def _extended(course: Course, arranged: "Arranged", learner: str, at: datetime) -> str:
    """The first assignment that counts and that the learner may still hand in, or nothing."""
    from autograder.arrangements import terms

    for assignment in course.assignments:
        if assignment.category is None or assignment.kind is AssignmentKind.EXAM:
            continue
        due = terms(arranged.arrangements, learner, assignment.id, course.due_at(assignment)).due
        if due is not None and at < due:
            return f"{assignment.id} is open until {due.astimezone(course.zone):%Y-%m-%d %H:%M %Z} for this learner"
    return ""


def _records(root: Path) -> dict[str, list["GradeRecord"]]:
    from autograder.record import read_records

    found: dict[str, list[GradeRecord]] = defaultdict(list)
    for record in read_records(root / "records"):
        found[record.learner].append(record)
    return found


def sittings_by_learner(root: Path, course: Course) -> dict[str, list["SittingResult"]]:
    """The result of every attempt at the course's exams, by learner."""
    from coursewright.report.exam_files import read_exam

    found: dict[str, list[SittingResult]] = defaultdict(list)
    for assignment in course.assignments:
        if assignment.kind is AssignmentKind.EXAM:
            for sat in read_exam(root, assignment.id):
                found[sat.grade.result.learner].append(sat.grade.result)
    return found
