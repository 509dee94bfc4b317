"""The states of ``random`` and ``numpy.random``, as numbers that cross.

A test that calls ``np.random.seed(0)`` means the generator that the learner's function then uses, and the other way
round.
"""

import array
import random
import sys
from typing import Any

from autograder.engine.protocol import ProtocolError

_WORDS = 625


def snapshot() -> tuple[Any, ...]:
    """The states as they are now, to compare; NumPy's only where it is imported."""
    generators = sys.modules.get("numpy.random")
    if generators is None:
        return (random.getstate(),)
    name, key, position, has_gauss, cached = generators.get_state()
    return random.getstate(), (name, key.tobytes(), int(position), int(has_gauss), float(cached))


def described(states: tuple[Any, ...]) -> list[Any]:
    """The states, as they cross."""
    (version, words, gauss), *numpy = states
    return [version, array.array("I", words).tobytes(), gauss, *(list(one) for one in numpy)]


def restore(found: list[Any]) -> None:
    """Set the states.

    Raises:
        ProtocolError: they are none.
    """
    match found:
        case [3, bytes() as words, None | float() as gauss, *rest] if len(words) == _WORDS * 4:
            numbers = array.array("I", words)
            if numbers[-1] > _WORDS - 1:
                raise ProtocolError("no state of a generator")
            random.setstate((3, tuple(numbers), gauss))
        case _:
            raise ProtocolError("no state of a generator")
    generators = sys.modules.get("numpy.random")
    match rest:
        case [["MT19937", bytes() as key, int() as position, int() as has_gauss, float() as cached]] if generators:
            if len(key) != (_WORDS - 1) * 4 or not 0 <= position < _WORDS:
                raise ProtocolError("no state of a generator")
            numbers = sys.modules["numpy"].frombuffer(key, "u4")
            generators.set_state(("MT19937", numbers, position, has_gauss, cached))
        case _:
            return  # one side has NumPy, the other has not
