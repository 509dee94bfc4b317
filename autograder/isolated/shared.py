"""Mutable data that both sides hold: each has a copy, and before either speaks the copies are made equal.

1. The first time that a list, dictionary, array, frame … crosses it gets a handle. From then on both sides mean the
   same thing by the handle: identity, aliases and cycles survive, and what one side changes the other sees
   (copy-restore).
2. Every message carries the states of those that its sender has changed since the last message. The sides take turns,
   so the sender's copy is always the newer one.
3. A copy that only this table still refers to is forgotten, on both sides: nobody could see a change of it any more.
4. A state must fit what the handle stands for: a list stays a list, an array keeps its element type and shape.
"""

import collections
import io
import itertools
import random
import sys
from collections.abc import Callable
from typing import Any

import msgspec

from autograder.engine.protocol import ProtocolError
from autograder.isolated import arrays

_MISSING = object()
_encode = msgspec.msgpack.Encoder().encode
_MAX_OBJECTS = 2_000_000

SHARED: dict[type, str] = {
    list: "list",
    dict: "dict",
    set: "set",
    bytearray: "bytearray",
    collections.deque: "deque",
    collections.OrderedDict: "ordered",
    collections.Counter: "counter",
    collections.defaultdict: "default",
    io.StringIO: "text file",
    io.BytesIO: "bytes file",
    random.Random: "random",
}
_BASES = {kind: base for base, kind in SHARED.items()}
_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


def kind_of(value: Any) -> str | None:
    """What kind of mutable data a value is; None if it is none."""
    found = SHARED.get(type(value)) or _library_kind(value)
    if found is not None:
        return found
    return next((kind for base, kind in SHARED.items() if kind != "random" and isinstance(value, base)), None)


def _library_kind(value: Any) -> str | None:
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    if isinstance(value, numpy.ndarray):
        return _array_kind(value, numpy)
    if type(value) is numpy.random.Generator and type(value.bit_generator).__name__ in _GENERATORS:
        return "generator"
    if type(value) is numpy.random.RandomState:
        return "random state"
    return arrays.pandas_kind(value)


def _array_kind(value: Any, numpy: Any) -> str | None:
    if isinstance(value, numpy.ma.MaskedArray):
        return "masked"
    if value.dtype.kind == "V" and value.dtype.hasobject:
        return None
    return "matrix" if type(value) is numpy.matrix else "array"


class Shared:
    """The mutable data that this side has in common with the other."""

    def __init__(
        self, pack: Callable[[Any], Any], unpack: Callable[[Any], Any], foreign: Any, *, first_handle: int
    ) -> None:
        self._pack = pack
        self._unpack = unpack
        self._foreign = foreign
        self._own = itertools.count(first_handle, 2)
        self._theirs = 1 - first_handle % 2  # the parity of the other side's handles
        self._objects: dict[int, Any] = {}
        self._handles: dict[int, int] = {}  # by id; the objects live as long as their entries
        self._known: dict[int, Any] = {}  # the state that the other side has, in a form to compare
        self._incoming: dict[int, list[Any]] = {}

    def is_shareable(self, value: Any) -> bool:
        """Whether the value is mutable data that can be written down now."""
        kind = kind_of(value)
        if kind is None or kind == "index":
            return False
        if id(value) in self._handles or kind not in {"series", "frame", "array", "masked", "matrix", "bytes file"}:
            return True
        try:  # a frame may have a column of a kind that does not cross
            _write(kind, value, lambda _: None)
        except (TypeError, ValueError, AttributeError):
            return False
        return True

    def holds(self, value: Any) -> bool:
        """Whether the other side has the value too."""
        return self._objects.get(self._handles.get(id(value), -1), _MISSING) is value

    def refer(self, value: Any) -> list[Any]:
        """The node for mutable data."""
        handle = self._handles.get(id(value))
        if handle is None:
            if arrays.pandas_kind(value) in {"series", "frame"} and not self.is_shareable(value):
                return self._foreign.pack(value)  # type: ignore[no-any-return]
            handle = next(self._own)
            self._enter(handle, value)
        return ["shared", handle]

    def _enter(self, handle: int, value: Any) -> None:
        if len(self._objects) >= _MAX_OBJECTS:
            raise ProtocolError("more shared data than is allowed")
        self._objects[handle] = value
        self._handles[id(value)] = handle

    def forgotten(self) -> list[int]:
        """Forget what nobody here but this table holds, and tell what that is."""
        gone = []
        for handle in list(self._objects):
            if sys.getrefcount(self._objects[handle]) <= 2:  # the table's reference, and the argument's
                gone.append(handle)
                self._forget(handle)
        return gone

    def forget(self, handles: list[int]) -> None:
        """Forget what the other side has forgotten; what it was stays with whoever holds it here."""
        for handle in handles:
            if handle in self._objects:
                self._forget(handle)

    def _forget(self, handle: int) -> None:
        value = self._objects.pop(handle)
        del self._handles[id(value)]
        self._known.pop(handle, None)

    def states(self) -> list[list[Any]]:
        """The states of everything that changed here since the other side heard of it."""
        states = []
        seen: set[int] = set()
        while len(seen) < len(self._objects):  # writing down one thing can bring in others
            for handle in [one for one in self._objects if one not in seen]:
                seen.add(handle)
                state = self._state(handle)
                written = _comparable(state)
                if self._known.get(handle) != written:
                    self._known[handle] = written
                    states.append(state)
        return states

    def _state(self, handle: int) -> list[Any]:
        value = self._objects[handle]
        kind = kind_of(value)
        if kind is None:
            raise TypeError(f"a {type(value).__name__} that is no data any more")
        origin = None
        if type(value) is not _BASES.get(kind) and kind in _BASES:
            origin = self._foreign.pack_subclass(value)
        return [handle, kind, _write(kind, value, self._pack), origin]

    def find(self, handle: Any) -> Any:
        """What a handle stands for."""
        if type(handle) is not int:
            raise ProtocolError("no handle")
        found = self._objects.get(handle, _MISSING)
        if found is not _MISSING:
            return found
        state = self._incoming.get(handle)
        if state is None:
            raise ProtocolError("a handle that stands for nothing")
        return self._create(state)

    def take(self, states: list[list[Any]]) -> None:
        """Make this side's copies equal to the other's.

        Raises:
            ProtocolError: a state is malformed, or does not fit.
        """
        self._incoming = {}
        for state in states:
            if len(state) != 4 or type(state[0]) is not int or not isinstance(state[1], str):
                raise ProtocolError("no state")
            if state[0] not in self._objects and state[0] % 2 != self._theirs:
                raise ProtocolError("a new state for something that is not shared")
            self._incoming[state[0]] = state
        try:
            fresh = [handle for handle in self._incoming if handle not in self._objects]
            complete = {handle for handle in fresh if handle not in self._objects and self._make(handle)}
            for handle, state in self._incoming.items():
                if handle not in complete:
                    self._update(handle, state)
                self._known[handle] = _comparable(state)
        except (TypeError, ValueError, KeyError, IndexError, ArithmeticError, AttributeError) as error:
            raise ProtocolError(f"a malformed state: {type(error).__name__}") from error
        finally:
            self._incoming = {}

    def _make(self, handle: int) -> bool:
        """Make a copy for a new handle; tell whether it is complete."""
        self.find(handle)
        return self._incoming[handle][1] not in _FILLED_LATER

    def _create(self, state: list[Any]) -> Any:
        handle, kind, content, origin = state
        if kind in _FILLED_LATER:
            value: Any = _empty(kind, content)
            if origin is not None:
                value = self._foreign.as_subclass(value, origin)
        else:
            value = _read(kind, content, self._unpack)
        if handle not in self._objects:
            self._enter(handle, value)
        return self._objects[handle]

    def _update(self, handle: int, state: list[Any]) -> None:
        _, kind, content, _ = state
        value = self._objects[handle]
        if kind_of(value) != kind:
            raise ProtocolError("a state of another kind")
        if kind in _FILLED_LATER:
            _fill(kind, value, content, self._unpack)
        else:
            _overwrite(kind, value, _read(kind, content, self._unpack))


def _comparable(state: list[Any]) -> Any:
    """A state in a form in which only the same states are equal (1 and True are not)."""
    content = state[2]
    if state[1] == "array" and isinstance(content, list) and content and content[0] == "array":
        return repr(content[1:3]) + str(content[4]), content[3]  # no copy of many bytes
    return _encode(state)


# --- one kind after the other -----------------------------------------------------------------------------------------

_FILLED_LATER = frozenset({"list", "dict", "set", "deque", "ordered", "counter", "default"})


def _write(kind: str, value: Any, pack: Callable[[Any], Any]) -> Any:
    """The content of mutable data, read without the methods of a learner's subclass."""
    if kind == "list":
        return [pack(item) for item in list.__iter__(value)]
    if kind in {"dict", "ordered", "counter"}:
        return [[pack(key), pack(item)] for key, item in dict.items(value)]
    if kind == "default":
        return [pack(value.default_factory), [[pack(key), pack(item)] for key, item in dict.items(value)]]
    if kind == "set":
        return sorted((pack(item) for item in set.__iter__(value)), key=repr)
    if kind == "deque":
        return [value.maxlen, [pack(item) for item in collections.deque.__iter__(value)]]
    return _WRITERS[kind](value, pack)


def _empty(kind: str, content: Any) -> Any:
    if kind == "deque":
        length = content[0]
        if length is not None and (type(length) is not int or length < 0):
            raise ProtocolError("no length")
        return collections.deque(maxlen=length)
    return _BASES[kind]()


def _fill(kind: str, value: Any, content: Any, unpack: Callable[[Any], Any]) -> None:
    if kind == "list":
        list.__setitem__(value, slice(None), [unpack(item) for item in content])
    elif kind == "set":
        items = [unpack(item) for item in content]
        set.clear(value)
        set.update(value, items)
    elif kind == "deque":
        items = [unpack(item) for item in content[1]]
        collections.deque.clear(value)
        collections.deque.extend(value, items)
    else:
        if kind == "default":
            value.default_factory, content = unpack(content[0]), content[1]
        pairs = [(unpack(key), unpack(item)) for key, item in content]
        base: Any = collections.OrderedDict if kind == "ordered" else dict
        base.clear(value)
        for key, item in pairs:
            base.__setitem__(value, key, item)


def _masked(value: Any, pack: Callable[[Any], Any]) -> list[Any]:
    numpy = sys.modules["numpy"]
    mask = numpy.ma.getmaskarray(value)
    return [arrays.pack_array(value.data, pack), arrays.pack_array(mask, pack)]


_WRITERS: dict[str, Callable[[Any, Callable[[Any], Any]], Any]] = {
    "bytearray": lambda value, _: bytes(value),
    "array": arrays.pack_array,
    "matrix": arrays.pack_array,
    "masked": _masked,
    "series": arrays.pack_series,
    "frame": arrays.pack_frame,
    "text file": lambda value, pack: [pack(value.getvalue()), value.tell()],
    "bytes file": lambda value, _: [value.getvalue(), value.tell()],
    "random": lambda value, pack: pack(value.getstate()),
    "generator": lambda value, _: [type(value.bit_generator).__name__, _plain(value.bit_generator.state)],
    "random state": lambda value, _: ["MT19937", _plain(value.get_state(legacy=False))],
}


def _plain(state: Any) -> Any:
    """A generator's state of dictionaries, numbers, texts and arrays of numbers, as nodes."""
    if isinstance(state, dict):
        return {key: _plain(item) for key, item in state.items()}
    if hasattr(state, "tobytes"):
        return ["array", [str(number) for number in state.tolist()], state.dtype.str]
    return ["int", str(state)] if isinstance(state, int) else state


def _not_plain(state: Any) -> Any:
    match state:
        case dict():
            return {key: _not_plain(item) for key, item in state.items()}
        case ["array", numbers, dtype] if len(numbers) <= 1000:
            numpy = sys.modules["numpy"]
            return numpy.array([int(number) for number in numbers], dtype=arrays.read_dtype(dtype))
        case ["int", str() as number] if len(number) < 100:
            return int(number)
        case float() | str():
            return state
        case _:
            raise ProtocolError("no state of a generator")


def _read(kind: str, content: Any, unpack: Callable[[Any], Any]) -> Any:
    reader = _READERS.get(kind)
    if reader is None:
        raise ProtocolError("a kind of data that there is not")
    return reader(kind, content, unpack)


def _unmasked(_: str, content: Any, unpack: Callable[[Any], Any]) -> Any:
    data, mask = (arrays.unpack_array(one, unpack) for one in content)
    return sys.modules["numpy"].ma.MaskedArray(data, mask=mask)


def _bytes(_: str, content: Any, __: Callable[[Any], Any]) -> bytearray:
    if not isinstance(content, bytes):
        raise ProtocolError("no bytes")
    return bytearray(content)


def _file(kind: str, content: Any, unpack: Callable[[Any], Any]) -> Any:
    text, position = unpack(content[0]), content[1]
    file = io.StringIO(text, newline="") if kind == "text file" else io.BytesIO(text)
    file.seek(position)
    return file


def _generator(kind: str, content: Any, unpack: Callable[[Any], Any]) -> Any:
    if kind == "random":
        found = random.Random()  # noqa: S311 - a learner's
        found.setstate(unpack(content))
        return found
    name, state = content
    if name not in _GENERATORS:
        raise ProtocolError("no generator")
    module = sys.modules["numpy"].random
    if kind == "random state":
        made = module.RandomState()
        made.set_state(_not_plain(state))
        return made
    source = getattr(module, name)()
    source.state = _not_plain(state)
    return module.Generator(source)


_READERS: dict[str, Callable[[str, Any, Callable[[Any], Any]], Any]] = {
    "bytearray": _bytes,
    "array": lambda _, content, unpack: arrays.unpack_array(content, unpack),
    "matrix": lambda _, content, unpack: sys.modules["numpy"].asmatrix(arrays.unpack_array(content, unpack)),
    "masked": _unmasked,
    "series": lambda _, content, unpack: arrays.unpack_series(content, unpack),
    "frame": lambda _, content, unpack: arrays.unpack_frame(content, unpack),
    "text file": _file,
    "bytes file": _file,
    "random": _generator,
    "generator": _generator,
    "random state": _generator,
}


def _overwrite(kind: str, value: Any, new: Any) -> None:
    """Give existing data the new content, in place."""
    if kind in {"array", "matrix", "masked"}:
        if value.shape != new.shape or value.dtype != new.dtype:
            raise ProtocolError("an array that changed its shape or type")
        value[...] = new
    elif kind in {"series", "frame"}:
        value._update_inplace(new)
        if kind == "series":
            value.name = new.name
    elif kind == "bytearray":
        value[:] = new
    elif kind in {"text file", "bytes file"}:
        position = new.tell()
        value.seek(0)
        value.truncate()
        value.write(new.getvalue())
        value.seek(position)
    elif kind == "random":
        value.setstate(new.getstate())
    elif kind == "generator":
        value.bit_generator.state = new.bit_generator.state
    else:
        value.set_state(new.get_state(legacy=False))
