"""An exam: only attempts that the proctor verified, the first so many if their number is limited, the best counts.

Where courses have to be valid on the day of the exam, each needs a verified pass whose run had ended by then, and not
longer ago than the rule says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from authoring.program import ExamPass, within
from release.rounding import decimal, per_cent
from release.rules.evidence import Attempt, Evidence, Rules, attempts_at, years_later
from release.rules.reasons import Counted, Reason


@dataclass(frozen=True)
class Sat:
    """The attempts at an exam: those that may count, and those that are more than one may have."""

    counting: Sequence[Attempt]  # in the ledger's order
    used: int  # of the attempts that one may have
    aside: Sequence[str]


def judge_exam(requirement: ExamPass, rules: Rules, evidence: Evidence, place: str) -> Reason:
    """Whether the exam is passed."""
    title = requirement.title or f"{requirement.exam} of {requirement.course}"
    sat = attempts_that_count(requirement, evidence)
    aside = evidence.set_aside(requirement.course, sat.aside)
    of = f", the best of {len(sat.counting)} verified attempts" if len(sat.counting) > 1 else ""
    lacking = {id(each): _lacking(requirement, each, rules, evidence) for each in sat.counting}
    passed = [each for each in sat.counting if not lacking[id(each)]]
    if passed:
        best = max(passed, key=lambda each: each.share)  # the first of equals
        text = f"{title}: passed with {said(best)} (ledger entry {best.recorded.index}){of}{aside}"
        return Reason(place=place, met=True, text=text, counts=_counted(title, best))
    if sat.counting:
        best = max(sat.counting, key=lambda each: each.share)
        text = f"{title}: not passed: {said(best)}{of}, {lacking[id(best)]}{aside}"
        return Reason(place=place, met=False, text=text)
    needed = "" if requirement.minimum_score is None else f", {per_cent(requirement.minimum_score)} needed"
    return Reason(place=place, met=False, text=f"{title}: no verified attempt{needed}{aside}")


def attempts_that_count(requirement: ExamPass, evidence: Evidence) -> Sat:
    """The attempts on the rule's days, without those that are more than one may have."""
    every = attempts_at(requirement.course, requirement.exam, evidence)
    beyond: set[int] = set()
    aside = []
    if requirement.attempts is not None and len(every) > requirement.attempts:
        in_time = sorted(every, key=lambda each: each.exam.taken_at)
        beyond = {id(each) for each in in_time[requirement.attempts :]}
        aside = [
            f"attempt {each.exam.attempt} of run {each.recorded.grade.run} (one may have {requirement.attempts})"
            for each in in_time[requirement.attempts :]
        ]
    counting = []
    for each in every:
        if not within(each.day, requirement.since, requirement.until):
            where = f"attempt {each.exam.attempt} of run {each.recorded.grade.run}"
            aside.append(f"{where} (taken {each.day}, when another rule held)")
        elif id(each) not in beyond:
            counting.append(each)
    return Sat(counting, len(every) - len(beyond), aside)


def said(attempt: Attempt) -> str:
    """An attempt in words: its score, its number, its run and its day."""
    taken = f"taken {attempt.day}"
    where = f"attempt {attempt.exam.attempt} of run {attempt.recorded.grade.run}"
    return f"{per_cent(attempt.share)} in {where}, {taken}"


def _lacking(requirement: ExamPass, attempt: Attempt, rules: Rules, evidence: Evidence) -> str:
    """What the attempt lacks to be a pass, or nothing."""
    grade = attempt.recorded.grade
    bar = grade.pass_mark if requirement.minimum_score is None else requirement.minimum_score
    if attempt.share < Fraction(bar):
        return f"{per_cent(bar)} needed"
    years = requirement.valid_years or 0
    day = attempt.day
    expired = [each for each in requirement.valid_courses if not _valid(each, day, years, rules, evidence)]
    if not expired:
        return ""
    return f"but on that day there was no pass of {', '.join(expired)} that was at most {years} years old"


def _valid(course: str, day: date, years: int, rules: Rules, evidence: Evidence) -> bool:
    return any(
        each.grade.earned_on <= day <= years_later(each.grade.earned_on, years)
        for each in rules.passes(course, evidence)
    )


def _counted(title: str, best: Attempt) -> Counted:
    return Counted(
        title=title,
        score=decimal(best.share),
        course=best.recorded.grade.course,
        run=best.recorded.grade.run,
        exam=best.exam.exam,
        attempt=best.exam.attempt,
        on=best.day,
        entry=best.recorded.index,
        leaf=best.recorded.leaf,
    )
