"""What may be asked of an object in the workspace: a closed list of operations, each a small function."""

import copy
import importlib
import inspect
import math
import operator
import sys
from collections.abc import Callable
from typing import Any

# Operators with two operands, by the name of their special method without the underscores.
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "matmul": operator.matmul,
    "truediv": operator.truediv,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
    "divmod": divmod,
    "pow": operator.pow,
    "lshift": operator.lshift,
    "rshift": operator.rshift,
    "and": operator.and_,
    "or": operator.or_,
    "xor": operator.xor,
}
IN_PLACE: dict[str, Callable[[Any, Any], Any]] = {
    name: getattr(operator, f"i{name}") for name in BINARY if name != "divmod"
}
ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
UNARY: dict[str, Callable[[Any], Any]] = {
    "neg": operator.neg,
    "pos": operator.pos,
    "invert": operator.invert,
    "abs": abs,
}
CONVERSIONS: dict[str, Callable[..., Any]] = {
    "int": int,
    "float": float,
    "complex": complex,
    "index": operator.index,
    "round": round,
    "trunc": math.trunc,
    "floor": math.floor,
    "ceil": math.ceil,
    "bytes": bytes,
    "fspath": lambda value: value.__fspath__(),
}


def _call(function: Any, arguments: Any, keywords: Any) -> Any:
    return function(*arguments, **dict(keywords))


def _hash(value: Any) -> int:
    return hash(value)


def _leave(manager: Any, kind: Any, error: Any) -> bool:
    return bool(type(manager).__exit__(manager, kind, error, None))


def _import(name: str) -> Any:
    return importlib.import_module(name)


def _library(module: str, name: str, arguments: Any, keywords: Any) -> Any:
    found = operator.attrgetter(name)(sys.modules.get(module) or importlib.import_module(module))
    return found(*arguments, **dict(keywords))


OPERATIONS: dict[str, Callable[..., Any]] = {
    "call": _call,
    "get": getattr,
    "set": setattr,
    "delete": delattr,
    "item": operator.getitem,
    "set item": operator.setitem,
    "delete item": operator.delitem,
    "len": len,
    "length hint": operator.length_hint,
    "iter": iter,
    "reversed": reversed,
    "next": next,
    "str": str,
    "repr": repr,
    "format": format,
    "hash": _hash,
    "bool": bool,
    "dir": dir,
    "vars": vars,
    "eq": operator.eq,
    "ne": operator.ne,
    "contains": operator.contains,
    "enter": lambda manager: type(manager).__enter__(manager),
    "leave": _leave,
    "copy": copy.copy,
    "deep copy": copy.deepcopy,
    "signature": inspect.signature,
    "import": _import,
    "library": _library,
    **{f"binary {name}": function for name, function in BINARY.items()},
    **{f"in place {name}": function for name, function in IN_PLACE.items()},
    **{f"order {name}": function for name, function in ORDER.items()},
    **{f"unary {name}": function for name, function in UNARY.items()},
    **{f"convert {name}": function for name, function in CONVERSIONS.items()},
}

# The special methods that the examiner has rules for; a class is described by those of them that it has.
SPECIAL: tuple[str, ...] = (
    *(f"__{prefix}{name}__" for name in BINARY for prefix in ("", "r")),
    *(f"__i{name}__" for name in IN_PLACE),
    *(f"__{name}__" for name in (*ORDER, *UNARY, *CONVERSIONS)),
    *("__call__", "__getitem__", "__setitem__", "__delitem__", "__len__", "__iter__", "__next__", "__reversed__"),
    *("__contains__", "__bool__", "__hash__", "__enter__", "__exit__", "__length_hint__"),
    *("__init__", "__str__", "__repr__", "__format__", "__eq__", "__ne__"),
)

_DATA = frozenset({object, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, bool})


def special_methods(kind: type) -> list[str]:
    """Those of ``SPECIAL`` that a class has, its own and inherited ones, except those of data types."""
    found = []
    for name in SPECIAL:
        owner = next((base for base in type.__dict__["__mro__"].__get__(kind) if name in vars(base)), object)
        if owner not in _DATA and vars(owner)[name] is not None:
            found.append(name)
        elif owner not in _DATA and name == "__hash__":
            found.append("unhashable")
    return found
