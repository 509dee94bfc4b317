"""Linking and drift against the worked example of Kolen and Brennan as the R package plink prints it."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, optimize

from exam_bank.statistics.drift import find_drift, raju_areas
from exam_bank.statistics.linking import Link, LinkMethod, Parameters, link

# Kolen and Brennan, *Test Equating, Scaling, and Linking*, 2nd ed., 2004, table 6.5 (plink's KB04): 36 items in each of
# two forms; every third is common.
_ROWS = list(csv.DictReader((Path(__file__).parent / "data" / "kolen-brennan-items.csv").open()))
NEW, OLD = (
    Parameters(*(np.array([float(row[key]) for row in _ROWS if row["form"] == form]) for key in "abc"))
    for form in ("new", "old")
)
COMMON = np.arange(2, 36, 3)
NAMES = [str(each + 1) for each in COMMON]
# Weeks, *Journal of Statistical Software* 35 (12), 2010, section 5.1: A and B with the old form as the base scale.
PUBLISHED = {
    LinkMethod.MEAN_MEAN: (1.217266, -0.557155),
    LinkMethod.MEAN_SIGMA: (1.168892, -0.515543),
    LinkMethod.HAEBARA: (1.112133, -0.465667),
    LinkMethod.STOCKING_LORD: (1.119231, -0.485545),
}


@pytest.mark.parametrize("method", LinkMethod)
def test_constants_are_the_published_ones(method: LinkMethod) -> None:
    found = link(NEW.only(COMMON), OLD.only(COMMON), method)
    assert (found.slope, found.intercept) == pytest.approx(PUBLISHED[method], abs=2e-6)


@pytest.mark.parametrize("method", LinkMethod)
def test_items_that_only_changed_their_scale_are_linked_exactly(method: LinkMethod) -> None:
    moved = Parameters(OLD.a * 1.3, (OLD.b + 0.4) / 1.3, OLD.c)
    found = link(moved, OLD, method)
    assert (found.slope, found.intercept) == pytest.approx((1.3, -0.4), abs=1e-6)
    back = found.applied(moved)
    assert np.concatenate([back.a, back.b]) == pytest.approx(np.concatenate([OLD.a, OLD.b]), abs=1e-5)


@pytest.mark.parametrize("method", LinkMethod)
def test_the_item_that_kolen_and_brennan_took_out_is_found(method: LinkMethod) -> None:
    """Their example goes on without item 27, whose parameters lie apart in the scatter plot (Weeks 2010, section 6)."""
    assert find_drift(NEW.only(COMMON), OLD.only(COMMON), NAMES, method).removed == ("27",)


def test_without_it_true_scores_are_the_published_ones() -> None:
    """Weeks (2010), section 6: true-score equating after mean/sigma without item 27, for the new scores 7, 8 and 9."""
    found = find_drift(NEW.only(COMMON), OLD.only(COMMON), NAMES, LinkMethod.MEAN_SIGMA).link
    moved = found.applied(Parameters(NEW.a * 1.7, NEW.b, NEW.c))
    old = Parameters(OLD.a * 1.7, OLD.b, OLD.c)

    def total(items: Parameters, theta: float) -> float:
        return float(items.probabilities(np.array([theta])).sum())

    for score, theta, equivalent in ((7, -4.336, 6.134), (8, -2.769, 7.187), (9, -2.063, 8.396)):
        at = optimize.brentq(lambda each: total(moved, each) - score, -20, 10)  # noqa: B023
        assert (at, total(old, at)) == pytest.approx((theta, equivalent), abs=6e-4)


def test_anchors_that_leaked_are_taken_out_one_after_the_other() -> None:
    rng = np.random.default_rng(2)
    new = Parameters(OLD.a * np.exp(rng.normal(0, 0.05, 36)), OLD.b + rng.normal(0, 0.06, 36), OLD.c)
    leaked = Parameters(new.a, new.b - np.isin(np.arange(36), [4, 19]) * [0.9], new.c)
    found = find_drift(leaked, OLD, [str(each) for each in range(36)])
    assert set(found.removed) == {"4", "19"}
    assert (found.link.slope, found.link.intercept) == pytest.approx((1, 0), abs=0.05)
    by_name = {each.item: each for each in found.anchors}
    assert by_name["4"].removed
    assert by_name["4"].shift == pytest.approx(-0.9, abs=0.2)
    assert not find_drift(new, OLD, [str(each) for each in range(36)]).removed


def test_at_least_half_of_the_anchors_stay() -> None:
    shifts = np.array([0, 0.01, 0.02, 1.5, -1.5, 2.5])
    one = Parameters(np.ones(6), np.linspace(-1, 1, 6), np.zeros(6))
    found = find_drift(Parameters(one.a, one.b + shifts, one.c), one, list("abcdef"), LinkMethod.MEAN_MEAN)
    assert len(found.removed) <= 3
    with pytest.raises(ValueError, match="fewer than four"):
        find_drift(one.only(np.arange(3)), one.only(np.arange(3)), list("abc"))


@pytest.mark.parametrize("items", [((1.2, 0.3, 0.2), (0.7, -0.2, 0.2)), ((0.8, 1, 0), (0.8, 0.4, 0))])
def test_rajus_areas_are_those_between_the_curves(items) -> None:
    def curve(theta: float, item: tuple[float, float, float]) -> float:
        a, b, c = (np.array([each]) for each in item)
        return float(Parameters(a, b, c).probabilities(np.array([theta]))[0, 0])

    signed, unsigned = (
        integrate.quad(lambda t: shape(curve(t, items[0]) - curve(t, items[1])), -60, 60, limit=400)[0]  # noqa: B023
        for shape in (lambda each: each, abs)
    )
    assert raju_areas(*items) == pytest.approx((signed, unsigned), abs=1e-6)


def test_a_link_needs_anchors() -> None:
    with pytest.raises(ValueError, match="at least two"):
        link(NEW.only(np.array([0])), OLD.only(np.array([0])))
    same = Parameters(np.ones(3), np.zeros(3), np.zeros(3))
    with pytest.raises(ValueError, match="equally difficult"):
        link(same, same, LinkMethod.MEAN_SIGMA)
    assert link(same, same, LinkMethod.MEAN_MEAN) == Link(1.0, 0.0)
