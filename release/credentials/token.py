"""Credentials as signed tokens (W3C, *Securing Verifiable Credentials using JOSE and COSE*; media type ``vc+jwt``).

The payload is the credential itself. Open Badges 3.0 (8.2) asks for the claims ``iss``, ``jti`` and ``nbf`` beside it,
and ``sub`` if the subject has an id; whatever of them is there has to say what the credential says.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from release.canonical import canonical
from release.credentials.answer import Answer, RefusedError
from release.credentials.strict_json import LARGEST, json_object

if TYPE_CHECKING:
    from release.keys import SigningKey

TYPE = "vc+jwt"
FORM = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\Z")
_TYPES = frozenset({TYPE, "JWT"})  # the latter in examples of Open Badges 3.0
_ALGORITHMS = frozenset({"EdDSA", "Ed25519"})  # RFC 8037, RFC 9864
_HEADER = frozenset({"alg", "typ", "cty", "kid"})
_CLAIMS = frozenset({"iss", "sub", "jti", "nbf", "iat", "exp"})


@dataclass(frozen=True)
class Token:
    """A token taken apart; nothing in it is believed yet."""

    document: Mapping[str, Any]  # the credential
    method: str  # the key that is said to have signed
    message: bytes  # what the signature is over
    signature: bytes
    made: datetime | None
    expires: datetime | None


def signed_token(document: Mapping[str, Any], key: "SigningKey", created: datetime, *, method: str) -> str:
    """The credential as a compact token. The same token for the same key, credential and time.

    Args:
        document: the credential, without a proof.
        key: signs it.
        created: when.
        method: the key's name, as the issuer publishes it.
    """
    issuer, subject = document["issuer"], document["credentialSubject"]
    claims: dict[str, Any] = {
        "iss": issuer["id"] if isinstance(issuer, Mapping) else issuer,
        "jti": document["id"],
        "nbf": _seconds(datetime.fromisoformat(document["validFrom"])),
        "iat": _seconds(created),
    }
    if "id" in subject:
        claims["sub"] = subject["id"]
    header = {"alg": "EdDSA", "cty": "vc", "kid": method, "typ": TYPE}
    message = f"{_base64url(canonical(header))}.{_base64url(canonical({**document, **claims}))}"
    return f"{message}.{_base64url(key.sign(message.encode()))}"


def read_token(data: bytes) -> Token:
    """Take a token apart.

    Raises:
        RefusedError: it is none, is of a kind that is not understood, or its claims contradict the credential.
    """
    if len(data) > 2 * LARGEST or not FORM.match(data):
        raise RefusedError(Answer.MALFORMED, "It is not a signed token.")
    message, _, signature = data.rpartition(b".")
    head, _, body = message.partition(b".")
    try:
        header, payload = json_object(_raw(head)), json_object(_raw(body))
        signed = _raw(signature)
    except ValueError as error:
        raise RefusedError(Answer.MALFORMED, f"It is not a signed token: {error}.") from error
    method = _method(header)
    document = {name: value for name, value in payload.items() if name not in _CLAIMS}
    claims = {name: value for name, value in payload.items() if name in _CLAIMS}
    _check_claims(document, claims)
    return Token(document, method, message, signed, _moment(claims, "iat"), _moment(claims, "exp"))


def _method(header: Mapping[str, Any]) -> str:
    if header.get("alg") not in _ALGORITHMS:
        what = str(header.get("alg"))[:50]
        raise RefusedError(Answer.UNKNOWN_PROOF, f"It is signed by the algorithm {what}, which is not understood here.")
    if header.get("typ") not in _TYPES or header.get("cty", "vc") != "vc":
        raise RefusedError(Answer.UNKNOWN_PROOF, "It is a token, but not said to be a credential's.")
    if unknown := sorted(header.keys() - _HEADER):
        raise RefusedError(Answer.UNKNOWN_PROOF, f"Its header holds {unknown[0][:50]!r}, which is not understood here.")
    method = header.get("kid")
    if not isinstance(method, str):
        raise RefusedError(Answer.UNKNOWN_PROOF, "It does not say with which key it was signed.")
    return method


def _check_claims(document: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    issuer, subject = document.get("issuer"), document.get("credentialSubject")
    said = {
        "iss": issuer.get("id") if isinstance(issuer, dict) else issuer,
        "jti": document.get("id"),
        "sub": subject.get("id") if isinstance(subject, dict) else None,
    }
    for claim, value in said.items():
        if claim in claims and claims[claim] != value:
            raise RefusedError(Answer.MALFORMED, f"Its claim {claim} is not what the credential says.")
    if "nbf" in claims and _moment(claims, "nbf") != _to_the_second(document.get("validFrom")):
        raise RefusedError(Answer.MALFORMED, "Its claim nbf is not the time from which the credential is valid.")


def _to_the_second(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value).astimezone(UTC).replace(microsecond=0)
    except (TypeError, ValueError):
        return None


def _moment(claims: Mapping[str, Any], claim: str) -> datetime | None:
    if claim not in claims:
        return None
    seconds = claims[claim]
    try:
        if isinstance(seconds, bool) or not isinstance(seconds, int):
            raise ValueError(claim)
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise RefusedError(Answer.MALFORMED, f"Its claim {claim} is not a time.") from error


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _raw(text: bytes) -> bytes:
    raw = base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != text:
        raise ValueError("its base 64 has bits to spare, so that many texts would say the same")
    return raw
