"""How many answers are right at an ability: the recursion of Lord and Wingersky.

Lord and Wingersky, *Applied Psychological Measurement* 8, 1984, 453-461.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def score_distribution(right: Floats) -> Floats:
    """Probabilities of each number of right answers.

    Args:
        right: probabilities of a right answer, items by abilities.

    Returns:
        Numbers from 0 to all items, by abilities.
    """
    found = np.zeros((len(right) + 1, right.shape[1]))
    found[0] = 1.0
    for at, p in enumerate(right):
        found[1 : at + 2] = found[1 : at + 2] * (1 - p) + found[: at + 1] * p
        found[0] *= 1 - p
    return found


def without_each(right: Floats) -> Floats:
    """For each item the distribution of the number of right answers to the others.

    Returns:
        Items by numbers from 0 to all but one item, by abilities.
    """
    items, abilities = right.shape
    found = np.zeros((items, items + 1, abilities))
    found[:, 0] = 1.0
    for at, p in enumerate(right):
        q = np.where(np.arange(items)[:, None] == at, 0.0, p)[
            :, None, :
        ]  # as if it could not be right: nothing changes
        found[:, 1 : at + 2] = found[:, 1 : at + 2] * (1 - q) + found[:, : at + 1] * q
        found[:, :1] *= 1 - q
    return found[:, :items]
