"""What a summary of work says: the attempts that the learner chose to show, as the ledger has them in force.

Everything comes from the ledger. An attempt is taken whole: score, run, date and exams are those of one entry. What was
withdrawn is never shown. What the learner did not choose leaves no trace: neither a failed attempt nor, through the
number of a later one, that there was an earlier one.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from authoring.errors import CoursewrightError
from release.entry import ExamEntry, GradeEntry
from release.replay import RecordedGrade

if TYPE_CHECKING:
    from authoring.program import Program, Requirement
    from release.eligibility import LedgerView


class SummaryError(CoursewrightError):
    """There is no such summary."""


class Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One course that the learner chose to show, and how much of it. What is not chosen is not shown."""

    course: str
    run: str = ""  # empty: every run of the course
    scores: bool = False  # the grade and the points; otherwise only that it was passed, and when
    exams: bool = False  # the exam attempts that the proctor verified
    failed: bool = False  # attempts that were not passed too, and the numbers of exam attempts


class ShownExam(msgspec.Struct, frozen=True, kw_only=True):
    """One exam attempt that the proctor verified."""

    exam: str
    title: str
    attempt: int | None  # None: not shown
    taken_on: date  # in UTC
    passed: bool  # by the pass mark of its run
    score: Decimal | None = None  # points; None: not shown
    max_score: Decimal | None = None


class ShownAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at a course, whole."""

    course: str
    title: str
    run: str
    ended: date
    passed: bool
    pass_mark: Decimal  # fraction
    grade: Decimal | None  # fraction; None: not shown
    exams: tuple[ShownExam, ...]
    entry: int  # of the ledger
    leaf: str  # hex


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown, in the order in which the runs ended."""

    subject: str  # what stands for the learner in the ledger
    attempts: tuple[ShownAttempt, ...]

    @property
    def basis(self) -> tuple[str, ...]:
        """The leaves of the ledger's entries that it rests on."""
        return tuple(attempt.leaf for attempt in self.attempts)


def summary(
    ledger: "LedgerView", learner: str, choices: Iterable[Choice], titles: Mapping[str, str] | None = None
) -> Summary:
    """What the learner chose to show.

    Args:
        ledger: has the grades. It knows nothing of a learner who was forgotten, so that there is no summary either.
        learner: whose summary it is.
        choices: what to show, each run once.
        titles: the names of courses (by id) and exams (by ``course/exam``); without one, the id is shown.

    Raises:
        SummaryError: nothing is chosen, or the ledger has nothing of what is chosen.
    """
    grades = ledger.grades_of(learner)
    if not grades:
        raise SummaryError(f"{learner}: the ledger holds no grade of this learner, so there is nothing to summarise.")
    shown: dict[int, ShownAttempt] = {}
    for choice in choices:
        found = [each for each in grades if _chosen(each, choice)]
        if not found:
            raise SummaryError(_why_nothing(learner, choice, grades))
        for each in found:
            if each.index in shown:
                raise SummaryError(f"{learner}: {_named(choice)} is chosen twice; choose each run once.")
            shown[each.index] = _attempt(each, choice, titles or {})
    if not shown:
        raise SummaryError(f"{learner}: no course is chosen; nothing is shown that the learner did not choose.")
    ordered = sorted(shown.values(), key=lambda each: (each.ended, each.entry))
    return Summary(subject=grades[0].grade.subject, attempts=tuple(ordered))


def read_choices(file: Path) -> tuple[Choice, ...]:
    """The choices in a TOML file: a ``[[courses]]`` table for each, with the fields of :class:`Choice`.

    Raises:
        SummaryError: it cannot be read, or says something else.
    """
    try:
        read = msgspec.convert(tomllib.loads(file.read_text("utf-8")), type=_ChoiceFile)
    except OSError as error:
        raise SummaryError(f"{file}: this cannot be read ({error.strerror}).") from error
    except (msgspec.ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SummaryError(
            f"{file}: {error}; it holds a [[courses]] table for each, with course, and run, scores, exams, failed."
        ) from error
    return read.courses


def titles_of(program: "Program") -> dict[str, str]:
    """The names of courses and exams that a program gives, as :func:`summary` takes them."""
    return dict(_titles(program.requirement))


class _ChoiceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    courses: tuple[Choice, ...]


def _titles(requirement: "Requirement") -> Iterator[tuple[str, str]]:
    from authoring.program import CoursePass, ExamPass

    match requirement:
        case CoursePass(course=course, title=title) if title:
            yield course, title
        case ExamPass(course=course, exam=exam, title=title) if title:
            yield f"{course}/{exam}", title
    for part in getattr(requirement, "of", ()):
        yield from _titles(part)


def _chosen(recorded: RecordedGrade, choice: Choice) -> bool:
    grade = recorded.grade
    return (
        not recorded.withdrawn
        and grade.track == "verified"
        and grade.course == choice.course
        and choice.run in ("", grade.run)
        and (choice.failed or grade.passed)
    )


def _why_nothing(learner: str, choice: Choice, grades: Sequence[RecordedGrade]) -> str:
    with_failed = msgspec.structs.replace(choice, failed=True)
    if any(_chosen(each, with_failed) for each in grades):
        return f"{learner}: {_named(choice)} was not passed; choose attempts that were not passed, too, to show it."
    return f"{learner}: the ledger has no grade in {_named(choice)} in force; choose among those that it has."


def _named(choice: Choice) -> str:
    return f"{choice.course} ({choice.run})" if choice.run else choice.course


def _attempt(recorded: RecordedGrade, choice: Choice, titles: Mapping[str, str]) -> ShownAttempt:
    grade = recorded.grade
    return ShownAttempt(
        course=grade.course,
        title=titles.get(grade.course, grade.course),
        run=grade.run,
        ended=grade.earned_on,
        passed=grade.passed,
        pass_mark=grade.pass_mark,
        grade=grade.grade if choice.scores else None,
        exams=tuple(_exams(grade, choice, titles)) if choice.exams else (),
        entry=recorded.index,
        leaf=recorded.leaf,
    )


def _exams(grade: GradeEntry, choice: Choice, titles: Mapping[str, str]) -> Iterator[ShownExam]:
    for exam in sorted(grade.exams, key=lambda each: (each.taken_at, each.attempt)):
        passed = _passed(exam, grade.pass_mark)
        if passed or choice.failed:
            yield ShownExam(
                exam=exam.exam,
                title=titles.get(f"{grade.course}/{exam.exam}", exam.exam),
                attempt=exam.attempt if choice.failed else None,
                taken_on=exam.taken_at.astimezone(UTC).date(),
                passed=passed,
                score=exam.score if choice.scores else None,
                max_score=exam.max_score if choice.scores else None,
            )


def _passed(exam: ExamEntry, mark: Decimal) -> bool:
    return exam.max_score > 0 and Fraction(exam.score) >= Fraction(mark) * Fraction(exam.max_score)
