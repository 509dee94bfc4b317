"""Forms from a blueprint: a different one for each learner, the same one again from the same secret seed.

Whatever is random comes from HMAC-SHA256 of the secret seed over the bank's version, the blueprint's version, the
learner and the attempt: who does not know the seed can neither foretell a form nor tell it from a random one.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping

from exam_bank.forms.blueprint import Blueprint
from exam_bank.forms.form import Form, FormSection, Question
from exam_bank.forms.selection import Selection, eligible
from exam_bank.item import Item
from exam_bank.item_file import Bank
from exam_bank.variant import Variant
from exam_bank.variant_maker import make_variants

MIN_SEED_BYTES = 16


def assemble(bank: Bank, blueprint: Blueprint, *, seed: bytes, learner: str, attempt: int = 1) -> Form:
    """The form of one learner.

    Args:
        bank: the items; only operational exam items are asked.
        blueprint: what the form must be like.
        seed: the exam's secret, at least 16 random bytes.
        learner: the learner's id.
        attempt: from 1; each attempt has a form of its own.

    Raises:
        AssemblyError: the blueprint cannot be met.
        VariantError: an item gives no question for this learner's seed.
    """
    return assemble_forms(bank, blueprint, seed=seed, learners=[learner], attempt=attempt)[learner]


def assemble_forms(
    bank: Bank, blueprint: Blueprint, *, seed: bytes, learners: Iterable[str], attempt: int = 1
) -> Mapping[str, Form]:
    """The forms of many learners; one process makes all their variants.

    Raises:
        AssemblyError: the blueprint cannot be met.
        VariantError: an item gives no question for a learner's seed.
    """
    if len(seed) < MIN_SEED_BYTES:
        raise ValueError(f"the secret seed has {len(seed)} bytes, and at least {MIN_SEED_BYTES} are needed")
    selection = Selection(blueprint, eligible(bank))
    drafts = {
        learner: _Draft(_Random(seed, bank, blueprint, learner, attempt), selection)
        for learner in dict.fromkeys(learners)
    }
    requests = [request for draft in drafts.values() for request in draft.requests()]
    variants = iter(make_variants(requests))
    return {
        learner: Form(
            title=blueprint.title,
            learner=learner,
            attempt=attempt,
            bank=bank.version,
            blueprint=blueprint.version,
            sections=draft.sections(variants),
        )
        for learner, draft in drafts.items()
    }


class _Random:
    """Random numbers for names, from the secret seed."""

    def __init__(self, seed: bytes, bank: Bank, blueprint: Blueprint, learner: str, attempt: int) -> None:
        about = ["coursewright form", bank.version, blueprint.version, learner, attempt]
        self._key = hmac.digest(seed, json.dumps(about).encode(), hashlib.sha256)

    def integer(self, purpose: str, name: str, *, bits: int = 128) -> int:
        digest = hmac.digest(self._key, json.dumps([purpose, name]).encode(), hashlib.sha256)
        return int.from_bytes(digest) >> (256 - bits)

    def fraction(self, purpose: str, name: str) -> float:
        return self.integer(purpose, name, bits=53) / 2**53


class _Draft:
    """One learner's items in their order, before variants are made."""

    def __init__(self, random: _Random, selection: Selection) -> None:
        weights = [random.fraction("weight", item.ref) for item in selection.items]
        self._random = random
        self._blueprint = selection.blueprint
        self._items = [
            sorted(items, key=lambda item: random.integer("order", item.ref)) for items in selection.solve(weights)
        ]

    def requests(self) -> list[tuple[Item, int]]:
        return [(item, self._random.integer("variant", item.ref)) for items in self._items for item in items]

    def sections(self, variants: Iterator[Variant]) -> tuple[FormSection, ...]:
        sections, number = [], 0
        for section, items in zip(self._blueprint.sections, self._items, strict=True):
            questions = []
            for _ in items:
                number += 1
                questions.append(Question(id=f"q{number:02d}", variant=next(variants)))
            sections.append(
                FormSection(id=section.id, title=section.title, minutes=section.minutes, questions=tuple(questions))
            )
        return tuple(sections)
