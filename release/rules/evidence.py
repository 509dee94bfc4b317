"""One learner's evidence, sorted for judging: what may count, by course, and what never does and why."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from authoring.program import AllOf, AnyOf, CoursePass, Era, NOf, Program, Requirement, Substitute, within
from release.entry import ExamEntry
from release.replay import RecordedGrade


@dataclass(frozen=True)
class Evidence:
    """The grades of one learner by course, each list in the ledger's order."""

    valid: Mapping[str, Sequence[RecordedGrade]]
    never: Mapping[str, Sequence[RecordedGrade]]  # audit attempts, and what was withdrawn

    def set_aside(self, course: str, others: Iterable[str] = ()) -> str:
        """What does not count of a course, to be added to a sentence; ``others`` says what else does not."""
        said = [f"run {each.grade.run} ({why_invalid(each)})" for each in self.never.get(course, ())]
        said += others
        return f"; set aside: {', '.join(said)}" if said else ""


def sorted_out(grades: Iterable[RecordedGrade]) -> Evidence:
    """The evidence in a learner's grades, whatever their order."""
    valid: dict[str, list[RecordedGrade]] = defaultdict(list)
    never: dict[str, list[RecordedGrade]] = defaultdict(list)
    for each in sorted(grades, key=lambda recorded: recorded.index):
        (never if why_invalid(each) else valid)[each.grade.course].append(each)
    return Evidence(valid, never)


def why_invalid(recorded: RecordedGrade) -> str:
    """Why a grade can never count, or nothing."""
    if recorded.withdrawn:
        return f"withdrawn: {recorded.withdrawn}"
    if recorded.grade.track != "verified":
        return f"the {recorded.grade.track} track never counts"
    return ""


@dataclass(frozen=True)
class Rules:
    """What requirements refer to beyond themselves."""

    eras: tuple[Era, ...]
    stand_ins: Mapping[str, tuple[Substitute, ...]]  # by the course that they stand in for

    def passes(self, course: str, evidence: Evidence) -> list[RecordedGrade]:
        """Verified passes of a course, or of what stands in for it."""
        found = [each for each in evidence.valid.get(course, ()) if each.grade.passed]
        for other in self.stand_ins.get(course, ()):
            found += [each for each in stood_in(other, evidence) if each.grade.passed]
        return found


def rules_of(program: Program) -> Rules:
    """What the program's requirements refer to."""
    stand_ins: dict[str, tuple[Substitute, ...]] = {}
    _collect(program.requirement, stand_ins)
    return Rules(program.eras, stand_ins)


def _collect(requirement: Requirement, into: dict[str, tuple[Substitute, ...]]) -> None:
    match requirement:
        case CoursePass():
            into[requirement.course] = (*into.get(requirement.course, ()), *requirement.substitutes)
        case AllOf() | NOf() | AnyOf():
            for part in requirement.of:
                _collect(part, into)


def stood_in(other: Substitute, evidence: Evidence) -> list[RecordedGrade]:
    """The verified attempts at a substitute on the days on which it is one."""
    attempts = evidence.valid.get(other.course, ())
    return [each for each in attempts if within(each.grade.earned_on, other.since, other.until)]


@dataclass(frozen=True)
class Attempt:
    """One verified exam attempt within the grade that it was recorded with."""

    exam: ExamEntry
    recorded: RecordedGrade

    @property
    def share(self) -> Fraction:
        """What was earned, as a fraction of the exam's points."""
        return _share(self.exam.score, self.exam.max_score)

    @property
    def day(self) -> date:
        """The day on which the exam was taken, in UTC."""
        return self.exam.taken_at.astimezone(UTC).date()


@lru_cache(maxsize=65_536)
def _share(score: Decimal, most: Decimal) -> Fraction:
    return Fraction(score) / Fraction(most)


def attempts_at(course: str, exam: str, evidence: Evidence) -> list[Attempt]:
    """Every verified attempt at an exam, in the ledger's order."""
    return [
        Attempt(each, recorded)
        for recorded in evidence.valid.get(course, ())
        for each in recorded.grade.exams
        if each.exam == exam and each.max_score > 0
    ]


def years_later(day: date, years: int) -> date:
    """The same day so many years later; of 29 February, the 1 March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
