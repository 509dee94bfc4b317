"""A summary of work in both its forms, made at once from the ledger."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from release.credential import Issuer, checked_name
from release.summary.document import document
from release.summary.record import record
from release.summary.work import Choice, summary

if TYPE_CHECKING:
    from release.eligibility import LedgerView
    from release.keys import SigningKey


@dataclass(frozen=True)
class Made:
    """A summary of work: the signed record, the same for people, and what it rests on."""

    id: str
    record: bytes
    pdf: bytes
    basis: tuple[str, ...]  # leaves of the ledger's entries


@dataclass(frozen=True)
class Wanted:
    """What a learner wants to show, and how."""

    learner: str
    choices: Sequence[Choice]
    name: str | None = None  # as it is to be shown
    titles: Mapping[str, str] = field(default_factory=dict)  # as in release.summary.work.summary
    address: str = ""  # the link under which the reader can fetch it anew
    fonts: Sequence[Path] = ()  # folders with fonts for the name


def make(
    ledger: "LedgerView", wanted: Wanted, *, issuer: Issuer, key: "SigningKey", at: datetime, id_: uuid.UUID
) -> Made:
    """Make a learner's summary of work, signed by the issuer's key, with a new random id.

    Raises:
        SummaryError: the ledger has nothing of what is chosen, nothing is chosen, or the address is none.
        TypesettingError: no font has a letter of the name.
        CoursewrightError: the name cannot be shown safely.
    """
    shown = summary(ledger, wanted.learner, wanted.choices, wanted.titles)
    name = None if wanted.name is None else checked_name(wanted.name)
    signed = record(shown, issuer=issuer, key=key, at=at, id_=id_, name=name)
    pdf = document(shown, signed, at=at, address=wanted.address, fonts=wanted.fonts)
    return Made(id_.urn, signed, pdf, shown.basis)
