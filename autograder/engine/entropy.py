"""A job's randomness: what cells draw "from the system" follows from the job's seed, so grading again gives the same.

Python's ``os.urandom`` and ``os.getrandom`` are replaced, and with them ``secrets``, ``uuid.uuid4``,
``random.SystemRandom`` and NumPy's generators without a seed, which all rest on these; and a generator of ``random``
that is seeded with nothing, which does not. Programs that a cell starts, and libraries in C that ask the system
themselves, still get the system's.
"""

import hashlib
import itertools
import os
import random
from collections.abc import Callable
from typing import Any


class _Stream:
    """The system's randomness until it is seeded; afterwards what follows from the seed."""

    def __init__(self, system: Callable[[int], bytes]) -> None:
        self._system = system
        self._key: bytes | None = None
        self._blocks = itertools.count()
        self._forks = 0

    def seed(self, key: bytes) -> None:
        self._key = key
        self._blocks = itertools.count()

    def draw(self, size: int, /) -> bytes:
        if self._key is None or size < 0:
            return self._system(size)
        return hashlib.shake_256(self._key + next(self._blocks).to_bytes(8, "big")).digest(size)

    def before_fork(self) -> None:
        self._forks += 1

    def after_fork(self) -> None:
        """Processes that cells fork must not draw the same as their parent or each other."""
        if self._key is not None:
            self.seed(hashlib.sha256(self._key + self._forks.to_bytes(8, "big")).digest())


_stream = _Stream(os.urandom)


def install() -> None:
    """Take the system's place, in this process and those that it forks."""
    untyped: Any = random
    original = random.Random.seed

    def seed(self: random.Random, a: int | float | str | bytes | bytearray | None = None, version: int = 2) -> None:
        original(self, int.from_bytes(_stream.draw(32), "big") if a is None else a, version)

    seed.__doc__, seed.__module__, seed.__qualname__ = original.__doc__, original.__module__, original.__qualname__
    untyped.Random.seed = seed
    untyped.seed = untyped.seed.__self__.seed
    untyped._urandom = _stream.draw
    os.urandom = _stream.draw
    os.getrandom = lambda size, flags=0: _stream.draw(size)  # noqa: ARG005
    os.register_at_fork(before=_stream.before_fork, after_in_child=_stream.after_fork)


def reseed(seed: int) -> None:
    """From here on draw what follows from the seed."""
    _stream.seed(seed.to_bytes(8, "big"))
