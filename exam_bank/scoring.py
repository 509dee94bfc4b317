"""A response becomes a score: pure functions of a variant and JSON data.

Rules of partial credit, for an item of ``p`` points:

* all-or-nothing: ``p`` for exactly the key, else 0. The literature says dichotomous scoring.
* number-right: ``p`` times the fraction of parts that are right. For a multiple choice every option is a part that is
  true or false, right if it is ticked exactly when it is correct: multiple true-false items scored 1/n (Albanese and
  Sabers, *Journal of Educational Measurement* 25(2), 1988, 111-123); the true/false method of Betts, Muntean, Kim and
  Kao, *Educational and Psychological Measurement* 82(1), 2022, 151-176.
* right-minus-wrong: ``p * max(0, (R - W) / K)`` with ``R`` correct and ``W`` incorrect options ticked, of ``K`` correct
  ones. It is the plus/minus method of Betts and others (2022): rights minus wrongs, as in formula scoring of true-false
  items (Frary, *Educational Measurement: Issues and Practice* 7(2), 1988, 33-38).
* absolute-position: ``p`` times the fraction of steps at their right place. The name is that of Moodle's ordering
  question; Alderson, Percsich and Szabo (*Language Testing* 17(4), 2000, 423-447) compare it with other rules.
* adjacent-pairs: ``p`` times the fraction of pairs of neighbours in the key that are neighbours, in that order, in
  the response. Moodle says "relative to the next item (excluding last)".

Points are rounded half up to four decimals. What cannot be read as an answer is ``malformed``, which is no score: the
learner is told how to mend it and no attempt is used.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Any

import msgspec

from exam_bank.item import Case, Scoring, Spaces
from exam_bank.number import NumberError, parse_number
from exam_bank.variant import (
    Code,
    FillIn,
    Key,
    Matching,
    MultipleChoice,
    Numeric,
    Ordering,
    ShortAnswer,
    ShownBlank,
    SingleChoice,
    Variant,
    margin,
)

MAX_TEXT = 20_000  # characters of a short answer or a program
MAX_BLANK = 200
_GRID = Decimal("0.0001")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")


class Outcome(StrEnum):
    """What became of a response. Points exist only for ``scored``."""

    SCORED = "scored"
    OMITTED = "omitted"  # nothing was answered
    MALFORMED = "malformed"  # cannot be read as an answer
    MANUAL = "manual"  # a person, or for code the autograder, gives the points


class ItemScore(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The score of one response.

    Attributes:
        outcome: whether there are points at all.
        points: the points, or None if the outcome is not ``scored``.
        max_points: the item's points.
        message: for ``malformed``: how to mend the response.
        feedback: what the author says about this response, in order.
    """

    outcome: Outcome
    points: Decimal | None
    max_points: Decimal
    message: str = ""
    feedback: tuple[str, ...] = ()


class _Malformed(Exception):  # noqa: N818 - never leaves this module
    """The response cannot be read; the message is for the learner."""


class _Credit(msgspec.Struct, frozen=True):
    """The fraction of the points that a response earns."""

    fraction: Fraction
    feedback: tuple[str, ...] = ()


def score(variant: Variant, response: Any) -> ItemScore:
    """What ``response`` earns.

    Args:
        variant: the question with its key.
        response: JSON data, not trusted: an option's label; a list of labels (multiple choice, ordering); a mapping
            from the label of a blank or prompt to a text or label; a number or text.
    """
    if is_blank(response):
        return ItemScore(outcome=Outcome.OMITTED, points=None, max_points=variant.points)
    try:
        credit = _credit(variant.key, response)
    except _Malformed as problem:
        return ItemScore(outcome=Outcome.MALFORMED, points=None, max_points=variant.points, message=str(problem))
    if credit is None:
        return ItemScore(outcome=Outcome.MANUAL, points=None, max_points=variant.points)
    return ItemScore(
        outcome=Outcome.SCORED,
        points=share(variant.points, credit.fraction),
        max_points=variant.points,
        feedback=credit.feedback,
    )


def key_response(variant: Variant) -> Any:
    """A response that earns all points, or None where a person gives them."""
    response: Any = None
    match variant.key:
        case SingleChoice(options=options):
            response = next(option.label for option in options if option.correct)
        case MultipleChoice(options=options):
            response = [option.label for option in options if option.correct]
        case Numeric(answer=answer):
            response = str(answer)
        case FillIn(blanks=blanks):
            response = {blank.label: blank.accept[0] for blank in blanks}
        case Matching(prompts=prompts):
            response = {prompt.label: prompt.key for prompt in prompts}
        case Ordering(key=order):
            response = list(order)
    return response


def is_blank(response: Any) -> bool:
    """Whether nothing was answered: null, white space, or an empty or blank list or mapping."""
    if response is None:
        return True
    if isinstance(response, str):
        return not response.strip()
    if isinstance(response, list):
        return not response
    if isinstance(response, Mapping):
        return all(each is None or (isinstance(each, str) and not each.strip()) for each in response.values())
    return False


def share(points: Decimal, fraction: Fraction) -> Decimal:
    """``fraction`` of ``points``, rounded half up to four decimals."""
    exact = points * fraction.numerator / fraction.denominator
    rounded = exact.quantize(_GRID, rounding=ROUND_HALF_UP)
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded.normalize()


def _credit(key: Key, response: Any) -> _Credit | None:
    """None: a person gives the points."""
    scorers: dict[type, Callable[[Any, Any], _Credit | None]] = {
        SingleChoice: _single_choice,
        MultipleChoice: _multiple_choice,
        Numeric: _numeric,
        FillIn: _fill_in,
        Matching: _matching,
        Ordering: _ordering,
        ShortAnswer: _by_a_person,
        Code: _by_a_person,
    }
    return scorers[type(key)](key, response)


def _by_a_person(_key: ShortAnswer | Code, response: Any) -> None:
    _text(response, MAX_TEXT)


def _single_choice(key: SingleChoice, response: Any) -> _Credit:
    label = _label(response, [option.label for option in key.options])
    chosen = next(option for option in key.options if option.label == label)
    return _Credit(Fraction(chosen.correct), _said(chosen.feedback))


def _multiple_choice(key: MultipleChoice, response: Any) -> _Credit:
    ticked = set(_labels(response, [option.label for option in key.options]))
    right = {option.label for option in key.options if option.correct}
    feedback = _said(*(option.feedback for option in key.options if option.label in ticked))
    if key.scoring is Scoring.NUMBER_RIGHT:
        return _Credit(Fraction(len(key.options) - len(ticked ^ right), len(key.options)), feedback)
    if key.scoring is Scoring.RIGHT_MINUS_WRONG:
        return _Credit(max(Fraction(0), Fraction(len(ticked & right) - len(ticked - right), len(right))), feedback)
    return _Credit(Fraction(ticked == right), feedback)


def _numeric(key: Numeric, response: Any) -> _Credit:
    try:
        given = parse_number(response, unit=key.unit, accepted_units=key.accepted_units)
    except NumberError as error:
        raise _Malformed(str(error)) from error
    right = abs(given - key.answer) <= margin(key.tolerance, key.answer)
    return _Credit(Fraction(right), () if right else _said(key.feedback))


def _fill_in(key: FillIn, response: Any) -> _Credit:
    texts = _mapping(response, [blank.label for blank in key.blanks])
    wrong = [blank for blank in key.blanks if not _accepted(blank, _text(texts.get(blank.label) or "", MAX_BLANK))]
    return _parts(len(key.blanks), [blank.feedback for blank in wrong], key.scoring)


def _matching(key: Matching, response: Any) -> _Credit:
    given = _mapping(response, [prompt.label for prompt in key.prompts])
    choices = [choice.label for choice in key.choices]
    chosen = {prompt: _label(label, choices) for prompt, label in given.items() if not is_blank(label)}
    wrong = [prompt for prompt in key.prompts if chosen.get(prompt.label) != prompt.key]
    return _parts(len(key.prompts), [prompt.feedback for prompt in wrong], key.scoring)


def _ordering(key: Ordering, response: Any) -> _Credit:
    order = _labels(response, [step.label for step in key.steps])
    if len(order) != len(key.key):
        raise _Malformed(f"Put all {len(key.key)} steps in order; this answer has {len(order)}.")
    right = tuple(order) == key.key
    feedback = () if right else _said(key.feedback)
    if key.scoring is Scoring.ABSOLUTE_POSITION:
        placed = sum(one == other for one, other in zip(order, key.key, strict=True))
        return _Credit(Fraction(placed, len(key.key)), feedback)
    if key.scoring is Scoring.ADJACENT_PAIRS:
        kept = set(pairwise(order)) & set(pairwise(key.key))
        return _Credit(Fraction(len(kept), len(key.key) - 1), feedback)
    return _Credit(Fraction(right), feedback)


def _parts(count: int, wrong: Sequence[str], scoring: Scoring) -> _Credit:
    if scoring is Scoring.NUMBER_RIGHT:
        return _Credit(Fraction(count - len(wrong), count), _said(*wrong))
    return _Credit(Fraction(not wrong), _said(*wrong))


def _accepted(blank: ShownBlank, text: str) -> bool:
    return _canonical(text, blank) in {_canonical(form, blank) for form in blank.accept}


def _canonical(text: str, blank: ShownBlank) -> str:
    """Compatible characters and every kind of dash count as one."""
    text = unicodedata.normalize("NFKC", text).translate(_DASHES)
    if blank.spaces is Spaces.COLLAPSE:
        text = " ".join(text.split())
    elif blank.spaces is Spaces.REMOVE:
        text = "".join(text.split())
    return text.casefold() if blank.case is Case.IGNORE else text


def _said(*feedback: str) -> tuple[str, ...]:
    return tuple(each for each in feedback if each)


# ---- reading what a learner sent


def _text(value: Any, limit: int) -> str:
    if not isinstance(value, str):
        raise _Malformed("The answer must be text.")
    if len(value) > limit:
        raise _Malformed(f"The answer may have at most {limit:,} characters; this one has {len(value):,}.")
    return value


def _label(value: Any, known: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in known:
        raise _Malformed(f"Choose one of {', '.join(known)}.")
    return value


def _labels(value: Any, known: Sequence[str]) -> list[str]:
    if not isinstance(value, list):
        raise _Malformed(f"The answer must be a list of {', '.join(known)}.")
    labels = [_label(each, known) for each in value]
    if len(set(labels)) != len(labels):
        raise _Malformed("Name each of them at most once.")
    return labels


def _mapping(value: Any, known: Sequence[str]) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _Malformed(f"Give an answer to each of {', '.join(known)}.")
    for key in value:
        if key not in known:
            raise _Malformed(f"There are only {', '.join(known)}.")
    return dict(value)
