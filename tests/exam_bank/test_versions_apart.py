"""Answers to an earlier version of an item stay with it: forms and statistics never mix the two."""

from decimal import Decimal

import pytest

from exam_bank.forms.form import Form, FormSection, Question, from_json, to_json
from exam_bank.item import Item
from exam_bank.item_file import parse_item
from exam_bank.scoring import Outcome, score
from exam_bank.sittings.grade import QuestionGrade, SittingGrade
from exam_bank.sittings.result import SittingResult, SittingState
from exam_bank.statistics.attempts import Attempt, answers_of_attempts, ref_of
from exam_bank.variant_maker import make_variant
from tests.exam_bank.conftest import NUMERIC, item_text


def item(answer: str) -> Item:
    return parse_item(item_text(NUMERIC.replace("12.5", answer)), topic="basics", item_id="x", file="f")


def graded(learner: str, asked: Item, points: int) -> Attempt:
    question = QuestionGrade(
        question="q01",
        ref=asked.ref,
        item_version=asked.version,
        response="12.5",
        outcome=Outcome.SCORED,
        points=Decimal(points),
        max_points=Decimal(2),
    )
    result = SittingResult(
        learner=learner,
        course="c",
        exam="e",
        attempt=1,
        state=SittingState.VERIFIED,
        score=Decimal(points),
        max_score=Decimal(2),
        needs_manual=(),
        form="sha256:0",
        opened_at=None,
        submitted_at=None,
        reviewed_at=None,
    )
    section = FormSection(
        id="all", title="All", minutes=5, questions=(Question(id="q01", variant=make_variant(asked, 0)),)
    )
    form = Form(title="E", learner=learner, attempt=1, bank="b", blueprint="p", sections=(section,))
    return form, SittingGrade(questions=(question,), result=result)


def test_two_versions_are_two_columns() -> None:
    old, new = item("12.5"), item("12.6")
    table = answers_of_attempts([graded("ada", old, 2), graded("ben", new, 0), graded("cleo", old, 0)])
    assert sorted(table.items) == sorted(f"basics/x@{each.version[7:15]}" for each in (old, new))
    assert {ref_of(name) for name in table.items} == {"basics/x"}
    column = table.items.index(f"basics/x@{old.version[7:15]}")
    assert table.points[:, column].tolist() == pytest.approx([2, float("nan"), 0], nan_ok=True)


def test_a_form_keeps_the_question_as_it_was_asked() -> None:
    """A form is scored by the key that its learner was asked for, whatever became of the item."""
    asked = make_variant(item("12.5"), 0)
    section = FormSection(id="all", title="All", minutes=5, questions=(Question(id="q01", variant=asked),))
    form = Form(title="Exam", learner="ada", attempt=1, bank="b", blueprint="p", sections=(section,))
    kept = from_json(to_json(form)).questions[0].variant
    assert kept == asked
    assert kept.version == item("12.5").version != item("13.5").version
    assert score(kept, "12.5").points == 2


def test_units_with_factors_outlive_the_forms_file() -> None:
    front = NUMERIC + "accepted_units: {cm: 10, in: 25.4}\n"
    asked = make_variant(parse_item(item_text(front), topic="basics", item_id="x", file="f"), 0)
    section = FormSection(id="all", title="All", minutes=5, questions=(Question(id="q01", variant=asked),))
    form = Form(title="Exam", learner="ada", attempt=1, bank="b", blueprint="p", sections=(section,))
    kept = from_json(to_json(form)).questions[0].variant
    assert score(kept, "1.25 cm").points == 2
    assert score(kept, "12.5 cm").points == 0
    assert score(kept, "12.5 kg").outcome is Outcome.MALFORMED
