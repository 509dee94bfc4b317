"""Status lists (W3C, *Bitstring Status List v1.0*): made by an issuer, and asked whether a credential still holds.

An issuer has two lists for each batch of credentials, one for revocations and one for suspensions, in which a
credential has the same place. A list is a signed credential too, of the same issuer, that holds for a limited time, so
that nobody can show an old one for ever.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from release.credentials import bits
from release.credentials.answer import Answer, RefusedError

HOLDS_FOR = timedelta(days=30)
_MOST_ENTRIES = 8
_LONGEST_PLACE = 8  # digits; a list has at most 2 ** 27 places


class Purpose(StrEnum):
    """What a set bit means. A revocation is for good, a suspension can be lifted."""

    REVOCATION = "revocation"
    SUSPENSION = "suspension"


_MEANS = {
    Purpose.REVOCATION: (Answer.REVOKED, "It was revoked by its issuer."),
    Purpose.SUSPENSION: (Answer.SUSPENDED, "It is suspended by its issuer for now."),
}
_WORST_FIRST = (
    Answer.REVOKED,
    Answer.SUSPENDED,
    Answer.FOREIGN_STATUS,
    Answer.BAD_STATUS,
    Answer.UNKNOWN_STATUS,
)


def list_address(base: str, purpose: Purpose, number: int) -> str:
    """Where a list lies below the address of an issuer's lists."""
    return f"{base.rstrip('/')}/{purpose}-{number}.json"


def entries(base: str, number: int, place: int) -> list[dict[str, Any]]:
    """What a credential says about where to look its status up."""
    return [
        {
            "id": f"{list_address(base, purpose, number)}#{place}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": purpose.value,
            "statusListIndex": str(place),
            "statusListCredential": list_address(base, purpose, number),
        }
        for purpose in Purpose
    ]


def status_list(issuer: str, address: str, purpose: Purpose, places: Iterable[int], *, at: datetime) -> dict[str, Any]:
    """A list as a credential, to be signed; it holds for 30 days from ``at``."""
    from release.data_integrity import xsd_time
    from release.pinned import CREDENTIALS_V2

    return {
        "@context": [CREDENTIALS_V2],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": xsd_time(at),
        "validUntil": xsd_time(at + HOLDS_FOR),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose.value,
            "encodedList": bits.encoded(places),
        },
    }


def check_status(document: Mapping[str, Any], lists: Mapping[str, Mapping[str, Any] | RefusedError]) -> None:
    """That a credential is neither revoked nor suspended, by lists that were verified.

    Args:
        document: the credential.
        lists: by address: the list's credential, or why it is not to be believed.

    Raises:
        RefusedError: it is revoked or suspended, or that cannot be told; of several reasons the weightiest.
    """
    if "credentialStatus" not in document:
        return
    found = [refused for entry in _entries(document) if (refused := _refusal(entry, lists)) is not None]
    if found:
        raise min(found, key=lambda refused: _WORST_FIRST.index(refused.answer))


def addresses(document: Mapping[str, Any]) -> Iterator[str]:
    """The addresses of the lists that a credential names."""
    status = document.get("credentialStatus", [])
    for entry in status if isinstance(status, list) else [status]:
        if isinstance(entry, dict) and isinstance(entry.get("statusListCredential"), str):
            yield entry["statusListCredential"]


def _entries(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    status = document["credentialStatus"]
    found = status if isinstance(status, list) else [status]
    if not 1 <= len(found) <= _MOST_ENTRIES or not all(isinstance(entry, dict) for entry in found):
        raise RefusedError(Answer.UNKNOWN_STATUS, "It says where its status is in a way that is not understood here.")
    return found


def _refusal(entry: Mapping[str, Any], lists: Mapping[str, Mapping[str, Any] | RefusedError]) -> RefusedError | None:
    purpose, place, address = (entry.get(key) for key in ("statusPurpose", "statusListIndex", "statusListCredential"))
    if (
        entry.get("type") != "BitstringStatusListEntry"
        or purpose not in list(Purpose)
        or entry.get("statusSize", 1) != 1
        or not isinstance(address, str)
        or not (isinstance(place, str) and place.isascii() and place.isdigit() and len(place) <= _LONGEST_PLACE)
    ):
        return RefusedError(Answer.UNKNOWN_STATUS, "It has a status of a kind that is not understood here.")
    found = lists.get(address)
    if found is None:
        return RefusedError(
            Answer.UNKNOWN_STATUS, f"Whether it was revoked is told by {address[:300]}, and that list was not given."
        )
    if isinstance(found, RefusedError):
        return found
    try:
        wrong = _is_set(found["credentialSubject"], Purpose(purpose), int(place))
    except ValueError as error:
        return RefusedError(Answer.BAD_STATUS, f"The status list {address[:300]} is of no use: {error}.")
    return RefusedError(*_MEANS[Purpose(purpose)]) if wrong else None


def _is_set(subject: Mapping[str, Any], purpose: Purpose, place: int) -> bool:
    purposes = subject.get("statusPurpose")
    if purpose not in (purposes if isinstance(purposes, list) else [purposes]):
        raise ValueError(f"it is not about {purpose}")
    if subject.get("type") not in ("BitstringStatusList", ["BitstringStatusList"]) or subject.get("statusSize", 1) != 1:
        raise ValueError("it is not a list of single bits")
    return bits.is_set(bits.decoded(str(subject.get("encodedList"))), place)
