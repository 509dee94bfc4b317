"""Classical statistics against published figures and against SciPy."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from exam_bank.statistics.classical import cronbach_alpha, difficulty, distractors, item_statistics

# Bock and Lieberman (1970): section 6 of the Law School Admission Test, 1,000 examinees, 5 items. How often each
# pattern of answers came, from 00000 to 11111 in binary order with item 1 first.
LSAT6_COUNTS = [3, 6, 2, 11, 1, 1, 3, 4, 1, 8, 0, 16, 0, 3, 2, 15, 10, 29, 14, 81, 3, 28, 15, 80, 16, 56, 21, 173]
LSAT6_COUNTS += [11, 61, 28, 298]
LSAT6 = np.array(
    [[int(bit) for bit in f"{pattern:05b}"] for pattern, count in enumerate(LSAT6_COUNTS) for _ in range(count)],
    dtype=float,
)
NAMES = ["1", "2", "3", "4", "5"]


def test_lsat6_gives_the_published_figures() -> None:
    result = item_statistics(LSAT6, [1] * 5, NAMES)
    assert result.n == 1000
    assert [round(item.difficulty.value or 0, 3) for item in result.items] == [0.924, 0.709, 0.553, 0.763, 0.870]
    assert [round(item.discrimination.value or 0, 3) for item in result.items] == [0.113, 0.153, 0.173, 0.144, 0.122]
    assert result.alpha.value == pytest.approx(0.29500, abs=5e-6)
    assert result.alpha.standard_error == pytest.approx(0.0342, abs=5e-5)
    assert result.advice == ()


def test_the_intervals_are_those_of_scipy() -> None:
    result = item_statistics(LSAT6, [1] * 5, NAMES)
    for index, item in enumerate(result.items):
        right = int(LSAT6[:, index].sum())
        wilson = stats.binomtest(right, 1000).proportion_ci(method="wilson")
        assert (item.difficulty.low, item.difficulty.high) == pytest.approx((wilson.low, wilson.high))
        rest = LSAT6.sum(axis=1) - LSAT6[:, index]
        fisher = stats.pearsonr(LSAT6[:, index], rest).confidence_interval()
        assert (item.discrimination.low, item.discrimination.high) == pytest.approx((fisher.low, fisher.high))


@pytest.mark.integration  # it takes long
def test_the_standard_error_of_alpha_is_what_simulation_shows() -> None:
    rng = np.random.default_rng(5)
    true = rng.standard_normal((3000, 200, 1))
    alphas = [cronbach_alpha(scores).value or 0.0 for scores in true + rng.standard_normal((3000, 200, 6))]
    errors = [cronbach_alpha(scores).standard_error for scores in (true + rng.standard_normal((3000, 200, 6)))[:20]]
    assert np.mean(errors) == pytest.approx(np.std(alphas), rel=0.06)
    assert np.mean(alphas) == pytest.approx(6 / 7, abs=0.003)


def test_learners_with_different_forms() -> None:
    nan = math.nan
    scores = np.array([[1, nan, 2, 0], [nan, 3, 2, 1], [1, 2, nan, 1], [0, nan, 1, 0], [nan, 0, 0, nan]])
    result = item_statistics(scores, [1, 3, 2, 1], ["a", "b", "c", "d"])
    assert [item.difficulty.n for item in result.items] == [3, 3, 4, 4]
    assert result.items[1].difficulty.value == pytest.approx(5 / 9)
    rest = [2 / 3, 3 / 4, 1 / 3]  # learners 1, 3 and 4 on what else they were asked
    assert result.items[0].discrimination.value == pytest.approx(np.corrcoef([1, 1, 0], rest)[0, 1])
    assert result.alpha.value is None
    assert result.alpha.why_not == "learners were asked different items"


def test_what_cannot_be_known_is_not_made_up() -> None:
    scores = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    first, second = item_statistics(scores, [1, 1], ["a", "b"]).items
    assert (first.difficulty.value, first.discrimination.value) == (1.0, None)
    assert first.discrimination.why_not == "everybody earned the same"
    assert second.discrimination.value is None
    nobody = difficulty(np.array([math.nan]), 1.0)
    assert (nobody.value, nobody.n, nobody.why_not) == (None, 0, "nobody was asked")


@pytest.mark.parametrize(("n", "words"), [(12, "12 learners are too few"), (60, "correlations only hints")])
def test_small_classes_are_told_what_cannot_be_known(n: int, words: str) -> None:
    (advice,) = item_statistics(LSAT6[::17][:n], [1] * 5, NAMES).advice
    assert words in advice


def test_points_outside_their_range_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and the item's maximum"):
        item_statistics(np.array([[2.0, 1.0]]), [1, 1], ["a", "b"])
    with pytest.raises(ValueError, match="must be learners by 3 items"):
        item_statistics(np.array([[2.0, 1.0]]), [1, 1], ["a", "b", "c"])


def test_a_distractor_table_counts_everybody_once() -> None:
    table = distractors(["x", "y", "x", None], [1.0, 0.5, 0.5, 0.0], {"x": True, "y": False, "z": False})
    assert [(row.option, row.correct, row.count, row.share, row.mean_total) for row in table] == [
        ("x", True, 2, 0.5, 0.75),
        ("y", False, 1, 0.25, 0.5),
        ("z", False, 0, 0.0, None),
        ("(none)", False, 1, 0.25, 0.0),
    ]


@settings(deadline=None)
@example(seed=1083, n=4, k=2, scale=0.8)  # the totals are equal but for rounding
@example(seed=408, n=6, k=6, scale=1.0)  # nobody has an item right
@given(st.integers(0, 2**32 - 1), st.integers(4, 40), st.integers(2, 6), st.floats(0.1, 10))
def test_units_do_not_matter(seed: int, n: int, k: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 4, (n, k)).astype(float)
    one, other = (item_statistics(scores * unit, [3 * unit] * k, list(map(str, range(k)))) for unit in (1.0, scale))
    for a, b in zip(one.items, other.items, strict=True):
        assert a.difficulty.value == pytest.approx(b.difficulty.value)
        assert a.discrimination.value == pytest.approx(b.discrimination.value, abs=1e-9)
        assert a.difficulty.low is not None
        assert a.difficulty.low <= (a.difficulty.value or 0) <= (a.difficulty.high or 0) + 1e-12
    assert one.alpha.value == pytest.approx(other.alpha.value, abs=1e-9)


def test_alpha_has_a_standard_error_where_rounding_leaves_less_than_nothing() -> None:
    rng = np.random.default_rng(54541)
    for scale in (1.0, 0.1, 0.3, 7.3):
        scores = rng.integers(0, 4, (4, 2)).astype(float) * scale
        assert cronbach_alpha(scores).standard_error is not None
