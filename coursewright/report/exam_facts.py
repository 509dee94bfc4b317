"""What is to be said of an exam: who sat it, how good they were, and how good its questions are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import mean, median

from authoring.course import Assignment
from coursewright.report.exam_files import Sat
from coursewright.report.reliability import reliability
from exam_bank.item import Item
from exam_bank.item_file import Bank
from exam_bank.sittings.result import SittingState
from exam_bank.statistics.answers import Answers
from exam_bank.statistics.attempts import answers_of_attempts, ref_of
from exam_bank.statistics.classical import Chosen, Estimate, distractors, item_statistics
from exam_bank.statistics.plots import score_groups

_SET_ASIDE = {SittingState.REJECTED, SittingState.NO_SHOW}
_REVIEWS = {SittingState.SUBMITTED, SittingState.TIMED_OUT, SittingState.IN_REVIEW, SittingState.SECOND_REVIEW}


@dataclass(frozen=True)
class ItemFacts:
    """One item, over the attempts that count."""

    ref: str
    title: str
    type: str
    points: Decimal
    difficulty: Estimate
    discrimination: Estimate
    empty: int
    choices: tuple[Chosen, ...]  # of a single choice, in the author's order
    groups: tuple[tuple[float, float, int], ...]  # for the item's plot


@dataclass(frozen=True)
class ExamFacts:
    """An exam. Scores are points of the attempts that are over and wholly marked, but for those that were rejected."""

    id: str
    title: str
    week: int
    points: float
    pass_points: float
    states: tuple[tuple[str, int], ...]
    timed_out: int
    extra_time: int
    scores: tuple[float, ...]
    waiting_marks: tuple[str, ...]  # learners with an answer that a person has to mark
    waiting_reviews: tuple[tuple[str, str], ...]  # learners whose attempt the proctor has not decided, and where it is
    items: tuple[ItemFacts, ...]  # the hardest first
    reliability: Estimate
    error: float | None  # standard error of measurement, in points
    advice: tuple[str, ...]

    @property
    def passed(self) -> int:
        """How many of the scores reach the pass mark."""
        return sum(score >= self.pass_points for score in self.scores)

    @property
    def median(self) -> float | None:
        """The median score."""
        return median(self.scores) if self.scores else None


def exam_facts(exam: Assignment, week: int, pass_mark: Decimal, attempts: Sequence[Sat], bank: Bank) -> ExamFacts:
    """What the attempts at an exam say.

    Args:
        exam: the assignment.
        week: the number of its week.
        pass_mark: the fraction of the points that passes.
        attempts: all of them.
        bank: the course's items, for their titles.
    """
    counted = [each for each in attempts if each.grade.result.score is not None and _counts(each)]
    scores = tuple(float(each.grade.result.score or 0) for each in counted)
    points = float(attempts[0].form.points) if attempts else float(exam.points or 0)
    items, advice = _items(counted, bank)
    trust = reliability(_shares(counted))
    states = Counter(each.sitting.state.value for each in attempts)
    return ExamFacts(
        id=exam.id,
        title=exam.title,
        week=week,
        points=points,
        pass_points=float(pass_mark) * points,
        states=tuple((state.value, states[state.value]) for state in SittingState if states[state.value]),
        timed_out=sum(_timed_out(each) for each in attempts),
        extra_time=sum(each.sitting.authorised.multiplier > 1 for each in attempts),
        scores=scores,
        waiting_marks=tuple(_learner(each) for each in attempts if each.grade.result.needs_manual and _counts(each)),
        waiting_reviews=tuple(
            (_learner(each), each.sitting.state.value.replace("_", " "))
            for each in attempts
            if each.sitting.state in _REVIEWS
        ),
        items=items,
        reliability=trust,
        error=_error(scores, trust),
        advice=advice,
    )


def _counts(sat: Sat) -> bool:
    return sat.sitting.state not in _SET_ASIDE


def _learner(sat: Sat) -> str:
    return sat.sitting.authorised.learner


def _timed_out(sat: Sat) -> bool:
    """An attempt that timed out was handed in at its section's deadline, to the second."""
    current = sat.sitting.current
    return current is not None and sat.sitting.submitted_at == current.deadline


def _shares(counted: Sequence[Sat]) -> list[list[float]]:
    """For each attempt the fraction of the points of each question that counts."""
    return [
        [float((each.points or 0) / each.max_points) for each in sat.grade.questions if each.counts] for sat in counted
    ]


def _error(scores: Sequence[float], trust: Estimate) -> float | None:
    """The standard error of measurement: the standard deviation times the root of 1 - reliability."""
    if trust.value is None or len(scores) < 2:
        return None
    middle = mean(scores)
    variance = sum((score - middle) ** 2 for score in scores) / (len(scores) - 1)
    return float((variance * (1 - max(trust.value, 0.0))) ** 0.5)


# Items


def _items(counted: Sequence[Sat], bank: Bank) -> tuple[tuple[ItemFacts, ...], tuple[str, ...]]:
    answers = answers_of_attempts([(each.form, each.grade) for each in counted])
    if not answers.items:
        return (), ()
    types = _types(counted)
    found = item_statistics(answers.points, answers.max_points, _names(answers.items), pilots=sorted(answers.pilots))
    items = []
    for place, name in enumerate(answers.items):
        authored, rest = bank.items.get(ref_of(name)), answers.rest(place)
        items.append(
            ItemFacts(
                ref=name,
                title=name if authored is None else authored.title,
                type=types[ref_of(name)].replace("-", " "),
                points=Decimal(str(answers.max_points[place])),
                difficulty=found.items[place].difficulty,
                discrimination=found.items[place].discrimination,
                empty=answers.left_empty[place] or 0,
                choices=_choices(answers, place, authored),
                groups=tuple(score_groups(answers.points[:, place] / answers.max_points[place], rest)),
            )
        )
    items.sort(key=lambda each: (each.difficulty.value is None, each.difficulty.value or 0.0, each.ref))
    return tuple(items), found.advice


def _names(refs: Sequence[str]) -> Sequence[str]:
    """The items' names without their topics, if they can be told apart so."""
    names = [ref.rpartition("/")[2] for ref in refs]
    return names if len(set(names)) == len(names) else refs


def _types(counted: Sequence[Sat]) -> Mapping[str, str]:
    return {each.variant.ref: each.variant.type for sat in counted for each in sat.form.questions}


def _choices(answers: Answers, place: int, item: Item | None) -> tuple[Chosen, ...]:
    """Who chose what, if the item is a single choice; options have the author's names, for labels are shuffled.

    Nothing where the right option differs between variants: then no option is a distractor for everybody.
    """
    import numpy as np

    if (options := answers.options[place]) is None:
        return ()
    asked = ~np.isnan(answers.points[:, place])
    chosen = [options.names[number] if number >= 0 else None for number in options.chosen[asked]]
    right = {name: number == options.right for number, name in enumerate(options.names)}
    return distractors(chosen, [float(each) for each in answers.rest(place)[asked]], _in_order(right, item))


def _in_order(options: Mapping[str, bool], item: Item | None) -> Mapping[str, bool]:
    from exam_bank import item as authored

    if item is None or not isinstance(item.question, authored.SingleChoice):
        return dict(sorted(options.items()))
    return {option.id: options[option.id] for option in item.question.options if option.id in options}
