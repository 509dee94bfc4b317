"""The nominal response model: how probable each option is at an ability.

``P(k | theta) = exp(a_k theta + c_k) / sum_j exp(a_j theta + c_j)``, with ``sum a = sum c = 0`` in every item and
abilities that are standard normal (Bock, *Psychometrika* 37, 1972, 29-51). With right and wrong as the only options
it is the 2PL model.

Estimated by marginal maximum likelihood with the EM algorithm (Bock and Aitkin, *Psychometrika* 46, 1981, 443-459).
Every a and c has a normal prior around 0 with standard deviation 2, so that an option that hardly anybody chose keeps
finite parameters; with some hundreds of learners it is not felt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Choices = NDArray[np.int64]

POINTS = 41
REACH = 5.0  # of ability, each way
CYCLES = 400
CLOSE = 1e-3  # change of any parameter at which EM ends
_PRIOR_PRECISION = 1 / 2.0**2
_NEWTON_STEPS = 5  # an item in each cycle; EM does the rest


@dataclass(frozen=True)
class Nominal:
    """A calibrated test.

    Attributes:
        slopes: for each item one a for each option.
        intercepts: the same for c.
        cycles: of EM that were needed.
    """

    slopes: "tuple[Numbers, ...]"
    intercepts: "tuple[Numbers, ...]"
    cycles: int

    def probabilities(self, item: int, theta: "Numbers") -> "Numbers":
        """Of each option of an item at each ability: abilities by options."""
        return _softmax(theta, self.slopes[item], self.intercepts[item])

    def abilities(self, choices: "Choices") -> "Numbers":
        """Each learner's ability by maximum likelihood, within -4 and 4, to 0.05 (Wollack 1997 takes this estimate).

        NaN for a learner who chose nothing.
        """
        import numpy as np

        theta = np.linspace(-4, 4, 161)
        likelihood = _log_likelihood(self.slopes, self.intercepts, choices, theta)
        found = theta[np.argmax(likelihood, axis=1)]
        return np.where((choices >= 0).any(axis=1), found, np.nan)


def calibrate_nominal(choices: "Choices", options: Sequence[int], right: Sequence[int]) -> Nominal:
    """Estimate the model.

    Args:
        choices: learners by items, the number of the option chosen, from 0; -1 for none (not asked, or left empty).
        options: how many options each item has.
        right: the number of the right one, which gives the scale its direction.

    Raises:
        ValueError: the shapes do not agree.
    """
    import numpy as np

    choices = np.asarray(choices)
    if choices.ndim != 2 or choices.shape[1] != len(options) or len(options) != len(right):
        raise ValueError(f"choices are {choices.shape}; they must be learners by {len(options)} items")
    theta = np.linspace(-REACH, REACH, POINTS)
    weights = np.exp(-(theta**2) / 2) / np.exp(-(theta**2) / 2).sum()
    slopes, intercepts = _start(choices, options, right)
    cycles, change = 0, CLOSE
    while cycles < CYCLES and change >= CLOSE:
        cycles += 1
        posterior = _posterior(slopes, intercepts, choices, theta, weights)
        change = 0.0
        for item, number in enumerate(options):
            counts = np.stack([posterior[choices[:, item] == option].sum(axis=0) for option in range(number)], axis=1)
            a, c = _maximised(theta, counts, slopes[item], intercepts[item])
            change = max(change, float(np.abs(a - slopes[item]).max()), float(np.abs(c - intercepts[item]).max()))
            slopes[item], intercepts[item] = a, c
    return Nominal(tuple(slopes), tuple(intercepts), cycles)


def _start(choices: "Choices", options: Sequence[int], right: Sequence[int]) -> "tuple[list[Numbers], list[Numbers]]":
    import numpy as np

    slopes, intercepts = [], []
    for item, (number, key) in enumerate(zip(options, right, strict=True)):
        counts = np.array([(choices[:, item] == option).sum() for option in range(number)]) + 1.0
        logs = np.log(counts)
        intercepts.append(logs - logs.mean())
        slope = np.full(number, -1.0 / number)
        slope[key] += 1.0
        slopes.append(slope - slope.mean())
    return slopes, intercepts


def _softmax(theta: "Numbers", a: "Numbers", c: "Numbers") -> "Numbers":
    from scipy.special import softmax

    curves: Numbers = softmax(theta[:, None] * a + c, axis=1)
    return curves


def _log_likelihood(
    slopes: "Sequence[Numbers]", intercepts: "Sequence[Numbers]", choices: "Choices", theta: "Numbers"
) -> "Numbers":
    """Of each learner's choices at each ability: one product of matrices for each item."""
    import numpy as np

    total = np.zeros((len(choices), len(theta)))
    for item, (a, c) in enumerate(zip(slopes, intercepts, strict=True)):
        logs = np.log(np.maximum(_softmax(theta, a, c), 1e-300)).T
        none = np.zeros((1, len(theta)))
        total += np.concatenate([logs, none])[choices[:, item]]  # -1 is the last row
    return total


def _posterior(
    slopes: "Sequence[Numbers]",
    intercepts: "Sequence[Numbers]",
    choices: "Choices",
    theta: "Numbers",
    weights: "Numbers",
) -> "Numbers":
    import numpy as np
    from scipy.special import softmax

    found: Numbers = softmax(_log_likelihood(slopes, intercepts, choices, theta) + np.log(weights), axis=1)
    return found


def _maximised(theta: "Numbers", counts: "Numbers", a: "Numbers", c: "Numbers") -> "tuple[Numbers, Numbers]":
    """Newton's method for one item, given how many of each ability are expected to have chosen each option."""
    import numpy as np

    number, totals = len(a), counts.sum(axis=1)
    powers = np.stack([theta, np.ones_like(theta)])
    for _ in range(_NEWTON_STEPS):
        curves = _softmax(theta, a, c)
        gradient = powers @ (counts - totals[:, None] * curves) - _PRIOR_PRECISION * np.stack([a, c])
        bend = totals[:, None, None] * (np.eye(number) * curves[:, None, :] - curves[:, :, None] * curves[:, None, :])
        hessian = np.einsum("pt,qt,tij->piqj", powers, powers, bend).reshape(2 * number, 2 * number)
        step = np.linalg.solve(hessian + _PRIOR_PRECISION * np.eye(2 * number), gradient.ravel())
        step *= min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-12))  # at most 1 at a time
        a, c = a + step[:number], c + step[number:]
    return a - a.mean(), c - c.mean()
