"""The classes of data, by name: the only classes that a name from the workspace can mean in the examiner."""

import collections
import datetime as dt
import decimal
import enum
import fractions
import functools
import inspect
import io
import pathlib
import sys
import types
from typing import Any

from autograder.isolated.errors import BUILTIN

_BUILTINS = (
    *(bool, int, float, complex, str, bytes, bytearray, list, tuple, set, frozenset, dict, range, slice, object, type),
    memoryview,
)
_STANDARD: tuple[tuple[str, Any], ...] = (
    *(("collections", getattr(collections, name)) for name in ("OrderedDict", "Counter", "defaultdict", "deque")),
    *(("datetime", getattr(dt, name)) for name in ("date", "time", "datetime", "timedelta", "timezone")),
    ("decimal", decimal.Decimal),
    ("fractions", fractions.Fraction),
    ("inspect", inspect.Signature),
    ("inspect", inspect.Parameter),
    ("io", io.StringIO),
    ("io", io.BytesIO),
    *(("pathlib", getattr(pathlib, name)) for name in ("PosixPath", "PurePosixPath", "Path", "PurePath")),
    *(("enum", getattr(enum, name)) for name in ("Enum", "IntEnum", "Flag", "IntFlag", "StrEnum")),
    *(
        ("types", found)
        for name, found in vars(types).items()
        if isinstance(found, type) and name.endswith("Type") and name != "DynamicClassAttribute"
    ),
    *(("iterators", found) for found in (map, filter, zip, enumerate, reversed)),
    ("functools", functools.partial),
)
_NUMPY = ("ndarray", "generic", "dtype", "matrix", "number", "integer", "floating", "inexact", "complexfloating")
_PANDAS = (
    *("Series", "DataFrame", "Index", "RangeIndex", "MultiIndex", "DatetimeIndex", "CategoricalIndex", "Categorical"),
    *("Timestamp", "Timedelta", "Period", "TimedeltaIndex", "PeriodIndex"),
)

_BY_NAME: dict[tuple[str, str], type] = {
    **{("builtins", kind.__name__): kind for kind in _BUILTINS},
    **{("builtins", name): kind for name, kind in BUILTIN.items()},
    **{(module, kind.__name__): kind for module, kind in _STANDARD},
}
_BY_CLASS = {kind: name for name, kind in _BY_NAME.items()}


def name_of(kind: type) -> tuple[str, str] | None:
    """Module and name of a class of data; None if it is none."""
    found = _BY_CLASS.get(kind)
    if found is not None:
        return found
    for module in ("numpy", "pandas"):
        if kind.__module__.split(".")[0] == module and find(module, kind.__name__) is kind:
            return module, kind.__name__
    return None


def find(module: str, name: str) -> type | None:
    """The class of data of that name; None if there is none."""
    found = _BY_NAME.get((module, name))
    if found is not None:
        return found
    library = sys.modules.get(module) if module in {"numpy", "pandas"} else None
    if library is None or not name.isidentifier():
        return None
    candidate: Any = vars(library).get(name)
    if not isinstance(candidate, type):
        return None
    if module == "numpy":
        return candidate if name in _NUMPY or issubclass(candidate, library.generic) else None
    return candidate if name in _PANDAS else None
