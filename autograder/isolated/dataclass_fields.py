"""The fields of a data class as nodes, so that ``dataclasses.fields``, ``asdict`` and ``replace`` know them."""

import dataclasses
from collections.abc import Callable
from typing import Any

from autograder.engine.protocol import ProtocolError

_untyped: Any = dataclasses
_KINDS: dict[str, Any] = {
    "field": _untyped._FIELD,
    "class variable": _untyped._FIELD_CLASSVAR,
    "argument": _untyped._FIELD_INITVAR,
}
_FLAGS = ("init", "repr", "compare", "kw_only")


def pack_field(field: Any, pack: Callable[[Any], Any]) -> list[Any]:
    """``["field", name, kind, flags, type, [default], [factory]]``; the lists are empty where there is none."""
    kind = next(name for name, kind in _KINDS.items() if field._field_type is kind)
    flags = [getattr(field, flag) is True for flag in _FLAGS]
    given = [[pack(one)] if one is not dataclasses.MISSING else [] for one in (field.default, field.default_factory)]
    return ["field", str(field.name), kind, flags, pack(field.type), *given]


def unpack_field(node: list[Any], unpack: Callable[[Any], Any]) -> Any:
    """The field that was packed."""
    match node:
        case ["field", str() as name, str() as kind, list() as flags, of, list() as default, list() as factory] if (
            kind in _KINDS and len(flags) == len(_FLAGS) and all(type(flag) is bool for flag in flags)
        ):
            given = {"default": unpack(default[0])} if default else {}
            made: Any = _untyped.field(**dict(zip(_FLAGS, flags, strict=True)), **given)
            if factory and not default:
                made.default_factory = unpack(factory[0])
            made.name, made.type, made._field_type = name, unpack(of), _KINDS[kind]
            return made
        case _:
            raise ProtocolError("no field")
