"""One attempt at a proctored exam, as a pure function of its events.

An attempt goes: authorised, ready (the proctoring software runs), identified (the identity document was checked), open
(a section was opened), submitted or timed out, in review, then verified or rejected, or a second review first. Who
never opens a section is a no-show. :func:`apply` makes the next state from an event and refuses what is not allowed;
:func:`fold` does it for all events. Times are the server's.

* A section's deadline is the moment when it was opened plus its minutes times the learner's multiplier.
* A response counts if it arrived by the deadline, while its section was the open one; one that arrived later is kept in
  ``late`` and does not count. The last one that counts is the answer.
* Sections are opened one at a time; opening the next one closes the one before.
* Points that a person gives are events too, with who gave them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from authoring.errors import CoursewrightError
from exam_bank.sittings.result import SittingState


class SittingError(CoursewrightError):
    """Something that this attempt does not allow now.

    Attributes:
        sitting: the attempt's id.
        allowed: what could be done instead.
    """

    def __init__(self, sitting: str, problem: str, allowed: Sequence[str] = ()) -> None:
        super().__init__(f"sitting {sitting}: {problem}")
        self.sitting = sitting
        self.allowed = tuple(allowed)


class Decision(StrEnum):
    """What a review came to."""

    VERIFIED = "verified"
    REJECTED = "rejected"
    SECOND_REVIEW = "second_review"


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """Something that happened, at a moment of the server's clock, in UTC."""

    at: datetime


class PlannedQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A question's id and its points."""

    id: str
    points: Decimal


class PlannedSection(msgspec.Struct, frozen=True, kw_only=True):
    """What an attempt must know of a section of its form."""

    id: str
    minutes: int
    questions: tuple[PlannedQuestion, ...]


class Authorised(_Event, frozen=True, kw_only=True, tag="authorised"):
    """The learner may take the exam. ``multiplier`` lengthens every section (approved accommodations)."""

    course: str
    exam: str
    learner: str
    attempt: int
    form: str
    max_score: Decimal
    sections: tuple[PlannedSection, ...]
    multiplier: Decimal = Decimal(1)
    by: str


class Ready(_Event, frozen=True, kw_only=True, tag="ready"):
    """The proctoring software runs."""


class Identified(_Event, frozen=True, kw_only=True, tag="identified"):
    """The identity document was checked; ``by`` says by whom, the document itself is never kept."""

    by: str


class SectionOpened(_Event, frozen=True, kw_only=True, tag="section-opened"):
    """The learner opened a section; its time runs from now."""

    section: str


class Responded(_Event, frozen=True, kw_only=True, tag="responded"):
    """A response arrived (autosaved: there may be many)."""

    question: str
    response: Any


class Submitted(_Event, frozen=True, kw_only=True, tag="submitted"):
    """The learner handed in."""


class TimedOut(_Event, frozen=True, kw_only=True, tag="timed-out"):
    """The last section's deadline passed before the learner handed in."""


class NoShow(_Event, frozen=True, kw_only=True, tag="no-show"):
    """The learner never opened a section."""

    by: str


class ReviewStarted(_Event, frozen=True, kw_only=True, tag="review-started"):
    """The recording is with the proctor."""


class Reviewed(_Event, frozen=True, kw_only=True, tag="reviewed"):
    """The proctor decided. ``key`` makes telling it twice harmless."""

    decision: Decision
    by: str
    key: str
    note: str = ""


class Marked(_Event, frozen=True, kw_only=True, tag="marked"):
    """A person (or the autograder, for code) gave the points of a question."""

    question: str
    points: Decimal
    by: str
    note: str = ""


Event = (
    Authorised
    | Ready
    | Identified
    | SectionOpened
    | Responded
    | Submitted
    | TimedOut
    | NoShow
    | ReviewStarted
    | Reviewed
    | Marked
)


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


class Sitting(msgspec.Struct, frozen=True, kw_only=True):
    """Where an attempt is.

    Attributes:
        responses: what counts, by question.
        late: what arrived too late, in order.
        marks: points given by a person, by question; the last mark counts.
    """

    authorised: Authorised
    state: SittingState
    last: datetime
    opened: tuple[OpenedSection, ...] = ()
    responses: Mapping[str, Any] = msgspec.field(default_factory=dict)
    late: tuple[Late, ...] = ()
    marks: Mapping[str, Marked] = msgspec.field(default_factory=dict)
    reviews: tuple[Reviewed, ...] = ()
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


def sitting_id(course: str, exam: str, learner: str, attempt: int) -> str:
    """How an attempt is named."""
    return f"{course}/{exam}/{learner}/{attempt}"


_BEFORE = {SittingState.AUTHORISED, SittingState.READY, SittingState.IDENTIFIED}
_HANDED_IN = {SittingState.SUBMITTED, SittingState.TIMED_OUT}
_AFTER = _HANDED_IN | {SittingState.IN_REVIEW, SittingState.SECOND_REVIEW, SittingState.VERIFIED, SittingState.REJECTED}

# In which states an event is possible at all; what else it needs, its handler says.
POSSIBLE: Mapping[type[Event], set[SittingState]] = {
    Ready: {SittingState.AUTHORISED},
    Identified: {SittingState.READY},
    SectionOpened: {SittingState.IDENTIFIED, SittingState.OPEN},
    Responded: {SittingState.OPEN, *_AFTER},
    Submitted: {SittingState.OPEN},
    TimedOut: {SittingState.OPEN},
    NoShow: _BEFORE,
    ReviewStarted: _HANDED_IN,
    Reviewed: {SittingState.IN_REVIEW, SittingState.SECOND_REVIEW},
    Marked: _AFTER,
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
    names = [kind.__struct_config__.tag for kind, states in POSSIBLE.items() if sitting.state in states]
    return tuple(str(name) for name in names)


def apply(sitting: Sitting | None, event: Event) -> Sitting:
    """The state after one more event.

    Raises:
        SittingError: the event is not allowed now; the message says what is.
    """
    if isinstance(event, Authorised):
        return _authorised(sitting, event)
    if sitting is None:
        raise SittingError("(none)", "there is no such attempt; authorise it first")
    name = str(event.__struct_config__.tag)
    if sitting.state not in POSSIBLE[type(event)]:
        raise _not_now(sitting, f"{name} is not possible while it is {sitting.state.value}")
    if event.at < sitting.last:
        raise SittingError(sitting.id, f"{name} is dated before what happened last; correct the server's clock")
    after = _HANDLERS[type(event)](sitting, event)
    return msgspec.structs.replace(after, last=event.at)


def _not_now(sitting: Sitting, problem: str) -> SittingError:
    possible = allowed(sitting)
    return SittingError(sitting.id, f"{problem}; possible now: {', '.join(possible) or 'nothing'}", possible)


def _authorised(sitting: Sitting | None, event: Authorised) -> Sitting:
    if sitting is not None:
        raise _not_now(sitting, "it is authorised already")
    return Sitting(authorised=event, state=SittingState.AUTHORISED, last=event.at)


def _to(state: SittingState) -> Callable[[Sitting, Any], Sitting]:
    return lambda sitting, _event: msgspec.structs.replace(sitting, state=state)


def _section_opened(sitting: Sitting, event: SectionOpened) -> Sitting:
    if event.section not in sitting.unopened:
        left = ", ".join(sitting.unopened) or "none"
        raise SittingError(sitting.id, f"section {event.section!r} cannot be opened; left are: {left}")
    planned = next(each for each in sitting.authorised.sections if each.id == event.section)
    minutes = planned.minutes * sitting.authorised.multiplier
    deadline = event.at + timedelta(seconds=float(minutes * 60))
    opened = OpenedSection(id=event.section, opened=event.at, deadline=deadline)
    return msgspec.structs.replace(sitting, state=SittingState.OPEN, opened=(*sitting.opened, opened))


def _responded(sitting: Sitting, event: Responded) -> Sitting:
    section = next((each for each in sitting.authorised.sections if _holds(each, event.question)), None)
    if section is None or section.id in sitting.unopened:
        raise SittingError(sitting.id, f"question {event.question!r} is in no section that was opened; open it first")
    current = sitting.current
    if sitting.state is SittingState.OPEN and current and current.id == section.id and event.at <= current.deadline:
        responses = {**sitting.responses, event.question: event.response}
        return msgspec.structs.replace(sitting, responses=responses)
    late = Late(at=event.at, question=event.question, response=event.response)
    return msgspec.structs.replace(sitting, late=(*sitting.late, late))


def _submitted(sitting: Sitting, event: Submitted) -> Sitting:
    if sitting.current and event.at > sitting.current.deadline and not sitting.unopened:
        raise SittingError(sitting.id, "the time is over; record that it timed out")
    return msgspec.structs.replace(sitting, state=SittingState.SUBMITTED, submitted_at=event.at)


def _timed_out(sitting: Sitting, event: TimedOut) -> Sitting:
    if sitting.unopened:
        raise SittingError(sitting.id, f"sections can still be opened: {', '.join(sitting.unopened)}")
    if sitting.current is None or event.at <= sitting.current.deadline:
        raise SittingError(sitting.id, "the section is still open; wait for its deadline")
    return msgspec.structs.replace(sitting, state=SittingState.TIMED_OUT, submitted_at=sitting.current.deadline)


def _reviewed(sitting: Sitting, event: Reviewed) -> Sitting:
    if event.decision is Decision.SECOND_REVIEW and sitting.state is SittingState.SECOND_REVIEW:
        raise SittingError(sitting.id, "a second review ends with verified or rejected; give one of them")
    return msgspec.structs.replace(
        sitting, state=SittingState(event.decision.value), reviews=(*sitting.reviews, event), reviewed_at=event.at
    )


def _marked(sitting: Sitting, event: Marked) -> Sitting:
    questions = [question for section in sitting.authorised.sections for question in section.questions]
    points = next((question.points for question in questions if question.id == event.question), None)
    if points is None:
        raise SittingError(sitting.id, f"there is no question {event.question!r}; mark one of its form")
    if not event.points.is_finite() or not 0 <= event.points <= points:
        raise SittingError(sitting.id, f"{event.question} cannot get {event.points} points; give 0 to {points}")
    return msgspec.structs.replace(sitting, marks={**sitting.marks, event.question: event})


def _holds(section: PlannedSection, question: str) -> bool:
    return any(each.id == question for each in section.questions)


_HANDLERS: Mapping[type, Callable[[Sitting, Any], Sitting]] = {
    Ready: _to(SittingState.READY),
    Identified: _to(SittingState.IDENTIFIED),
    SectionOpened: _section_opened,
    Responded: _responded,
    Submitted: _submitted,
    TimedOut: _timed_out,
    NoShow: _to(SittingState.NO_SHOW),
    ReviewStarted: _to(SittingState.IN_REVIEW),
    Reviewed: _reviewed,
    Marked: _marked,
}
