"""How scores are distributed: frequencies on an even scale, percentile ranks, and log-linear smoothing.

Sources:

* percentile ranks of discrete scores and their inverse: Kolen and Brennan, *Test Equating, Scaling, and Linking*, 2nd
  ed., 2004, section 2.5.
* log-linear smoothing: Holland and Thayer, *Notes on the use of log-linear models for fitting discrete probability
  distributions*, ETS TR-87-79, 1987; the same, *Journal of Educational and Behavioral Statistics* 25, 2000, 133-183.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_STEPS = 100  # of Newton's method; it takes about eight
_CLOSE = 1e-10


@dataclass(frozen=True)
class Distribution:
    """Frequencies of the scores 0, step, 2 step, … up to the maximum.

    Attributes:
        frequencies: learners at each score; after smoothing no whole numbers.
        step: between neighbouring scores, in points.
    """

    frequencies: "Numbers"
    step: float = 1.0

    @property
    def n(self) -> float:
        """The number of learners."""
        return float(self.frequencies.sum())

    @property
    def scores(self) -> "Numbers":
        """Every possible score, in points."""
        import numpy as np

        return np.arange(len(self.frequencies)).astype(float) * self.step

    @property
    def shares(self) -> "Numbers":
        """The share of the learners at each score."""
        return self.frequencies / self.n

    @property
    def mean(self) -> float:
        """In points."""
        return float(self.scores @ self.shares)

    @property
    def deviation(self) -> float:
        """The standard deviation, in points, with n in the denominator."""
        return float(((self.scores - self.mean) ** 2 @ self.shares) ** 0.5)

    def percentile_ranks(self, at: "Numbers") -> "Numbers":
        """The percentile rank of each score, 0 to 100: a score's learners are spread evenly over half a step around it.

        ``P(x) = 100 (F(x* - 1) + (x - x* + 1/2) f(x*))`` in steps, where x* is the score nearest to x.
        """
        import numpy as np

        steps = np.asarray(at, float) / self.step
        nearest = np.clip(np.floor(steps + 0.5), 0, len(self.frequencies) - 1).astype(int)
        below = np.concatenate([[0.0], np.cumsum(self.shares)])
        within = np.clip(steps - nearest + 0.5, 0, 1)
        ranks: Numbers = 100 * (below[nearest] + within * self.shares[nearest])
        return ranks

    def score_at(self, ranks: "Numbers") -> "Numbers":
        """The inverse of :meth:`percentile_ranks`: the score, in points, with that percentile rank.

        Where nobody has a score there are many such; it is the uppermost, from the smallest score that more than the
        percentile reach or stay below.
        """
        import numpy as np

        wanted, total = np.asarray(ranks, float) / 100, np.cumsum(self.shares)
        upper = np.minimum(np.searchsorted(total, wanted + _CLOSE, side="right"), _last(self.frequencies))
        below = np.concatenate([[0.0], total])[upper]
        found: Numbers = (upper - 0.5 + np.clip((wanted - below) / self.shares[upper], 0, 1)) * self.step
        return found


def _last(frequencies: "Numbers") -> int:
    import numpy as np

    return int(np.flatnonzero(frequencies)[-1])


def distribution(scores: "Numbers", maximum: float, step: float = 1.0) -> Distribution:
    """Count scores.

    Args:
        scores: one for each learner, in points.
        maximum: the highest possible score.
        step: between neighbouring scores; every score must be a multiple of it.

    Raises:
        ValueError: a score is not on the scale, or there is none.
    """
    import numpy as np

    places = np.asarray(scores, float) / step
    if not len(places):
        raise ValueError("there is no score")
    if np.abs(places - np.round(places)).max() > 1e-6 or places.min() < 0 or scores.max() > maximum + 1e-9:
        raise ValueError(f"every score must be a multiple of {step:g} from 0 to {maximum:g}")
    counts = np.bincount(np.round(places).astype(int), minlength=round(maximum / step) + 1)
    return Distribution(counts.astype(float), step)


def smoothed(observed: Distribution, moments: int) -> Distribution:
    """Log-linear smoothing: the smoothest distribution with the same first ``moments`` moments.

    The frequencies are ``exp(b0 + b1 x + … + bC x^C)``, fitted by maximum likelihood with Newton's method.

    Raises:
        ValueError: it does not converge, because so many moments cannot be fitted to so few scores.
    """
    import numpy as np

    x = np.linspace(-1, 1, len(observed.frequencies))
    basis = np.linalg.qr(np.vander(x, moments + 1, increasing=True))[0]
    beta = np.linalg.lstsq(basis, np.log(observed.frequencies + 0.5), rcond=None)[0]
    fitted = np.exp(basis @ beta)
    for _ in range(_STEPS):
        gradient = basis.T @ (observed.frequencies - fitted)
        if np.abs(gradient).max() < _CLOSE * observed.n:
            return Distribution(fitted, observed.step)
        beta, fitted = _step(basis, observed.frequencies, beta, gradient)
    raise ValueError(f"{moments} moments cannot be fitted to these scores; smooth with fewer")


def _step(basis: "Numbers", frequencies: "Numbers", beta: "Numbers", gradient: "Numbers") -> "tuple[Numbers, Numbers]":
    """One step of Newton's, halved until the likelihood grows."""
    import numpy as np

    fitted = np.exp(basis @ beta)
    change = np.linalg.lstsq(basis.T @ (fitted[:, None] * basis), gradient, rcond=None)[0]
    now = frequencies @ (basis @ beta) - fitted.sum()
    for halving in range(40):
        new = beta + change / 2**halving
        logs = basis @ new
        if logs.max() < 50 and frequencies @ logs - np.exp(logs).sum() >= now - _CLOSE * abs(now):
            return new, np.exp(logs)
    return beta, fitted
