"""Abilities, against sums over all answers and against SciPy."""

import math

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from exam_bank import calibrate
from exam_bank.irt.information import (
    characteristic,
    item_information,
    marginal_reliability,
    standard_error,
    total_information,
)
from exam_bank.irt.models import Curves
from exam_bank.irt.score_distribution import score_distribution, without_each
from exam_bank.irt.scores import abilities, sum_scores
from tests.exam_bank.irt.lsat6 import LSAT6, PATTERNS
from tests.exam_bank.irt.simulated import items, responses

NAN = math.nan
CURVES = Curves(np.array([1.2, 0.7, 2.0]), np.array([0.3, -0.5, 1.0]), np.array([0.0, 0.2, 0.1]))


def posterior(theta, answers, curves):
    product = stats.norm.pdf(theta)
    for answer, p in zip(answers, curves.probability(np.array([theta]))[:, 0], strict=True):
        product *= 1 if math.isnan(answer) else p if answer else 1 - p
    return product


@pytest.mark.parametrize("answers", [[1, 1, 0, 1, 1], [0, NAN, NAN, 1, 0]])
def test_eap_and_map_are_mean_and_mode_of_the_posterior(answers):
    found = calibrate(LSAT6, "2pl")

    def moment(power):
        return integrate.quad(lambda theta: theta**power * posterior(theta, answers, found.curves), -8, 8)[0]

    mean = moment(1) / moment(0)
    eap = abilities(found, [answers], "eap")
    assert eap.theta[0] == pytest.approx(mean, abs=1e-6)
    assert eap.standard_error[0] == pytest.approx(math.sqrt(moment(2) / moment(0) - mean**2), abs=1e-6)

    def minus_log(theta):
        return -math.log(posterior(theta, answers, found.curves))

    mode = optimize.minimize_scalar(minus_log, bounds=(-4, 4), method="bounded", options={"xatol": 1e-9}).x
    bend = (minus_log(mode + 1e-3) - 2 * minus_log(mode) + minus_log(mode - 1e-3)) / 1e-6
    highest = abilities(found, [answers], "map")
    assert highest.theta[0] == pytest.approx(mode, abs=1e-5)
    assert highest.standard_error[0] == pytest.approx(bend**-0.5, abs=1e-4)


@pytest.mark.integration  # it takes long
def test_sum_scores_are_the_mean_over_all_ways_to_get_them():
    found = calibrate(LSAT6, "2pl")
    table, eap = sum_scores(found.curves), abilities(found, PATTERNS, "eap")
    chance = np.array([integrate.quad(posterior, -8, 8, args=(each, found.curves))[0] for each in PATTERNS])
    for right in range(6):
        these = PATTERNS.sum(axis=1) == right
        assert table.share[right] == pytest.approx(chance[these].sum(), abs=1e-6)
        assert table.theta[right] == pytest.approx(np.average(eap.theta[these], weights=chance[these]), abs=1e-6)
    given = abilities(found, [[1, 1, 0, 0, 0], [0, 0, 1, 0, 1]], "sum")
    assert given.theta == pytest.approx([table.theta[2]] * 2)


def test_a_learner_who_was_asked_less_is_scored_on_that():
    found = calibrate(LSAT6, "2pl")
    first = Curves(found.curves.a[:2], found.curves.d[:2], found.curves.c[:2])
    given = abilities(found, [[1, 0, NAN, NAN, NAN], [NAN] * 5], "sum")
    assert given.theta[0] == pytest.approx(sum_scores(first).theta[1])
    for method in ("eap", "map", "sum"):
        nothing = abilities(found, [[NAN] * 5, [1, 1, 1, 1, 1]], method)
        assert np.isnan(nothing.theta[0])
        assert np.isnan(nothing.standard_error[0])
        assert nothing.theta[1] > 0.5


def test_items_that_were_left_out_do_not_count():
    extra = np.column_stack([LSAT6, np.ones(1000)])
    with_, without = calibrate(extra), calibrate(LSAT6)
    scored = abilities(with_, extra[:5]).theta
    assert scored == pytest.approx(abilities(without, LSAT6[:5]).theta)
    with pytest.raises(ValueError, match="must be learners by 6 items"):
        abilities(with_, LSAT6)


@pytest.mark.integration  # it takes long
def test_standard_errors_hold_what_they_promise():
    a, b = items(20, seed=1)
    rng = np.random.default_rng(9)
    true = rng.standard_normal(4000)
    right = 1 / (1 + np.exp(-a * (true[:, None] - b)))
    drawn = (rng.random(right.shape) < right).astype(float)
    found = calibrate(drawn)
    for method in ("eap", "sum"):
        given = abilities(found, drawn, method)
        assert np.mean((given.theta - true) ** 2) == pytest.approx(np.mean(given.standard_error**2), rel=0.06)
    assert np.var(abilities(found, drawn).theta) == pytest.approx(marginal_reliability(found.curves), abs=0.03)


def test_the_number_of_right_answers_is_poisson_binomial():
    p = np.array([[0.2], [0.5], [0.9]])
    expected = [0.8 * 0.5 * 0.1, 0.2 * 0.5 * 0.1 + 0.8 * 0.5 * 0.1 + 0.8 * 0.5 * 0.9, None, 0.2 * 0.5 * 0.9]
    found = score_distribution(p)[:, 0]
    assert found[[0, 1, 3]] == pytest.approx([expected[0], expected[1], expected[3]])
    assert found.sum() == pytest.approx(1)
    for at in range(3):
        assert without_each(p)[at] == pytest.approx(score_distribution(np.delete(p, at, axis=0)))
    assert score_distribution(np.full((10, 1), 0.3))[:, 0] == pytest.approx(stats.binom.pmf(np.arange(11), 10, 0.3))


def test_information_is_the_squared_slope_over_the_variance():
    theta = np.array([-2.0, 0.0, 1.5])
    p = CURVES.probability(theta)
    slope = (CURVES.probability(theta + 1e-6) - CURVES.probability(theta - 1e-6)) / 2e-6
    assert item_information(CURVES, theta) == pytest.approx(slope**2 / (p * (1 - p)), rel=1e-7)
    assert total_information(CURVES, theta) == pytest.approx(item_information(CURVES, theta).sum(axis=0))
    assert standard_error(CURVES, theta) == pytest.approx(total_information(CURVES, theta) ** -0.5)
    assert characteristic(CURVES, theta) == pytest.approx(p.sum(axis=0))
    one = Curves(np.array([1.7]), np.array([0.0]), np.array([0.0]))
    assert item_information(one, np.array([0.0]))[0, 0] == pytest.approx(1.7**2 / 4)  # Lord 1980: a^2 / 4 at b


@pytest.mark.integration  # it takes long
def test_the_mode_is_found_where_3pl_has_two():
    a, b = items(10, seed=4)
    found = calibrate(responses(2000, a, b, 0.2, seed=5), "3pl")
    order = np.argsort([item.b for item in found.items])
    odd = np.zeros(10)
    odd[order[-3:]] = 1  # the hard ones right, the easy ones wrong
    grid = np.linspace(-4, 4, 4001)
    best = grid[np.argmax([posterior(theta, odd, found.curves) for theta in grid])]
    assert abilities(found, [odd], "map").theta[0] == pytest.approx(best, abs=2e-3)
