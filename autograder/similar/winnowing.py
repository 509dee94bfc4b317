"""Fingerprints of token sequences.

Every run of K tokens has a hash. Of each WINDOW hashes in a row the smallest is kept, the last of equal ones. So two
texts that share a run of at least K + WINDOW - 1 tokens share a fingerprint, and runs shorter than K never count.
"""

from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from typing import NamedTuple

from autograder.similar.tokens import Token


class Grain(NamedTuple):
    """How fine the comparison is."""

    k: int  # tokens of a run
    window: int  # hashes of which one is kept


CODE = Grain(k=9, window=5)
PROSE = Grain(k=5, window=4)


def run_hashes(tokens: Sequence[Token], k: int) -> list[int]:
    """The hash of each run of k tokens, by the position of its first token."""
    numbers = [_number(token.value) for token in tokens]
    return [hash(tuple(numbers[start : start + k])) for start in range(len(numbers) - k + 1)]


def winnow(hashes: Sequence[int], window: int) -> tuple[int, ...]:
    """The fingerprints in their order: the hashes that are kept. A text shorter than a window keeps its smallest."""
    kept: dict[int, int] = {}  # by position
    for start in range(max(len(hashes) - window, 0) + 1 if hashes else 0):
        few = hashes[start : start + window]
        smallest = min(few)
        last = len(few) - 1 - few[::-1].index(smallest)
        kept[start + last] = smallest
    return tuple(kept.values())


@cache
def _number(value: str) -> int:
    # Not hash(), which differs from one process to the next; tuples of numbers hash the same everywhere.
    return int.from_bytes(blake2b(value.encode("utf-8", "replace"), digest_size=7).digest(), "big")
