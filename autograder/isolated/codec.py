"""The closed data format: what crosses by value, and how it is written.

1. None, truth values, floats, texts, bytes and integers of up to 64 bits are themselves; everything else is a list
   whose first element, a tag, says what it is. There is no other way to say anything: nothing is imported, called or
   constructed by a name from the other side.
2. Only values of *exactly* a data type are data. Of a value of a subclass the base value crosses, see ``foreign``.
3. Mutable data crosses as a handle, with its state beside it (:mod:`autograder.isolated.shared`).
4. What is no data at all is left to ``foreign``, which each side has its own of.
5. Decoding is bounded in depth, and every number, name and length is checked before it is used.
"""

import dataclasses
import datetime as dt
import inspect
import pathlib
import re
import sys
import zoneinfo
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from types import EllipsisType, NotImplementedType
from typing import Any, Protocol

from autograder.engine.protocol import ProtocolError
from autograder.isolated import arrays, dataclass_fields
from autograder.isolated.messages import MAX_TEXT
from autograder.isolated.shared import SHARED, Shared

_MAX_DEPTH = 150
_MAX_INTEGER_BYTES = 1 << 20
_ITSELF = (bool, float, type(None), bytes)
_DECIMAL = re.compile(r"-?(\d{1,100000}(\.\d*)?([eE][+-]?\d{1,18})?|\.\d+|Infinity|s?NaN\d*)([eE][+-]?\d{1,18})?")


class NotTransferableError(TypeError):
    """The value is no data, and this side does not hand out references to such things."""


class Foreign(Protocol):
    """How one side treats what is no data."""

    def pack(self, value: Any) -> Any:
        """A node that refers to the value; raises NotTransferableError."""

    def pack_subclass(self, value: Any) -> list[Any] | None:
        """``[class, object]`` of a value whose class is derived from a data type; None if it counts as the base."""

    def unpack(self, node: list[Any]) -> Any:
        """What a node with a tag that the format does not have refers to; raises ProtocolError."""

    def as_subclass(self, base: Any, origin: list[Any]) -> Any:
        """The base value, as a value of the class that :meth:`pack_subclass` told of."""

    def original(self, value: Any) -> list[Any] | None:
        """The node of a value that came from the other side and is only known by reference."""


class Codec:
    """Encodes and decodes the values of one side."""

    def __init__(self, foreign: Foreign, *, first_handle: int) -> None:
        self.foreign = foreign
        self.shared = Shared(self.pack, self.unpack, foreign, first_handle=first_handle)
        self._depth = 0

    def pack(self, value: Any) -> Any:
        """The node for a value."""
        kind = type(value)
        if kind in _ITSELF:
            return value
        packer = _PACKERS.get(kind)
        if packer is not None:
            return packer(self, value)
        original = self.foreign.original(value)
        if original is not None:
            return original
        is_shared = kind in SHARED or arrays.pandas_kind(value) in {"series", "frame"}
        return self.shared.refer(value) if is_shared else self._pack_other(value)

    def _pack_other(self, value: Any) -> Any:
        node = _pack_numpy(self, value) or _pack_pandas(self, value) or _pack_zone(value)
        if node is not None:
            return node
        if isinstance(value, _SUBCLASSABLE):
            return self._pack_subclass(value, self.foreign.pack_subclass(value))
        if self.shared.is_shareable(value):
            return self.shared.refer(value)
        return self.foreign.pack(value)

    def _pack_subclass(self, value: Any, origin: list[Any] | None) -> Any:
        for base in _SUBCLASSABLE:
            if isinstance(value, base):
                node = self.pack(_base_value(base, value))
                return node if origin is None else ["as", origin, node]
        raise NotTransferableError(type(value).__name__)

    def unpack(self, node: Any) -> Any:
        """The value in a node."""
        if not isinstance(node, list):
            return _as_written(node) if type(node) is str else node
        if not node or not isinstance(node[0], str):
            raise ProtocolError("a list without a tag")
        self._depth += 1
        try:
            if self._depth > _MAX_DEPTH:
                raise ProtocolError("data nested too deeply")
            unpacker = _UNPACKERS.get(node[0])
            return self.foreign.unpack(node) if unpacker is None else unpacker(self, node)
        except ProtocolError:
            raise
        except (TypeError, ValueError, KeyError, IndexError, ArithmeticError, AttributeError, OSError) as error:
            raise ProtocolError(f"malformed data ({node[0][:20]}): {type(error).__name__}") from error
        finally:
            self._depth -= 1


def _integer_node(value: int) -> Any:
    if -(1 << 63) <= value < 1 << 64:
        return value
    return ["int", value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)]


def _text_node(value: str) -> Any:
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return ["text", value.encode("utf-8", "surrogatepass")]
    return value


def _as_written(text: str) -> str:
    """The text; short names are one object wherever they stand in code, and some answers say ``kind is "mean"``."""
    return sys.intern(text) if len(text) < 40 and text.isidentifier() else text


_SUBCLASSABLE: tuple[type, ...] = (int, float, complex, str, bytes, tuple, frozenset, Decimal, Fraction)
_PLAIN: dict[type, Callable[[Any], Any]] = {
    int: int.__int__,
    float: float.__float__,
    complex: lambda value: complex(complex.real.__get__(value), complex.imag.__get__(value)),
    str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    Decimal: lambda value: Decimal(Decimal.__str__(value)),
    Fraction: lambda value: Fraction(value.numerator, value.denominator),
}


def _base_value(base: type, value: Any) -> Any:
    """The value as one of exactly its data type, made without the methods of its own class."""
    plain = _PLAIN[base](value)
    if type(plain) is not base:
        raise NotTransferableError(f"a {base.__name__} that cannot be read")
    return plain


# --- exactly these types ----------------------------------------------------------------------------------------------


def _pack_time(value: Any) -> list[Any]:
    zone = value.tzinfo
    return [
        value.replace(tzinfo=None, fold=0).isoformat(),
        value.fold,
        None if zone is None else _pack_zone(zone),
    ]


def _pack_zone(zone: Any) -> Any:
    if type(zone) is dt.timezone:
        return ["offset", zone.utcoffset(None).total_seconds()]
    if isinstance(zone, zoneinfo.ZoneInfo) and zone.key:
        return ["zone", zone.key]
    return None


def _unpack_zone(node: list[Any]) -> dt.tzinfo:
    match node:
        case ["offset", float() as seconds] if abs(seconds) < 86400:
            return dt.UTC if seconds == 0 else dt.timezone(dt.timedelta(seconds=seconds))
        case ["zone", str() as key] if len(key) < 100:
            try:
                return zoneinfo.ZoneInfo(key)
            except zoneinfo.ZoneInfoNotFoundError as error:
                raise ProtocolError("no time zone") from error
        case _:
            raise ProtocolError("no time zone")


def _unpack_time(kind: Any, node: list[Any]) -> Any:
    _, text, fold, zone = node
    found = kind.fromisoformat(text)
    return found.replace(tzinfo=None if zone is None else _unpack_zone(zone), fold=fold)


def _pack_signature(codec: Codec, signature: inspect.Signature) -> list[Any]:
    parameters = [
        [one.name, int(one.kind), *([codec.pack(one.default)] if one.default is not one.empty else [])]
        for one in signature.parameters.values()
    ]
    annotations = [
        [name, codec.pack(annotation)]
        for name, annotation in [
            *((one.name, one.annotation) for one in signature.parameters.values()),
            ("return", signature.return_annotation),
        ]
        if annotation is not inspect.Signature.empty
    ]
    return ["signature", parameters, annotations]


def _unpack_signature(codec: Codec, node: list[Any]) -> inspect.Signature:
    _, parameters, packed = node
    annotations = {name: codec.unpack(annotation) for name, annotation in packed}
    nothing = inspect.Parameter.empty
    return inspect.Signature(
        [
            inspect.Parameter(
                name,
                inspect._ParameterKind(kind),
                default=codec.unpack(default[0]) if default else nothing,
                annotation=annotations.get(name, nothing),
            )
            for name, kind, *default in parameters
        ],
        return_annotation=annotations.get("return", nothing),
    )


def _sorted(codec: Codec, values: Any) -> list[Any]:
    """The nodes of an unordered collection, in an order that both sides find."""
    return sorted((codec.pack(value) for value in values), key=repr)


def _delta(node: list[Any]) -> dt.timedelta:
    days, seconds, microseconds = node[1:]
    return dt.timedelta(days=days, seconds=seconds, microseconds=microseconds)


def _integer(_: Codec, node: list[Any]) -> int:
    data = node[1]
    if not isinstance(data, bytes) or len(data) > _MAX_INTEGER_BYTES:
        raise ProtocolError("no integer")
    return int.from_bytes(data, "little", signed=True)


def _whole(codec: Codec, node: Any) -> int:
    value = codec.unpack(node)
    if type(value) is not int:
        raise ProtocolError("a number that is no integer")
    return value


def _decimal(text: Any) -> Decimal:
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        raise ProtocolError("no decimal number")
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ProtocolError("no decimal number") from error


def _complex(node: list[Any]) -> complex:
    _, real, imaginary = node
    if type(real) is not float or type(imaginary) is not float:
        raise ProtocolError("no complex number")
    return complex(real, imaginary)


def _path(node: list[Any]) -> pathlib.PurePath:
    _, pure, text = node
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise ProtocolError("no path")
    return pathlib.PurePosixPath(text) if pure else pathlib.PosixPath(text)


_PACKERS: dict[type, Callable[[Codec, Any], Any]] = {
    int: lambda _, value: _integer_node(value),
    str: lambda _, value: _text_node(value),
    tuple: lambda codec, value: ["tuple", [codec.pack(item) for item in value]],
    frozenset: lambda codec, value: ["frozenset", _sorted(codec, value)],
    complex: lambda _, value: ["complex", value.real, value.imag],
    range: lambda codec, value: ["range", *(codec.pack(one) for one in (value.start, value.stop, value.step))],
    slice: lambda codec, value: ["slice", *(codec.pack(one) for one in (value.start, value.stop, value.step))],
    EllipsisType: lambda *_: ["..."],
    NotImplementedType: lambda *_: ["not implemented"],
    Decimal: lambda _, value: ["decimal", str(value)],
    Fraction: lambda codec, value: ["fraction", codec.pack(value.numerator), codec.pack(value.denominator)],
    dt.datetime: lambda _, value: ["datetime", *_pack_time(value)],
    dt.time: lambda _, value: ["time", *_pack_time(value)],
    dt.date: lambda _, value: ["date", value.isoformat()],
    dt.timedelta: lambda _, value: ["delta", value.days, value.seconds, value.microseconds],
    type({}.keys()): lambda codec, value: ["keys", [codec.pack(item) for item in value]],
    type({}.values()): lambda codec, value: ["values", [codec.pack(item) for item in value]],
    type({}.items()): lambda codec, value: ["items", [codec.pack(item) for item in value]],
    inspect.Signature: _pack_signature,
    dataclasses.Field: lambda codec, value: dataclass_fields.pack_field(value, codec.pack),
    pathlib.PosixPath: lambda codec, value: ["path", False, codec.pack(str(value))],
    pathlib.PurePosixPath: lambda codec, value: ["path", True, codec.pack(str(value))],
}

_UNPACKERS: dict[str, Callable[[Codec, list[Any]], Any]] = {
    "int": _integer,
    "text": lambda _, node: node[1].decode("utf-8", "surrogatepass"),
    "tuple": lambda codec, node: tuple([codec.unpack(item) for item in node[1]]),
    "frozenset": lambda codec, node: frozenset([codec.unpack(item) for item in node[1]]),
    "complex": lambda _, node: _complex(node),
    "range": lambda codec, node: range(*(_whole(codec, one) for one in node[1:4])),
    "slice": lambda codec, node: slice(*(codec.unpack(one) for one in node[1:4])),
    "...": lambda *_: ...,
    "not implemented": lambda *_: NotImplemented,
    "decimal": lambda _, node: _decimal(node[1]),
    "fraction": lambda codec, node: Fraction(_whole(codec, node[1]), _whole(codec, node[2])),
    "datetime": lambda _, node: _unpack_time(dt.datetime, node),
    "time": lambda _, node: _unpack_time(dt.time, node),
    "date": lambda _, node: dt.date.fromisoformat(node[1]),
    "delta": lambda _, node: _delta(node),
    "offset": lambda _, node: _unpack_zone(node),
    "zone": lambda _, node: _unpack_zone(node),
    "keys": lambda codec, node: {codec.unpack(item): None for item in node[1]}.keys(),
    "values": lambda codec, node: dict(enumerate([codec.unpack(item) for item in node[1]])).values(),
    "items": lambda codec, node: dict([codec.unpack(item) for item in node[1]]).items(),
    "signature": _unpack_signature,
    "field": lambda codec, node: dataclass_fields.unpack_field(node, codec.unpack),
    "path": lambda _, node: _path(node),
    "shared": lambda codec, node: codec.shared.find(node[1]),
    "as": lambda codec, node: codec.foreign.as_subclass(codec.unpack(node[2]), node[1]),
    "dtype": lambda _, node: arrays.read_dtype(node[1]),
    "scalar": lambda _, node: arrays.unpack_scalar(node[1], node[2]),
    "array": lambda codec, node: _frozen(arrays.unpack_array(node, codec.unpack)),
    "objects": lambda codec, node: _frozen(arrays.unpack_array(node, codec.unpack)),
    "index": lambda codec, node: arrays.unpack_index(node[1], codec.unpack),
    "timestamp": lambda _, node: _pandas_time("Timestamp", node),
    "timedelta": lambda _, node: _pandas_time("Timedelta", node),
    "period": lambda _, node: _period(node),
    "nat": lambda *_: _pandas().NaT,
    "na": lambda *_: _pandas().NA,
}


# --- NumPy and pandas -------------------------------------------------------------------------------------------------


def _pack_numpy(codec: Codec, value: Any) -> Any:
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    if isinstance(value, numpy.generic) and type(value).__module__ == "numpy" and not value.dtype.hasobject:
        return ["scalar", arrays.describe_dtype(value.dtype), numpy.asarray(value).tobytes()]
    if isinstance(value, numpy.dtype):
        return None if value.hasobject else ["dtype", arrays.describe_dtype(value)]
    if type(value) is numpy.ndarray and not value.flags.writeable and value.dtype.kind not in "OV":
        return arrays.pack_array(value, codec.pack)
    return None


def _frozen(array: Any) -> Any:
    array.flags.writeable = False
    return array


def _pandas() -> Any:
    pandas = sys.modules.get("pandas")
    if pandas is None:
        raise ProtocolError("pandas is not there")
    return pandas


def _pack_pandas(codec: Codec, value: Any) -> Any:
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return None
    if value is pandas.NaT or value is pandas.NA:
        return ["nat" if value is pandas.NaT else "na"]
    if type(value) in {pandas.Timestamp, pandas.Timedelta}:
        kind, zone = type(value).__name__.lower(), getattr(value, "tz", None)
        return [kind, value.unit, value.asm8.view("i8").item(), None if zone is None else str(zone)]
    if type(value) is pandas.Period:
        return ["period", value.ordinal, value.freqstr]
    try:
        return ["index", arrays.pack_index(value, codec.pack)] if arrays.pandas_kind(value) == "index" else None
    except TypeError:
        return None


def _pandas_time(kind: str, node: list[Any]) -> Any:
    _, unit, count, zone = node
    if unit not in {"s", "ms", "us", "ns"} or type(count) is not int:
        raise ProtocolError("no time")
    if kind == "Timedelta":
        return _pandas().Timedelta(sys.modules["numpy"].timedelta64(count, unit))
    found = _pandas().Timestamp(sys.modules["numpy"].datetime64(count, unit))
    return found if zone is None else found.tz_localize("UTC").tz_convert(zone)


def _period(node: list[Any]) -> Any:
    _, ordinal, frequency = node
    if type(ordinal) is not int or not isinstance(frequency, str) or len(frequency) > 20:
        raise ProtocolError("no period")
    return _pandas().Period(ordinal=ordinal, freq=frequency)
