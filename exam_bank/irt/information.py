"""How precisely items and tests measure at an ability.

Item information of a right-or-wrong item: ``P'(theta)^2 / (P (1 - P))``, which is
``a^2 ((P - c) / (1 - c))^2 (1 - P) / P`` (Lord, *Applications of Item Response Theory to Practical Testing Problems*,
1980, equations 4-43 and 5-6). A test's is the sum over its items; its inverse square root is the standard error of the
maximum likelihood ability.
"""

import numpy as np
from numpy.typing import NDArray

from exam_bank.irt.models import INTERCEPT, Curves
from exam_bank.irt.quadrature import normal_grid

Floats = NDArray[np.float64]


def item_information(curves: Curves, theta: Floats) -> Floats:
    """Information of each item at each ability: items by abilities, per squared standard deviation of ability."""
    up, down = curves.scores(theta)
    right = curves.probability(theta)
    found: Floats = curves.a[:, None] ** 2 * (right * up[INTERCEPT] ** 2 + (1 - right) * down[INTERCEPT] ** 2)
    return found


def total_information(curves: Curves, theta: Floats) -> Floats:
    """Information of the whole test at each ability."""
    found: Floats = item_information(curves, theta).sum(axis=0)
    return found


def standard_error(curves: Curves, theta: Floats) -> Floats:
    """Standard error of an ability estimated by maximum likelihood, in standard deviations of ability."""
    return 1 / np.sqrt(total_information(curves, theta))


def characteristic(curves: Curves, theta: Floats) -> Floats:
    """The expected number of right answers at each ability (the test characteristic curve)."""
    found: Floats = curves.probability(theta).sum(axis=0)
    return found


def marginal_reliability(curves: Curves) -> float:
    """How much of the variance of abilities in a standard normal population the test can tell, 0 to 1.

    One less the mean error variance (Green, Bock, Humphreys, Linn and Reckase, *Journal of Educational Measurement* 21,
    1984, 347-360), with ``1 / (information + 1)`` for the error variance of a posterior mean.
    """
    grid = normal_grid()
    return float(1 - grid.weight @ (1 / (total_information(curves, grid.theta) + 1)))
