"""What can happen in an attempt at an exam: events, each at a moment of the server's clock, in UTC.

They are written once and never changed. A field that came later has a default that says what held before it came.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from authoring.course import AtClose
from authoring.errors import CoursewrightError


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


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """When an attempt may be taken; moments in UTC.

    Attributes:
        opens: from here on a section may be opened.
        closes: from here on an attempt cannot be begun any more.
        at_close: what that means for an attempt that is under way.
        break_minutes: with ``full-time``, how long after a section's deadline the next one may still be opened.
    """

    opens: datetime
    closes: datetime
    at_close: AtClose = AtClose.FULL_TIME
    break_minutes: int = 15


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
    window: Window | None = None  # None: at any time


class Moved(_Event, frozen=True, kw_only=True, tag="moved"):
    """The learner got a window of their own (an illness, a power cut), for what is not opened yet."""

    window: Window
    by: str
    reason: str


class Ready(_Event, frozen=True, kw_only=True, tag="ready"):
    """The proctoring software runs."""


class Identified(_Event, frozen=True, kw_only=True, tag="identified"):
    """The identity document was checked; ``by`` says by whom, the document itself is never kept."""

    by: str


class SessionOpened(_Event, frozen=True, kw_only=True, tag="session-opened"):
    """A client connected. ``hash`` is the SHA-256 of its token, ``client`` what it says of itself."""

    hash: str
    client: str = ""


class Heard(_Event, frozen=True, kw_only=True, tag="heard"):
    """A client that had nothing to save is still there."""

    session: int


class SessionClosed(_Event, frozen=True, kw_only=True, tag="session-closed"):
    """A client said good-bye."""

    session: int


class SectionOpened(_Event, frozen=True, kw_only=True, tag="section-opened"):
    """The learner opened a section; its time runs from now."""

    section: str


class Extended(_Event, frozen=True, kw_only=True, tag="extended"):
    """Minutes were granted for the section that was opened last, after an incident."""

    minutes: int
    by: str
    reason: str


class Responded(_Event, frozen=True, kw_only=True, omit_defaults=True, tag="responded"):
    """A response arrived (autosaved: there may be many).

    Attributes:
        session: the client's session, from 1; 0: none, a file was handed in.
        seq: the client's own number of the save, from 1.
    """

    question: str
    response: Any
    session: int = 0
    seq: int = 0


class Submitted(_Event, frozen=True, kw_only=True, tag="submitted"):
    """The learner handed in."""


class TimedOut(_Event, frozen=True, kw_only=True, tag="timed-out"):
    """The time was over before the learner handed in."""


class NoShow(_Event, frozen=True, kw_only=True, tag="no-show"):
    """The learner never opened a section."""

    by: str


class ReviewStarted(_Event, frozen=True, kw_only=True, tag="review-started"):
    """The recording is with the proctor."""


class Reviewed(_Event, frozen=True, kw_only=True, tag="reviewed"):
    """The proctor decided. ``key`` makes telling it twice harmless.

    Attributes:
        source: by which way it came: ``webhook``, ``csv``, or "" for a person at the command line.
        said_at: when the proctor says it was decided. It orders the messages of one source, and is nobody's date.
    """

    decision: Decision
    by: str
    key: str
    note: str = ""
    source: str = ""
    said_at: datetime | None = None


class Appealed(_Event, frozen=True, kw_only=True, tag="appealed"):
    """A decision is to be looked at again, by somebody who has not decided yet."""

    by: str
    reason: str


class Marked(_Event, frozen=True, kw_only=True, tag="marked"):
    """A person (or the autograder, for code) gave the points of a question."""

    question: str
    points: Decimal
    by: str
    note: str = ""


Event = (
    Authorised
    | Moved
    | Ready
    | Identified
    | SessionOpened
    | Heard
    | SessionClosed
    | SectionOpened
    | Extended
    | Responded
    | Submitted
    | TimedOut
    | NoShow
    | ReviewStarted
    | Reviewed
    | Appealed
    | Marked
)


def name_of(event: Event | type[Event]) -> str:
    """What an event is called, such as ``section-opened``."""
    return str(event.__struct_config__.tag)


def sitting_id(course: str, exam: str, learner: str, attempt: int) -> str:
    """How an attempt is named."""
    return f"{course}/{exam}/{learner}/{attempt}"
