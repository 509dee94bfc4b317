"""The demo in two short tables, counted from the facts of the report."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.record import read_records
from coursewright.demo.answers import HOSTILE
from coursewright.demo.hand_in import plans
from coursewright.demo.setting import Setting
from coursewright.output import counted
from coursewright.report.assignment_facts import ENDED, TOO_LONG, AssignmentFacts, Incident
from coursewright.report.facts import Facts


@dataclass(frozen=True)
class Summary:
    """What the demo came to."""

    columns: tuple[str, ...]  # assignments
    rows: tuple[tuple[str, ...], ...]  # what is counted, then a number for each assignment
    credential: str  # heading of the reasons
    reasons: tuple[tuple[str, int], ...]
    hostile: str  # what became of hostile answers


def summary(setting: Setting, facts: Facts) -> Summary:
    """The tables for the terminal."""
    sets, exams = facts.assignments, facts.exams
    people = [len(each.waiting) + len(each.failed) for each in sets]
    exam_people = [len({*each.waiting_marks, *(learner for learner, _ in each.waiting_reviews)}) for each in exams]
    no_exam = ["" for _ in exams]
    rows = (
        _row("handed in", [each.handed_in for each in sets], [_sat(each.states) for each in exams]),
        _row("graded", [each.graded for each in sets], [len(each.scores) for each in exams]),
        _row("passed, of the graded", [each.passed for each in sets], [each.passed for each in exams]),
        _row("need a person", people, exam_people),
        *(_row(f"stopped: {why}", _learners(sets, "stopped", why), no_exam) for why in (TOO_LONG, ENDED)),
        _row("mended and graded", _learners(sets, "repaired"), no_exam),
    )
    title = facts.program.title if facts.program else "credential"
    return Summary(
        columns=tuple(
            title.partition(":")[0] for title in [*(each.title for each in sets), *(each.title for each in exams)]
        ),
        rows=rows,
        credential=title,
        reasons=(("earned", facts.eligible), *facts.against),
        hostile=_hostile(setting),
    )


def _learners(sets: Sequence[AssignmentFacts], what: str, rule: str = "") -> list[int]:
    """How many learners have an incident, of that rule if one is given."""
    incidents: list[Sequence[Incident]] = [getattr(each, what) for each in sets]
    return [len({each.learner for each in group if rule in {"", each.rule}}) for group in incidents]


def _row(name: str, *values: Sequence[object]) -> tuple[str, ...]:
    return (name, *(str(value) for group in values for value in group))


def _sat(states: Sequence[tuple[str, int]]) -> int:
    return sum(number for state, number in states if state not in {"no_show", "authorised", "ready", "identified"})


def _hostile(setting: Setting) -> str:
    """How many hostile answers were handed in, and how many points their cells got."""
    records = {(each.assignment, each.learner): each for each in read_records(setting.root / "records")}
    tried: Counter[str] = Counter()
    earned = 0.0
    for assignment in setting.problem_sets:
        for plan in plans(setting, assignment):
            for answer in plan.answers:
                if answer.name.startswith(HOSTILE):
                    tried[answer.name] += 1
                    record = records[assignment.id, plan.person.id]
                    earned += sum(cell.score or 0.0 for cell in record.cells if cell.grade_id in answer.marks)
    names = ", ".join(name.removeprefix(HOSTILE).replace("-", " ") for name in sorted(tried))
    return (
        f"{counted(tried.total(), 'hostile answer')} ({names}): {earned:g} points for what they attacked."
        if tried
        else ""
    )
