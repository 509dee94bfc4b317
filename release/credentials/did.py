"""Issuers' identifiers: ``did:key``, which is its own key, and ``did:web``, whose document lies on the issuer's server.

Nothing is fetched here: the document of a ``did:web`` is given, from a file or as somebody pinned it. A document may
also be given for a ``did:key``, to say since when its key is not to be believed any more.

A key that its document calls *expired* (retired) or *revoked* (compromised) still vouches for what it signed before.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

import msgspec

from release.canonical import canonical
from release.credentials.answer import Answer, RefusedError
from release.credentials.strict_json import json_object

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

DID_V1 = "https://www.w3.org/ns/did/v1"
MULTIKEY_V1 = "https://w3id.org/security/multikey/v1"
JWK_V1 = "https://w3id.org/security/jwk/v1"

_WEB = re.compile(r"did:web:(?P<host>[A-Za-z0-9.-]+(%3A[0-9]{1,5})?)(?P<path>(:[A-Za-z0-9._~%-]+)*)\Z")

Documents = Mapping[str, Mapping[str, Any]]  # by the identifier that they are of


class PublishedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as an issuer publishes it. What it signed from ``ends`` on does not count."""

    did: str  # its did:key
    ends: datetime | None = None
    compromised: bool = False  # why it ends: somebody else may have it, rather than that it was put aside


@dataclass(frozen=True)
class IssuerKey:
    """The key that a proof names, and until when its signatures count."""

    public: "Ed25519PublicKey"
    ends: datetime | None = None
    compromised: bool = False


def did_of_address(address: str) -> str:
    """The ``did:web`` whose document lies below an https address: ``https://a.org/x`` is ``did:web:a.org:x``.

    Raises:
        ValueError: it is not the address of a folder on a server, by https.
    """
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError(f"{address[:100]} is not an address such as https://example.org/credentials")
    host = parts.hostname + (f"%3A{parts.port}" if parts.port else "")
    steps = [quote(unquote(step), safe="") for step in parts.path.strip("/").split("/") if step]
    did = ":".join(["did:web", host, *steps])
    if not _WEB.match(did):
        raise ValueError(f"{address[:100]} cannot be written as a did:web")
    return did


def address_of(did: str) -> str:
    """Where the document of a ``did:web`` lies.

    Raises:
        ValueError: it is not a ``did:web``.
    """
    if not (found := _WEB.match(did)):
        raise ValueError(f"{did[:100]} is not a did:web")
    steps = [quote(unquote(step)) for step in found["path"].split(":")[1:]]
    folder = "/".join(steps) or ".well-known"
    return f"https://{unquote(found['host'])}/{folder}/did.json"


def method_of(did: str, key_did: str) -> str:
    """The name by which proofs refer to a key of an issuer: ``did:web:example.org#z6Mk…``."""
    return f"{did}#{key_did.removeprefix('did:key:')}"


def jwk_of(key_did: str) -> dict[str, str]:
    """The key of a ``did:key`` as a JSON Web Key (RFC 8037)."""
    from release.keys import public_key

    return {"kty": "OKP", "crv": "Ed25519", "x": _base64url(public_key(key_did).public_bytes_raw())}


def thumbprint(key_did: str) -> str:
    """The RFC 7638 thumbprint of the key, which names it in tokens."""
    return _base64url(hashlib.sha256(canonical(jwk_of(key_did))).digest())


def document_of(did: str, keys: Iterable[PublishedKey]) -> dict[str, Any]:
    """The document that says which keys an issuer signs with, as a multikey for proofs and as a JWK for tokens."""
    methods = [method for key in keys for method in _methods(did, key)]
    return {
        "@context": [DID_V1, MULTIKEY_V1, JWK_V1],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def read_document(data: bytes) -> Mapping[str, Any]:
    """A document of a DID, from a file.

    Raises:
        ValueError: it is none.
    """
    document = json_object(data)
    if not str(document.get("id", "")).startswith("did:") or "verificationMethod" not in document:
        raise ValueError("it is not the document of a DID")
    return document


def issuer_key(issuer: str, method: str, documents: Documents) -> IssuerKey:
    """The key of an issuer that a proof names.

    Raises:
        RefusedError: the key is not the issuer's, or the issuer's document was not given.
    """
    if issuer in documents:
        return _published(issuer, method, documents[issuer])
    if issuer.startswith("did:web:"):
        raise RefusedError(Answer.UNKNOWN_ISSUER, _not_given(issuer))
    from release.keys import public_key

    try:
        key = public_key(issuer)
    except ValueError as error:
        raise RefusedError(
            Answer.WRONG_ISSUER, f"It names {issuer[:200]} as its issuer, which is not the DID of a key."
        ) from error
    if method != method_of(issuer, issuer):
        raise _not_the_issuers(issuer, method)
    return IssuerKey(key)


def _not_given(issuer: str) -> str:
    try:
        where = address_of(issuer)
    except ValueError:
        return f"Its issuer {issuer[:200]} is not a did:web that can be looked up."
    return f"Its issuer {issuer} publishes its keys at {where}, and that document was not given."


def _not_the_issuers(issuer: str, method: str) -> RefusedError:
    return RefusedError(
        Answer.WRONG_ISSUER, f"It names {issuer[:200]} as its issuer, but was signed with {method[:200]}."
    )


def _methods(did: str, key: PublishedKey) -> Iterator[dict[str, Any]]:
    ends = {} if key.ends is None else {"revoked" if key.compromised else "expires": _time(key.ends)}
    yield {
        "id": method_of(did, key.did),
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": key.did.removeprefix("did:key:"),
        **ends,
    }
    if did.startswith("did:web:"):
        name = f"{did}#{thumbprint(key.did)}"
        yield {"id": name, "type": "JsonWebKey", "controller": did, "publicKeyJwk": jwk_of(key.did), **ends}


def _published(issuer: str, method: str, document: Mapping[str, Any]) -> IssuerKey:
    """The key as the issuer's document has it."""
    for found in _assertion_methods(issuer, document):
        if found["id"] == method:
            return _key_in(found, method)
    raise _not_the_issuers(issuer, method)


def _assertion_methods(issuer: str, document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The methods by which the issuer makes statements, those of other controllers left out."""
    known = {}
    for each in _dicts(document.get("verificationMethod")):
        absolute = _absolute(issuer, each.get("id"))
        known[absolute] = each | {"id": absolute}
    asserting = document.get("assertionMethod")
    for each in asserting if isinstance(asserting, list) else []:
        found = each | {"id": _absolute(issuer, each.get("id"))} if isinstance(each, dict) else None
        found = found or known.get(_absolute(issuer, each))
        if found is not None and found.get("controller") == issuer:
            yield found


def _key_in(found: Mapping[str, Any], method: str) -> IssuerKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from release.keys import public_key

    jwk, multibase = found.get("publicKeyJwk"), found.get("publicKeyMultibase")
    try:
        if isinstance(multibase, str):
            key = public_key(f"did:key:{multibase}")
        elif isinstance(jwk, dict) and (jwk.get("kty"), jwk.get("crv")) == ("OKP", "Ed25519") and "d" not in jwk:
            key = Ed25519PublicKey.from_public_bytes(_raw(str(jwk.get("x"))))
        else:
            raise ValueError("no Ed25519 key")
        ends = [
            (datetime.fromisoformat(found[why]), why == "revoked") for why in ("revoked", "expires") if why in found
        ]
        if any(end.tzinfo is None for end, _ in ends):
            raise ValueError("a time without an offset")
    except (TypeError, ValueError) as error:
        raise RefusedError(
            Answer.UNKNOWN_PROOF, f"The issuer's document holds no usable Ed25519 key as {method[:200]}."
        ) from error
    end, compromised = min(ends, default=(None, False))
    return IssuerKey(key, end, compromised)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _absolute(issuer: str, name: Any) -> str:
    return f"{issuer}{name}" if isinstance(name, str) and name.startswith("#") else str(name)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _raw(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _time(moment: datetime) -> str:
    from release.data_integrity import xsd_time

    return xsd_time(moment)
