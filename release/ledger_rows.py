"""Questions to the ledger's tables, each one query, within a transaction of the caller's."""

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, insert, select

from release import entry as entries
from release import merkle
from release.credentials.bits import SIZE
from release.entry import CredentialEntry, StatusPlace
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


def indices_of(connection: Connection, once: Collection[str]) -> dict[str, int]:
    """The entries of those of the things that have happened."""
    query = select(ENTRIES.c.once, ENTRIES.c.position).where(ENTRIES.c.once.in_(once))
    return {row.once: row.position for row in connection.execute(query)}


def salts_of(connection: Connection, learners: Collection[str]) -> dict[str, bytes]:
    """The salts of those of the learners whom the ledger knows."""
    return {row.learner: row.salt for row in connection.execute(select(SALTS).where(SALTS.c.learner.in_(learners)))}


def replayed(connection: Connection, subject: str) -> Replay:
    """What is in force for one subject."""
    replay = Replay()
    query = select(ENTRIES).where(ENTRIES.c.subject == subject).order_by(ENTRIES.c.position)
    for row in connection.execute(query):
        replay.apply(row.position, row.leaf.hex(), entries.from_bytes(row.body))
    return replay


_CREDENTIALS = ENTRIES.c.once.startswith('["credential",', autoescape=True)


class FreePlaces:
    """Places of the status lists that no credential has yet, drawn by chance, so that none tells when it was given."""

    def __init__(self, taken: set[StatusPlace]) -> None:
        self._taken = taken
        self._number = max((each.number for each in taken), default=1)
        self._used = sum(each.number == self._number for each in taken)

    def draw(self) -> StatusPlace:
        """A free place, which is then taken. A list is filled to half, so that its free places are chosen freely."""
        if self._used >= SIZE // 2:
            self._number, self._used = self._number + 1, 0
        while (place := StatusPlace(number=self._number, place=secrets.randbelow(SIZE))) in self._taken:
            pass
        self._taken.add(place)
        self._used += 1
        return place


def free_places(connection: Connection) -> FreePlaces:
    """The places that are free; the caller's transaction must be one that writes, so that nobody else draws."""
    credentials = (entries.from_bytes(body) for body in connection.execute(_credential_bodies()).scalars())
    return FreePlaces(
        {each.status for each in credentials if isinstance(each, CredentialEntry) and each.status is not None}
    )


def credential_state(connection: Connection, credential: str) -> tuple[str, str | None]:
    """Whose a credential is (a subject) and its state, or None if it was never issued."""
    for body in connection.execute(_credential_bodies()).scalars():
        entry = entries.from_bytes(body)
        if isinstance(entry, CredentialEntry) and entry.credential == credential:
            return entry.subject, replayed(connection, entry.subject).states.get(credential)
    return "", None


def learners_of(connection: Connection, subject: str) -> list[str]:
    """The learner whom a subject stands for, if the salt is still there."""
    salts = connection.execute(select(SALTS))
    return [row.learner for row in salts if entries.subject(row.salt, row.learner) == subject]


def _credential_bodies() -> Select[Any]:
    return select(ENTRIES.c.body).where(_CREDENTIALS).order_by(ENTRIES.c.position)


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
