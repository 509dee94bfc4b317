"""LSAT6 against the published figures."""

import numpy as np
import pytest

from exam_bank import calibrate
from exam_bank.irt.fit import model_fit
from exam_bank.irt.item_fit import item_fit
from exam_bank.irt.scores import abilities
from tests.exam_bank.irt.lsat6 import LSAT6, PATTERNS


def test_rasch_has_the_published_likelihood():
    found = calibrate(LSAT6, "rasch")
    assert found.n == 1000
    assert found.log_likelihood == pytest.approx(-2473.0539, abs=1e-4)
    assert [(item.a, item.se_a) for item in found.items] == [(1.0, None)] * 5


def test_1pl_is_that_of_rizopoulos():
    """Rizopoulos, Journal of Statistical Software 17(5), 2006, section 3.1, printed to four places."""
    found = calibrate(LSAT6, "1pl")
    assert found.log_likelihood == pytest.approx(-2466.938, abs=5e-4)
    assert {item.a for item in found.items} == {found.items[0].a}
    assert found.items[0].a == pytest.approx(0.7551, abs=1e-4)
    assert found.items[0].se_a == pytest.approx(0.0694, abs=1e-4)
    b = [-3.6153, -1.3224, -0.3176, -1.7301, -2.7802]
    assert [item.b for item in found.items] == pytest.approx(b, abs=1e-4)
    errors = [0.3266, 0.1422, 0.0977, 0.1691, 0.2510]
    assert [item.se_b for item in found.items] == pytest.approx(errors, abs=1e-4)


def test_2pl_is_at_the_maximum():
    found = calibrate(LSAT6, "2pl")
    assert found.log_likelihood == pytest.approx(-2466.653377, abs=1e-6)
    a = [0.82566, 0.72274, 0.89087, 0.68837, 0.65686]
    assert [item.a for item in found.items] == pytest.approx(a, abs=1e-5)
    b = [-3.35881, -1.37006, -0.27967, -1.86638, -3.12591]
    assert [item.b for item in found.items] == pytest.approx(b, abs=1e-5)


def test_2pl_has_the_standard_errors_that_ltm_prints():
    """R's ltm 1.1, summary(ltm(LSAT ~ z1)), whose search stops a little before the maximum."""
    found = calibrate(LSAT6, "2pl")
    assert [item.se_a for item in found.items] == pytest.approx([0.2581, 0.1867, 0.2326, 0.1852, 0.2100], abs=3e-4)
    assert [item.se_b for item in found.items] == pytest.approx([0.8669, 0.3073, 0.0997, 0.4341, 0.8700], abs=2e-3)


def test_abilities_are_those_that_ltm_prints():
    """R's ltm, factor.scores(ltm(LSAT ~ z1)): the posterior mode and its standard error, to three places."""
    found = abilities(calibrate(LSAT6, "2pl"), PATTERNS, "map")
    printed = {0: (-1.895, 0.795), 1: (-1.479, 0.796), 15: (0.023, 0.828), 19: (-0.506, 0.811), 31: (0.606, 0.855)}
    for pattern, (theta, error) in printed.items():
        assert found.theta[pattern] == pytest.approx(theta, abs=1.5e-3)
        assert found.standard_error[pattern] == pytest.approx(error, abs=1e-3)


def test_the_expected_counts_are_those_that_ltm_prints():
    from exam_bank.irt.likelihood import posteriors
    from exam_bank.irt.patterns import patterns
    from exam_bank.irt.quadrature import normal_grid

    data = patterns(PATTERNS)
    ((_, _, logs),) = posteriors(data, calibrate(LSAT6, "2pl").curves, normal_grid())
    expected = 1000 * np.exp(logs)[data.row]
    assert expected.sum() == pytest.approx(1000)
    assert expected[[0, 1, 3, 19, 31]] == pytest.approx([2.277, 5.861, 8.942, 76.562, 296.693], abs=0.02)


def test_the_fit_of_1pl_is_that_of_mirt_for_r():
    """R's mirt 1.47.5, the manual's page on LSAT6, whose search stops a little before the maximum."""
    found = calibrate(LSAT6, "1pl")
    fit = model_fit(found, LSAT6)
    assert (fit.n, fit.df, fit.rmsea2, fit.rmsea2_low) == (1000, 9, 0.0, 0.0)
    assert (fit.m2, fit.p) == (pytest.approx(5.293, abs=2e-3), pytest.approx(0.808, abs=5e-4))
    assert fit.rmsea2_high == pytest.approx(0.023, abs=5e-4)
    items = item_fit(found, LSAT6)
    assert [item.s_x2 for item in items] == pytest.approx([0.436, 1.576, 0.871, 0.190, 0.190], abs=1e-3)
    assert [item.df for item in items] == [2, 2, 1, 2, 2]
    assert [item.p for item in items] == pytest.approx([0.804, 0.455, 0.351, 0.909, 0.909], abs=1e-3)
    assert found.aic == pytest.approx(4945.875, abs=1e-3)
