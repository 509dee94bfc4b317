"""What a calibration says, and when it says nothing."""

import math

import numpy as np
import pytest

from exam_bank import calibrate
from exam_bank.irt.calibrate import CalibrationError
from exam_bank.irt.priors import Priors
from tests.exam_bank.irt.lsat6 import LSAT6
from tests.exam_bank.irt.simulated import items, responses

A, B = items(12, seed=1)


def test_items_are_recovered_within_their_standard_errors():
    found = calibrate(responses(2000, A, B, seed=2), "2pl")
    errors = [(item.a - a) / item.se_a for item, a in zip(found.items, A, strict=True)]
    errors += [(item.b - b) / item.se_b for item, b in zip(found.items, B, strict=True)]
    assert np.abs(errors).max() < 3.5
    assert np.std(errors) == pytest.approx(1.0, abs=0.35)


def test_what_nobody_was_asked_teaches_nothing_and_takes_nothing():
    drawn = responses(1000, A, B, seed=3)
    gaps = np.vstack([drawn, np.full((5, 12), np.nan)])
    one, other = calibrate(drawn), calibrate(gaps)
    assert one.n == other.n == 1000
    assert [item.a for item in one.items] == pytest.approx([item.a for item in other.items])
    assert one.log_likelihood == pytest.approx(other.log_likelihood)


def test_an_item_that_few_were_asked_has_the_larger_standard_error():
    drawn = responses(1000, A, B, seed=3)
    before = calibrate(drawn).items[0]
    drawn[200:, 0] = np.nan
    after = calibrate(drawn).items[0]
    assert (before.n, after.n) == (1000, 200)
    assert after.se_a > 1.7 * before.se_a


def test_what_all_or_none_had_right_is_left_out_by_name():
    drawn = responses(1000, A, B, seed=4)
    drawn[:, 3], drawn[:, 5], drawn[:, 7] = 1, 0, np.nan
    names = [f"q{at}" for at in range(12)]
    found = calibrate(drawn, names=names)
    assert {each.item: each.why.split(":")[0] for each in found.left_out} == {
        "q3": "all 1000 had it right",
        "q5": "none of 1000 had it right",
        "q7": "nobody was asked it",
    }
    assert [item.item for item in found.items] == [names[at] for at in found.columns]
    assert len(found.items) == 9
    assert "q3 is left out" in found.advice[0]
    alone = calibrate(np.delete(drawn, [3, 5, 7], axis=1))
    assert alone.log_likelihood == pytest.approx(found.log_likelihood)


def test_a_wrong_key_is_seen():
    drawn = responses(1000, A, B, seed=5)
    drawn[:, 2] = 1 - drawn[:, 2]
    found = calibrate(drawn, names=[f"q{at}" for at in range(12)])
    assert found.items[2].a < 0
    assert sum(item.a < 0 for item in found.items) == 1
    assert any("q2: better learners miss it more often" in advice for advice in found.advice)


def test_without_an_estimate_there_are_no_numbers():
    answers = np.array([[1.0] * at + [0.0] * (4 - at) for at in range(5) for _ in range(20)])
    with pytest.raises(CalibrationError, match=r"no estimate with 2pl: after .* Leave it out, or") as caught:
        calibrate(answers, "2pl", names=list("abcd"))
    assert set(caught.value.items) <= set("abcd")
    with pytest.raises(CalibrationError, match="2pl needs 3 items or more; there are 2; c: nobody was asked it"):
        calibrate(np.column_stack([LSAT6[:, :2], np.full(1000, np.nan)]), "2pl", names=list("abc"))


def test_a_search_that_is_cut_short_is_no_estimate(monkeypatch):
    monkeypatch.setattr("exam_bank.irt.maximise.STEPS", 2)
    with pytest.raises(CalibrationError, match="2 steps were not enough"):
        calibrate(LSAT6, "2pl")


def test_items_that_have_nothing_in_common_have_no_difficulty():
    every = np.array([[one, other] for one in (0.0, 1.0) for other in (0.0, 1.0)] * 25)
    with pytest.raises(CalibrationError, match="nothing to do with each other"):
        calibrate(every, "1pl")


def test_few_learners_are_told():
    (advice, *_) = calibrate(responses(120, A, B, seed=6)).advice
    assert advice.startswith("Every item was asked of fewer than 500 learners, which is few for 2pl")
    assert calibrate(responses(120, A, B, seed=6), "rasch").advice == ()


@pytest.mark.integration  # it takes long
def test_the_priors_of_3pl_hold_the_chances():
    drawn = responses(2000, A, B, 0.2, seed=7)
    loose, tight = (
        calibrate(drawn, "3pl", priors=Priors(guessed_right=0.25 * many, guessed_wrong=0.75 * many))
        for many in (10, 100_000)
    )
    assert [item.c for item in tight.items] == pytest.approx([0.25] * 12, abs=0.005)
    assert max(item.se_c for item in tight.items) < 0.002
    assert np.ptp([item.c for item in loose.items]) > 0.05
    with pytest.raises(ValueError, match="2pl has no priors"):
        calibrate(drawn, "2pl", priors=Priors())
    with pytest.raises(ValueError, match="a prior needs"):
        Priors(guessed_right=-1)


def test_the_covariance_holds_the_standard_errors():
    for model, width in (("rasch", 2), ("1pl", 2), ("2pl", 2), ("3pl", 3)):
        found = calibrate(LSAT6, model)
        errors = np.sqrt(np.diag(found.covariance)).reshape(5, width)
        assert errors[:, 0] == pytest.approx([item.se_a or 0.0 for item in found.items])
        assert errors[:, 1] == pytest.approx([item.se_b for item in found.items])


@pytest.mark.integration  # it takes long
def test_steep_items_get_as_many_points_as_they_need():
    few = responses(400, np.full(40, 4.0), np.linspace(-1, 1, 40), seed=8)
    found = calibrate(few, "1pl")
    assert found.points > 61
    assert found.items[0].a == pytest.approx(4.0, abs=4 * (found.items[0].se_a or math.inf))


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="4pl"):
        calibrate(LSAT6, "4pl")
    with pytest.raises(ValueError, match="2 names for 5 items"):
        calibrate(LSAT6, names=["a", "b"])
