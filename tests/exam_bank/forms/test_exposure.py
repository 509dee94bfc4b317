"""A class's forms use the items evenly, whoever comes later."""

from collections import Counter
from decimal import Decimal
from itertools import combinations

import msgspec
import pytest

from exam_bank.forms.assembly import assemble_forms
from exam_bank.forms.blueprint import Blueprint, Exposure, Row
from exam_bank.forms.class_check import check_class, exposures
from exam_bank.forms.conflict import AssemblyError
from exam_bank.forms.exposure import least_overlap, mean_overlap
from exam_bank.forms.form import Form
from exam_bank.forms.form_check import check_forms
from exam_bank.forms.parameters import NO_PARAMETERS
from exam_bank.forms.requirements import task
from exam_bank.item_file import Bank
from tests.exam_bank.forms.made import SEED, bank_of, blueprint, item, pilot, refs, section

pytestmark = pytest.mark.integration  # slow: it solves again and again


def even(*rows: Row, maximum: str = "0.5", **more: object) -> Blueprint:
    return blueprint(section(*rows, **more), exposure=Exposure(maximum=Decimal(maximum)))


def class_of(
    bank: Bank, plan: Blueprint, learners: int, before: list[Form] | None = None, first: int = 0
) -> list[Form]:
    names = [f"learner-{n:03}" for n in range(first, first + learners)]
    forms = list(assemble_forms(bank, plan, seed=SEED, learners=names, before=before or []).values())
    assert not any(check_forms(forms, bank, plan))
    return forms


BANK = bank_of([*(item(f"a/n{n}") for n in range(6)), *(item(f"b/c{n}", "single-choice") for n in range(10))])


def test_every_item_is_used_as_often_as_every_other_of_its_kind():
    forms = class_of(BANK, even(Row(topic="a", count=2)), learners=30)
    found = exposures(forms, BANK)
    assert {uses for ref, uses in found.uses.items() if ref.startswith("a/")} == {10}  # 30 forms, 2 of 6
    assert {uses for ref, uses in found.uses.items() if ref.startswith("b/")} == {6}  # 30 forms, 2 of 10
    assert check_class(forms, even(Row(topic="a", count=2)), BANK) == ()


def test_an_even_class_has_the_least_overlap_that_there_is():
    plan = even(Row(topic="a", count=2))
    forms = class_of(BANK, plan, learners=30)
    pairs = list(combinations([set(refs(form)) for form in forms], 2))
    overlap = sum(len(one & two) for one, two in pairs) / len(pairs)
    todo = task(BANK, plan, NO_PARAMETERS)
    uses = [Counter(ref for form in forms for ref in refs(form))[each.ref] for each in todo.items]
    assert exposures(forms, BANK).overlap == pytest.approx(overlap)
    assert mean_overlap(uses, 30) == pytest.approx(overlap)
    # By hand: the sum over items of n (n - 1), with n of 10 for six of them and of 6 for ten.
    assert least_overlap(todo, uses, 30) == pytest.approx((6 * 10 * 9 + 10 * 6 * 5) / (30 * 29))
    assert overlap == pytest.approx(least_overlap(todo, uses, 30))


def test_the_bound_holds_whatever_uses_it_is_asked_near():
    plan = even(Row(topic="a", count=2))
    todo = task(BANK, plan, NO_PARAMETERS)
    least = (6 * 10 * 9 + 10 * 6 * 5) / (30 * 29)
    for near in ([0] * 16, [30] * 16, list(range(16))):
        assert least_overlap(todo, near, 30) <= least + 1e-9


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_no_item_is_in_more_forms_than_the_maximum_allows(size):
    plan = even(count=4, maximum="0.3")
    forms = class_of(BANK, plan, learners=size)
    most = max(Counter(ref for form in forms for ref in refs(form)).values())
    assert most <= -(-size * 3 // 10)


def test_who_comes_later_gets_what_was_used_least_and_leaves_the_others_alone():
    plan = even(Row(topic="a", count=2))
    early = class_of(BANK, plan, learners=15)
    late = class_of(BANK, plan, learners=15, before=early, first=15)
    together = [*early, *late]
    assert {form.before for form in early} == {0}
    assert {form.before for form in late} == {15}
    assert set(exposures(together, BANK).uses.values()) == {10, 6}
    alone = class_of(BANK, plan, learners=1, before=together, first=30)
    assert class_of(BANK, plan, learners=1, before=together, first=30) == alone


def test_a_class_can_be_made_again_batch_by_batch():
    plan = even()
    kept = class_of(BANK, plan, learners=5)
    kept += class_of(BANK, plan, learners=3, before=kept, first=5)
    again: list[Form] = []
    for batch in sorted({form.before for form in kept}):
        names = [form.learner for form in reversed(kept) if form.before == batch]
        again += assemble_forms(BANK, plan, seed=SEED, learners=names, before=again).values()
    assert again == kept


def test_another_seed_gives_another_class():
    plan = even()
    other = assemble_forms(BANK, plan, seed=SEED[::-1], learners=[f"learner-{n:03}" for n in range(5)])
    assert [refs(form) for form in other.values()] != [refs(form) for form in class_of(BANK, plan, learners=5)]


def test_an_item_that_fits_badly_has_its_turn_too():
    """The item of 5 points costs two of 1 point, which are few: evenness alone would leave it out."""
    ones = [item(f"one{n}", points=Decimal(1)) for n in range(2)]
    bank = bank_of([*(item(f"i{n}") for n in range(12)), *ones, item("five", points=Decimal(4))])
    forms = class_of(bank, even(count=4, points=8, maximum="0.9"), learners=12)
    assert exposures(forms, bank).unused == ()


def test_an_item_that_evenness_alone_would_leave_out_is_asked_once():
    """Every form has one of two items of 1 point; the item of 4 points needs both, so that it makes others uneven."""
    ones = [item(f"a/one{n}", points=Decimal(1)) for n in range(2)]
    threes = [item(f"b/three{n}", points=Decimal(3)) for n in range(20)]
    bank = bank_of([*ones, *threes, *(item(f"b/two{n:02}") for n in range(30)), item("b/four", points=Decimal(4))])
    forms = class_of(bank, even(Row(topic="a", at_least=1), maximum="1"), learners=30)
    assert exposures(forms, bank).uses["b/four"] == 1
    assert exposures(forms, bank).unused == ()


def test_an_item_that_can_be_in_no_form_holds_nobody_up():
    bank = bank_of([*BANK.items.values(), item("odd", points=Decimal("2.5"))])
    assert exposures(class_of(bank, even(), learners=6), bank).unused == ("one/odd",)


def test_pilot_items_are_used_evenly_and_the_maximum_is_not_for_them():
    bank = bank_of([*BANK.items.values(), pilot("p0"), pilot("p1")])
    forms = class_of(bank, even(maximum="0.3", pilots=1), learners=10)
    assert Counter(ref for form in forms for ref in refs(form) if ref.startswith("one/p")) == {"one/p0": 5, "one/p1": 5}
    assert check_class(forms, even(maximum="0.3", pilots=1), bank) == ()


def test_a_maximum_that_cannot_be_kept_says_what_can():
    with pytest.raises(AssemblyError) as caught:
        class_of(BANK, even(Row(topic="a", count=3), maximum="0.25"), learners=20)
    assert caught.value.rows == ("no item is in more than 0.25 of the class's forms (5 of 20)",)
    assert caught.value.nearest == ("at least 0.5",)  # 3 of 6
    assert "raise exposure.maximum" in str(caught.value)


def test_rows_that_cannot_be_met_are_named_here_too():
    with pytest.raises(AssemblyError) as caught:
        class_of(BANK, even(Row(topic="c", count=1)), learners=2)
    assert "topic c (0 in the bank): exactly 1" in str(caught.value)


def test_the_checker_finds_an_item_that_is_used_too_often():
    plan = even(maximum="0.3")
    forms = class_of(BANK, plan, learners=10)
    (problem, *_) = check_class([*forms[:-1], msgspec.structs.replace(forms[0], learner="x")] * 2, plan, BANK)
    assert "of 20 forms, and may be in 6." in problem
