"""Where everybody is in an exam: one row for each attempt, and for each form that nobody has begun."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from exam_bank.forms.form import Form
    from exam_bank.sittings.sitting import Sitting

NOT_BEGUN = "not begun"


class AttemptStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt now.

    Attributes:
        state: as :class:`~exam_bank.sittings.result.SittingState`, or ``not begun``: there is a form and no attempt.
        section: the open one, or "".
        deadline: of that section.
        remaining: whole seconds until then, by the server's clock; None if no section is open.
        overdue: time is over, and ``exam close`` was not run yet.
        answered: how many questions have an answer that counts.
        late: how many responses are kept and do not count.
        sessions: how many clients connected.
        granted: minutes that were granted.
        notices: what a proctor should look at.
    """

    learner: str
    attempt: int
    sitting: str
    state: str
    section: str = ""
    deadline: datetime | None = None
    remaining: int | None = None
    overdue: bool = False
    answered: int = 0
    late: int = 0
    sessions: int = 0
    granted: int = 0
    notices: tuple[str, ...] = ()


def statuses(
    course: str, exam: str, sittings: Iterable["Sitting"], forms: Iterable["Form"], now: datetime
) -> list[AttemptStatus]:
    """Every attempt at an exam, by learner and attempt.

    Args:
        course: the course's id.
        exam: the exam's id.
        sittings: every attempt of the course, at other exams too: a learner may be in two at once.
        forms: of the exam.
        now: the server's time.
    """
    from exam_bank.sittings.events import sitting_id
    from exam_bank.sittings.result import SittingState

    everything = list(sittings)
    under_way: dict[str, list[str]] = {}
    for each in everything:
        if each.state is SittingState.OPEN:
            under_way.setdefault(each.authorised.learner, []).append(each.authorised.exam)
    rows = {each.id: _row(each, under_way, now) for each in everything if each.authorised.exam == exam}
    for form in forms:
        name = sitting_id(course, exam, form.learner, form.attempt)
        if name not in rows:
            rows[name] = AttemptStatus(learner=form.learner, attempt=form.attempt, sitting=name, state=NOT_BEGUN)
    return sorted(rows.values(), key=lambda row: (row.learner, row.attempt))


def left(row: AttemptStatus) -> str:
    """The time that is left, for people: ``1:59:30``, or "over"."""
    if row.overdue:
        return "over"
    if row.remaining is None:
        return ""
    minutes, seconds = divmod(row.remaining, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _row(sitting: "Sitting", under_way: Mapping[str, list[str]], now: datetime) -> AttemptStatus:
    from exam_bank.sittings.view import view_of

    first, view = sitting.authorised, view_of(sitting, now)
    notices = [f"{each.at:%Y-%m-%d %H:%M:%S} UTC: {each.what}" for each in sitting.notices]
    others = [exam for exam in under_way.get(first.learner, []) if exam != first.exam]
    if first.exam in under_way.get(first.learner, []) and others:
        notices.append(f"also in {', '.join(others)} at this moment")
    return AttemptStatus(
        learner=first.learner,
        attempt=first.attempt,
        sitting=sitting.id,
        state=sitting.state.value,
        section=view.section,
        deadline=view.deadline,
        remaining=view.remaining if view.section else None,
        overdue=sitting.is_over(now) or sitting.is_missed(now),
        answered=len(sitting.responses),
        late=len(sitting.late),
        sessions=len(sitting.sessions),
        granted=sum(each.minutes for each in sitting.extensions),
        notices=tuple(notices),
    )
