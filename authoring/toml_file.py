"""TOML files read into frozen types, with errors that name the key as it stands in the file.

An entry of a list is named by what identifies it in the file, so that a search finds it:
``weeks[number = 2].assignments[id = "week02-lesson"].due``; an entry without such a key by its position, ``weeks[#2]``.
Numbers with a decimal point are read exactly, as :class:`~decimal.Decimal`.
"""

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from authoring import toml_shape
from authoring.errors import CoursewrightError

T = TypeVar("T")

_NAMING_KEYS = (("id",), ("number",), ("cell", "name"), ("name",), ("cell",))
_SYNTAX_PLACE = re.compile(r" \((?:at )?(line \d+, column \d+|end of document)\)$")


class TomlError(CoursewrightError):
    """A TOML file that does not say what it should.

    Attributes:
        file: the file, as it was named to the reader.
        key: the key path, or "" for the whole file.
        problem: what is wrong there, and how to mend it.
    """

    def __init__(self, file: str, key: str, problem: str) -> None:
        super().__init__(file, key, problem)
        self.file = file
        self.key = key
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.file}: {f'`{self.key}`: ' if self.key else ''}{self.problem}"


def load_toml(path: Path, kind: type[T], *, schema: int, name: str | None = None) -> T:
    """The file at ``path`` as a ``kind``, whose ``schema`` key must be ``schema``.

    Args:
        path: where the file is.
        kind: a frozen struct made of structs, tuples, mappings, text, numbers, dates and enumerations.
        schema: the version of the file's format that is understood.
        name: how errors call the file; its path if it is not given.

    Raises:
        TomlError: there is no such file, or its first fault.
    """
    name = name or str(path)
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        raise TomlError(name, "", f"the file cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise TomlError(name, "", f"the file is not text in UTF-8 (byte {error.start + 1})") from error
    return parse_toml(text, kind, schema=schema, name=name)


def parse_toml(text: str, kind: type[T], *, schema: int, name: str) -> T:
    """As :func:`load_toml`, from the text of a file.

    Raises:
        TomlError: the text's first fault.
    """
    data = _parse(text, name)
    _check_schema(data.get("schema"), schema, name)
    for path, problem in toml_shape.faults(data, inspect.type_info(kind)):
        raise TomlError(name, _key(data, path), problem)
    return msgspec.convert(data, kind)


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        reason = str(error)
        place = _SYNTAX_PLACE.search(reason)
        where = f"{name}, {place.group(1)}" if place else name
        raise TomlError(where, "", f"the file is not TOML: {_SYNTAX_PLACE.sub('', reason)}") from error
    except (RecursionError, ValueError) as error:
        raise TomlError(name, "", "the file is nested too deeply or holds a number that is too long") from error


def _check_schema(found: object, known: int, name: str) -> None:
    if isinstance(found, bool) or not isinstance(found, int):
        what = "the key is missing" if found is None else f"{toml_shape.found(found)} was found"
        raise TomlError(name, "schema", f"{what}; write `schema = {known}` at the top of the file")
    if found > known:
        raise TomlError(
            name, "schema", f"the file has format {found}, which is newer than {known}; update coursewright"
        )
    if found < known:
        raise TomlError(name, "schema", f"the file has format {found}, which is no longer read; bring it to {known}")


def _key(data: object, path: toml_shape.Path) -> str:
    """The key path for people; ``data`` tells what identifies the entries of lists."""
    text = ""
    for step in path:
        if isinstance(step, str):
            text += f".{step}" if text else step
            data = data.get(step) if isinstance(data, dict) else None
        else:
            data = data[step] if isinstance(data, list) else None
            text += f"[{_entry(data, step)}]"
    return text


def _entry(entry: object, index: int) -> str:
    """What identifies the entry of a list."""
    if isinstance(entry, dict):
        for keys in _NAMING_KEYS:
            if all(isinstance(entry.get(key), str | int) for key in keys):
                return ", ".join(f"{key} = {_literal(entry[key])}" for key in keys)
    return f"#{index + 1}"


def _literal(value: str | int) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
