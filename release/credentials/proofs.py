"""The two forms in which a credential is signed, read and checked: a proof within it, and a token around it.

Reading believes nothing. Checking asks, in this order: are its contexts known, would anything that it says be left out
of its statements, and is the signature that of the key.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from release.credentials.answer import Answer, RefusedError
from release.credentials.strict_json import json_object
from release.credentials.token import read_token

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
_PROOF_KEYS = frozenset(
    {"id", "type", "cryptosuite", "created", "expires", "verificationMethod", "proofPurpose", "proofValue"}
)


@dataclass(frozen=True)
class Secured:
    """A credential, and what is said about who signed it, when and with which key."""

    document: Mapping[str, Any]  # without its proof
    issuer: str
    method: str
    made: datetime | None
    expires: datetime | None
    signature: bytes
    proof: Mapping[str, Any] | None = None  # if it stands within the document
    message: bytes = b""  # what a token's signature is over


def read(data: bytes) -> Secured:
    """A signed credential, from JSON or a token.

    Raises:
        RefusedError: it is none, or its proof is of a kind that is not understood.
    """
    return _embedded(data) if data.lstrip()[:1] in (b"{", b"[", b"") else _token(data)


def check(secured: Secured, key: "Ed25519PublicKey") -> None:
    """That every statement of the credential is as the key signed it.

    Raises:
        RefusedError: it is not.
    """
    from cryptography.exceptions import InvalidSignature

    from release.linked_data import LinkedDataError

    try:
        message = _message(secured)
    except LinkedDataError as error:
        raise RefusedError(
            Answer(error.fault.value), f"Not all of it is covered by a signature: {error.message}."
        ) from error
    try:
        key.verify(secured.signature, message)
    except InvalidSignature as error:
        raise RefusedError(Answer.CHANGED, "It is not what was signed: something in it was changed.") from error


def _message(secured: Secured) -> bytes:
    from release.data_integrity import signed_bytes
    from release.linked_data import statements

    if secured.proof is not None:
        return signed_bytes(secured.document, secured.proof)
    statements(secured.document)  # its bytes are signed; that each of its terms has a meaning is another matter
    return secured.message


def _embedded(data: bytes) -> Secured:
    try:
        document = json_object(data)
    except ValueError as error:
        raise RefusedError(Answer.MALFORMED, f"It is not a JSON document: {error}.") from error
    _check_is_credential(document)
    proof = _proof(document)
    method = proof.get("verificationMethod")
    return Secured(
        document={key: value for key, value in document.items() if key != "proof"},
        issuer=_issuer(document),
        method=_text(method, "It does not say with which key it was signed."),
        made=moment(proof, "created"),
        expires=moment(proof, "expires"),
        signature=_signature(proof),
        proof=proof,
    )


def _token(data: bytes) -> Secured:
    token = read_token(data)
    _check_is_credential(token.document)
    if "proof" in token.document:
        raise RefusedError(
            Answer.UNKNOWN_PROOF, "It is a token with another proof in it, which is not understood here."
        )
    return Secured(
        document=token.document,
        issuer=_issuer(token.document),
        method=token.method,
        made=token.made,
        expires=token.expires,
        signature=token.signature,
        message=token.message,
    )


def _check_is_credential(document: Mapping[str, Any]) -> None:
    types, contexts = document.get("type"), document.get("@context")
    if not (
        isinstance(types, list)
        and "VerifiableCredential" in types
        and isinstance(contexts, list)
        and contexts[:1] == [_CREDENTIALS_V2]
        and isinstance(document.get("id"), str)
        and isinstance(document.get("credentialSubject"), dict)
    ):
        raise RefusedError(Answer.MALFORMED, "It is not a verifiable credential of the data model 2.0.")


def _proof(document: Mapping[str, Any]) -> Mapping[str, Any]:
    proof = document.get("proof")
    if not isinstance(proof, dict):
        what = "no proof" if proof is None else "other than one proof, which is not understood here"
        raise RefusedError(Answer.UNKNOWN_PROOF, f"It has {what}.")
    if (proof.get("type"), proof.get("cryptosuite")) != ("DataIntegrityProof", "eddsa-rdfc-2022"):
        what = f"{proof.get('type')} {proof.get('cryptosuite')}"[:200]
        raise RefusedError(Answer.UNKNOWN_PROOF, f"Its proof is of the kind {what}, which is not understood here.")
    if unknown := sorted(proof.keys() - _PROOF_KEYS):
        raise RefusedError(Answer.UNKNOWN_PROOF, f"Its proof holds {unknown[0]!r}, which is not understood here.")
    if proof.get("proofPurpose") != "assertionMethod":
        raise RefusedError(Answer.UNKNOWN_PROOF, "Its proof was not made to assert what it says.")
    return proof


def _issuer(document: Mapping[str, Any]) -> str:
    issuer = document.get("issuer")
    return _text(issuer.get("id") if isinstance(issuer, dict) else issuer, "It does not say who issued it.")


def _text(value: Any, otherwise: str) -> str:
    if not isinstance(value, str):
        raise RefusedError(Answer.WRONG_ISSUER, otherwise)
    return value


def _signature(proof: Mapping[str, Any]) -> bytes:
    from release import multibase

    try:
        return multibase.decode(str(proof.get("proofValue", ""))[:200])
    except ValueError:
        return b""


_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")


def moment(holder: Mapping[str, Any], key: str) -> datetime | None:
    """The time that is said there, or None if nothing is.

    Raises:
        RefusedError: what is said is not a time with an offset.
    """
    if key not in holder:
        return None
    value = holder[key]
    try:
        if not _TIME.match(value):
            raise ValueError(key)
        return datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise RefusedError(Answer.MALFORMED, f"Its {key} is not a time with an offset.") from error
