"""An issuer's keys over time: one that signs, earlier ones that still vouch for what they signed, and ended ones.

``issuer.json`` beside the key says all that others may know. A key ends at a date, because it was put aside or because
somebody else may have it; signatures from then on do not count. A thief can write an earlier date into a signature:
whatever the thief signed can only be told from the issuer's own by the ledger, which has an entry for each credential.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from authoring.errors import CoursewrightError
from release.credentials.did import PublishedKey, did_of_address
from release.credentials.files import write_whole


class IssuerFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``issuer.json`` says: who issues, and the keys by which others know the signatures."""

    id: str  # a did:web, or the did:key of the key that signs now
    name: str
    url: str = ""
    web: str = ""  # below this address the issuer publishes its keys and status lists
    keys: tuple[PublishedKey, ...] = ()  # every key there was; empty: the one of ``id``

    @property
    def ring(self) -> tuple[PublishedKey, ...]:
        """Every key, the oldest first."""
        return self.keys or (PublishedKey(did=self.id),)

    @property
    def lists(self) -> str:
        """The address below which the status lists are published, or nothing."""
        return f"{self.web}/status" if self.web else ""

    def trust(self) -> Mapping[str, datetime | None]:
        """The keys that may have signed, and until when."""
        return {key.did: key.ends for key in self.ring}

    def knows(self, did: str) -> bool:
        """Whether this is the did:key of one of the keys that are still in use."""
        return any(key.did == did and key.ends is None for key in self.ring)


def write_issuer(file: Path, issuer: IssuerFile) -> None:
    """Write ``issuer.json``."""
    write_whole(file, msgspec.json.format(msgspec.json.encode(issuer), indent=2) + b"\n")


def with_key(issuer: IssuerFile, did: str) -> IssuerFile:
    """The issuer with one more key, with which it signs from now on."""
    keys = (*issuer.ring, PublishedKey(did=did))
    return msgspec.structs.replace(issuer, keys=keys, id=issuer.id if issuer.web else did)


def on_the_web(issuer: IssuerFile, address: str) -> IssuerFile:
    """The issuer with a place on the web, which is from now on its identifier too.

    Raises:
        CoursewrightError: it is not the https address of a folder.
    """
    try:
        did = did_of_address(address)
    except ValueError as error:
        raise CoursewrightError(f"{error}.") from error
    return msgspec.structs.replace(issuer, id=did, web=address.rstrip("/"), keys=issuer.ring)


def ended(issuer: IssuerFile, did: str, ends: datetime, *, compromised: bool) -> IssuerFile:
    """The issuer with a key that ends. The earliest end counts, and what was compromised stays so.

    Raises:
        CoursewrightError: there is no such key.
    """
    found = next((key for key in issuer.ring if did in (key.did, key.did.removeprefix("did:key:"))), None)
    if found is None:
        raise CoursewrightError(f"{did[:100]}: the issuer has no such key; key list shows them.")
    earliest = ends if found.ends is None else min(ends, found.ends)
    new = PublishedKey(did=found.did, ends=earliest, compromised=compromised or found.compromised)
    return msgspec.structs.replace(issuer, keys=tuple(new if key is found else key for key in issuer.ring))
