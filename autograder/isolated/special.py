"""The special methods of stand-ins: what Python does with an object, one rule for each.

==============================================  ======================================================================
a test does                                     and gets
==============================================  ======================================================================
``d + e``, ``d < e``, ``d == e``, ``e in d``    both of the submission: whatever the learner's methods say
``d + 3``, ``3 + d``, ``d += 3``                a stand-in, never plain data; *derived* unless its class is expected
``d < 3``                                       TypeError
``d == 3``                                      False
``3 in d``                                      d is gone through and compared here; TypeError if that is impossible
``-d``, ``abs(d)``                              what the learner's method says; of a derived one a derived one
``float(d)``, ``round(d, 2)``, ``d[0]``,        what the learner's method says, which does not see what it will be
``len(d)``, ``iter(d)``, ``str(d)``, ``d()``    compared with; TypeError for a derived one
``hash(d)``                                     the learner's, if the class has one
``with d``                                      the learner's; but it cannot suppress what the test's assertions raise
==============================================  ======================================================================

A method is there only if the learner's class has it, so ``callable(d)`` and ``len(d)`` fail where they should.
"""

import opcode
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

from autograder.isolated.classes import (
    DataStandIn,
    class_name,
    exactly,
    is_derived,
    is_stand_in,
    reference,
    whole,
)
from autograder.isolated.messages import ClassInfo
from autograder.isolated.operations import BINARY, CONVERSIONS, IN_PLACE, ORDER, UNARY

_RAISE = opcode.opmap["RAISE_VARARGS"]
Method = Callable[..., Any]


def methods(info: ClassInfo, operators: bool) -> dict[str, Any]:
    """The special methods of the stand-in class; ``operators`` only where the learner's count."""
    found = {name: _METHODS[name] for name in info.special if name in _METHODS}
    if "unhashable" in info.special:
        found["__hash__"] = None
    if not operators:
        found = {name: method for name, method in found.items() if name in _HARMLESS}
    return dict(found)


_HARMLESS = frozenset({"__init__", "__call__", "__enter__", "__exit__"})


class _Initializer:
    """``d.__init__``, which a test may ask for its text or its signature; it is never run here."""

    def __get__(self, instance: Any, owner: type) -> Any:
        return object.__init__ if instance is None else whole(instance).remote.ask("get", instance, "__init__")


def _operate(operation: str, left: Any, right: Any) -> Any:
    """An operator with two operands, at least one of which is of the submission."""
    mixed = not (is_stand_in(left) and is_stand_in(right)) or is_derived(left) or is_derived(right)
    remote = reference(left if is_stand_in(left) else right).remote
    return remote.ask(operation, left, right, derived=mixed)


def _binary(name: str) -> Method:
    return lambda self, other, *_: _operate(f"binary {name}", self, other)


def _reflected(name: str) -> Method:
    return lambda self, other, *_: _operate(f"binary {name}", other, self)


def _in_place(name: str) -> Method:
    return lambda self, other: _operate(f"in place {name}", self, other)


def _order(name: str) -> Method:
    def compare(self: Any, other: Any) -> Any:
        if not is_stand_in(other) or is_derived(self) or is_derived(other):
            kind = class_name(self)
            raise TypeError(f"an object of the submission ({kind}) is not compared with a {type(other).__name__}")
        return reference(self).remote.ask(f"order {name}", self, other)

    return compare


def _unary(name: str) -> Method:
    return lambda self: reference(self).remote.ask(f"unary {name}", self, derived=is_derived(self))


def _convert(name: str) -> Method:
    kind: Any = {"int": int, "float": float, "complex": complex, "index": int, "bytes": bytes, "fspath": str}.get(name)

    def convert(self: Any, *arguments: Any) -> Any:
        found = whole(self).remote.ask(f"convert {name}", self, *arguments)
        return found if kind is None else exactly(kind, found)

    return convert


def _ask(operation: str) -> Method:
    return lambda self, *operands: whole(self).remote.ask(operation, self, *operands)


def _call(self: Any, *arguments: Any, **keywords: Any) -> Any:
    return whole(self).remote.ask("call", self, arguments, tuple(keywords.items()))


def _length(self: Any) -> int:
    return exactly(int, whole(self).remote.ask("len", self))  # type: ignore[no-any-return]


def _hash(self: Any) -> int:
    return exactly(int, whole(self).remote.ask("hash", self))  # type: ignore[no-any-return]


def _contains(self: Any, item: Any) -> bool:
    """Whether the item is in the container; no ``__contains__`` sees what a test looks for."""
    if is_stand_in(item):
        return bool(exactly(bool, whole(self).remote.ask("contains", self, item)))
    try:
        return any(one is item or one == item for one in _items(self))
    except TypeError as error:
        name = class_name(self)
        raise TypeError(f"whether plain data is in an object of the submission ({name}) cannot be told") from error


def _items(self: Any) -> Iterator[Any]:
    return iter(self)


def _leave(
    self: Any, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
) -> bool:
    suppress = whole(self).remote.ask("leave", self, kind, error)
    return suppress is True and error is not None and _may_be_suppressed(error, trace)


def _may_be_suppressed(error: BaseException, trace: TracebackType | None) -> bool:
    """Whether a learner's context manager may keep an exception to itself.

    It may if learner code raised it, or a ``raise`` of the test did. An assertion that failed, or an error that an
    expression of the test met with, is the test's verdict.
    """
    if isinstance(error, AssertionError):
        return False
    if isinstance(error, DataStandIn) or getattr(error, "_cw_from_workspace", False) is True:
        return True
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code.co_code[trace.tb_lasti] == _RAISE


_METHODS: dict[str, Any] = {
    "__init__": _Initializer(),
    **{f"__{name}__": _binary(name) for name in BINARY},
    **{f"__r{name}__": _reflected(name) for name in BINARY},
    **{f"__i{name}__": _in_place(name) for name in IN_PLACE},
    **{f"__{name}__": _order(name) for name in ORDER},
    **{f"__{name}__": _unary(name) for name in UNARY},
    **{f"__{name}__": _convert(name) for name in CONVERSIONS},
    "__call__": _call,
    "__getitem__": _ask("item"),
    "__setitem__": _ask("set item"),
    "__delitem__": _ask("delete item"),
    "__len__": _length,
    "__length_hint__": lambda self: exactly(int, whole(self).remote.ask("length hint", self)),
    "__iter__": _ask("iter"),
    "__reversed__": _ask("reversed"),
    "__next__": _ask("next"),
    "__contains__": _contains,
    "__hash__": _hash,
    "__enter__": _ask("enter"),
    "__exit__": _leave,
}
