"""The likelihood against sums over plain loops, and its derivatives against differences."""

import math

import numpy as np
import pytest

from exam_bank.irt.likelihood import expect, observed_information
from exam_bank.irt.maximise import space
from exam_bank.irt.models import Curves, Model
from exam_bank.irt.patterns import patterns
from exam_bank.irt.priors import Priors
from exam_bank.irt.quadrature import normal_grid

NAN = math.nan
RESPONSES = np.array([[1, 0, 1, 1], [0, 0, 1, NAN], [1, 1, NAN, 0], [NAN, 0, 0, 1], [1, 0, 1, 1], [0, 1, 1, 1]])
COMPLETE = np.array([[1, 0, 1, 1], [0, 0, 1, 0], [1, 1, 0, 0], [1, 0, 1, 1], [0, 1, 1, 1]], dtype=float)
GRID = normal_grid(31)
TWO = np.array([1.2, 0.3, 0.7, -0.4, -0.5, 0.2, 2.0, 1.0])
THREE = np.array([1.2, 0.3, -1.4, 0.7, -0.4, -1.0, -0.5, 0.2, -2.0, 2.0, 1.0, -0.5])

cases = pytest.mark.parametrize(
    ("responses", "model", "free"),
    [
        (RESPONSES, Model.TWO, TWO),
        (COMPLETE, Model.TWO, TWO),
        (RESPONSES, Model.THREE, THREE),
        (COMPLETE, Model.THREE, THREE),
    ],
    ids=["2pl with gaps", "2pl", "3pl with gaps", "3pl"],
)


def likelihood(responses, curves):
    total = 0.0
    for answers in responses:
        learner = 0.0
        for theta, weight in zip(GRID.theta, GRID.weight, strict=True):
            product = weight
            for answer, a, d, c in zip(answers, curves.a, curves.d, curves.c, strict=True):
                p = c + (1 - c) / (1 + math.exp(-(a * theta + d)))
                product *= 1 if math.isnan(answer) else p if answer else 1 - p
            learner += product
        total += math.log(learner)
    return total


@cases
def test_the_likelihood_is_the_sum_over_learners_of_what_they_were_asked(responses, model, free):
    curves = space(model, 4).curves(free)
    assert expect(patterns(responses), curves, GRID).log_likelihood == pytest.approx(likelihood(responses, curves))


def test_sparse_patterns_give_the_same_second_derivatives(monkeypatch):
    """Whether they are taken one by one or in matrix products."""
    for model, free in ((Model.TWO, TWO), (Model.THREE, THREE)):
        curves = space(model, 4).curves(free)
        for responses in (RESPONSES, COMPLETE):
            usual = observed_information(patterns(responses), curves, GRID)
            monkeypatch.setattr("exam_bank.irt.likelihood.SPARSE", 0)
            assert observed_information(patterns(responses), curves, GRID) == pytest.approx(usual, abs=1e-10)
            monkeypatch.undo()


@cases
def test_the_derivatives_are_those_of_the_likelihood(responses, model, free):
    data, where = patterns(responses), space(model, 4)

    def gradient(at):
        return expect(data, where.curves(at), GRID).gradient(where.curves(at), GRID).ravel()

    steps = 1e-5 * np.eye(len(free))
    values = [[likelihood(responses, where.curves(free + sign * step)) for sign in (1, -1)] for step in steps]
    differences = [(up - down) / 2e-5 for up, down in values]
    assert gradient(free) == pytest.approx(differences, abs=1e-7)
    bends = np.array([(gradient(free + step) - gradient(free - step)) / 2e-5 for step in steps])
    assert observed_information(data, where.curves(free), GRID) == pytest.approx(-bends, abs=1e-8)


def test_the_derivatives_of_the_priors_are_those_of_their_density():
    where, priors = space(Model.THREE, 4), Priors(guessed_right=3, guessed_wrong=11, slope_mean=1.2, slope_sd=0.7)
    steps = 1e-5 * np.eye(12)
    densities = [[priors.log_density(where.curves(THREE + sign * step)) for sign in (1, -1)] for step in steps]
    differences = [(up - down) / 2e-5 for up, down in densities]
    assert priors.gradient(where.curves(THREE)).ravel() == pytest.approx(differences, abs=1e-7)
    gradients = [
        priors.gradient(where.curves(THREE + step)) - priors.gradient(where.curves(THREE - step)) for step in steps
    ]
    bends = [each.ravel()[at] / 2e-5 for at, each in enumerate(gradients)]
    assert priors.information(where.curves(THREE)).ravel() == pytest.approx(-np.array(bends), abs=1e-7)


def test_patterns_keep_who_answered_how():
    data = patterns(RESPONSES)
    assert data.count.sum() == 6
    assert (data.learners, len(data.count), data.complete) == (6, 5, False)
    assert data.row[0] == data.row[4]
    assert np.array_equal(data.right[data.row], RESPONSES == 1)
    assert np.array_equal(data.wrong[data.row], RESPONSES == 0)
    with pytest.raises(ValueError, match="response 2 of learner 1, item 0: must be 0, 1 or NaN"):
        patterns(np.array([[1.0, 0.0], [2.0, 1.0]]))
    with pytest.raises(ValueError, match="must be learners by items"):
        patterns(np.array([1.0, 0.0]))


def test_probabilities_stay_exact_in_the_tails():
    curves = Curves(np.array([2.0, 2.0]), np.array([-400.0, 400.0]), np.array([0.0, 0.0]))
    right, wrong = curves.log_probabilities(np.array([0.0]))
    assert right[:, 0] == pytest.approx([-400.0, 0.0])
    assert wrong[:, 0] == pytest.approx([0.0, -400.0])
