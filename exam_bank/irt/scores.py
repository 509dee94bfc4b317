"""Abilities from responses, each with its standard error.

Abilities are on the scale of the calibration: 0 is the mean of its learners and 1 their standard deviation. The items'
parameters are taken as known. A learner who was asked nothing has NaN, not the mean.

* ``eap``: mean and standard deviation of the posterior (Bock and Mislevy, *Applied Psychological Measurement* 6, 1982,
  431-444);
* ``map``: its mode, and the inverse root of its curvature there (Samejima, *Psychometrika Monograph* 17, 1969);
* ``sum``: mean and standard deviation of the posterior given only how many answers are right (Thissen, Pommerich,
  Billeaud and Williams, *Applied Psychological Measurement* 19, 1995, 39-49), with Lord and Wingersky's recursion: the
  same number of right answers to the same questions gives the same score.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exam_bank.irt.calibrate import Calibration
from exam_bank.irt.likelihood import posteriors
from exam_bank.irt.models import INTERCEPT, Curves
from exam_bank.irt.patterns import Patterns
from exam_bank.irt.quadrature import Grid, normal_grid
from exam_bank.irt.score_distribution import score_distribution

Floats = NDArray[np.float64]

STEPS = 100
CLOSE = 1e-10


class Method(StrEnum):
    """How abilities are estimated."""

    EAP = "eap"
    MAP = "map"
    SUM = "sum"


@dataclass(frozen=True)
class Abilities:
    """One for each learner, NaN where nothing was asked.

    Attributes:
        theta: abilities in standard deviations.
        standard_error: of each.
    """

    theta: Floats
    standard_error: Floats


@dataclass(frozen=True)
class SumScores:
    """What each number of right answers says, from none to all.

    Attributes:
        theta: posterior mean of ability.
        standard_error: posterior standard deviation.
        share: the proportion of a standard normal population that is expected to have this number right.
    """

    theta: Floats
    standard_error: Floats
    share: Floats


def abilities(calibration: Calibration, responses: ArrayLike, method: str = "eap") -> Abilities:
    """Score learners.

    Args:
        calibration: the items.
        responses: learners by all items that were given to :func:`~exam_bank.irt.calibrate.calibrate`; 1, 0 or NaN.
        method: ``eap``, ``map`` or ``sum``.

    Raises:
        ValueError: the responses do not fit the calibration, or there is no such method.
    """
    data, curves = calibration.responses(responses), calibration.curves
    grid = normal_grid(calibration.points)
    how = {Method.EAP: _posterior_mean, Method.MAP: _posterior_mode, Method.SUM: _by_number}[Method(method)]
    theta, error = how(data, curves, grid)
    nothing = ~data.asked.any(axis=1)
    theta[nothing] = error[nothing] = np.nan
    return Abilities(theta[data.row], error[data.row])


def sum_scores(curves: Curves, grid: Grid | None = None) -> SumScores:
    """The table of abilities by the number of right answers, for learners who were asked all items of ``curves``."""
    used = grid or normal_grid()
    joint = score_distribution(curves.probability(used.theta)) * used.weight
    share = joint.sum(axis=1)
    theta = joint @ used.theta / share
    return SumScores(theta, np.sqrt(np.maximum(joint @ used.theta**2 / share - theta**2, 0.0)), share)


def _posterior_mean(data: Patterns, curves: Curves, grid: Grid) -> tuple[Floats, Floats]:
    theta, square = np.empty(len(data.count)), np.empty(len(data.count))
    for block, posterior, _ in posteriors(data, curves, grid):
        theta[block] = posterior @ grid.theta
        square[block] = posterior @ grid.theta**2
    return theta, np.sqrt(np.maximum(square - theta**2, 0.0))


def _posterior_mode(data: Patterns, curves: Curves, grid: Grid) -> tuple[Floats, Floats]:
    """Fisher scoring from the best point of the grid, which finds the highest of several modes that 3PL may have."""
    theta = np.empty(len(data.count))
    for block, posterior, _ in posteriors(data, curves, grid):
        theta[block] = grid.theta[posterior.argmax(axis=1)]
    right, wrong = data.right.T, data.wrong.T
    for _ in range(STEPS):
        up, down = (each[INTERCEPT] * curves.a[:, None] for each in curves.scores(theta))
        p = curves.probability(theta)
        expected = 1 + ((right + wrong) * (p * up**2 + (1 - p) * down**2)).sum(axis=0)
        step = ((right * up + wrong * down).sum(axis=0) - theta) / expected
        theta = theta + np.clip(step, -1, 1)
        if np.abs(step).max(initial=0.0) < CLOSE:
            break
    bends = (each[INTERCEPT, INTERCEPT] * curves.a[:, None] ** 2 for each in curves.curvatures(theta))
    bend_right, bend_wrong = bends
    curvature = 1 - (right * bend_right + wrong * bend_wrong).sum(axis=0)
    return theta, 1 / np.sqrt(curvature)


def _by_number(data: Patterns, curves: Curves, grid: Grid) -> tuple[Floats, Floats]:
    """Look each learner up in the table of the items that they were asked."""
    asked = data.asked > 0
    masks, which = np.unique(asked, axis=0, return_inverse=True)
    theta, error = np.empty(len(asked)), np.empty(len(asked))
    for number, mask in enumerate(masks):
        table = sum_scores(Curves(curves.a[mask], curves.d[mask], curves.c[mask]), grid)
        these = which.ravel() == number
        score = data.right[these].sum(axis=1).astype(int)
        theta[these], error[these] = table.theta[score], table.standard_error[score]
    return theta, error
