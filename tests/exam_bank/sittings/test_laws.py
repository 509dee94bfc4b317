"""Laws of attempts: whatever is tried in whatever order, by honest clients and others, these hold."""

import itertools
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from authoring.course import AtClose
from exam_bank.sittings import database
from exam_bank.sittings.events import Decision, Event, Extended, Responded, SectionOpened, SittingError, Window
from exam_bank.sittings.grade import grade_sitting
from exam_bank.sittings.result import SittingState
from exam_bank.sittings.rules import Rules
from exam_bank.sittings.sitting import Sitting, fold
from exam_bank.sittings.store import SittingStore
from tests.exam_bank.conftest import NUMERIC, SINGLE
from tests.exam_bank.sittings.conftest import START, Clock, form_of

pytestmark = pytest.mark.integration  # thousands of steps

FORM = form_of([NUMERIC, SINGLE], [SINGLE])  # q01 and q02, then q03; 120 minutes each
S = SittingState
# Written down here a second time, from the picture in docs/sittings.md.
MOVES = {
    S.AUTHORISED: {S.READY, S.NO_SHOW},
    S.READY: {S.IDENTIFIED, S.NO_SHOW},
    S.IDENTIFIED: {S.OPEN, S.NO_SHOW},
    S.OPEN: {S.SUBMITTED, S.TIMED_OUT},
    S.SUBMITTED: {S.IN_REVIEW},
    S.TIMED_OUT: {S.IN_REVIEW, S.OPEN},
    S.IN_REVIEW: {S.VERIFIED, S.REJECTED, S.SECOND_REVIEW},
    S.SECOND_REVIEW: {S.VERIFIED, S.REJECTED},
    S.VERIFIED: {S.SECOND_REVIEW},
    S.REJECTED: {S.SECOND_REVIEW},
    S.NO_SHOW: set(),
}
questions = st.sampled_from(["q01", "q02", "q03", "q99"])
answers = st.sampled_from(["1", "2", "a", "b"])


class Attempt(RuleBasedStateMachine):
    """One attempt in which anything is tried."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{Path(self.folder.name) / 's.db'}"
        self.clock = Clock()
        self.store = SittingStore(self.url, clock=self.clock)
        self.tokens: list[str] = []
        self.events: list[Event] = []
        self.keys = 0

    @initialize(
        at_close=st.sampled_from(AtClose),
        closes=st.integers(60, 400),
        multiplier=st.sampled_from(["1", "1.5"]),
        has_window=st.booleans(),
        comes=st.booleans(),
    )
    def authorise(self, at_close: AtClose, closes: int, multiplier: str, has_window: bool, comes: bool) -> None:
        window = Window(opens=START, closes=START + timedelta(minutes=closes), at_close=at_close)
        self.name = self.store.authorise(
            FORM,
            course="c",
            exam="e",
            by="r",
            multiplier=Decimal(multiplier),
            rules=Rules(window=window if has_window else None),
        ).id
        self.events = self.store.events(self.name)
        if comes:
            self.come_in()
            self.open_section("s1")

    def tried(self, act: Callable[[], Any]) -> None:
        """What is refused leaves everything as it was."""
        try:
            act()
        except SittingError:
            assert self.store.events(self.name) == self.events
        else:
            self.events = self.store.events(self.name)

    @rule(minutes=st.integers(0, 70), seconds=st.sampled_from([0, 1, -30]))
    def time_passes(self, minutes: int, seconds: int) -> None:
        self.clock.forward(minutes=minutes, seconds=seconds)

    @rule()
    def come_in(self) -> None:
        self.tried(lambda: self.store.ready(self.name))
        self.tried(lambda: self.store.identify(self.name, by="p"))

    @rule(section=st.sampled_from(["s1", "s2", "s3"]))
    def open_section(self, section: str) -> None:
        self.tried(lambda: self.store.open_section(self.name, section))

    @rule()
    def connect(self) -> None:
        self.tried(lambda: self.tokens.append(self.store.connect(self.name).token))

    @precondition(lambda self: self.tokens)
    @rule(which=st.integers(0, 5), seq=st.integers(1, 12), question=questions, answer=answers)
    def save(self, which: int, seq: int, question: str, answer: str) -> None:
        token = self.tokens[which % len(self.tokens)]
        self.tried(lambda: self.store.save(self.name, token, seq, {question: answer}))

    @rule(question=questions, answer=answers)
    def respond(self, question: str, answer: str) -> None:
        self.tried(lambda: self.store.respond(self.name, question, answer))

    @rule(minutes=st.integers(1, 90))
    def extend(self, minutes: int) -> None:
        self.tried(lambda: self.store.extend(self.name, minutes, by="p", reason="power cut"))

    @rule()
    def submit(self) -> None:
        self.tried(lambda: self.store.submit(self.name))

    @rule()
    def close(self) -> None:
        self.store.time_out()
        self.store.miss(by="p")

    @rule(
        decision=st.sampled_from(Decision),
        by=st.sampled_from(["p", "q", "r"]),
        hour=st.integers(0, 9),
        new=st.booleans(),
    )
    def review(self, decision: Decision, by: str, hour: int, new: bool) -> None:
        self.keys += new
        self.tried(
            lambda: self.store.review(
                self.name,
                decision,
                by=by,
                key=f"k{self.keys}",
                note="seen",
                source="csv",
                said_at=START + timedelta(hours=hour),
            )
        )

    @rule()
    def appeal(self) -> None:
        self.tried(lambda: self.store.appeal(self.name, by="r", reason="It was allowed."))

    @rule(points=st.sampled_from(["0", "2", "99"]))
    def mark(self, points: str) -> None:
        self.tried(lambda: self.store.mark(self.name, "q01", Decimal(points), by="ta"))

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = SittingStore(self.url, clock=self.clock)

    @invariant()
    def the_laws_hold(self) -> None:
        events, sitting = self.store.events(self.name), self.store.sitting(self.name)
        # Nothing that was written changes, and the state follows from it alone.
        assert events[: len(self.events)] == self.events
        assert [each.at for each in events] == sorted(each.at for each in events)
        assert fold(events) == sitting
        self.events = events
        self.no_two_sections_are_open(sitting)
        self.no_response_is_lost_and_none_counts_that_must_not(sitting)
        self.a_score_and_a_verification_are_earned(sitting)

    def no_two_sections_are_open(self, sitting: Sitting) -> None:
        opened = [each.section for each in self.events if isinstance(each, SectionOpened)]
        assert len(set(opened)) == len(opened) == len(sitting.opened)

    def no_response_is_lost_and_none_counts_that_must_not(self, sitting: Sitting) -> None:
        sent = {(each.question, each.response) for each in self.events if isinstance(each, Responded)}
        assert set(sitting.responses.items()) <= _in_time(self.events) <= sent
        assert {(late.question, late.response) for late in sitting.late} <= sent

    def a_score_and_a_verification_are_earned(self, sitting: Sitting) -> None:
        if grade_sitting(sitting, FORM).result.score is not None:
            assert sitting.submitted_at is not None
            assert sitting.state not in {S.AUTHORISED, S.READY, S.IDENTIFIED, S.OPEN, S.NO_SHOW}
        if sitting.state is S.VERIFIED:
            assert sitting.reviews[-1].decision is Decision.VERIFIED
            assert sitting.reviewed_at == sitting.reviews[-1].at
        assert len({each.by for each in sitting.reviews}) == len(sitting.reviews)

    def teardown(self) -> None:
        states = [fold(self.events[:length]).state for length in range(1, len(self.events) + 1)]
        self.store.close()
        self.folder.cleanup()
        assert all(after is before or after in MOVES[before] for before, after in itertools.pairwise(states))


def _in_time(events: list[Event]) -> set[tuple[str, Any]]:
    """What could count, told anew from the events: the last deadline that a section ever had, and who wrote."""
    sections = {"q01": "s1", "q02": "s1", "q03": "s2"}
    spans = _spans(events)
    newest, found = 0, set()
    for event in events:
        newest += type(event).__name__ == "SessionOpened"
        if isinstance(event, Responded):
            span = spans.get(sections[event.question])
            current = event.session in {0, newest}
            if current and span is not None and span[0] <= event.at <= span[1]:
                found.add((event.question, event.response))
    return found


def _spans(events: list[Event]) -> dict[str, tuple[Any, Any]]:
    """From when to when each section was open, with all that was granted; opening the next one ends it."""
    sitting: Sitting = fold(events)
    found: dict[str, tuple[Any, Any]] = {}
    last = ""
    for event in events:
        if isinstance(event, SectionOpened):
            if last:
                found[last] = (found[last][0], min(found[last][1], event.at))
            minutes = 120 * float(sitting.authorised.multiplier)
            until = event.at + timedelta(minutes=minutes)
            if sitting.window is not None and sitting.window.at_close is AtClose.CUT_OFF:
                until = min(until, sitting.window.closes)
            found[event.section], last = (event.at, until), event.section
        if isinstance(event, Extended):
            found[last] = (found[last][0], found[last][1] + timedelta(minutes=event.minutes))
    return found


@pytest.fixture(autouse=True)
def no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        database, "_set_up_sqlite", lambda connection, _record: connection.execute("PRAGMA synchronous = OFF").close()
    )


def test_whatever_is_tried_the_laws_hold(no_disk: None) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Attempt,
        settings=settings(
            max_examples=50,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_store_that_was_never_used_holds_nothing(tmp_path: Path) -> None:
    with closing(SittingStore(f"sqlite:///{tmp_path / 's.db'}", clock=Clock())) as store:
        assert store.sittings() == []
