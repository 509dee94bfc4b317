"""Checks a credential without a network: what it says is what its issuer signed, and it holds at a given time.

The checks, in this order, each with an answer of its own: it is a credential, alone or in an image; its proof is one
that is understood; the issuer is the one that is expected, and the key that signed is the issuer's; its contexts are
known; nothing in it is left out of the signature; the signature is right; the key was in force when it was made; the
time lies within its validity; and the status lists that it names, which have to be given, say that it still holds.

This module imports neither Jupyter nor nbgrader, and what checks signatures only when it is needed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from release.credentials import did
from release.credentials.answer import Answer, RefusedError
from release.credentials.carriers import unwrapped
from release.credentials.did import Documents
from release.credentials.proofs import Secured, check, moment, read
from release.credentials.status import addresses, check_status

__all__ = ["Answer", "Verification", "verify"]


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """The answer, and in one sentence why."""

    answer: Answer
    message: str
    issuer: str = ""  # the DID of who signed; only in a verified answer
    id: str = ""  # the credential's

    @property
    def ok(self) -> bool:
        """Whether the credential may be relied on, if its issuer may."""
        return self.answer is Answer.VERIFIED


def verify(
    credential: bytes,
    *,
    at: datetime,
    issuer: str | None = None,
    documents: Iterable[Mapping[str, Any]] = (),
    lists: Iterable[bytes] = (),
) -> Verification:
    """Whether the credential is what its issuer signed, and holds at that time.

    Args:
        credential: the file's bytes: JSON, a token (``vc+jwt``), or a PNG or SVG image that holds one.
        at: the time that counts, with its offset.
        issuer: the DID of the issuer that is expected. Without it, anybody's credential verifies, and whether the
            issuer in the answer is to be trusted is for the caller to say.
        documents: the DID documents of issuers, from wherever the caller trusts; a ``did:web`` needs its own.
        lists: status lists, as they were published; those that the credential names have to be among them.

    Raises:
        ValueError: ``at`` has no offset.
    """
    if at.tzinfo is None:
        raise ValueError("the time of a verification needs an offset")
    known: Documents = {str(document.get("id")): document for document in documents}
    try:
        secured = read(unwrapped(credential))
        if issuer is not None and secured.issuer != issuer:
            raise RefusedError(Answer.WRONG_ISSUER, f"It was issued by {secured.issuer[:200]}, not by {issuer[:200]}.")
        _check_signed(secured, known, at)
        named = set(addresses(secured.document))
        check_status(secured.document, dict(_believed(lists, secured.issuer, named, known, at)))
    except RefusedError as refused:
        return Verification(answer=refused.answer, message=refused.message)
    message = f"Every statement in it is as {secured.issuer} signed it."
    return Verification(answer=Answer.VERIFIED, message=message, issuer=secured.issuer, id=str(secured.document["id"]))


def _check_signed(secured: Secured, documents: Documents, at: datetime) -> None:
    """That it is signed with a key of its issuer that was in force, and valid now."""
    key = did.issuer_key(secured.issuer, secured.method, documents)
    check(secured, key.public)
    if key.ends is not None and (secured.made is None or secured.made >= key.ends):
        if key.compromised:
            raise RefusedError(
                Answer.COMPROMISED_KEY,
                f"It was signed with a key that may be in other hands since {key.ends.isoformat()}.",
            )
        raise RefusedError(
            Answer.RETIRED_KEY, f"It was signed with a key that its issuer put aside at {key.ends.isoformat()}."
        )
    begins, ends = (moment(secured.document, name) for name in ("validFrom", "validUntil"))
    if begins is not None and at < begins:
        raise RefusedError(
            Answer.NOT_YET_VALID, f"It is valid from {begins.isoformat()} on, and it is not that late yet."
        )
    for end in (ends, secured.expires):
        if end is not None and at > end:
            raise RefusedError(Answer.EXPIRED, f"It was valid until {end.isoformat()}.")


def _believed(
    lists: Iterable[bytes], issuer: str, named: set[str], documents: Documents, at: datetime
) -> Iterable[tuple[str, Mapping[str, Any] | RefusedError]]:
    """Those of the lists that the credential names, each as what it says or why it is not believed."""
    seen: set[str] = set()
    for data in lists:
        try:
            secured = read(data.strip())
        except RefusedError:
            continue  # of no list can be said which it would be; the credential's own is then missing
        address = str(secured.document["id"])
        if address not in named:
            continue
        if address in seen:
            yield address, RefusedError(Answer.BAD_STATUS, f"The status list {address} was given twice: give one.")
            continue
        seen.add(address)
        yield address, _list_or_refusal(secured, address, issuer, documents, at)


def _list_or_refusal(
    secured: Secured, address: str, issuer: str, documents: Documents, at: datetime
) -> Mapping[str, Any] | RefusedError:
    if secured.issuer != issuer:
        return RefusedError(
            Answer.FOREIGN_STATUS, f"The status list {address} is of {secured.issuer[:200]}, not of its issuer."
        )
    if "BitstringStatusListCredential" not in secured.document["type"]:
        return RefusedError(Answer.BAD_STATUS, f"{address} is not a status list.")
    try:
        _check_signed(secured, documents, at)
    except RefusedError as refused:
        what = refused.message[0].lower() + refused.message[1:]
        return RefusedError(Answer.BAD_STATUS, f"The status list {address} is not to be believed: {what}")
    return secured.document
