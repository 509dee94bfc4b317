"""How far the variants of an item lie apart, which is what can be known before learners sit it.

It is *not* difficulty: that is a property of the answers of learners, and only they show it. A wide spread only says
where to look: answers over several powers of ten, few distinct variants, or an option that comes close to the key in
some variants and not in others, make it likely that some learners get an easier question than others.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import msgspec

from exam_bank.check.numbers import answer_of
from exam_bank.item import Item, Numeric
from exam_bank.variant import Numeric as NumericKey
from exam_bank.variant import SingleChoice, margin
from exam_bank.variant_code import Failure
from exam_bank.variant_maker import Proof, leading_number


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """What the variants of one item are like. None where there is no such number.

    Attributes:
        ref: the item.
        type: its type.
        variants: how many were made.
        distinct: how many of them differ in what learners read (the order of options aside).
        answers: distinct keys of a numeric item, or distinct correct options of a single choice.
        lowest: of the answers of a numeric item, in its unit.
        median: of the same.
        highest: of the same.
        decades: powers of ten between the smallest and the largest magnitude of these answers.
        nearest: the smallest distance of an option of a single choice to the key, as a fraction of the key, where both
            are numbers.
        recomputed: the largest distance between the key and what the check code found, as a fraction of the tolerance.
    """

    ref: str
    type: str
    variants: int
    distinct: int
    answers: int | None = None
    lowest: float | None = None
    median: float | None = None
    highest: float | None = None
    decades: float | None = None
    nearest: float | None = None
    recomputed: float | None = None


def spread(item: Item, made: Sequence[Proof]) -> Spread | None:
    """The spread of an item with variant code; None if it has none, or no variant could be made."""
    if not item.variant_code or not made:
        return None
    stems = {(proof.variant.stem, tuple(sorted(_texts(proof)))) for proof in made}
    about = Spread(ref=item.ref, type=item.type, variants=len(made), distinct=len(stems))
    if isinstance(item.question, Numeric):
        return _of_answers(about, made)
    keys = [proof.variant.key for proof in made]
    choices = [key for key in keys if isinstance(key, SingleChoice)]
    if not choices:
        return about
    correct = {option.source for key in choices for option in key.options if option.correct}
    distances = [distance for key in choices for distance in _distances(key)]
    return msgspec.structs.replace(about, answers=len(correct), nearest=min(distances, default=None))


def _texts(proof: Proof) -> Iterator[str]:
    key = proof.variant.key
    if isinstance(key, SingleChoice):
        yield from (option.text for option in key.options)


def _of_answers(about: Spread, made: Sequence[Proof]) -> Spread:
    answers = sorted(answer_of(proof) for proof in made)
    sizes = [abs(each) for each in answers if each]
    deviations = [each for proof in made if (each := _deviation(proof)) is not None]
    return msgspec.structs.replace(
        about,
        answers=len(set(answers)),
        lowest=float(answers[0]),
        median=float(answers[len(answers) // 2]),
        highest=float(answers[-1]),
        decades=float((max(sizes) / min(sizes)).log10()) if sizes else None,
        recomputed=max(deviations, default=None),
    )


def _deviation(proof: Proof) -> float | None:
    key, again = proof.variant.key, proof.recomputed
    if not isinstance(key, NumericKey) or isinstance(again, Failure | bool) or not isinstance(again, int | float):
        return None
    room = margin(key.tolerance, key.answer)
    return float(abs(Decimal(str(again)) - key.answer) / room) if room else None


def _distances(key: SingleChoice) -> Iterator[float]:
    """Of each numeric option to the numeric key, where both are in the same words."""
    right = next(leading_number(option.text) for option in key.options if option.correct)
    for option in key.options:
        other = leading_number(option.text)
        if not option.correct and right and right[0] and other and other[1] == right[1]:
            yield float(abs((other[0] - right[0]) / right[0]))
