"""Which of the named sample answers a learner gives: the abler, the more often the right one."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from random import Random

from authoring.samples import SampleAnswer
from coursewright.demo.chance import chance

RIGHT, EMPTY = "right", "empty"
ENDLESS, CRASHES, HOSTILE = "endless", "crashes", "hostile-"


def hostile(answers: Iterable[SampleAnswer]) -> list[SampleAnswer]:
    """The answers that attack the grader."""
    return [each for each in answers if each.name.startswith(HOSTILE)]


def named(answers: Iterable[SampleAnswer], name: str) -> SampleAnswer | None:
    """The first answer of that name."""
    return next((each for each in answers if each.name == name), None)


def by_cell(answers: Iterable[SampleAnswer]) -> Mapping[str, Sequence[SampleAnswer]]:
    """The answers by the cell that they are for, in the order of the cells."""
    found: dict[str, list[SampleAnswer]] = defaultdict(list)
    for each in answers:
        found[each.cell].append(each)
    return found


def honest(answers: Iterable[SampleAnswer], ability: float, diligence: float, drawn: Random) -> list[SampleAnswer]:
    """One honest answer for each cell that is not left empty.

    Args:
        answers: the samples of one notebook.
        ability: a standard normal score.
        diligence: the chance to try at all where one does not know.
        drawn: the learner's chance.
    """
    found = by_cell(answers).items()
    return [one for cell, samples in found if (one := _one(cell, samples, ability, diligence, drawn)) is not None]


def _one(
    cell: str, samples: Sequence[SampleAnswer], ability: float, diligence: float, drawn: Random
) -> SampleAnswer | None:
    knows = 1 / (1 + math.exp(-1.6 * (ability - _difficulty(cell))))
    right = named(samples, RIGHT)
    if right is not None and drawn.random() < knows:
        return right
    if drawn.random() > diligence:
        return named(samples, EMPTY)
    tried = [each for each in samples if _is_honest_mistake(each)]
    weights = [0.2 + knows * _worth(each, samples) for each in tried]  # near misses come from those who nearly know
    return drawn.choices(tried, weights)[0] if tried else right


def _difficulty(cell: str) -> float:
    """Some questions are harder than others, for every class alike."""
    return chance(0, "difficulty", cell).gauss(-0.8, 0.6)


def _is_honest_mistake(answer: SampleAnswer) -> bool:
    return answer.name not in {RIGHT, EMPTY, ENDLESS, CRASHES} and not answer.name.startswith(HOSTILE)


def _worth(answer: SampleAnswer, samples: Sequence[SampleAnswer]) -> float:
    """The share of the points that the answer gets."""
    most = max(sum(each.marks.values()) for each in samples)
    return sum(answer.marks.values()) / most if most else 0.0
