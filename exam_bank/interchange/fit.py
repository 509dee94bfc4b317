"""Which of our questions gives every response the score that another system gives it.

A reader finds out what is asked and what is right; which partial-credit rule of ours the file's scoring amounts to is
not guessed from its looks. Each candidate is tried on many responses, and the first whose scores are all the same is
taken. If none is, the question is refused, with a response that shows the difference.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, islice, pairwise, permutations, product
from typing import Any, TypeVar

from exam_bank.interchange.exchanged import Refused
from exam_bank.item import (
    FillIn,
    Item,
    Matching,
    MultipleChoice,
    Ordering,
    Question,
    Sample,
    SingleChoice,
    Status,
    Use,
)
from exam_bank.scoring import Outcome, score
from exam_bank.variant_maker import VariantError, try_proofs

Q = TypeVar("Q", bound=Question)
Scorer = Callable[[Any], Fraction]  # a response in the ids of the question -> the fraction of the points

_POINTS = Decimal(1_000_000)
MAX_RESPONSES = 1_500


def fitted(candidates: Iterable[Q], peer: Scorer, *, stem: str, within: Fraction = Fraction(1, 100_000)) -> Q:
    """The first candidate that scores as ``peer`` does.

    Args:
        candidates: the same question with different rules of partial credit.
        peer: what the other system gives.
        stem: the stem, which for a fill-in holds the blanks.
        within: how far fractions may be apart, for peers that write percentages with few digits.

    Raises:
        Refused: none does.
    """
    difference = "its scoring is none of ours"
    for candidate in candidates:
        found = _difference(candidate, peer, stem, within)
        if found is None:
            return candidate
        difference = found
    raise Refused(
        f"its scoring is none of our rules: {difference}", "change how it is scored there, or write the item anew"
    )


def scores(question: Question, responses: list[Any], stem: str = "?") -> list[Fraction | None]:
    """The fraction of the points that each response earns with us; None where it is no score."""
    samples = tuple(Sample(response=response, score=0) for response in responses)
    proof = try_proofs([(_carrier(question, stem, samples), 0)])[0]
    if isinstance(proof, VariantError):
        raise Refused(proof.problem, "correct the question where it comes from")
    results = [score(proof.variant, response) for response in proof.responses]
    return [
        Fraction(result.points or 0) / Fraction(_POINTS) if result.outcome is Outcome.SCORED else None
        for result in results
    ]


def responses(question: Question) -> list[Any]:
    """Responses in the question's ids that tell rules of partial credit apart: all, or many where all are too many."""
    return list(islice(_responses(question), MAX_RESPONSES))


def _difference(candidate: Question, peer: Scorer, stem: str, within: Fraction) -> str | None:
    tried = responses(candidate)
    for response, ours in zip(tried, scores(candidate, tried, stem), strict=True):
        theirs = peer(response)
        if ours is not None and abs(ours - theirs) > within:
            shown = " ".join(str(response).split())[:120]
            return f"for the answer {shown} it gives {float(theirs):.4g} of the points, not {float(ours):.4g}"
    return None


def _carrier(question: Question, stem: str, samples: tuple[Sample, ...]) -> Item:
    return Item(
        topic="import",
        id="import",
        title="",
        skill="",
        status=Status.DRAFT,
        use=Use.EXAM,
        points=_POINTS,
        minutes=1,
        question=question,
        stem=stem,
        solution="",
        samples=samples,
    )


def _responses(question: Question) -> Iterator[Any]:
    match question:
        case SingleChoice(options=options):
            yield from (option.id for option in options)
        case MultipleChoice(options=options):
            right = frozenset(option.id for option in options if option.correct)
            yield from _subsets([option.id for option in options], right)
        case FillIn(blanks=blanks):
            forms = [[*dict.fromkeys(blank.accept), "\u2260 none of these"] for blank in blanks]
            yield from _assignments([blank.id for blank in blanks], forms)
        case Matching(pairs=pairs, distractors=distractors):
            choices = [pair.id for pair in pairs] + [each.id for each in distractors]
            yield {pair.id: pair.id for pair in pairs}
            yield from _assignments([pair.id for pair in pairs], [_first(pair.id, choices) for pair in pairs])
        case Ordering(steps=steps):
            yield from _orders([step.id for step in steps])


def _first(key: str, choices: list[str]) -> list[str]:
    return [key, *(choice for choice in choices if choice != key)]


def _subsets(ids: list[str], right: frozenset[str]) -> Iterator[list[str]]:
    """All but the empty one; of many options those that are near the key, and those that are small."""
    if len(ids) <= 10:
        yield from (list(each) for size in range(1, len(ids) + 1) for each in combinations(ids, size))
        return
    for size in range(3):
        for change in combinations(ids, size):
            for base in (right, frozenset(ids), frozenset[str]()):
                if ticked := base ^ frozenset(change):
                    yield [each for each in ids if each in ticked]


def _assignments(keys: list[str], values: list[list[str]]) -> Iterator[dict[str, str]]:
    """Every way to answer all parts if these are few; else each part by itself, the others right or wrong."""
    total = 1
    for each in values:
        total *= len(each)
    if total <= MAX_RESPONSES:
        yield from (dict(zip(keys, chosen, strict=True)) for chosen in product(*values))
        return
    for rest in (0, -1):
        base = {key: each[rest] for key, each in zip(keys, values, strict=True)}
        yield base
        for key, each in zip(keys, values, strict=True):
            yield from (base | {key: value} for value in each)
    for count in range(1, len(keys)):
        yield {key: each[0 if n < count else -1] for n, (key, each) in enumerate(zip(keys, values, strict=True))}


def _orders(ids: list[str]) -> Iterator[list[str]]:
    if len(ids) <= 6:
        yield from (list(each) for each in permutations(ids))
        return
    yield ids
    yield ids[::-1]
    for at in range(1, len(ids)):
        yield ids[at:] + ids[:at]
    for one, other in [*pairwise(range(len(ids))), *combinations(range(len(ids)), 2)]:
        swapped = list(ids)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        yield swapped
        yield ids[:one] + ids[one + 1 : other + 1] + [ids[one]] + ids[other + 1 :]
