"""The log of events in a database, and every attempt's state kept beside it, so that only new events are read.

A state is what :func:`~exam_bank.sittings.sitting.apply` makes of the events, and is never written. A process keeps the
states that it has seen and, before it uses one, reads the events that others have added since.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

import msgspec
import sqlalchemy as sa

from exam_bank.sittings import limits
from exam_bank.sittings.database import Database, events
from exam_bank.sittings.events import Event, Responded, Reviewed, SittingError
from exam_bank.sittings.sitting import Sitting, apply

_STATES = 5_000  # that a process keeps


@dataclass(frozen=True)
class Known:
    """An attempt's state after so many events.

    Attributes:
        count: of its events.
        sitting: None: there is no such attempt.
        saves: the moments and numbers of the last saves of its clients.
        bytes: the size of all responses.
    """

    count: int = 0
    sitting: Sitting | None = None
    saves: tuple[tuple[datetime, int], ...] = ()
    bytes: int = 0


class Log:
    """The events of all attempts in one database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._states: OrderedDict[str, Known] = OrderedDict()
        self._lock = Lock()

    def events(self, name: str) -> list[Event]:
        """What happened in an attempt, in order."""
        query = sa.select(events.c.body).where(events.c.sitting == name).order_by(events.c.number)
        with self.database.reading() as connection:
            return [_DECODER.decode(body) for body in connection.scalars(query)]

    def read(self, name: str) -> Sitting:
        """Where an attempt is.

        Raises:
            SittingError: there is no such attempt.
        """
        with self.database.reading() as connection:
            known = self._caught_up(connection, name)
        if known.sitting is None:
            raise SittingError(name, "there is no such attempt; authorise it first")
        return known.sitting

    def read_all(self, prefix: str) -> list[Sitting]:
        """Every attempt whose id begins so (in SQLite, in small or capital letters), by id."""
        found = []
        newest = sa.select(events.c.sitting, sa.func.max(events.c.number)).group_by(events.c.sitting)
        with self.database.reading() as connection:
            for name, number in connection.execute(newest.where(events.c.sitting.startswith(prefix, autoescape=True))):
                known = self._states.get(name, Known())
                if known.count <= number:
                    known = self._caught_up(connection, name)
                found += [known.sitting] if known.sitting is not None else []
        return sorted(found, key=lambda sitting: sitting.id)

    def append(self, name: str, make: Callable[[Known], Sequence[Event]], *, scope: str = "") -> Known:
        """Add the events that ``make`` makes of the state, all or none; nobody else writes in between.

        Args:
            name: the attempt.
            make: gives the events, or none; it may raise.
            scope: what to lock; by default the attempt alone.

        Returns:
            The state after them.

        Raises:
            SittingError: one of them is not allowed.
        """
        with self.database.writing(scope or name) as connection:
            known = self._caught_up(connection, name)
            after, rows = known, []
            for event in make(known):
                after = _with(after, event, len(body := _encoded(event)))
                rows.append({"sitting": name, "number": after.count - 1, "key": _key(event), "body": body})
            if rows:
                connection.execute(sa.insert(events), rows)
        self._keep(name, after)
        return after

    def _caught_up(self, connection: sa.Connection, name: str) -> Known:
        """The state after what others have written, too."""
        with self._lock:
            known = self._states.get(name, Known())
        query = (
            sa.select(events.c.body)
            .where(events.c.sitting == name, events.c.number >= known.count)
            .order_by(events.c.number)
        )
        for body in connection.scalars(query):
            known = _with(known, _DECODER.decode(body), len(body))
        self._keep(name, known)
        return known

    def _keep(self, name: str, known: Known) -> None:
        with self._lock:
            if known.count > self._states.get(name, Known()).count:
                self._states[name] = known
                self._states.move_to_end(name)
                while len(self._states) > _STATES:
                    self._states.popitem(last=False)


def _with(known: Known, event: Event, size: int) -> Known:
    sitting = apply(known.sitting, event)
    if not isinstance(event, Responded):
        return replace(known, count=known.count + 1, sitting=sitting)
    saves = known.saves
    if event.session and (event.at, event.seq) not in saves[-1:]:
        saves = (*saves, (event.at, event.seq))[-limits.SAVES :]
    return Known(known.count + 1, sitting, saves, known.bytes + size)


def _key(event: Event) -> str | None:
    if not isinstance(event, Reviewed):
        return None
    return f"{event.source}:{event.key}" if event.source else event.key


def _encoded(event: Event) -> str:
    return msgspec.json.encode(event).decode()


_DECODER: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
