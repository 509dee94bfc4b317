"""Linking: the item parameters of two calibrations on one scale, through the items that both have (anchors).

A calibration fixes its own origin and unit. With anchors the new scale goes over into the old one by
``theta_old = A theta_new + B``, so ``a_old = a_new / A``, ``b_old = A b_new + B``, ``c_old = c_new``.

Sources (all in Kolen and Brennan, *Test Equating, Scaling, and Linking*, 2nd ed., 2004, section 6.3):

* mean/sigma: Marco, *Journal of Educational Measurement* 14, 1977, 139-160.
* mean/mean: Loyd and Hoover, *Journal of Educational Measurement* 17, 1980, 179-193.
* Haebara: Haebara, *Japanese Psychological Research* 22, 1980, 144-149.
* Stocking and Lord: Stocking and Lord, *Applied Psychological Measurement* 7, 1983, 201-210.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_POINTS = 40  # abilities at which the curves are compared
_REACH = 4.0


class LinkMethod(StrEnum):
    """How to find A and B. The last two compare whole curves and so use all parameters."""

    MEAN_MEAN = "mean/mean"
    MEAN_SIGMA = "mean/sigma"
    HAEBARA = "haebara"
    STOCKING_LORD = "stocking-lord"


@dataclass(frozen=True)
class Parameters:
    """Items of a logistic model with ``P = c + (1 - c) / (1 + exp(-a (theta - b)))``.

    Attributes:
        a: discriminations, in the logistic metric (no factor 1.7).
        b: difficulties.
        c: lower asymptotes; zeros without guessing.
    """

    a: "Numbers"
    b: "Numbers"
    c: "Numbers"

    def probabilities(self, theta: "Numbers") -> "Numbers":
        """The probability of a right answer, items by abilities."""
        from scipy.special import expit

        a, b, c = (each[:, None] for each in (self.a, self.b, self.c))
        curve: Numbers = c + (1 - c) * expit(a * (theta - b))
        return curve

    def only(self, places: "Numbers") -> "Parameters":
        """Some of the items."""
        return Parameters(self.a[places], self.b[places], self.c[places])


@dataclass(frozen=True)
class Link:
    """From the new scale to the old one: ``theta_old = slope theta_new + intercept``."""

    slope: float
    intercept: float

    def applied(self, new: Parameters) -> Parameters:
        """The new calibration's items on the old scale."""
        return Parameters(new.a / self.slope, self.slope * new.b + self.intercept, new.c)


def link(new: Parameters, old: Parameters, method: LinkMethod = LinkMethod.STOCKING_LORD) -> Link:
    """Find A and B from the anchors.

    Args:
        new: the anchors as the new calibration has them.
        old: the same items, in the same order, as the old one has them.
        method: see :class:`LinkMethod`.

    Raises:
        ValueError: fewer than two anchors, or (mean/sigma) anchors that are all equally difficult.
    """
    if len(new.b) != len(old.b) or len(new.b) < 2:
        raise ValueError("linking needs the same anchors in both calibrations, at least two")
    if method is LinkMethod.MEAN_MEAN:
        slope = float(new.a.mean() / old.a.mean())
        return Link(slope, float(old.b.mean() - slope * new.b.mean()))
    start = _mean_sigma(new, old)
    return start if method is LinkMethod.MEAN_SIGMA else _by_curves(new, old, method, start)


def _mean_sigma(new: Parameters, old: Parameters) -> Link:
    if new.b.std() == 0 or old.b.std() == 0:
        raise ValueError("all anchors are equally difficult, so the unit of the scale cannot be found")
    slope = float(old.b.std() / new.b.std())
    return Link(slope, float(old.b.mean() - slope * new.b.mean()))


def _by_curves(new: Parameters, old: Parameters, method: LinkMethod, start: Link) -> Link:
    """The A and B with the smallest squared distance of the curves, over even abilities from -4 to 4 of the old scale.

    Haebara adds the distances of the items, Stocking and Lord take the distance of the sums of all items.
    """
    import numpy as np
    from scipy.optimize import least_squares

    theta = np.linspace(-_REACH, _REACH, _POINTS)
    target = old.probabilities(theta)

    def apart(guess: "Numbers") -> "Numbers":
        difference = Link(float(np.exp(guess[0])), float(guess[1])).applied(new).probabilities(theta) - target
        return difference.ravel() if method is LinkMethod.HAEBARA else difference.sum(axis=0)

    best = least_squares(apart, [np.log(start.slope), start.intercept], xtol=1e-13, ftol=1e-13, gtol=1e-13).x
    return Link(float(np.exp(best[0])), float(best[1]))
