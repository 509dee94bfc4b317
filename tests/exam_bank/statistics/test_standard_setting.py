"""The panel's cut score against a published analysis of variance, and against a second way to compute it."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from exam_bank.statistics.standard_setting import angoff, angoff_rounds, variance_components

# Shrout and Fleiss, Psychological Bulletin 86, 1979, 420-428, tables 2 and 3: six targets (here items) rated by four
# judges, with the published mean squares 11.24 between targets, 32.49 between judges and 1.02 residual.
SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float).T
JUDGES = ["ann", "ben", "cyd", "dee"]


def rated(table, judges=JUDGES):
    return [[dict(zip(judges, column, strict=True))] for column in table.T]


def test_variance_components_are_those_of_the_published_mean_squares() -> None:
    found = variance_components(SHROUT_FLEISS)
    assert found.residual == pytest.approx(1.02, abs=0.005)
    assert found.judges == pytest.approx((32.49 - 1.02) / 6, abs=0.005)
    assert found.items == pytest.approx((11.24 - 1.02) / 4, abs=0.005)
    # The published reliabilities follow from them: ICC(2,1) = .29 and ICC(3,1) = .71.
    assert found.items / (found.items + found.judges + found.residual) == pytest.approx(0.29, abs=0.005)
    assert found.items / (found.items + found.residual) == pytest.approx(0.71, abs=0.006)


def test_the_cut_is_the_sum_of_the_panels_ratings_times_the_points() -> None:
    found = angoff(rated(SHROUT_FLEISS / 10), [1] * 6)
    assert found.cut.value == pytest.approx(SHROUT_FLEISS.sum() / 4 / 10)
    assert found.points == 6
    weighted = angoff(rated(SHROUT_FLEISS / 10), [1, 2, 1, 1, 4, 1])
    assert weighted.cut.value == pytest.approx((SHROUT_FLEISS.mean(axis=0) / 10) @ [1, 2, 1, 1, 4, 1])


def test_the_error_over_judges_is_that_of_a_mean_and_its_interval_students() -> None:
    found = angoff(rated(SHROUT_FLEISS / 10), [1, 2, 1, 1, 4, 1])
    cuts = SHROUT_FLEISS / 10 @ np.array([1, 2, 1, 1, 4, 1])
    assert found.cut.standard_error == pytest.approx(stats.sem(cuts))
    low, high = stats.t.interval(0.95, 3, cuts.mean(), stats.sem(cuts))
    assert (found.cut.low, found.cut.high) == pytest.approx((max(low, 0), min(high, 10)))


@pytest.mark.integration  # it simulates
def test_the_error_over_judges_and_items_is_what_other_judges_and_items_show() -> None:
    rng = np.random.default_rng(3)
    judges, items = rng.normal(0, 0.06, (4000, 8, 1)), rng.normal(0, 0.12, (4000, 1, 15))
    panels = (0.6 + judges + items + rng.normal(0, 0.08, (4000, 8, 15))).clip(0, 1)
    cuts = panels.sum(axis=2).mean(axis=1)
    errors = [angoff(rated(each, list("abcdefgh")), [1] * 15).over_items.standard_error for each in panels[:60]]
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(cuts.std(), rel=0.08)


def test_rounds_show_whether_the_panel_came_together() -> None:
    first = [{"ann": 0.9, "ben": 0.3}, {"ann": 0.8, "ben": 0.4}]
    ratings = [[first[0], {"ann": 0.7, "ben": 0.5}], [first[1]]]  # the second item was not rated again
    found = angoff(ratings, [2, 3])
    assert [each.cut for each in found.rounds] == pytest.approx([1.2 + 1.8, 1.2 + 1.8])
    assert [each.spread for each in found.rounds] == pytest.approx(
        [np.std([4.2, 1.8], ddof=1), np.std([3.8, 2.2], ddof=1)]
    )
    assert found.cut.value == pytest.approx(found.rounds[-1].cut)


def test_a_judge_who_does_not_see_what_is_hard_is_named() -> None:
    difficulty = np.linspace(0.2, 0.9, 20)
    wise, blind = difficulty, difficulty[::-1]
    found = angoff(rated(np.array([wise, wise + 0.05, blind]), ["ann", "ben", "cyd"]), [1] * 20, list(difficulty))
    by_name = {each.name: each for each in found.judges}
    assert by_name["ann"].with_learners.value == pytest.approx(1)
    assert by_name["cyd"].with_learners.value == pytest.approx(-1)
    assert [line for line in found.advice if "cyd" in line and "ann" not in line]
    assert by_name["ben"].severity == pytest.approx(0.05 - 0.05 / 3 + (wise - wise.mean()).mean(), abs=0.02)


def test_what_is_missing_is_told_and_not_made_up() -> None:
    found = angoff([[{"ann": 0.5, "ben": 0.7}], [{"ann": 0.4}]], [1, 1])
    assert found.cut.value == pytest.approx(0.6 + 0.4)
    assert (found.cut.standard_error, found.cut.why_not) == (None, "fewer than two judges rated every item")
    assert found.components is None
    assert any("1 ratings are missing" in line for line in found.advice)
    with pytest.raises(ValueError, match="every item needs ratings"):
        angoff([[]], [1])
    with pytest.raises(ValueError, match="from 0 to 1"):
        angoff([[{"ann": 65}]], [1])


def test_ratings_are_read_from_items_in_either_form() -> None:
    rounds = ({"ann": 0.5}, {"ann": 0.6})
    assert angoff_rounds(SimpleNamespace(angoff=rounds)) == rounds
    assert angoff_rounds(SimpleNamespace(angoff={"ann": 0.5})) == ({"ann": 0.5},)
    assert angoff_rounds(SimpleNamespace()) == ()
