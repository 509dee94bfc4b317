"""Whether parsed TOML has the shape of a type, and in plain words where it has not.

msgspec could say so too, but neither names the keys of mappings nor knows the nearest key, and takes dates for text.
"""

import difflib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from msgspec import inspect

Path = tuple[str | int, ...]
Fault = tuple[Path, str]


def faults(value: object, kind: inspect.Type, path: Path = ()) -> Iterator[Fault]:
    """Where ``value`` (at ``path`` of the file) is not a ``kind``: the path and what is wrong, in the file's order."""
    match kind:
        case inspect.UnionType():
            yield from _union_faults(value, kind, path)
        case inspect.StructType():
            yield from _struct_faults(value, kind, path)
        case inspect.VarTupleType() if isinstance(value, list):
            for index, entry in enumerate(value):
                yield from faults(entry, kind.item_type, (*path, index))
        case inspect.DictType() if isinstance(value, dict):
            for key, entry in value.items():
                yield from faults(entry, kind.value_type, (*path, key))
        case _:
            if not _is(value, kind):
                yield path, f"{expected(kind)} was expected, and {found(value)} was found"


def nearest(word: str, known: Sequence[str]) -> str:
    """A remark that names the known word most like ``word``, or every known word if none is like it."""
    if close := difflib.get_close_matches(word, known, n=1, cutoff=0.5):
        return f" (did you mean `{close[0]}`?)"
    return f" (known are {', '.join(f'`{each}`' for each in known)})" if known else ""


def expected(kind: inspect.Type) -> str:
    """What a value of this kind is, for people."""
    match kind:
        case inspect.UnionType():
            return expected(_given(kind))
        case inspect.EnumType():
            return "one of " + ", ".join(f'"{member.value}"' for member in kind.cls)
        case inspect.IntType() | inspect.FloatType():
            return _NAMES[type(kind)] + ("" if kind.ge is None else f" of at least {kind.ge:g}")
    return _NAMES.get(type(kind), "a table")


def found(value: object) -> str:
    """The value that was found, for people."""
    return next((say(value) for kind, say in _SAYINGS if isinstance(value, kind)), str(value))


def _struct_faults(value: object, kind: inspect.StructType, path: Path) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield path, f"a table was expected, and {found(value)} was found"
        return
    fields = {field.encode_name: field for field in kind.fields}
    for key, entry in value.items():
        if key in fields:
            yield from faults(entry, fields[key].type, (*path, key))
        else:
            yield (*path, key), f"there is no such key{nearest(key, [each for each in fields if each not in value])}"
    for key, field in fields.items():
        if field.required and key not in value:
            yield (*path, key), f"the key is missing; {expected(field.type)} was expected"


def _union_faults(value: object, kind: inspect.UnionType, path: Path) -> Iterator[Fault]:
    """A table that says in its tag which of several structs it is, or else whatever the union has besides null."""
    tagged = {each.tag: each for each in kind.types if isinstance(each, inspect.StructType) and each.tag_field}
    if not tagged or not isinstance(value, dict):
        yield from faults(value, _given(kind), path)
        return
    key = str(next(iter(tagged.values())).tag_field)
    if isinstance(tag := value.get(key), str) and tag in tagged:
        rest = {name: entry for name, entry in value.items() if name != key}
        yield from _struct_faults(rest, tagged[tag], path)
    else:
        known = ", ".join(f'"{each}"' for each in tagged)
        what = "the key is missing" if key not in value else f"{found(tag)} was found"
        yield (*path, key), f"{what}; one of {known} was expected"


def _given(kind: inspect.UnionType) -> inspect.Type:
    """What stands in the file if anything does: TOML has no null, so ``X | None`` is an ``X``."""
    return next(each for each in kind.types if not isinstance(each, inspect.NoneType))


def _is(value: object, kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.EnumType):
        return value in [member.value for member in kind.cls]
    if isinstance(kind, inspect.IntType | inspect.FloatType) and kind.ge is not None:
        return _CHECKS[type(kind)](value) and float(str(value)) >= kind.ge
    return type(kind) in _CHECKS and _CHECKS[type(kind)](value)


def _is_number(value: object) -> bool:
    return _is_whole(value) or (isinstance(value, Decimal) and value.is_finite())


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_CHECKS: dict[type[inspect.Type], Callable[[object], bool]] = {
    inspect.StrType: lambda value: isinstance(value, str),
    inspect.BoolType: lambda value: isinstance(value, bool),
    inspect.IntType: _is_whole,
    inspect.FloatType: _is_number,
    inspect.DecimalType: _is_number,
    inspect.DateTimeType: lambda value: isinstance(value, datetime) and value.tzinfo is None,
    inspect.DateType: lambda value: isinstance(value, date) and not isinstance(value, datetime),
}

_NAMES: dict[type[inspect.Type], str] = {
    inspect.StrType: "text",
    inspect.BoolType: "true or false",
    inspect.IntType: "a whole number",
    inspect.FloatType: "a number",
    inspect.DecimalType: "a number",
    inspect.DateTimeType: "a local date and time such as 2026-09-07T09:00:00",
    inspect.DateType: "a date such as 2026-09-07",
    inspect.VarTupleType: "a list",
}


def _say_text(value: str) -> str:
    return f'the text "{value}"' if len(value) <= 60 else f'the text "{value[:57]}..."'


def _say_moment(value: datetime) -> str:
    return f"{value.isoformat()}{' (with an offset of its own)' if value.tzinfo else ''}"


# The first that fits: a bool is an int to Python, a datetime a date.
_SAYINGS: tuple[tuple[type[Any], Callable[[Any], str]], ...] = (
    (str, _say_text),
    (bool, lambda value: str(value).lower()),
    (datetime, _say_moment),
    (date, lambda value: f"{value.isoformat()} (without a time)"),
    (time, lambda value: f"{value.isoformat()} (without a date)"),
    (list, lambda value: f"a list of {len(value)}"),
    (dict, lambda _: "a table"),
)
