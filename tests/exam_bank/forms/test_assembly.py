"""Blueprints and forms: met exactly, different for each learner, the same again from the same seed."""

import json
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import msgspec
import nbformat
import pytest

from authoring.toml_file import TomlError
from exam_bank.forms.assembly import assemble, assemble_forms
from exam_bank.forms.blueprint import Blueprint, Row, Section, read_blueprint
from exam_bank.forms.conflict import AssemblyError
from exam_bank.forms.exam_notebook import form_notebook, read_responses
from exam_bank.forms.form import Form, from_json, to_json
from exam_bank.forms.form_check import check_form, check_forms
from exam_bank.forms.kinds import eligible
from exam_bank.item import Item, Status, Use
from exam_bank.item_file import Bank, parse_item, read_bank
from exam_bank.strict import SourceError
from tests.exam_bank.conftest import CODE, CODE_SECTIONS, MATCHING, NUMERIC, SHORT, SINGLE, item_text

pytestmark = pytest.mark.integration  # slow: it starts processes, signs or draws again and again

COURSE = Path(__file__).parents[3] / "courses" / "mpc"
SEED = bytes(range(32))
ALTERNATIVES = MATCHING.replace("SCORING", "number-right")


def item(name: str, front: str, topic: str = "one", sections: str = "") -> Item:
    return parse_item(item_text(front, sections=sections), topic=topic, item_id=name, file=name)


def bank_of(*items: Item) -> Bank:
    return Bank(items={each.ref: each for each in sorted(items, key=lambda each: each.ref)})


@pytest.fixture
def bank() -> Bank:
    """Six numbers and six choices in two topics, two points and three minutes each."""
    numbers = [item(f"number-{n}", NUMERIC, topic="one" if n < 3 else "two") for n in range(6)]
    choices = [item(f"choice-{n}", SINGLE, topic="one" if n < 3 else "two") for n in range(6)]
    return bank_of(*numbers, *choices)


def blueprint(*rows: Row, count: int = 4, points: int = 8, minutes: int = 30) -> Blueprint:
    section = Section(id="main", title="Main", minutes=minutes, count=count, points=Decimal(points), rows=rows)
    return Blueprint(schema=1, title="Test", sections=(section,))


def refs(form: Form) -> list[str]:
    return [question.variant.ref for question in form.questions]


def test_the_sample_courses_exam() -> None:
    bank, plan = read_bank(COURSE), read_blueprint(COURSE / "exam" / "final.toml")
    learners = [f"learner-{n}" for n in range(12)]
    forms = assemble_forms(bank, plan, seed=SEED, learners=learners)
    assert not any(check_forms(list(forms.values()), bank, plan))
    assert len({tuple(sorted(refs(form))) for form in forms.values()}) > 3
    assert all(len(form.questions) < 12 and form.points == plan.points == 21 for form in forms.values())
    assert assemble(bank, plan, seed=SEED, learner="learner-3") == forms["learner-3"]


CHANGES: list[dict[str, object]] = [{"skill": "recall"}, {"minutes": 4.0}, {"status": Status.RETIRED}]  # of one item


def changed_in(bank: Bank, **change: object) -> Bank:
    first, *rest = bank.items.values()
    return bank_of(msgspec.structs.replace(first, **change), *rest)


def test_a_form_comes_from_seed_learner_attempt_bank_and_blueprint(bank: Bank) -> None:
    plan = blueprint()
    form = assemble(bank, plan, seed=SEED, learner="ada")
    assert assemble(bank, plan, seed=SEED, learner="ada") == form
    others = [
        assemble(bank, plan, seed=SEED[::-1], learner="ada"),
        assemble(bank, plan, seed=SEED, learner="bea"),
        assemble(bank, plan, seed=SEED, learner="ada", attempt=2),
        assemble(bank, blueprint(minutes=31), seed=SEED, learner="ada"),
        assemble(bank_of(*bank.items.values(), item("new", NUMERIC)), plan, seed=SEED, learner="ada"),
        *(assemble(changed_in(bank, **change), plan, seed=SEED, learner="ada") for change in CHANGES),
    ]
    seeds = [tuple(question.variant.seed for question in each.questions) for each in [form, *others]]
    assert len(set(seeds)) == len(seeds)


def test_a_form_survives_its_file(bank: Bank) -> None:
    form = assemble(bank, blueprint(), seed=SEED, learner="ada")
    assert from_json(to_json(form)) == form
    assert from_json(to_json(form)).version == form.version


def test_rows_are_met_exactly(bank: Bank) -> None:
    plan = blueprint(Row(types=("numeric",), count=3), Row(topic="two", at_most=1), Row(topic="one", points=Decimal(6)))
    for form in assemble_forms(bank, plan, seed=SEED, learners=map(str, range(20))).values():
        names = refs(form)
        assert sum("number" in name for name in names) == 3
        assert sum(name.startswith("one/") for name in names) == 3
        assert check_form(form, bank, plan) == ()


def test_every_item_that_fits_has_its_turn(bank: Bank) -> None:
    forms = assemble_forms(bank, blueprint(), seed=SEED, learners=map(str, range(150)))
    uses = Counter(name for form in forms.values() for name in refs(form))
    assert set(uses) == set(bank.items)
    assert all(25 < use < 80 for use in uses.values())  # 50 on average


def test_the_order_differs(bank: Bank) -> None:
    small = bank_of(*list(bank.items.values())[:4])
    forms = assemble_forms(small, blueprint(), seed=SEED, learners=map(str, range(20)))
    assert len({tuple(refs(form)) for form in forms.values()}) > 10


def test_enemies_are_never_together() -> None:
    items = [item(f"n{n}", NUMERIC) for n in range(5)]
    items[0] = msgspec.structs.replace(items[0], enemies=("one/n1", "one/n2"))
    forms = assemble_forms(bank_of(*items), blueprint(count=3, points=6), seed=SEED, learners=map(str, range(40)))
    for form in forms.values():
        assert "one/n0" not in refs(form) or not {"one/n1", "one/n2"} & set(refs(form))
    assert any("one/n0" in refs(form) for form in forms.values())


@pytest.mark.parametrize(
    "change", [{"status": Status.DRAFT}, {"status": Status.PILOT}, {"status": Status.RETIRED}, {"use": Use.LESSON}]
)
def test_only_operational_exam_items_are_asked(bank: Bank, change: dict[str, object]) -> None:
    barred = msgspec.structs.replace(bank.items["one/number-0"], **change)
    changed = bank_of(*(barred if each.ref == barred.ref else each for each in bank.items.values()))
    assert barred.ref not in {each.ref for each in eligible(changed)}
    plan = blueprint(Row(topic="one", types=("numeric",), count=3))
    with pytest.raises(AssemblyError):
        assemble(changed, plan, seed=SEED, learner="ada")


def test_items_of_two_sections_differ(bank: Bank) -> None:
    sections = tuple(
        Section(
            id=name, title=name, minutes=30, count=5, points=Decimal(10), rows=(Row(types=("numeric",), at_least=2),)
        )
        for name in ("first", "second")
    )
    plan = Blueprint(schema=1, title="Two", sections=sections)
    form = assemble(bank, plan, seed=SEED, learner="ada")
    assert check_form(form, bank, plan) == ()
    assert len(set(refs(form))) == 10
    assert [question.id for question in form.sections[1].questions] == ["q06", "q07", "q08", "q09", "q10"]


def test_rows_in_conflict_are_named_and_no_others(bank: Bank) -> None:
    plan = blueprint(
        Row(types=("numeric",), at_least=3), Row(types=("single-choice",), count=2), Row(topic="one", at_least=1)
    )
    with pytest.raises(AssemblyError) as caught:
        assemble(bank, plan, seed=SEED, learner="ada")
    assert caught.value.rows == (
        "section 'main' has 4 items",
        "section 'main', row 1: numeric (6 in the bank): at least 3",
        "section 'main', row 2: single-choice (6 in the bank): exactly 2",
    )


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (blueprint(Row(topic="three", count=1)), "topic three (0 in the bank): exactly 1"),
        (blueprint(Row(types=("numeric",), topic="two", count=4)), "topic two, numeric (3 in the bank): exactly 4"),
        (blueprint(points=9), "section 'main' has 9 points"),
        (blueprint(minutes=11), "the items' expected minutes stay within 11"),
        (blueprint(count=13, points=26, minutes=90), "section 'main' has 13 items"),
    ],
)
def test_what_cannot_be_met_says_so(bank: Bank, plan: Blueprint, words: str) -> None:
    with pytest.raises(AssemblyError, match="cannot be met") as caught:
        assemble(bank, plan, seed=SEED, learner="ada")
    assert words in str(caught.value)


def test_an_empty_bank_cannot_meet_anything() -> None:
    with pytest.raises(AssemblyError):
        assemble(bank_of(), blueprint(), seed=SEED, learner="ada")


def test_a_short_seed_is_refused(bank: Bank) -> None:
    with pytest.raises(ValueError, match="at least 16 are needed"):
        assemble(bank, blueprint(), seed=b"short", learner="ada")


# ---- the independent checker


def test_the_checker_finds_what_was_tampered_with(bank: Bank) -> None:
    plan = blueprint(Row(types=("numeric",), count=2))
    form = assemble(bank, plan, seed=SEED, learner="ada")
    section = form.sections[0]
    replace = msgspec.structs.replace

    def with_questions(*questions: object) -> Form:
        return replace(form, sections=(replace(section, questions=questions),))

    first, *rest = section.questions
    assert check_form(form, bank, plan) == ()
    assert "Section main has 3 items and not 4." in check_form(with_questions(first, *rest[:2]), bank, plan)
    assert f"Item {first.variant.ref} is asked 2 times." in check_form(
        with_questions(first, first, *rest[1:]), bank, plan
    )
    reseeded = replace(first, variant=replace(first.variant, points=Decimal(3)))
    problems = check_form(with_questions(reseeded, *rest), bank, plan)
    assert f"Item {first.variant.ref} gives another question for this seed." in problems
    assert "Section main has 9 points and not 8." in problems
    assert "It was assembled from another version of the bank." in check_form(
        replace(form, bank="sha256:0"), bank, plan
    )
    assert "Section main lasts 31 minutes and not 30." in check_form(
        replace(form, sections=(replace(section, minutes=31),)), bank, plan
    )
    numbers = msgspec.structs.replace(plan.sections[0], rows=(Row(types=("numeric",), count=3),))
    assert "Section main has 2 of numeric." in check_form(form, bank, replace(plan, sections=(numbers,)))


# ---- the file


GOOD = """\
schema = 1
title = "Final"
[[sections]]
id = "main"
title = "Main"
minutes = 120
count = 4
points = 8
[[sections.rows]]
types = ["numeric"]
count = 2
"""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("minutes = 120", "minuts = 120"), "minuts"),
        (("count = 2", "count = 2\nat_least = 1"), "give either count, or at_least and at_most"),
        (("count = 2", ""), "the row asks for nothing"),
        (("minutes = 120", "minutes = 0"), "must be more than 0"),
        (("count = 2", "count = -2"), "a count cannot be negative"),
        (("schema = 1", "schema = 2"), "schema"),
        (("points = 8", 'points = "8"'), "points"),
        (("points = 8", "points = 8\nexpected_minutes = 121"), "at most the 120 minutes of the section"),
        (("points = 8", "points = 8\npilots = -1"), "the number of pilots cannot be negative"),
        (('id = "main"', 'id = "../main"'), "an id may hold a-z, 0-9 and hyphens only"),
        (("schema = 1", "schema = 1\ndifficulty = {mean = 0.6, tolerance = 0.1}"), "name their file: parameters ="),
        (("schema = 1", 'schema = 1\nparameters = "../x.json"'), "the file must lie in the course"),
        (("schema = 1", "schema = 1\nexposure = {maximum = 25}"), "more than 0 and at most 1"),
        (("schema = 1", "schema = 1\nparallel = {forms = 2, uses = 3}"), "an item is in one form at least"),
        (("schema = 1", "schema = 1\nparallel = {forms = 27}"), "there can be 1 to 26 parallel forms"),
        (("schema = 1", "schema = 1\nparallel = {forms = 2}\nexposure = {maximum = 1}"), "leave out one"),
        (
            ("schema = 1", 'schema = 1\nparameters = "p.json"\ndifficulty = {mean = 60, tolerance = 0.1}'),
            "it is a share of the points, from 0 to 1",
        ),
        (
            (
                "schema = 1",
                'schema = 1\nparameters = "p.json"\ninformation = [{theta = 0, value = 5, tolerance = -1}]',
            ),
            "a tolerance cannot be negative",
        ),
    ],
)
def test_mistakes_in_a_blueprint_are_named(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    path = tmp_path / "final.toml"
    path.write_text(GOOD)
    assert read_blueprint(path).points == 8
    path.write_text(GOOD.replace(*change))
    with pytest.raises(TomlError, match=r"exam/final\.toml") as caught:
        read_blueprint(path, name="exam/final.toml")
    assert message in str(caught.value)


def test_keys_that_are_not_used_leave_the_version_alone(tmp_path: Path) -> None:
    """So that a blueprint that is in use stays the one that it was when the format grows."""
    path = tmp_path / "final.toml"
    path.write_text(GOOD)
    plain = read_blueprint(path).version
    assert plain == "sha256:5e47ead5007628fa4ab5aaf020ad6f22326b8aa4f8f8ea1abfaf778c76bebe60"
    path.write_text(GOOD + "\n[exposure]\nmaximum = 0.5\n")
    assert read_blueprint(path).version != plain


# ---- the notebook


@pytest.fixture
def form() -> Form:
    bank = bank_of(
        item("number", NUMERIC),
        item("match", ALTERNATIVES),
        item("say", SHORT),
        item("code", CODE, sections=CODE_SECTIONS),
    )
    return assemble(bank, blueprint(), seed=SEED, learner="ada")


def test_a_form_is_a_valid_notebook_without_keys(form: Form) -> None:
    notebook = form_notebook(form)
    nbformat.validate(notebook)
    text = json.dumps(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    for secret in ("12.5", "Divide by d2", "Names the cause", "subgroup", "Because.", "return 1, 2", "(1, 2)", '"key"'):
        assert secret not in text, secret
    for question in form.questions:
        assert question.variant.ref not in text
        assert str(question.variant.seed) not in text
    assert '"seed"' not in text
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_responses_come_back_from_a_notebook(form: Form) -> None:
    notebook = form_notebook(form)
    by_type = {question.variant.type: question.id for question in form.questions}
    for cell in notebook.cells:
        mine = cell.metadata.get("coursewright", {})
        if mine.get("item", {}).get("type") == "numeric":
            cell.metadata.coursewright["response"] = "12.5"
        if "answers" in mine:
            cell.source = "def limits(x): return 1, 2"
    assert read_responses(notebook, form) == {
        by_type["numeric"]: "12.5",
        by_type["code"]: "def limits(x): return 1, 2",
    }


def test_a_notebook_of_another_form_or_with_a_question_twice_is_refused(form: Form) -> None:
    notebook = form_notebook(form)
    asked = [cell for cell in notebook.cells if "item" in cell.metadata.get("coursewright", {})]
    answered = [cell for cell in asked if cell.metadata.coursewright["item"]["type"] != "code"]
    for cell in answered:
        cell.metadata.coursewright["response"] = "12.5"
    notebook.cells.append(answered[0])
    with pytest.raises(SourceError, match="the question is answered twice"):
        read_responses(notebook, form)
    with pytest.raises(SourceError, match="does not belong to this form"):
        read_responses(form_notebook(msgspec.structs.replace(form, learner="bea")), form)


NONSENSE = ["text", 7, None, {}, {"metadata": 3}, {"metadata": {"coursewright": []}}]
NOT_ITEMS = ["q01", [], {}, {"id": ["q01"]}, {"id": "q99"}]


@pytest.mark.parametrize(
    "cell",
    [
        *NONSENSE,
        *(
            {"cell_type": "markdown", "metadata": {"coursewright": {"item": each, "response": "x"}}}
            for each in NOT_ITEMS
        ),
    ],
)
def test_a_cell_that_makes_no_sense_is_no_response(form: Form, cell: object) -> None:
    notebook = {"metadata": {"coursewright": {"form": form.version}}, "cells": [cell]}
    assert read_responses(notebook, form) == {}


def test_a_section_that_is_not_open_is_not_in_the_notebook(make_item: Callable[..., Item]) -> None:
    bank = bank_of(*(item(f"n{n}", NUMERIC.replace("12.5", str(n + 1))) for n in range(4)))
    sections = tuple(Section(id=name, title=name, minutes=30, count=2, points=Decimal(4)) for name in ("a", "b"))
    form = assemble(bank, Blueprint(schema=1, title="Two", sections=sections), seed=SEED, learner="ada")
    ids = [cell.id for cell in form_notebook(form, section="b").cells]
    assert ids == ["title", "section-b", "q03", "q04"]
