"""Standard errors of measurement, against the formulas that define them and against simulated parallel tests."""

import math

import numpy as np
import pytest
from scipy import stats

from exam_bank.statistics.classical import cronbach_alpha, item_statistics
from exam_bank.statistics.measurement_error import conditional_errors, measurement_error
from tests.exam_bank.irt.lsat6 import LSAT6


def kr21(right):
    """Kuder and Richardson's formula 21 (Psychometrika 2, 1937), from mean and variance of the number right."""
    k, totals = right.shape[1], right.sum(axis=1)
    return k / (k - 1) * (1 - totals.mean() * (k - totals.mean()) / (k * totals.var()))


def test_it_is_the_deviation_of_totals_times_the_root_of_what_alpha_leaves():
    found = measurement_error(LSAT6)
    alpha = 0.29500  # Rizopoulos 2006
    assert found.value == pytest.approx(LSAT6.sum(axis=1).std(ddof=1) * math.sqrt(1 - alpha), abs=1e-5)
    assert item_statistics(LSAT6, [1] * 5, list("abcde")).sem == found
    assert (found.n, found.low < found.value < found.high) == (1000, True)


@pytest.mark.integration  # it takes long
def test_its_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(11)
    p = np.linspace(0.3, 0.9, 12)
    truth, held = math.sqrt((p * (1 - p)).sum()), 0  # of learners who are all alike
    for _ in range(800):
        found = measurement_error((rng.random((80, 12)) < p).astype(float))
        held += found.low <= truth <= found.high
    assert held / 800 == pytest.approx(0.95, abs=0.025)


def test_conditional_errors_are_lords_times_keats_correction():
    table = conditional_errors(LSAT6, np.ones(5))
    assert [each.learners for each in table] == list(np.bincount(LSAT6.sum(axis=1).astype(int)))
    ratio = (1 - cronbach_alpha(LSAT6).value) / (1 - kr21(LSAT6))
    for each in table[1:-1]:
        lord = math.sqrt(each.right * (5 - each.right) / 4)
        assert each.error.value == pytest.approx(lord * math.sqrt(ratio))
        assert each.error.low < each.error.value < each.error.high
    for extreme in (table[0], table[-1]):
        assert extreme.error.value is None
        assert "cannot be told" in extreme.error.why_not


def test_their_mean_square_is_that_of_the_test():
    squares = [each.learners * (each.error.value or 0) ** 2 for each in conditional_errors(LSAT6, np.ones(5))]
    assert sum(squares) / 1000 == pytest.approx(measurement_error(LSAT6).value ** 2 * 999 / 1000)


@pytest.mark.integration  # it takes long
def test_a_conditional_error_is_the_spread_over_many_tests_of_one_learner():
    """Tests of 20 questions drawn at random from their kind, for which Lord's formula holds as it is."""
    rng = np.random.default_rng(12)
    true = stats.beta.rvs(6, 4, size=4000, random_state=rng)
    right = (rng.random((4000, 20)) < true[:, None]).astype(float)
    errors = {each.right: each.error for each in conditional_errors(right, np.ones(20))}
    for score in (8, 12, 16):
        spread = math.sqrt(20 * score / 20 * (1 - score / 20))
        assert errors[score].value == pytest.approx(spread * math.sqrt(20 / 19), rel=0.03)


def test_what_cannot_be_known_is_said():
    gaps = LSAT6.copy()
    gaps[0, 0] = math.nan
    assert measurement_error(gaps).why_not == "learners were asked different items"
    assert conditional_errors(gaps, np.ones(5)) == "learners were asked different items"
    assert measurement_error(LSAT6[:2]).why_not == "it needs two items and 3 learners"
    assert measurement_error(np.ones((9, 4))).why_not == "points do not vary within learners"
    partial = LSAT6 * 0.5
    assert "right or wrong answers" in conditional_errors(partial, np.ones(5))
    assert "count the same" in conditional_errors(LSAT6 * [2, 1, 1, 1, 1], np.array([2.0, 1, 1, 1, 1]))
    assert "all or nothing" in conditional_errors(np.repeat([[0.0], [1.0]], 5, axis=1).repeat(4, axis=0), np.ones(5))
