"""A second opinion on a form: everything that the blueprint asks, counted again without the solver.

What must hold of a class's forms together is checked by :mod:`exam_bank.forms.class_check`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from exam_bank.forms.blueprint import Blueprint, Row, Section
from exam_bank.forms.form import Form, FormSection
from exam_bank.forms.kinds import described, fits, set_rule
from exam_bank.forms.parameters import NO_PARAMETERS, ItemParameters, Parameters, information
from exam_bank.item import Item, Status, Use
from exam_bank.item_file import Bank
from exam_bank.variant import Variant
from exam_bank.variant_maker import Proof, try_proofs

Variants = Mapping[tuple[str, int], Variant]
_ROUNDING = 1e-9  # sums of floats


def check_form(form: Form, bank: Bank, blueprint: Blueprint, parameters: Parameters = NO_PARAMETERS) -> tuple[str, ...]:
    """What is wrong with a form, one sentence each; empty if it is sound."""
    return check_forms([form], bank, blueprint, parameters)[0]


def check_forms(
    forms: Sequence[Form], bank: Bank, blueprint: Blueprint, parameters: Parameters = NO_PARAMETERS
) -> tuple[tuple[str, ...], ...]:
    """As :func:`check_form` for many forms, in their order; one process makes all variants again."""
    asked = {(each.variant.ref, each.variant.seed) for form in forms for each in form.questions}
    known = sorted((ref, seed) for ref, seed in asked if ref in bank.items)
    proofs = dict(zip(known, try_proofs([(bank.items[ref], seed) for ref, seed in known]), strict=True))
    again = {name: proof.variant for name, proof in proofs.items() if isinstance(proof, Proof)}
    return tuple((*_problems(form, bank, blueprint, again), *_targets(form, blueprint, parameters)) for form in forms)


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
    yield from _limits(form, bank)
    if [section.id for section in form.sections] != [section.id for section in blueprint.sections]:
        yield "Its sections are not those of the blueprint."
        return
    for have, want in zip(form.sections, blueprint.sections, strict=True):
        known = [each for each in have.questions if each.variant.ref in bank.items]
        items = [bank.items[each.variant.ref] for each in known]
        yield from _section(have, want, items)
        counting = [bank.items[each.variant.ref] for each in known if not each.pilot]
        for row in want.rows:
            yield from _row(f"Section {want.id}", row, [item for item in counting if fits(item, row)])
        yield from _sets(have, bank)


def _ids(form: Form) -> Iterator[str]:
    ids = [question.id for question in form.questions]
    if ids != [f"q{number:02d}" for number in range(1, len(ids) + 1)]:
        yield f"Its questions are not numbered in order: {', '.join(ids)}."


def _items(form: Form, bank: Bank, again: Variants) -> Iterator[str]:
    """Each question is what its item gives for its seed, and the item may be asked beside the others."""
    variants = {question.variant.ref: question.variant for question in form.questions}
    pilots = {question.variant.ref for question in form.questions if question.pilot}
    for ref, variant in sorted(variants.items()):
        item = bank.items.get(ref)
        if item is None:
            yield f"Item {ref} is not in the bank."
            continue
        wanted = Status.PILOT if ref in pilots else Status.OPERATIONAL
        if item.status is not wanted or item.use is not Use.EXAM:
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
    counting = [question for question in have.questions if not question.pilot]
    if len(counting) != want.count:
        yield f"{name} has {len(counting)} items and not {want.count}."
    if have.pilots != want.pilots:
        yield f"{name} has {have.pilots} pilot items and not {want.pilots}."
    points = sum((question.variant.points for question in counting), Decimal(0))
    if points != want.points:
        yield f"{name} has {points} points and not {want.points}."
    if (minutes := sum(item.minutes for item in items)) > float(want.budget) + _ROUNDING:
        yield f"{name} needs {minutes:g} minutes of {want.budget}."


def _row(name: str, row: Row, items: Sequence[Item]) -> Iterator[str]:
    count, points = len(items), sum((item.points for item in items), Decimal(0))
    low = row.count if row.count is not None else row.at_least
    high = row.count if row.count is not None else row.at_most
    if (low is not None and count < low) or (high is not None and count > high):
        yield f"{name} has {count} of {described(row)}."
    if row.points is not None and points != row.points:
        yield f"{name} has {points} points of {described(row)} and not {row.points}."


def _sets(have: FormSection, bank: Bank) -> Iterator[str]:
    """Items of a set stand side by side; where the set says so all of those that count are asked, or none."""
    names = [bank.items[each.variant.ref].set if each.variant.ref in bank.items else "" for each in have.questions]
    asked = {each.variant.ref for each in have.questions}
    for name in sorted(set(names) - {""}):
        own = [item for item in bank.items.values() if item.set == name and item.use is Use.EXAM]
        counting = {item.ref for item in own if item.status is Status.OPERATIONAL}
        missing = sorted(counting - asked) if set_rule(bank, name).together else []
        if missing:
            yield f"Section {have.id} has only a part of the set {name}, without {', '.join(missing)}."
        first = names.index(name)
        if names[first : first + names.count(name)] != [name] * names.count(name):
            yield f"Section {have.id} has the items of the set {name} apart."


def _limits(form: Form, bank: Bank) -> Iterator[str]:
    """No more of a set than it says."""
    items = [bank.items[each.variant.ref] for each in form.questions if each.variant.ref in bank.items]
    for name, number in sorted(Counter(item.set for item in items).items()):
        most = set_rule(bank, name).at_most if name else None
        if most is not None and number > most:
            yield f"It has {number} items of the set {name}, and may have {most}."


def _targets(form: Form, blueprint: Blueprint, parameters: Parameters) -> Iterator[str]:
    if (form.parameters or "") != parameters.version:
        yield "It was assembled with other parameters of the items."
    counting = [question.variant for question in form.questions if not question.pilot]
    known: dict[str, ItemParameters] = {}
    for variant in counting:
        each = parameters.items.get(variant.ref)
        if each and each.version == variant.version:
            known[variant.ref] = each
    missing = sorted({variant.ref for variant in counting} - set(known))
    if missing and (blueprint.difficulty or blueprint.information):
        yield f"The parameters of {', '.join(missing)} in this version are not known."
        return
    if aim := blueprint.difficulty:
        worth = sum(float(variant.points) for variant in counting)
        earned = sum(float(variant.points) * (known[variant.ref].difficulty or 0) for variant in counting)
        if not worth or abs(earned / worth - float(aim.mean)) > float(aim.tolerance) + _ROUNDING:
            yield f"Its mean difficulty is {earned / (worth or 1):.4g} and not {aim.mean} to within {aim.tolerance}."
    for one in blueprint.information:
        value = sum(information(known[variant.ref], one.theta) for variant in counting)
        if abs(value - float(one.value)) > float(one.tolerance) + _ROUNDING:
            yield f"Its information at {one.theta} is {value:.4g} and not {one.value} to within {one.tolerance}."
