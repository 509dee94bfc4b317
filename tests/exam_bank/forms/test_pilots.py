"""Pilot items: asked like any other, worth nothing in the score, and in the statistics."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from exam_bank.forms.assembly import assemble_forms
from exam_bank.forms.exam_notebook import form_notebook
from exam_bank.forms.form import Form, from_json, to_json
from exam_bank.forms.paper import paper_html
from exam_bank.item import Criterion, ShortAnswer
from exam_bank.item_file import Bank
from exam_bank.scoring import key_response
from exam_bank.sittings.grade import SittingGrade, grade_sitting
from exam_bank.sittings.store import SittingStore
from exam_bank.statistics.attempts import answers_of_attempts
from exam_bank.statistics.classical import item_statistics
from tests.exam_bank.forms.made import SEED, bank_of, blueprint, item, pilot, section

pytestmark = pytest.mark.integration  # slow: it solves, and writes databases

ESSAY = ShortAnswer(rubric=(Criterion(points=Decimal(3), text="Names the cause."),))


def asked(bank: Bank, learners: int = 1) -> list[Form]:
    plan = blueprint(section(pilots=1))
    return list(assemble_forms(bank, plan, seed=SEED, learners=[f"l{n:02}" for n in range(learners)]).values())


def bank_with(trial) -> Bank:
    return bank_of([*(item(f"i{n}", "single-choice") for n in range(4)), trial])


def graded(form: Form, folder, *, right: set[str]) -> SittingGrade:
    """A sitting in which the questions on the items ``right`` are answered right, and the others wrong."""
    store = SittingStore(f"sqlite:///{folder / form.learner}.db", clock=lambda: datetime(2026, 11, 6, 14, tzinfo=UTC))
    name = store.authorise(form, course="mpc", exam="final", by="registrar").id
    store.ready(name)
    store.identify(name, by="proctor")
    store.open_section(name, "main")
    for question in form.questions:
        key, ref = key_response(question.variant), question.variant.ref
        if question.variant.type == "short-answer":
            store.respond(name, question.id, "A cause.")
            continue
        other = "7" if question.variant.type == "numeric" else "abc"[key == "a"]
        store.respond(name, question.id, key if ref in right else other)
    store.submit(name)
    found = grade_sitting(store.sitting(name), form)
    store.close()
    return found


def test_a_pilot_item_earns_nothing_and_costs_nothing(tmp_path):
    (form,) = asked(bank_with(pilot("p", points=Decimal(5))))
    everything = {question.variant.ref for question in form.questions}
    full, without = (graded(form, tmp_path / name, right=right) for name, right in parts(tmp_path, everything))
    assert (full.result.score, full.result.max_score) == (Decimal(8), Decimal(8))
    assert (without.result.score, without.result.max_score) == (Decimal(8), Decimal(8))
    (trial,) = [each for each in full.questions if not each.counts]
    assert (trial.ref, trial.points, trial.max_points) == ("one/p", Decimal(5), Decimal(5))


def parts(folder, everything):
    for name in ("full", "without"):
        (folder / name).mkdir()
    return [("full", everything), ("without", everything - {"one/p"})]


def test_the_score_does_not_wait_for_a_pilot_answer_that_a_person_marks(tmp_path):
    (form,) = asked(bank_with(pilot("p", points=Decimal(3), question=ESSAY)))
    found = graded(form, tmp_path, right={"one/i0", "one/i1"})
    assert (found.result.score, found.result.needs_manual) == (Decimal(4), ())
    assert [each.points for each in found.questions if not each.counts] == [None]


def test_a_pilot_item_has_statistics_and_is_in_nobodys_total(tmp_path):
    forms = asked(bank_with(pilot("p", points=Decimal(5))), learners=6)
    chance = np.random.default_rng(1)
    grades = []
    for form in forms:
        right = {question.variant.ref for question in form.questions if chance.random() < 0.6}
        grades.append(graded(form, tmp_path, right=right))
    table = answers_of_attempts(list(zip(forms, grades, strict=True)))
    place = table.items.index("one/p")
    assert table.pilots == {place}
    found = item_statistics(table.points, table.max_points, table.items, pilots=sorted(table.pilots))
    assert found.items[place].difficulty.n == 6
    without = item_statistics(
        np.delete(table.points, place, axis=1), [2.0] * 4, [ref for ref in table.items if ref != "one/p"]
    )
    # What counts is judged as if the pilot item had not been asked.
    assert [each for each in found.items if each.item != "one/p"] == list(without.items)
    assert found.alpha == without.alpha
    rest = np.delete(table.points, place, axis=1).sum(axis=1)
    own = np.corrcoef(table.points[:, place], rest)[0, 1]
    assert found.items[place].discrimination.value == pytest.approx(own)


def test_nothing_that_a_learner_gets_tells_which_question_is_on_trial():
    (form,) = asked(bank_with(pilot("p")))
    notebook = form_notebook(form)
    kinds = {frozenset(cell.metadata.coursewright.get("item", {})) - {"options", "unit"} for cell in notebook.cells[2:]}
    assert len(kinds) == 1
    for text in (json.dumps(notebook), paper_html(form)):
        assert "pilot" not in text
        assert "8 points" not in text  # a sum would tell how many points do not count
        assert "5 questions. One of them is on trial and will not count." in text


def test_a_form_with_pilots_survives_its_file_and_one_without_has_the_bytes_that_it_had():
    (form,) = asked(bank_with(pilot("p")))
    assert from_json(to_json(form)) == form
    assert to_json(form).count(b'"pilot":true') == 1
    plain = assemble_forms(bank_of(item(f"i{n}") for n in range(4)), blueprint(), seed=SEED, learners=["ada"])["ada"]
    assert sorted(json.loads(to_json(plain))) == [
        "attempt",
        "bank",
        "blueprint",
        "learner",
        "schema",
        "sections",
        "title",
    ]
    assert sorted(json.loads(to_json(plain))["sections"][0]["questions"][0]) == ["id", "variant"]
