"""One transaction's new entries, and the head that signs them all at its end."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, insert

from authoring.errors import CoursewrightError
from release import entry as entries
from release import merkle
from release.entry import Entry
from release.keys import SigningKey
from release.ledger_rows import last_head
from release.ledger_store import ENTRIES, HEADS
from release.tree_head import signed_head


class LedgerError(CoursewrightError):
    """The ledger refuses what was asked of it."""


class Appending:
    """The end of the log while a transaction extends it."""

    def __init__(self, connection: Connection, key: SigningKey, at: datetime) -> None:
        self.at = at
        self._connection = connection
        self._key = key
        head, self._frontier = last_head(connection)
        self._signed = self._size = head.size if head else 0
        root = merkle.frontier_root(self._frontier).hex()
        if head is not None and not (head.sound and head.root == root):
            raise LedgerError("the ledger's last head is not what was signed: verify the ledger before adding to it.")

    @property
    def next(self) -> int:
        """The index of the next entry."""
        return self._size

    def add(self, entry: Entry, *, subject: str | None = None, once: str | None = None) -> int:
        """Add one entry; its index."""
        body = entries.to_bytes(entry)
        leaf, index = merkle.leaf_hash(body), self._size
        row = {"position": index, "body": body, "leaf": leaf, "subject": subject, "once": once}
        self._connection.execute(insert(ENTRIES).values(row))
        self._frontier = merkle.extended(self._frontier, leaf)
        self._size += 1
        return index

    def finish(self) -> int:
        """Sign the new state, if there is anything new; the index of the last entry."""
        if self._size > self._signed:
            root = merkle.frontier_root(self._frontier)
            head = signed_head(self._size, root, self.at, self._key, previous=self._signed)
            row = {
                "size": head.size,
                "root": bytes.fromhex(head.root),
                "at": head.at.isoformat(),
                "key": head.key,
                "previous": head.previous,
                "signature": bytes.fromhex(head.signature),
                "frontier": msgspec.json.encode(self._frontier),
            }
            self._connection.execute(insert(HEADS).values(row))
        return self._size - 1
