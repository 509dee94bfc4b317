"""Checks a credential without a network: what it says is what its issuer signed, and it is valid at a given time.

The checks, in this order, each with an answer of its own: it is strict JSON and a credential; its proof is one that is
understood; the key that signed is the issuer's, and the issuer the one that is expected; its contexts are known;
nothing in it is left out of the signature; the signature is right; the time lies within its validity; and it names no
status that would have to be looked up.

This module imports neither Jupyter nor nbgrader, and what checks signatures only when it is needed.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

_LARGEST = 1 << 20  # bytes
_CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
_PROOF_KEYS = frozenset(
    {"id", "type", "cryptosuite", "created", "expires", "verificationMethod", "proofPurpose", "proofValue"}
)


class Answer(StrEnum):
    """What a verification came to."""

    VERIFIED = "verified"
    MALFORMED = "malformed"  # not a credential that can be read
    UNKNOWN_PROOF = "unknown-proof"  # none, or of a kind that is not understood
    WRONG_ISSUER = "wrong-issuer"  # signed with another's key, or not by who is expected
    UNKNOWN_CONTEXT = "unknown-context"  # its terms cannot be known
    UNDEFINED_TERM = "undefined-term"  # it says something that the signature does not cover
    CHANGED = "changed"  # not what was signed
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    UNKNOWN_STATUS = "unknown-status"  # it may have been revoked, which cannot be told here


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """The answer, and in one sentence why."""

    answer: Answer
    message: str
    issuer: str = ""  # the did:key that signed; only in a verified answer
    id: str = ""  # the credential's

    @property
    def ok(self) -> bool:
        """Whether the credential may be relied on, if its issuer may."""
        return self.answer is Answer.VERIFIED


class _RefusedError(Exception):
    def __init__(self, answer: Answer, message: str) -> None:
        super().__init__(message)
        self.answer = answer
        self.message = message


def verify(credential: bytes, *, at: datetime, issuer: str | None = None) -> Verification:
    """Whether the credential is what its issuer signed, and valid at that time.

    Args:
        credential: the file's bytes.
        at: the time that counts, with its offset.
        issuer: the ``did:key`` of the issuer that is expected. Without it, anybody's credential verifies, and whether
            the issuer in the answer is to be trusted is for the caller to say.

    Raises:
        ValueError: ``at`` has no offset.
    """
    if at.tzinfo is None:
        raise ValueError("the time of a verification needs an offset")
    try:
        document = _parsed(credential)
        proof = _proof(document)
        signer = _signer(document, proof, issuer)
        _check_signature(document, proof, signer)
        _check_validity(document, proof, at)
    except _RefusedError as refused:
        return Verification(answer=refused.answer, message=refused.message)
    message = f"Every statement in it is as {signer} signed it."
    return Verification(answer=Answer.VERIFIED, message=message, issuer=signer, id=str(document["id"]))


def _parsed(credential: bytes) -> Mapping[str, Any]:
    if len(credential) > _LARGEST:
        raise _RefusedError(Answer.MALFORMED, "It is larger than a credential can be.")
    try:
        document = json.loads(credential.decode(), object_pairs_hook=_without_doubles, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason = str(error) if not isinstance(error, RecursionError) else "it is nested too deeply"
        raise _RefusedError(Answer.MALFORMED, f"It is not a JSON document: {reason}.") from error
    if not isinstance(document, dict) or not _is_credential(document):
        raise _RefusedError(Answer.MALFORMED, "It is not a verifiable credential of the data model 2.0.")
    return document


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice, and readers would differ in which one counts")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _is_credential(document: Mapping[str, Any]) -> bool:
    types, contexts = document.get("type"), document.get("@context")
    return (
        isinstance(types, list)
        and "VerifiableCredential" in types
        and isinstance(contexts, list)
        and contexts[:1] == [_CREDENTIALS_V2]
        and isinstance(document.get("id"), str)
        and isinstance(document.get("credentialSubject"), dict)
    )


def _proof(document: Mapping[str, Any]) -> Mapping[str, Any]:
    proof = document.get("proof")
    if not isinstance(proof, dict):
        what = "no proof" if proof is None else "other than one proof, which is not understood here"
        raise _RefusedError(Answer.UNKNOWN_PROOF, f"It has {what}.")
    if (proof.get("type"), proof.get("cryptosuite")) != ("DataIntegrityProof", "eddsa-rdfc-2022"):
        what = f"{proof.get('type')} {proof.get('cryptosuite')}"[:200]
        raise _RefusedError(Answer.UNKNOWN_PROOF, f"Its proof is of the kind {what}, which is not understood here.")
    if unknown := sorted(proof.keys() - _PROOF_KEYS):
        raise _RefusedError(Answer.UNKNOWN_PROOF, f"Its proof holds {unknown[0]!r}, which is not understood here.")
    if proof.get("proofPurpose") != "assertionMethod":
        raise _RefusedError(Answer.UNKNOWN_PROOF, "Its proof was not made to assert what it says.")
    return proof


def _signer(document: Mapping[str, Any], proof: Mapping[str, Any], expected: str | None) -> str:
    """The ``did:key`` that signed, which has to be the issuer's and the expected one."""
    from release.keys import public_key, verification_method

    issuer, method = document.get("issuer"), proof.get("verificationMethod")
    named = issuer.get("id") if isinstance(issuer, dict) else issuer
    if not isinstance(named, str) or not isinstance(method, str):
        raise _RefusedError(Answer.WRONG_ISSUER, "It does not say who issued it, or with which key.")
    did = method.partition("#")[0]
    try:
        public_key(did)
    except ValueError as error:
        raise _RefusedError(
            Answer.UNKNOWN_PROOF, f"Its key {method[:200]} is of a kind not understood here."
        ) from error
    if named != did or method != verification_method(did):
        raise _RefusedError(Answer.WRONG_ISSUER, f"It names {named[:200]} as its issuer, but {did} signed it.")
    if expected is not None and did != expected:
        raise _RefusedError(Answer.WRONG_ISSUER, f"It was issued by {did}, not by {expected[:200]}.")
    return did


def _check_signature(document: Mapping[str, Any], proof: Mapping[str, Any], signer: str) -> None:
    from release import multibase
    from release.data_integrity import signed_bytes
    from release.keys import signed_by
    from release.linked_data import LinkedDataError

    try:
        message = signed_bytes(document, proof)
    except LinkedDataError as error:
        raise _RefusedError(
            Answer(error.fault.value), f"Not all of it is covered by a signature: {error.message}."
        ) from error
    try:
        signature = multibase.decode(str(proof.get("proofValue", ""))[:200])
    except ValueError:
        signature = b""
    if not signed_by(signer, message, signature):
        raise _RefusedError(Answer.CHANGED, "It is not what was signed: something in it was changed.")


def _check_validity(document: Mapping[str, Any], proof: Mapping[str, Any], at: datetime) -> None:
    begins, ends, proof_ends = (
        _moment(holder, key) for holder, key in ((document, "validFrom"), (document, "validUntil"), (proof, "expires"))
    )
    if begins is not None and at < begins:
        raise _RefusedError(
            Answer.NOT_YET_VALID, f"It is valid from {begins.isoformat()} on, and it is not that late yet."
        )
    for end in (ends, proof_ends):
        if end is not None and at > end:
            raise _RefusedError(Answer.EXPIRED, f"It was valid until {end.isoformat()}.")
    if "credentialStatus" in document:
        raise _RefusedError(
            Answer.UNKNOWN_STATUS, "It names a status list, and whether it is revoked cannot be told here."
        )


def _moment(holder: Mapping[str, Any], key: str) -> datetime | None:
    if key not in holder:
        return None
    try:
        moment = datetime.fromisoformat(holder[key])
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _RefusedError(Answer.MALFORMED, f"Its {key} is not a time with an offset.")
    return moment
