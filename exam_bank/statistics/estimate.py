"""A number with what it rests on, and intervals of proportions and correlations.

* Wilson interval: Wilson, *Journal of the American Statistical Association* 22, 1927, 209-212.
* Fisher's z interval of a correlation: Fisher, *Metron* 1, 1921, 3-32.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Z95 = 1.959963984540054  # standard normal quantile of 0.975
ROUNDING = 1e-12  # fractions of points that differ by less are the same


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number with what it rests on. ``value`` is None where it cannot be known, and ``why_not`` says why."""

    value: float | None
    n: int
    standard_error: float | None = None
    low: float | None = None  # 95 % interval
    high: float | None = None
    why_not: str = ""


def wilson_interval(p: float, n: int) -> tuple[float, float]:
    """Wilson's (1927) 95 % interval of a proportion ``p`` of ``n``."""
    middle, spread = p + Z95**2 / (2 * n), Z95 * math.sqrt(p * (1 - p) / n + Z95**2 / (4 * n**2))
    scale = 1 + Z95**2 / n
    low = 0.0 if p == 0 else (middle - spread) / scale  # rounding would leave a hair above 0
    high = 1.0 if p == 1 else (middle + spread) / scale
    return low, high


def correlation(one: "NDArray[np.float64]", other: "NDArray[np.float64]") -> Estimate:
    """Pearson's correlation of two columns without gaps, with Fisher's interval."""
    import numpy as np

    n = len(one)
    if n < 3:
        return Estimate(value=None, n=n, why_not="fewer than three learners were asked")
    if np.ptp(one) <= ROUNDING or np.ptp(other) <= ROUNDING:
        return Estimate(value=None, n=n, why_not="everybody earned the same")
    r = float(np.corrcoef(one, other)[0, 1])
    low, high = _fisher_interval(r, n)
    return Estimate(value=r, n=n, standard_error=(1 - r**2) / math.sqrt(n - 1), low=low, high=high)


def _fisher_interval(r: float, n: int) -> tuple[float | None, float | None]:
    if n <= 3 or abs(r) >= 1:
        return None, None
    z, error = math.atanh(r), 1 / math.sqrt(n - 3)
    return math.tanh(z - Z95 * error), math.tanh(z + Z95 * error)
