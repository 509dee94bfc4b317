"""The marginal likelihood of response patterns, its gradient and its exact second derivatives.

With ``w_q`` the weight of the ability ``theta_q``, a pattern ``y`` has the probability ``sum_q w_q prod_j f_j(y_j |
theta_q)``, the product over the items that were asked (what is missing because of the form is ignorable: Rubin,
*Biometrika* 63, 1976, 581-592; Mislevy and Wu, ETS Research Report 96-30, 1996). All that follows from the posterior
of ``theta`` given ``y``, in matrix products:

* gradient: the posterior mean of the complete-data score (Bock and Aitkin, *Psychometrika* 46, 1981, 443-459);
* observed information: ``E[-curvature] - (E[score score'] - E[score] E[score]')``, all given ``y``, summed over
  learners (Louis, *Journal of the Royal Statistical Society B* 44, 1982, 226-233).

Patterns are taken in blocks that stay in the processor's cache.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exam_bank.irt.models import Curves
from exam_bank.irt.patterns import Patterns
from exam_bank.irt.quadrature import Grid

Floats = NDArray[np.float64]

BLOCK = 2048  # patterns
SPARSE = 3  # with fewer than one of three answers given, patterns are faster one by one


@dataclass(frozen=True)
class Expected:
    """What one pass over the patterns gives.

    Attributes:
        log_likelihood: of all learners.
        right: expected numbers of learners at each ability with a right answer, items by abilities.
        wrong: the same for wrong answers.
    """

    log_likelihood: float
    right: Floats
    wrong: Floats

    def gradient(self, curves: Curves, grid: Grid) -> Floats:
        """Derivatives of the log-likelihood, items by parameters (slope, intercept, logit of chance)."""
        right, wrong = curves.scores(grid.theta)
        found: Floats = np.einsum("pjq,jq->jp", right, self.right) + np.einsum("pjq,jq->jp", wrong, self.wrong)
        return found

    def complete_information(self, curves: Curves, grid: Grid) -> Floats:
        """What the information would be if the abilities were known: items by parameters by parameters.

        It is Fisher's, expected over responses, and so never negative.
        """
        up, down = curves.scores(grid.theta)
        right = curves.probability(grid.theta)
        asked = self.right + self.wrong
        rights: Floats = np.einsum("pjq,rjq,jq->jpr", up, up, asked * right)
        wrongs: Floats = np.einsum("pjq,rjq,jq->jpr", down, down, asked * (1 - right))
        return rights + wrongs


def expect(data: Patterns, curves: Curves, grid: Grid) -> Expected:
    """One pass: the log-likelihood and the expected numbers of right and wrong answers at each ability."""
    right = np.zeros((data.right.shape[1], len(grid.theta)))
    wrong = np.zeros_like(right)
    everybody = np.zeros(len(grid.theta))
    total = 0.0
    for block, posterior, log_likelihood in posteriors(data, curves, grid):
        count = data.count[block]
        total += float(count @ log_likelihood)
        learners = posterior * count[:, None]
        right += data.right[block].T @ learners
        if data.complete:
            everybody += learners.sum(axis=0)
        else:
            wrong += data.wrong[block].T @ learners
    return Expected(total, right, everybody - right if data.complete else wrong)


def posteriors(data: Patterns, curves: Curves, grid: Grid) -> Iterator[tuple[slice, Floats, Floats]]:
    """For each block of patterns: which they are, the posterior weights (patterns by abilities), log-likelihoods."""
    up, down = curves.log_probabilities(grid.theta)
    for start in range(0, len(data.right), BLOCK):
        block = slice(start, start + BLOCK)
        if data.complete:
            joint = data.right[block] @ (up - down) + (down.sum(axis=0) + grid.log_weight)
        else:
            joint = data.right[block] @ up + data.wrong[block] @ down + grid.log_weight
        top = joint.max(axis=1, keepdims=True)
        joint -= top
        np.exp(joint, out=joint)
        total = joint.sum(axis=1, keepdims=True)
        joint /= total
        yield block, joint, (top + np.log(total))[:, 0]


def observed_information(data: Patterns, curves: Curves, grid: Grid) -> Floats:
    """Minus the second derivatives of the log-likelihood; rows and columns are items by parameters, flattened."""
    right, wrong = curves.scores(grid.theta)
    parameters, items, _ = right.shape
    expected = expect(data, curves, grid)
    bends_right, bends_wrong = curves.curvatures(grid.theta)
    own = np.einsum("prjq,jq->jpr", bends_right, expected.right) + np.einsum(
        "prjq,jq->jpr", bends_wrong, expected.wrong
    )
    between = _OneByOne(right, wrong) if _is_sparse(data) else _AllAtOnce(right, wrong)
    for block, posterior, _ in posteriors(data, curves, grid):
        between.add(data, block, posterior)
    information = -between.total(data, expected)
    for item in range(items):
        information[item, :, item, :] -= own[item]
    return information.reshape(items * parameters, items * parameters)


def _is_sparse(data: Patterns) -> bool:
    """Whether learners were asked so few of the items that most pairs of items have nobody."""
    return bool(SPARSE * data.asked.sum() < data.right.size)


class _OneByOne:
    """Adds up the posterior covariances of the complete-data scores, of the items that each pattern was asked."""

    def __init__(self, right: Floats, wrong: Floats) -> None:
        self.right, self.wrong = right.transpose(1, 0, 2).copy(), wrong.transpose(1, 0, 2).copy()
        items, parameters, _ = self.right.shape
        self.products = np.zeros((items * parameters, items * parameters))

    def add(self, data: Patterns, block: slice, posterior: Floats) -> None:
        """Take in a block of patterns."""
        asked = data.asked[block] > 0
        _, parameters, abilities = self.right.shape
        for row, weights in enumerate(posterior):
            items = np.flatnonzero(asked[row])
            is_right = data.right[block][row, items, None, None] > 0
            scores = np.where(is_right, self.right[items], self.wrong[items]).reshape(-1, abilities)
            mean = scores @ weights
            places = (items[:, None] * parameters + np.arange(parameters)).ravel()
            covariance = (scores * weights) @ scores.T - np.multiply.outer(mean, mean)
            self.products[np.ix_(places, places)] += data.count[block][row] * covariance

    def total(self, data: Patterns, expected: Expected) -> Floats:  # noqa: ARG002 - as the other has it
        """The sum of posterior covariances: items by parameters by items by parameters."""
        items, parameters, _ = self.right.shape
        return self.products.reshape(items, parameters, items, parameters)


class _AllAtOnce:
    """Adds up the posterior covariances of the complete-data scores of all pairs of items.

    A pattern's score of item ``j`` at an ability is ``y_j v_j + m_j u_j`` with ``y`` right, ``m`` asked, ``u`` the
    score of a wrong answer and ``v`` what a right one has more. Where no item has a chance, ``v`` is the same for all
    items, and the sums of ``y_j y_k`` need posterior moments only. Where everybody was asked everything, the sums over
    ``m`` are expected numbers that are known already.
    """

    def __init__(self, right: Floats, wrong: Floats) -> None:
        self.more, self.wrong = right - wrong, wrong
        self.alike = bool(np.allclose(self.more, self.more[:, :1], rtol=1e-12, atol=0.0))
        parameters, items, _ = right.shape
        self.products = np.zeros((items, parameters, items, parameters))
        self.means = np.zeros((items * parameters, items * parameters))

    def add(self, data: Patterns, block: slice, posterior: Floats) -> None:
        """Take in a block of patterns."""
        right, count = data.right[block], data.count[block]
        asked = None if data.complete else data.asked[block]
        weighted = posterior * count[:, None]
        if self.alike:
            self._add_moments(right, asked, weighted)
        for at in range(0 if self.alike and asked is None else posterior.shape[1]):
            more, wrong, weight = self.more[..., at], self.wrong[..., at], weighted[:, at, None]
            if not self.alike:
                scaled = right * weight
                self.products += _spread(more, scaled.T @ right, more)
                if asked is not None:
                    self._add_cross(_spread(more, scaled.T @ asked, wrong))
            if asked is not None:
                self.products += _spread(wrong, (asked * weight).T @ asked, wrong)
        self._add_means(right, asked, posterior, count)

    def _add_cross(self, cross: Floats) -> None:
        self.products += cross + cross.transpose(2, 3, 0, 1)

    def _add_moments(self, right: Floats, asked: Floats | None, weighted: Floats) -> None:
        """Add ``sum y_j y_k E[v v']`` and ``sum y_j m_k E[v u_k']``, ``v`` being the same for all items."""
        more = self.more[:, 0]
        for one in range(len(more)):
            for other in range(one, len(more)):
                product = (right * (weighted @ (more[one] * more[other]))[:, None]).T @ right
                self.products[:, one, :, other] += product
                if other > one:
                    self.products[:, other, :, one] += product
        if asked is not None:
            cross = np.empty_like(self.products)
            for one in range(len(more)):
                for other, wrong in enumerate(self.wrong):
                    cross[:, one, :, other] = right.T @ (asked * (weighted @ (more[one] * wrong).T))
            self._add_cross(cross)

    def _add_means(self, right: Floats, asked: Floats | None, posterior: Floats, count: Floats) -> None:
        """Add ``sum E[score] E[score]'``."""
        parts = []
        for more, wrong in zip(self.more, self.wrong, strict=True):
            low = posterior @ wrong.T
            high = posterior @ (more[:1] if self.alike else more).T
            parts.append(right * high + (low if asked is None else asked * low))
        means = np.stack(parts, axis=2).reshape(len(right), -1)
        self.means += (means * count[:, None]).T @ means

    def total(self, data: Patterns, expected: Expected) -> Floats:
        """The sum of posterior covariances: items by parameters by items by parameters."""
        if data.complete:
            everybody = (expected.right + expected.wrong)[0]
            cross = np.einsum("pjq,jq,rkq->jpkr", self.more, expected.right, self.wrong, optimize=True)
            self._add_cross(cross)
            self.products += np.einsum("pjq,q,rkq->jpkr", self.wrong, everybody, self.wrong, optimize=True)
        return self.products - self.means.reshape(self.products.shape)


def _spread(left: Floats, middle: Floats, right: Floats) -> Floats:
    """``left[p, j] middle[j, k] right[r, k]``, as items by parameters by items by parameters."""
    found: Floats = left.T[:, :, None, None] * middle[:, None, :, None] * right.T[None, None, :, :]
    return found
