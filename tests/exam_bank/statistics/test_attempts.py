"""From attempts to statistics, with forms that differ between learners."""

import math
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from exam_bank.forms.assembly import assemble_forms
from exam_bank.forms.blueprint import read_blueprint
from exam_bank.forms.form import Form
from exam_bank.item_file import read_bank
from exam_bank.scoring import key_response
from exam_bank.sittings.grade import SittingGrade, grade_sitting
from exam_bank.sittings.store import SittingStore
from exam_bank.statistics.attempts import answers_of_attempts
from exam_bank.statistics.classical import item_statistics

pytestmark = pytest.mark.integration  # the whole chain on the sample course

COURSE = Path(__file__).parents[3] / "courses" / "mpc"
NOW = datetime(2026, 11, 6, 14, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def attempts(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Form, SittingGrade]]:
    """Forty learners; a learner's ability says how likely each answer is right."""
    bank, blueprint = read_bank(COURSE), read_blueprint(COURSE / "exam" / "final.toml")
    learners = [f"learner-{number:02d}" for number in range(40)]
    forms = assemble_forms(bank, blueprint, seed=bytes(32), learners=learners)
    store = SittingStore(f"sqlite:///{tmp_path_factory.mktemp('sittings') / 's.db'}", clock=lambda: NOW)
    rng = np.random.default_rng(7)
    graded = []
    for number, form in enumerate(forms.values()):
        name = store.authorise(form, course="mpc", exam="final-exam", by="registrar").id
        store.ready(name)
        store.identify(name, by="proctor")
        store.open_section(name, "final")
        ability = number / 39
        for question in form.questions:
            right = rng.random() < ability
            if question.variant.type == "single-choice" and not right:
                wrong = [option.label for option in question.variant.key.options if not option.correct]  # type: ignore[union-attr]
                store.respond(name, question.id, wrong[0])
            elif right or question.variant.type == "short-answer":
                store.respond(name, question.id, key_response(question.variant) or "Because.")
        store.submit(name)
        for question in form.questions:
            if question.variant.type == "short-answer":
                store.mark(name, question.id, Decimal(round(4 * ability)), by="ta")
        graded.append((form, grade_sitting(store.sitting(name), form)))
    store.close()
    return graded


def test_every_right_answer_of_the_sample_course_earns_its_points(attempts: list[tuple[Form, SittingGrade]]) -> None:
    form, grade = attempts[-1]  # certain to be right
    assert grade.result.score == grade.result.max_score == form.points


def test_the_table_holds_what_was_earned_and_nothing_else(attempts: list[tuple[Form, SittingGrade]]) -> None:
    table = answers_of_attempts(attempts)
    assert table.points.shape == (40, 11)
    assert (np.isnan(table.points).sum(axis=1) == 4).all()
    for row, (_, grade) in enumerate(attempts):
        assert np.nansum(table.points[row]) == pytest.approx(float(grade.result.score or 0))
    rest = table.rest(0)
    asked = next(row for row in range(40) if not math.isnan(table.points[row, 0]))
    other = float(attempts[asked][1].result.score or 0) - table.points[asked, 0]
    assert rest[asked] == pytest.approx(other / (21 - table.max_points[0]))


def test_the_able_do_better_on_every_item(attempts: list[tuple[Form, SittingGrade]]) -> None:
    table = answers_of_attempts(attempts)
    statistics = item_statistics(table.points, table.max_points, table.items)
    assert statistics.alpha.why_not == "learners were asked different items"
    assert all((item.discrimination.value or 0) > 0 for item in statistics.items)
    assert any("With 40 learners" in each for each in statistics.advice)


def test_options_are_counted_by_the_authors_ids(attempts: list[tuple[Form, SittingGrade]]) -> None:
    ref = "variation-and-measurement/shared-setup"
    asked = [question for _, grade in attempts for question in grade.questions if question.ref == ref]
    table = answers_of_attempts(attempts)
    options = table.options[table.items.index(ref)]
    assert options is not None
    assert set(options.names) == {"shared", "vanishes", "times-rho", "own"}
    answered = [question for question in asked if question.response is not None]
    assert (options.chosen >= 0).sum() == len(answered) > 0
    assert (options.chosen == options.right).sum() == sum(question.points == 2 for question in asked)
    assert table.options[table.items.index("control-charts/parts-until-a-signal")] is None


def test_without_attempts_there_are_no_rows() -> None:
    assert answers_of_attempts([]).learners == ()
