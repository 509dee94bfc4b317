"""What a sitting came to: the one type that the release side takes from the exam bank."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec


class SittingState(StrEnum):
    """Where an attempt at a proctored exam is."""

    AUTHORISED = "authorised"
    READY = "ready"  # the proctoring software runs
    IDENTIFIED = "identified"  # the identity document was checked
    OPEN = "open"  # a section is open
    SUBMITTED = "submitted"
    TIMED_OUT = "timed_out"
    IN_REVIEW = "in_review"
    SECOND_REVIEW = "second_review"
    VERIFIED = "verified"
    REJECTED = "rejected"
    NO_SHOW = "no_show"


class SittingResult(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt of one learner at one exam.

    ``score`` is None as long as it is not known (nothing submitted, or an answer waits for a person); a missing score
    is never 0.
    """

    learner: str
    course: str
    exam: str  # the assignment's id
    attempt: int  # from 1
    state: SittingState
    score: Decimal | None
    max_score: Decimal
    needs_manual: tuple[str, ...] = ()  # item ids that wait for a person
    form: str = ""  # "sha256:…" of the form
    opened_at: datetime | None = None
    submitted_at: datetime | None = None
    reviewed_at: datetime | None = None
