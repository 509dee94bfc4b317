"""How learners answer exam questions: a Rasch-like model over the answers that the items themselves provide.

The chance of the full answer is ``1 / (1 + exp(-(ability - difficulty)))`` (Rasch 1960, with the logit of an item's
difficulty drawn once). Who does not give it gives one of the item's other sample answers, a wrong option, or nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from coursewright.demo.chance import chance
from exam_bank.item import Item, Sample
from exam_bank.scoring import is_blank
from exam_bank.variant import ShortAnswer, SingleChoice
from exam_bank.variant_maker import Proof

_SLOPE = 1.3  # steeper than 1, so that a short exam tells learners apart
_LEAVES_EMPTY = 0.06  # of what is not known


@dataclass(frozen=True)
class Response:
    """What a learner gives to one question."""

    value: Any  # None: nothing
    is_full: bool


def respond(item: Item, proof: Proof, ability: float, drawn: Random) -> Response:
    """The response of a learner of that ability to one variant of an item.

    Args:
        item: the item, for its samples' scores.
        proof: the variant with its sample answers, as a learner would give them.
        ability: a standard normal score.
        drawn: the learner's chance.
    """
    full, others = _sorted(item, proof)
    knows = 1 / (1 + math.exp(-_SLOPE * (ability - difficulty(item.ref))))
    if full and drawn.random() < knows:
        return Response(drawn.choice(full), is_full=True)
    if not others or drawn.random() < _LEAVES_EMPTY:
        return Response(None, is_full=False)
    values, weights = zip(*others, strict=True)
    return Response(drawn.choices(values, [0.5 + 1.5 * knows * weight for weight in weights])[0], is_full=False)


def difficulty(ref: str) -> float:
    """The difficulty of an item, in units of ability; the same in every demo."""
    return chance(0, "difficulty", ref).gauss(0.3, 0.8)


def _sorted(item: Item, proof: Proof) -> tuple[list[Any], list[tuple[Any, float]]]:
    """The answers that earn everything, and the others, each with the share of the points that it earns."""
    pairs = list(zip(item.samples, proof.responses, strict=True))
    if isinstance(proof.variant.key, ShortAnswer):
        return _written(pairs)
    scored = [(value, sample.score) for sample, value in pairs if isinstance(sample.score, float | int)]
    full = [value for value, score in scored if score == float(item.points)]
    others = [(value, score / float(item.points)) for value, score in scored if score < float(item.points)]
    if isinstance(proof.variant.key, SingleChoice):  # every wrong option, not only those with a sample answer
        others = [(option.label, 0.0) for option in proof.variant.key.options if not option.correct]
    return full, others


def _written(pairs: Sequence[tuple[Sample, Any]]) -> tuple[list[Any], list[tuple[Any, float]]]:
    """Short answers: the good ones, their first sentences alone, and the poor ones."""
    texts = [(sample, value) for sample, value in pairs if sample.score == "manual" and not is_blank(value)]
    good = [value for sample, value in texts if is_good(sample)]
    halves = [(half(value), 0.5) for value in good]
    return good, [*halves, *((value, 0.0) for sample, value in texts if not is_good(sample))]


def is_good(sample: Sample) -> bool:
    """Whether the author says that a short answer earns about everything."""
    return "full" in sample.note


def half(text: str) -> str:
    """The first half of an answer's words: somebody ran out of thoughts."""
    words = text.split()
    return " ".join(words[: len(words) // 2]) + " …"
