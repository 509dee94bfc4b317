"""Questions to the ledger's tables, each one query, within a transaction of the caller's."""

import secrets
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select

from release import entry as entries
from release import merkle
from release.ledger_store import ENTRIES, HEADS, SALTS
from release.replay import Replay
from release.tree_head import SignedHead


def head_of(row: Row[Any]) -> SignedHead:
    """The signed head in a row of the heads."""
    return SignedHead(
        size=row.size,
        root=row.root.hex(),
        at=datetime.fromisoformat(row.at),
        previous=row.previous,
        key=row.key,
        signature=row.signature.hex(),
    )


def last_head(connection: Connection) -> tuple[SignedHead | None, merkle.Frontier]:
    """The latest head and the frontier of its tree."""
    row = connection.execute(select(HEADS).order_by(HEADS.c.size.desc()).limit(1)).one_or_none()
    if row is None:
        return None, ()
    nodes = msgspec.json.decode(row.frontier, type=merkle.Frontier)
    return head_of(row), nodes


def leaves(connection: Connection, size: int) -> list[bytes]:
    """The first ``size`` leaf hashes, in order."""
    query = select(ENTRIES.c.leaf).where(ENTRIES.c.position < size).order_by(ENTRIES.c.position)
    return list(connection.execute(query).scalars())


def body(connection: Connection, index: int) -> bytes:
    """The bytes of the entry with that index."""
    found: bytes = connection.execute(select(ENTRIES.c.body).where(ENTRIES.c.position == index)).scalar_one()
    return found


def index_of(connection: Connection, once: str) -> int | None:
    """The entry of something that happens once, or None if it has not happened."""
    index: int | None = connection.execute(
        select(ENTRIES.c.position).where(ENTRIES.c.once == once)
    ).scalar_one_or_none()
    return index


def once_that_start(connection: Connection, beginning: str) -> set[str]:
    """Of what happens only once, that which has happened and is named so."""
    query = select(ENTRIES.c.once).where(ENTRIES.c.once.startswith(beginning, autoescape=True))
    return set(connection.execute(query).scalars())


def replayed(connection: Connection, subject: str) -> Replay:
    """What is in force for one subject."""
    replay = Replay()
    query = select(ENTRIES).where(ENTRIES.c.subject == subject).order_by(ENTRIES.c.position)
    for row in connection.execute(query):
        replay.apply(row.position, row.leaf.hex(), entries.from_bytes(row.body))
    return replay


def salt_of(connection: Connection, learner: str) -> bytes | None:
    """The learner's salt, or None if the ledger does not know the learner."""
    salt: bytes | None = connection.execute(select(SALTS.c.salt).where(SALTS.c.learner == learner)).scalar_one_or_none()
    return salt


def salt_for(connection: Connection, learner: str) -> bytes:
    """The learner's salt, made if the ledger does not know the learner yet."""
    if (salt := salt_of(connection, learner)) is None:
        salt = secrets.token_bytes(32)
        connection.execute(insert(SALTS).values(learner=learner, salt=salt))
    return salt


def learners(connection: Connection) -> tuple[str, ...]:
    """Every learner whom the ledger knows."""
    return tuple(connection.execute(select(SALTS.c.learner).order_by(SALTS.c.learner)).scalars())
