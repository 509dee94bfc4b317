"""JSON that every reader takes the same way: no key twice, no value outside the standard, bounded in size."""

import json
from collections.abc import Mapping
from typing import Any

LARGEST = 1 << 20  # bytes


def json_object(data: bytes, *, largest: int = LARGEST) -> Mapping[str, Any]:
    """The object in these bytes.

    Raises:
        ValueError: it is too large, not UTF-8, not JSON, no object, or readers would differ in what it says.
    """
    if len(data) > largest:
        raise ValueError("it is larger than such a file can be")
    try:
        value = json.loads(data.decode(), object_pairs_hook=_without_doubles, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("it is not an object")
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice, and readers would differ in which one counts")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")
