"""Strict conversion of what a person wrote into types, with errors that a person can follow."""

import difflib
import re
import types
from enum import StrEnum
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from authoring.errors import CoursewrightError

T = TypeVar("T")

_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?:key in )?\$(?P<path>.*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>.*)`")
_MISSING = re.compile(r"Object missing required field `(?P<key>.*)`")
_STEP = re.compile(r"\.(?P<key>[^.\[]+)|\[(?P<index>\d+|\.\.\.)\]")


class SourceError(CoursewrightError):
    """A file that a person wrote and can mend.

    Attributes:
        file: the file as the message names it.
        place: the key, section or line, or "" for the whole file.
        problem: what is wrong and what to do.
    """

    def __init__(self, file: str, place: str, problem: str) -> None:
        super().__init__(f"{file}: {place}: {problem}" if place else f"{file}: {problem}")
        self.file = file
        self.place = place
        self.problem = problem


def convert(data: object, target: type[T], *, file: str) -> T:
    """``data`` as ``target``, nothing guessed.

    Raises:
        SourceError: a key is unknown (the nearest known one is named) or missing, or a value is of another type.
    """
    try:
        return msgspec.convert(data, target)
    except msgspec.ValidationError as error:
        raise _explained(str(error), target, file) from error


def _explained(text: str, target: Any, file: str) -> SourceError:
    match = _AT.match(text)
    what, path = (match["what"], (match["path"] or "").lstrip(".")) if match else (text, "")
    if unknown := _UNKNOWN.fullmatch(what):
        return SourceError(file, path, unknown_key(unknown["key"], known_keys(target, path)))
    if missing := _MISSING.fullmatch(what):
        return SourceError(file, path, f"the key {missing['key']!r} is missing")
    said = what[:1].lower() + what[1:].replace("`", "'")
    if what.startswith("Invalid enum value"):
        said = f"{said.removeprefix('invalid enum value ')} is not one of {', '.join(_choices(target, path))}"
    elif said.startswith("expected 'str'"):
        said += "; put the text in quotes"
    return SourceError(file, path, said)


def unknown_key(key: str, known: list[str]) -> str:
    """What to say about a key that nobody knows."""
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    mend = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
    return f"unknown key {key!r}; {mend}"


def known_keys(target: Any, path: str) -> list[str]:
    """The keys that ``target`` knows at a path such as ``options[0]``."""
    return sorted({name for each in _types_at(target, path) for name in _keys(each)})


def _types_at(target: Any, path: str) -> list[Any]:
    types_here = [target]
    for step in _STEP.finditer("." + path if path and path[0] != "[" else path):
        types_here = [inner for each in types_here for inner in _below(each, step["key"])]
    return types_here


def _choices(target: Any, path: str) -> list[str]:
    """The values that an enumeration or a literal at a path may have."""
    alternatives = [each for here in _types_at(target, path) for each in _alternatives(here)]
    enums = [
        str(member) for each in alternatives if isinstance(each, type) and issubclass(each, StrEnum) for member in each
    ]
    literals = [str(value) for each in alternatives if get_origin(each) is Literal for value in get_args(each)]
    return enums + literals


def _alternatives(target: Any) -> list[Any]:
    return list(get_args(target)) if get_origin(target) in {Union, types.UnionType} else [target]


def _is_struct(target: Any) -> bool:
    return isinstance(target, type) and issubclass(target, msgspec.Struct)


def _keys(target: Any) -> list[str]:
    structs = [each for each in _alternatives(target) if _is_struct(each)]
    return [field.encode_name for each in structs for field in msgspec.structs.fields(each)]


def _below(target: Any, key: str | None) -> list[Any]:
    """The types one step down: a field of a struct, or an element (``key`` is None) of a sequence or mapping."""
    found: list[Any] = []
    for each in _alternatives(target):
        if key is not None and _is_struct(each):
            found += [field.type for field in msgspec.structs.fields(each) if field.encode_name == key]
        elif key is None and get_args(each):
            found += [inner for inner in get_args(each) if inner is not Ellipsis]
    return found
