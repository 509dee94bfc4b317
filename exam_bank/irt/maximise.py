"""The maximum of the marginal likelihood (times priors), or a plain word that it was not found.

Far from the maximum the steps are those of the EM gradient algorithm (Lange, *Journal of the Royal Statistical Society
B* 57, 1995, 425-437): complete-data information, so that each goes uphill. Near it they are Newton's with the exact
second derivatives, which square the error with each step; the last of these give the standard errors. No step is taken
that goes downhill.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.special import expit, logit

from exam_bank.irt.likelihood import Expected, expect, observed_information
from exam_bank.irt.models import Curves, Model
from exam_bank.irt.patterns import Patterns
from exam_bank.irt.priors import Priors
from exam_bank.irt.quadrature import Grid

Floats = NDArray[np.float64]

STEPS = 500
NEAR = 0.003  # expected gain of an EM step for each parameter, in log-likelihood, from which Newton is tried
CLOSE = 1e-9  # squared distance from the maximum in units of standard errors
HALVINGS = 12
LIMIT = 25.0  # no slope or intercept of a finite estimate is as large as this many logits
LONGEST = 1.5  # logits that a parameter may change in one step


@dataclass(frozen=True)
class Maximum:
    """Where the search ended.

    Attributes:
        free: the free parameters.
        information: minus the second derivatives there, with those of the priors.
        log_likelihood: without priors.
        steps: how many were taken.
        trouble: why this is no maximum; empty if it is one.
    """

    free: Floats
    information: Floats
    log_likelihood: float
    steps: int
    trouble: str = ""


@dataclass(frozen=True)
class Space:
    """The free parameters of a model and what they mean for the items.

    ``own`` has one row for each item and parameter (slope, intercept, logit of chance, in turn), one column for each
    free parameter.
    """

    model: Model
    own: Floats
    fixed: Floats

    def curves(self, free: Floats) -> Curves:
        """The items' curves."""
        every = self.fixed + self.own @ free
        width = 3 if self.model is Model.THREE else 2
        table = every.reshape(-1, width)
        chance = expit(table[:, 2]) if width == 3 else np.zeros(len(table))
        return Curves(table[:, 0], table[:, 1], chance)

    def upright(self, maximum: Maximum) -> Maximum:
        """The same maximum with most slopes positive: abilities turned round give the same likelihood."""
        if maximum.trouble or self.curves(maximum.free).a.sum() >= 0 or self.model in {Model.RASCH, Model.THREE}:
            return maximum
        sign = np.where(self.own[::2].any(axis=0), -1.0, 1.0)
        return replace(maximum, free=sign * maximum.free, information=maximum.information * np.outer(sign, sign))


def space(model: Model, items: int) -> Space:
    """The free parameters: for each item its own in turn; the common slope of 1pl comes first."""
    width = 3 if model is Model.THREE else 2
    fixed = np.zeros(items * width)
    if model in {Model.TWO, Model.THREE}:
        return Space(model, np.eye(items * width), fixed)
    intercepts = np.eye(items * width)[:, 1::width]
    slopes = np.zeros((items * width, 1))
    slopes[::width] = 1.0
    if model is Model.RASCH:
        return Space(model, intercepts, slopes[:, 0])
    return Space(model, np.hstack([slopes, intercepts]), fixed)


def start(model: Model, data: Patterns) -> Floats:
    """Where to begin: slopes of one, and intercepts from the proportions right."""
    right, asked = data.count @ data.right, data.count @ data.asked
    share = (right + 0.5) / (asked + 1)
    if model is Model.THREE:
        share = np.clip((share - 0.2) / 0.8, 0.05, 0.95)
    intercept = logit(share) * 1.2  # the logistic is flatter when averaged over abilities
    if model is Model.RASCH:
        return intercept
    if model is Model.ONE:
        return np.concatenate([[1.0], intercept])
    columns = [np.ones_like(intercept), intercept]
    if model is Model.THREE:
        columns.append(np.full_like(intercept, logit(0.2)))
    return np.column_stack(columns).ravel()


class Search:
    """Walks uphill; it keeps where it is."""

    def __init__(self, data: Patterns, where: Space, grid: Grid, priors: Priors | None, free: Floats) -> None:
        self.data, self.where, self.grid, self.priors = data, where, grid, priors
        self._move(free)

    def _move(self, free: Floats) -> None:
        self.free, self.curves = free, self.where.curves(free)
        self.expected = expect(self.data, self.curves, self.grid)
        self.value = self._value(self.curves, self.expected)

    def _value(self, curves: Curves, expected: Expected) -> float:
        return expected.log_likelihood + (self.priors.log_density(curves) if self.priors else 0.0)

    def _gradient(self) -> Floats:
        found = self.expected.gradient(self.curves, self.grid)
        if self.priors:
            found = found + self.priors.gradient(self.curves)
        return self.where.own.T @ found.ravel()

    def _information(self, *, exact: bool) -> Floats:
        if exact:
            whole = observed_information(self.data, self.curves, self.grid)
        else:
            whole = linalg.block_diag(*self.expected.complete_information(self.curves, self.grid))
        if self.priors:
            whole[np.diag_indices_from(whole)] += self.priors.information(self.curves).ravel()
        if self.where.model in {Model.TWO, Model.THREE}:  # every parameter is free
            return whole
        return np.asarray(self.where.own.T @ whole @ self.where.own)

    def run(self) -> Maximum:
        """Go on until the maximum is found, or nothing more can be done."""
        exact = False
        for number in range(STEPS):
            gradient = self._gradient()
            information = self._information(exact=exact)
            step = _solve(information, gradient)
            if step is None and exact:  # not yet where the likelihood bends down in all directions
                information = self._information(exact=False)
                step = _solve(information, gradient)
                newton = False
            else:
                newton = exact
            if step is None:
                return self._ended(number, "the data do not determine all parameters")
            gain = float(gradient @ step)
            if newton and gain < CLOSE:
                self._move(self.free + step)
                return Maximum(self.free, information, self.expected.log_likelihood, number + 1)
            exact = exact or gain < NEAR * len(gradient)
            if not self._climb(step):
                if newton:
                    return self._ended(number, "no step goes uphill any more")
                exact = True
            if np.abs(np.append(self.curves.a, self.curves.d)).max() > LIMIT:
                return self._ended(number, "estimates run away")
        return self._ended(STEPS, f"{STEPS} steps were not enough")

    def _climb(self, step: Floats) -> bool:
        """Take the step, or as much of it as goes uphill."""
        scale = min(1.0, LONGEST / float(np.abs(step).max()))
        before, value = self.free, self.value
        for _ in range(HALVINGS):
            self._move(before + scale * step)
            if self.value >= value - 1e-9 * abs(value) * np.finfo(float).eps ** 0.25:
                return True
            scale /= 2
        self._move(before)
        return False

    def _ended(self, steps: int, trouble: str) -> Maximum:
        return Maximum(self.free, np.zeros((0, 0)), self.expected.log_likelihood, steps, trouble)


def _solve(information: Floats, gradient: Floats) -> Floats | None:
    """``information^-1 gradient``, or None where the matrix is not positive definite."""
    try:
        factor = linalg.cho_factor(information)
    except linalg.LinAlgError:
        return None
    return np.asarray(linalg.cho_solve(factor, gradient))
