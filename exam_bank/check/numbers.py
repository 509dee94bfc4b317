"""Whether the numbers of an item make sense: the author's ranges, and what is suspicious without any.

Values that are not finite and keys of 0 with a relative tolerance are refused where variants are made.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from authoring.check.finding import Finding, Severity
from exam_bank.check.found import found, often
from exam_bank.item import Item
from exam_bank.item import Numeric as NumericQuestion
from exam_bank.item import SingleChoice as SingleChoiceQuestion
from exam_bank.variant import Numeric, SingleChoice, margin
from exam_bank.variant_maker import Proof, shown_places, shown_texts

RULE = "item-numbers"
MOST_DIGITS = 12  # a shown number with more significant ones was not rounded
TYPED = Context(prec=8, rounding=ROUND_HALF_EVEN)  # nobody types more digits
TINY, HUGE = Decimal("1e-12"), Decimal("1e12")
ANSWER = "answer"  # in ``ranges``: the key of a numeric item
_TOKEN = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def number_findings(item: Item, made: Sequence[Proof]) -> Iterator[Finding]:
    """What is out of range or suspicious, one finding of each kind."""
    if not made:
        return
    yield from _range_findings(item, made)
    yield from _long_findings(item, made)
    yield from _zero_findings(item, made)
    if isinstance(item.question, NumericQuestion):
        yield from _answer_findings(item, made)
        yield from _constant_findings(item, made)
    elif isinstance(item.question, SingleChoiceQuestion):
        yield from _constant_key_findings(item, item.question, made)


def answer_of(proof: Proof) -> Decimal:
    """The key of a variant of a numeric item."""
    key = proof.variant.key
    if not isinstance(key, Numeric):
        raise TypeError(f"{proof.variant.ref} is {proof.variant.type}")
    return key.answer


def _range_findings(item: Item, made: Sequence[Proof]) -> Iterator[Finding]:
    for name, (low, high) in item.ranges.items():
        values = [(proof.variant.seed, value) for proof in made for value in _values(proof, name)]
        if not values:
            known = sorted({each for proof in made for each in proof.bindings} | _answers(item))
            message = f"ranges: there is no number called {name!r}; known are {', '.join(known) or 'none'}"
            yield found(item, RULE, message, "correct the name")
            continue
        outside = [(seed, value) for seed, value in values if not low <= value <= high]
        if outside:
            seeds = list(dict.fromkeys(seed for seed, _ in outside))
            least, most = min(value for _, value in values), max(value for _, value in values)
            message = (
                f"ranges: {name!r} is {_short(outside[0][1])} ({often(seeds, len(made))} are outside {low} to {high}; "
                f"it goes from {_short(least)} to {_short(most)})"
            )
            yield found(item, RULE, message, "correct what the variant code draws, or the range")


def _answers(item: Item) -> set[str]:
    return {ANSWER} if isinstance(item.question, NumericQuestion) else set()


def _values(proof: Proof, name: str) -> list[Decimal]:
    if name == ANSWER and isinstance(proof.variant.key, Numeric):
        return [proof.variant.key.answer]
    return [Decimal(str(each)) for each in _flat(proof.bindings.get(name))]


def _flat(value: Any) -> Iterator[float]:
    if isinstance(value, list):
        for each in value:
            yield from _flat(each)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def _short(value: Decimal) -> str:
    return f"{float(value):.6g}"


def _long_findings(item: Item, made: Sequence[Proof]) -> Iterator[Finding]:
    for proof in made:
        for text in (proof.variant.stem, *shown_texts(proof.variant.key), proof.variant.solution):
            for token in _TOKEN.findall(text):
                if len(token.replace(".", "").strip("0")) > MOST_DIGITS:
                    message = f"a text shows {token} (seed {proof.variant.seed})"
                    mend = "round it, or give its place a format such as {{ name:.3f }}"
                    yield found(item, RULE, message, mend, Severity.WARNING)
                    return


def _zero_findings(item: Item, made: Sequence[Proof]) -> Iterator[Finding]:
    names = [name for name, _ in shown_places(item)]
    for proof in made:
        for name in names:
            if any(each == 0 and math.copysign(1, each) < 0 for each in _flat(proof.bindings.get(name))):
                message = f"the value of {name!r} is -0.0 (seed {proof.variant.seed})"
                yield found(item, RULE, message, "add 0.0 to it, or draw numbers that are not 0", Severity.WARNING)
                return


def _answer_findings(item: Item, made: Sequence[Proof]) -> Iterator[Finding]:
    suspicions: list[tuple[Callable[[Decimal, Decimal], bool], str, str]] = [
        (
            lambda answer, _: answer == 0 and answer.is_signed(),
            "the answer is -0",
            "add 0.0 to it, or draw numbers that do not give 0",
        ),
        (
            lambda answer, _: answer != 0 and not TINY <= abs(answer) <= HUGE,
            "the answer is {answer}, which nobody would give in this unit",
            "choose another unit; or the answer should be 0, and floating-point numbers missed it",
        ),
        (
            lambda answer, room: answer != 0 and room >= abs(answer),
            "the answer is {answer} and the tolerance {room}, so that 0 is right too",
            "make the tolerance smaller, or relative",
        ),
        (
            lambda answer, room: abs(TYPED.plus(answer) - answer) > room,
            f"the answer is {{answer}} and the tolerance {{room}}, so that {TYPED.prec} digits are not enough",
            "make the tolerance larger, or round the answer",
        ),
    ]
    for is_suspicious, words, mend in suspicions:
        caught = [proof for proof in made if is_suspicious(answer_of(proof), _room(proof))]
        if caught:
            seeds = often([proof.variant.seed for proof in caught], len(made))
            said = words.format(answer=_short(answer_of(caught[0])), room=_short(_room(caught[0])))
            yield found(item, RULE, f"{said} ({seeds})", mend, Severity.WARNING)


def _room(proof: Proof) -> Decimal:
    key = proof.variant.key
    return margin(key.tolerance, key.answer) if isinstance(key, Numeric) else Decimal(0)


def _constant_findings(item: Item, made: Sequence[Proof]) -> Iterator[Finding]:
    answers = {answer_of(proof) for proof in made}
    meant = ANSWER in item.ranges and item.ranges[ANSWER][0] == item.ranges[ANSWER][1]
    if len({proof.variant.stem for proof in made}) > 1 and len(answers) == 1 and not meant:
        (only,) = answers
        message = f"the answer of all {len(made)} variants is {_short(only)}"
        mend = "let it depend on what is drawn; if it is meant so, say it: `ranges: {answer: [x, x]}`"
        yield found(item, RULE, message, mend, Severity.WARNING)


def _constant_key_findings(item: Item, question: SingleChoiceQuestion, made: Sequence[Proof]) -> Iterator[Finding]:
    depends = any(isinstance(option.correct, str) for option in question.options)
    keys = {
        option.source
        for proof in made
        if isinstance(proof.variant.key, SingleChoice)
        for option in proof.variant.key.options
        if option.correct
    }
    if depends and len(made) > 1 and len(keys) == 1:
        message = f"`correct` depends on the variant, and yet {next(iter(keys))!r} is correct in all {len(made)}"
        yield found(item, RULE, message, "draw so that others can be correct too", Severity.WARNING)
