"""Equating: which score on form Y is worth the same as a score on form X.

Random groups took one form each; or each group took its form and the same anchor (the design with nonequivalent groups
and an anchor test). Form X is the new form, form Y the one whose scale is kept.

Sources, with their places in Kolen and Brennan, *Test Equating, Scaling, and Linking*, 2nd ed., 2004 (KB):

* mean and linear: KB 2.3 and 2.4. Equipercentile: KB 2.5, after Angoff, in Thorndike (ed.), *Educational Measurement*,
  1971, 508-600.
* Tucker: Gulliksen, *Theory of Mental Tests*, 1950, 299-301; KB 4.2. Levine's observed-score method: Levine, ETS
  RB-55-23, 1955; KB 4.3. Synthetic population: Braun and Holland, in Holland and Rubin (eds.), *Test Equating*, 1982.
* chained equipercentile: Angoff 1971; KB 5.2.
* standard errors: mean and linear under normality, Braun and Holland 1982, KB 7.3; equipercentile, Lord, *Journal of
  Educational Statistics* 7, 1982, 165-174, KB 7.3; all others by the bootstrap, Efron and Tibshirani, *An Introduction
  to the Bootstrap*, 1993.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from exam_bank.statistics.equating.distribution import Distribution, distribution, smoothed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

REPLICATIONS = 500  # of the bootstrap: its standard errors are then good to some 3 %
SMALL = 100  # learners a group; below, the identity or the mean does less harm (Livingston and Kim 2009)


class Method(StrEnum):
    """How to equate. The last three need an anchor."""

    MEAN = "mean"
    LINEAR = "linear"
    EQUIPERCENTILE = "equipercentile"
    TUCKER = "tucker"
    LEVINE = "levine"
    CHAINED = "chained-equipercentile"

    @property
    def with_anchor(self) -> bool:
        """Whether it is for groups that differ, with an anchor."""
        return self in {Method.TUCKER, Method.LEVINE, Method.CHAINED}


@dataclass(frozen=True)
class Group:
    """Learners who took one form.

    Attributes:
        total: scores on the form, in points.
        maximum: the form's points.
        anchor: scores on the anchor, or None for random groups.
        anchor_maximum: the anchor's points.
    """

    total: "Numbers"
    maximum: float
    anchor: "Numbers | None" = None
    anchor_maximum: float = 0.0

    @property
    def n(self) -> int:
        """The number of learners."""
        return len(self.total)

    def sample(self, rng: "np.random.Generator") -> "Group":
        """As many learners, drawn with replacement."""
        drawn = rng.integers(0, self.n, self.n)
        return replace(self, total=self.total[drawn], anchor=None if self.anchor is None else self.anchor[drawn])


@dataclass(frozen=True, kw_only=True)
class Design:
    """What holds for both groups.

    Attributes:
        step: between neighbouring scores, in points.
        internal: the anchor's points count in the total.
        weight: of X's group in the synthetic population, 0 to 1. 1: equate for those who took the new form.
        moments: kept by log-linear smoothing before equipercentile equating; 0 does not smooth.
    """

    step: float = 1.0
    internal: bool = True
    weight: float = 1.0
    moments: int = 0


@dataclass(frozen=True, kw_only=True)
class Equating:
    """A conversion table.

    Attributes:
        method: how it was made.
        scores: on form X, in points.
        equivalents: on form Y, unrounded; they may lie a little outside form Y's scale.
        errors: standard error of each.
        slope: of a linear method; None otherwise.
        intercept: the same.
        n: learners who took X and Y.
        advice: what cannot be said, in plain words.
    """

    method: Method
    scores: "Numbers"
    equivalents: "Numbers"
    errors: "Numbers"
    slope: float | None
    intercept: float | None
    n: tuple[int, int]
    advice: tuple[str, ...]


def equate(
    x: Group, y: Group, method: Method, design: Design | None = None, *, rng: "np.random.Generator | None" = None
) -> Equating:
    """Equate form X to form Y.

    Args:
        x: who took the new form.
        y: who took the form whose scale is kept.
        method: see :class:`Method`.
        design: see :class:`Design`.
        rng: for bootstrap standard errors. Without, they are computed by formula, which exists for random groups
            without smoothing only; else they are NaN.

    Raises:
        ValueError: scores that are not on the scale, or an anchor that is missing.
    """
    import numpy as np

    design = design or Design()
    if method.with_anchor and (x.anchor is None or y.anchor is None):
        raise ValueError(f"{method.value} needs the anchor's scores of both groups")
    scores: Numbers = np.arange(round(x.maximum / design.step) + 1).astype(float) * design.step
    convert = _CONVERSIONS[method]
    equivalents = convert(x, y, design, scores)
    if rng is not None:
        again = [convert(x.sample(rng), y.sample(rng), design, scores) for _ in range(REPLICATIONS)]
        errors = np.std(again, axis=0, ddof=1)
    else:
        errors = _formula_errors(x, y, method, design, scores)
    slope = intercept = None
    if method not in {Method.EQUIPERCENTILE, Method.CHAINED}:
        slope = float((equivalents[-1] - equivalents[0]) / (scores[-1] - scores[0]))
        intercept = float(equivalents[0])
    return Equating(
        method=method,
        scores=scores,
        equivalents=equivalents,
        errors=errors,
        slope=slope,
        intercept=intercept,
        n=(x.n, y.n),
        advice=_advice(x, y, method),
    )


def _mean(x: Group, y: Group, _design: Design, scores: "Numbers") -> "Numbers":
    """``y = x - mean(X) + mean(Y)``."""
    return scores - float(x.total.mean()) + float(y.total.mean())


def _linear(x: Group, y: Group, _design: Design, scores: "Numbers") -> "Numbers":
    """``y = mean(Y) + sd(Y) / sd(X) (x - mean(X))``, standard deviations with n in the denominator (KB 2.4)."""
    return float(y.total.mean()) + float(y.total.std() / x.total.std()) * (scores - float(x.total.mean()))


def _equipercentile(x: Group, y: Group, design: Design, scores: "Numbers") -> "Numbers":
    """The score on Y with the same percentile rank."""
    return _chain(scores, (_counted(x.total, x.maximum, design), _counted(y.total, y.maximum, design)))


def _chained(x: Group, y: Group, design: Design, scores: "Numbers") -> "Numbers":
    """X to the anchor in X's group, then the anchor to Y in Y's group."""
    assert x.anchor is not None  # noqa: S101
    assert y.anchor is not None  # noqa: S101
    to_anchor = (_counted(x.total, x.maximum, design), _counted(x.anchor, x.anchor_maximum, design))
    to_y = (_counted(y.anchor, y.anchor_maximum, design), _counted(y.total, y.maximum, design))
    return _chain(_chain(scores, to_anchor), to_y)


def _counted(scores: "Numbers", maximum: float, design: Design) -> Distribution:
    observed = distribution(scores, maximum, design.step)
    return smoothed(observed, design.moments) if design.moments else observed


def _chain(scores: "Numbers", link: tuple[Distribution, Distribution]) -> "Numbers":
    return link[1].score_at(link[0].percentile_ranks(scores))


def _tucker(x: Group, y: Group, design: Design, scores: "Numbers") -> "Numbers":
    """Regression of the total on the anchor is the same in both groups: ``g = cov(total, anchor) / var(anchor)``."""
    return _synthetic(x, y, design, scores, [_covariance(each) / _variance(each.anchor) for each in (x, y)])


def _levine(x: Group, y: Group, design: Design, scores: "Numbers") -> "Numbers":
    """True scores on total and anchor correlate perfectly (congeneric forms).

    Internal anchor: ``g = var(total) / cov(total, anchor)``. External anchor:
    ``g = (var(total) + cov) / (var(anchor) + cov)``.
    """
    if design.internal:
        slopes = [_variance(each.total) / _covariance(each) for each in (x, y)]
    else:
        slopes = [
            (_variance(each.total) + _covariance(each)) / (_variance(each.anchor) + _covariance(each))
            for each in (x, y)
        ]
    return _synthetic(x, y, design, scores, slopes)


def _synthetic(x: Group, y: Group, design: Design, scores: "Numbers", slopes: list[float]) -> "Numbers":
    """Linear equating in the synthetic population with weights w and 1 - w (KB 4.1, Braun and Holland 1982)."""
    assert x.anchor is not None  # noqa: S101
    assert y.anchor is not None  # noqa: S101
    w, v = design.weight, 1 - design.weight
    apart = float(x.anchor.mean() - y.anchor.mean())
    wider = _variance(x.anchor) - _variance(y.anchor)
    mean_x = float(x.total.mean()) - v * slopes[0] * apart
    mean_y = float(y.total.mean()) + w * slopes[1] * apart
    variance_x = _variance(x.total) - v * slopes[0] ** 2 * wider + w * v * slopes[0] ** 2 * apart**2
    variance_y = _variance(y.total) + w * slopes[1] ** 2 * wider + w * v * slopes[1] ** 2 * apart**2
    return mean_y + float((variance_y / variance_x) ** 0.5) * (scores - mean_x)


def _variance(scores: "Numbers | None") -> float:
    assert scores is not None  # noqa: S101
    return float(scores.var())


def _covariance(group: Group) -> float:
    assert group.anchor is not None  # noqa: S101
    return float(((group.total - group.total.mean()) * (group.anchor - group.anchor.mean())).mean())


_CONVERSIONS: "dict[Method, Callable[[Group, Group, Design, Numbers], Numbers]]" = {
    Method.MEAN: _mean,
    Method.LINEAR: _linear,
    Method.EQUIPERCENTILE: _equipercentile,
    Method.TUCKER: _tucker,
    Method.LEVINE: _levine,
    Method.CHAINED: _chained,
}


def _formula_errors(x: Group, y: Group, method: Method, design: Design, scores: "Numbers") -> "Numbers":
    """Standard errors by the delta method, where there is a formula.

    Mean: ``var(X)/n_x + var(Y)/n_y``. Linear, normal scores (KB 7.3): ``var(Y) (1/n_x + 1/n_y) (1 + z^2/2)`` with
    ``z = (x - mean(X)) / sd(X)``. Equipercentile: Lord's (1982).
    """
    import numpy as np

    each = 1 / x.n + 1 / y.n
    if method is Method.MEAN:
        return np.full(len(scores), (_variance(x.total) / x.n + _variance(y.total) / y.n) ** 0.5)
    if method is Method.LINEAR:
        z = (scores - x.total.mean()) / x.total.std()
        errors: Numbers = float(y.total.std()) * np.sqrt(each * (1 + z**2 / 2))
        return errors
    if method is Method.EQUIPERCENTILE and not design.moments:
        return _lord(_counted(x.total, x.maximum, design), _counted(y.total, y.maximum, design))
    return np.full(len(scores), np.nan)


def _lord(x: Distribution, y: Distribution) -> "Numbers":
    """Lord (1982), KB equation 7.12, with P = P(x)/100, G the share at or below a score of Y, g the share at it.

    ``(P (1 - P) (n_x + n_y) / (n_x n_y) - (G(u) - P) (P - G(u - 1)) / (n_y g(u))) / g(u)^2`` at the upper score u.
    NaN where P is 0 or 1. It takes the scores of X as continuous; with few possible scores it is rather too large.
    """
    import numpy as np

    p = x.percentile_ranks(x.scores) / 100
    total = np.cumsum(y.shares)
    u = np.minimum(np.searchsorted(total, p + 1e-12, side="right"), len(total) - 1)
    g = np.where(y.shares[u] > 0, y.shares[u], np.nan)
    spread = p * (1 - p) * (x.n + y.n) / (x.n * y.n) - (total[u] - p) * (p - (total[u] - y.shares[u])) / (y.n * g)
    errors = np.sqrt(np.maximum(spread, 0)) / g * y.step
    return np.where((p > 0) & (p < 1), errors, np.nan)


def _advice(x: Group, y: Group, method: Method) -> tuple[str, ...]:
    advice = []
    if min(x.n, y.n) < SMALL:
        advice.append(
            f"{x.n} and {y.n} learners are too few to equate by: see the standard errors. Below {SMALL} a group, "
            "scores that are taken as they are, or shifted by the means, often do less harm."
        )
    if not method.with_anchor:
        advice.append("This holds only if chance decided who took which form.")
    return tuple(advice)
