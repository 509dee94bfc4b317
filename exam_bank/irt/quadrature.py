"""Points and weights with which integrals over a standard normal ability become sums.

Equally spaced points with the density as weights (the trapezoid rule): for smooth functions that vanish at both ends
its error falls faster than any power of the spacing (Trefethen and Weideman, *SIAM Review* 56, 2014, 385-458), and
unlike Gauss-Hermite points these lie close enough together where the likelihood of a long test is narrow.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POINTS = 61
MOST_POINTS = 961
REACH = 6.0  # beyond it lie 2e-9 of the learners


@dataclass(frozen=True)
class Grid:
    """Abilities, and the logarithms of weights that sum to one."""

    theta: Floats
    log_weight: Floats

    @property
    def weight(self) -> Floats:
        """The weights themselves."""
        return np.exp(self.log_weight)


def normal_grid(points: int = POINTS) -> Grid:
    """``points`` equally spaced abilities from -6 to 6 for a standard normal population."""
    theta = np.linspace(-REACH, REACH, points)
    log_weight = -0.5 * theta**2
    return Grid(theta, log_weight - np.log(np.exp(log_weight).sum()))
