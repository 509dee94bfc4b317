"""Amendments of grades within a transaction: at once before the freeze, by two people after it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from release import entry as entries
from release import ledger_rows as rows
from release import two_people
from release.appending import Appending, LedgerError
from release.entry import AmendEntry, ProposeEntry, WithdrawEntry
from release.ledger_store import ENTRIES
from release.sealing import grade_entry, same_grade
from release.verified_grade import VerifiedGrade


@dataclass(frozen=True)
class Change:
    """What somebody wants to change: the grade of a learner in a run, to ``after`` (None: it is withdrawn)."""

    learner: str
    course: str
    run: str
    after: VerifiedGrade | None
    actor: str
    reason: str


def amend(connection: Connection, appending: Appending, change: Change) -> None:
    """Add the amendment of a run that is not frozen.

    Raises:
        LedgerError: it would change nothing, or the run is frozen.
    """
    if rows.index_of(connection, entries.freeze_once(change.course, change.run)) is not None:
        raise LedgerError(
            f"{change.course}: the run {change.run} is frozen: propose the amendment, for somebody else to approve."
        )
    entry = _amendment(connection, appending, change)
    appending.add(entry, subject=entry.subject)


def propose(connection: Connection, appending: Appending, change: Change, expires: datetime) -> None:
    """Add a proposal.

    Raises:
        LedgerError: it would change nothing, or has expired already.
    """
    draft = _amendment(connection, appending, change)
    proposal = ProposeEntry(
        subject=draft.subject,
        course=draft.course,
        run=draft.run,
        before=draft.before,
        after=draft.after,
        actor=draft.actor,
        reason=draft.reason,
        expires=expires,
        at=appending.at,
    )
    _refuse(two_people.proposal_fault(proposal), change.learner)
    appending.add(proposal, subject=proposal.subject, once=entries.proposed_once(appending.next))


def approve(connection: Connection, appending: Appending, index: int, approver: str) -> None:
    """Add the amendment that the entry of that index proposed.

    Raises:
        LedgerError: it is no open proposal, has expired, the approver proposed it, or the grade has changed since.
    """
    proposal = open_proposal(connection, index)
    amendment = AmendEntry(
        subject=proposal.subject,
        course=proposal.course,
        run=proposal.run,
        before=proposal.before,
        after=proposal.after,
        actor=proposal.actor,
        reason=proposal.reason,
        at=appending.at,
        proposal=index,
        approver=approver,
    )
    _refuse(two_people.approval_fault(proposal, amendment), f"entry {index}")
    now = rows.replayed(connection, proposal.subject).in_force(proposal.subject, proposal.course, proposal.run)
    if now != proposal.before:
        raise LedgerError(f"entry {index}: the grade was changed after this was proposed: withdraw it, propose anew.")
    appending.add(amendment, subject=proposal.subject, once=entries.decided_once(index))


def withdraw(connection: Connection, appending: Appending, index: int, actor: str, reason: str) -> None:
    """Add that the proposal of that index was withdrawn or turned down.

    Raises:
        LedgerError: it is no open proposal.
    """
    subject = open_proposal(connection, index).subject
    entry = WithdrawEntry(subject=subject, proposal=index, actor=actor, reason=reason, at=appending.at)
    appending.add(entry, subject=subject, once=entries.decided_once(index))


def open_proposal(connection: Connection, index: int) -> ProposeEntry:
    """The proposal in that entry, which nobody has approved or withdrawn yet.

    Raises:
        LedgerError: there is none.
    """
    if rows.index_of(connection, entries.proposed_once(index)) != index:
        raise LedgerError(f"entry {index} is no proposal: ledger proposals lists those that are open.")
    if (settled := rows.index_of(connection, entries.decided_once(index))) is not None:
        raise LedgerError(f"entry {index}: the proposal is settled already, by entry {settled}.")
    return _proposal(rows.body(connection, index))


def open_proposals(connection: Connection) -> dict[int, ProposeEntry]:
    """The proposals that nobody has approved or withdrawn, by their entries, expired ones included."""
    query = select(ENTRIES.c.position, ENTRIES.c.body).where(ENTRIES.c.once.startswith('["propose",'))
    found = {row.position: _proposal(row.body) for row in connection.execute(query.order_by(ENTRIES.c.position))}
    settled = rows.once_that_start(connection, '["decide",')
    return {index: entry for index, entry in found.items() if entries.decided_once(index) not in settled}


def _proposal(body: bytes) -> ProposeEntry:
    entry = entries.from_bytes(body)
    if not isinstance(entry, ProposeEntry):
        raise LedgerError("an entry of the ledger should be a proposal: verify the ledger.")
    return entry


def _amendment(connection: Connection, appending: Appending, change: Change) -> AmendEntry:
    salt = rows.salt_for(connection, change.learner)
    who = entries.subject(salt, change.learner)
    before = rows.replayed(connection, who).in_force(who, change.course, change.run)
    after = None if change.after is None else grade_entry(change.after, salt, appending.at)
    if same_grade(before, after):
        raise LedgerError(f"{change.learner}: the amendment changes nothing in {change.course} ({change.run}).")
    return AmendEntry(
        subject=who,
        course=change.course,
        run=change.run,
        before=before,
        after=after,
        actor=change.actor,
        reason=change.reason,
        at=appending.at,
    )


def _refuse(fault: str, what: str) -> None:
    if fault:
        raise LedgerError(f"{what}: {fault}.")
