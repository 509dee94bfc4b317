"""The clients of one attempt: which one may write, and when two were there at once.

The session that was opened last may write; the others are kept, with a notice when they turn out to be alive. A client
is heard at least twice a minute, so one that was heard within :data:`ALIVE` counts as alive. A browser that was opened
again after a crash looks the same: a notice is for a person to judge.
"""

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from exam_bank.sittings.events import SessionOpened, SittingError

ALIVE = timedelta(seconds=60)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A client of an attempt.

    Attributes:
        number: from 1, in the order in which they were opened.
        hash: SHA-256 of the token; the token itself is nowhere.
        client: what it says of itself.
        heard: when it wrote or said last that it is there.
        left: when it said good-bye.
        overlaps: whether it was there while a later one was, too.
    """

    number: int
    hash: str
    client: str
    opened: datetime
    heard: datetime
    left: datetime | None = None
    overlaps: bool = False


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a proctor should look at."""

    at: datetime
    what: str


_Found = tuple[tuple[Session, ...], tuple[Notice, ...]]


def opened(before: tuple[Session, ...], event: SessionOpened) -> _Found:
    """One more; it takes over."""
    new = Session(number=len(before) + 1, hash=event.hash, client=event.client, opened=event.at, heard=event.at)
    notices: tuple[Notice, ...] = ()
    if before and before[-1].left is None and event.at - before[-1].heard <= ALIVE:
        old = before[-1]
        ago = int((event.at - old.heard).total_seconds())
        what = f"session {new.number} was opened while session {old.number} was there, heard {ago} s before"
        before = (*before[:-1], replace(old, overlaps=True))
        notices = (Notice(at=event.at, what=what),)
    return (*before, new), notices


def heard(before: tuple[Session, ...], number: int, at: datetime) -> _Found:
    """One is there; if another has taken over, that is told once."""
    old = _find(before, number)
    new = replace(old, heard=at, left=None)
    notices: tuple[Notice, ...] = ()
    if number < len(before) and not old.overlaps:
        new = replace(new, overlaps=True)
        notices = (Notice(at=at, what=f"session {number} was there after session {len(before)} had taken over"),)
    return _with(before, new), notices


def closed(before: tuple[Session, ...], number: int, at: datetime) -> tuple[Session, ...]:
    """One said good-bye."""
    return _with(before, replace(_find(before, number), heard=at, left=at))


def _find(found: tuple[Session, ...], number: int) -> Session:
    if not 1 <= number <= len(found):
        raise SittingError("(none)", f"there is no session {number}; connect first")
    return found[number - 1]


def _with(found: tuple[Session, ...], new: Session) -> tuple[Session, ...]:
    return (*found[: new.number - 1], new, *found[new.number :])
