"""What is known before the data about slopes and chances, without which 3PL has often no estimate.

* chance: a beta density, which counts as if so many learners without any knowledge had been seen, some of whom guessed
  right (Swaminathan and Gifford, *Psychometrika* 51, 1986, 589-601; Mislevy, *Psychometrika* 51, 1986,
  177-195; 4 and 16, the Beta(5, 17) of BILOG-MG for five options, is the default);
* slope: a normal density, which unlike a log-normal one leaves a negative slope possible, so that a wrong key is seen.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exam_bank.irt.models import CHANCE, SLOPE, Curves

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Priors:
    """The priors of every item of a 3PL model.

    Attributes:
        guessed_right: of learners without knowledge, how many are taken to have guessed right; at least 0.
        guessed_wrong: and how many wrong; at least 0.
        slope_mean: what slopes are expected to be, in logits for each standard deviation of ability.
        slope_sd: their standard deviation; ``inf`` for no prior.
    """

    guessed_right: float = 4.0
    guessed_wrong: float = 16.0
    slope_mean: float = 1.0
    slope_sd: float = 1.0

    def __post_init__(self) -> None:
        if min(self.guessed_right, self.guessed_wrong) < 0 or not self.slope_sd > 0:
            raise ValueError("a prior needs counts of 0 or more and a standard deviation above 0")

    def log_density(self, curves: Curves) -> float:
        """The logarithm of the joint density, less a constant."""
        off = (curves.a - self.slope_mean) / self.slope_sd
        chance = self.guessed_right * np.log(curves.c) + self.guessed_wrong * np.log1p(-curves.c)
        return float(chance.sum() - 0.5 * (off @ off))

    def gradient(self, curves: Curves) -> Floats:
        """Derivatives of the logarithm: items by parameters (slope, intercept, logit of chance)."""
        found = np.zeros((len(curves.a), 3))
        found[:, SLOPE] = -(curves.a - self.slope_mean) / self.slope_sd**2
        found[:, CHANCE] = self.guessed_right - (self.guessed_right + self.guessed_wrong) * curves.c
        return found

    def information(self, curves: Curves) -> Floats:
        """Minus the second derivatives, which are diagonal: items by parameters."""
        found = np.zeros((len(curves.a), 3))
        found[:, SLOPE] = self.slope_sd**-2
        found[:, CHANCE] = (self.guessed_right + self.guessed_wrong) * curves.c * (1 - curves.c)
        return found
