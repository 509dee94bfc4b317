"""Item parameters from responses, with standard errors; no numbers where there is no estimate.

Marginal maximum likelihood (Bock and Aitkin, *Psychometrika* 46, 1981, 443-459), with priors for 3PL. Standard errors
are from the exact second derivatives at the maximum (the observed information: Efron and Hinkley, *Biometrika* 65,
1978, 457-483), and for ``b = -d / a`` and ``c`` by the delta method.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg

from authoring.errors import CoursewrightError
from exam_bank.irt.advice import advice
from exam_bank.irt.likelihood import expect
from exam_bank.irt.maximise import Maximum, Search, Space, space, start
from exam_bank.irt.models import Curves, Model
from exam_bank.irt.patterns import Patterns, patterns
from exam_bank.irt.priors import Priors
from exam_bank.irt.quadrature import MOST_POINTS, POINTS, Grid, normal_grid

Floats = NDArray[np.float64]

FEWEST_ITEMS = {Model.RASCH: 1, Model.ONE: 2, Model.TWO: 3, Model.THREE: 3}
STEEP = 6.0  # a slope beyond what people's answers show
FLAT = 0.01  # a slope at which a difficulty means nothing
EXACT = 1e-4  # what doubling the quadrature points may change of the log-likelihood


class CalibrationError(CoursewrightError):
    """There is no estimate. ``items`` names those that it is about, if it is about some."""

    def __init__(self, message: str, items: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.items = tuple(items)


@dataclass(frozen=True, kw_only=True)
class CalibratedItem:
    """An item's parameters, abilities being standard normal.

    Attributes:
        item: its name.
        n: learners who were asked it.
        a: slope, in logits for each standard deviation of ability (the factor 1.7 is not in it).
        b: difficulty, in standard deviations of ability.
        c: probability of a right answer by chance; None but for 3pl.
        se_a: standard error; None where the model fixes the parameter.
        se_b: standard error.
        se_c: standard error of ``c`` given its prior.
    """

    item: str
    n: int
    a: float
    b: float
    c: float | None = None
    se_a: float | None = None
    se_b: float
    se_c: float | None = None


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """An item that cannot be calibrated, and why not."""

    item: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """A calibrated test.

    Attributes:
        model: the model.
        n: learners who were asked any of the items.
        log_likelihood: at the estimates, without priors.
        items: those with an estimate, in the order of the columns.
        left_out: those without.
        columns: for each of ``items`` its column in the responses.
        covariance: of the estimates, in the order a, b (and c) of the first item, of the second, and so on; rows of
            what the model fixes are 0.
        priors: those that were used (3pl only).
        points: quadrature points that were needed.
        advice: what a careful person would not conclude from these figures, in plain words.
    """

    model: Model
    n: int
    log_likelihood: float
    items: tuple[CalibratedItem, ...]
    left_out: tuple[LeftOut, ...]
    columns: tuple[int, ...]
    covariance: Floats
    priors: Priors | None
    points: int
    advice: tuple[str, ...]

    @property
    def curves(self) -> Curves:
        """The items' response curves as arrays."""
        a, b = np.array([each.a for each in self.items]), np.array([each.b for each in self.items])
        return Curves(a, -a * b, np.array([each.c or 0.0 for each in self.items]))

    @property
    def parameters(self) -> int:
        """How many parameters were estimated."""
        own = self.model.parameters_an_item * len(self.items)
        return own + 1 if self.model is Model.ONE else own

    @property
    def aic(self) -> float:
        """Akaike's information criterion; meaningless between calibrations of different responses."""
        return 2 * self.parameters - 2 * self.log_likelihood

    def responses(self, responses: ArrayLike) -> Patterns:
        """The responses to the calibrated items, from a matrix with the columns that were calibrated.

        Raises:
            ValueError: it has other columns, or other values than 0, 1 and NaN.
        """
        given = np.asarray(responses, dtype=float)
        every = len(self.items) + len(self.left_out)
        if given.ndim != 2 or given.shape[1] != every:
            raise ValueError(f"responses are {given.shape}; they must be learners by {every} items")
        return patterns(given[:, list(self.columns)])


def calibrate(
    responses: ArrayLike,
    model: str = "2pl",
    *,
    names: Sequence[str] | None = None,
    priors: Priors | None = None,
) -> Calibration:
    """Estimate the items' parameters.

    Args:
        responses: learners by items: 1 right, 0 wrong (or left empty), NaN not asked.
        model: ``rasch``, ``1pl``, ``2pl`` or ``3pl``: see :mod:`exam_bank.irt.models`.
        names: what to call the items; by default 1, 2, ...
        priors: for ``3pl``; by default those of :class:`Priors`.

    Raises:
        CalibrationError: there is no estimate: too few items, a slope without bound, a search that did not converge.
        ValueError: the responses are no such matrix, there is no such model, or a model without priors was given some.
    """
    chosen = Model(model)
    if priors and chosen is not Model.THREE:
        raise ValueError(f"{chosen} has no priors; only 3pl has")
    data = patterns(np.asarray(responses, dtype=float))
    labels = [str(at + 1) for at in range(data.right.shape[1])] if names is None else list(names)
    if len(labels) != data.right.shape[1]:
        raise ValueError(f"there are {len(labels)} names for {data.right.shape[1]} items")
    left_out, keep = _without_estimate(data, labels)
    kept = [label for label, good in zip(labels, keep, strict=True) if good]
    if len(kept) < FEWEST_ITEMS[chosen]:
        told = "".join(f"; {each.item}: {each.why}" for each in left_out)
        raise CalibrationError(f"{chosen} needs {FEWEST_ITEMS[chosen]} items or more; there are {len(kept)}{told}.")
    used = Priors() if chosen is Model.THREE and priors is None else priors
    data = data.of_items(keep)
    where, maximum, grid = _maximum(chosen, data, kept, used)
    items, covariance = _items(where, maximum, data, kept)
    return Calibration(
        model=chosen,
        n=int(data.count[data.asked.any(axis=1)].sum()),
        log_likelihood=maximum.log_likelihood,
        items=items,
        left_out=left_out,
        columns=tuple(int(at) for at in np.flatnonzero(keep)),
        covariance=covariance,
        priors=used,
        points=len(grid.theta),
        advice=advice(chosen, items, left_out),
    )


def _without_estimate(data: Patterns, names: Sequence[str]) -> tuple[tuple[LeftOut, ...], NDArray[np.bool_]]:
    """The items that nobody was asked, or that everybody or nobody had right: their difficulty has no bound."""
    right, wrong = data.count @ data.right, data.count @ data.wrong
    found = []
    for name, rights, wrongs in zip(names, right, wrong, strict=True):
        if rights + wrongs == 0:
            found.append(LeftOut(item=name, why="nobody was asked it"))
        elif wrongs == 0:
            found.append(LeftOut(item=name, why=f"all {rights:.0f} had it right: it is easier than can be told"))
        elif rights == 0:
            found.append(LeftOut(item=name, why=f"none of {wrongs:.0f} had it right: it is harder than can be told"))
    return tuple(found), (right > 0) & (wrong > 0)


def _maximum(model: Model, data: Patterns, names: Sequence[str], priors: Priors | None) -> tuple[Space, Maximum, Grid]:
    """The maximum, on a grid so fine that a finer one changes nothing."""
    where, free, points = space(model, data.right.shape[1]), start(model, data), POINTS
    while True:
        grid = normal_grid(points)
        maximum = where.upright(Search(data, where, grid, priors, free).run())
        if maximum.trouble:
            raise _no_estimate(where, maximum, names)
        finer = expect(data, where.curves(maximum.free), normal_grid(2 * points - 1)).log_likelihood
        if abs(finer - maximum.log_likelihood) <= EXACT:
            return where, maximum, grid
        if points >= MOST_POINTS:
            raise CalibrationError(f"{MOST_POINTS} quadrature points are too few for slopes as large as these.")
        free, points = maximum.free, 2 * points - 1


def _no_estimate(where: Space, maximum: Maximum, names: Sequence[str]) -> CalibrationError:
    """Say which item is the furthest off, and what that may come from."""
    curves = where.curves(maximum.free)
    at = int(np.argmax(np.maximum(np.abs(curves.a), np.abs(curves.d) / 3)))
    if abs(curves.a[at]) > STEEP:
        why = "the answers to it follow from the rest of the test almost without exception"
    elif curves.d[at] > 0:
        why = "too few missed it"
    else:
        why = "too few had it right" + (", or no more than by chance" if where.model is Model.THREE else "")
    simpler = "gather more responses" if where.model is Model.RASCH else "take a model with fewer parameters"
    return CalibrationError(
        f"no estimate with {where.model}: after {maximum.steps} steps {maximum.trouble}; item {names[at]} is the "
        f"furthest off (a {curves.a[at]:.1f}, intercept {curves.d[at]:.1f}): {why}. Leave it out, or {simpler}.",
        [names[at]],
    )


def _items(
    where: Space, maximum: Maximum, data: Patterns, names: Sequence[str]
) -> tuple[tuple[CalibratedItem, ...], Floats]:
    """The items with standard errors, and the covariance of all their parameters."""
    curves = where.curves(maximum.free)
    if np.abs(curves.a).max() < FLAT:
        raise CalibrationError("no estimate: the answers to these items have nothing to do with each other.", names)
    width = 3 if where.model is Model.THREE else 2
    change = _changes(curves, width) @ where.own
    covariance = change @ linalg.inv(maximum.information) @ change.T
    errors = np.sqrt(np.diag(covariance)).reshape(-1, width)
    asked = data.count @ data.asked
    items = []
    for at, name in enumerate(names):
        items.append(
            CalibratedItem(
                item=name,
                n=round(float(asked[at])),
                a=float(curves.a[at]),
                b=float(curves.b[at]),
                c=float(curves.c[at]) if width == 3 else None,
                se_a=None if where.model is Model.RASCH else float(errors[at, 0]),
                se_b=float(errors[at, 1]),
                se_c=float(errors[at, 2]) if width == 3 else None,
            )
        )
    return tuple(items), covariance


def _changes(curves: Curves, width: int) -> Floats:
    """Derivatives of a, b (and c) by slope, intercept (and the logit of c), of all items."""
    blocks = np.zeros((len(curves.a), width, width))
    blocks[:, 0, 0] = 1.0
    blocks[:, 1, 0] = curves.d / curves.a**2
    blocks[:, 1, 1] = -1 / curves.a
    if width == 3:
        blocks[:, 2, 2] = curves.c * (1 - curves.c)
    return np.asarray(linalg.block_diag(*blocks))
