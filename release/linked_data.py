"""JSON-LD documents as canonical statements (RDFC-1.0), with the assurance that nothing in them was left out.

A signature covers statements, not bytes: whatever a JSON-LD processor drops is not covered and could be anything. So a
document is refused if any of it would be lost. The rules, in the order in which they are checked:

1. Its contexts are names of known ones, in one list at its top. A credential within it may repeat some of them, if it
   would say the same without.
2. It has no other keyword of JSON-LD, no null, nothing empty, no number that is not whole, no blank-node name.
3. Nothing is dropped when it is expanded, and expanding and compacting it gives back every key and value.
4. Every identifier and type in it is an absolute address.
5. It is not made to exhaust the canonicalisation (many nameless nodes that look alike).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from release import pinned

Document = Mapping[str, Any]

_DEEPEST = 24
_MOST_NODES = 400
_MOST_ALIKE = 5
_CLASSES = ("cred:", "obi:", "https://purl.imsglobal.org/spec/vc/clr/")
_QUADS = "application/n-quads"
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+\Z")


class Fault(StrEnum):
    """Why a document has no trustworthy statements."""

    UNKNOWN_CONTEXT = "unknown-context"
    UNDEFINED_TERM = "undefined-term"
    MALFORMED = "malformed"


class LinkedDataError(Exception):
    """The document's statements would not be all that it says.

    Attributes:
        fault: which kind of fault.
        message: what it is, in plain words.
    """

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault = fault
        self.message = message


def statements(document: Document) -> bytes:
    """The document's statements as canonical N-Quads.

    Raises:
        LinkedDataError: a rule above is broken.
    """
    from pyld import jsonld

    _check_contexts(document)
    given = document
    document = _without_repeated_contexts(document, document["@context"], 0)
    _check_values({key: value for key, value in document.items() if key != "@context"}, "", 0)
    options = {"documentLoader": _load, "base": None, "processingMode": "json-ld-1.1"}
    try:
        expanded = jsonld.expand(document, options)
        if document != given and jsonld.expand(given, options) != expanded:
            raise LinkedDataError(Fault.UNDEFINED_TERM, "a credential within it means something else by itself")
        compacted = jsonld.compact(expanded, [_for_compaction(name) for name in document["@context"]], options)
        _check_nothing_lost(document, compacted, "")
        _check_absolute(expanded)
        _check_alike(jsonld.to_rdf(expanded, options | {"format": _QUADS}))
        quads: str = jsonld.normalize(expanded, options | {"algorithm": "URDNA2015", "format": _QUADS})
    except jsonld.JsonLdError as error:
        raise LinkedDataError(Fault.MALFORMED, f"it is not JSON-LD: {_innermost(error)}") from error
    return quads.encode()


def _for_compaction(url: str) -> Any:
    """The context for the way back.

    Where the CLR's context says of which class a term's value is, the term is never chosen for an object on that way,
    so the term is used without; a value that is no object then comes back changed, and is refused.
    """
    return {"@context": _without_classes(pinned.context(url)["@context"])} if url == pinned.CLR_2 else url


def _without_classes(context: Any) -> Any:
    if not isinstance(context, Mapping):
        return context
    return {
        key: _without_classes(each)
        for key, each in context.items()
        if not (key == "@type" and str(each).startswith(_CLASSES))
    }


def _load(url: str, _options: object = None) -> dict[str, Any]:
    """Serves embedded contexts and refuses everything else; the network is never used."""
    if url not in pinned.CONTEXTS:
        raise LinkedDataError(Fault.UNKNOWN_CONTEXT, f"the context {url} is not known here, and none is ever fetched")
    document = pinned.context(url)
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": document}


def _innermost(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).partition("\n")[0]


def _check_contexts(document: Document) -> None:
    contexts = document.get("@context")
    if not isinstance(contexts, list) or not contexts:
        raise LinkedDataError(Fault.UNKNOWN_CONTEXT, "it has no list of contexts")
    for context in contexts:
        if not isinstance(context, str):
            raise LinkedDataError(Fault.UNKNOWN_CONTEXT, "it defines terms of its own, which could change any meaning")
        _load(context)


def _without_repeated_contexts(value: Any, contexts: list[str], depth: int) -> Any:
    """The same without the contexts of the credentials within it, which have to be among its own."""
    if depth > _DEEPEST:
        raise LinkedDataError(Fault.MALFORMED, "it is nested too deeply")
    if isinstance(value, list):
        return [_without_repeated_contexts(each, contexts, depth + 1) for each in value]
    if not isinstance(value, Mapping):
        return value
    kept = {key: _without_repeated_contexts(each, contexts, depth + 1) for key, each in value.items()}
    for each in kept.get("verifiableCredential", []) if isinstance(kept.get("verifiableCredential"), list) else []:
        if isinstance(each, dict) and _repeats(each.get("@context"), contexts):
            del each["@context"]
    return kept


def _repeats(repeated: Any, contexts: list[str]) -> bool:
    return isinstance(repeated, list) and bool(repeated) and repeated == [each for each in contexts if each in repeated]


def _check_values(value: Any, path: str, depth: int) -> None:
    if depth > _DEEPEST:
        raise LinkedDataError(Fault.MALFORMED, "it is nested too deeply")
    if isinstance(value, Mapping):
        _check_keys(value, path)
        for key, each in value.items():
            _check_values(each, f"{path}.{key}" if path else key, depth + 1)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            _check_values(each, f"{path}[{index}]", depth + 1)
    if value is None or value in ([], {}) or isinstance(value, float):
        raise LinkedDataError(Fault.UNDEFINED_TERM, f"{path} holds {value!r}, which no signature covers")


def _check_keys(node: Document, path: str) -> None:
    for key in node:
        if key.startswith("@"):
            raise LinkedDataError(Fault.UNDEFINED_TERM, f"{path} uses {key}, which could change what the rest means")
    if str(node.get("id", "")).startswith("_:"):
        raise LinkedDataError(Fault.MALFORMED, f"{path}.id is a blank-node name")


def _check_alike(quads: str) -> None:
    """RDFC-1.0 tries every order of blank nodes that it cannot tell apart by their own statements (its 4.6)."""
    said: dict[str, list[str]] = defaultdict(list)
    for line in filter(None, quads.split("\n")):
        subject, predicate, rest = line.split(" ", 2)
        terms = (subject, rest.removesuffix(" ."))
        for node in {term for term in terms if term.startswith("_:")}:
            seen = [_seen_from(node, term) for term in terms]
            said[node].append(f"{seen[0]} {predicate} {seen[1]}")
    alike = Counter("\n".join(sorted(lines)) for lines in said.values())
    if len(said) > _MOST_NODES or max(alike.values(), default=0) > _MOST_ALIKE:
        raise LinkedDataError(Fault.MALFORMED, "it has too many nameless nodes that look alike")


def _seen_from(node: str, term: str) -> str:
    """The term as the blank node sees it: itself, another blank node, or what it is."""
    if not term.startswith("_:"):
        return term
    return "_:a" if term == node else "_:z"


def _check_nothing_lost(original: Any, kept: Any, path: str) -> None:
    original, kept = _unwrapped(original), _unwrapped(kept)
    if isinstance(original, Mapping) and isinstance(kept, Mapping):
        for key, value in original.items():
            place = f"{path}.{key}" if path else key
            if key not in kept:
                raise LinkedDataError(Fault.UNDEFINED_TERM, f"{place} is not a term of its contexts")
            if key not in ("@context", "type"):  # a type may have two names; that each is one is checked by itself
                _check_nothing_lost(value, kept[key], place)
    elif isinstance(original, list) and isinstance(kept, list) and len(original) == len(kept):
        for index, (each, other) in enumerate(zip(original, kept, strict=True)):
            _check_nothing_lost(each, other, f"{path}[{index}]")
    elif original != kept or type(original) is not type(kept):
        raise LinkedDataError(Fault.UNDEFINED_TERM, f"{path} is not kept as it is")


def _unwrapped(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _check_absolute(value: Any) -> None:
    if isinstance(value, list):
        for each in value:
            _check_absolute(each)
    elif isinstance(value, Mapping):
        names = [value["@id"]] if "@id" in value else []
        types = value.get("@type", [])
        for name in (*names, *([types] if isinstance(types, str) else types)):
            if not _ABSOLUTE.match(name) and name != "@json":
                raise LinkedDataError(Fault.UNDEFINED_TERM, f"{name!r} is neither a known term nor an absolute address")
        for key, each in value.items():
            if key not in ("@id", "@type", "@value"):
                _check_absolute(each)
