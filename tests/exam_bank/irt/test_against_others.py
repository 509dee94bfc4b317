"""The same data, calibrated by packages that others wrote: mirt and girth."""

import girth
import mirt
import numpy as np
import pytest
from mirt.estimation.priors import BetaPrior, NormalPrior

from exam_bank import calibrate
from exam_bank.irt.fit import model_fit
from exam_bank.irt.item_fit import item_fit
from exam_bank.irt.scores import abilities
from tests.exam_bank.irt.simulated import items, responses

pytestmark = pytest.mark.integration  # they take long to import

A, B = items(12, seed=21)
FULL = responses(800, A, B, seed=22)
GAPS = responses(800, A, B, seed=23, missing=0.3)
CLOSE = {"n_quadpts": 61, "tol": 1e-9, "max_iter": 5000}


def column(found, name):
    return np.array([getattr(item, name) for item in found.items])


@pytest.fixture(scope="module")
def theirs():
    return mirt.fit_mirt(FULL.astype(int), model="2PL", **CLOSE)


@pytest.fixture(scope="module")
def ours():
    return calibrate(FULL)


def test_2pl_with_its_standard_errors(theirs, ours):
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood, abs=1e-4)
    assert column(ours, "a") == pytest.approx(theirs.model.parameters["discrimination"], abs=2e-4)
    assert column(ours, "b") == pytest.approx(theirs.model.parameters["difficulty"], abs=2e-4)
    assert column(ours, "se_a") == pytest.approx(theirs.standard_errors["discrimination"], rel=2e-3)
    assert column(ours, "se_b") == pytest.approx(theirs.standard_errors["difficulty"], rel=2e-3)


def test_fit_of_the_model_and_of_items(theirs, ours):
    fit, expected = model_fit(ours, FULL), mirt.compute_m2(theirs, FULL.astype(int))
    assert (fit.m2, fit.df) == (pytest.approx(expected["M2"], rel=1e-3), expected["df"])
    table = mirt.itemfit(theirs, FULL.astype(int), statistics=["S_X2"])
    close = [
        (own.s_x2, their["S_X2"])
        for own, their in zip(item_fit(ours, FULL), table.to_dict("records"), strict=True)
        if own.df == their["df"]  # they take neighbouring scores together in another way
    ]
    assert len(close) > 3
    for own, their in close:
        assert own == pytest.approx(their, rel=0.15, abs=0.5)


def test_abilities(theirs, ours):
    for method, name in (("eap", "EAP"), ("map", "MAP"), ("sum", "EAPsum")):
        expected = mirt.fscores(theirs, FULL.astype(int), method=name, n_quadpts=61)
        own = abilities(ours, FULL, method)
        assert own.theta == pytest.approx(np.ravel(expected.theta), abs=2e-3)
        assert own.standard_error == pytest.approx(np.ravel(expected.standard_error), abs=2e-3)


def test_2pl_with_gaps():
    theirs = mirt.fit_mirt(GAPS, model="2PL", **CLOSE)
    ours = calibrate(GAPS)
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood, abs=1e-4)
    assert column(ours, "a") == pytest.approx(theirs.model.parameters["discrimination"], abs=2e-4)
    assert column(ours, "se_a") == pytest.approx(theirs.standard_errors["discrimination"], rel=2e-3)
    assert column(ours, "se_b") == pytest.approx(theirs.standard_errors["difficulty"], rel=2e-3)


def test_3pl_with_the_same_priors():
    drawn = responses(1500, A, B, 0.2, seed=24)
    priors = {"guessing": BetaPrior(5, 17), "discrimination": NormalPrior(1.0, 1.0)}
    theirs = mirt.fit_mirt(drawn.astype(int), model="3PL", priors=priors, **CLOSE)
    ours = calibrate(drawn, "3pl")
    assert column(ours, "a") == pytest.approx(theirs.model.parameters["discrimination"], abs=3e-3)
    assert column(ours, "b") == pytest.approx(theirs.model.parameters["difficulty"], abs=3e-3)
    assert column(ours, "c") == pytest.approx(theirs.model.parameters["guessing"], abs=2e-3)
    assert column(ours, "se_a") == pytest.approx(theirs.standard_errors["discrimination"], rel=0.02)
    assert column(ours, "se_c") == pytest.approx(theirs.standard_errors["guessing"], rel=0.02)


def test_1pl_and_2pl_of_girth():
    options = {"quadrature_n": 61, "quadrature_bounds": (-6, 6), "max_iteration": 200}
    one = girth.onepl_mml(FULL.T.astype(int), options={"quadrature_n": 61, "quadrature_bounds": (-6, 6)})
    found = calibrate(FULL, "1pl")
    assert found.items[0].a == pytest.approx(float(np.ravel(one["Discrimination"])[0]), abs=2e-3)
    assert column(found, "b") == pytest.approx(one["Difficulty"], abs=0.01)  # girth stops early
    two = girth.twopl_mml(FULL.T.astype(int), options=options)
    assert column(calibrate(FULL), "a") == pytest.approx(two["Discrimination"], abs=0.02)
    assert column(calibrate(FULL), "b") == pytest.approx(two["Difficulty"], abs=0.02)
