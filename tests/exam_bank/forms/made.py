"""Items, banks and blueprints for tests about forms, without files."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from exam_bank.forms.blueprint import Blueprint, Row, Section
from exam_bank.forms.form import Form
from exam_bank.forms.parameters import ItemParameters, Parameters
from exam_bank.item import Item, Numeric, Option, ShortAnswer, SingleChoice, Status, Tolerance, Use
from exam_bank.item_file import Bank
from exam_bank.item_sets import ItemSet

SEED = bytes(range(32))
_NUMBER = Numeric(answer=1.5, tolerance=Tolerance(absolute=Decimal("0.1")))
_CHOICE = SingleChoice(options=tuple(Option(id=x, text=x, correct=x == "a", feedback="") for x in "abc"))
TYPES = {"numeric": _NUMBER, "single-choice": _CHOICE, "short-answer": ShortAnswer(rubric=())}


def item(ref: str, kind: str = "numeric", **changes: Any) -> Item:
    """An operational exam item of two points and three minutes."""
    topic, _, name = ref.rpartition("/")
    facts: dict[str, Any] = {
        "topic": topic or "one",
        "id": name,
        "title": "An item",
        "skill": "apply",
        "status": Status.OPERATIONAL,
        "use": Use.EXAM,
        "points": Decimal(2),
        "minutes": 3.0,
        "question": TYPES[kind],
        "stem": f"What is {ref}?",
        "solution": "So.",
    }
    return Item(**(facts | changes))


def pilot(ref: str, kind: str = "numeric", **changes: Any) -> Item:
    return item(ref, kind, status=Status.PILOT, **changes)


def bank_of(items: Iterable[Item], **sets: ItemSet) -> Bank:
    return Bank(items={each.ref: each for each in sorted(items, key=lambda each: each.ref)}, sets=sets)


def section(*rows: Row, name: str = "main", count: int = 4, points: int = 8, minutes: int = 60, **more: Any) -> Section:
    return Section(id=name, title=name.title(), minutes=minutes, count=count, points=Decimal(points), rows=rows, **more)


def blueprint(*sections: Section, **more: Any) -> Blueprint:
    return Blueprint(schema=1, title="Test", sections=sections or (section(),), **more)


def parameters_for(bank: Bank, **values: Any) -> Parameters:
    """The same figures for each item of the bank; a function is given the item's place."""
    found = {}
    for place, (ref, each) in enumerate(bank.items.items()):
        figures = {name: value(place) if callable(value) else value for name, value in values.items()}
        found[ref] = ItemParameters(item=ref, version=each.version, **figures)
    return Parameters(items=found, name="exam/parameters.json", version="sha256:made")


def refs(form: Form) -> list[str]:
    return [question.variant.ref for question in form.questions]
