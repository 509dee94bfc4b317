"""A course: the best verified pass counts, of equals the first, so that a later failure hides nothing."""

from collections.abc import Sequence
from decimal import Decimal

from authoring.program import CoursePass, within
from release.replay import RecordedGrade
from release.rounding import per_cent
from release.rules.evidence import Evidence, stood_in
from release.rules.reasons import Counted, Reason


def judge_course(requirement: CoursePass, evidence: Evidence, place: str) -> Reason:
    """Whether the course is passed."""
    title = requirement.title or requirement.course
    attempts = attempts_in_time(requirement, evidence)
    aside = evidence.set_aside(requirement.course, _too_early_or_late(requirement, evidence))
    qualifying = [each for each in attempts if _passes(each, requirement.minimum_grade)]
    if not qualifying:
        return Reason(place=place, met=False, text=f"{title}: {_no_pass(requirement, attempts)}{aside}")
    best = max(qualifying, key=lambda each: each.grade.grade)  # the first of equals
    of = f", the best of {len(attempts)} verified attempts" if len(attempts) > 1 else ""
    said = f"passed with {per_cent(best.grade.grade)} in {_run(best, requirement)} (ledger entry {best.index}){of}"
    counts = Counted(
        title=title,
        score=best.grade.grade,
        course=best.grade.course,
        run=best.grade.run,
        on=best.grade.earned_on,
        entry=best.index,
        leaf=best.leaf,
    )
    return Reason(place=place, met=True, text=f"{title}: {said}{aside}", counts=counts)


def attempts_in_time(requirement: CoursePass, evidence: Evidence) -> list[RecordedGrade]:
    """The verified attempts at the course or a substitute, in the ledger's order."""
    own = evidence.valid.get(requirement.course, ())
    since, until = requirement.since, requirement.until
    found = [each for each in own if within(each.grade.earned_on, since, until)]
    for other in requirement.substitutes:
        found += stood_in(other, evidence)
    return sorted(found, key=lambda each: each.index) if requirement.substitutes else found


def _too_early_or_late(requirement: CoursePass, evidence: Evidence) -> list[str]:
    since, until = requirement.since, requirement.until
    if since is None and until is None:
        return []
    own = evidence.valid.get(requirement.course, ())
    aside = [each.grade for each in own if not within(each.grade.earned_on, since, until)]
    return [f"run {each.run} (it ended on {each.earned_on}, when another rule held)" for each in aside]


def _run(recorded: RecordedGrade, requirement: CoursePass) -> str:
    grade = recorded.grade
    if grade.course == requirement.course:
        return f"run {grade.run}"
    return f"run {grade.run} of {grade.course}, which stands in for {requirement.course}"


def _passes(recorded: RecordedGrade, minimum: Decimal | None) -> bool:
    return recorded.grade.passed and (minimum is None or recorded.grade.grade >= minimum)


def _no_pass(requirement: CoursePass, attempts: Sequence[RecordedGrade]) -> str:
    if not attempts:
        return "no verified attempt"
    best = max(attempts, key=lambda each: each.grade.grade)
    needed = max(best.grade.pass_mark, requirement.minimum_grade or Decimal(0))
    of = f"the best of {len(attempts)} verified attempts" if len(attempts) > 1 else "the one verified attempt"
    where = _run(best, requirement)
    return f"not passed: {of} has {per_cent(best.grade.grade)} in {where}, {per_cent(needed)} needed"
