"""A second opinion on a form: everything that the blueprint asks, counted again without the solver."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from exam_bank.forms.blueprint import Blueprint, Row, Section
from exam_bank.forms.form import Form, FormSection
from exam_bank.forms.selection import described, fits
from exam_bank.item import Item, Status, Use
from exam_bank.item_file import Bank
from exam_bank.variant import Variant
from exam_bank.variant_maker import Proof, try_proofs

Variants = Mapping[tuple[str, int], Variant]


def check_form(form: Form, bank: Bank, blueprint: Blueprint) -> tuple[str, ...]:
    """What is wrong with a form, one sentence each; empty if it is sound."""
    return check_forms([form], bank, blueprint)[0]


def check_forms(forms: Sequence[Form], bank: Bank, blueprint: Blueprint) -> tuple[tuple[str, ...], ...]:
    """As :func:`check_form` for many forms, in their order; one process makes all variants again."""
    asked = {(each.variant.ref, each.variant.seed) for form in forms for each in form.questions}
    known = sorted((ref, seed) for ref, seed in asked if ref in bank.items)
    proofs = dict(zip(known, try_proofs([(bank.items[ref], seed) for ref, seed in known]), strict=True))
    again = {name: proof.variant for name, proof in proofs.items() if isinstance(proof, Proof)}
    return tuple(tuple(_problems(form, bank, blueprint, again)) for form in forms)


def _problems(form: Form, bank: Bank, blueprint: Blueprint, again: Variants) -> Iterator[str]:
    if form.bank != bank.version:
        yield "It was assembled from another version of the bank."
    if form.blueprint != blueprint.version:
        yield "It was assembled from another version of the blueprint."
    refs = [question.variant.ref for question in form.questions]
    for ref in sorted(set(refs)):
        if refs.count(ref) > 1:
            yield f"Item {ref} is asked {refs.count(ref)} times."
    yield from _ids(form)
    yield from _items(form, bank, again)
    if [section.id for section in form.sections] != [section.id for section in blueprint.sections]:
        yield "Its sections are not those of the blueprint."
        return
    for have, want in zip(form.sections, blueprint.sections, strict=True):
        known = [each.variant.ref for each in have.questions if each.variant.ref in bank.items]
        yield from _section(have, want, [bank.items[ref] for ref in known])


def _ids(form: Form) -> Iterator[str]:
    ids = [question.id for question in form.questions]
    if ids != [f"q{number:02d}" for number in range(1, len(ids) + 1)]:
        yield f"Its questions are not numbered in order: {', '.join(ids)}."


def _items(form: Form, bank: Bank, again: Variants) -> Iterator[str]:
    """Each question is what its item gives for its seed, and the item may be asked beside the others."""
    variants = {question.variant.ref: question.variant for question in form.questions}
    for ref, variant in sorted(variants.items()):
        item = bank.items.get(ref)
        if item is None:
            yield f"Item {ref} is not in the bank."
            continue
        if item.status is not Status.OPERATIONAL or item.use is not Use.EXAM:
            yield f"Item {ref} may not be asked: it is {item.status.value}, for use in {item.use.value}."
        if again.get((ref, variant.seed)) != variant:
            yield f"Item {ref} gives another question for this seed."
        for enemy in sorted(set(variants) & set(item.enemies)):
            if ref < enemy:
                yield f"Items {ref} and {enemy} are enemies."


def _section(have: FormSection, want: Section, items: Sequence[Item]) -> Iterator[str]:
    name = f"Section {want.id}"
    if have.minutes != want.minutes:
        yield f"{name} lasts {have.minutes} minutes and not {want.minutes}."
    if len(have.questions) != want.count:
        yield f"{name} has {len(have.questions)} items and not {want.count}."
    points = sum((question.variant.points for question in have.questions), Decimal(0))
    if points != want.points:
        yield f"{name} has {points} points and not {want.points}."
    if (minutes := sum(item.minutes for item in items)) > want.minutes:
        yield f"{name} needs {minutes:g} minutes of {want.minutes}."
    for row in want.rows:
        yield from _row(name, row, [item for item in items if fits(item, row)])


def _row(name: str, row: Row, items: Sequence[Item]) -> Iterator[str]:
    count, points = len(items), sum((item.points for item in items), Decimal(0))
    low = row.count if row.count is not None else row.at_least
    high = row.count if row.count is not None else row.at_most
    if (low is not None and count < low) or (high is not None and count > high):
        yield f"{name} has {count} of {described(row)}."
    if row.points is not None and points != row.points:
        yield f"{name} has {points} points of {described(row)} and not {row.points}."
