"""An item and a seed as an item without templates, which is what other systems can hold."""

import re
from collections.abc import Sequence

import msgspec

from exam_bank.interchange.exchanged import LeftOut
from exam_bank.item import (
    Blank,
    Distractor,
    FillIn,
    Item,
    Matching,
    MultipleChoice,
    Numeric,
    Ordering,
    Pair,
    Question,
    SingleChoice,
    Step,
)
from exam_bank.variant import FillIn as ShownFillIn
from exam_bank.variant import Matching as ShownMatching
from exam_bank.variant import MultipleChoice as ShownMultipleChoice
from exam_bank.variant import Numeric as ShownNumeric
from exam_bank.variant import Ordering as ShownOrdering
from exam_bank.variant import ShownOption, Variant
from exam_bank.variant import SingleChoice as ShownSingleChoice
from exam_bank.variant_maker import Proof, VariantError, try_proofs

_SHOWN_BLANK = re.compile(r"\[\[([0-9]+)\]\]")


def concrete_items(items: Sequence[Item], *, variants: int | None) -> tuple[list[Item], list[LeftOut]]:
    """The items as they are asked, in order, and what cannot be made so.

    Args:
        items: as their authors wrote them.
        variants: how many variants to make of each item with variant code; None leaves such items out.
    """
    made: list[Item] = []
    left: list[LeftOut] = []
    for item in items:
        if item.variant_code and variants is None:
            reason = "its numbers are drawn by Python code, which no other system runs"
            left.append(LeftOut(question=item.ref, reason=reason, mend="ask for some of its variants with --variants"))
            continue
        count = variants if item.variant_code and variants else 1
        for seed, proof in enumerate(try_proofs([(item, seed) for seed in range(count)])):
            if isinstance(proof, VariantError):
                left.append(LeftOut(question=item.ref, reason=str(proof), mend="run coursewright items check"))
            else:
                made.append(_concrete(item, proof, f"-{seed + 1}" if item.variant_code else ""))
    return made, left


def _concrete(item: Item, proof: Proof, suffix: str) -> Item:
    variant = proof.variant
    return msgspec.structs.replace(
        item,
        id=item.id + suffix,
        stem=_stem(variant),
        solution=variant.solution,
        question=_question(item.question, variant),
        variant_code="",
        samples=(),
        enemies=(),
    )


def _stem(variant: Variant) -> str:
    if not isinstance(variant.key, ShownFillIn):
        return variant.stem
    sources = {blank.label: blank.source for blank in variant.key.blanks}
    return _SHOWN_BLANK.sub(lambda match: f"[[{sources[match[1]]}]]" if match[1] in sources else match[0], variant.stem)


def _question(question: Question, variant: Variant) -> Question:
    """The authored question with every text filled; the author's order is kept."""
    made = question
    match question, variant.key:
        case SingleChoice() | MultipleChoice(), ShownSingleChoice(options=shown) | ShownMultipleChoice(options=shown):
            made = msgspec.structs.replace(question, options=_options(question, shown))
        case Numeric(), ShownNumeric() as key:
            made = msgspec.structs.replace(question, answer=f"{key.answer}", unit=key.unit, feedback=key.feedback)
        case FillIn(), ShownFillIn(blanks=blanks):
            filled = tuple(
                Blank(id=each.source, accept=each.accept, case=each.case, spaces=each.spaces, feedback=each.feedback)
                for each in blanks
            )
            made = msgspec.structs.replace(question, blanks=filled)
        case Matching(), ShownMatching() as key:
            made = _matching(question, key)
        case Ordering(), ShownOrdering(steps=steps, feedback=feedback):
            texts = {step.source: step.text for step in steps}
            ordered = tuple(Step(id=step.id, text=texts[step.id]) for step in question.steps)
            made = msgspec.structs.replace(question, steps=ordered, feedback=feedback)
    return made


def _options(question: SingleChoice | MultipleChoice, shown: Sequence[ShownOption]) -> tuple[object, ...]:
    by_id = {option.source: option for option in shown}
    return tuple(
        msgspec.structs.replace(
            option, text=by_id[option.id].text, feedback=by_id[option.id].feedback, correct=by_id[option.id].correct
        )
        for option in question.options
    )


def _matching(question: Matching, key: ShownMatching) -> Matching:
    rights = {choice.source: choice.text for choice in key.choices}
    prompts = {prompt.source: prompt for prompt in key.prompts}
    pairs = tuple(
        Pair(id=pair.id, left=prompts[pair.id].text, right=rights[pair.id], feedback=prompts[pair.id].feedback)
        for pair in question.pairs
    )
    distractors = tuple(Distractor(id=each.id, text=rights[each.id]) for each in question.distractors)
    return msgspec.structs.replace(question, pairs=pairs, distractors=distractors)
