"""Canonical statements of many documents of one shape, without a JSON-LD processor for each.

The first document of a shape goes through :func:`release.linked_data.statements`, with a marker in place of each value
that differs between credentials; what comes out is a template. Later ones fill it, and the blank nodes are named anew
(W3C, *RDF Dataset Canonicalization*, 4.4, as far as each blank node differs from all others in its own statements).
Whatever does not fit goes the long way, so the outcome is the same, which the tests hold against PyLD.

This is for documents of one's own, to sign them. What others made is verified the long way alone.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from release.canonical import canonical
from release.linked_data import Document, statements

_VARYING = frozenset(
    {
        "id",
        "validFrom",
        "awardedDate",
        "created",
        "identityHash",
        "name",
        "narrative",
        "value",
        "resultDescription",
        "statusListIndex",
    }
)
_ADDRESS = re.compile(r"(urn:uuid:|https://)[A-Za-z0-9._~/#-]+\Z")
_PLAIN = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]+\Z")  # needs no rare escape
_LINE = re.compile(r"(?P<subject>\S+) (?P<predicate>\S+) (?P<object>.+) \.\Z")
_MARKED = re.compile(
    r"<urn:uuid:marker-5d1f0c-(?P<address>\d+)>|\"(?:urn:uuid:)?marker-5d1f0c-(?P<text>\d+)\"(?P<kind>\S*)\Z"
)
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


@dataclass(frozen=True)
class _Term:
    """A term of a statement: as it stands, or the value with that number within ``before`` and ``behind``."""

    text: str
    value: int | None = None
    quoted: bool = False

    def filled(self, values: list[str]) -> str:
        if self.value is None:
            return self.text
        given = values[self.value]
        return f'"{given.translate(_ESCAPES)}"{self.text}' if self.quoted else f"<{given}>"


@dataclass(frozen=True)
class _Template:
    lines: tuple[tuple[_Term, str, _Term], ...]


class Templates:
    """Statements of documents of few shapes; holds a template for each shape that it has met."""

    def __init__(self) -> None:
        self._known: dict[bytes, _Template | None] = {}

    def statements(self, document: Document) -> bytes:
        """The same as :func:`release.linked_data.statements`, and raises the same."""
        values: list[str] = []
        shape = _shape(document, "", values)
        key = canonical(shape)
        if key not in self._known:
            self._known[key] = _template(shape, len(values))
        template = self._known[key]
        filled = None if template is None else _filled(template, values)
        return statements(document) if filled is None else filled


def _shape(value: Any, key: str, values: list[str]) -> Any:
    """The value with a marker for each text that varies; these are appended to ``values``."""
    if isinstance(value, Mapping):
        return {name: _shape(each, name, values) for name, each in value.items()}
    if isinstance(value, list):
        return [_shape(each, "", values) for each in value]
    if key in _VARYING and isinstance(value, str) and _PLAIN.match(value):
        marker = f"marker-5d1f0c-{len(values)}"
        if _ADDRESS.match(value):
            values.append(value)
            return f"urn:uuid:{marker}"
        if key != "id":
            values.append(value)
            return marker
    return value


def _template(shape: Any, count: int) -> _Template | None:
    """The template of a shape, or None if it has none: a marker of it did not come through as it was."""
    from release.linked_data import LinkedDataError

    try:
        lines = statements(shape).decode().removesuffix("\n").split("\n")  # texts may hold other ends of lines
    except LinkedDataError:
        return None  # the document itself will say what is wrong with it
    parsed = [_parsed(line) for line in lines]
    seen = {term.value for subject, _, object_ in parsed for term in (subject, object_)} - {None}
    return _Template(tuple(parsed)) if seen == set(range(count)) else None


def _parsed(line: str) -> tuple[_Term, str, _Term]:
    found = _LINE.match(line)
    if found is None:
        raise ValueError(f"not a statement: {line}")
    return _term(found["subject"]), found["predicate"], _term(found["object"])


def _term(text: str) -> _Term:
    found = _MARKED.match(text)
    if found is None:
        return _Term(text)
    if found["address"] is not None:
        return _Term("", int(found["address"]))
    return _Term(found["kind"], int(found["text"]), quoted=True)


def _filled(template: _Template, values: list[str]) -> bytes | None:
    """The canonical statements, or None if two blank nodes cannot be told apart by their own statements."""
    lines = [
        (subject.filled(values), predicate, object_.filled(values)) for subject, predicate, object_ in template.lines
    ]
    said: dict[str, list[str]] = defaultdict(list)
    for subject, predicate, object_ in lines:
        for node in {term for term in (subject, object_) if term.startswith("_:")}:
            said[node].append(f"{_seen_from(node, subject)} {predicate} {_seen_from(node, object_)} .\n")
    hashes = {hashlib.sha256("".join(sorted(own)).encode()).hexdigest(): node for node, own in said.items()}
    if len(hashes) < len(said):
        return None
    names = {hashes[digest]: f"_:c14n{number}" for number, digest in enumerate(sorted(hashes))}
    named = {f"{names.get(one, one)} {predicate} {names.get(other, other)} .\n" for one, predicate, other in lines}
    return "".join(sorted(named)).encode()


def _seen_from(node: str, term: str) -> str:
    if not term.startswith("_:"):
        return term
    return "_:a" if term == node else "_:z"
