"""The register of issued credentials, read from the ledger: each with its state and every change of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import select

from authoring.errors import CoursewrightError
from release import entry as entries
from release.credential import identifying_code
from release.credentials.status import Purpose, list_address, status_list
from release.entry import CredentialEntry, StatusEntry
from release.ledger_store import ENTRIES
from release.replay import STATES

if TYPE_CHECKING:
    from datetime import datetime

    from release.ledger_store import Store

_SET = {"revoked": Purpose.REVOCATION, "suspended": Purpose.SUSPENSION}


@dataclass(frozen=True)
class Registered:
    """A credential that was issued."""

    index: int  # of the ledger's entry
    entry: CredentialEntry
    changes: tuple[StatusEntry, ...] = ()

    @property
    def code(self) -> str:
        """The identifying code."""
        return identifying_code(self.entry.credential)

    @property
    def state(self) -> str:
        """``in force``, ``suspended`` or ``revoked``."""
        return STATES[self.changes[-1].change if self.changes else "reinstate"]


def registered(store: "Store") -> Mapping[str, Registered]:
    """Every credential that was issued, by its id, in the ledger's order."""
    found: dict[str, Registered] = {}
    with store.reading() as connection:
        for row in connection.execute(select(ENTRIES.c.position, ENTRIES.c.body).order_by(ENTRIES.c.position)):
            if b'"credential"' not in row.body:
                continue
            match entries.from_bytes(row.body):
                case CredentialEntry() as entry:
                    found[entry.credential] = Registered(row.position, entry)
                case StatusEntry() as change if change.credential in found:
                    before = found[change.credential]
                    found[change.credential] = Registered(before.index, before.entry, (*before.changes, change))
    return found


def find(known: Mapping[str, Registered], named: str) -> Registered:
    """The credential that is meant by its id or its identifying code.

    Raises:
        CoursewrightError: none was issued by that name.
    """
    code = re.sub(r"[^0-9A-F]", "", named.upper())
    for each in known.values():
        if each.entry.credential == named or each.code.replace("-", "") == code:
            return each
    raise CoursewrightError(
        f"{named[:100]}: no credential of this id or code was issued; credential status lists them."
    )


def status_lists(known: Sequence[Registered], issuer: str, base: str, at: "datetime") -> Iterator[dict[str, Any]]:
    """The issuer's status lists as they are now, not signed yet: a bit is set for each that is not in force.

    The first list of each purpose is there even before any credential is.
    """
    numbers = {1} | {each.entry.status.number for each in known if each.entry.status is not None}
    for number in sorted(numbers):
        for purpose in Purpose:
            places = [
                each.entry.status.place
                for each in known
                if each.entry.status is not None
                and each.entry.status.number == number
                and _SET.get(each.state) is purpose
            ]
            yield status_list(issuer, list_address(base, purpose, number), purpose, places, at=at)


def history(credential: Registered) -> list[dict[str, Any]]:
    """What happened to a credential since it was issued."""
    kept = ("change", "actor", "reason", "at")
    return [{key: msgspec.to_builtins(getattr(change, key)) for key in kept} for change in credential.changes]
