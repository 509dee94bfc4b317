"""Exceptions that cross.

An exception is its class, its arguments when they are data, and its bounded text. Python's own classes are in the table
below; no class is looked up by name anywhere else than there. ``["raised", class, arguments, text, object, origin]``:
``object`` refers to the exception on the side where it was raised, ``origin`` to one of the other side that came back.
"""

import builtins
from typing import Any

from autograder.isolated.messages import MAX_TEXT

BUILTIN: dict[str, type[BaseException]] = {
    name: found
    for name, found in vars(builtins).items()
    if isinstance(found, type) and issubclass(found, BaseException) and found.__name__ == name
}


def text_of(error: BaseException) -> str:
    """The text of an exception, bounded, whatever its ``__str__`` does."""
    try:
        return str.__str__(str(error))[:MAX_TEXT].encode("utf-8", "replace").decode()  # no lone surrogates
    except BaseException:  # noqa: BLE001 - a learner's __str__ may raise anything
        return ""


def build(kind: type[BaseException], arguments: tuple[Any, ...]) -> BaseException:
    """An exception of a trusted class with these arguments, made without more code of the class than needed."""
    if kind.__module__ == "builtins" and kind.__name__ not in {"ExceptionGroup", "BaseExceptionGroup"}:
        try:
            return kind(*arguments)
        except (TypeError, ValueError):
            pass  # UnicodeDecodeError and the like insist on certain arguments
    if issubclass(kind, BaseExceptionGroup):
        return RuntimeError(*arguments)
    made = kind.__new__(kind, *arguments) if kind.__module__ == "builtins" and _accepts(kind) else kind.__new__(kind)
    made.args = arguments
    return made


def _accepts(kind: type[BaseException]) -> bool:
    return not issubclass(kind, UnicodeError)
