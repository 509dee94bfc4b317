"""A course and its proctored exam that make one grade, by the rule that was in force when it was earned.

The era is that of the last day of the later part's run. Parts of different runs make a grade only where the era says
so. Coursework cannot be taken from a run whose grade holds the exam already. The best grade counts, of equals the
first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from authoring.program import CombinedPass, Era
from release.replay import RecordedGrade
from release.rounding import decimal, per_cent
from release.rules.evidence import Attempt, Evidence, Rules, attempts_at
from release.rules.reasons import Counted, Reason


@dataclass(frozen=True)
class Combined:
    """A course grade and an exam attempt that an era lets make one grade."""

    course: RecordedGrade
    attempt: Attempt
    era: Era
    value: Fraction

    @property
    def day(self) -> date:
        """The last day of the later run, by which the era is found."""
        return max(self.course.grade.earned_on, self.attempt.recorded.grade.earned_on)

    @property
    def lacking(self) -> str:
        """What it lacks to be a pass, or nothing."""
        grade, mark = self.course.grade, self.attempt.recorded.grade.pass_mark
        if (self.era.exam_inside or self.era.both_passed) and not grade.passed:
            return f"but the course was not passed ({per_cent(grade.grade)}, {per_cent(grade.pass_mark)} needed)"
        if self.era.both_passed and self.attempt.share < Fraction(mark):
            return f"but the exam was not passed ({per_cent(self.attempt.share)}, {per_cent(mark)} needed)"
        if self.era.minimum is not None and self.value < Fraction(self.era.minimum):
            return f"{per_cent(self.era.minimum)} needed"
        return ""

    def __str__(self) -> str:
        rule = f'{per_cent(self.value)} by the rule "{self.era.title}"'
        run = f"run {self.course.grade.run}, ledger entry {self.course.index}"
        if self.era.exam_inside:
            return f"{rule}: the course with the exam in it ({run})"
        other = self.attempt.recorded
        sat = f"attempt {self.attempt.exam.attempt}" + (
            "" if other is self.course else f" of run {other.grade.run}, ledger entry {other.index}"
        )
        weights = Fraction(self.era.course_weight or 0), Fraction(self.era.exam_weight or 0)
        course = f"{per_cent(weights[0])} x {per_cent(self.course.grade.grade)} of the course ({run})"
        return f"{rule}: {course} + {per_cent(weights[1])} x {per_cent(self.attempt.share)} of the exam ({sat})"


def judge_combined(requirement: CombinedPass, rules: Rules, evidence: Evidence, place: str) -> Reason:
    """Whether the course and its exam make a pass."""
    title = requirement.title or requirement.course
    aside = evidence.set_aside(requirement.course)
    found = list(combinations_of(requirement, rules, evidence))
    passed = [each for each in found if not each.lacking]
    if passed:
        best = max(passed, key=lambda each: each.value)  # the first of equals
        return Reason(
            place=place, met=True, text=f"{title}: passed with {best}{aside}", counts=_counted(title, requirement, best)
        )
    if found:
        best = max(found, key=lambda each: each.value)
        return Reason(place=place, met=False, text=f"{title}: not passed: {best}, {best.lacking}{aside}")
    return Reason(place=place, met=False, text=f"{title}: {_nothing(requirement, rules, evidence)}{aside}")


def combinations_of(requirement: CombinedPass, rules: Rules, evidence: Evidence) -> Iterator[Combined]:
    """Every grade that the parts at hand make, in the ledger's order."""
    attempts = attempts_at(requirement.course, requirement.exam, evidence)
    for course in evidence.valid.get(requirement.course, ()):
        for attempt in attempts:
            one_run = attempt.recorded is course
            era = era_of(rules, max(course.grade.earned_on, attempt.recorded.grade.earned_on))
            if era is None or not (one_run or era.earlier_parts):
                continue
            if era.exam_inside:
                yield Combined(course, attempt, era, Fraction(course.grade.grade))
            elif is_coursework(course, rules):
                weights = Fraction(era.course_weight or 0), Fraction(era.exam_weight or 0)
                value = weights[0] * Fraction(course.grade.grade) + weights[1] * attempt.share
                yield Combined(course, attempt, era, value)


def is_coursework(recorded: RecordedGrade, rules: Rules) -> bool:
    """Whether a grade is that of the coursework alone, which it is not where the exam was inside."""
    era = era_of(rules, recorded.grade.earned_on)
    return era is not None and not era.exam_inside


def era_of(rules: Rules, day: date) -> Era | None:
    """The era whose rule was in force on a day, or None where that is not known."""
    return next((era for era in rules.eras if era.covers(day)), None)


def _nothing(requirement: CombinedPass, rules: Rules, evidence: Evidence) -> str:
    courses = evidence.valid.get(requirement.course, ())
    attempts = attempts_at(requirement.course, requirement.exam, evidence)
    if not courses:
        return "no verified attempt"
    if not attempts:
        runs = ", ".join(f"{per_cent(each.grade.grade)} in run {each.grade.run}" for each in courses)
        return f"no verified attempt at the exam; of the course there is {runs}"
    return _no_rule(courses, rules) or "the parts at hand are of different runs, and the rule takes them from one only"


def _no_rule(courses: Sequence[RecordedGrade], rules: Rules) -> str:
    unruled = [each.grade for each in courses if era_of(rules, each.grade.earned_on) is None]
    runs = ", ".join(f"{each.run} (ended on {each.earned_on})" for each in unruled)
    return f"it is not known which rule was in force for run {runs}" if unruled else ""


def _counted(title: str, requirement: CombinedPass, best: Combined) -> Counted:
    course, exam = best.course, best.attempt.recorded
    later, other = (exam, course) if exam.grade.earned_on >= course.grade.earned_on else (course, exam)
    return Counted(
        title=title,
        score=decimal(best.value),
        course=requirement.course,
        run=later.grade.run,
        exam=requirement.exam,
        attempt=best.attempt.exam.attempt,
        on=best.day,
        entry=later.index,
        leaf=later.leaf,
        also=None if other is later else other.index,
    )
