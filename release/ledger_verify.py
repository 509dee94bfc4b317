"""Replays a whole ledger and says whether it is what was signed; if not, the first entry that is not.

The checks, for each entry in order: its number follows, its bytes have the recorded leaf hash and are an entry, the
columns beside them say what they say, it breaks no rule of :mod:`release.replay`. For each signed head: the key is
trusted, the signature is the key's, it follows the head that it names as the one before, the root and the frontier
are those of the entries. At the end: a head by a key that was in force covers every entry; every learner who has
entries and was not forgotten has the salt that opens them, and nobody else has one; the database finds no damage in
its own file; and the log begins with that of an earlier head, if one is given.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from release import entry as entries
from release import ledger_rows as rows
from release import merkle
from release.entry import AmendEntry, CredentialEntry, Entry, FreezeEntry, KeyEntry, ProposeEntry, WithdrawEntry
from release.ledger_store import ENTRIES, HEADS, SALTS, Store
from release.replay import Replay
from release.tree_head import SignedHead


@dataclass(frozen=True)
class LedgerVerification:
    """What a replay found. ``entry`` is the first entry that is not as it was signed, where one can be named."""

    ok: bool
    message: str
    size: int = 0
    entry: int | None = None
    head: SignedHead | None = None


class _NotAsSignedError(Exception):
    def __init__(self, message: str, entry: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.entry = entry


def verify_ledger(store: Store, *, keys: Collection[str], earlier: SignedHead | None = None) -> LedgerVerification:
    """Replay everything.

    Args:
        store: the ledger's database; no key is needed to read it.
        keys: the ``did:key`` of every key that may have signed; a mapping also says until when (or None).
        earlier: a head that was kept elsewhere. Without one, a log that lost its end, or that the holder of the key
            wrote anew, cannot be told from a true one.
    """
    try:
        size, head = _replay(store, keys, earlier)
    except _NotAsSignedError as error:
        return LedgerVerification(False, error.message, entry=error.entry)
    return LedgerVerification(True, f"all {size} entries are as they were signed.", size, head=head)


def _replay(store: Store, keys: Collection[str], earlier: SignedHead | None) -> tuple[int, SignedHead | None]:
    replay, frontier, covered, signed = Replay(), merkle.Frontier(()), 0, 0
    head: SignedHead | None = None
    with store.reading() as connection:
        heads = _heads(connection)
        size = 0
        subjects: set[str] = set()
        for row in connection.execute(select(ENTRIES).order_by(ENTRIES.c.position)):
            _check_entry(row, size, replay)
            subjects.add(row.subject)
            frontier = merkle.extended(frontier, row.leaf)
            size += 1
            if earlier is not None and earlier.size == size:
                _check_earlier(earlier, frontier, keys)
            if size in heads:
                head = _check_head(heads.pop(size), frontier, keys, covered, signed)
                signed = size
                if _in_force(head, keys):
                    covered = size
        salts = connection.execute(select(SALTS)).all()
    if covered < size:
        how = "never signed" if head is None or head.size < size else "only signed by a key that had ended"
        raise _NotAsSignedError(f"entry {covered} and what follows it was {how}.", covered)
    if heads:
        lost = min(heads)
        raise _NotAsSignedError(f"a head of {lost} entries was signed, but the ledger has {size}.", size)
    if earlier is not None and earlier.size > size:
        raise _NotAsSignedError(f"the ledger had {earlier.size} entries and has {size}: its end is lost.", size)
    _check_salts(salts, subjects - {None} - replay.forgotten)
    if damage := store.damage():
        raise _NotAsSignedError(f"the database's file is damaged: {damage}.")
    return size, head


def _heads(connection: Connection) -> dict[int, Row[Any]]:
    return {row.size: row for row in connection.execute(select(HEADS))}


def _check_salts(salts: Sequence[Row[Any]], subjects: set[str]) -> None:
    """That the salts open the entries of everybody who was not forgotten, and of nobody else."""
    for row in salts:
        try:
            opened = entries.subject(row.salt, row.learner)
        except (TypeError, AttributeError):
            opened = ""
        if opened not in subjects:
            whose = f"the salt of {row.learner!r} opens no entry"
            raise _NotAsSignedError(f"{whose}: it, the name, or the end of the ledger is not what it was.")
    if lost := len(subjects) - len(salts):
        raise _NotAsSignedError(f"{lost} of the learners' salts are missing, though nobody forgot those learners.")


def _check_entry(row: Row[Any], expected: int, replay: Replay) -> None:
    if row.position != expected:
        raise _NotAsSignedError(f"entry {expected} is missing.", expected)
    if not isinstance(row.body, bytes) or merkle.leaf_hash(row.body) != row.leaf:  # SQLite also stores text there
        raise _NotAsSignedError(f"entry {expected} was changed: its bytes do not have the hash recorded.", expected)
    try:
        entry = entries.from_bytes(row.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _NotAsSignedError(f"entry {expected} is not an entry: {error}.", expected) from error
    if (row.subject, row.once) != _columns(entry, expected):
        raise _NotAsSignedError(f"entry {expected} is filed under something else than it says.", expected)
    if broken := replay.apply(expected, row.leaf.hex(), entry):
        raise _NotAsSignedError(f"entry {expected} breaks a rule: {broken}.", expected)


def _columns(entry: Entry, index: int) -> tuple[str | None, str | None]:
    """What the columns ``subject`` and ``once`` hold for an entry."""
    match entry:
        case KeyEntry():
            return None, None
        case FreezeEntry():
            return None, entries.freeze_once(entry.course, entry.run)
        case CredentialEntry():
            return entry.subject, entries.credential_once(entry.program, entry.subject)
        case AmendEntry() | WithdrawEntry() if entry.proposal is not None:
            return entry.subject, entries.decided_once(entry.proposal)
        case ProposeEntry():
            return entry.subject, entries.proposed_once(index)
        case _:
            return entry.subject, None


def _check_head(
    row: Row[Any], frontier: merkle.Frontier, keys: Collection[str], covered: int, signed: int
) -> SignedHead:
    head = _head(row)
    if head.key not in keys:
        raise _NotAsSignedError(f"the head of {head.size} entries is signed by {head.key}, which is not trusted.")
    if not head.sound:
        raise _NotAsSignedError(f"the signature of the head of {head.size} entries is not that of its key.")
    if head.previous != signed:
        raise _NotAsSignedError(f"a head of {head.previous} entries was signed, and is missing.", covered)
    if head.root != merkle.frontier_root(frontier).hex():
        last = head.size - 1
        which = f"entry {last} was" if covered == last else f"one of the entries {covered} to {last} was"
        raise _NotAsSignedError(f"{which} changed: the entries do not have the root that was signed.", covered)
    if row.frontier != msgspec.json.encode(frontier):
        raise _NotAsSignedError(f"the frontier beside the head of {head.size} entries was changed.")
    return head


def _head(row: Row[Any]) -> SignedHead:
    try:
        head = rows.head_of(row)
    except (ValueError, AttributeError, TypeError) as error:
        raise _NotAsSignedError(f"a signed head is damaged: {error}.") from error
    if head.at.isoformat() != row.at:
        raise _NotAsSignedError(f"a signed head is damaged: {row.at!r} is another way to write its time.")
    return head


def _in_force(head: SignedHead, keys: Collection[str]) -> bool:
    """Whether the head was signed before its key ended. One signed later counts once another key's head covers it."""
    ends = keys[head.key] if isinstance(keys, Mapping) else None
    return ends is None or head.at < ends


def _check_earlier(earlier: SignedHead, frontier: merkle.Frontier, keys: Collection[str]) -> None:
    if earlier.key not in keys or not earlier.sound:
        raise _NotAsSignedError("the earlier head is not signed by a trusted key, so it proves nothing.")
    if earlier.root != merkle.frontier_root(frontier).hex():
        raise _NotAsSignedError(f"history was rewritten: one of the first {earlier.size} entries is another now.", 0)
