"""What the ledger holds: its kinds of entries, as canonical JSON in which no person is named.

A learner appears as a salted commitment (:func:`subject`), and so does everything that could be guessed or joined to a
person: records, sittings and identity checks. Who holds the salt can open a commitment; once the salt is deleted,
nobody can, and the log still verifies.
"""

import hmac
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import msgspec

from release.canonical import canonical


class ExamEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One exam attempt that the proctor verified."""

    exam: str
    attempt: int
    score: Decimal  # points
    max_score: Decimal
    taken_at: datetime
    verified_at: datetime
    sitting: str  # commitment to the sitting's hash


class GradeEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="grade"):
    """The verified grade of one learner in one run: score, date and exams of one and the same attempt."""

    subject: str
    course: str
    run: str
    track: str  # only "verified" ever counts
    grade: Decimal  # fraction
    passed: bool
    pass_mark: Decimal
    earned_on: date  # the last day of the run
    verification: str  # commitment to the reference of the identity check
    exams: tuple[ExamEntry, ...]
    records: tuple[str, ...]  # commitments to the records' hashes
    at: datetime


class FreezeEntry(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="freeze"
):
    """From here on the grades of a run change by amendment only."""

    course: str
    run: str
    actor: str
    at: datetime


class AmendEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="amend"):
    """A grade was changed, withdrawn (``after`` is None), or came after the freeze (``before`` is None).

    After the freeze it takes two people: ``proposal`` is the entry in which ``actor`` proposed exactly this, and
    ``approver`` is somebody else.
    """

    subject: str
    course: str
    run: str
    before: GradeEntry | None
    after: GradeEntry | None
    actor: str
    reason: str
    at: datetime
    proposal: int | None = None
    approver: str = ""


class ProposeEntry(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="propose"
):
    """An amendment is proposed; nothing changes before somebody else approves it."""

    subject: str
    course: str
    run: str
    before: GradeEntry | None
    after: GradeEntry | None
    actor: str
    reason: str
    expires: datetime  # from then on it cannot be approved
    at: datetime


class WithdrawEntry(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="withdraw"
):
    """A proposal was withdrawn or turned down."""

    subject: str
    proposal: int
    actor: str
    reason: str
    at: datetime


class ForgetEntry(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="forget"
):
    """A learner's salt was deleted: nobody can tell any more whose the entries of this subject are."""

    subject: str
    actor: str
    at: datetime


class CredentialResult(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One score that a credential shows, and the ledger entry it comes from."""

    title: str
    score: Decimal  # fraction
    run: str
    entry: int
    leaf: str  # hex, the entry's RFC 6962 leaf hash


class StatusPlace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a credential's bits are: in which of the issuer's status lists, from 1, and at which place, from 0."""

    number: int
    place: int


class CredentialEntry(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="credential"
):
    """A credential was issued: once for each program and learner."""

    program: str
    subject: str
    credential: str  # its id, "urn:uuid:…"
    results: tuple[CredentialResult, ...]
    digest: str  # commitment to the signed credential's hash
    at: datetime
    key: str = ""  # the did:key that signed it
    status: StatusPlace | None = None  # None where the issuer has no place on the web for status lists


class StatusEntry(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="status"
):
    """An issued credential was revoked, suspended or reinstated."""

    credential: str  # its id
    subject: str
    change: Literal["revoke", "suspend", "reinstate"]
    actor: str
    reason: str
    at: datetime


class KeyEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="key"):
    """From here on another key signs; with its first head it vouches for everything before."""

    key: str  # did:key
    before: str
    at: datetime


Entry = (
    GradeEntry
    | FreezeEntry
    | AmendEntry
    | ProposeEntry
    | WithdrawEntry
    | ForgetEntry
    | CredentialEntry
    | StatusEntry
    | KeyEntry
)

_DECODER: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)


def to_bytes(entry: Entry) -> bytes:
    """The bytes of an entry, which its leaf hash is of."""
    return canonical(entry)


def from_bytes(body: bytes) -> Entry:
    """The entry in these bytes.

    Raises:
        msgspec.ValidationError: it is not an entry.
        msgspec.DecodeError: it is not JSON.
    """
    return _DECODER.decode(body)


def freeze_once(course: str, run: str) -> str:
    """What marks the freeze of a run as something that happens once."""
    return canonical(["freeze", course, run]).decode()


def credential_once(program: str, subject: str) -> str:
    """What marks a learner's credential as something that is issued once."""
    return canonical(["credential", program, subject]).decode()


def proposed_once(index: int) -> str:
    """What marks the entry of that index as a proposal."""
    return canonical(["propose", index]).decode()


def decided_once(proposal: int) -> str:
    """What marks the approval or withdrawal of a proposal as something that happens once."""
    return canonical(["decide", proposal]).decode()


def commitment(salt: bytes, what: str, value: str) -> str:
    """A salted commitment: hex of HMAC-SHA256 of ``what:value`` under the learner's salt."""
    return hmac.digest(salt, f"{what}:{value}".encode(), "sha256").hex()


def subject(salt: bytes, learner: str) -> str:
    """What stands for a learner in the ledger."""
    return commitment(salt, "learner", learner)
