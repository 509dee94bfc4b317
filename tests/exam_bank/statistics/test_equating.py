"""Equating against the worked examples of Kolen and Brennan, and standard errors against each other."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize

from exam_bank.statistics.equating.distribution import Distribution, distribution, smoothed
from exam_bank.statistics.equating.equate import Design, Group, Method, equate

# Kolen and Brennan, *Test Equating, Scaling, and Linking*, 2nd ed., 2004, table 2.5: how many of two random groups had
# each score, 0 to 40, on two forms of a mathematics test. The R package equate ships the same as ACTmath.
X = [0, 1, 1, 3, 9, 18, 59, 67, 91, 144, 149, 192, 192, 192, 201, 204, 217, 181, 184, 170, 201, 147, 163, 147, 140]
X += [147, 126, 113, 100, 106, 107, 91, 83, 73, 72, 75, 50, 37, 38, 23, 15]
Y = [0, 1, 3, 13, 42, 59, 95, 131, 158, 161, 194, 164, 166, 197, 177, 158, 169, 132, 158, 151, 134, 137, 122, 110]
Y += [116, 132, 104, 104, 114, 97, 107, 88, 80, 79, 70, 61, 48, 47, 29, 32, 12]
# The same book, table 2.7: the equipercentile equivalents of the scores 1 to 20.
TABLE_2_7 = [0.9796, 1.6462, 2.2856, 2.8932, 3.6205, 4.4997, 5.5148, 6.3124, 7.2242, 8.1607, 9.1827, 10.1859, 11.2513]
TABLE_2_7 += [12.3896, 13.3929, 14.5240, 15.7169, 16.8234, 18.0092, 19.1647]


def everybody(counts: list[int]) -> np.ndarray:
    return np.repeat(np.arange(len(counts)), counts).astype(float)


RANDOM = Group(everybody(X), 40), Group(everybody(Y), 40)


def anchored(form: str) -> Group:
    """The group that took a form of the book's second example: 36 items, 12 of them common (equate's KBneat)."""
    path = Path(__file__).parent / "data" / "kolen-brennan-anchor.csv"
    rows = [row for row in csv.DictReader(path.open()) if row["form"] == form]
    counts = [int(row["learners"]) for row in rows]
    total, anchor = (np.repeat([float(row[key]) for row in rows], counts) for key in ("total", "anchor"))
    return Group(total, 36, anchor, 12)


def test_mean_equating_is_the_published_shift() -> None:
    """The documentation of the R package equate prints the intercept -0.8726, and the means 19.85239 and 18.97977."""
    found = equate(*RANDOM, Method.MEAN)
    assert (found.slope, found.intercept) == pytest.approx((1, 18.97977 - 19.85239), abs=1e-5)


def test_linear_equating_follows_from_the_published_moments() -> None:
    """The same page prints the standard deviations 8.212585 and 8.940397, with n - 1 in the denominator."""
    found = equate(*RANDOM, Method.LINEAR)
    slope = 8.940397 * (1 - 1 / 4152) ** 0.5 / (8.212585 * (1 - 1 / 4329) ** 0.5)
    assert found.slope == pytest.approx(slope, abs=1e-6)
    assert found.intercept == pytest.approx(18.97977 - slope * 19.85239, abs=3e-5)


def test_equipercentile_equating_is_the_published_table() -> None:
    found = equate(*RANDOM, Method.EQUIPERCENTILE)
    assert found.equivalents[1:21] == pytest.approx(TABLE_2_7, abs=6e-5)


@pytest.mark.parametrize(
    ("method", "at_0", "at_10", "at_20", "at_36"),
    [(Method.TUCKER, 0.537, 10.826, 21.116, 37.579), (Method.LEVINE, 0.251, 10.363, 20.475, 36.653)],
)
def test_tucker_and_levine_are_the_published_table(method, at_0, at_10, at_20, at_36) -> None:
    """Table 2 of the equate package's 2011 vignette, for the groups as they are (the weight of X's group is 1)."""
    found = equate(anchored("x"), anchored("y"), method)
    assert found.equivalents[[0, 10, 20, 36]] == pytest.approx([at_0, at_10, at_20, at_36], abs=6e-4)


def test_an_external_anchor_and_other_weights_follow_the_books_equations() -> None:
    """Equations 4.2 to 4.5 and 4.58, 4.59 written out again, with the weights of the two groups' sizes."""
    x, y = anchored("x"), anchored("y")
    w = x.n / (x.n + y.n)
    found = equate(x, y, Method.LEVINE, Design(internal=False, weight=w))
    (vx, cx, ax), (vy, cy, ay) = (
        (np.var(g.total), np.cov(g.total, g.anchor, bias=True)[0, 1], np.var(g.anchor)) for g in (x, y)
    )
    g1, g2 = (vx + cx) / (ax + cx), (vy + cy) / (ay + cy)
    gap, wider = x.anchor.mean() - y.anchor.mean(), ax - ay
    mu_x, mu_y = x.total.mean() - (1 - w) * g1 * gap, y.total.mean() + w * g2 * gap
    var_x = vx - (1 - w) * g1**2 * wider + w * (1 - w) * g1**2 * gap**2
    var_y = vy + w * g2**2 * wider + w * (1 - w) * g2**2 * gap**2
    assert found.slope == pytest.approx((var_y / var_x) ** 0.5)
    assert found.equivalents[18] == pytest.approx(mu_y + (var_y / var_x) ** 0.5 * (18 - mu_x))


def by_hand(observed: Distribution, score: float) -> float:
    """A percentile rank, a score at a time, as the book's equation 2.14 has it."""
    nearest = int(np.floor(score + 0.5))
    if score < -0.5:
        return 0.0
    if nearest >= len(observed.shares):
        return 100.0
    below = sum(observed.shares[:nearest])
    return float(100 * (below + (score - (nearest - 0.5)) * observed.shares[nearest]))


def test_chained_equipercentile_goes_through_the_anchor() -> None:
    """Each step by root-finding on the percentile ranks, in place of their inverse."""
    x, y = anchored("x"), anchored("y")
    found = equate(x, y, Method.CHAINED)
    steps = [
        (distribution(x.total, 36), distribution(x.anchor, 12)),
        (distribution(y.anchor, 12), distribution(y.total, 36)),
    ]
    for score in (5, 12, 20, 31):
        value = float(score)
        for one, other in steps:
            wanted = by_hand(one, value)
            value = optimize.brentq(lambda at: by_hand(other, at) - wanted, -0.5, len(other.shares) - 0.5)  # noqa: B023
        assert found.equivalents[score] == pytest.approx(value, abs=1e-6)


def test_half_points_are_equated_as_twice_as_many_steps() -> None:
    halves = equate(*(Group(g.total / 2, 20) for g in RANDOM), Method.EQUIPERCENTILE, Design(step=0.5))
    assert halves.equivalents[2:41] * 2 == pytest.approx(equate(*RANDOM, Method.EQUIPERCENTILE).equivalents[2:41])
    with pytest.raises(ValueError, match="multiple of 1"):
        equate(Group(np.array([1.5]), 2), Group(np.array([1.0]), 2), Method.EQUIPERCENTILE)


@pytest.mark.parametrize("moments", [2, 4, 6])
def test_smoothing_keeps_the_moments(moments: int) -> None:
    """Holland and Thayer's (2000) property of the maximum likelihood fit, to as many moments as were asked for."""
    observed = Distribution(np.array(X, float))
    fitted = smoothed(observed, moments)
    for power in range(1, moments + 1):
        of = [((each.scores / 40) ** power @ each.shares) for each in (observed, fitted)]
        assert of[1] == pytest.approx(of[0], rel=1e-8)
    assert ((fitted.scores / 40) ** (moments + 1) @ fitted.shares) != pytest.approx(
        (observed.scores / 40) ** (moments + 1) @ observed.shares, rel=1e-8
    )


def test_smoothing_is_what_a_general_optimiser_finds() -> None:
    observed = Distribution(np.array(Y, float))
    powers = np.vander(observed.scores / 20 - 1, 4, increasing=True)

    def loss(beta: np.ndarray) -> float:
        return float((np.exp(powers @ beta).sum() - observed.frequencies @ (powers @ beta)) / observed.n)

    best = optimize.minimize(loss, [4.0, 0, 0, 0], method="BFGS", options={"gtol": 1e-9}).x
    assert smoothed(observed, 3).frequencies == pytest.approx(np.exp(powers @ best), rel=1e-4)


@pytest.mark.integration  # it simulates
@pytest.mark.parametrize("method", [Method.MEAN, Method.LINEAR, Method.EQUIPERCENTILE])
def test_formula_errors_agree_with_the_bootstraps(method: Method) -> None:
    rng = np.random.default_rng(6)
    normal = [Group(rng.normal(20, 5, 3000).round().clip(0, 40), 40) for _ in range(2)]
    formula = equate(*normal, method).errors[12:29]
    again = equate(*normal, method, rng=np.random.default_rng(7)).errors[12:29]
    assert formula == pytest.approx(again, rel=0.25)
    assert formula.mean() == pytest.approx(again.mean(), rel=0.06)


@pytest.mark.integration  # it simulates
def test_lords_formula_holds_where_few_scores_are_possible() -> None:
    """With four scores its second term is a large part of the whole.

    Lord takes form X's scores as continuous. The percentile rank of a discrete score is the middle of a step, and the
    variance of a step's middle is smaller by a quarter of its share over n; so much is taken off before comparing.
    """
    rng = np.random.default_rng(8)
    groups = [Group(rng.choice(4, 3000, p=[0.2, 0.3, 0.3, 0.2]).astype(float), 3) for _ in range(2)]
    found = equate(*groups, Method.EQUIPERCENTILE)
    x, y = (distribution(each.total, 3).shares for each in groups)
    here = y[np.round(found.equivalents).astype(int)]
    again = equate(*groups, Method.EQUIPERCENTILE, rng=np.random.default_rng(7)).errors
    assert np.sqrt(found.errors**2 - x / (4 * 3000) / here**2) == pytest.approx(again, rel=0.1)


@pytest.mark.integration  # it simulates
def test_bootstrap_errors_with_an_anchor_are_what_new_groups_show() -> None:
    rng = np.random.default_rng(9)

    def group(mean: float, n: int) -> Group:
        ability = rng.normal(mean, 1, n)
        right = rng.random((n, 40)) < 1 / (1 + np.exp(np.linspace(-2, 2, 40) - ability[:, None]))
        return Group(right.sum(axis=1) * 1.0, 40, right[:, ::4].sum(axis=1) * 1.0, 10)

    many = [equate(group(0, 400), group(0.4, 400), Method.LEVINE).equivalents for _ in range(300)]
    one = equate(group(0, 400), group(0.4, 400), Method.LEVINE, rng=np.random.default_rng(1))
    assert one.errors[10:31] == pytest.approx(np.std(many, axis=0)[10:31], rel=0.25)


def test_the_same_seed_gives_the_same_errors_and_small_groups_are_told() -> None:
    small = Group(everybody(X)[::90], 40), Group(everybody(Y)[::90], 40)
    errors = [equate(*small, Method.MEAN, rng=np.random.default_rng(3)).errors for _ in range(2)]
    assert (errors[0] == errors[1]).all()
    advice = equate(*small, Method.MEAN).advice
    assert "49 and 47 learners are too few" in advice[0]
    assert "only if chance decided" in advice[1]
    with pytest.raises(ValueError, match="needs the anchor"):
        equate(*small, Method.TUCKER)
