"""What a blueprint may ask beyond counts and points: time, targets, pilots, sets; the checker finds each breach."""

from decimal import Decimal

import msgspec
import pytest

from exam_bank.forms.assembly import assemble, assemble_forms
from exam_bank.forms.blueprint import Difficulty, Information
from exam_bank.forms.conflict import AssemblyError
from exam_bank.forms.form import Form
from exam_bank.forms.form_check import check_form, check_forms
from exam_bank.forms.parameters import NO_PARAMETERS, information
from exam_bank.item import Status
from exam_bank.item_file import Bank
from exam_bank.item_sets import ItemSet
from tests.exam_bank.forms.made import (
    SEED,
    bank_of,
    blueprint,
    item,
    parameters_for,
    pilot,
    refs,
    section,
)

pytestmark = pytest.mark.integration  # slow: it solves and draws again and again

replace = msgspec.structs.replace


def forms_of(bank: Bank, plan, parameters=NO_PARAMETERS, learners: int = 12) -> list[Form]:
    """The forms of a class, each found to be sound."""
    names = [f"learner-{n}" for n in range(learners)]
    forms = list(assemble_forms(bank, plan, seed=SEED, learners=names, parameters=parameters).values())
    assert not any(check_forms(forms, bank, plan, parameters))
    return forms


# ---- time


def test_a_time_budget_may_be_less_than_the_time_limit():
    bank = bank_of(item(f"i{n}", minutes=float(n)) for n in range(1, 9))
    plan = blueprint(section(minutes=60, expected_minutes=Decimal(12)))
    for form in forms_of(bank, plan):
        assert sum(bank.items[ref].minutes for ref in refs(form)) <= 12
        assert form.sections[0].minutes == 60
    slow = forms_of(bank, blueprint(section(minutes=60, expected_minutes=Decimal(26))), learners=30)
    worst = max(slow, key=lambda form: sum(bank.items[ref].minutes for ref in refs(form)))
    tight = blueprint(section(minutes=60, expected_minutes=Decimal("12.5")))
    problems = check_form(replace(worst, blueprint=tight.version), bank, tight)
    assert len(problems) == 1
    assert problems[0].endswith("minutes of 12.5.")


# ---- targets


def test_a_form_is_as_hard_as_it_should_be():
    bank = bank_of(item(f"i{n:02}", points=Decimal(1 + n % 3)) for n in range(30))
    known = parameters_for(bank, difficulty=lambda place: 0.3 + place / 60)
    aim = Difficulty(mean=Decimal("0.62"), tolerance=Decimal("0.005"))
    plan = blueprint(section(count=10, points=20), parameters="p.json", difficulty=aim)
    forms = forms_of(bank, plan, known)
    for form in forms:
        earned = sum(float(each.points) * known.items[each.variant.ref].difficulty for each in form.questions)
        assert abs(earned / 20 - 0.62) <= 0.005
    easier = replace(plan, difficulty=Difficulty(mean=Decimal("0.8"), tolerance=Decimal("0.05")))
    (problem,) = check_form(replace(forms[0], blueprint=easier.version), bank, easier, known)
    assert problem.startswith("Its mean difficulty is 0.6")
    assert problem.endswith("and not 0.8 to within 0.05.")


def test_a_form_measures_as_it_should_at_each_ability():
    bank = bank_of(item(f"i{n:02}") for n in range(40))
    known = parameters_for(bank, a=lambda place: 0.8 + place % 7 / 10, b=lambda place: (place % 11 - 5) / 3, c=0.1)
    aims = (
        Information(theta=Decimal(-1), value=Decimal("1.9"), tolerance=Decimal("0.1")),
        Information(theta=Decimal(1), value=Decimal("1.6"), tolerance=Decimal("0.1")),
    )
    plan = blueprint(section(count=10, points=20), parameters="p.json", information=aims)
    forms = forms_of(bank, plan, known)
    for form in forms:
        assert abs(sum(information(known.items[ref], -1) for ref in refs(form)) - 1.9) <= 0.1
        assert abs(sum(information(known.items[ref], 1) for ref in refs(form)) - 1.6) <= 0.1
    other = replace(plan, information=(replace(aims[0], value=Decimal(3)), aims[1]))
    (problem,) = check_form(replace(forms[0], blueprint=other.version), bank, other, known)
    assert problem.startswith("Its information at -1 is 1.")


def test_a_form_is_bound_to_the_parameters_that_it_was_made_with():
    bank = bank_of(item(f"i{n}") for n in range(9))
    plan = blueprint(parameters="p.json", difficulty=Difficulty(mean=Decimal("0.5"), tolerance=Decimal("0.2")))
    known = parameters_for(bank, difficulty=0.5)
    form = forms_of(bank, plan, known)[0]
    recalibrated = parameters_for(bank, difficulty=0.51)
    object.__setattr__(recalibrated, "version", "sha256:other")
    assert check_form(form, bank, plan, recalibrated) == ("It was assembled with other parameters of the items.",)
    assert "are not known." in check_form(form, bank, plan)[1]
    assert assemble(bank, plan, seed=SEED, learner=form.learner, parameters=recalibrated) != form


def test_a_target_that_cannot_be_met_says_what_can():
    bank = bank_of(item(f"i{n}") for n in range(8))
    known = parameters_for(bank, difficulty=lambda place: 0.1 * place)
    aim = Difficulty(mean=Decimal("0.7"), tolerance=Decimal("0.02"))
    plan = blueprint(parameters="p.json", difficulty=aim)
    with pytest.raises(AssemblyError) as caught:
        assemble(bank, plan, seed=SEED, learner="ada", parameters=known)
    assert "the mean difficulty is 0.7 to within 0.02" in caught.value.rows
    assert "at most 0.55" in caught.value.nearest  # of 0.4, 0.5, 0.6 and 0.7


# ---- pilots


def piloted() -> tuple[Bank, object]:
    items = [item(f"i{n}") for n in range(10)] + [pilot(f"p{n}") for n in range(3)]
    return bank_of(items), blueprint(section(pilots=2))


def test_pilot_places_are_filled_beside_the_items_that_count():
    bank, plan = piloted()
    forms = forms_of(bank, plan)
    for form in forms:
        assert len(form.questions) == 6
        assert [ref.startswith("one/p") for ref in refs(form)] == [question.pilot for question in form.questions]
        assert form.points == 8
    assert (
        len({tuple(question.pilot for question in form.questions) for form in forms}) > 3
    )  # anywhere among the others
    assert {ref for form in forms for ref in refs(form)} == set(bank.items)


def test_without_pilot_places_no_pilot_item_is_asked():
    bank, _ = piloted()
    assert not any(question.pilot for form in forms_of(bank, blueprint()) for question in form.questions)


def test_too_few_pilot_items_say_how_many_there_are():
    bank, _ = piloted()
    with pytest.raises(AssemblyError) as caught:
        assemble(bank, blueprint(section(pilots=4)), seed=SEED, learner="ada")
    assert caught.value.rows == ("section 'main' has 4 pilot items (3 in the bank)",)
    assert caught.value.nearest == ("at most 3",)


def test_the_checker_tells_pilots_from_items_that_count():
    bank, plan = piloted()
    form = forms_of(bank, plan)[0]
    (part,) = form.sections
    swapped = tuple(replace(each, pilot=not each.pilot) for each in part.questions)
    problems = check_form(replace(form, sections=(replace(part, questions=swapped),)), bank, plan)
    assert "Section main has 4 pilot items and not 2." in problems
    assert "Section main has 2 items and not 4." in problems
    assert sum("may not be asked: it is" in problem for problem in problems) == 6


# ---- sets


def with_sets(**sets: ItemSet) -> Bank:
    others = [item(f"i{n}") for n in range(6)]
    return bank_of([*others, *(item(f"s{n}", set="story") for n in range(3)), pilot("sp", set="story")], **sets)


def test_items_of_a_set_stand_side_by_side():
    bank = with_sets()
    for form in forms_of(bank, blueprint(), learners=20):
        places = [place for place, ref in enumerate(refs(form)) if ref.startswith("one/s")]
        assert not places or places == list(range(places[0], places[-1] + 1))


def test_a_set_is_asked_whole_or_not_at_all():
    bank = with_sets(story=ItemSet(id="story", together=True))
    asked = {sum(ref.startswith("one/s") for ref in refs(form)) for form in forms_of(bank, blueprint(), learners=20)}
    assert asked == {0, 3}
    for form in forms_of(bank, blueprint(section(pilots=1)), learners=5):
        assert {"one/s0", "one/s1", "one/s2", "one/sp"} <= set(refs(form))  # the only pilot comes with its set


def test_no_more_of_a_set_than_it_says():
    bank = with_sets(story=ItemSet(id="story", at_most=1))
    parts = [section(name=name, count=2, points=4) for name in ("first", "second")]
    asked = {sum(ref.startswith("one/s") for ref in refs(f)) for f in forms_of(bank, blueprint(*parts), learners=20)}
    assert asked == {0, 1}


def test_the_checker_finds_a_set_that_is_torn_apart():
    loose, whole = with_sets(), with_sets(story=ItemSet(id="story", together=True))
    plan = blueprint()
    torn = next(form for form in forms_of(loose, plan, learners=20) if sum("one/s" in r for r in refs(form)) == 2)
    (part,) = torn.sections
    problems = check_form(torn, whole, plan)
    assert any(
        problem.startswith("Section main has only a part of the set story, without one/s") for problem in problems
    )
    mine = [each for each in part.questions if each.variant.ref.startswith("one/s")]
    others = [each for each in part.questions if each not in mine]
    apart = replace(part, questions=(mine[0], others[0], mine[1], others[1]))
    assert "Section main has the items of the set story apart." in check_form(
        replace(torn, sections=(apart,)), loose, plan
    )
    limited = with_sets(story=ItemSet(id="story", at_most=1))
    assert "It has 2 items of the set story, and may have 1." in check_form(torn, limited, plan)


def test_enemies_and_sets_in_conflict_are_named():
    items = [item(f"s{n}", set="story", enemies=("one/s1",) if n == 0 else ()) for n in range(2)]
    bank = bank_of([*items, item("i0")], story=ItemSet(id="story", together=True))
    with pytest.raises(AssemblyError) as caught:
        assemble(bank, blueprint(section(count=2, points=4)), seed=SEED, learner="ada")
    assert "one/s0 and one/s1 are enemies" in caught.value.rows
    assert "one/s0 and one/s1 are asked together (set story)" in caught.value.rows


def test_status_decides_and_nothing_else():
    bank = bank_of([*(item(f"i{n}") for n in range(4)), item("r", status=Status.RETIRED)])
    assert "one/r" not in refs(forms_of(bank, blueprint())[0])
