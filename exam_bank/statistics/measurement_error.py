"""The standard error of measurement: how far a learner's points are from what many such tests would give.

* For the test as a whole it is ``s sqrt(1 - alpha)``, ``s`` being the standard deviation of total points (Lord and
  Novick, *Statistical Theories of Mental Test Scores*, 1968, chapter 7). Its square is a mean over learners, of
  ``(k sum_j c_j^2 - (sum_j c_j)^2) / (k - 1)`` with ``c_j`` the points on item ``j`` less the item's mean, so that its
  own standard error is that of a mean, whatever the distribution of points.
* At a number of right answers ``x`` of ``k`` it is ``sqrt(x (k - x) / (k - 1))`` if questions are a random draw from
  their kind (Lord, *Educational and Psychological Measurement* 15, 1955, 325-336, and 17, 1957, 510-521). A test is put
  together with more care; Keats (*Educational and Psychological Measurement* 17, 1957, 3-9) therefore multiplies the
  square by ``(1 - alpha) / (1 - KR21)``, and its mean over learners is that of the test as a whole.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exam_bank.statistics.estimate import ROUNDING, Z95, Estimate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Scores = NDArray[np.float64]

DIFFERENT = "learners were asked different items"
FEWEST = 3


@dataclass(frozen=True, kw_only=True)
class ScoreError:
    """The standard error of measurement at one number of right answers.

    Attributes:
        right: the number of right answers.
        learners: how many have it.
        error: in right answers; it rests on all learners.
    """

    right: int
    learners: int
    error: Estimate


def measurement_error(points: "Scores") -> Estimate:
    """The standard error of measurement of total points, of learners who were all asked the same items.

    Args:
        points: learners by items.
    """
    import numpy as np

    n = len(points)
    if why := _why_not(points):
        return Estimate(value=None, n=n, why_not=why)
    squares = _squares(points) * (n / (n - 1))
    mean = float(squares.mean())
    if mean <= ROUNDING * float((points**2).mean()):
        return Estimate(value=None, n=n, why_not="points do not vary within learners")
    return _rooted(mean, float(np.std(squares, ddof=1)) / math.sqrt(n), n)


def conditional_errors(points: "Scores", maximum: "Scores") -> tuple[ScoreError, ...] | str:
    """The standard error of measurement at each number of right answers that somebody has.

    Args:
        points: learners by items.
        maximum: the points of each item.

    Returns:
        Lowest number first; or why it cannot be known. At none and all right the formula gives 0, which nobody should
        believe, and the estimate is None.
    """
    import numpy as np

    n, k = points.shape
    if why := _why_not(points):
        return why
    right = points / maximum
    if not np.all((right == 0) | (right == 1)) or np.ptp(maximum) > 0:
        return "the formula is for right or wrong answers that count the same"
    totals = right.sum(axis=1)
    binomial = totals * (k - totals) / (k - 1)
    if binomial.mean() <= 0:
        return "everybody had all or nothing right"
    ratio = float(_squares(right).mean() / binomial.mean())
    off = _squares(right) - ratio * binomial
    error = float(np.std(off, ddof=1) / binomial.mean()) / math.sqrt(n)
    levels, counts = np.unique(totals.astype(int), return_counts=True)
    return tuple(
        ScoreError(right=int(x), learners=int(count), error=_at(int(x), k, ratio, error, n))
        for x, count in zip(levels, counts, strict=True)
    )


def _at(x: int, k: int, ratio: float, error: float, n: int) -> Estimate:
    binomial = x * (k - x) / (k - 1)
    if binomial == 0 or ratio <= 0:
        return Estimate(value=None, n=n, why_not="all or nothing right: how far from it learners are cannot be told")
    return _rooted(ratio * binomial, error * binomial, n)


def _why_not(points: "Scores") -> str:
    import numpy as np

    n, k = points.shape
    if np.isnan(points).any():
        return DIFFERENT
    return f"it needs two items and {FEWEST} learners" if k < 2 or n < FEWEST else ""


def _squares(points: "Scores") -> "Scores":
    """For each learner what they add to the squared error: its mean is the variance of errors (divided by n)."""
    import numpy as np

    k = points.shape[1]
    centred = points - points.mean(axis=0)
    squares: NDArray[np.float64] = (k * (centred**2).sum(axis=1) - centred.sum(axis=1) ** 2) / (k - 1)
    return squares


def _rooted(square: float, error: float, n: int) -> Estimate:
    """The root of an estimate, with an interval that is symmetric in the logarithm."""
    value, share = math.sqrt(square), error / (2 * square)
    low, high = value * math.exp(-Z95 * share), value * math.exp(Z95 * share)
    return Estimate(value=value, n=n, standard_error=value * share, low=low, high=high)
