"""Who may begin an attempt and when: windows, their ends, the clocks that change, attempts and waiting."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from authoring.course import AtClose
from exam_bank.sittings.events import Decision, Extended, Moved, SectionOpened, SittingError, Window
from exam_bank.sittings.result import SittingState
from exam_bank.sittings.rules import Rules, moment
from exam_bank.sittings.sitting import apply
from exam_bank.sittings.store import SittingStore
from tests.exam_bank.conftest import NUMERIC, SINGLE
from tests.exam_bank.sittings.conftest import FORM, START, Clock, form_of, opened

NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
TWO = form_of([NUMERIC], [SINGLE])  # 120 minutes each


def window(*, opens: int = 0, closes: int, **more: Any) -> Window:
    """Minutes from the start."""
    return Window(opens=START + timedelta(minutes=opens), closes=START + timedelta(minutes=closes), **more)


def begun(store: SittingStore, rules: Rules, *, form: Any = FORM, **more: Any) -> str:
    """Identified, and no section is open."""
    name = store.authorise(form, course="mpc", exam="final-exam", by="registrar", rules=rules, **more).id
    store.ready(name)
    store.identify(name, by="proctor-7")
    return name


def test_a_section_is_opened_inside_the_window_alone(store: SittingStore, clock: Clock) -> None:
    name = begun(store, Rules(window=window(opens=10, closes=60)))
    clock.forward(minutes=10, microseconds=-1)
    with pytest.raises(SittingError, match="the exam opens at 2026-11-06 14:10:00 UTC; come back then"):
        store.open_section(name, "s1")
    clock.forward(minutes=50)
    clock.forward(microseconds=1)  # the window's end is outside
    with pytest.raises(SittingError, match="no section could be opened after 2026-11-06 15:00:00 UTC"):
        store.open_section(name, "s1")


def test_full_time_lets_a_section_that_was_opened_at_the_last_moment_have_its_time(
    store: SittingStore, clock: Clock
) -> None:
    name = begun(store, Rules(window=window(closes=60)), multiplier=Decimal("1.5"))
    clock.forward(minutes=59)
    assert store.open_section(name, "s1").opened[0].deadline == START + timedelta(minutes=59 + 180)


def test_cut_off_closes_a_section_with_the_window_whatever_time_was_granted(store: SittingStore, clock: Clock) -> None:
    name = begun(store, Rules(window=window(closes=60, at_close=AtClose.CUT_OFF)), multiplier=Decimal(2))
    clock.forward(minutes=59)
    assert store.open_section(name, "s1").opened[0].deadline == START + timedelta(minutes=60)
    # Minutes for an incident are granted by a person, who knows the window.
    assert store.extend(name, 10, by="p", reason="power cut").opened[0].deadline == START + timedelta(minutes=70)


def test_with_full_time_what_is_left_may_follow_within_a_break(store: SittingStore, clock: Clock) -> None:
    name = begun(store, Rules(window=window(closes=60, break_minutes=15)), form=TWO)
    store.open_section(name, "s1")
    clock.forward(minutes=135, microseconds=-1)
    assert not store.sitting(name).is_over(clock.now)
    assert store.open_section(name, "s2").state is SittingState.OPEN


def test_after_the_break_the_attempt_is_over_though_a_section_is_left(store: SittingStore, clock: Clock) -> None:
    name = begun(store, Rules(window=window(closes=60, break_minutes=15)), form=TWO)
    store.open_section(name, "s1")
    clock.forward(minutes=135)
    with pytest.raises(SittingError, match="no section could be opened after"):
        store.open_section(name, "s2")
    assert store.time_out() == (name,)
    assert store.sitting(name).submitted_at == START + timedelta(minutes=120)


def test_a_no_show_is_recorded_only_when_nobody_can_come_any_more(store: SittingStore, clock: Clock) -> None:
    name = begun(store, Rules(window=window(closes=60)))
    with pytest.raises(SittingError, match="the learner may still come, until 2026-11-06 15:00:00 UTC"):
        store.no_show(name, by="proctor")
    assert store.miss(by="proctor") == ()
    clock.forward(minutes=60)
    assert store.miss(by="proctor") == (name,)
    assert store.miss(by="proctor") == ()
    assert store.sitting(name).state is SittingState.NO_SHOW


def test_a_window_of_ones_own_is_an_event_with_a_reason(store: SittingStore, clock: Clock) -> None:
    name = begun(store, Rules(window=window(closes=60)))
    clock.forward(minutes=90)
    store.move(name, window(closes=200), by="registrar", reason="ill on the day")
    assert isinstance(store.events(name)[-1], Moved)
    assert store.open_section(name, "s1").state is SittingState.OPEN
    store.submit(name)
    with pytest.raises(SittingError, match="moved is not possible while it is submitted"):
        store.move(name, window(closes=300), by="registrar", reason="again")


def test_what_is_left_after_an_incident_at_the_end_can_follow_in_a_later_window(
    store: SittingStore, clock: Clock
) -> None:
    cut_off = AtClose.CUT_OFF
    name = begun(store, Rules(window=window(closes=60, at_close=cut_off)), form=TWO)
    store.open_section(name, "s1")
    clock.forward(minutes=70)
    store.extend(name, 20, by="p", reason="power cut")
    store.move(name, window(closes=300, at_close=cut_off), by="p", reason="power cut")
    assert store.sitting(name).opened[0].deadline == START + timedelta(minutes=80)
    clock.forward(minutes=30)
    assert store.open_section(name, "s2").opened[1].deadline == START + timedelta(minutes=220)


@pytest.mark.parametrize(("by", "reason"), [("", "power cut"), ("p", " "), ("a\x1b[2Jb", "power cut")])
def test_nobody_grants_anything_namelessly_or_without_a_reason(store: SittingStore, by: str, reason: str) -> None:
    name = opened(store)
    with pytest.raises(SittingError, match="it is not said"):
        store.extend(name, 5, by=by, reason=reason)


# ---- granted minutes


def test_granted_minutes_let_in_what_had_come_too_late_meanwhile(store: SittingStore, clock: Clock) -> None:
    """A power cut at 15:50; the learner is back at 16:05, and the proctor grants 20 minutes at 16:10."""
    name = opened(store)
    store.respond(name, "q01", "11")
    clock.forward(minutes=125)
    assert store.respond(name, "q01", "12.5").responses == {"q01": "11"}
    assert store.time_out() == (name,)
    clock.forward(minutes=5)
    after = store.extend(name, 20, by="proctor-7", reason="power cut")
    assert (after.state, after.submitted_at, after.responses, after.late) == (
        SittingState.OPEN,
        None,
        {"q01": "12.5"},
        (),
    )
    clock.forward(minutes=11)
    assert [late.response for late in store.respond(name, "q01", "13").late] == ["13"]
    assert store.time_out() == (name,)
    assert store.sitting(name).submitted_at == START + timedelta(minutes=140)


def test_what_was_handed_in_is_not_opened_again_by_granting_minutes(store: SittingStore) -> None:
    name = opened(store)
    store.submit(name)
    with pytest.raises(SittingError, match="extended is not possible while it is submitted"):
        store.extend(name, 10, by="p", reason="power cut")


@pytest.mark.parametrize("minutes", [0, -5, 24 * 60 + 1])
def test_minutes_are_granted_in_reason(store: SittingStore, minutes: int) -> None:
    name = opened(store)
    with pytest.raises(SittingError, match="minutes"):
        store.extend(name, minutes, by="p", reason="power cut")
    assert not any(isinstance(event, Extended) for event in store.events(name))


# ---- attempts


def ended(store: SittingStore, attempt: int, rules: Rules, decision: Decision | None) -> str:
    name = begun(store, rules, form=form_of([SINGLE], attempt=attempt))
    store.open_section(name, "s1")
    store.submit(name)
    if decision:
        store.review(name, decision, by="p", key=f"r-{attempt}", note="seen")
    return name


def second(store: SittingStore, rules: Rules) -> str:
    return begun(store, rules, form=form_of([SINGLE], attempt=2))


def test_who_has_used_up_the_attempts_is_told_by_which(store: SittingStore) -> None:
    rules = Rules(attempts=1)
    ended(store, 1, rules, Decision.VERIFIED)
    with pytest.raises(SittingError, match="used up 1 of 1 attempts: attempt 1 verified"):
        second(store, rules)


@pytest.mark.parametrize(
    ("decision", "rules", "may"),
    [
        (Decision.REJECTED, Rules(attempts=1), False),
        (Decision.REJECTED, Rules(attempts=1, rejected_counts=False), True),
        (None, Rules(attempts=1, rejected_counts=False), False),  # not decided yet: it may still be verified
        (Decision.VERIFIED, Rules(attempts=2), True),
        (Decision.VERIFIED, Rules(), True),
    ],
)
def test_what_uses_up_an_attempt_is_a_rule(
    store: SittingStore, decision: Decision | None, rules: Rules, may: bool
) -> None:
    ended(store, 1, rules, decision)
    if may:
        assert second(store, rules).endswith("/2")
    else:
        with pytest.raises(SittingError, match="used up 1 of 1"):
            second(store, rules)


@pytest.mark.parametrize("counts", [True, False])
def test_whether_a_no_show_uses_up_an_attempt_is_a_rule(store: SittingStore, counts: bool) -> None:
    rules = Rules(attempts=1, no_show_counts=counts)
    first = store.authorise(form_of([SINGLE]), course="mpc", exam="final-exam", by="r", rules=rules)
    store.no_show(first.id, by="p")
    if not counts:
        assert second(store, rules).endswith("/2")
    else:
        with pytest.raises(SittingError, match="attempt 1 no show"):
            second(store, rules)


def test_attempts_follow_each_other(store: SittingStore) -> None:
    with pytest.raises(SittingError, match="attempt 1 comes before it"):
        second(store, Rules())
    opened(store)
    with pytest.raises(SittingError, match=r"attempt 1 is not over \(open\)"):
        second(store, Rules())


def test_other_learners_courses_and_exams_are_not_counted(store: SittingStore) -> None:
    rules = Rules(attempts=1)
    ended(store, 1, rules, Decision.VERIFIED)
    for learner, course, exam in (("ADA", "mpc", "final-exam"), ("ada", "mpd", "final-exam"), ("ada", "mpc", "mid")):
        assert store.authorise(form_of([SINGLE], learner=learner), course=course, exam=exam, by="r", rules=rules)


def test_between_attempts_the_learner_waits(store: SittingStore, clock: Clock) -> None:
    rules = Rules(window=window(closes=60 * 24 * 5), wait_hours=72)
    ended(store, 1, rules, Decision.VERIFIED)
    name = second(store, rules)
    clock.forward(hours=72, microseconds=-1)
    with pytest.raises(SittingError, match="the exam opens at 2026-11-09 14:00:00 UTC"):
        store.open_section(name, "s1")
    clock.forward(microseconds=1)
    assert store.open_section(name, "s1").state is SittingState.OPEN


def test_who_would_wait_until_the_exam_has_closed_is_told_so(store: SittingStore) -> None:
    rules = Rules(window=window(closes=60 * 24), wait_hours=72)
    ended(store, 1, rules, Decision.VERIFIED)
    with pytest.raises(SittingError, match=r"the learner waits 72 hours .* and the exam closes at 2026-11-07 14:00:00"):
        second(store, rules)


@pytest.mark.parametrize("learner", ["", "a/b", "x" * 101, "a\x00b"])
def test_a_name_that_could_be_taken_for_another_is_refused(store: SittingStore, learner: str) -> None:
    with pytest.raises(SittingError, match="cannot name a part of it"):
        store.authorise(form_of([SINGLE], learner=learner), course="c", exam="e", by="r")


# ---- clocks that change


@pytest.mark.parametrize(
    ("wall", "zone", "utc"),
    [
        ("2026-11-01T00:59", NEW_YORK, "2026-11-01T04:59+00:00"),
        ("2026-11-01T02:00", NEW_YORK, "2026-11-01T07:00+00:00"),
        ("2026-03-08T01:59", NEW_YORK, "2026-03-08T06:59+00:00"),
        ("2026-03-08T03:00", NEW_YORK, "2026-03-08T07:00+00:00"),
        ("2026-03-29T03:00", BERLIN, "2026-03-29T01:00+00:00"),
        ("2026-10-25T03:00", BERLIN, "2026-10-25T02:00+00:00"),
        ("2026-07-01T12:00", ZoneInfo("Asia/Kolkata"), "2026-07-01T06:30+00:00"),
        ("2026-04-05T03:00", ZoneInfo("Australia/Lord_Howe"), "2026-04-04T16:30+00:00"),  # clocks go by half an hour
    ],
)
def test_a_local_time_that_occurs_once_is_that_moment(wall: str, zone: ZoneInfo, utc: str) -> None:
    assert moment(datetime.fromisoformat(wall), zone) == datetime.fromisoformat(utc)


@pytest.mark.parametrize(
    ("wall", "zone", "said"),
    [
        ("2026-11-01T01:00", NEW_YORK, "occurs twice"),
        ("2026-11-01T01:59", NEW_YORK, "occurs twice"),
        ("2026-10-25T02:30", BERLIN, "occurs twice"),
        ("2026-04-05T01:45", ZoneInfo("Australia/Lord_Howe"), "occurs twice"),
        ("2026-03-08T02:00", NEW_YORK, "does not occur"),
        ("2026-03-08T02:59", NEW_YORK, "does not occur"),
        ("2026-03-29T02:30", BERLIN, "does not occur"),
        ("2011-12-30T12:00", ZoneInfo("Pacific/Apia"), "does not occur"),  # a whole day was left out
    ],
)
@pytest.mark.parametrize("fold", [0, 1])
def test_a_local_time_that_occurs_twice_or_never_opens_and_closes_no_exam(
    wall: str, zone: ZoneInfo, said: str, fold: int
) -> None:
    with pytest.raises(ValueError, match=said):
        moment(datetime.fromisoformat(wall).replace(fold=fold), zone)


@pytest.mark.parametrize(
    ("opens", "closes", "hours"),
    [
        ("2026-10-31T12:00", "2026-11-01T12:00", 25),  # the clocks go back in between
        ("2026-03-07T12:00", "2026-03-08T12:00", 23),  # and forward
    ],
)
def test_a_window_over_a_change_of_clocks_has_the_hours_that_pass(opens: str, closes: str, hours: int) -> None:
    first, last = (moment(datetime.fromisoformat(each), NEW_YORK) for each in (opens, closes))
    assert last - first == timedelta(hours=hours)


@pytest.mark.parametrize("zone", [UTC, NEW_YORK, BERLIN, ZoneInfo("Asia/Kolkata")])
@pytest.mark.parametrize("start", ["2026-11-01T05:30", "2026-03-08T06:30", "2026-10-25T00:30"])
def test_two_hours_are_two_hours_in_whatever_zone_the_server_is(
    store: SittingStore, clock: Clock, zone: Any, start: str
) -> None:
    clock.now = datetime.fromisoformat(start).replace(tzinfo=UTC).astimezone(zone)
    name = opened(store)
    section = store.sitting(name).opened[0]
    assert section.opened.tzinfo is section.deadline.tzinfo is UTC
    assert section.deadline == datetime.fromisoformat(start).replace(tzinfo=UTC) + timedelta(hours=2)


def test_a_clock_without_a_zone_is_refused(store: SittingStore, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 6, 14, 0)
    with pytest.raises(ValueError, match="a time without a zone"):
        opened(store)


def test_the_window_belongs_to_the_state_and_not_to_the_store(store: SittingStore) -> None:
    name = begun(store, Rules(window=window(closes=60)))
    late = SectionOpened(at=START + timedelta(hours=2), section="s1")
    with pytest.raises(SittingError, match="no section could be opened"):
        apply(store.sitting(name), late)


def test_granted_minutes_that_do_not_reach_so_far_let_nothing_in(store: SittingStore, clock: Clock) -> None:
    name = opened(store)
    clock.forward(minutes=125)
    store.respond(name, "q01", "12.5")
    store.time_out()
    after = store.extend(name, 3, by="p", reason="a short one")
    assert (after.state, after.responses, len(after.late)) == (SittingState.TIMED_OUT, {}, 1)
    assert after.submitted_at == START + timedelta(minutes=123)
