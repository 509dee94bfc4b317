"""A few fixed forms that are alike, and share no item unless they may."""

from collections import Counter
from decimal import Decimal

import msgspec
import pytest

from exam_bank.forms.assembly import assemble_forms, hand_out, parallel_forms
from exam_bank.forms.blueprint import Blueprint, Information, Parallel, Row
from exam_bank.forms.class_check import check_class
from exam_bank.forms.conflict import AssemblyError
from exam_bank.forms.form_check import check_forms
from exam_bank.forms.parameters import information
from tests.exam_bank.forms.made import SEED, bank_of, blueprint, item, parameters_for, refs, section

pytestmark = pytest.mark.integration  # slow: it solves again and again

BANK = bank_of([*(item(f"a/n{n:02}") for n in range(12)), *(item(f"b/c{n:02}", "single-choice") for n in range(12))])


def plan(*rows: Row, forms: int = 3, uses: int = 1, **more: object) -> Blueprint:
    return blueprint(section(*rows), parallel=Parallel(forms=forms, uses=uses), **more)


def test_parallel_forms_share_no_item():
    made = parallel_forms(BANK, plan(Row(topic="a", count=2)), seed=SEED)
    assert [form.fixed for form in made] == ["a", "b", "c"]
    assert not any(check_forms(made, BANK, plan(Row(topic="a", count=2))))
    assert max(Counter(ref for form in made for ref in refs(form)).values()) == 1
    assert parallel_forms(BANK, plan(Row(topic="a", count=2)), seed=SEED) == made
    assert parallel_forms(BANK, plan(Row(topic="a", count=2)), seed=SEED[::-1]) != made


def test_parallel_forms_measure_alike():
    known = parameters_for(BANK, a=lambda place: 0.7 + place / 20, b=lambda place: (place % 7 - 3) / 2, c=0.0)
    aim = Information(theta=Decimal(0), value=Decimal("0.95"), tolerance=Decimal("0.01"))
    alike = plan(parameters="p.json", information=(aim,))
    made = parallel_forms(BANK, alike, seed=SEED, parameters=known)
    amounts = [sum(information(known.items[ref], 0) for ref in refs(form)) for form in made]
    assert max(amounts) - min(amounts) <= 0.02
    assert not any(check_forms(made, BANK, alike, known))


def test_items_may_be_in_two_forms_if_the_blueprint_says_so():
    made = parallel_forms(BANK, plan(Row(topic="a", count=4), forms=5, uses=2), seed=SEED)
    assert Counter(Counter(ref for form in made for ref in refs(form)).values())[2] >= 8  # 20 places, 12 items
    assert max(Counter(ref for form in made for ref in refs(form)).values()) == 2
    assert check_class(made, plan(Row(topic="a", count=4), forms=5, uses=2), BANK) == ()
    (problem, *_) = check_class(made, plan(Row(topic="a", count=4), forms=5), BANK)
    assert problem.endswith("is in 2 of the fixed forms, and may be in 1.")


def test_each_learner_gets_one_and_another_the_next_time():
    names = [f"learner-{n}" for n in range(9)]
    forms = assemble_forms(BANK, plan(), seed=SEED, learners=names)
    assert Counter(form.fixed for form in forms.values()) == {"a": 3, "b": 3, "c": 3}
    assert check_class(list(forms.values()), plan(), BANK) == ()
    fixed = parallel_forms(BANK, plan(), seed=SEED)
    assert all(forms[name].sections == fixed["abc".index(forms[name].fixed)].sections for name in names)
    second = hand_out(fixed, names, SEED, 2, list(forms.values()))
    assert all(second[name].fixed != forms[name].fixed for name in names)
    assert {form.attempt for form in second.values()} == {2}


def test_who_comes_later_gets_the_form_that_is_used_least():
    fixed = parallel_forms(BANK, plan(), seed=SEED)
    before = list(hand_out(fixed, ["ada", "bea"], SEED, 1, []).values())
    (late,) = hand_out(fixed, ["cleo"], SEED, 1, before).values()
    assert {each.fixed for each in [*before, late]} == {"a", "b", "c"}


def test_the_checker_finds_a_learner_with_other_questions():
    forms = list(assemble_forms(BANK, plan(), seed=SEED, learners=map(str, range(6))).values())
    other = msgspec.structs.replace(forms[0], fixed="b" if forms[0].fixed == "a" else "a")
    assert any("is not the fixed form" in problem for problem in check_class([*forms, other], plan(), BANK))
    loose = msgspec.structs.replace(forms[0], fixed=msgspec.UNSET)
    assert "The form of 0 is none of the fixed ones." in check_class([loose], plan(), BANK)


def test_too_many_forms_say_how_many_there_are_and_what_is_short():
    with pytest.raises(AssemblyError) as caught:
        parallel_forms(BANK, plan(Row(topic="a", count=4), forms=5), seed=SEED)
    assert caught.value.nearest[0] == "at most 3"
    assert caught.value.rows == (
        "5 parallel forms, with an item in at most 1 of them",
        "section 'main', row 1: topic a (12 in the bank): exactly 4: the forms need 20 together, and 12 are there",
    )


def test_if_not_one_form_can_be_had_its_rows_are_named():
    with pytest.raises(AssemblyError, match=r"topic c \(0 in the bank\): exactly 1"):
        parallel_forms(BANK, plan(Row(topic="c", count=1)), seed=SEED)


def test_a_blueprint_without_parallel_forms_has_none():
    with pytest.raises(ValueError, match="has no"):
        parallel_forms(BANK, blueprint(), seed=SEED)
