"""Whether the sample answers get what the author promises, and whether there is one of each kind."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from authoring.check.finding import Finding, Severity
from exam_bank.check.found import found
from exam_bank.item import FillIn, Item, Matching, MultipleChoice, Ordering, Scoring, ShortAnswer
from exam_bank.scoring import ItemScore, Outcome, score
from exam_bank.variant_maker import Proof

_SAME = Decimal("0.005")


def sample_findings(item: Item, made: Sequence[Proof]) -> Iterator[Finding]:
    """A finding for each sample that gets something else for a seed."""
    broken: Mapping[int, list[tuple[Proof, ItemScore]]] = defaultdict(list)
    for proof in made:
        for number, response in enumerate(proof.responses):
            result = score(proof.variant, response)
            if not _as_promised(result, item.samples[number].score):
                broken[number].append((proof, result))
    for number, failures in sorted(broken.items()):
        proof, result = failures[0]
        got = result.outcome.value if result.points is None else f"{result.points:f}"
        message = (
            f"samples[{number}]: the response {proof.responses[number]!r} gets {got}, promised is "
            f"{_promised(item.samples[number].score)} (seed {proof.variant.seed}; {len(failures)} of {len(made)} seeds)"
        )
        yield found(item, "item-samples", message, "correct the key, the sample or the tolerance")


def _promised(promise: float | str) -> str:
    return promise if isinstance(promise, str) else f"{promise:g}"


def _as_promised(result: ItemScore, promise: float | str) -> bool:
    """A malformed answer costs no attempt, so it has no points and a message that says how to mend it."""
    if isinstance(promise, str):
        told = result.outcome is not Outcome.MALFORMED or bool(result.message)
        return result.outcome.value == promise and result.points is None and told
    return result.points is not None and abs(result.points - Decimal(str(promise))) <= _SAME


def coverage_findings(item: Item) -> Iterator[Finding]:
    """A finding for each kind of sample that is not there."""
    scores = [sample.score for sample in item.samples]
    points = float(item.points)
    numbers = [float(each) for each in scores if not isinstance(each, str)]
    present = {
        "right": points in numbers,
        "wrong": any(each < points for each in numbers),
        "malformed": Outcome.MALFORMED.value in scores,
    }
    if _has_partial_credit(item):
        present |= {"wrong": 0 in numbers, "partly right": any(0 < each < points for each in numbers)}
    if isinstance(item.question, ShortAnswer):
        present = {"answer": Outcome.MANUAL.value in scores}
    for kind, given in present.items():
        if not given:
            message = (
                f"samples: there is no {kind} sample" if kind != "answer" else "samples: there is no sample answer"
            )
            yield found(item, "item-samples", message, "add one", Severity.WARNING)


def _has_partial_credit(item: Item) -> bool:
    question = item.question
    if not isinstance(question, MultipleChoice | FillIn | Matching | Ordering):
        return False
    if isinstance(question, FillIn) and len(question.blanks) == 1:
        return False
    return question.scoring != Scoring.ALL_OR_NOTHING.value
