"""Who may begin an attempt, and when: the rules of one exam in one run, and the moments of local times.

The rules in force when an attempt is authorised are those that it is judged by.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from exam_bank.sittings.events import SittingError, Window
from exam_bank.sittings.result import SittingState
from exam_bank.sittings.sitting import BEFORE, Sitting, shown


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of one exam in one run.

    Attributes:
        window: when an attempt may be taken; None: at any time.
        attempts: how many a learner has; None: as many as one likes.
        wait_hours: from the end of one attempt to the beginning of the next.
        no_show_counts: whether an attempt that the learner did not come to is used up.
        rejected_counts: whether an attempt that the proctor rejected is used up.
    """

    window: Window | None = None
    attempts: int | None = None
    wait_hours: int = 0
    no_show_counts: bool = True
    rejected_counts: bool = True

    def counts(self, sitting: Sitting) -> bool:
        """Whether an attempt is used up by this one. What is not decided yet is."""
        if sitting.state is SittingState.NO_SHOW:
            return self.no_show_counts
        return sitting.state is not SittingState.REJECTED or self.rejected_counts


def next_window(name: str, number: int, rules: Rules, earlier: Sequence[Sitting]) -> Window | None:
    """The window of the learner's attempt ``number``, after all attempts before it.

    Args:
        name: the new attempt's id, for errors.
        number: of the attempt, from 1.
        rules: of the exam.
        earlier: every attempt of this learner at this exam, by number.

    Raises:
        SittingError: the learner may not begin it; the message says why.
    """
    numbers = [each.authorised.attempt for each in earlier]
    if number in numbers:
        raise SittingError(name, "it is authorised already")
    if numbers != list(range(1, number)):
        raise SittingError(name, f"attempt {len(numbers) + 1} comes before it; give the learner that one")
    if not earlier:
        return rules.window
    last = earlier[-1]
    if last.state in BEFORE | {SittingState.OPEN}:
        raise SittingError(name, f"attempt {number - 1} is not over ({_said(last)}); end it first")
    used = [each for each in earlier if rules.counts(each)]
    if rules.attempts is not None and len(used) >= rules.attempts:
        said = ", ".join(f"attempt {each.authorised.attempt} {_said(each)}" for each in used)
        raise SittingError(name, f"the learner has used up {len(used)} of {rules.attempts} attempts: {said}")
    return _after(name, rules, last)


def _said(sitting: Sitting) -> str:
    return sitting.state.value.replace("_", " ")


def _after(name: str, rules: Rules, last: Sitting) -> Window | None:
    """The window, from the end of the waiting time on."""
    if not rules.wait_hours:
        return rules.window
    until = (last.submitted_at or last.last) + timedelta(hours=rules.wait_hours)
    if rules.window is None:
        return Window(opens=until, closes=datetime.max.replace(tzinfo=UTC) - timedelta(days=366))
    if until >= rules.window.closes:
        raise SittingError(
            name,
            f"the learner waits {rules.wait_hours} hours after an attempt, until {shown(until)}, and the exam closes "
            f"at {shown(rules.window.closes)}",
        )
    return replace(rules.window, opens=max(rules.window.opens, until))


def moment(wall_clock: datetime, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, of a local time that occurs exactly once.

    An exam is not begun or ended by a time that may mean two moments or none, so such a time is refused.

    Raises:
        ValueError: the clocks go back, and the time occurs twice; or forward, and it does not occur.
    """
    first, second = (wall_clock.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    utc = first.astimezone(UTC)
    if utc.astimezone(zone).replace(tzinfo=None) != wall_clock.replace(tzinfo=None, fold=0):
        raise ValueError(f"{wall_clock:%Y-%m-%d %H:%M} does not occur in {zone.key}, where the clocks go forward then")
    if first.utcoffset() != second.utcoffset():
        raise ValueError(f"{wall_clock:%Y-%m-%d %H:%M} occurs twice in {zone.key}, where the clocks go back then")
    return utc
