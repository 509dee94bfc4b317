"""Whether a learner has earned a program's credential, and every reason, in plain words.

The rules: only verified attempts that the ledger has in force count, audit ones and withdrawn ones never; of several
qualifying attempts the best counts (of equals the first), so that a later failure hides nothing; an attempt is taken
whole, with its own score, run and date; an exam counts only if the proctor verified it; a record is judged by the rule
that was in force at its time; a list of requirements that is empty is not met.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from authoring.program import AllOf, AnyOf, CombinedPass, CoursePass, ExamPass, NOf, Program, Requirement, Unknown
from release.replay import RecordedGrade
from release.rules.combined import judge_combined
from release.rules.course import judge_course
from release.rules.evidence import Evidence, Rules, rules_of, sorted_out
from release.rules.exam import judge_exam
from release.rules.outlook import outlook
from release.rules.reasons import Counted, Eligibility, Reason

__all__ = ["Counted", "Eligibility", "GradesInHand", "Judge", "LedgerView", "Reason", "evaluate"]


class LedgerView(Protocol):
    """Where grades come from: a ledger, or grades that were read before (:class:`GradesInHand`)."""

    def grades_of(self, learner: str) -> Sequence[RecordedGrade]:
        """The learner's grades, withdrawn ones included."""


@dataclass(frozen=True)
class GradesInHand:
    """Grades of one learner that were read before; the learner's name plays no part."""

    grades: tuple[RecordedGrade, ...]

    def grades_of(self, learner: str) -> tuple[RecordedGrade, ...]:  # noqa: ARG002  # as the protocol has it
        """All of them."""
        return self.grades


def evaluate(program: Program, ledger: LedgerView, learner: str, *, today: date | None = None) -> Eligibility:
    """Whether the learner has earned the program's credential, by the grades in the ledger.

    Args:
        program: what the credential asks for.
        ledger: the ledger, or grades in hand.
        learner: who asks.
        today: with a day, the answer also says how and by when what is missing can still be had. The decision itself
            never depends on it.
    """
    return Judge(program)(learner, ledger.grades_of(learner), today=today)


class Judge:
    """A program, made ready to judge many learners."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._rules = rules_of(program)

    def __call__(self, learner: str, grades: Sequence[RecordedGrade], *, today: date | None = None) -> Eligibility:
        """As :func:`evaluate`, by all of the learner's grades."""
        evidence = sorted_out(grades)
        reasons = tuple(_judged(self._program.requirement, self._rules, evidence, ""))
        chances = () if today is None else outlook(self._program, self._rules, evidence, reasons, today)
        return Eligibility(
            program=self._program.id, learner=learner, met=reasons[0].met, reasons=reasons, outlook=chances
        )


def _judged(requirement: Requirement, rules: Rules, evidence: Evidence, place: str) -> list[Reason]:
    """The reason for the requirement, then those for its parts."""
    match requirement:
        case CoursePass():
            return [judge_course(requirement, evidence, place)]
        case ExamPass():
            return [judge_exam(requirement, rules, evidence, place)]
        case CombinedPass():
            return [judge_combined(requirement, rules, evidence, place)]
        case Unknown():
            text = f"not known, so it cannot be decided: {requirement.what}"
            return [Reason(place=place, met=False, text=text)]
        case AllOf() | NOf() | AnyOf():
            return _list(requirement, rules, evidence, place)


def _list(requirement: AllOf | NOf | AnyOf, rules: Rules, evidence: Evidence, place: str) -> list[Reason]:
    parts = [
        _judged(part, rules, evidence, f"{place}.{number}".lstrip("."))
        for number, part in enumerate(requirement.of, start=1)
    ]
    met = sum(part[0].met for part in parts)
    needed = _needed(requirement)
    what = f"{requirement.title}: " if requirement.title else ""
    if not parts or needed < 1:
        text = f"{what}no requirements are listed, and what asks for nothing is never met"
        return [Reason(place=place, met=False, text=text)]
    text = f"{what}{met} of {len(parts)} requirements met, {needed} needed"
    return [Reason(place=place, met=met >= needed, text=text), *(reason for part in parts for reason in part)]


def _needed(requirement: AllOf | NOf | AnyOf) -> int:
    match requirement:
        case AllOf():
            return len(requirement.of)
        case NOf():
            return requirement.n
        case AnyOf():
            return 1
