"""Random banks and blueprints: what is assembled is sound, and what is called impossible no trial of all forms can do.

The rules are written here once more, over plain lists, by somebody who knows neither the solver nor the checker.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import product

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exam_bank.forms.assembly import assemble, assemble_forms
from exam_bank.forms.blueprint import Blueprint, Difficulty, Exposure, Row, Section
from exam_bank.forms.conflict import AssemblyError, explained
from exam_bank.forms.form_check import check_form, check_forms
from exam_bank.forms.parameters import Parameters
from exam_bank.forms.program import Program
from exam_bank.forms.requirements import task
from exam_bank.item import Item
from exam_bank.item_file import Bank
from exam_bank.item_sets import ItemSet
from tests.exam_bank.forms.made import SEED, bank_of, item, parameters_for, pilot

pytestmark = pytest.mark.integration  # slow: it solves and tries everything again and again

SLOW = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), max_examples=100)


@st.composite
def items(draw: st.DrawFn, most: int) -> list[Item]:
    """A few items of two topics, three kinds, 1 to 3 points, some of them enemies, in a set or on trial."""
    found: list[Item] = []
    for number in range(draw(st.integers(2, most))):
        kind = draw(st.sampled_from(["numeric", "single-choice", "short-answer"]))
        make = draw(st.sampled_from([item, item, item, pilot]))
        enemies = tuple(each.ref for each in found if draw(st.integers(0, 7)) == 0)
        about = {
            "points": Decimal(draw(st.integers(1, 3))),
            "minutes": float(draw(st.integers(1, 5))),
            "set": draw(st.sampled_from(["", "", "", "story"])),
            "enemies": enemies,
        }
        found.append(make(f"{draw(st.sampled_from('ab'))}/i{number}", kind, **about))
    return found


@st.composite
def rows(draw: st.DrawFn, counting: list[Item]) -> Row:
    """What holds of the given items, or nearly so."""
    row = Row(
        topic=draw(st.sampled_from([None, "a", "b"])),
        types=draw(st.sampled_from([(), ("numeric",), ("single-choice", "short-answer")])),
    )
    kind = [each for each in counting if is_kind(row, each)]
    off = draw(st.sampled_from([0, 0, 0, 1, -1]))
    asked = draw(st.sampled_from(["count", "at_least", "at_most", "points"]))
    amount = sum(each.points for each in kind) if asked == "points" else len(kind)
    return msgspec.structs.replace(row, **{asked: max(0, amount + off)})


@st.composite
def sections(draw: st.DrawFn, name: str, chosen: list[Item]) -> Section:
    """A section that the chosen items would do for, or nearly so."""
    counting = [each for each in chosen if each.status == "operational"]
    off = draw(st.sampled_from([0, 0, 0, 0, 1, -1]))
    return Section(
        id=name,
        title=name,
        minutes=max(1, int(sum(each.minutes for each in chosen)) + draw(st.integers(-1, 4))),
        count=max(1, len(counting)),
        points=max(Decimal(1), sum((each.points for each in counting), Decimal(off))),
        rows=tuple(draw(st.lists(rows(counting), max_size=2))),
        pilots=len(chosen) - len(counting),
    )


@st.composite
def problems(draw: st.DrawFn) -> tuple[Bank, Blueprint, Parameters]:
    rule = draw(
        st.sampled_from([ItemSet(id="story"), ItemSet(id="story", together=True), ItemSet(id="story", at_most=1)])
    )
    names = draw(st.sampled_from([["one"], ["one", "two"]]))
    bank = bank_of(draw(items(9 - 2 * len(names))), story=rule)
    places = [draw(st.integers(0, len(names))) for _ in bank.items]
    parts = tuple(
        draw(sections(name, [each for each, at in zip(bank.items.values(), places, strict=True) if at == number]))
        for number, name in enumerate(names, 1)
    )
    aim = draw(st.sampled_from([None, None, Difficulty(mean=Decimal("0.4"), tolerance=Decimal("0.15"))]))
    known = parameters_for(bank, difficulty=lambda place: place % 4 / 4)
    return bank, Blueprint(schema=1, title="Any", sections=parts, difficulty=aim, parameters="p.json"), known


def every_form(bank: Bank, plan: Blueprint) -> Iterator[list[list[Item]]]:
    """Every way to put each item into one of the sections or into none."""
    for places in product(range(len(plan.sections) + 1), repeat=len(bank.items)):
        yield [
            [each for each, at in zip(bank.items.values(), places, strict=True) if at == number]
            for number in range(1, len(plan.sections) + 1)
        ]


def is_right(form: list[list[Item]], bank: Bank, plan: Blueprint, known: Parameters) -> bool:
    everything = [each for part in form for each in part]
    parts = all(part_is_right(part, want, bank) for part, want in zip(form, plan.sections, strict=True))
    return parts and may_meet(everything, bank) and hard_enough(everything, plan, known)


def may_meet(everything: list[Item], bank: Bank) -> bool:
    asked = {each.ref for each in everything}
    most = bank.sets["story"].at_most
    story = [each for each in everything if each.set == "story"]
    return not any(asked & set(each.enemies) for each in everything) and (most is None or len(story) <= most)


def hard_enough(everything: list[Item], plan: Blueprint, known: Parameters) -> bool:
    counting = [each for each in everything if each.status == "operational"]
    total = sum(float(each.points) for each in counting)
    hard = sum(float(each.points) * known.items[each.ref].difficulty for each in counting) / total
    return plan.difficulty is None or abs(hard - 0.4) <= 0.15 + 1e-12


def part_is_right(part: list[Item], want: Section, bank: Bank) -> bool:
    counting = [each for each in part if each.status == "operational"]
    mine = {each.ref for each in part if each.set == "story"}
    whole = {each.ref for each in bank.items.values() if each.set == "story" and each.status == "operational"}
    return (
        (len(counting), len(part) - len(counting)) == (want.count, want.pilots)
        and sum(each.points for each in counting) == want.points
        and sum(each.minutes for each in part) <= want.minutes
        and all(row_is_met(row, counting) for row in want.rows)
        and (not bank.sets["story"].together or not mine or whole <= mine)
    )


def is_kind(row: Row, each: Item) -> bool:
    return row.topic in (None, each.topic) and (not row.types or each.type in row.types)


def row_is_met(row: Row, counting: list[Item]) -> bool:
    kind = [each for each in counting if is_kind(row, each)]
    exact = row.count is None or len(kind) == row.count
    enough = row.at_least is None or len(kind) >= row.at_least
    few = row.at_most is None or len(kind) <= row.at_most
    return exact and enough and few and (row.points is None or sum(each.points for each in kind) == row.points)


@SLOW
@given(problems())
def test_a_form_is_found_if_and_only_if_there_is_one(problem):
    bank, plan, known = problem
    possible = any(is_right(form, bank, plan, known) for form in every_form(bank, plan))
    try:
        form = assemble(bank, plan, seed=SEED, learner="ada", parameters=known)
    except AssemblyError:
        assert not possible
        return
    assert possible
    assert check_form(form, bank, plan, known) == ()
    sections = [[bank.items[question.variant.ref] for question in part.questions] for part in form.sections]
    assert is_right(sections, bank, plan, known)


@SLOW
@given(problems())
def test_a_conflict_is_one_and_nothing_of_it_could_be_left_out(problem):
    bank, plan, known = problem
    todo = task(bank, plan, known)
    if not todo.items or Program(todo.requirements, todo.variables).solve([0.0] * todo.variables) is not None:
        return
    error = explained(todo)
    named = [each for each in todo.requirements if each.words in error.rows]
    others = [each for each in todo.requirements if each.words.endswith("is asked once")]
    if "no item is asked in two sections" in error.rows:
        named += others
    assert Program(named, todo.variables).solve([0.0] * todo.variables) is None
    for each in named:
        if each not in others:
            rest = [one for one in named if one is not each]
            assert Program(rest, todo.variables).solve([0.0] * todo.variables) is not None


@SLOW
@given(problems())
def test_what_is_said_to_be_near_can_be_had(problem):
    """A row that gives way by what the error says makes the blueprint possible, and by less it does not."""
    bank, plan, known = problem
    todo = task(bank, plan, known)
    try:
        assemble(bank, plan, seed=SEED, learner="ada", parameters=known)
    except AssemblyError as error:
        for row, near in zip(error.rows, error.nearest, strict=True):
            if not near:
                continue
            figure = float(near.rpartition(" ")[2])
            (place,) = [number for number, each in enumerate(todo.requirements) if each.words == row][:1]
            each = todo.requirements[place]
            for slack, possible in ((2e-3, True), (-2e-3, False)):
                bound = figure * each.scale
                changed = (
                    replace(each, low=bound - slack)
                    if near.startswith("at most")
                    else replace(each, high=bound + slack)
                )
                tried = [*todo.requirements[:place], changed, *todo.requirements[place + 1 :]]
                solved = Program(tried, todo.variables).solve([0.0] * todo.variables)
                assert (solved is not None) == possible, (row, near)


@settings(SLOW, max_examples=25)
@given(problems(), st.integers(2, 5))
def test_the_forms_of_an_even_class_are_sound(problem, size):
    bank, plain, known = problem
    plan = Blueprint(
        **{name: getattr(plain, name) for name in plain.__struct_fields__} | {"exposure": Exposure(maximum=1)}
    )
    try:
        forms = assemble_forms(bank, plan, seed=SEED, learners=map(str, range(size)), parameters=known)
    except AssemblyError:
        assert not any(is_right(form, bank, plan, known) for form in every_form(bank, plan))
        return
    assert not any(check_forms(list(forms.values()), bank, plan, known))
    # An item is in no form only if it can be in none.
    asked = {question.variant.ref for form in forms.values() for question in form.questions}
    usable = {
        each.ref
        for form in every_form(bank, plan)
        if is_right(form, bank, plan, known)
        for part in form
        for each in part
    }
    assert asked <= usable
