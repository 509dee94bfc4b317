"""Stand-ins in the examiner for the learner's objects and classes.

1. For each class of the workspace there is one local class, derived from the stand-ins of its bases, so that
   ``type(d) is Dog``, ``isinstance(d, Animal)`` and ``except Overdrawn`` mean in a test what they say.
2. A stand-in knows a reference and nothing else. Reading an attribute, calling, indexing … is a question to the
   workspace. It has just those special methods that the learner's class has, and each is one of ours
   (:mod:`.special`).
3. A class that is derived from a data type is represented by a subclass of that type which holds the *base* value, with
   the type's own operators: what the learner's class makes of ``==`` or ``+`` is not asked (except by rule 5).
4. What an operator made out of a learner's object and plain data is *derived*: it has seen what the test compares with.
   Nothing plain is ever read off it: no attribute, no truth value, no number.
5. Only objects of classes that the author's own solution has as well are believed to be themselves after an operator
   with plain data, so that ``(2 * Vector(1, 2)).x`` works.
6. A class of a library is recognised by ``isinstance`` if the examiner has imported the same one. Classes of data are
   never recognised in this way: what says it is a number without crossing as one is none.
"""

import enum
import numbers
import sys
import weakref
from collections.abc import Callable
from typing import Any, Protocol

from autograder.engine.protocol import ProtocolError
from autograder.isolated import data_types
from autograder.isolated.errors import BUILTIN
from autograder.isolated.messages import ClassInfo

MAX_CLASSES = 10_000
_REAL_BASES: tuple[type, ...] = (int, float, complex, str, bytes, tuple, frozenset, list, dict, set, BaseException)
_ENUMERATIONS: dict[type, type] = {enum.IntEnum: int, enum.IntFlag: int, enum.StrEnum: str}
_PRIVATE = ("_ipython_", "_repr_", "__array", "_cw_")
_READABLE = frozenset(
    {
        *("__name__", "__qualname__", "__doc__", "__dict__", "__annotations__", "__defaults__", "__kwdefaults__"),
        *("__code__", "__closure__", "__wrapped__", "__self__", "__func__", "__signature__", "__members__"),
        *("__dataclass_fields__", "__dataclass_params__", "__match_args__", "__slots__", "__file__", "__version__"),
        *("__init__", "__str__", "__repr__", "__eq__", "__add__", "__len__", "__call__", "__iter__", "__next__"),
        *("__isabstractmethod__", "__abstractmethods__"),
    }
)
_EVERYWHERE = frozenset({"__init__", "__str__", "__repr__", "__format__", "__eq__", "__ne__"})


class Remote(Protocol):
    """Who answers for stand-ins."""

    def ask(self, operation: str, *operands: Any, derived: bool = False) -> Any:
        """Have an operation carried out in the workspace."""

    def drop(self, handle: int) -> None:
        """A stand-in is gone."""


class Reference:
    """What a stand-in knows."""

    __slots__ = ("derived", "handle", "origin", "remote")

    def __init__(self, remote: Remote, handle: int, *, derived: bool = False, origin: Any = None) -> None:
        self.remote = remote
        self.handle = handle
        self.derived = derived
        self.origin = origin

    def __del__(self) -> None:
        self.remote.drop(self.handle)


class ClassNote:
    """What a stand-in class knows."""

    __slots__ = ("expected", "handle", "info", "mapped", "remote")

    def __init__(self, remote: Remote, info: ClassInfo, *, expected: bool, mapped: type | None) -> None:
        self.remote = remote
        self.info = info
        self.handle = info.handle
        self.expected = expected  # the author's solution has a class of this name
        self.mapped = mapped  # the library's own class


_notes_by_id: dict[int, ClassNote] = {}  # the classes live as long as the examiner


class StandIn(type):
    """The class of stand-in classes."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **_: Any) -> "StandIn":
        """A root of the stand-ins; the others are made past this, so that a test cannot derive from one."""
        if any(type(base) is StandIn and id(base) in _notes_by_id for base in bases):
            raise TypeError(f"a test cannot derive a class ({name}) from a class of the submission")
        return super().__new__(mcs, name, bases, namespace)

    def __call__(cls, *arguments: Any, **keywords: Any) -> Any:
        """Make an object there."""
        return note(cls).remote.ask("call", cls, arguments, tuple(keywords.items()))

    def __getattribute__(cls, name: str) -> Any:
        """Methods that every class has are the learner's if the class has its own, and else those of ``object``."""
        found = _notes_by_id.get(id(cls)) if name in _EVERYWHERE else None
        if found is None:
            return type.__getattribute__(cls, name)
        if name in found.info.special:
            return found.remote.ask("get", cls, name)
        return getattr(object, name) if issubclass(cls, Proxy) else type.__getattribute__(cls, name)

    def __getattr__(cls, name: str) -> Any:
        return read(cls, note(cls).remote, name)

    def __setattr__(cls, name: str, value: Any) -> None:
        note(cls).remote.ask("set", cls, name, value)

    def __delattr__(cls, name: str) -> None:
        note(cls).remote.ask("delete", cls, name)

    def __instancecheck__(cls, instance: Any) -> bool:
        if type.__instancecheck__(cls, instance):
            return True
        found = note(cls) if id(cls) in _notes_by_id else None
        return found is not None and found.mapped is not None and isinstance(instance, found.mapped)

    def __eq__(cls, other: object) -> bool:
        return cls is other or (isinstance(other, type) and mapped_class(cls) is other)

    def __hash__(cls) -> int:
        found = mapped_class(cls)
        return type.__hash__(cls) if found is None else type.__hash__(found)

    def __iter__(cls) -> Any:
        return note(cls).remote.ask("iter", cls)

    def __len__(cls) -> int:
        return int(exactly(int, note(cls).remote.ask("len", cls)))

    def __getitem__(cls, key: Any) -> Any:
        return note(cls).remote.ask("item", cls, key)

    def __bool__(cls) -> bool:
        return True

    def __dir__(cls) -> list[str]:
        if id(cls) not in _notes_by_id:
            return [*type.__dir__(cls)]
        return [exactly(str, name) for name in note(cls).remote.ask("dir", cls)]

    def __contains__(cls, item: Any) -> bool:
        return any(one is item or one == item for one in cls)

    def __repr__(cls) -> str:
        return f"<class '{cls.__module__}.{cls.__qualname__}'>"


def note(cls: type) -> ClassNote:
    """What a stand-in class knows; raises TypeError for the roots below, which stand for nothing."""
    found = _notes_by_id.get(id(cls))
    if found is None:
        raise TypeError(f"{type.__repr__(cls)} stands for nothing")
    return found


def mapped_class(cls: type) -> type | None:
    """The library's class that a stand-in class is for."""
    found = _notes_by_id.get(id(cls))
    return None if found is None else found.mapped


def is_stand_in(value: object) -> bool:
    """Whether the value is an object of the workspace's."""
    return type(type(value)) is StandIn


def reference(value: Any) -> Reference:
    """What a stand-in knows."""
    if issubclass(type(value), Proxy):
        return _REFERENCE(value)  # type: ignore[no-any-return]
    found: Reference = value.__dict__["_cw_reference"]
    return found


def is_derived(value: object) -> bool:
    """Whether the value is a stand-in that an operator made with the help of plain data."""
    return is_stand_in(value) and reference(value).derived


def is_expected(value: object) -> bool:
    """Whether the value is of a class that the author's solution has as well."""
    return is_stand_in(value) and not reference(value).derived and note(type(value)).expected


def whole(value: Any) -> Reference:
    """What a stand-in knows, if it may be asked at all; raises TypeError for a derived one."""
    found = reference(value)
    if found.derived:
        raise TypeError(
            f"an operator has combined an object of the submission with plain data, and what came out"
            f" ({class_name(value)}) tells nothing; the answer should have been plain data"
        )
    return found


def class_name(value: Any) -> str:
    """The name of a stand-in's class."""
    return type.__dict__["__name__"].__get__(type(value))  # type: ignore[no-any-return]


def exactly(kind: type, value: Any) -> Any:
    """The value, if it is of exactly this class."""
    if type(value) is not kind:
        raise TypeError(f"an object of the submission gave {type(value).__name__} instead of {kind.__name__}")
    return value


def read(subject: Any, remote: Remote, name: str) -> Any:
    """An attribute of an object or a class of the workspace."""
    special = name.startswith("__") and name.endswith("__")
    if name.startswith(_PRIVATE) or (special and name not in _READABLE):
        raise AttributeError(f"{name} is not read from objects of the submission")
    if name == "__dict__":
        return remote.ask("vars", subject)
    if name == "__signature__":
        return _signature(subject, remote)
    return remote.ask("get", subject, name)


def _signature(subject: Any, remote: Remote) -> Any:
    try:
        return remote.ask("signature", subject)
    except (TypeError, ValueError) as error:
        raise AttributeError("__signature__") from error


class _Doc:
    """The docstring of an object or, read from the class, of the class."""

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is not None:
            return whole(instance).remote.ask("get", instance, "__doc__")
        return note(owner).remote.ask("get", owner, "__doc__") if id(owner) in _notes_by_id else None


class Proxy(metaclass=StandIn):
    """An object of the workspace's; its docstring, like everything else about it, is read there."""

    __slots__ = ("__weakref__", "_cw_reference")

    __array_ufunc__ = None  # NumPy leaves operators to us, and its functions refuse

    def __getattr__(self, name: str) -> Any:
        return read(self, whole(self).remote, name)

    def __setattr__(self, name: str, value: Any) -> None:
        whole(self).remote.ask("set", self, name, value)

    def __delattr__(self, name: str) -> None:
        whole(self).remote.ask("delete", self, name)

    @property  # type: ignore[misc] # nobody sets it
    def __class__(self) -> Any:
        return mapped_class(type(self)) or type(self)

    def __eq__(self, other: object) -> Any:
        return _equal(self, other, "eq", if_not=False)

    def __ne__(self, other: object) -> Any:
        return _equal(self, other, "ne", if_not=True)

    def __hash__(self) -> int:
        return hash(("object of the submission", reference(self).handle))

    def __bool__(self) -> bool:
        remote = whole(self).remote
        special = note(type(self)).info.special
        return bool(exactly(bool, remote.ask("bool", self))) if {"__bool__", "__len__"} & {*special} else True

    def __str__(self) -> str:
        return _text(self, "str")

    def __repr__(self) -> str:
        return _text(self, "repr")

    def __format__(self, form: str) -> str:
        return _text(self, "format", str(form))

    def __dir__(self) -> list[str]:
        return [exactly(str, name) for name in whole(self).remote.ask("dir", self)]

    def __copy__(self) -> Any:
        return whole(self).remote.ask("copy", self)

    def __deepcopy__(self, _: Any) -> Any:
        return whole(self).remote.ask("deep copy", self)

    def __reduce_ex__(self, _: Any) -> Any:
        raise TypeError("objects of the submission cannot be pickled")


_REFERENCE: Callable[[Any], Any] = vars(Proxy)["_cw_reference"].__get__
_SET_REFERENCE: Callable[[Any, Reference], None] = vars(Proxy)["_cw_reference"].__set__


class DataStandIn(metaclass=StandIn):
    """What stand-ins have whose class is derived from a data type, or is an exception."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        found = self.__dict__.get("_cw_reference")
        if found is None:
            raise AttributeError(name)
        return read(self, found.remote, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("__") or name == "args":  # what ``raise`` and ``with`` do to exceptions
            object.__setattr__(self, name, value)
        else:
            reference(self).remote.ask("set", self, name, value)

    def __str__(self) -> str:
        text = self.__dict__.get("_cw_text")
        return super().__str__() if text is None else text

    def __reduce_ex__(self, _: Any) -> Any:
        raise TypeError("objects of the submission cannot be pickled")


def _equal(left: Any, right: Any, operation: str, *, if_not: bool) -> Any:
    """Two objects of the submission are compared there; with anything else they are not equal."""
    if not is_stand_in(right) or is_derived(left) or is_derived(right):
        return if_not
    return reference(left).remote.ask(operation, left, right)


def _text(value: Any, operation: str, *operands: Any) -> str:
    found = reference(value)
    if found.derived:
        return f"<an object of the class {class_name(value)}>"
    return exactly(str, found.remote.ask(operation, value, *operands))  # type: ignore[no-any-return]


# --- making them ------------------------------------------------------------------------------------------------------


class Classes:
    """The stand-in classes of one examiner."""

    def __init__(self, remote: Remote, expected: frozenset[str], methods: Callable[[ClassInfo, bool], dict[str, Any]]):
        self._remote = remote
        self._expected = expected
        self._methods = methods
        self._classes: dict[int, type] = {}
        self._live: weakref.WeakValueDictionary[tuple[int, bool], Any] = weakref.WeakValueDictionary()
        self._kept: dict[int, Any] = {}
        self._opaque: dict[str, type] = {}
        self._all: list[type] = []  # _notes_by_id goes by their ids

    def learn(self, infos: list[ClassInfo]) -> None:
        """Make the classes that the workspace has described.

        Raises:
            ProtocolError: they make no sense.
        """
        for info in infos:
            if info.handle in self._classes or len(self._classes) >= MAX_CLASSES:
                raise ProtocolError("a class described twice, or too many of them")
            self._classes[info.handle] = self._make(info)

    def find(self, handle: Any) -> type:
        """The class with this handle."""
        found = self._classes.get(handle) if type(handle) is int else None
        if found is None:
            raise ProtocolError("a class that was not described")
        return found

    def is_live(self, handle: int) -> bool:
        """Whether a stand-in for this object exists."""
        return (handle, False) in self._live or (handle, True) in self._live or handle in self._kept

    def proxy(self, handle: Any, class_handle: Any, *, derived: bool) -> Any:
        """The stand-in for an object; the same one as long as it is in use."""
        kind = self.find(class_handle)
        if type(handle) is not int or handle < 0:
            raise ProtocolError("no handle")
        derived = derived and not (type(kind) is StandIn and note(kind).expected)
        found = self._live.get((handle, derived))
        if found is not None:
            return found
        if type(kind) is not StandIn or not issubclass(kind, Proxy):
            kind = self._opaque_class(str(kind.__name__))
        made: Any = object.__new__(kind)
        _SET_REFERENCE(made, Reference(self._remote, handle, derived=derived))
        self._live[handle, derived] = made
        return made

    def _opaque_class(self, name: str) -> type:
        """A class of stand-ins for an object that is referred to although its class is one of data."""
        if name not in self._opaque:
            info = ClassInfo(
                handle=-1 - len(self._opaque),
                name=name,
                module="",
                bases=[],
                special=[],
                library=True,
                data=[],
                fields=[],
            )
            self._opaque[name] = self._new(name, (Proxy,), info, None)
        return self._opaque[name]

    def subclassed(self, base: Any, origin: Any) -> Any:
        """A base value, as a value of the stand-in class of the object that it was in the workspace."""
        match origin:
            case [class_handle, int() as handle]:
                kind = self.find(class_handle)
            case _:
                raise ProtocolError("no origin")
        if handle in self._kept and type(self._kept[handle]) is kind:
            return self._kept[handle]
        if type(kind) is not StandIn or not issubclass(kind, type(base)) or issubclass(kind, Proxy):
            return base
        mutable = isinstance(base, list | dict | set)
        root: Any = type(base)
        made = root.__new__(kind) if mutable else root.__new__(kind, base)
        made.__dict__["_cw_reference"] = Reference(self._remote, handle, origin=[class_handle, handle])
        if not mutable and len(self._kept) < 1000:
            self._kept[handle] = made
        return made

    def exception(self, kind: type, arguments: tuple[Any, ...], text: str, handle: int) -> BaseException:
        """An exception of a stand-in class."""
        made: Any = BaseException.__new__(kind)
        made.args = arguments
        made.__dict__["_cw_text"] = text
        made.__dict__["_cw_reference"] = Reference(self._remote, handle)
        return made  # type: ignore[no-any-return]

    def _make(self, info: ClassInfo) -> type:
        real = _library_class(info)
        if real is not None and issubclass(real, Exception):
            return real
        bases = [self._base(base) for base in info.bases]
        if info.fields:
            bases = [_named_tuple(info) if base is tuple else base for base in bases]
        mapped = real if real is not None else _kind_of_thing(info)
        return self._new(info.name.rpartition(".")[2] or "class", _ordered(bases), info, mapped)

    def _base(self, node: Any) -> type:
        match node:
            case ["class", handle]:
                return self.find(handle)
            case ["type", str() as module, str() as name]:
                found = data_types.find(module, name) or object
                found = _ENUMERATIONS.get(found, found)
                return found if found in _REAL_BASES or BUILTIN.get(name) is found else object
            case _:
                raise ProtocolError("no class")

    def _new(self, name: str, bases: tuple[type, ...], info: ClassInfo, mapped: type | None) -> type:
        expected = not info.library and info.name in self._expected
        plain = any(issubclass(base, Proxy) for base in bases)
        namespace: dict[str, Any] = {"__module__": info.module, "__qualname__": info.name, "__doc__": _Doc()}
        namespace |= self._methods(info, plain or expected)
        if plain:
            namespace["__slots__"] = ()
        try:
            made = type.__new__(StandIn, name, bases, namespace)
        except (TypeError, ValueError):  # bases that do not go together here
            made = type.__new__(StandIn, name, (Proxy,), namespace | {"__slots__": ()})
        _notes_by_id[id(made)] = ClassNote(self._remote, info, expected=expected, mapped=mapped)
        self._all.append(made)
        return made


def _ordered(bases: list[type]) -> tuple[type, ...]:
    """The bases of a stand-in class."""
    found = list(dict.fromkeys(base for base in bases if base is not object))
    if not found:
        return (Proxy,)
    if not any(issubclass(base, Proxy | DataStandIn) for base in found):
        found.insert(0, DataStandIn)
    return tuple(found)


def _named_tuple(info: ClassInfo) -> type:
    from collections import namedtuple

    name = info.name.rpartition(".")[2]
    return namedtuple(name if name.isidentifier() else "Row", info.fields, rename=True)


def _library_class(info: ClassInfo) -> type | None:
    """The class of the same name in a module that is imported here, if it may be taken for it."""
    module = sys.modules.get(info.module) if info.library else None
    found: Any = module
    for name in info.name.split("."):
        found = vars(found).get(name) if isinstance(found, type) or (found is module and module is not None) else None
    if not isinstance(found, type) or found is type or info.module.split(".")[0] in {"builtins", "unittest", "pytest"}:
        return None
    numpy = sys.modules.get("numpy")
    data: tuple[type, ...] = (numbers.Number, *(base for base in _REAL_BASES if base is not BaseException))
    if numpy is not None:
        data = (*data, numpy.ndarray, numpy.generic)
    return None if issubclass(found, data) or data_types.name_of(found) is not None else found


def _kind_of_thing(info: ClassInfo) -> type | None:
    """What functions, generators and the like are, which are no data but have classes that tests ask for."""
    match info.data:
        case [("types" | "iterators") as module, str() as name]:
            return data_types.find(module, name)
        case _:
            return None
