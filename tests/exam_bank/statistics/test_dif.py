"""DIF against what the R package difR prints, and against second ways to compute the same."""

from pathlib import Path

import numpy as np
import pytest

from exam_bank.statistics.dif import DELTA, dif, item_dif

# The verbal aggression data of De Boeck and Wilson, *Explanatory Item Response Models*, 2004: 316 people, 24 items.
LINES = (Path(__file__).parent / "data" / "verbal-aggression.csv").read_text().splitlines()
NAMES = LINES[0].split(",")[:24]
TABLE = np.array([line.split(",") for line in LINES[1:]], float)
VERBAL, MALE = TABLE[:, :24], TABLE[:, 24] == 1

# What the R package difR prints (a snapshot in its own tests) for difMH(verbal, group = 25, focal.name = 1):
# chi-square, log odds ratio over its standard error, odds ratio, delta. With purify = TRUE: chi-square, odds ratio.
PRINTED = {
    "S1wantCurse": (1.7076, 1.4759, 1.7005, -1.2476),
    "S1WantScold": (2.1486, 1.6751, 1.7702, -1.3420),
    "S2WantShout": (9.6032, 3.1373, 2.8804, -2.4861),
    "S3WantCurse": (0.0013, -0.1889, 0.9439, 0.1358),
    "S2DoCurse": (6.3029, -2.6614, 0.3209, 2.6709),
    "S2DoScold": (6.8395, -2.6876, 0.3746, 2.3072),
    "S4DoShout": (0.8390, 1.1203, 1.6053, -1.1123),
}
PURIFIED = {
    "S1wantCurse": (0.0069, 1.1054),
    "S2WantShout": (4.2680, 2.2088),
    "S3WantScold": (4.3724, 0.4593),
    "S2DoScold": (11.9436, 0.3014),
    "S4DoScold": (5.7987, 0.4148),
    "S4DoShout": (0.3223, 1.4040),
}
REMOVED = ["S2WantShout", "S3WantScold", "S1DoScold", "S2DoCurse", "S2DoScold", "S3DoCurse", "S3DoScold", "S4DoCurse"]
REMOVED += ["S4DoScold"]


def test_mantel_haenszel_is_what_difr_prints() -> None:
    found = {each.item: each for each in dif(VERBAL, [1] * 24, NAMES, MALE, purify=False).items}
    for name, (chi_square, z, odds, delta) in PRINTED.items():
        each = found[name]
        assert each.chi_square == pytest.approx(chi_square, abs=6e-5)
        assert each.odds_ratio == pytest.approx(odds, abs=6e-5)
        assert each.delta == pytest.approx(delta, abs=6e-5)
        assert each.delta / each.delta_error == pytest.approx(-z, abs=6e-5)
        assert each.harder_for_focal is (delta < 0)


def test_purification_ends_where_difrs_does() -> None:
    result = dif(VERBAL, [1] * 24, NAMES, MALE)
    assert (result.rounds, result.settled) == (6, True)
    assert [each.item for each in result.items if not each.in_criterion] == REMOVED
    found = {each.item: each for each in result.items}
    for name, (chi_square, odds) in PURIFIED.items():
        assert found[name].chi_square == pytest.approx(chi_square, abs=6e-5)
        assert found[name].odds_ratio == pytest.approx(odds, abs=6e-5)


def phillips_holland(tables: list[tuple[int, int, int, int]]) -> float:
    """The variance of the log odds ratio as Phillips and Holland (1987) write it, stratum by stratum."""
    alpha = sum(a * d / (a + b + c + d) for a, b, c, d in tables) / sum(
        b * c / (a + b + c + d) for a, b, c, d in tables
    )
    top = sum((a * d + alpha * b * c) * (a + d + alpha * (b + c)) / (a + b + c + d) ** 2 for a, b, c, d in tables)
    return top / (2 * sum(a * d / (a + b + c + d) for a, b, c, d in tables) ** 2)


def learners(tables):
    """Item, stratum and group of the learners that these tables count."""
    rows = [
        (right, stratum, focal)
        for stratum, (a, b, c, d) in enumerate(tables)
        for right, focal, number in ((1, 0, a), (0, 0, b), (1, 1, c), (0, 1, d))
        for _ in range(number)
    ]
    item, stratum, focal = np.array(rows, float).T
    return item, stratum, focal == 1


TABLES = [(10, 20, 5, 25), (30, 20, 18, 22), (44, 6, 30, 12), (3, 0, 1, 0)]


def test_the_standard_error_is_also_phillips_and_hollands() -> None:
    each = item_dif(*learners(TABLES))
    assert each.delta_error == pytest.approx(-DELTA * phillips_holland(TABLES) ** 0.5)


def test_a_stratum_without_one_of_the_groups_says_nothing() -> None:
    alone = item_dif(*learners([*TABLES, (7, 3, 0, 0), (0, 0, 0, 9)]))
    assert alone == item_dif(*learners(TABLES))
    apart = item_dif(*learners([(5, 5, 0, 0), (0, 0, 5, 5)]))
    assert (apart.chi_square, apart.why_not) == (None, "nobody has an equal in the other group")


@pytest.mark.parametrize(
    ("scale", "odds", "expected"),
    [(40, 1.2, "A"), (1, 3.5, "A"), (40, 1.75, "B"), (40, 2.8, "C")],
    ids=["small", "not significant", "moderate", "large"],
)
def test_the_classes_follow_the_published_rule(scale: int, odds: float, expected: str) -> None:
    tables = [(round(scale * 5 * odds), scale * 5, scale * 5, scale * 5)]
    assert item_dif(*learners(tables)).ets_class == expected


def test_a_large_difference_that_is_not_surely_above_1_is_moderate() -> None:
    each = item_dif(*learners([(50, 25, 25, 25)] * 2))
    assert abs(each.delta) > 1.5
    assert abs(each.delta) - 1.6449 * each.delta_error < 1
    assert each.ets_class == "B"


def test_a_difference_below_1_and_a_half_is_moderate_however_sure_it_is() -> None:
    each = item_dif(*learners([(17_000, 10_000, 10_000, 10_000)]))  # delta is -2.35 log 1.7 = -1.25
    assert abs(each.delta) - 1.6449 * each.delta_error > 1
    assert each.ets_class == "B"


@pytest.mark.parametrize(("moved", "expected"), [(200, "A"), (500, "B"), (800, "C")])
def test_the_classes_of_partial_credit_follow_the_published_bounds(moved: int, expected: str) -> None:
    """0.17 and 0.25 standard deviations, where all are equal in what they are matched on."""
    reference = np.repeat([0.0, 1.0, 2.0], 2000)
    focal = np.repeat([0.0, 1.0, 2.0], [2000 + moved, 2000, 2000 - moved])
    item = np.concatenate([reference, focal])
    each = item_dif(item, np.zeros(12_000), np.arange(12_000) >= 6000, maximum=2)
    assert each.effect == pytest.approx((focal.mean() - reference.mean()) / item.std())
    bounds = {"A": (0, 0.17), "B": (0.17, 0.25), "C": (0.25, 1)}[expected]
    assert bounds[0] < -each.effect <= bounds[1]
    assert each.ets_class == expected


def test_mantels_test_of_right_and_wrong_is_mantel_haenszels_without_correction() -> None:
    """An identity of Mantel's (1963): half points for every wrong answer change nothing but the arithmetic."""
    item, stratum, focal = learners(TABLES)
    partial = item_dif(np.where(item == 1, 2.0, 1.0), stratum, focal, maximum=2)
    a, b, c, d = np.array(TABLES, float).T
    n = a + b + c + d
    apart = a.sum() - ((a + b) * (a + c) / n).sum()
    chi_square = apart**2 / ((a + b) * (c + d) * (a + c) * (b + d) / (n**2 * (n - 1))).sum()
    assert partial.partial_credit
    assert partial.chi_square == pytest.approx(chi_square)


@pytest.mark.integration  # it simulates
def test_mantels_moments_are_those_of_all_ways_to_deal_out_the_points() -> None:
    """Within a score the focal group's points are a draw without replacement; here it is drawn very often."""
    rng = np.random.default_rng(8)
    points, focal = np.array([0, 0, 1, 1, 1, 2, 3, 3.0]), np.arange(8) < 3
    sums = [rng.permutation(points)[:3].sum() for _ in range(40_000)]
    each = item_dif(points, np.zeros(8), focal, maximum=3)
    expected = (points[:3].sum() - np.mean(sums)) ** 2 / np.var(sums)
    assert each.chi_square == pytest.approx(expected, rel=0.05)
    assert each.harder_for_focal


@pytest.mark.integration  # it simulates
def test_without_dif_one_item_in_twenty_differs_and_with_dif_the_one_is_found() -> None:
    rng = np.random.default_rng(4)
    ability, focal = rng.standard_normal(1200), np.arange(1200) < 500
    ability[focal] -= 0.5  # the groups differ, which is not DIF
    hard = np.linspace(-1.5, 1.5, 30) + 0.9 * np.outer(focal, np.arange(30) == 11)
    points = (rng.random((1200, 30)) < 1 / (1 + np.exp(hard - ability[:, None]))).astype(float)
    found = dif(points, [1] * 30, [str(each) for each in range(30)], focal)
    assert [each.item for each in found.items if each.ets_class == "C"] == ["11"]
    assert sum(each.p_value < 0.05 for each in found.items) <= 5


@pytest.mark.integration  # it simulates
def test_forms_of_their_own_are_matched_on_the_share_of_the_points() -> None:
    rng = np.random.default_rng(5)
    ability, focal = rng.standard_normal(3000), np.arange(3000) % 2 == 0
    hard = np.linspace(-1, 1, 40) + 1.2 * np.outer(focal, np.arange(40) == 7)
    points = (rng.random((3000, 40)) < 1 / (1 + np.exp(hard - ability[:, None]))).astype(float)
    points[rng.random((3000, 40)).argsort(axis=1) >= 20] = np.nan
    found = dif(points, [1] * 40, [str(each) for each in range(40)], focal)
    assert found.matching == "5 groups by the share of the points earned"
    assert [each.item for each in found.items if each.ets_class == "C"] == ["7"]


def test_small_groups_and_empty_ones_are_told() -> None:
    few = dif(VERBAL[:40], [1] * 24, NAMES, MALE[:40])
    assert "below 100" in few.advice[0]
    with pytest.raises(ValueError, match="both groups"):
        dif(VERBAL, [1] * 24, NAMES, np.zeros(316, bool))
