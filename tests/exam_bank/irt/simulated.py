"""Responses that were drawn from known items."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def responses(n: int, a: Floats, b: Floats, c: float = 0.0, *, seed: int, missing: float = 0.0) -> Floats:
    """Right or wrong answers of ``n`` learners with standard normal abilities; a share of them NaN."""
    rng = np.random.default_rng(seed)
    ability = rng.standard_normal((n, 1))
    right = c + (1 - c) / (1 + np.exp(-a * (ability - b)))
    drawn = (rng.random(right.shape) < right).astype(float)
    drawn[rng.random(right.shape) < missing] = np.nan
    return drawn


def items(k: int, *, seed: int) -> tuple[Floats, Floats]:
    """Slopes and difficulties as real tests have them."""
    rng = np.random.default_rng(seed)
    return rng.lognormal(0.1, 0.3, k), rng.normal(0, 1, k)
