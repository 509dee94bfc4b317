"""Responses as the likelihood needs them: who answered alike is kept once, with how many they are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Patterns:
    """Distinct patterns of responses.

    Attributes:
        right: 1 where the answer is right, else 0; patterns by items.
        wrong: 1 where the answer is wrong, else 0; neither is 1 where an item was not asked.
        count: how many learners have each pattern.
        complete: whether every learner was asked every item.
        row: for each learner the place of their pattern.
    """

    right: Floats
    wrong: Floats
    count: Floats
    complete: bool
    row: NDArray[np.intp]

    @property
    def learners(self) -> int:
        """How many learners there are."""
        return len(self.row)

    @property
    def asked(self) -> Floats:
        """1 where an item was asked, else 0; patterns by items."""
        return self.right + self.wrong

    def of_items(self, keep: NDArray[np.bool_]) -> "Patterns":
        """The same learners on some of the items; patterns that are now alike stay apart."""
        right, wrong = self.right[:, keep], self.wrong[:, keep]
        return Patterns(right, wrong, self.count, self.complete or not np.any(right + wrong == 0), self.row)


def patterns(responses: Floats) -> Patterns:
    """Collect the distinct rows of ``responses`` (1 right, 0 wrong, NaN not asked).

    Raises:
        ValueError: anything else is in it, or it is not learners by items.
    """
    given = np.asarray(responses, dtype=float)
    if given.ndim != 2:
        raise ValueError(f"responses are {given.shape}; they must be learners by items")
    right, wrong = given == 1, given == 0
    missing = ~(right | wrong)
    if not np.isnan(given[missing]).all():
        learner, item = np.argwhere(missing & ~np.isnan(given))[0]
        raise ValueError(f"response {given[learner, item]:g} of learner {learner}, item {item}: must be 0, 1 or NaN")
    complete = not missing.any()
    bits = np.packbits(right if complete else np.hstack([right, wrong]), axis=1)
    keys = np.ascontiguousarray(bits).view(np.dtype((np.void, bits.shape[1]))).ravel() if bits.size else bits[:, :0]
    _, first, row, count = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    return Patterns(right[first].astype(float), wrong[first].astype(float), count.astype(float), complete, row.ravel())
