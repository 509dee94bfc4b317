"""Whether a calibrated model fits: M2 and its RMSEA.

M2 compares the proportions right of all items and of all pairs of items with what the model expects (Maydeu-Olivares
and Joe, *Psychometrika* 71, 2006, 713-732): with ``e`` the differences, ``Xi`` their covariance matrix at a multinomial
of one learner and ``Delta`` the derivatives of the expected proportions by the parameters,

``M2 = n (e' Xi^-1 e - e' Xi^-1 Delta (Delta' Xi^-1 Delta)^-1 Delta' Xi^-1 e)``,

which is chi-squared with (number of proportions - number of parameters) degrees of freedom if the model holds. RMSEA2
is ``sqrt(max(0, M2 - df) / (n df))`` (Maydeu-Olivares and Joe, *Multivariate Behavioral Research* 49, 2014, 305-328),
which does not grow with the class; its 90 % interval is from the noncentral chi-squared distribution (Browne and
Cudeck, *Sociological Methods and Research* 21, 1992, 230-258). With priors (3pl) the estimates are not those of maximum
likelihood, and M2 is a little too large.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, optimize, stats

from exam_bank.irt.calibrate import Calibration
from exam_bank.irt.maximise import space
from exam_bank.irt.models import Curves, Model
from exam_bank.irt.patterns import Patterns
from exam_bank.irt.quadrature import Grid, normal_grid

Floats = NDArray[np.float64]

MOST_ITEMS = 80  # the covariance matrix of 3,240 proportions takes 84 MB and some seconds


@dataclass(frozen=True, kw_only=True)
class ModelFit:
    """How well the model fits. All numbers are None where they cannot be known, and ``why_not`` says why.

    Attributes:
        n: learners that it rests on.
        m2: the statistic.
        df: its degrees of freedom.
        p: probability of a larger one if the model holds.
        rmsea2: root mean square error of approximation; up to 0.089 is adequate, up to 0.05 close (Maydeu-Olivares and
            Joe, 2014).
        rmsea2_low: 90 % interval.
        rmsea2_high: 90 % interval.
    """

    n: int
    m2: float | None = None
    df: int | None = None
    p: float | None = None
    rmsea2: float | None = None
    rmsea2_low: float | None = None
    rmsea2_high: float | None = None
    why_not: str = ""


def model_fit(calibration: Calibration, responses: ArrayLike) -> ModelFit:
    """M2 of a calibration and the responses that it was made from.

    Raises:
        ValueError: the responses do not fit the calibration.
    """
    data, items = calibration.responses(responses), len(calibration.items)
    df = items * (items + 1) // 2 - calibration.parameters
    if not data.complete:
        return ModelFit(n=data.learners, why_not="learners were asked different items, and M2 needs all pairs")
    if df <= 0:
        return ModelFit(n=data.learners, why_not=f"so few items leave {calibration.model} no degrees of freedom")
    if items > MOST_ITEMS:
        return ModelFit(n=data.learners, why_not=f"more than {MOST_ITEMS} items take too long")
    m2 = _m2(data, calibration.curves, calibration.model, normal_grid(calibration.points))
    if m2 is None:
        return ModelFit(n=data.learners, why_not="some proportions are expected to be 0 or 1")
    low, high = _rmsea_interval(m2, df, data.learners)
    return ModelFit(
        n=data.learners,
        m2=m2,
        df=df,
        p=float(stats.chi2.sf(m2, df)),
        rmsea2=float(np.sqrt(max(0.0, m2 - df) / (data.learners * df))),
        rmsea2_low=low,
        rmsea2_high=high,
    )


def _m2(data: Patterns, curves: Curves, model: Model, grid: Grid) -> float | None:
    observed, moments = _moments(data, curves, grid)
    apart = observed - moments @ grid.weight
    delta = _derivatives(curves, model, grid)
    try:
        factor = linalg.cho_factor(_covariance(moments, len(curves.a), grid), lower=True)
        weighted, bent = linalg.cho_solve(factor, apart), linalg.cho_solve(factor, delta)
        toward = delta.T @ weighted
        explained = toward @ linalg.solve(delta.T @ bent, toward, assume_a="pos")
    except linalg.LinAlgError:
        return None
    return float(data.learners * (apart @ weighted - explained))


def _moments(data: Patterns, curves: Curves, grid: Grid) -> tuple[Floats, Floats]:
    """Proportions right of items and then of pairs: observed, and expected at each ability."""
    first, second = np.triu_indices(len(curves.a), 1)
    pairs = (data.right * data.count[:, None]).T @ data.right / data.learners
    right = curves.probability(grid.theta)
    observed = np.concatenate([np.diag(pairs), pairs[first, second]])
    return observed, np.concatenate([right, right[first] * right[second]])


def _covariance(moments: Floats, items: int, grid: Grid) -> Floats:
    """Of the proportions of one learner: P(both) - P(one) P(other), where an item that is in both counts once."""
    first, second = np.triu_indices(items, 1)
    holds = np.zeros((len(moments), items))
    holds[np.arange(items), np.arange(items)] = 1
    holds[np.arange(items, len(moments)), first] = holds[np.arange(items, len(moments)), second] = 1
    weighted = moments * grid.weight
    both = weighted @ moments.T
    shared = holds @ holds.T
    row, column = np.nonzero(np.triu(shared == 1))
    item = np.argmax(holds[row] * holds[column], axis=1)
    for part in np.array_split(np.arange(len(row)), max(1, len(row) // 50_000)):
        once = (weighted[row[part]] * moments[column[part]] / moments[item[part]]).sum(axis=1)
        both[row[part], column[part]] = both[column[part], row[part]] = once
    np.fill_diagonal(both, weighted.sum(axis=1))
    expected = moments @ grid.weight
    found: Floats = both - np.multiply.outer(expected, expected)
    return found


def _derivatives(curves: Curves, model: Model, grid: Grid) -> Floats:
    """Of the expected proportions by the free parameters."""
    right = curves.probability(grid.theta)
    change = curves.scores(grid.theta)[0] * right  # parameters by items by abilities
    parameters, items, _ = change.shape
    first, second = np.triu_indices(items, 1)
    found = np.zeros((items + len(first), items, parameters))
    found[np.arange(items), np.arange(items)] = (change @ grid.weight).T
    pairs = items + np.arange(len(first))
    for one, other in ((first, second), (second, first)):
        found[pairs, one] = np.einsum("pjq,jq->jp", change[:, one], right[other] * grid.weight)
    return found.reshape(len(found), -1) @ space(model, items).own


def _rmsea_interval(m2: float, df: int, n: int) -> tuple[float, float]:
    """The 90 % interval: the noncentralities at which ``m2`` is at the 95 % and at the 5 % point."""
    found = []
    for share in (0.95, 0.05):

        def above(noncentrality: float, share: float = share) -> float:
            return float(stats.ncx2.cdf(m2, df, noncentrality)) - share

        top = 10.0 * (m2 + df)
        root = optimize.brentq(above, 1e-9, top) if above(1e-9) > 0 else 0.0
        found.append(float(np.sqrt(root / (n * df))))
    return found[0], found[1]
