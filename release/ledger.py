"""The ledger of verified grades: append-only, hashed as RFC 6962 does, every state signed.

Grades are added until a run is frozen; from then on they change by amendment only, with actor, reason, before and
after, and it takes two people. Nothing is ever updated or deleted but a learner's salt, and deleting that is what
forgetting a learner means.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, Self

import msgspec
from sqlalchemy import Connection, delete

from release import amending, merkle
from release import entry as entries
from release import ledger_rows as rows
from release.amending import Change
from release.appending import Appending, LedgerError
from release.entry import (
    CredentialEntry,
    CredentialResult,
    ForgetEntry,
    FreezeEntry,
    KeyEntry,
    ProposeEntry,
    StatusEntry,
)
from release.keys import SigningKey
from release.ledger_proofs import EntryProof, GrowthProof
from release.ledger_store import SALTS, Store
from release.replay import RecordedGrade, status_fault
from release.sealing import credential_digest, credential_id, grade_entry, same_grade
from release.tree_head import SignedHead
from release.verified_grade import VerifiedGrade


class FrozenError(LedgerError):
    """A grade was added to a run after its freeze.

    Attributes:
        course: the course.
        run: its frozen run.
    """

    def __init__(self, course: str, run: str) -> None:
        super().__init__(f"{course}: the run {run} is frozen: amend the grade, with who does it and why.")
        self.course = course
        self.run = run


@dataclass(frozen=True)
class RecordedCredential:
    """The entry of a credential that was issued."""

    index: int
    entry: CredentialEntry


class Ledger:
    """A ledger in a database. Reading needs no key, writing does."""

    def __init__(self, url: str, key: SigningKey | None = None) -> None:
        """Open the ledger at an SQLAlchemy URL such as ``sqlite:///ledger.db``; with a key, it is made if need be.

        Raises:
            LedgerStoreError: the database cannot be opened.
        """
        self.store = Store(url, create=key is not None)
        self._key = key

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the database back."""
        self.store.close()

    # Writing

    def append_grade(self, grade: VerifiedGrade, *, at: datetime) -> int:
        """Add a verified grade; its entry's index. What is in force already is not added again.

        Raises:
            FrozenError: the run is frozen.
        """
        return self.append_grades([grade], at=at)[0]

    def append_grades(self, grades: Iterable[VerifiedGrade], *, at: datetime) -> tuple[int, ...]:
        """Add many verified grades under one signed head: all of them, or none; the indices of their entries.

        Raises:
            FrozenError: one of their runs is frozen.
        """
        with self.store.writing() as connection:
            appending = Appending(connection, self._writer(), _utc(at))
            indices = [self._append_grade(connection, appending, grade) for grade in grades]
            appending.finish()
        return tuple(indices)

    def freeze(self, course: str, run: str, *, actor: str, at: datetime) -> int:
        """From here on the run's grades change by amendment only. Freezing again changes nothing.

        Raises:
            LedgerError: no actor is named.
        """
        _named(actor, "the freeze needs an actor: say who does it")
        once = entries.freeze_once(course, run)
        with self.store.writing() as connection:
            if (index := rows.index_of(connection, once)) is not None:
                return index
            appending = Appending(connection, self._writer(), _utc(at))
            appending.add(FreezeEntry(course=course, run=run, actor=actor, at=appending.at), once=once)
            return appending.finish()

    def amend(
        self,
        learner: str,
        course: str,
        run: str,
        *,
        after: VerifiedGrade | None,
        actor: str,
        reason: str,
        at: datetime,
    ) -> int:
        """Change a grade before the freeze, or withdraw it (``after`` is None); the index of the amendment.

        Raises:
            LedgerError: no actor or reason is given, the reason names the learner, ``after`` is of another learner,
                course or run, nothing would change, or the run is frozen, so that it takes two (:meth:`propose`).
        """
        change = Change(learner, course, run, after, actor, reason)
        _check_change(change)
        with self.store.writing() as connection:
            appending = Appending(connection, self._writer(), _utc(at))
            amending.amend(connection, appending, change)
            return appending.finish()

    def propose(self, change: Change, *, expires: datetime, at: datetime) -> int:
        """Propose an amendment, which changes nothing before somebody else approves it; the index of the proposal.

        Args:
            change: what is to be changed, who proposes it, and why.
            expires: from when on it cannot be approved any more.
            at: when.

        Raises:
            LedgerError: as :meth:`amend`, but for the freeze; or it expires at once.
        """
        _check_change(change)
        with self.store.writing() as connection:
            appending = Appending(connection, self._writer(), _utc(at))
            amending.propose(connection, appending, change, _utc(expires))
            return appending.finish()

    def approve(self, proposal: int, *, actor: str, at: datetime) -> int:
        """Approve what somebody else proposed; the index of the amendment, which is in force from now on.

        Raises:
            LedgerError: that entry is no open proposal, it has expired, the actor is who proposed it, or the grade
                was changed since.
        """
        _named(actor, "an approval needs an actor: say who approves")
        with self.store.writing() as connection:
            appending = Appending(connection, self._writer(), _utc(at))
            amending.approve(connection, appending, proposal, actor)
            return appending.finish()

    def withdraw(self, proposal: int, *, actor: str, reason: str, at: datetime) -> int:
        """Withdraw a proposal, or turn it down; the index of the entry.

        Raises:
            LedgerError: no actor or reason is given, or that entry is no open proposal.
        """
        _named(actor, "a withdrawal needs an actor: say who does it")
        _named(reason, "a withdrawal needs a reason: say why")
        with self.store.writing() as connection:
            _check_names_nobody(reason, rows.learners(connection))
            appending = Appending(connection, self._writer(), _utc(at))
            amending.withdraw(connection, appending, proposal, actor, reason)
            return appending.finish()

    def proposals(self) -> dict[int, ProposeEntry]:
        """What is proposed and neither approved nor withdrawn, by entry; expired ones are among them."""
        with self.store.reading() as connection:
            return amending.open_proposals(connection)

    def record_credential(
        self,
        program: str,
        learner: str,
        results: Sequence[CredentialResult],
        *,
        make: Callable[[CredentialEntry], bytes],
        at: datetime,
    ) -> RecordedCredential:
        """Record that a credential is issued, once for each program and learner.

        Args:
            program: the program's id.
            learner: who earned it.
            results: the scores that it shows.
            make: makes the signed credential of an entry whose ``digest`` is still empty.
            at: when.

        Returns:
            The entry; the earlier one if the credential was issued before, however many ask at the same time.

        Raises:
            LedgerError: the ledger knows no grade of the learner.
        """
        return self.record_credentials(program, [(learner, results)], make=make, at=at)[0]

    def record_credentials(
        self,
        program: str,
        wanted: Iterable[tuple[str, Sequence[CredentialResult]]],
        *,
        make: Callable[[CredentialEntry], bytes],
        at: datetime,
        listed: bool = False,
    ) -> tuple[RecordedCredential, ...]:
        """As :meth:`record_credential` for many learners under one signed head: all of them, or none.

        Args:
            program: the program's id.
            wanted: each learner and the scores to show.
            make: makes the signed credential of an entry whose ``digest`` is still empty.
            at: when.
            listed: give each credential a place of its own in the status lists, drawn by chance.
        """
        with self.appending(at) as (connection, appending):
            places = rows.free_places(connection) if listed else None
            return tuple(
                self._record_credential(connection, appending, program, learner, results, make, places)
                for learner, results in wanted
            )

    def change_status(
        self,
        credential: str,
        change: Literal["revoke", "suspend", "reinstate"],
        *,
        actor: str,
        reason: str,
        at: datetime,
    ) -> int:
        """Revoke, suspend or reinstate an issued credential; the index of the entry.

        Args:
            credential: its id.
            change: what to do; a revocation is for good.
            actor: who does it.
            reason: why; it stays in the ledger for ever.
            at: when.

        Raises:
            LedgerError: no actor or reason is given, the reason names a learner, or the credential was never issued
                or is in no state for that change.
        """
        _named(actor, "a change of a credential's status needs an actor: say who does it")
        _named(reason, "a change of a credential's status needs a reason: say why")
        with self.appending(at) as (connection, appending):
            subject, state = rows.credential_state(connection, credential)
            if fault := status_fault(state, change):
                raise LedgerError(f"{credential}: {fault}.")
            if named := next((each for each in rows.learners_of(connection, subject) if _names(reason, each)), None):
                raise LedgerError(
                    f"{named}: the reason stays in the ledger for ever: leave the learner's id out of it."
                )
            entry = StatusEntry(
                credential=credential, subject=subject, change=change, actor=actor, reason=reason, at=appending.at
            )
            return appending.add(entry, subject=subject)

    def change_key(self, before: str, *, at: datetime) -> int:
        """Note that the ledger's key follows on another one (a did:key); the index of the entry."""
        with self.appending(at) as (_, appending):
            return appending.add(KeyEntry(key=self._writer().did, before=before, at=appending.at))

    def forget(self, learner: str, *, actor: str, at: datetime) -> bool:
        """Delete the learner's salt: the entries stay, the log verifies, and nobody can tell any more whose they are.

        That it was done is an entry, too. Afterwards the database's files are cleaned of what was deleted.

        Returns:
            Whether the ledger knew the learner.

        Raises:
            LedgerError: no actor is named, or the actor is the learner.
        """
        _named(actor, "to forget a learner needs an actor: say who does it")
        if _names(actor, learner):
            raise LedgerError(f"{learner}: the actor stays in the ledger for ever, so somebody else has to do it.")
        with self.store.writing() as connection:
            salt = rows.salt_of(connection, learner)
            if salt is not None:
                appending = Appending(connection, self._writer(), _utc(at))
                who = entries.subject(salt, learner)
                appending.add(ForgetEntry(subject=who, actor=actor, at=appending.at), subject=who)
                connection.execute(delete(SALTS).where(SALTS.c.learner == learner))
                appending.finish()
        self.store.scrub()
        return salt is not None

    # Reading

    def grades_of(self, learner: str) -> tuple[RecordedGrade, ...]:
        """The learner's grades as they are in force, one for each run, withdrawn ones included, in ledger order."""
        with self.store.reading() as connection:
            salt = rows.salt_of(connection, learner)
            if salt is None:
                return ()
            recorded = rows.replayed(connection, entries.subject(salt, learner)).grades.values()
        return tuple(sorted(recorded, key=lambda each: each.index))

    def learners(self) -> tuple[str, ...]:
        """Every learner whom the ledger knows, those who were forgotten left out."""
        with self.store.reading() as connection:
            return rows.learners(connection)

    def credential_of(self, program: str, learner: str) -> RecordedCredential | None:
        """The entry of the learner's credential, or None if none was issued."""
        return self.credentials_of(program, [learner]).get(learner)

    def credentials_of(self, program: str, learners: Collection[str]) -> dict[str, RecordedCredential]:
        """The entries of the credentials of those of the learners to whom one was issued."""
        with self.store.reading() as connection:
            subjects = {
                entries.subject(salt, learner): learner for learner, salt in rows.salts_of(connection, learners).items()
            }
            once = {entries.credential_once(program, subject): learner for subject, learner in subjects.items()}
            found = rows.indices_of(connection, once)
            return {once[each]: _credential_at(connection, index) for each, index in found.items()}

    def is_credential(self, recorded: RecordedCredential, learner: str, credential: bytes) -> bool:
        """Whether these are the very bytes that were issued to the learner with that entry."""
        with self.store.reading() as connection:
            salt = rows.salt_of(connection, learner)
        return salt is not None and recorded.entry.digest == credential_digest(salt, credential)

    def is_frozen(self, course: str, run: str) -> bool:
        """Whether the run's grades change by amendment only."""
        with self.store.reading() as connection:
            return rows.index_of(connection, entries.freeze_once(course, run)) is not None

    def head(self) -> SignedHead | None:
        """The latest signed head, or None for an empty ledger."""
        with self.store.reading() as connection:
            return rows.last_head(connection)[0]

    def prove(self, index: int) -> EntryProof:
        """The entry and the proof that it is in the log under the latest head.

        Raises:
            LedgerError: there is no such entry.
        """
        with self.store.reading() as connection:
            head, _ = rows.last_head(connection)
            if head is None or not 0 <= index < head.size:
                raise LedgerError(f"the ledger has no entry {index}: it has {head.size if head else 0}, from 0.")
            path = merkle.inclusion_proof(rows.leaves(connection, head.size), index)
            body = rows.body(connection, index).decode()
            return EntryProof(index=index, body=body, path=tuple(node.hex() for node in path), head=head)

    def extends(self, earlier: SignedHead) -> GrowthProof:
        """The proof that the latest head's log begins with the earlier one's (RFC 6962, 2.1.2).

        Raises:
            LedgerError: the log is shorter than the earlier head's.
        """
        with self.store.reading() as connection:
            head, _ = rows.last_head(connection)
            if head is None or not 1 <= earlier.size <= head.size:
                raise LedgerError(f"the ledger has {head.size if head else 0} entries, not {earlier.size} or more.")
            path = merkle.consistency_proof(rows.leaves(connection, head.size), earlier.size)
            return GrowthProof(earlier=earlier, head=head, path=tuple(node.hex() for node in path))

    # Parts of the above

    @contextmanager
    def appending(self, at: datetime) -> Iterator[tuple[Connection, Appending]]:
        """One transaction that adds entries, signed as a whole at its end."""
        with self.store.writing() as connection:
            appending = Appending(connection, self._writer(), _utc(at))
            yield connection, appending
            appending.finish()

    def _record_credential(
        self,
        connection: Connection,
        appending: Appending,
        program: str,
        learner: str,
        results: Sequence[CredentialResult],
        make: Callable[[CredentialEntry], bytes],
        places: "rows.FreePlaces | None",
    ) -> RecordedCredential:
        salt = rows.salt_of(connection, learner)
        if salt is None:
            raise LedgerError(f"{learner}: the ledger holds no grade of this learner.")
        who = entries.subject(salt, learner)
        once = entries.credential_once(program, who)
        if (index := rows.index_of(connection, once)) is not None:
            return _credential_at(connection, index)
        draft = CredentialEntry(
            program=program,
            subject=who,
            credential=credential_id(salt, program),
            results=tuple(results),
            digest="",
            at=appending.at,
            key=self._writer().did,
            status=None if places is None else places.draw(),
        )
        final = msgspec.structs.replace(draft, digest=credential_digest(salt, make(draft)))
        return RecordedCredential(appending.add(final, subject=who, once=once), final)

    def _writer(self) -> SigningKey:
        if self._key is None:
            raise LedgerError(f"{self.store.url}: the ledger was opened without a key, so it can only be read.")
        return self._key

    def _append_grade(self, connection: Connection, appending: Appending, grade: VerifiedGrade) -> int:
        if rows.index_of(connection, entries.freeze_once(grade.course, grade.run)) is not None:
            raise FrozenError(grade.course, grade.run)
        salt = rows.salt_for(connection, grade.learner)
        entry = grade_entry(grade, salt, appending.at)
        replay = rows.replayed(connection, entry.subject)
        recorded = replay.grades.get((entry.subject, entry.course, entry.run))
        if recorded is not None and not recorded.withdrawn and same_grade(recorded.grade, entry):
            return recorded.index
        return appending.add(entry, subject=entry.subject)


def _credential_at(connection: Connection, index: int) -> RecordedCredential:
    entry = entries.from_bytes(rows.body(connection, index))
    if not isinstance(entry, CredentialEntry):
        raise LedgerError(f"entry {index} of the ledger should be a credential's: verify the ledger.")
    return RecordedCredential(index, entry)


def _named(text: str, message: str) -> None:
    if not text.strip():
        raise LedgerError(f"{message}.")


def _check_change(change: Change) -> None:
    _named(change.actor, "an amendment needs an actor: say who does it")
    _named(change.reason, "an amendment needs a reason: say why")
    learner, after = change.learner, change.after
    _check_names_nobody(change.reason, [learner])
    if after is not None and (after.learner, after.course, after.run) != (learner, change.course, change.run):
        raise LedgerError(f"{learner}: the new grade is of another learner, course or run than the one to amend.")


def _check_names_nobody(reason: str, learners: Iterable[str]) -> None:
    if named := next((each for each in learners if _names(reason, each)), None):
        raise LedgerError(f"{named}: the reason stays in the ledger for ever: leave the learner's id out of it.")


def _names(text: str, learner: str) -> bool:
    """Whether a text holds the learner's id as a word; ids too short to tell from other words aside."""
    return len(learner) > 2 and re.search(rf"(?<!\w){re.escape(learner)}(?!\w)", text) is not None


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise LedgerError(f"{at.isoformat()}: the time has no offset: give one, such as Z.")
    return at.astimezone(UTC)
