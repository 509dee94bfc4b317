"""How, and by when, what is missing can still be had: what the rules and the learner's evidence tell, and no more.

When a run or an exam is held next is not known here, and is said not to be.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import ceil

from authoring.program import AllOf, AnyOf, CombinedPass, CoursePass, ExamPass, NOf, Program, Requirement, Unknown
from release.rounding import per_cent
from release.rules.combined import era_of, is_coursework
from release.rules.evidence import Evidence, Rules, attempts_at, years_later
from release.rules.exam import attempts_that_count
from release.rules.reasons import Chance, Reason

_NEXT_RUN = "when the next run is held is not known here"
_NEXT_EXAM = "when it is held next is not known here"


def outlook(
    program: Program, rules: Rules, evidence: Evidence, reasons: Sequence[Reason], today: date
) -> tuple[Chance, ...]:
    """The chances of everything that is not met, in the program's order; nothing once the credential is earned."""
    met = {reason.place: reason.met for reason in reasons}
    return tuple(_chances(program.requirement, "", met, rules, evidence, today))


def _chances(
    requirement: Requirement, place: str, met: Mapping[str, bool], rules: Rules, evidence: Evidence, today: date
) -> Iterator[Chance]:
    if met.get(place, True):  # the parts of a list that asks for nothing have no reasons of their own
        return
    match requirement:
        case CoursePass():
            yield _course(requirement, place, today)
        case ExamPass():
            yield _exam(requirement, place, rules, evidence, today)
        case CombinedPass():
            yield _combined(requirement, place, rules, evidence, today)
        case Unknown():
            yield Chance(place=place, possible=None, by=None, text="not before the rule is known")
        case AllOf() | NOf() | AnyOf():
            for number, part in enumerate(requirement.of, start=1):
                yield from _chances(part, f"{place}.{number}".lstrip("."), met, rules, evidence, today)


def _course(requirement: CoursePass, place: str, today: date) -> Chance:
    ends = [requirement.until, *(each.until for each in requirement.substitutes)]
    by = None if None in ends else max(end for end in ends if end is not None)
    if by is not None and by < today:
        return _over(place, by, f"not any more: only runs that ended by {by} count")
    limit = "" if by is None else f" that ends by {by}"
    text = f"in another run{limit}, as a verified learner; {_NEXT_RUN}"
    return Chance(place=place, possible=True, by=by, text=text)


def _exam(requirement: ExamPass, place: str, rules: Rules, evidence: Evidence, today: date) -> Chance:
    if requirement.until is not None and requirement.until < today:
        return _over(place, requirement.until, f"not any more: only exams taken by {requirement.until} count")
    said = []
    if requirement.attempts is not None:
        left = requirement.attempts - attempts_that_count(requirement, evidence).used
        if left < 1:
            used = f"not any more: all {requirement.attempts} attempts are used"
            return Chance(place=place, possible=False, by=None, text=f"{used}; only a person can grant another")
        said.append(f"{left} of {requirement.attempts} attempts left")
    ends = {} if requirement.valid_years is None else _ends(requirement, rules, evidence)
    by = min((end for end in (*ends.values(), requirement.until) if end is not None and end >= today), default=None)
    said += _validity(requirement, ends, today)
    if by is not None:
        out = [course for course, end in ends.items() if end == by]
        why = f", when the pass of {', '.join(out)} runs out" if out else ""
        said.append(f"to be taken by {by}{why}")
    return Chance(place=place, possible=True, by=by, text="; ".join([*said, _NEXT_EXAM]))


def _ends(requirement: ExamPass, rules: Rules, evidence: Evidence) -> dict[str, date | None]:
    """The last day on which each course's pass is valid; None without a pass."""
    years = requirement.valid_years or 0
    return {
        course: max((years_later(each.grade.earned_on, years) for each in rules.passes(course, evidence)), default=None)
        for course in requirement.valid_courses
    }


def _validity(requirement: ExamPass, ends: Mapping[str, date | None], today: date) -> Iterator[str]:
    lacking = [course for course, end in ends.items() if end is None]
    if lacking:
        yield f"{', '.join(lacking)} to be passed before it"
    for course, end in ends.items():
        if end is not None and end < today:
            yield f"the pass of {course} ran out on {end} ({requirement.valid_years} years), so pass it again before it"


def _combined(requirement: CombinedPass, place: str, rules: Rules, evidence: Evidence, today: date) -> Chance:
    era = era_of(rules, today)
    if era is None:
        return Chance(place=place, possible=None, by=None, text="it is not known which rule is in force now")
    said = [f'in another run, as a verified learner, by the rule "{era.title}"']
    if era.earlier_parts and era.minimum is not None and era.course_weight and era.exam_weight:
        weights, needed = (Fraction(era.course_weight), Fraction(era.exam_weight)), Fraction(era.minimum)
        grades = evidence.valid.get(requirement.course, ())
        courses = [Fraction(each.grade.grade) for each in grades if is_coursework(each, rules)]
        exams = [each.share for each in attempts_at(requirement.course, requirement.exam, evidence)]
        if courses:
            said.append(_other("coursework", "exam", max(courses), (needed - weights[0] * max(courses)) / weights[1]))
        if exams:
            said.append(_other("exam", "coursework", max(exams), (needed - weights[1] * max(exams)) / weights[0]))
    by = era.until
    return Chance(place=place, possible=True, by=by, text="; ".join([*said, _NEXT_RUN]))


def _other(have: str, need: str, share: Fraction, needed: Fraction) -> str:
    """How much the other part needs, rounded up so that it is never too little."""
    if needed > 1:
        return f"the {have} at hand ({per_cent(share)}) is too little whatever the {need} brings"
    least = Fraction(ceil(max(needed, Fraction(0)) * 10_000), 10_000)
    return f"with the {have} at hand ({per_cent(share)}) the {need} needs {per_cent(least)}"


def _over(place: str, by: date, text: str) -> Chance:
    return Chance(place=place, possible=False, by=by, text=text)
