"""Another evaluator of programs: it tries every choice of parts and every piece of evidence, and explains nothing.

It shares no code with ``release``: plain loops over what is in the ledger, each rule as the page on programs has it.
"""

from collections.abc import Sequence
from datetime import UTC, date
from fractions import Fraction
from itertools import combinations

from authoring.program import AllOf, AnyOf, CombinedPass, CoursePass, ExamPass, Program, Requirement, Unknown
from release.entry import ExamEntry
from release.replay import RecordedGrade


def met(program: Program, grades: Sequence[RecordedGrade]) -> bool:
    """Whether the evidence meets the program."""
    counting = sorted((g for g in grades if not g.withdrawn and g.grade.track != "audit"), key=lambda g: g.index)
    return _met(program.requirement, program, counting)


def _met(needed: Requirement, program: Program, grades: Sequence[RecordedGrade]) -> bool:
    if isinstance(needed, Unknown):
        return False
    if isinstance(needed, CoursePass):
        return any(_course(needed, g) for g in grades)
    if isinstance(needed, ExamPass):
        return any(_exam(needed, program, grades, g, e) for g, e in _sat(needed, grades))
    if isinstance(needed, CombinedPass):
        return any(_combined(program, c, g, e) for c in _of(needed.course, grades) for g, e in _sat(needed, grades))
    size = {AllOf: len(needed.of), AnyOf: 1}.get(type(needed), getattr(needed, "n", 0))
    if size < 1:
        return False
    return any(all(_met(part, program, grades) for part in some) for some in combinations(needed.of, size))


def _of(course: str, grades: Sequence[RecordedGrade]) -> list[RecordedGrade]:
    return [g for g in grades if g.grade.course == course]


def _sat(needed: ExamPass | CombinedPass, grades: Sequence[RecordedGrade]) -> list[tuple[RecordedGrade, ExamEntry]]:
    return [(g, e) for g in _of(needed.course, grades) for e in g.grade.exams if e.exam == needed.exam]


def _between(day: date, first: date | None, last: date | None) -> bool:
    return not (first and day < first) and not (last and day > last)


def _names(needed: CoursePass, g: RecordedGrade) -> bool:
    if g.grade.course == needed.course and _between(g.grade.earned_on, needed.since, needed.until):
        return True
    return any(g.grade.course == s.course and _between(g.grade.earned_on, s.since, s.until) for s in needed.substitutes)


def _course(needed: CoursePass, g: RecordedGrade) -> bool:
    bar = max(Fraction(g.grade.pass_mark), Fraction(needed.minimum_grade or 0))
    return _names(needed, g) and Fraction(g.grade.grade) >= bar


def _exam(needed: ExamPass, program: Program, grades: Sequence[RecordedGrade], g: RecordedGrade, e: ExamEntry) -> bool:
    day = e.taken_at.astimezone(UTC).date()
    bar = g.grade.pass_mark if needed.minimum_score is None else needed.minimum_score
    if Fraction(e.score) < Fraction(bar) * Fraction(e.max_score) or not _between(day, needed.since, needed.until):
        return False
    every = _sat(needed, grades)
    here = next(i for i, (_, other) in enumerate(every) if other is e)
    earlier = [i for i, (_, other) in enumerate(every) if (other.taken_at, i) < (e.taken_at, here)]
    if needed.attempts is not None and len(earlier) >= needed.attempts:
        return False
    return all(
        any(_still_valid(course, needed.valid_years, program, other, day) for other in grades)
        for course in needed.valid_courses
    )


def _still_valid(course: str, years: int | None, program: Program, g: RecordedGrade, day: date) -> bool:
    ended = g.grade.earned_on
    last = (ended.year + (years or 0), ended.month, ended.day)
    named = g.grade.course == course or any(
        g.grade.course == s.course and _between(ended, s.since, s.until)
        for leaf in _leaves(program.requirement)
        if isinstance(leaf, CoursePass) and leaf.course == course
        for s in leaf.substitutes
    )
    return named and g.grade.passed and ended <= day and (day.year, day.month, day.day) <= last


def _leaves(needed: Requirement) -> list[Requirement]:
    parts = getattr(needed, "of", None)
    return [needed] if parts is None else [leaf for part in parts for leaf in _leaves(part)]


def _combined(program: Program, c: RecordedGrade, g: RecordedGrade, e: ExamEntry) -> bool:
    ended = max(c.grade.earned_on, g.grade.earned_on)
    for era in program.eras:
        if not _between(ended, era.since, era.until):
            continue
        if c.index != g.index and not era.earlier_parts:
            return False
        if era.exam_inside:
            return c.grade.passed and Fraction(c.grade.grade) >= Fraction(era.minimum or 0)
        own = [other for other in program.eras if _between(c.grade.earned_on, other.since, other.until)]
        if not own or own[0].exam_inside:
            return False
        share = Fraction(e.score) / Fraction(e.max_score)
        if era.both_passed and not (c.grade.passed and share >= Fraction(g.grade.pass_mark)):
            return False
        total = Fraction(era.course_weight) * Fraction(c.grade.grade) + Fraction(era.exam_weight) * share
        return total >= Fraction(era.minimum or 0)
    return False
