"""The models: how probable a right answer is at an ability, and how that changes with the item's parameters.

With ``s(x) = 1 / (1 + exp(-x))`` and an item's slope ``a``, intercept ``d`` and chance ``c``,

``P(theta) = c + (1 - c) s(a theta + d)``,  difficulty ``b = -d / a``.

Abilities are standard normal in the population. ``rasch`` has ``a = 1``; ``1pl`` one ``a`` for all items (the same as a
Rasch model whose abilities have the standard deviation ``a``); ``2pl`` an ``a`` for each; ``3pl`` also a ``c``.

Sources: Rasch, *Probabilistic Models for Some Intelligence and Attainment Tests*, 1960; Birnbaum in Lord and Novick,
*Statistical Theories of Mental Test Scores*, 1968, chapters 17 to 20 (here without the factor 1.7).
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

Floats = NDArray[np.float64]

SLOPE, INTERCEPT, CHANCE = 0, 1, 2  # places of an item's parameters; chance is kept as its logit


class Model(StrEnum):
    """How many parameters an item has."""

    RASCH = "rasch"
    ONE = "1pl"
    TWO = "2pl"
    THREE = "3pl"

    @property
    def parameters_an_item(self) -> int:
        """Parameters of its own that an item has (the common slope of 1pl belongs to none)."""
        return {Model.RASCH: 1, Model.ONE: 1, Model.TWO: 2, Model.THREE: 3}[self]


@dataclass(frozen=True)
class Curves:
    """Response curves of items, as arrays with one entry for each item.

    Attributes:
        a: slopes, in units of logits for each standard deviation of ability.
        d: intercepts, in logits.
        c: probabilities of a right answer at the lowest abilities; 0 but for ``3pl``.
    """

    a: Floats
    d: Floats
    c: Floats

    @property
    def b(self) -> Floats:
        """Difficulties: the ability at which ``P`` is halfway between ``c`` and 1."""
        return -self.d / self.a

    def logits(self, theta: Floats) -> Floats:
        """``a theta + d``, items by abilities."""
        return np.multiply.outer(self.a, theta) + self.d[:, None]

    def probability(self, theta: Floats) -> Floats:
        """``P``, items by abilities."""
        return self.c[:, None] + (1 - self.c[:, None]) * expit(self.logits(theta))

    def log_probabilities(self, theta: Floats) -> tuple[Floats, Floats]:
        """``log P`` and ``log(1 - P)``, items by abilities, exact also where ``P`` is next to 0 or 1."""
        logits, c = self.logits(theta), self.c[:, None]
        right = np.where(c > 0, np.log(c + (1 - c) * expit(logits)), log_expit(logits))
        return right, np.log1p(-c) + log_expit(-logits)

    def scores(self, theta: Floats) -> tuple[Floats, Floats]:
        """Derivatives of ``log P`` and ``log(1 - P)`` by slope, intercept and the logit of ``c``.

        Returns:
            Two arrays, parameters by items by abilities; three parameters where any item has a ``c``, else two.
        """
        s, c = expit(self.logits(theta)), self.c[:, None]
        share = _share(s, c)
        right, wrong = (1 - s) * share, -s
        rights, wrongs = [right * theta, right], [wrong * theta, wrong]
        if self.has_chance:
            rights.append(c * (1 - c) * (1 - s) / (c + (1 - c) * s))
            wrongs.append(np.broadcast_to(-c, s.shape))
        return np.stack(rights), np.stack(wrongs)

    def curvatures(self, theta: Floats) -> tuple[Floats, Floats]:
        """Second derivatives of ``log P`` and ``log(1 - P)``: parameters by parameters by items by abilities."""
        s, c = expit(self.logits(theta)), self.c[:, None]
        bend = s * (1 - s)
        if not self.has_chance:
            both = -bend * _outer(theta)
            return both, both
        up, _ = self.scores(theta)
        p = c + (1 - c) * s
        right = np.empty((3, 3, *s.shape))
        right[:2, :2] = (1 - c) * bend * (1 - 2 * s) / p * _outer(theta)
        mixed = -c * (1 - c) * bend / p
        right[0, 2] = right[2, 0] = mixed * theta
        right[1, 2] = right[2, 1] = mixed
        right[2, 2] = c * (1 - c) * (1 - 2 * c) * (1 - s) / p
        wrong = np.zeros_like(right)
        wrong[:2, :2] = -bend * _outer(theta)
        wrong[2, 2] = -c * (1 - c)
        return right - up[:, None] * up[None, :], wrong

    @property
    def has_chance(self) -> bool:
        """Whether any item can be right by chance."""
        return bool(np.any(self.c > 0))


def _share(s: Floats, c: Floats) -> Floats:
    """``(1 - c) s / P``: how much of the probability of a right answer is not chance."""
    return np.where(c > 0, (1 - c) * s / np.maximum(c + (1 - c) * s, np.finfo(float).tiny), 1.0)


def _outer(theta: Floats) -> Floats:
    """``[[theta^2, theta], [theta, 1]]``, with an axis for items before the abilities."""
    one = np.ones_like(theta)
    return np.array([[theta**2, theta], [theta, one]])[:, :, None, :]
