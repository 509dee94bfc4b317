"""What every export comes to: a file, and who is not in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from release.exports.mapping import Unmatched


@dataclass(frozen=True)
class Export:
    """A file for a peer. Whoever is in ``unmatched`` is in no row of it."""

    data: bytes
    learners: int  # who are in it
    unmatched: Sequence[Unmatched]
