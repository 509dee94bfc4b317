"""What a learner's client is told: on connecting, after every save, and when it comes back after a crash.

The remaining time is counted by the server; a client shows it and counts down from it, and never asks its own clock
what time it is. No key and nothing of other sections is in it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from exam_bank.sittings.events import Window
from exam_bank.sittings.result import SittingState
from exam_bank.sittings.sitting import Sitting


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Where an attempt is, for the one who takes it.

    Attributes:
        now: the server's time.
        section: the section that is open, or "" between sections, before and after them.
        deadline: of that section.
        remaining: whole seconds until then, rounded down; 0 when no section is open.
        responses: what counts so far in that section, by question.
        may_open: the sections that can be opened now, in order.
    """

    sitting: str
    state: SittingState
    now: datetime
    section: str = ""
    deadline: datetime | None = None
    remaining: int = 0
    responses: Mapping[str, Any] = msgspec.field(default_factory=dict)
    may_open: tuple[str, ...] = ()


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a save.

    Attributes:
        counted: the questions whose response is now the answer.
        repeated: those that had come before, or were overtaken by a newer save; nothing was done.
        kept: those that are kept and do not count, with the reason: ``deadline``, ``closed`` or ``session``.
        view: where the attempt is now.
    """

    counted: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    kept: Mapping[str, str] = msgspec.field(default_factory=dict)
    view: View


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """A new session. ``token`` is shown this once; whoever has it may write until the next session is opened."""

    token: str
    session: int
    view: View


def view_of(sitting: Sitting, now: datetime) -> View:
    """What the learner's client is told at a moment of the server's clock."""
    now = max(now, sitting.last)  # a clock that was set back gives nobody time
    section, found = sitting.current, View(sitting=sitting.id, state=sitting.state, now=now)
    if section is None or sitting.state is not SittingState.OPEN or now > section.deadline:
        return msgspec.structs.replace(found, may_open=_may_open(sitting, now))
    planned = next(each for each in sitting.authorised.sections if each.id == section.id)
    mine = {each.id for each in planned.questions}
    return msgspec.structs.replace(
        found,
        section=section.id,
        deadline=section.deadline,
        remaining=int((section.deadline - now).total_seconds()),
        responses={question: given for question, given in sitting.responses.items() if question in mine},
        may_open=_may_open(sitting, now),
    )


def _may_open(sitting: Sitting, now: datetime) -> tuple[str, ...]:
    if sitting.state not in {SittingState.IDENTIFIED, SittingState.OPEN} or not _within(sitting.window, now):
        return ()
    until = sitting.open_until
    return sitting.unopened if until is None or now < until else ()


def _within(window: Window | None, now: datetime) -> bool:
    return window is None or now >= window.opens
