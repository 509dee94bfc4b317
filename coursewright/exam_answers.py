"""What learners answered in an exam, for statistics: from its attempts or from a CSV file."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from authoring.course import Course
from authoring.errors import CoursewrightError
from coursewright.report.exam_files import Sat, read_exam
from exam_bank.sittings.result import SittingState
from exam_bank.statistics.answers import Answers, read_answers
from exam_bank.statistics.attempts import Attempt, answers_of_attempts, variants_of_attempts
from exam_bank.statistics.variants import Variants

_SET_ASIDE = {SittingState.REJECTED, SittingState.NO_SHOW}


@dataclass(frozen=True)
class Found:
    """Answers, a sentence on where they are from, and how the variants of each item did."""

    answers: Answers
    about: str
    variants: Mapping[str, Variants]


def answers_of(root: Path, course: Course, exam: str, file: Path | None = None) -> Found:
    """What learners answered.

    Of the exam's attempts those count that are over, wholly marked and not rejected; the first of each learner.

    Raises:
        CoursewrightError: there is none, or the file is no table of answers.
    """
    if file is not None:
        return Found(read_answers(file), f"{course.title}: answers from {file.name}.", {})
    attempts = first_attempts(read_exam(root, exam))
    if not attempts:
        raise CoursewrightError(
            f"{root}: no attempt at {exam} is over and wholly marked yet; hold the exam first, or name a file of "
            "answers with --responses."
        )
    answers = from_attempts(attempts)
    about = f"{course.title}, run {course.run}: first attempts that are over and wholly marked."
    return Found(answers, about, variants_of_attempts(answers, _graded(attempts)))


def first_attempts(sat: Sequence[Sat]) -> list[Sat]:
    """The first attempt of each learner that is over, wholly marked and not rejected."""
    scored = [each for each in sat if each.grade.result.score is not None and each.sitting.state not in _SET_ASIDE]
    return list({each.grade.result.learner: each for each in reversed(scored)}.values())[::-1]


def from_attempts(attempts: Sequence[Sat]) -> Answers:
    """The answers of graded attempts."""
    return answers_of_attempts(_graded(attempts))


def _graded(attempts: Sequence[Sat]) -> list[Attempt]:
    return [(each.form, each.grade) for each in attempts]


def read_groups(path: Path) -> dict[str, str]:
    """A group for each learner, from a CSV file with the columns learner and group.

    Raises:
        CoursewrightError: it is no such file, or a learner stands in it twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
    except OSError as error:
        raise CoursewrightError(f"{path}: it cannot be read ({error.strerror}).") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise CoursewrightError(f"{path}: it is no CSV file in UTF-8 ({error}).") from error
    if not rows or not {"learner", "group"} <= set(rows[0]):
        raise CoursewrightError(f"{path}: the first line must be learner,group, with a row for each learner below.")
    groups: dict[str, str] = {}
    for row in rows:
        learner, group = (row["learner"] or "").strip(), (row["group"] or "").strip()
        if learner in groups:
            raise CoursewrightError(f"{path}: {learner[:40]!r} stands in it twice; keep one row.")
        if group:
            groups[learner] = group
    if len(set(groups.values())) < 2:
        raise CoursewrightError(f"{path}: there must be two groups at least to compare.")
    return groups
