"""What is said about a learner and a program: each requirement's reason, and what can still be had."""

from datetime import date
from decimal import Decimal

import msgspec


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """The attempt that meets a requirement."""

    title: str
    score: Decimal  # fraction
    course: str
    run: str
    exam: str = ""  # empty: the course grade
    attempt: int | None = None  # of the exam
    on: date  # when the exam was taken (in UTC), or the last day of the run
    entry: int
    leaf: str
    also: int | None = None  # the ledger entry of the other part, where course and exam are of different runs


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One requirement: met or not, and why."""

    place: str  # "" for the whole, then "1", "1.2", …
    met: bool
    text: str
    counts: Counted | None = None


class Chance(msgspec.Struct, frozen=True, kw_only=True):
    """How something that is missing can still be had."""

    place: str  # as in the reason
    possible: bool | None  # None: that is not known
    by: date | None  # the last day that is known, if there is one
    text: str


class Eligibility(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the credential is earned."""

    program: str
    learner: str
    met: bool
    reasons: tuple[Reason, ...]  # in the program's order, a list before its parts
    outlook: tuple[Chance, ...] = ()  # of what is missing, if it was asked for

    @property
    def counted(self) -> tuple[Counted, ...]:
        """The attempts that meet requirements, in the program's order."""
        return tuple(reason.counts for reason in self.reasons if reason.counts is not None)

    @property
    def missing(self) -> tuple[str, ...]:
        """What is not met, in plain words."""
        return tuple(reason.text for reason in self.reasons if not reason.met)
