"""One attempt at a proctored exam, as a pure function of its events.

An attempt goes: authorised, ready (the proctoring software runs), identified (the identity document was checked), open
(a section was opened), submitted or timed out, in review, then verified or rejected, or a second review first. Who
never opens a section is a no-show. :func:`apply` makes the next state from an event and refuses what is not allowed;
:func:`fold` does it for all events. Times are the server's. ``docs/sittings.md`` tells the rules to people:

* A section's deadline is the moment when it was opened plus its minutes times the learner's multiplier, plus what was
  granted since; with the rule ``cut-off`` it is at latest the end of the window.
* A response counts if it arrived by the deadline, while its section was the open one, from the newest session. Every
  other is kept in ``late`` with the reason, and does not count.
* Sections are opened one at a time, inside the window; opening the next one closes the one before.
* A second review, and an appeal, is decided by somebody who has not decided before.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec
from msgspec.structs import replace

from authoring.course import AtClose
from exam_bank.sittings import sessions
from exam_bank.sittings.events import (
    Appealed,
    Authorised,
    Decision,
    Event,
    Extended,
    Heard,
    Identified,
    Marked,
    Moved,
    NoShow,
    PlannedSection,
    Ready,
    Responded,
    Reviewed,
    ReviewStarted,
    SectionOpened,
    SessionClosed,
    SessionOpened,
    SittingError,
    Submitted,
    TimedOut,
    Window,
    name_of,
    sitting_id,
)
from exam_bank.sittings.result import SittingState
from exam_bank.sittings.sessions import Notice, Session


class Why(StrEnum):
    """Why a response is kept and does not count."""

    DEADLINE = "deadline"  # its section's time was over
    CLOSED = "closed"  # another section was open, or the attempt was handed in
    SESSION = "session"  # a newer session had taken over


class OpenedSection(msgspec.Struct, frozen=True, kw_only=True):
    """A section that was opened, and when it closes."""

    id: str
    opened: datetime
    deadline: datetime


class Late(msgspec.Struct, frozen=True, kw_only=True):
    """A response that is kept and does not count."""

    at: datetime
    question: str
    response: Any
    why: Why


class Sitting(msgspec.Struct, frozen=True, kw_only=True):
    """Where an attempt is.

    Attributes:
        window: when it may be taken; None: at any time.
        responses: what counts, by question.
        late: what is kept and does not count, in order.
        seen: by session and question, the client's highest number so far.
        sessions: every client that connected; the last one may write.
        notices: what a proctor should look at.
        extensions: the minutes that were granted.
        marks: points given by a person, by question; the last mark counts.
    """

    authorised: Authorised
    state: SittingState
    last: datetime
    window: Window | None = None
    opened: tuple[OpenedSection, ...] = ()
    responses: Mapping[str, Any] = msgspec.field(default_factory=dict)
    late: tuple[Late, ...] = ()
    seen: Mapping[tuple[int, str], int] = msgspec.field(default_factory=dict)
    sessions: tuple[Session, ...] = ()
    notices: tuple[Notice, ...] = ()
    extensions: tuple[Extended, ...] = ()
    marks: Mapping[str, Marked] = msgspec.field(default_factory=dict)
    reviews: tuple[Reviewed, ...] = ()
    appeals: tuple[Appealed, ...] = ()
    submitted_at: datetime | None = None
    reviewed_at: datetime | None = None

    @property
    def id(self) -> str:
        """``course/exam/learner/attempt``."""
        first = self.authorised
        return sitting_id(first.course, first.exam, first.learner, first.attempt)

    @property
    def current(self) -> OpenedSection | None:
        """The section that was opened last."""
        return self.opened[-1] if self.opened else None

    @property
    def unopened(self) -> tuple[str, ...]:
        """The sections that can still be opened, in order."""
        opened = {section.id for section in self.opened}
        return tuple(section.id for section in self.authorised.sections if section.id not in opened)

    @property
    def open_until(self) -> datetime | None:
        """Until when the next section may be opened; None: at any time."""
        if self.window is None:
            return None
        if self.window.at_close is AtClose.CUT_OFF or not self.opened:
            return self.window.closes
        after = self.opened[-1].deadline + timedelta(minutes=self.window.break_minutes)
        return max(self.window.closes, after)

    def is_over(self, now: datetime) -> bool:
        """Whether time has run out for an attempt that nobody handed in."""
        if self.state is not SittingState.OPEN or now <= self.opened[-1].deadline:
            return False
        return not self.unopened or (self.open_until is not None and now >= self.open_until)

    def is_missed(self, now: datetime) -> bool:
        """Whether the window closed before a section was opened."""
        return self.state in BEFORE and self.window is not None and now >= self.window.closes


BEFORE = frozenset({SittingState.AUTHORISED, SittingState.READY, SittingState.IDENTIFIED})
HANDED_IN = frozenset({SittingState.SUBMITTED, SittingState.TIMED_OUT})
DECIDED = frozenset({SittingState.VERIFIED, SittingState.REJECTED})
AFTER = HANDED_IN | DECIDED | {SittingState.IN_REVIEW, SittingState.SECOND_REVIEW}

# In which states an event is possible at all; what else it needs, its handler says.
POSSIBLE: Mapping[type[Event], frozenset[SittingState]] = {
    Moved: BEFORE | {SittingState.OPEN},
    Ready: frozenset({SittingState.AUTHORISED}),
    Identified: frozenset({SittingState.READY}),
    SessionOpened: BEFORE | {SittingState.OPEN},
    Heard: BEFORE | {SittingState.OPEN},
    SessionClosed: BEFORE | {SittingState.OPEN},
    SectionOpened: frozenset({SittingState.IDENTIFIED, SittingState.OPEN}),
    Extended: frozenset({SittingState.OPEN, SittingState.TIMED_OUT}),
    Responded: AFTER | {SittingState.OPEN},
    Submitted: frozenset({SittingState.OPEN}),
    TimedOut: frozenset({SittingState.OPEN}),
    NoShow: BEFORE,
    ReviewStarted: HANDED_IN,
    Reviewed: frozenset({SittingState.IN_REVIEW, SittingState.SECOND_REVIEW}),
    Appealed: DECIDED,
    Marked: AFTER,
}


def fold(events: Iterable[Event]) -> Sitting:
    """The state after ``events``, of which the first is :class:`Authorised`.

    Raises:
        SittingError: an event was not allowed where it stands.
    """
    sitting: Sitting | None = None
    for event in events:
        sitting = apply(sitting, event)
    if sitting is None:
        raise SittingError("(none)", "there is no such attempt; authorise it first")
    return sitting


def allowed(sitting: Sitting) -> tuple[str, ...]:
    """The events that the state allows, by name."""
    return tuple(name_of(kind) for kind, states in POSSIBLE.items() if sitting.state in states)


def apply(sitting: Sitting | None, event: Event) -> Sitting:
    """The state after one more event.

    Raises:
        SittingError: the event is not allowed now; the message says what is.
    """
    if isinstance(event, Authorised):
        if sitting is not None:
            raise _not_now(sitting, "it is authorised already")
        return Sitting(authorised=event, state=SittingState.AUTHORISED, last=event.at, window=event.window)
    if sitting is None:
        raise SittingError("(none)", "there is no such attempt; authorise it first")
    if sitting.state not in POSSIBLE[type(event)]:
        raise _not_now(sitting, f"{name_of(event)} is not possible while it is {sitting.state.value}")
    if event.at < sitting.last:
        raise SittingError(
            sitting.id, f"{name_of(event)} is dated before what happened last; correct the server's clock"
        )
    return replace(_HANDLERS[type(event)](sitting, event), last=event.at)


def is_known(sitting: Sitting, event: Responded) -> bool:
    """Whether this save, or a newer one of its session, arrived before: a repetition, or one that was overtaken."""
    return event.session > 0 and event.seq <= sitting.seen.get((event.session, event.question), 0)


def _not_now(sitting: Sitting, problem: str) -> SittingError:
    possible = allowed(sitting)
    return SittingError(sitting.id, f"{problem}; possible now: {', '.join(possible) or 'nothing'}", possible)


def _to(state: SittingState) -> Callable[[Sitting, Any], Sitting]:
    return lambda sitting, _event: replace(sitting, state=state)


# ---- before and between sections


def _moved(sitting: Sitting, event: Moved) -> Sitting:
    if event.window.opens >= event.window.closes:
        raise SittingError(sitting.id, "the window would close before it opens; give a later end")
    return replace(sitting, window=event.window)


def _no_show(sitting: Sitting, event: NoShow) -> Sitting:
    if sitting.window is not None and event.at < sitting.window.closes:
        raise SittingError(
            sitting.id, f"the learner may still come, until {shown(sitting.window.closes)}; record it after that"
        )
    return replace(sitting, state=SittingState.NO_SHOW)


def _section_opened(sitting: Sitting, event: SectionOpened) -> Sitting:
    if event.section not in sitting.unopened:
        left = ", ".join(sitting.unopened) or "none"
        raise SittingError(sitting.id, f"section {event.section!r} cannot be opened; left are: {left}")
    window, until = sitting.window, sitting.open_until
    if window is not None and event.at < window.opens:
        raise SittingError(sitting.id, f"the exam opens at {shown(window.opens)}; come back then")
    if until is not None and event.at >= until:
        raise SittingError(sitting.id, f"no section could be opened after {shown(until)}; a later end can be granted")
    planned = next(each for each in sitting.authorised.sections if each.id == event.section)
    seconds = planned.minutes * 60 * sitting.authorised.multiplier
    deadline = event.at + timedelta(microseconds=int(seconds * 1_000_000))
    if window is not None and window.at_close is AtClose.CUT_OFF:
        deadline = min(deadline, window.closes)
    opened = OpenedSection(id=event.section, opened=event.at, deadline=deadline)
    return replace(sitting, state=SittingState.OPEN, opened=(*sitting.opened, opened))


# ---- responses


def _responded(sitting: Sitting, event: Responded) -> Sitting:
    section = next((each for each in sitting.authorised.sections if _holds(each, event.question)), None)
    if section is None or section.id in sitting.unopened:
        raise SittingError(sitting.id, f"question {event.question!r} is in no section that was opened; open it first")
    if is_known(sitting, event):
        return sitting
    if event.session:
        sitting = replace(
            _with_sessions(sitting, sessions.heard(sitting.sessions, event.session, event.at)),
            seen={**sitting.seen, (event.session, event.question): event.seq},
        )
    why = _why_not(sitting, event, section.id)
    if why is None:
        return replace(sitting, responses={**sitting.responses, event.question: event.response})
    late = Late(at=event.at, question=event.question, response=event.response, why=why)
    return replace(sitting, late=(*sitting.late, late))


def _why_not(sitting: Sitting, event: Responded, section: str) -> Why | None:
    current = sitting.current
    if event.session and event.session < len(sitting.sessions):
        return Why.SESSION
    if current is None or current.id != section:
        return Why.CLOSED
    if event.at > current.deadline:
        return Why.DEADLINE
    return None if sitting.state is SittingState.OPEN else Why.CLOSED


def _extended(sitting: Sitting, event: Extended) -> Sitting:
    """More time for the section that was opened last; what had come too late before may now be in time."""
    if event.minutes <= 0:
        raise SittingError(sitting.id, f"{event.minutes} minutes cannot be granted; give 1 or more")
    current = sitting.opened[-1]
    longer = replace(current, deadline=current.deadline + timedelta(minutes=event.minutes))
    section = next(each for each in sitting.authorised.sections if each.id == current.id)
    in_time = [
        late
        for late in sitting.late
        if late.why is Why.DEADLINE and late.at <= longer.deadline and _holds(section, late.question)
    ]
    still_open = event.at <= longer.deadline or sitting.state is SittingState.OPEN
    return replace(
        sitting,
        state=SittingState.OPEN if still_open else sitting.state,
        submitted_at=None if still_open else longer.deadline,
        opened=(*sitting.opened[:-1], longer),
        responses={**sitting.responses, **{late.question: late.response for late in in_time}},
        late=tuple(late for late in sitting.late if late not in in_time),
        extensions=(*sitting.extensions, event),
    )


def _submitted(sitting: Sitting, event: Submitted) -> Sitting:
    if sitting.is_over(event.at):
        raise SittingError(sitting.id, "the time is over; record that it timed out")
    return replace(sitting, state=SittingState.SUBMITTED, submitted_at=event.at)


def _timed_out(sitting: Sitting, event: TimedOut) -> Sitting:
    if not sitting.is_over(event.at):
        if event.at > sitting.opened[-1].deadline:
            raise SittingError(sitting.id, f"sections can still be opened: {', '.join(sitting.unopened)}")
        raise SittingError(sitting.id, "the section is still open; wait for its deadline")
    return replace(sitting, state=SittingState.TIMED_OUT, submitted_at=sitting.opened[-1].deadline)


def _holds(section: PlannedSection, question: str) -> bool:
    return any(each.id == question for each in section.questions)


# ---- sessions


def _session_opened(sitting: Sitting, event: SessionOpened) -> Sitting:
    return _with_sessions(sitting, sessions.opened(sitting.sessions, event))


def _heard(sitting: Sitting, event: Heard) -> Sitting:
    return _with_sessions(sitting, sessions.heard(sitting.sessions, event.session, event.at))


def _session_closed(sitting: Sitting, event: SessionClosed) -> Sitting:
    return replace(sitting, sessions=sessions.closed(sitting.sessions, event.session, event.at))


def _with_sessions(sitting: Sitting, after: tuple[tuple[Session, ...], tuple[Notice, ...]]) -> Sitting:
    found, notices = after
    return replace(sitting, sessions=found, notices=(*sitting.notices, *notices))


# ---- afterwards


def _reviewed(sitting: Sitting, event: Reviewed) -> Sitting:
    if event.decision is Decision.SECOND_REVIEW and sitting.state is SittingState.SECOND_REVIEW:
        raise SittingError(sitting.id, "a second review ends with verified or rejected; give one of them")
    return replace(
        sitting, state=SittingState(event.decision.value), reviews=(*sitting.reviews, event), reviewed_at=event.at
    )


def check_review(sitting: Sitting, event: Reviewed) -> None:
    """Refuse a review that the house does not accept, whatever the state allows.

    Raises:
        SittingError: it rejects without a reason, is by somebody who decided before, or is older than the last one.
    """
    if event.decision is Decision.REJECTED and not event.note.strip():
        raise SittingError(sitting.id, "an attempt is not rejected without a reason; give it as the note")
    decided_before = {_person(each.by) for each in sitting.reviews}
    if sitting.state is SittingState.SECOND_REVIEW and _person(event.by) in decided_before:
        raise SittingError(sitting.id, f"{event.by} has decided on it before; a second review is somebody else's")
    said = [each.said_at for each in sitting.reviews if each.source == event.source and each.said_at is not None]
    if event.said_at is not None and said and event.said_at <= max(said):
        raise SittingError(
            sitting.id, f"the message of {shown(event.said_at)} is not newer than the last one, of {shown(max(said))}"
        )


def _person(name: str) -> str:
    return " ".join(name.casefold().split())


def _appealed(sitting: Sitting, event: Appealed) -> Sitting:
    if sitting.appeals:
        raise SittingError(sitting.id, "an appeal was decided already; what follows is an amendment of the ledger")
    return replace(sitting, state=SittingState.SECOND_REVIEW, appeals=(*sitting.appeals, event), reviewed_at=None)


def _marked(sitting: Sitting, event: Marked) -> Sitting:
    questions = [question for section in sitting.authorised.sections for question in section.questions]
    points = next((question.points for question in questions if question.id == event.question), None)
    if points is None:
        raise SittingError(sitting.id, f"there is no question {event.question!r}; mark one of its form")
    if not event.points.is_finite() or not 0 <= event.points <= points:
        raise SittingError(sitting.id, f"{event.question} cannot get {event.points} points; give 0 to {points}")
    return replace(sitting, marks={**sitting.marks, event.question: event})


def shown(moment: datetime) -> str:
    """A moment for people, without a doubt about its zone."""
    return f"{moment:%Y-%m-%d %H:%M:%S %Z}"


_HANDLERS: Mapping[type, Callable[[Sitting, Any], Sitting]] = {
    Moved: _moved,
    Ready: _to(SittingState.READY),
    Identified: _to(SittingState.IDENTIFIED),
    SessionOpened: _session_opened,
    Heard: _heard,
    SessionClosed: _session_closed,
    SectionOpened: _section_opened,
    Extended: _extended,
    Responded: _responded,
    Submitted: _submitted,
    TimedOut: _timed_out,
    NoShow: _no_show,
    ReviewStarted: _to(SittingState.IN_REVIEW),
    Reviewed: _reviewed,
    Appealed: _appealed,
    Marked: _marked,
}

LONGEST_MULTIPLIER = Decimal(10)
