"""Forms from a blueprint: a different one for each learner or a few fixed ones, the same again from the same seed.

Whatever is random comes from HMAC-SHA256 of the secret seed over the bank's version, the blueprint's version, the
learner and the attempt: who does not know the seed can neither foretell a form nor tell it from a random one.

A blueprint says which of three ways it is:

* nothing: a learner's form depends on nobody else's;
* ``[exposure]``: the class's forms use the items evenly (:mod:`exam_bank.forms.exposure`);
* ``[parallel]``: a few fixed forms (:mod:`exam_bank.forms.parallel`), of which each learner gets one.
"""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from exam_bank.forms.blueprint import Blueprint
from exam_bank.forms.conflict import explained
from exam_bank.forms.exposure import Use, even_choices
from exam_bank.forms.form import Form, FormSection, Question
from exam_bank.forms.kinds import LABELS, counts
from exam_bank.forms.parallel import parallel_choices
from exam_bank.forms.parameters import NO_PARAMETERS, Parameters
from exam_bank.forms.program import Program
from exam_bank.forms.requirements import Task, task
from exam_bank.item import Item
from exam_bank.item_file import Bank
from exam_bank.variant import Variant
from exam_bank.variant_maker import make_variants

MIN_SEED_BYTES = 16


def assemble(
    bank: Bank,
    blueprint: Blueprint,
    *,
    seed: bytes,
    learner: str,
    attempt: int = 1,
    parameters: Parameters = NO_PARAMETERS,
) -> Form:
    """The form of one learner, by themselves.

    Args:
        bank: the items; only operational exam items are asked, and pilot items in their places.
        blueprint: what the form must be like.
        seed: the exam's secret, at least 16 random bytes.
        learner: the learner's id.
        attempt: from 1; each attempt has a form of its own.
        parameters: of the items, if the blueprint has targets.

    Raises:
        AssemblyError: the blueprint cannot be met.
        ParameterError: the blueprint's targets need parameters that are not there.
        VariantError: an item gives no question for this learner's seed.
    """
    forms = assemble_forms(bank, blueprint, seed=seed, learners=[learner], attempt=attempt, parameters=parameters)
    return forms[learner]


def assemble_forms(
    bank: Bank,
    blueprint: Blueprint,
    *,
    seed: bytes,
    learners: Iterable[str],
    attempt: int = 1,
    parameters: Parameters = NO_PARAMETERS,
    before: Sequence[Form] = (),
) -> Mapping[str, Form]:
    """The forms of many learners; one process makes all their variants.

    Args:
        bank: as for :func:`assemble`.
        blueprint: as there.
        seed: as there.
        learners: their ids; the order does not matter.
        attempt: as there.
        parameters: as there.
        before: every form of the exam that there is already, which an even exposure takes into account.

    Raises:
        AssemblyError: the blueprint cannot be met.
        ParameterError: the blueprint's targets need parameters that are not there.
        VariantError: an item gives no question for a learner's seed.
    """
    source = _Source(seed, bank, blueprint, parameters)
    names = list(dict.fromkeys(learners))
    if blueprint.parallel:
        return hand_out(parallel_forms(bank, blueprint, seed=seed, parameters=parameters), names, seed, attempt, before)
    randoms = {name: source.random(name, attempt) for name in names}
    todo = source.task()
    if blueprint.exposure:
        # In an order that nobody can foretell, and that is not the alphabet's.
        names.sort(key=lambda name: randoms[name].integer("turn", ""))
        use = Use(Counter(_asked(before)), len(before))
        drawn = [_drawn(randoms[name], todo) for name in names]
        chosen: list[Sequence[int]] = [[*map(int, each)] for each in even_choices(todo, blueprint.exposure, drawn, use)]
    else:
        chosen = [_own_choice(todo, _drawn(randoms[name], todo)) for name in names]
    drafts = [_Draft(randoms[name], todo, each) for name, each in zip(names, chosen, strict=True)]
    place = len(before) if blueprint.exposure else msgspec.UNSET
    empty = [source.form(learner=name, attempt=attempt, before=place) for name in names]
    made = dict(zip(names, _filled(drafts, empty), strict=True))
    return {name: made[name] for name in sorted(made)}


def parallel_forms(
    bank: Bank, blueprint: Blueprint, *, seed: bytes, parameters: Parameters = NO_PARAMETERS
) -> tuple[Form, ...]:
    """The fixed forms of a blueprint with ``[parallel]``; ``fixed`` is the letter of each, and no learner is in them.

    Raises:
        AssemblyError: the blueprint cannot be met.
        ParameterError: the blueprint's targets need parameters that are not there.
        VariantError: an item gives no question.
        ValueError: the blueprint asks for no parallel forms.
    """
    if blueprint.parallel is None:
        raise ValueError(f"the blueprint {blueprint.title!r} has no [parallel]")
    source = _Source(seed, bank, blueprint, parameters)
    labels = LABELS[: blueprint.parallel.forms]
    randoms = [source.random(["fixed form", label], 1) for label in labels]
    todo = source.task()
    chosen = parallel_choices(todo, blueprint.parallel, [_drawn(each, todo) for each in randoms])
    drafts = [_Draft(random, todo, each) for random, each in zip(randoms, chosen, strict=True)]
    return tuple(_filled(drafts, [source.form(learner="", attempt=1, fixed=label) for label in labels]))


def hand_out(
    fixed: Sequence[Form], learners: Sequence[str], seed: bytes, attempt: int, before: Sequence[Form]
) -> Mapping[str, Form]:
    """One of the fixed forms for each learner, each about as often; one that the learner had comes last.

    Args:
        fixed: the forms, all of them.
        learners: who gets one.
        seed: the exam's secret.
        attempt: which attempt it is.
        before: the forms that learners of this exam have already.
    """

    def number(*about: object) -> bytes:
        return hmac.digest(seed, json.dumps(["coursewright hand out", attempt, *about]).encode(), hashlib.sha256)

    used = Counter(each.fixed for each in before)
    had = {(each.learner, each.fixed) for each in before}
    given: dict[str, Form] = {}
    for learner in sorted(learners, key=number):
        form = min(
            fixed,
            key=lambda each: ((learner, each.fixed) in had, used[each.fixed], number(learner, each.fixed)),
        )
        used[form.fixed] += 1
        given[learner] = msgspec.structs.replace(form, learner=learner, attempt=attempt)
    return {learner: given[learner] for learner in sorted(given)}


@dataclass(frozen=True)
class _Source:
    """What forms are made from."""

    seed: bytes
    bank: Bank
    blueprint: Blueprint
    parameters: Parameters

    def __post_init__(self) -> None:
        if len(self.seed) < MIN_SEED_BYTES:
            raise ValueError(f"the secret seed has {len(self.seed)} bytes, and at least {MIN_SEED_BYTES} are needed")

    def task(self) -> Task:
        return task(self.bank, self.blueprint, self.parameters)

    def random(self, name: object, attempt: int) -> "_Random":
        about = ["coursewright form", self.bank.version, self.blueprint.version, name, attempt]
        return _Random(self.seed, about + [each for each in [self.parameters.version] if each])

    def form(
        self,
        *,
        learner: str,
        attempt: int,
        before: int | msgspec.UnsetType = msgspec.UNSET,
        fixed: str | msgspec.UnsetType = msgspec.UNSET,
    ) -> Form:
        """A form without its sections."""
        return Form(
            title=self.blueprint.title,
            learner=learner,
            attempt=attempt,
            bank=self.bank.version,
            blueprint=self.blueprint.version,
            sections=(),
            parameters=self.parameters.version or msgspec.UNSET,
            before=before,
            fixed=fixed,
        )


class _Random:
    """Random numbers for names, from the secret seed."""

    def __init__(self, seed: bytes, about: Sequence[object]) -> None:
        self._key = hmac.digest(seed, json.dumps(about).encode(), hashlib.sha256)

    def integer(self, purpose: str, name: str, *, bits: int = 128) -> int:
        digest = hmac.digest(self._key, json.dumps([purpose, name]).encode(), hashlib.sha256)
        return int.from_bytes(digest) >> (256 - bits)

    def fraction(self, purpose: str, name: str) -> float:
        return self.integer(purpose, name, bits=53) / 2**53


def _asked(forms: Iterable[Form]) -> Iterator[str]:
    return (question.variant.ref for form in forms for question in form.questions)


def _drawn(random: _Random, todo: Task) -> list[float]:
    return [random.fraction("weight", item.ref) for item in todo.items]


def _own_choice(todo: Task, drawn: Sequence[float]) -> Sequence[int]:
    chosen = Program(todo.requirements, todo.variables).solve([*drawn] * todo.sections)
    if chosen is None:
        raise explained(todo)
    return [int(each) for each in chosen]


class _Draft:
    """One form's items in their order, before variants are made."""

    def __init__(self, random: _Random, todo: Task, chosen: Iterable[int]) -> None:
        self._random = random
        self._blueprint = todo.blueprint
        sections: list[list[Item]] = [[] for _ in range(todo.sections)]
        for place in chosen:
            sections[int(place) // len(todo.items)].append(todo.items[int(place) % len(todo.items)])
        self._items = [sorted(items, key=self._place) for items in sections]

    def _place(self, item: Item) -> tuple[int, str]:
        """Items of a set stand side by side, in the order of their names."""
        name = item.set
        return self._random.integer("set" if name else "order", name or item.ref), item.ref

    def requests(self) -> list[tuple[Item, int]]:
        return [(item, self._random.integer("variant", item.ref)) for items in self._items for item in items]

    def sections(self, variants: Iterator[Variant]) -> tuple[FormSection, ...]:
        sections, number = [], 0
        for section, items in zip(self._blueprint.sections, self._items, strict=True):
            questions = []
            for item in items:
                number += 1
                questions.append(Question(id=f"q{number:02d}", variant=next(variants), pilot=not counts(item)))
            sections.append(
                FormSection(id=section.id, title=section.title, minutes=section.minutes, questions=tuple(questions))
            )
        return tuple(sections)


def _filled(drafts: Sequence[_Draft], empty: Sequence[Form]) -> list[Form]:
    """The forms with their questions."""
    variants = iter(make_variants([request for draft in drafts for request in draft.requests()]))
    return [
        msgspec.structs.replace(form, sections=draft.sections(variants))
        for draft, form in zip(drafts, empty, strict=True)
    ]
