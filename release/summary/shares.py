"""Links to summaries of work that can be withdrawn.

A link holds a random token, of which only the hash is kept: who reads the store cannot open a link. What happened to a
link (made, withdrawn) is only ever added to. The documents behind it are another matter: once a link is withdrawn they
are deleted, and of a learner who is forgotten even the note whose link it was.
"""

import hashlib
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from release.summary.made import Made
from release.summary.work import SummaryError

if TYPE_CHECKING:
    from release.eligibility import LedgerView

LONGEST = timedelta(days=366)  # for how long a link can be open
_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, share TEXT NOT NULL, event TEXT NOT NULL, at TEXT NOT NULL,
    token_hash TEXT UNIQUE, ends TEXT, UNIQUE (share, event));
CREATE TABLE IF NOT EXISTS owners (share TEXT PRIMARY KEY, learner TEXT NOT NULL, recipient TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
    share TEXT PRIMARY KEY, record BLOB NOT NULL, pdf BLOB NOT NULL, basis TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS events_no_update BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TRIGGER IF NOT EXISTS events_no_delete BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
"""


class ShareState(StrEnum):
    """What a link leads to."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    OUTDATED = "outdated"  # the ledger has other grades in force now than those that were shown
    UNKNOWN = "unknown"  # there is no such link


_SAID = {
    ShareState.OPEN: "This is the summary of work that the learner shared.",
    ShareState.WITHDRAWN: "The learner has withdrawn this link. Ask the learner for a new one.",
    ShareState.EXPIRED: "This link has expired. Ask the learner for a new one.",
    ShareState.OUTDATED: "What this link showed is no longer what is on record. Ask the learner for a new link.",
    ShareState.UNKNOWN: "There is no summary of work under this link.",
}


@dataclass(frozen=True)
class Opened:
    """The answer to a link; the documents are there only if it is open."""

    state: ShareState
    record: bytes = b""
    pdf: bytes = b""

    @property
    def message(self) -> str:
        """The answer in a sentence for its reader. It names nobody."""
        return _SAID[self.state]


@dataclass(frozen=True)
class Share:
    """A link as its learner sees it."""

    share: str
    recipient: str
    made: datetime
    ends: datetime
    withdrawn: datetime | None

    def state(self, at: datetime) -> ShareState:
        """Open, withdrawn or expired at that time; what the ledger says since is seen when the link is opened."""
        if self.withdrawn is not None:
            return ShareState.WITHDRAWN
        return ShareState.EXPIRED if at >= self.ends else ShareState.OPEN


def new_token() -> str:
    """What a link ends with: 256 random bits, as letters and digits that a link can hold."""
    return secrets.token_urlsafe(32)


class Shares:
    """The store of links: a file of SQLite."""

    def __init__(self, file: Path, *, create: bool = False) -> None:
        """Open the store, and make it if it is to be made.

        Raises:
            SummaryError: there is none, or the file is something else.
        """
        if not create and not file.is_file():
            raise SummaryError(f"{file}: nothing was shared from here yet; name another file with --shares.")
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        try:
            self._connection = sqlite3.connect(file, isolation_level=None, timeout=30)
            for pragma in ("synchronous = FULL", "secure_delete = ON"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._connection.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise SummaryError(f"{file}: this is no store of shared links ({error}).") from error
        file.chmod(0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def add(self, learner: str, token: str, made: Made, *, recipient: str, at: datetime, ends: datetime) -> str:
        """Open a link; the share's id, by which it can be withdrawn and which opens nothing.

        Args:
            learner: whose link it is.
            token: a new one (:func:`new_token`); only its hash is kept.
            made: what it leads to.
            recipient: who it is for, in the learner's own words.
            at: now.
            ends: from when on it is closed by itself.

        Raises:
            SummaryError: it would end at once, or be open for too long.
        """
        if not timedelta(0) < ends - at <= LONGEST:
            raise SummaryError(f"a link is open for 1 to {LONGEST.days} days, not until {ends.isoformat()}.")
        share = secrets.token_hex(6)
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO events (share, event, at, token_hash, ends) VALUES (?, 'created', ?, ?, ?)",
                (share, _text(at), _hash(token), _text(ends)),
            )
            connection.execute("INSERT INTO owners VALUES (?, ?, ?)", (share, learner, recipient))
            connection.execute(
                "INSERT INTO documents VALUES (?, ?, ?, ?)", (share, made.record, made.pdf, " ".join(made.basis))
            )
        return share

    def withdraw(self, share: str, *, at: datetime) -> bool:
        """Close a link for good and delete what it led to; whether it was not closed so before.

        Raises:
            SummaryError: there is no such share.
        """
        with self._writing() as connection:
            if not connection.execute("SELECT 1 FROM events WHERE share = ?", (share,)).fetchone():
                raise SummaryError(f"{share[:80]}: nothing was shared under this id; summary list names them.")
            return _withdraw(connection, share, at)

    def forget(self, learner: str, *, at: datetime) -> int:
        """Withdraw every link of a learner and delete whose they were; how many there were."""
        with self._writing() as connection:
            found = connection.execute("SELECT share FROM owners WHERE learner = ?", (learner,)).fetchall()
            for (share,) in found:
                _withdraw(connection, share, at)
                connection.execute("DELETE FROM owners WHERE share = ?", (share,))
        return len(found)

    def of(self, learner: str) -> tuple[Share, ...]:
        """The learner's links, the first one first."""
        rows = self._connection.execute(
            "SELECT made.share, recipient, made.at, made.ends, gone.at FROM owners "
            "JOIN events AS made ON made.share = owners.share AND made.event = 'created' "
            "LEFT JOIN events AS gone ON gone.share = owners.share AND gone.event = 'withdrawn' "
            "WHERE learner = ? ORDER BY made.number",
            (learner,),
        )
        return tuple(
            Share(share, recipient, _moment(made), _moment(ends), _moment(gone) if gone else None)
            for share, recipient, made, ends, gone in rows
        )

    def opened(self, token: str, ledger: "LedgerView", *, at: datetime) -> Opened:
        """What a link leads to, or why to nothing. Whoever serves links asks this and nothing else.

        Args:
            token: what the link ends with, from whoever opens it.
            ledger: has the grades in force now. A link shows nothing that they are not, any more.
            at: now.
        """
        row = self._connection.execute(
            "SELECT made.ends, gone.at, learner, record, pdf, basis FROM events AS made "
            "LEFT JOIN events AS gone ON gone.share = made.share AND gone.event = 'withdrawn' "
            "LEFT JOIN owners ON owners.share = made.share LEFT JOIN documents ON documents.share = made.share "
            "WHERE made.event = 'created' AND made.token_hash = ?",
            (_hash(token),),
        ).fetchone()
        if row is None:
            return Opened(ShareState.UNKNOWN)
        ends, withdrawn, learner, record, pdf, basis = row
        if withdrawn or learner is None or record is None:
            return Opened(ShareState.WITHDRAWN)
        if at >= _moment(ends):
            return Opened(ShareState.EXPIRED)
        grades = ledger.grades_of(learner)
        if not grades:  # the ledger has forgotten the learner
            return Opened(ShareState.WITHDRAWN)
        in_force = {each.leaf for each in grades if not each.withdrawn}
        return Opened(ShareState.OPEN, record, pdf) if in_force >= set(basis.split()) else Opened(ShareState.OUTDATED)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that no other writer overlaps: all of it happens, or nothing."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise SummaryError(f"{self._file}: the store of shared links says: {error}.") from error


def _withdraw(connection: sqlite3.Connection, share: str, at: datetime) -> bool:
    new = connection.execute(
        "INSERT OR IGNORE INTO events (share, event, at) VALUES (?, 'withdrawn', ?)", (share, _text(at))
    ).rowcount
    connection.execute("DELETE FROM documents WHERE share = ?", (share,))
    return new > 0


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
