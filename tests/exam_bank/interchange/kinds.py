"""Items of every type and rule, with texts that other formats stumble over, and answers to them."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, permutations, product
from typing import Any

import msgspec

from exam_bank.item import FillIn, Item, Matching, MultipleChoice, Numeric, Ordering, Sample, SingleChoice
from exam_bank.item_file import parse_item
from exam_bank.scoring import Outcome, score
from exam_bank.variant_maker import Proof, try_proofs

HEADER = "title: A title\nskill: apply\nstatus: operational\nminutes: 3\n"
OPTIONS = """
options:
  - {id: p, text: "Less than $x<3$, and ~ # = { } : are *signs*", correct: true, feedback: "Right: so it is."}
  - {id: q, text: "Q & \\"R\\"", correct: CORRECT, feedback: "Q {no} = #1."}
  - {id: r, text: "`a->b` or `%50%`", feedback: ""}
  - {id: s, text: "5 \\\\$ or *100* %", feedback: "S does not: -> no."}
"""
BLANKS = """
blanks:
  - {id: chart, accept: [range, R chart, "a=b {c} #~"], feedback: "It is the *range*."}
  - {id: code, accept: [X-bar], case: exact}
"""
PAIRS = """
pairs:
  - {id: one, left: "First $\\\\alpha$", right: Alpha, feedback: Alpha comes first.}
  - {id: two, left: "Second: {2}", right: "Beta = 2"}
  - {id: three, left: Third, right: "Gamma #3"}
distractors:
  - {id: none, text: Delta}
"""
STEPS = """
steps:
  - {id: measure, text: Measure}
  - {id: choose, text: "Choose $n=4$"}
  - {id: act, text: "Act: {now}"}
  - {id: compute, text: Compute}
feedback: Measure before you compute.
"""
STEM = "What of $\\frac{a}{b} < 3$ holds: {this} = #that ~ or *more*?\n\n1. A list: first\n2. A list: then"
GAPS = "The [[chart]] is read first, with the code [[code]]."


def made(front: str, *, points: str = "3", stem: str = STEM, name: str = "x") -> Item:
    text = f"---\n{HEADER}points: {points}\n{front}---\n\n{stem}\n\n## Solution\n\nBecause $a \\ne b$: {{so}} = ~.\n"
    return parse_item(text, topic="basics", item_id=name, file=name)


def _several(rule: str, correct: str = "true") -> str:
    return f"type: multiple-choice\nscoring: {rule}" + OPTIONS.replace("CORRECT", correct)


def _numeric(tolerance: str, answer: str = "12.5", unit: str = "") -> str:
    more = f"unit: {unit}\naccepted_units: [millimetre]\n" if unit else ""
    return f"type: numeric\nanswer: {answer}\ntolerance: {tolerance}\n{more}feedback: Divide by d2.\n"


KINDS: dict[str, Item] = {
    "single-choice": made("type: single-choice" + OPTIONS.replace("CORRECT", "false")),
    "single-choice, fixed order": made("type: single-choice\nshuffle: false" + OPTIONS.replace("CORRECT", "false")),
    "multiple-choice, all-or-nothing": made(_several("all-or-nothing")),
    "multiple-choice, all-or-nothing, one right": made(_several("all-or-nothing", "false")),
    "multiple-choice, number-right": made(_several("number-right")),
    "multiple-choice, right-minus-wrong": made(_several("right-minus-wrong"), points="2.5"),
    "numeric, absolute": made(_numeric("{absolute: 0.1}"), points="2"),
    "numeric, exact": made(_numeric("{absolute: 0}", "-3")),
    "numeric, relative": made(_numeric("{relative: 0.02}", "0.7")),
    "numeric, significant figures": made(_numeric("{significant_figures: 3}", "-0.0662607015")),
    "numeric, tiny": made(_numeric("{significant_figures: 3}", "6.62607015e-34")),
    "numeric, unit": made(_numeric("{absolute: 0.1}", "0.7", "mm")),
    "fill-in, one blank": made(
        "type: fill-in\nscoring: all-or-nothing\nblanks:\n  - {id: chart, accept: [range, R chart, 'a=b {c} #~'], "
        "feedback: It is the range.}\n",
        stem="The [[chart]] is read first.",
    ),
    "fill-in, one blank, capitals": made(
        "type: fill-in\nscoring: all-or-nothing\nblanks:\n  - {id: unit, accept: [mV, MV*], case: exact}\n",
        stem="A millivolt is [[unit]].",
    ),
    "fill-in, number-right": made("type: fill-in\nscoring: number-right" + BLANKS, points="2", stem=GAPS),
    "fill-in, number-right, no capitals": made(
        "type: fill-in\nscoring: number-right" + BLANKS.replace(", case: exact", ""), stem=GAPS
    ),
    "fill-in, all-or-nothing": made("type: fill-in\nscoring: all-or-nothing" + BLANKS, stem=GAPS),
    "fill-in, spaces removed": made(
        "type: fill-in\nscoring: all-or-nothing\nblanks:\n  - {id: chart, accept: [a b], spaces: remove}\n",
        stem="The [[chart]].",
    ),
    "fill-in, spaces exact": made(
        "type: fill-in\nscoring: all-or-nothing\nblanks:\n  - {id: chart, accept: [a b], spaces: exact}\n",
        stem="The [[chart]].",
    ),
    "matching, number-right": made("type: matching\nscoring: number-right" + PAIRS, points="2"),
    "matching, all-or-nothing": made("type: matching\nscoring: all-or-nothing" + PAIRS),
    "ordering, all-or-nothing": made("type: ordering\nscoring: all-or-nothing" + STEPS),
    "ordering, absolute-position": made("type: ordering\nscoring: absolute-position" + STEPS),
    "ordering, adjacent-pairs": made("type: ordering\nscoring: adjacent-pairs" + STEPS),
    "short-answer": made(
        "type: short-answer\nrubric:\n"
        "  - {points: 1.5, text: 'Names *the* cause.'}\n  - {points: 1.5, text: Mends it.}\n"
    ),
}


def positions(item: Item) -> Iterator[Any]:
    """Answers by position: what is ticked, typed, chosen for each left side, or the order."""
    match item.question:
        case SingleChoice(options=options):
            yield from ([at] for at in range(len(options)))
        case MultipleChoice(options=options):
            yield from (list(each) for n in range(1, len(options) + 1) for each in combinations(range(len(options)), n))
        case Numeric(answer=answer):
            yield from _numbers(str(answer))
        case FillIn(blanks=blanks):
            typed = [
                [form for each in blank.accept for form in (each, each.swapcase(), f" {each} ")] + ["neither"]
                for blank in blanks
            ]
            yield from (list(each) for each in product(*typed))
        case Matching(pairs=pairs, distractors=distractors):
            choices = [None, *range(len(pairs) + len(distractors))]
            for each in product(choices, repeat=len(pairs)):
                if any(at is not None for at in each):
                    yield dict(enumerate(each))
        case Ordering(steps=steps):
            yield from (list(each) for each in permutations(range(len(steps))))


def _numbers(answer: str) -> Iterator[str]:
    from decimal import Decimal

    value = Decimal(answer)
    yield from (f"{value}", "0", "1e9", f"{-value}")
    for share in ("0.02", "0.0199999", "0.0200001", "0.5", "0.001"):
        yield from (f"{value * (1 + sign * Decimal(share))}" for sign in (1, -1))
    for room in ("0.1", "0.0999999", "0.1000001", "0.05", "5e-37", "4.9999e-37", "5.0001e-37"):
        yield from (f"{value + sign * Decimal(room)}" for sign in (1, -1))


def response(item: Item, at: Any) -> Any:
    """An answer by position as a response in the item's ids."""
    match item.question:
        case SingleChoice(options=options):
            return options[at[0]].id
        case MultipleChoice(options=options):
            return [options[each].id for each in at]
        case FillIn(blanks=blanks):
            return {blank.id: text for blank, text in zip(blanks, at, strict=True)}
        case Matching(pairs=pairs, distractors=distractors):
            names = [pair.id for pair in pairs] + [each.id for each in distractors]
            return {pairs[left].id: names[right] for left, right in at.items() if right is not None}
        case Ordering(steps=steps):
            return [steps[each].id for each in at]
    return at


def earned(item: Item, answers: list[Any]) -> list[Fraction | None]:
    """The fraction of the points that our engine gives for answers by position; None: no score."""
    samples = tuple(Sample(response=response(item, at), score=0) for at in answers)
    proof = try_proofs([(msgspec.structs.replace(item, samples=samples, variant_code=""), 5)])[0]
    assert isinstance(proof, Proof), proof
    results = [score(proof.variant, each) for each in proof.responses]
    return [
        Fraction(result.points or 0) / Fraction(item.points) if result.outcome is Outcome.SCORED else None
        for result in results
    ]
