"""NumPy arrays and pandas frames as nodes of the data format, and back.

1. An array is its element type, its shape and its bytes; nothing is believed: the type has no objects in it, and the
   number of bytes is what type and shape say.
2. An array of objects is its shape and its elements, each encoded by itself.
3. A series or frame is its labels and its columns. The dtypes of pandas that are no NumPy dtypes are rebuilt from a
   closed list of names.

The functions take ``pack`` and ``unpack``, which encode and decode single values. NumPy is imported by the first array:
a course without arrays has smaller processes.
"""

import math
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograder.engine.protocol import ProtocolError

if TYPE_CHECKING:
    import numpy as np

Pack = Callable[[Any], Any]

_MAX_ITEMSIZE = 1 << 20
_MAX_DIMENSIONS = 32
_SIMPLE = re.compile(r"[<>|=]?(b1|[iu][1248]|f(2|4|8|16)|c(8|16|32)|[SUV]\d{1,6}|[Mm]8(\[\d{0,6}[a-zA-Zμ]{0,3}\])?)")
_NAMED = re.compile(r"(Int|UInt)(8|16|32|64)|Float(32|64)|boolean|str|string(\[python\])?")


def describe_dtype(dtype: "np.dtype[Any]") -> Any:
    """The element type as a text, or as a list of fields; raises TypeError if it holds objects."""
    if dtype.hasobject:
        raise TypeError("an element type with objects in it")
    if dtype.names is None:
        return ["sub", describe_dtype(dtype.base), list(dtype.shape)] if dtype.shape else dtype.str
    return [[name, describe_dtype(dtype[name])] for name in dtype.names]


def read_dtype(described: Any, depth: int = 0) -> "np.dtype[Any]":
    """The element type that was described."""
    import numpy as np

    if depth > 8:
        raise ProtocolError("an element type nested too deeply")
    if isinstance(described, str):
        if not _SIMPLE.fullmatch(described):
            raise ProtocolError("no element type")
        dtype = np.dtype(described)
    elif isinstance(described, list) and len(described) == 3 and described[0] == "sub":
        dtype = np.dtype((read_dtype(described[1], depth + 1), _shape(described[2])))
    elif isinstance(described, list) and all(isinstance(field, list) and len(field) == 2 for field in described):
        dtype = np.dtype([(_text(name), read_dtype(kind, depth + 1)) for name, kind in described])
    else:
        raise ProtocolError("no element type")
    if dtype.hasobject or dtype.itemsize > _MAX_ITEMSIZE:
        raise ProtocolError("no element type that is allowed")
    return dtype


def pack_array(array: Any, pack: Pack) -> list[Any]:
    """``["array", dtype, shape, bytes, order]`` or ``["objects", shape, elements]``; TypeError if neither fits."""
    import numpy as np

    array = np.asarray(array)
    if array.dtype == object:
        return ["objects", list(array.shape), [pack(item) for item in array.ravel().tolist()]]
    described = describe_dtype(array.dtype)
    order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
    return ["array", described, list(array.shape), array.tobytes(order), order]


def unpack_array(node: list[Any], unpack: Pack) -> Any:
    """The array in a node, which the caller may write to."""
    import numpy as np

    if node[0] == "objects":
        _, shape, items = node
        array = np.empty(_shape(shape), dtype=object)
        if not isinstance(items, list) or len(items) != array.size:
            raise ProtocolError("an array of objects of another size than its shape")
        flat = array.reshape(-1)
        for position, item in enumerate(items):
            flat[position] = unpack(item)
        return array
    _, described, shape, data, order = node
    dtype, shape = read_dtype(described), _shape(shape)
    if not isinstance(data, bytes) or math.prod(shape) * dtype.itemsize != len(data) or order not in {"C", "F"}:
        raise ProtocolError("an array of another length than its shape")
    if not data:
        return np.empty(shape, dtype)
    # a writable copy that owns its memory, and no view of another one: what refers to it can then be counted
    array = np.empty(shape, dtype, order=order)
    array[...] = np.ndarray(shape, dtype, data, order=order)
    return _true_booleans(array)


def _true_booleans(array: Any) -> Any:
    """The array, in which no truth value is anything but 0 or 1."""
    import numpy as np

    if array.dtype == np.bool_:
        raw = array.view(np.uint8)
        np.minimum(raw, 1, out=raw)
    elif array.dtype.names is not None:
        for name in array.dtype.names:
            _true_booleans(array[name])
    return array


def unpack_scalar(described: Any, data: Any) -> Any:
    """A NumPy scalar."""
    return unpack_array(["array", described, [1], data, "C"], lambda _: None)[0]


def _shape(shape: Any) -> tuple[int, ...]:
    if not isinstance(shape, list) or len(shape) > _MAX_DIMENSIONS:
        raise ProtocolError("no shape")
    if not all(type(length) is int and 0 <= length < 1 << 40 for length in shape):
        raise ProtocolError("no shape")
    return tuple(shape)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ProtocolError("a name that is no text")
    return value


# --- pandas -----------------------------------------------------------------------------------------------------------


def pack_column(values: Any, pack: Pack) -> list[Any]:
    """The values of a column or of labels; raises TypeError if their dtype does not cross."""
    import numpy as np

    dtype = values.dtype
    if isinstance(dtype, np.dtype):
        return pack_array(np.asarray(values), pack)
    name = type(dtype).__name__
    if name == "NumpyEADtype":
        return pack_array(values.to_numpy(), pack)
    if name == "CategoricalDtype":
        codes = np.asarray(values.codes)
        return ["category", pack_array(codes, pack), pack_index(values.categories, pack), bool(values.ordered)]
    if name == "DatetimeTZDtype":
        return ["instants", str(dtype.unit), str(dtype.tz), pack_array(np.asarray(values.asi8), pack)]
    if name == "PeriodDtype":
        return ["periods", str(dtype)[7:-1], pack_array(np.asarray(values.asi8), pack)]
    if _NAMED.fullmatch(str(dtype)):
        return ["named", str(dtype), pack_array(np.asarray(values, dtype=object), pack)]
    raise TypeError(f"a column of {dtype} does not cross")


def unpack_column(node: Any, unpack: Pack) -> Any:
    """The values that were packed."""
    import pandas as pd

    match node:
        case ["array" | "objects", *_]:
            return unpack_array(node, unpack)
        case ["category", codes, categories, bool() as ordered]:
            found = unpack_index(categories, unpack)
            return pd.Categorical.from_codes(unpack_array(codes, unpack), categories=found, ordered=ordered)
        case ["instants", str() as unit, str() as zone, asi8] if unit in {"s", "ms", "us", "ns"}:
            instants = unpack_array(asi8, unpack).astype("i8").view(f"M8[{unit}]")
            return pd.DatetimeIndex(instants).tz_localize("UTC").tz_convert(zone).array
        case ["periods", str() as frequency, asi8] if len(frequency) < 20:
            return pd.arrays.PeriodArray(unpack_array(asi8, unpack).astype("i8"), dtype=pd.PeriodDtype(frequency))
        case ["named", str() as name, values] if _NAMED.fullmatch(name):
            return pd.array(unpack_array(values, unpack), dtype=name)
        case _:
            raise ProtocolError("no column")


def pack_index(index: Any, pack: Pack) -> list[Any]:
    """Labels of rows or columns."""
    kind = type(index).__name__
    if kind == "RangeIndex":
        return ["range", index.start, index.stop, index.step, pack(index.name)]
    if kind == "MultiIndex":
        levels = [pack_index(index.get_level_values(level), pack) for level in range(index.nlevels)]
        return ["multi", levels]
    if kind not in {"Index", "DatetimeIndex", "TimedeltaIndex", "CategoricalIndex", "PeriodIndex"}:
        raise TypeError(f"labels of the kind {kind} do not cross")
    frequency = getattr(index, "freqstr", None) if kind in {"DatetimeIndex", "TimedeltaIndex"} else None
    return ["labels", pack_column(index.array, pack), pack(index.name), frequency]


def unpack_index(node: Any, unpack: Pack) -> Any:
    """The labels that were packed."""
    import numpy as np
    import pandas as pd

    match node:
        case ["range", int() as start, int() as stop, int() as step, name]:
            return pd.RangeIndex(start, stop, step, name=unpack(name))
        case ["multi", [_, *_] as levels] if len(levels) < 20:
            return pd.MultiIndex.from_arrays([unpack_index(level, unpack) for level in levels])
        case ["labels", column, name, frequency] if frequency is None or isinstance(frequency, str):
            values = unpack_column(column, unpack)
            dtype = object if isinstance(values, np.ndarray) and values.dtype == object else None
            index = pd.Index(values, name=unpack(name), dtype=dtype)
            if frequency is not None and len(frequency) < 20:
                index.freq = frequency  # checked by pandas against the values
            return index
        case _:
            raise ProtocolError("no labels")


def pack_series(series: Any, pack: Pack) -> list[Any]:
    """A series: name, labels and values."""
    return [pack(series.name), pack_index(series.index, pack), pack_column(series.array, pack)]


def unpack_series(content: Any, unpack: Pack) -> Any:
    """The series that was packed."""
    import pandas as pd

    name, index, column = content
    return pd.Series(_kept(unpack_column(column, unpack)), index=unpack_index(index, unpack), name=unpack(name))


def pack_frame(frame: Any, pack: Pack) -> list[Any]:
    """A frame: the labels of its columns and rows, and the columns."""
    columns = [pack_column(frame.iloc[:, position].array, pack) for position in range(frame.shape[1])]
    return [pack_index(frame.columns, pack), pack_index(frame.index, pack), columns]


def unpack_frame(content: Any, unpack: Pack) -> Any:
    """The frame that was packed."""
    import pandas as pd

    labels, index, columns = content
    rows = unpack_index(index, unpack)
    values = [_kept(unpack_column(column, unpack)) for column in columns]
    frame = pd.DataFrame(dict(enumerate(values)), index=rows)
    frame.columns = unpack_index(labels, unpack)
    return frame


def _kept(values: Any) -> Any:
    """Values of which pandas does not guess the type anew."""
    import numpy as np
    import pandas as pd

    return (
        pd.Series(values, dtype=object).array if isinstance(values, np.ndarray) and values.dtype == object else values
    )


def pandas_kind(value: object) -> str | None:
    """What a value of exactly a class of pandas is: "series", "frame", "index"; None for everything else."""
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return None
    kind = type(value)
    if kind is pandas.Series:
        return "series"
    if kind is pandas.DataFrame:
        return "frame"
    return "index" if isinstance(value, pandas.Index) and kind.__module__.split(".")[0] == "pandas" else None
