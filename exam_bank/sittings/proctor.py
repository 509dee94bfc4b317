"""Reviews from a proctoring service: the one interface, and the inbox that every message goes through.

A message says what a person decided about a recording. It says nothing of points: whether an attempt is passed follows
from its score. And it dates nothing: an exam was taken when the server's events say so, and reviewed when the message
arrived. The proctor's own times only tell which of two messages is the newer.

Every message is kept. The same one twice does nothing; one key with two meanings, and an older message after a newer
one, are refused; one about an attempt that nobody knows, or that was not handed in yet, waits.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec
import sqlalchemy as sa

from exam_bank.sittings.database import messages
from exam_bank.sittings.events import Decision, SittingError
from exam_bank.sittings.sitting import AFTER, DECIDED, Sitting
from exam_bank.sittings.store import SittingStore

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}\Z")
SITTING = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9_.@-]{0,99}/){3}[1-9][0-9]{0,3}\Z")


class ReviewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What a proctor says about one attempt.

    Attributes:
        key: the proctor's own name of the message, the same when it is sent again.
        sitting: the attempt's id, as the proctor was given it.
        decision: what the review came to.
        by: the reviewer.
        said_at: when the proctor says it was decided; orders the messages of one source, and dates nothing.
        note: why; needed when it is rejected.
    """

    key: str
    sitting: str
    decision: Decision
    by: str
    said_at: datetime
    note: str = ""


class ProctorReviews(Protocol):
    """A way by which reviews come. One adapter for each: see ``webhook.py`` and ``review_csv.py``."""

    @property
    def source(self) -> str:
        """The way's name, such as ``csv``; keys are unique within it."""

    def __iter__(self) -> Iterator[ReviewMessage]:
        """The messages, the oldest first, each checked for its form."""


class Became(StrEnum):
    """What became of a message."""

    TAKEN = "taken"
    KNOWN = "known"  # it came before, and nothing was done
    WAITING = "waiting"  # kept: the attempt is not known, or not handed in yet
    REFUSED = "refused"  # kept: it contradicts what is there


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A message and what became of it."""

    message: ReviewMessage
    became: Became
    why: str = ""


def take_in(store: SittingStore, reviews: ProctorReviews) -> tuple[Taken, ...]:
    """Take in every message of an adapter, one after the other, each in transactions of its own.

    Killed at any point and done again, it ends the same.

    Raises:
        SittingStoreError: the sittings cannot be used. What was not taken in comes again with the next delivery.
    """
    return tuple(take_one(store, reviews.source, message) for message in reviews)


def take_one(store: SittingStore, source: str, message: ReviewMessage) -> Taken:
    """As :func:`take_in`, for one message."""
    others = _keep(store, source, message)
    if others:
        why = f"the message {message.key!r} came before and said something else; ask the proctor which one holds"
        return Taken(message=message, became=Became.REFUSED, why=why)
    return _decide(store, source, message)


def waiting(store: SittingStore) -> tuple[tuple[str, ReviewMessage], ...]:
    """The messages, with their sources, that were not taken in and still may be.

    Their attempts are not known, or were not handed in, or are not decided.
    """
    first = sa.select(messages.c.source, messages.c.body).where(messages.c.number == 0)
    query = first.order_by(messages.c.received, messages.c.source, messages.c.key)
    with store.database.reading() as connection:
        kept = [(source, _DECODER.decode(body)) for source, body in connection.execute(query)]
    return tuple((source, each) for source, each in kept if _may_come(_found(store, each.sitting), source, each))


def retry(store: SittingStore) -> tuple[Taken, ...]:
    """Try again what waits; what still waits is among the answers."""
    in_order = sorted(waiting(store), key=lambda each: each[1].said_at)
    return tuple(take_one(store, source, message) for source, message in in_order)


def _decide(store: SittingStore, source: str, message: ReviewMessage) -> Taken:
    sitting = _found(store, message.sitting)
    if sitting is None:
        return Taken(message=message, became=Became.WAITING, why=f"there is no attempt {message.sitting!r}")
    if _waits(sitting):
        return Taken(
            message=message, became=Became.WAITING, why=f"the attempt is {sitting.state.value.replace('_', ' ')}"
        )
    before = len(sitting.reviews)
    try:
        after = store.review(
            message.sitting,
            message.decision,
            by=message.by,
            key=message.key,
            note=message.note,
            source=source,
            said_at=message.said_at,
        )
    except SittingError as error:
        return Taken(message=message, became=Became.REFUSED, why=str(error))
    return Taken(message=message, became=Became.TAKEN if len(after.reviews) > before else Became.KNOWN)


def _may_come(sitting: Sitting | None, source: str, message: ReviewMessage) -> bool:
    if sitting is None:
        return True
    taken = any((each.source, each.key) == (source, message.key) for each in sitting.reviews)
    return not taken and sitting.state not in DECIDED


def _waits(sitting: Sitting | None) -> bool:
    return sitting is None or sitting.state not in AFTER


def _found(store: SittingStore, name: str) -> Sitting | None:
    try:
        return store.sitting(name)
    except SittingError:
        return None


def _keep(store: SittingStore, source: str, message: ReviewMessage) -> bool:
    """Write the message down, if it is new; whether its key had another meaning first."""
    body = msgspec.json.encode(message, order="sorted").decode()
    digest = hashlib.sha256(body.encode()).hexdigest()
    same = sa.select(messages.c.digest).where(messages.c.source == source, messages.c.key == message.key)
    with store.database.writing(f"review/{source}/{message.key}") as connection:
        before = list(connection.scalars(same.order_by(messages.c.number)))
        if digest not in before:
            row = {"source": source, "key": message.key, "digest": digest, "number": len(before), "body": body}
            connection.execute(sa.insert(messages), {**row, "received": store.now().isoformat()})
    return bool(before) and before[0] != digest


_DECODER = msgspec.json.Decoder(ReviewMessage)
