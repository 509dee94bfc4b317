"""The workspace's tables: what the examiner refers to, and what it was told of classes."""

import importlib
import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.engine.protocol import ProtocolError
from autograder.isolated import data_types
from autograder.isolated.errors import build
from autograder.isolated.messages import MAX_TEXT, ClassInfo
from autograder.isolated.operations import special_methods


class ExaminerFunction:
    """A function of a test: it can be called, and nothing else."""

    def __init__(self, number: int, name: str, call: Callable[[int, Any, Any], Any]) -> None:
        self.__name__ = self.__qualname__ = name
        self._number = number
        self._call = call

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call it where it is."""
        return self._call(self._number, arguments, keywords)


class References:
    """What the workspace hands out instead of things that are no data (``foreign`` of its codec)."""

    def __init__(self, call_back: Callable[[int, Any, Any], Any]) -> None:
        self._call_back = call_back
        self._next = itertools.count(1)
        self._objects: dict[int, Any] = {}
        self._handles: dict[int, int] = {}  # by id
        self._classes: dict[int, type] = {}
        self._class_handles: dict[type, int] = {}
        self._functions: dict[int, ExaminerFunction] = {}
        self._untold: list[ClassInfo] = []
        self.pack_value: Callable[[Any], Any]

    def untold_classes(self) -> list[ClassInfo]:
        """The descriptions that the examiner has not had yet."""
        untold, self._untold = self._untold, []
        return untold

    def release(self, handles: list[int]) -> None:
        """Let go of objects that the examiner refers to no more."""
        for handle in handles:
            if handle in self._objects:
                del self._handles[id(self._objects.pop(handle))]

    def refer(self, value: Any) -> list[Any]:
        """A reference to any value, be it data or not."""
        handle = self._handles.get(id(value))
        if handle is None:
            handle = next(self._next)
            self._objects[handle] = value
            self._handles[id(value)] = handle
        return ["object", handle, self._describe(type(value))]

    # the codec's questions --------------------------------------------------------------------------------------------

    def original(self, value: Any) -> list[Any] | None:
        """The node of a function of the examiner's."""
        return ["yours", value._number] if type(value) is ExaminerFunction else None

    def pack(self, value: Any) -> list[Any]:
        """A reference to something that is no data."""
        if isinstance(value, type):
            return self.pack_class(value)
        if isinstance(value, ModuleType):
            return ["module", value.__name__, self.refer(value)]
        return self.refer(value)

    def pack_subclass(self, value: Any) -> list[Any] | None:
        """Class and object of a value whose class is derived from a data type."""
        kind = type(value)
        if data_types.name_of(kind) is not None:
            return None
        return [self._describe(kind), self.refer(value)[1]]

    def as_subclass(self, base: Any, origin: list[Any]) -> Any:
        """The examiner sends such values back as references; what it made itself crosses as its base."""
        match origin:
            case [str() as name, [*fields]] if isinstance(base, tuple):
                from collections import namedtuple

                return namedtuple(name, fields, rename=True)(*base)
            case _:
                return base

    def unpack(self, node: list[Any]) -> Any:
        """What the examiner means; it is trusted, and its mistakes are ours."""
        match node:
            case ["object", int() as handle, *_] if handle in self._objects:
                return self._objects[handle]
            case ["class", int() as handle]:
                return self._classes[handle]
            case ["type" | "module" | "library", *names]:
                return _in_library(node[0], *names)
            case ["callback", int() as number, name]:
                return self._functions.setdefault(number, ExaminerFunction(number, name, self._call_back))
            case ["raised", kind, arguments, _, origin]:
                return self._exception(kind, arguments, origin)
            case _:
                raise ProtocolError(f"nothing is known of {node[0]}")

    def _exception(self, kind: Any, arguments: Any, origin: int) -> BaseException:
        found = self.unpack(kind)
        error = build(found, tuple(arguments)) if issubclass(found, BaseException) else RuntimeError(*arguments)
        error.__dict__["_coursewright_origin"] = origin
        return error

    # classes ----------------------------------------------------------------------------------------------------------

    def pack_class(self, kind: type) -> list[Any]:
        """The node for a class, described if it is not one of data."""
        found = data_types.name_of(kind)
        return ["type", *found] if found is not None else ["class", self._describe(kind)]

    def _describe(self, kind: type) -> int:
        handle = self._class_handles.get(kind)
        if handle is not None:
            return handle
        bases = [self.pack_class(base) for base in kind.__bases__ if base is not object]
        handle = next(self._next)
        self._classes[handle] = kind
        self._class_handles[kind] = handle
        info = ClassInfo(
            handle=handle,
            name=str(kind.__qualname__)[:MAX_TEXT],
            module=str(kind.__module__)[:MAX_TEXT],
            bases=bases,
            special=special_methods(kind),
            library=_is_library(kind),
            data=list(data_types.name_of(kind) or ()),
            fields=_fields(kind),
        )
        self._untold.append(info)
        return handle


def _in_library(kind: str, module: str, path: str = "") -> Any:
    """The class of data, the module, or what a path in a module leads to."""
    if kind == "type":
        return data_types.find(module, path)
    found = sys.modules.get(module) or importlib.import_module(module)
    return found if kind == "module" else _follow(found, path)


def _follow(found: Any, path: str) -> Any:
    for name in path.split("."):
        found = getattr(found, name)
    return found


def _is_library(kind: type) -> bool:
    """Whether a class was not made by the submission: it stands in a module that is not in the working folder."""
    module = sys.modules.get(str(kind.__module__))
    if module is None or module.__name__ == "__main__":
        return False
    file = getattr(module, "__file__", None)
    return file is None or not Path(file).is_relative_to(Path.cwd())


def _fields(kind: type) -> list[str]:
    fields = vars(kind).get("_fields") if issubclass(kind, tuple) else None
    return [str(field) for field in fields] if isinstance(fields, tuple) else []
