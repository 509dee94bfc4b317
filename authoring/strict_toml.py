"""TOML files become frozen types, and every mistake in one is told as file, key, what was expected and the mend."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from authoring.errors import CoursewrightError

T = TypeVar("T", bound=msgspec.Struct)

_AT = re.compile(r" - at `\$?(?P<path>[^`]*)`$")
_STEP = re.compile(r"\.?(?P<key>[^.\[\]]+)|\[(?P<index>\d+|\.\.\.)\]")
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<key>[^`]*)`")
_MISSING = re.compile(r"^Object missing required field `(?P<key>[^`]*)`")


class TomlError(CoursewrightError):
    """A TOML file that does not say what it should.

    Attributes:
        file: the file's name as it was given.
        key: where in it, like ``weeks[2].opens``; empty for the whole file.
    """

    def __init__(self, file: str, key: str, message: str) -> None:
        super().__init__(f"{file}: {key}: {message}" if key else f"{file}: {message}")
        self.file = file
        self.key = key


def read_strictly(path: Path, type_: type[T]) -> T:
    """The file as a value of ``type_``; numbers with a decimal point are read as :class:`~decimal.Decimal`.

    Raises:
        TomlError: it cannot be read, is not TOML, or has an unknown key, a missing key or a value of another type.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise TomlError(str(path), "", f"the file cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise TomlError(str(path), "", f"byte {error.start} is not UTF-8: save the file as UTF-8.") from error
    return parse_strictly(text, type_, file=str(path))


def parse_strictly(text: str, type_: type[T], *, file: str) -> T:
    """As :func:`read_strictly`, for a text; ``file`` is what errors call it."""
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise TomlError(file, "", f"this is not TOML: {error}.") from error
    try:
        return msgspec.convert(data, type_)
    except msgspec.ValidationError as error:
        raise _explained(str(error), data, type_, file) from error


def _explained(message: str, data: object, type_: type, file: str) -> TomlError:
    """msgspec's message, with the place spelt as in the file and the nearest known key where a key is unknown."""
    at = _AT.search(message)
    path = at["path"].removeprefix(".") if at else ""
    if unknown := _UNKNOWN.search(message):
        known = sorted(_known_keys(type_, path, data))
        near = difflib.get_close_matches(unknown["key"], known, n=1)
        mend = f"did you mean `{near[0]}`?" if near else f"the known keys here are {', '.join(known)}."
        return TomlError(file, _join(path, unknown["key"]), f"this key is unknown: {mend}")
    if missing := _MISSING.search(message):
        return TomlError(file, _join(path, missing["key"]), "this key is missing: add it.")
    plain = _AT.sub("", message).replace("`", "")
    return TomlError(file, path, f"{plain[0].lower()}{plain[1:]}.")


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _known_keys(type_: type, path: str, data: Any) -> set[str]:
    """The keys that the table at ``path`` may have; of a union, those of the kind that the table says it is."""
    info: Any = msgspec.inspect.type_info(type_)
    for step in _STEP.finditer(path):
        info = _into(info, step["key"], data)
        data = _value_at(data, step)
    return {key for struct in _structs(info, data) for key in _keys(struct)}


def _value_at(data: Any, step: re.Match[str]) -> Any:
    if isinstance(data, Mapping) and step["key"] is not None:
        return data.get(step["key"])
    if isinstance(data, list) and step["index"] is not None and step["index"].isdigit():
        return data[int(step["index"])]
    return None


def _into(info: Any, key: str | None, data: Any) -> Any:
    if key is None:
        return getattr(info, "item_type", info)
    return next(field.type for struct in _structs(info, data) for field in struct.fields if field.encode_name == key)


def _structs(info: Any, data: Any) -> Iterator[msgspec.inspect.StructType]:
    members = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    structs = [member for member in members if isinstance(member, msgspec.inspect.StructType)]
    for struct in structs:
        said = data.get(struct.tag_field) if isinstance(data, Mapping) and struct.tag_field else None
        if said is None or said == struct.tag:
            yield struct


def _keys(struct: msgspec.inspect.StructType) -> set[str]:
    tag = {struct.tag_field} if struct.tag_field else set()
    return {field.encode_name for field in struct.fields} | tag
