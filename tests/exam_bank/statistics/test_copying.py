"""The nominal model against published 2PL figures, the indices against second ways to compute them."""

import itertools
import math

import numpy as np
import pytest

from exam_bank.statistics.copying.indices import (
    compare_all,
    generalized_binomial_tail,
    learner_curves,
    omega,
)
from exam_bank.statistics.copying.nominal import calibrate_nominal
from tests.exam_bank.statistics.test_classical import LSAT6

pytestmark = pytest.mark.integration  # it takes long


def answers(rng: np.random.Generator, learners: int, items: int = 40):
    slopes, intercepts = rng.normal(0, 0.4, (items, 4)), rng.normal(0, 0.6, (items, 4))
    slopes[:, 0], intercepts[:, 0] = 1.0, rng.normal(0.6, 0.8, items)
    ability = rng.standard_normal(learners)
    shares = np.exp(ability[:, None, None] * slopes + intercepts)
    shares = (shares / shares.sum(axis=2, keepdims=True)).cumsum(axis=2)
    return (rng.random((learners, items, 1)) > shares).sum(axis=2).clip(max=3), slopes, intercepts, ability


def test_two_options_are_the_2pl_model_with_its_published_parameters() -> None:
    """LSAT6, 2PL: Rizopoulos, *Journal of Statistical Software* 17 (5), 2006, to the digits given there."""
    model = calibrate_nominal(LSAT6.astype(int), [2] * 5, [1] * 5)
    a = [float(each[1] - each[0]) for each in model.slopes]
    b = [-float(c[1] - c[0]) / slope for c, slope in zip(model.intercepts, a, strict=True)]
    assert a == pytest.approx([0.8254, 0.7229, 0.8905, 0.6886, 0.6575], abs=0.03)  # the prior is felt a little
    assert b == pytest.approx([-3.3597, -1.3696, -0.2799, -1.8659, -3.1236], abs=0.1)


@pytest.mark.integration  # it simulates
def test_parameters_and_abilities_are_recovered() -> None:
    choices, slopes, intercepts, ability = answers(np.random.default_rng(1), 3000)
    model = calibrate_nominal(choices, [4] * 40, [0] * 40)
    for found, true, close in ((model.slopes, slopes, 0.12), (model.intercepts, intercepts, 0.1)):
        centred = true - true.mean(axis=1, keepdims=True)
        assert np.sqrt(np.mean((np.array(found) - centred) ** 2)) < close
    assert np.corrcoef(model.abilities(choices), ability)[0, 1] > 0.93


def test_the_tail_of_the_generalized_binomial_is_what_counting_all_outcomes_gives() -> None:
    p = np.array([0.1, 0.35, 0.5, 0.8, 0.95])
    for count in range(6):
        total = sum(
            math.prod(each if hit else 1 - each for each, hit in zip(p, outcome, strict=True))
            for outcome in itertools.product((0, 1), repeat=5)
            if sum(outcome) >= count
        )
        assert generalized_binomial_tail(p, count) == pytest.approx(total, abs=1e-12)


def test_a_pairs_numbers_are_those_of_the_papers_computed_item_by_item() -> None:
    choices, *_ = answers(np.random.default_rng(2), 120, items=12)
    choices[4, 3] = choices[9, 5] = -1
    model = calibrate_nominal(choices, [4] * 12, [0] * 12)
    (pair,) = compare_all(choices, [4] * 12, [0] * 12, only=[(9, 4)]).pairs
    ability = model.abilities(choices)
    both = [item for item in range(12) if choices[4, item] >= 0 and choices[9, item] >= 0]
    same = [choices[4, item] == choices[9, item] for item in both]

    def chosen(item: int, learner: int) -> np.ndarray:
        a, c, theta = model.slopes[item], model.intercepts[item], ability[learner]
        odds = [math.exp(each * theta + other) for each, other in zip(a, c, strict=True)]
        return np.array(odds) / sum(odds)

    omegas = {}
    for copier, source in ((4, 9), (9, 4)):
        p = [chosen(item, copier)[choices[source, item]] for item in both]
        omegas[source] = (sum(same) - sum(p)) / math.sqrt(sum(each * (1 - each) for each in p))
    matching = np.array([chosen(item, 4) @ chosen(item, 9) for item in both])
    assert (pair.learners, pair.items, pair.same) == ((4, 9), 10, sum(same))
    assert (pair.omega, pair.omega) == pytest.approx((max(omegas.values()), omegas[pair.source]))
    assert pair.omega_p == pytest.approx(min(1.0, math.erfc(pair.omega / math.sqrt(2))))
    assert pair.expected == pytest.approx(matching.sum())
    assert pair.gbt_p == pytest.approx(generalized_binomial_tail(matching, sum(same)))
    assert pair.p_value == pytest.approx(min(1.0, 2 * min(pair.omega_p, pair.gbt_p)))


def test_omega_is_zero_where_as_many_agree_as_expected() -> None:
    assert omega(np.array([True, True, False, False]), np.full(4, 0.5)) == 0
    assert omega(np.array([True] * 4), np.full(4, 0.5)) == pytest.approx(2)


@pytest.mark.integration  # it simulates
def test_all_pairs_show_the_one_that_copied_and_nobody_else() -> None:
    choices, *_ = answers(np.random.default_rng(3), 300)
    right = (choices == 0).sum(axis=1).argsort()
    source, copier = int(right[210]), int(right[90])
    choices[copier, :36] = choices[source, :36]
    found = compare_all(choices, [4] * 40, [0] * 40)
    assert found.compared == 300 * 299 // 2
    assert [set(each.learners) for each in found.pairs] == [{source, copier}]
    (pair,) = found.pairs
    assert pair.adjusted_p == pytest.approx(pair.p_value * found.compared)
    assert pair.same >= 36
    assert 0 < pair.same_wrong < pair.same


@pytest.mark.integration  # it simulates
def test_the_screen_leaves_out_nobody_whom_all_pairs_computed_exactly_would_show(monkeypatch) -> None:
    from exam_bank.statistics.copying import indices

    choices, *_ = answers(np.random.default_rng(4), 90)
    for copier in range(0, 12, 2):
        choices[copier, : 24 + copier] = choices[copier + 1, : 24 + copier]
    screened = compare_all(choices, [4] * 40, [0] * 40)
    monkeypatch.setattr(indices, "_SCREEN", 1.1)
    assert compare_all(choices, [4] * 40, [0] * 40).pairs == screened.pairs
    assert screened.pairs


@pytest.mark.integration  # it simulates
def test_pairs_who_worked_alone_are_shown_no_oftener_than_promised() -> None:
    """The full measurement is benchmarks/copying.py; this holds it near."""
    rng = np.random.default_rng(5)
    choices, *_ = answers(rng, 400)
    named = [tuple(int(each) for each in rng.choice(400, 2, replace=False)) for _ in range(2500)]
    found = compare_all(choices, [4] * 40, [0] * 40, only=named).pairs
    assert np.mean([each.p_value < 0.05 for each in found]) < 0.06
    assert np.mean([each.gbt_p < 0.05 for each in found]) < 0.05


@pytest.mark.integration  # it takes long
def test_forms_with_too_little_in_common_are_not_compared_and_small_classes_refused() -> None:
    choices, *_ = answers(np.random.default_rng(6), 60, items=30)
    choices[:30, :15] = -1
    choices[30:, 15:] = -1
    found = compare_all(choices, [4] * 30, [0] * 30)
    assert found.compared == 2 * (30 * 29 // 2)
    assert any("60 learners" in line for line in found.advice)
    with pytest.raises(ValueError, match="too few"):
        compare_all(choices[:20], [4] * 30, [0] * 30)


def test_right_and_wrong_alone_are_said_to_be_weak_and_nobody_is_accused() -> None:
    advice = " ".join(compare_all(LSAT6[::12].astype(int), [2] * 5, [1] * 5).advice)
    assert "Only right and wrong were known" in advice
    assert "decided by a person" in advice
    assert not any(word in advice.lower() for word in ("cheat", "fraud", "guilt", "dishonest", "suspect"))


@pytest.mark.integration  # it takes long
def test_probabilities_of_the_options_add_up_to_one() -> None:
    choices, *_ = answers(np.random.default_rng(7), 60, items=10)
    model = calibrate_nominal(choices % 3, [3] * 9 + [4], [0] * 10)
    curves = learner_curves(model, choices % 3)
    assert curves.sum(axis=2) == pytest.approx(np.ones((60, 10)))
    assert not curves[:, :9, 3].any()
