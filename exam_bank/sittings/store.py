"""Sittings on disk: append-only events in SQLite, or in another database by URL.

An event is written only if :func:`exam_bank.sittings.sitting.apply` allows it after all events before it. Events of an
attempt are numbered and the number is the primary key, so of two writers at the same moment one is refused by the
database, reads again and finds out whether its event is still allowed. Rows cannot be changed or deleted through
SQLite.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import sqlalchemy as sa

from exam_bank.forms.form import Form
from exam_bank.sittings.result import SittingState
from exam_bank.sittings.sitting import (
    Authorised,
    Decision,
    Event,
    Identified,
    Marked,
    NoShow,
    PlannedQuestion,
    PlannedSection,
    Ready,
    Responded,
    Reviewed,
    ReviewStarted,
    SectionOpened,
    Sitting,
    SittingError,
    Submitted,
    TimedOut,
    apply,
    fold,
    sitting_id,
)

MAX_RESPONSE_BYTES = 64 * 1024
_WRITERS = 20  # at the same moment for one attempt; more is a fault

_metadata = sa.MetaData()
_events = sa.Table(
    "sitting_events",
    _metadata,
    sa.Column("sitting", sa.String(400), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("key", sa.String(200), nullable=True),  # what must not happen twice
    sa.Column("body", sa.Text, nullable=False),
    sa.UniqueConstraint("sitting", "key"),
)
_GUARDS = tuple(
    sa.text(
        f"CREATE TRIGGER IF NOT EXISTS sitting_events_no_{what.lower()} BEFORE {what} ON sitting_events "
        "BEGIN SELECT RAISE(ABORT, 'sitting events are append-only'); END"
    )
    for what in ("UPDATE", "DELETE")
)


class SittingStore:
    """The attempts at exams of one database.

    Args:
        url: a SQLAlchemy URL, such as ``sqlite:///sittings.db``.
        clock: the server's clock; aware datetimes.
    """

    def __init__(self, url: str, *, clock: Callable[[], datetime]) -> None:
        self._engine = sa.create_engine(url)
        self._clock = clock
        _metadata.create_all(self._engine)
        if self._engine.dialect.name == "sqlite":
            with self._engine.begin() as connection:
                for guard in _GUARDS:
                    connection.execute(guard)

    def close(self) -> None:
        """Closes every connection."""
        self._engine.dispose()

    # ---- reading

    def events(self, sitting: str) -> list[Event]:
        """What happened in an attempt, in order."""
        query = sa.select(_events.c.body).where(_events.c.sitting == sitting).order_by(_events.c.number)
        with self._engine.connect() as connection:
            return [_decoded(body) for body in connection.scalars(query)]

    def sitting(self, sitting: str) -> Sitting:
        """Where an attempt is.

        Raises:
            SittingError: there is no such attempt.
        """
        events = self.events(sitting)
        if not events:
            raise SittingError(sitting, "there is no such attempt; authorise it first")
        return fold(events)

    def sittings(self) -> list[Sitting]:
        """Every attempt, by id."""
        query = sa.select(_events.c.sitting, _events.c.body).order_by(_events.c.sitting, _events.c.number)
        found: dict[str, list[Event]] = {}
        with self._engine.connect() as connection:
            for name, body in connection.execute(query):
                found.setdefault(name, []).append(_decoded(body))
        return [fold(events) for events in found.values()]

    # ---- what happens

    def authorise(self, form: Form, *, course: str, exam: str, by: str, multiplier: Decimal = Decimal(1)) -> Sitting:
        """A new attempt of the form's learner; ``multiplier`` of at least 1 lengthens every section.

        Raises:
            SittingError: the attempt exists already.
        """
        name = sitting_id(course, exam, form.learner, form.attempt)
        if not multiplier.is_finite() or multiplier < 1:
            raise SittingError(name, f"the time multiplier is {multiplier}; give 1 or more")
        sections = tuple(
            PlannedSection(
                id=each.id,
                minutes=each.minutes,
                questions=tuple(PlannedQuestion(id=one.id, points=one.variant.points) for one in each.questions),
            )
            for each in form.sections
        )
        return self._append(
            name,
            lambda at: Authorised(
                at=at,
                course=course,
                exam=exam,
                learner=form.learner,
                attempt=form.attempt,
                form=form.version,
                max_score=form.points,
                sections=sections,
                multiplier=multiplier,
                by=by,
            ),
        )

    def ready(self, sitting: str) -> Sitting:
        """The proctoring software runs."""
        return self._append(sitting, lambda at: Ready(at=at))

    def identify(self, sitting: str, *, by: str) -> Sitting:
        """The identity document was checked."""
        return self._append(sitting, lambda at: Identified(at=at, by=by))

    def open_section(self, sitting: str, section: str) -> Sitting:
        """The learner opens a section; its time runs from now."""
        return self._append(sitting, lambda at: SectionOpened(at=at, section=section))

    def respond(self, sitting: str, question: str, response: Any) -> Sitting:
        """A response arrives; after the deadline it is kept and does not count.

        Raises:
            SittingError: the question's section was not opened, or the response is too large.
        """
        if len(msgspec.json.encode(response)) > MAX_RESPONSE_BYTES:
            raise SittingError(sitting, f"the response to {question} is larger than 64 KiB; shorten it")
        return self._append(sitting, lambda at: Responded(at=at, question=question, response=response))

    def submit(self, sitting: str) -> Sitting:
        """The learner hands in; if the time is over already, the attempt timed out."""
        return self._append(sitting, lambda at: Submitted(at=at), late=lambda at: TimedOut(at=at))

    def time_out(self) -> tuple[str, ...]:
        """Ends every attempt whose last section's deadline has passed.

        Returns:
            Their ids.
        """
        now = self._now()
        over = [each.id for each in self.sittings() if _is_over(each, now)]
        for name in over:
            self._append(name, lambda at: TimedOut(at=at))
        return tuple(over)

    def no_show(self, sitting: str, *, by: str) -> Sitting:
        """The learner never opened a section."""
        return self._append(sitting, lambda at: NoShow(at=at, by=by))

    def mark(self, sitting: str, question: str, points: Decimal, *, by: str, note: str = "") -> Sitting:
        """A person gives the points of a question; the last mark counts, all are kept."""
        return self._append(sitting, lambda at: Marked(at=at, question=question, points=points, by=by, note=note))

    def start_review(self, sitting: str) -> Sitting:
        """The recording goes to the proctor."""
        return self._append(sitting, lambda at: ReviewStarted(at=at))

    def review(self, sitting: str, decision: Decision, *, by: str, key: str, note: str = "") -> Sitting:
        """The proctor's decision comes in, by web hook or file; the one door for all of them.

        Args:
            sitting: the attempt.
            decision: what the review came to.
            by: who decided.
            key: names this message of the proctor's; telling it again does nothing.
            note: what the proctor says.

        Raises:
            SittingError: the attempt is not in review, or ``key`` said something else before.
        """
        now = self.sitting(sitting)
        for earlier in now.reviews:
            if earlier.key == key:
                if (earlier.decision, earlier.by, earlier.note) != (decision, by, note):
                    raise SittingError(
                        sitting, f"the review {key!r} came before and said {earlier.decision.value}; ask"
                    )
                return now
        if now.state in {SittingState.SUBMITTED, SittingState.TIMED_OUT}:
            self.start_review(sitting)
        return self._append(sitting, lambda at: Reviewed(at=at, decision=decision, by=by, key=key, note=note), key=key)

    # ---- writing

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC)

    def _append(
        self,
        name: str,
        make: Callable[[datetime], Event],
        *,
        late: Callable[[datetime], Event] | None = None,
        key: str | None = None,
    ) -> Sitting:
        for _ in range(_WRITERS):
            events = self.events(name)
            before = fold(events) if events else None
            at = max(self._now(), before.last) if before else self._now()
            event = late(at) if late and before and _is_over(before, at) else make(at)
            if before is None and not isinstance(event, Authorised):
                raise SittingError(name, "there is no such attempt; authorise it first")
            after = apply(before, event)
            if self._insert(name, len(events), key, event):
                return after
        raise SittingError(name, "too many others write to it at the same moment; try again")

    def _insert(self, name: str, number: int, key: str | None, event: Event) -> bool:
        """False: somebody else wrote in the meantime."""
        row = {"sitting": name, "number": number, "key": key, "body": msgspec.json.encode(event).decode()}
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(_events), row)
        except sa.exc.IntegrityError:
            return False
        return True


def _is_over(sitting: Sitting, now: datetime) -> bool:
    current = sitting.current
    return (
        sitting.state is SittingState.OPEN and not sitting.unopened and current is not None and now > current.deadline
    )


def _decoded(body: str) -> Event:
    return _DECODER.decode(body)


_DECODER: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
