"""Attempts at an exam: what may happen when, what counts, and what is never lost."""

import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import msgspec
import pytest
import sqlalchemy as sa

from exam_bank.scoring import Outcome
from exam_bank.sittings.events import Authorised, Decision, Event, SittingError
from exam_bank.sittings.grade import grade_sitting
from exam_bank.sittings.result import SittingState
from exam_bank.sittings.sitting import POSSIBLE
from exam_bank.sittings.store import SittingStore
from tests.exam_bank.conftest import CODE, NUMERIC, SHORT, SINGLE
from tests.exam_bank.sittings.conftest import FORM, RIGHT, START, Clock, form_of, opened


def test_an_attempt_goes_its_way_to_verified(store: SittingStore, clock: Clock) -> None:
    name = store.authorise(FORM, course="mpc", exam="final-exam", by="registrar").id
    assert name == "mpc/final-exam/ada/1"
    states = [store.sitting(name).state]
    states.append(store.ready(name).state)
    states.append(store.identify(name, by="proctor-7").state)
    states.append(store.open_section(name, "s1").state)
    store.respond(name, "q01", "12.5 mm")
    store.respond(name, "q02", RIGHT)
    clock.forward(minutes=90)
    states.append(store.submit(name).state)
    states.append(store.start_review(name).state)
    clock.forward(days=2)
    states.append(store.review(name, Decision.VERIFIED, by="proctor-9", key="r-1").state)
    assert [state.value for state in states] == [
        *("authorised", "ready", "identified", "open", "submitted", "in_review", "verified"),
    ]
    result = grade_sitting(store.sitting(name), FORM).result
    assert (result.score, result.max_score, result.needs_manual) == (Decimal(4), Decimal(4), ())
    assert (result.course, result.exam, result.learner, result.attempt) == ("mpc", "final-exam", "ada", 1)
    assert result.opened_at == START
    assert result.submitted_at == START + timedelta(minutes=90)
    assert result.reviewed_at == START + timedelta(days=2, minutes=90)
    assert result.form == FORM.version


ACTIONS: dict[str, Callable[[SittingStore, str], Any]] = {
    "ready": lambda store, name: store.ready(name),
    "identified": lambda store, name: store.identify(name, by="p"),
    "section-opened": lambda store, name: store.open_section(name, "s1"),
    "responded": lambda store, name: store.respond(name, "q01", "1"),
    "submitted": lambda store, name: store.submit(name),
    "no-show": lambda store, name: store.no_show(name, by="p"),
    "review-started": lambda store, name: store.start_review(name),
    "marked": lambda store, name: store.mark(name, "q01", Decimal(1), by="ta"),
}


SESSIONS = ("session-opened", "heard", "session-closed")


@pytest.mark.parametrize(
    ("path", "possible"),
    [
        ([], {"ready", "no-show", "moved", *SESSIONS}),
        (["ready"], {"identified", "no-show", "moved", *SESSIONS}),
        (["ready", "identified"], {"section-opened", "no-show", "moved", *SESSIONS}),
        (
            ["ready", "identified", "section-opened"],
            {"responded", "submitted", "timed-out", "section-opened", "extended", "moved", *SESSIONS},
        ),
        (["ready", "identified", "section-opened", "submitted"], {"responded", "review-started", "marked"}),
        (["no-show"], set()),
    ],
)
def test_what_is_not_possible_says_what_is(store: SittingStore, path: list[str], possible: set[str]) -> None:
    name = store.authorise(FORM, course="mpc", exam="final-exam", by="registrar").id
    for step in path:
        ACTIONS[step](store, name)
    for action, act in ACTIONS.items():
        if action not in possible:
            with pytest.raises(SittingError) as caught:
                act(store, name)
            assert set(caught.value.allowed) == possible
            assert "possible now: " + (", ".join(caught.value.allowed) or "nothing") in str(caught.value)


def test_no_attempt_is_made_up(store: SittingStore) -> None:
    for act in ACTIONS.values():
        with pytest.raises(SittingError, match="there is no such attempt; authorise it first"):
            act(store, "mpc/final-exam/nobody/1")
    assert store.sittings() == []


def test_an_attempt_is_authorised_once(store: SittingStore) -> None:
    store.authorise(FORM, course="mpc", exam="final-exam", by="registrar")
    with pytest.raises(SittingError, match="it is authorised already"):
        store.authorise(FORM, course="mpc", exam="final-exam", by="registrar")


# ---- time


def test_an_answer_on_the_deadline_counts_and_one_after_it_is_kept_and_does_not(
    store: SittingStore, clock: Clock
) -> None:
    name = opened(store)
    store.respond(name, "q01", "11")
    clock.forward(minutes=120)
    store.respond(name, "q01", "12.5")
    clock.forward(microseconds=1)
    sitting = store.respond(name, "q01", "13")
    assert sitting.responses == {"q01": "12.5"}
    assert [(late.question, late.response) for late in sitting.late] == [("q01", "13")]
    assert sitting.state is SittingState.OPEN
    assert store.submit(name).state is SittingState.TIMED_OUT
    assert store.respond(name, "q02", RIGHT).responses == {"q01": "12.5"}
    graded = grade_sitting(store.sitting(name), FORM)
    assert [(each.outcome, each.points) for each in graded.questions] == [
        (Outcome.SCORED, Decimal(2)),
        (Outcome.OMITTED, Decimal(0)),
    ]
    assert graded.result.submitted_at == START + timedelta(minutes=120)


def test_accommodations_lengthen_the_section(store: SittingStore, clock: Clock) -> None:
    name = opened(store, multiplier=Decimal("1.5"))
    assert store.sitting(name).opened[0].deadline == START + timedelta(minutes=180)
    clock.forward(minutes=180)
    assert store.respond(name, "q01", "12.5").responses == {"q01": "12.5"}
    for wrong in ("0.5", "NaN", "-1"):
        with pytest.raises(SittingError, match="give 1 or more"):
            store.authorise(form_of([SINGLE], learner="bea"), course="c", exam="e", by="r", multiplier=Decimal(wrong))


def test_a_clock_that_changes_to_winter_time_gives_no_extra_hour(store: SittingStore, clock: Clock) -> None:
    zone = ZoneInfo("America/New_York")
    clock.now = datetime(2026, 11, 1, 1, 30, tzinfo=zone)  # an hour later it is 1:30 again
    name = opened(store)
    section = store.sitting(name).opened[0]
    assert section.deadline - section.opened == timedelta(hours=2)
    assert section.deadline == datetime(2026, 11, 1, 7, 30, tzinfo=UTC)
    assert section.deadline.astimezone(zone).strftime("%H:%M") == "02:30"


def test_attempts_whose_time_is_over_are_ended_for_the_learner(store: SittingStore, clock: Clock) -> None:
    ada = opened(store)
    clock.forward(hours=1)
    bea = opened(store, form_of([SINGLE], learner="bea"))
    clock.forward(hours=1)
    assert store.time_out() == ()
    clock.forward(seconds=1)
    assert store.time_out() == (ada,)
    assert store.time_out() == ()
    assert (store.sitting(ada).state, store.sitting(bea).state) == (SittingState.TIMED_OUT, SittingState.OPEN)


def test_a_clock_that_is_set_back_reorders_nothing(store: SittingStore, clock: Clock) -> None:
    name = opened(store)
    clock.forward(minutes=10)
    store.respond(name, "q01", "1")
    clock.forward(minutes=-10)
    store.respond(name, "q01", "2")
    assert store.sitting(name).responses == {"q01": "2"}
    assert [event.at for event in store.events(name)] == sorted(event.at for event in store.events(name))


def test_sections_are_opened_one_at_a_time_with_their_own_deadlines(store: SittingStore, clock: Clock) -> None:
    form = form_of([NUMERIC], [SINGLE])
    name = opened(store, form)
    with pytest.raises(SittingError, match="question 'q02' is in no section that was opened; open it first"):
        store.respond(name, "q02", "a")
    clock.forward(minutes=130)
    assert store.time_out() == ()  # a section is left
    store.open_section(name, "s2")
    with pytest.raises(SittingError, match="section 's1' cannot be opened; left are: none"):
        store.open_section(name, "s1")
    assert store.respond(name, "q01", "12.5").responses == {}  # its section is closed
    clock.forward(minutes=120)
    assert store.respond(name, "q02", "a").responses == {"q02": "a"}


# ---- reviews


@pytest.fixture
def handed_in(store: SittingStore) -> str:
    name = opened(store)
    store.respond(name, "q01", "12.5")
    store.submit(name)
    return name


def test_a_review_that_comes_twice_counts_once(store: SittingStore, handed_in: str) -> None:
    first = store.review(handed_in, Decision.VERIFIED, by="p", key="hook-1", note="fine")
    assert first.state is SittingState.VERIFIED
    events = store.events(handed_in)
    assert store.review(handed_in, Decision.VERIFIED, by="p", key="hook-1", note="fine") == first
    assert store.events(handed_in) == events


def test_one_message_cannot_say_two_things(store: SittingStore, handed_in: str) -> None:
    store.review(handed_in, Decision.SECOND_REVIEW, by="p", key="hook-1")
    with pytest.raises(SittingError, match="the review 'hook-1' came before and said second_review"):
        store.review(handed_in, Decision.VERIFIED, by="p", key="hook-1")


def test_a_second_review_decides(store: SittingStore, handed_in: str) -> None:
    assert store.review(handed_in, Decision.SECOND_REVIEW, by="p", key="1").state is SittingState.SECOND_REVIEW
    with pytest.raises(SittingError, match="a second review ends with verified or rejected"):
        store.review(handed_in, Decision.SECOND_REVIEW, by="q", key="2")
    assert store.review(handed_in, Decision.REJECTED, by="q", key="3", note="Notes.").state is SittingState.REJECTED
    with pytest.raises(SittingError, match="possible now: responded, appealed, marked"):
        store.review(handed_in, Decision.VERIFIED, by="q", key="4")


def test_what_was_never_handed_in_is_not_reviewed(store: SittingStore) -> None:
    name = opened(store)
    with pytest.raises(SittingError, match="reviewed is not possible while it is open"):
        store.review(name, Decision.VERIFIED, by="p", key="1")


# ---- scores


def test_a_score_exists_only_when_everything_is_known(store: SittingStore) -> None:
    form = form_of([NUMERIC, SHORT, CODE])
    name = opened(store, form)
    store.respond(name, "q01", "twelve and a half")
    store.respond(name, "q02", "Because.")
    store.respond(name, "q03", "def limits(x): return 1, 2")
    assert grade_sitting(store.sitting(name), form).result.score is None
    store.submit(name)
    waiting = grade_sitting(store.sitting(name), form)
    assert waiting.result.score is None
    assert waiting.result.needs_manual == ("basics/i1", "basics/i2", "basics/i3")
    assert waiting.questions[0].outcome is Outcome.MALFORMED
    assert "Give a number" in waiting.questions[0].message
    store.mark(name, "q01", Decimal(2), by="ta-1", note="it is 12.5")
    store.mark(name, "q02", Decimal("0.5"), by="ta-1")
    store.mark(name, "q02", Decimal("1.5"), by="ta-2", note="second reader")
    store.mark(name, "q03", Decimal(1), by="autograder")
    graded = grade_sitting(store.sitting(name), form)
    assert graded.result.score == Decimal("4.5")
    assert graded.questions[1].marked_by == "ta-2"
    assert [event.by for event in store.events(name)[-4:]] == ["ta-1", "ta-1", "ta-2", "autograder"]  # type: ignore[union-attr]


def test_nothing_answered_is_zero_once_it_is_over_and_no_score_before(store: SittingStore, clock: Clock) -> None:
    name = opened(store)
    assert grade_sitting(store.sitting(name), FORM).result.score is None
    clock.forward(hours=3)
    store.time_out()
    assert grade_sitting(store.sitting(name), FORM).result.score == 0


def test_who_did_not_come_has_no_score(store: SittingStore) -> None:
    name = store.authorise(FORM, course="mpc", exam="final-exam", by="registrar").id
    store.no_show(name, by="proctor")
    result = grade_sitting(store.sitting(name), FORM).result
    assert (result.state, result.score, result.needs_manual) == (SittingState.NO_SHOW, None, ())


@pytest.mark.parametrize("points", ["-1", "2.01", "NaN", "Infinity"])
def test_a_mark_is_between_nothing_and_the_points(store: SittingStore, handed_in: str, points: str) -> None:
    with pytest.raises(SittingError, match="give 0 to 2"):
        store.mark(handed_in, "q01", Decimal(points), by="ta")
    with pytest.raises(SittingError, match="there is no question 'q99'"):
        store.mark(handed_in, "q99", Decimal(1), by="ta")


def test_another_form_does_not_grade_it(store: SittingStore, handed_in: str) -> None:
    with pytest.raises(SittingError, match="the form is not the one that was authorised"):
        grade_sitting(store.sitting(handed_in), form_of([SINGLE, NUMERIC]))


# ---- the store


def test_events_cannot_be_changed_or_deleted(tmp_path: Path, store: SittingStore, handed_in: str) -> None:
    with sqlite3.connect(tmp_path / "sittings.db") as connection:
        for statement in ("UPDATE sitting_events SET body = '{}'", "DELETE FROM sitting_events"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)


def test_everything_survives_a_restart(tmp_path: Path, store: SittingStore, clock: Clock, handed_in: str) -> None:
    before = store.sitting(handed_in)
    store.close()
    again = SittingStore(f"sqlite:///{tmp_path / 'sittings.db'}", clock=clock)
    assert again.sitting(handed_in) == before
    again.close()


def test_writers_at_the_same_moment_lose_nothing(store: SittingStore) -> None:
    name = opened(store)
    errors: list[BaseException] = []

    def write(worker: int) -> None:
        try:
            for number in range(5):
                store.respond(name, "q01", f"{worker}-{number}")
        except BaseException as error:  # noqa: BLE001 - reported by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    sent = [event.response for event in store.events(name) if hasattr(event, "response")]
    assert sorted(sent) == sorted(f"{worker}-{number}" for worker in range(4) for number in range(5))


def test_a_response_that_is_too_large_is_refused(store: SittingStore) -> None:
    name = opened(store)
    with pytest.raises(SittingError, match="larger than 64 KiB"):
        store.respond(name, "q01", "x" * 70_000)


def test_the_events_are_readable_json(store: SittingStore, handed_in: str, tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'sittings.db'}")
    with engine.connect() as connection:
        bodies = [
            msgspec.json.decode(body) for (body,) in connection.execute(sa.text("SELECT body FROM sitting_events"))
        ]
    engine.dispose()
    assert bodies[4] == {"event": "responded", "at": "2026-11-06T14:00:00Z", "question": "q01", "response": "12.5"}


def test_every_event_has_its_states() -> None:
    assert set(get_args(Event)) - set(POSSIBLE) == {Authorised}
