"""A learner's clients: what they save, what they are told, and when there are two of them."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from exam_bank.sittings import limits
from exam_bank.sittings.events import Heard, Responded, SittingError
from exam_bank.sittings.limits import TooOftenError
from exam_bank.sittings.result import SittingState
from exam_bank.sittings.store import SittingStore
from tests.exam_bank.conftest import NUMERIC, SINGLE
from tests.exam_bank.sittings.conftest import FORM, START, Clock, form_of, opened

pytestmark = pytest.mark.integration  # it takes long


@pytest.fixture
def name(store: SittingStore) -> str:
    return opened(store)


@pytest.fixture
def token(store: SittingStore, name: str) -> str:
    return store.connect(name, client="Firefox").token


# ---- saving


def test_a_save_that_comes_twice_does_nothing(store: SittingStore, name: str, token: str) -> None:
    first = store.save(name, token, 1, {"q01": "12", "q02": "a"})
    assert (first.counted, first.repeated, first.kept) == (("q01", "q02"), (), {})
    events = store.events(name)
    again = store.save(name, token, 1, {"q01": "12", "q02": "a"})
    assert (again.counted, again.repeated, again.kept) == ((), ("q01", "q02"), {})
    assert store.events(name) == events


def test_a_save_that_was_overtaken_overwrites_nothing_newer(store: SittingStore, name: str, token: str) -> None:
    store.save(name, token, 3, {"q01": "newer"})
    receipt = store.save(name, token, 2, {"q01": "older", "q02": "a"})
    assert (receipt.counted, receipt.repeated) == (("q02",), ("q01",))
    assert store.sitting(name).responses == {"q01": "newer", "q02": "a"}
    # What was changed and changed back is the newer one, too.
    store.save(name, token, 6, {"q01": "12"})
    assert store.save(name, token, 5, {"q01": "13"}).view.responses["q01"] == "12"


def test_a_repetition_after_the_deadline_is_not_late(store: SittingStore, clock: Clock, name: str, token: str) -> None:
    store.save(name, token, 1, {"q01": "12"})
    clock.forward(hours=2, seconds=1)
    assert store.save(name, token, 1, {"q01": "12"}).repeated == ("q01",)
    late = store.save(name, token, 2, {"q01": "13"})
    assert (late.counted, late.kept) == ((), {"q01": "deadline"})
    assert store.save(name, token, 2, {"q01": "13"}).repeated == ("q01",)
    assert [each.response for each in store.sitting(name).late] == ["13"]


def test_a_save_is_taken_whole_or_not_at_all(store: SittingStore, name: str, token: str) -> None:
    with pytest.raises(SittingError, match="question 'q99' is in no section"):
        store.save(name, token, 1, {"q01": "12", "q99": "?"})
    assert store.sitting(name).responses == {}


def test_an_empty_save_says_that_the_client_is_there_and_is_written_twice_a_minute(
    store: SittingStore, clock: Clock, name: str, token: str
) -> None:
    for number in range(1, 13):
        clock.forward(seconds=10)
        store.save(name, token, number, {})
    heard = [event.at for event in store.events(name) if isinstance(event, Heard)]
    assert heard == [START + timedelta(seconds=each) for each in (30, 60, 90, 120)]


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), b"bytes", {1, 2}, "\ud800", ["\udfff"]])
def test_what_is_not_plain_json_is_refused(store: SittingStore, name: str, token: str, wrong: object) -> None:
    with pytest.raises(SittingError, match="is not plain JSON"):
        store.save(name, token, 1, {"q01": wrong})


def test_what_is_nested_too_deeply_is_refused(store: SittingStore, name: str, token: str) -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(SittingError, match="is not plain JSON"):
        store.save(name, token, 1, {"q01": deep})


def test_what_is_kept_is_what_is_read_again(store: SittingStore, name: str, token: str, tmp_path: Path) -> None:
    given = {"zero": "\x00", "emoji": "🙂", "number": 2**70, "list": (1, 2.5, None, True)}
    store.save(name, token, 1, {"q01": given})
    kept = store.sitting(name)
    again = SittingStore(f"sqlite:///{tmp_path / 'sittings.db'}", clock=Clock())
    assert again.sitting(name) == kept
    assert kept.responses["q01"] == {**given, "list": [1, 2.5, None, True]}
    again.close()


@pytest.mark.parametrize("seq", [0, -1, 2**53])
def test_a_number_that_is_none_is_refused(store: SittingStore, name: str, token: str, seq: int) -> None:
    with pytest.raises(SittingError, match="a save has a number from 1"):
        store.save(name, token, seq, {"q01": "1"})


def test_a_client_may_not_send_more_than_anybody_needs(
    store: SittingStore, clock: Clock, name: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(limits.SAVES):
        store.save(name, token, number + 1, {"q01": str(number)})
    with pytest.raises(TooOftenError, match="more than 20 saves in 10 s; send it again in 11 s") as caught:
        store.save(name, token, 99, {"q01": "too soon"})
    clock.now += caught.value.after
    assert store.save(name, token, 99, {"q01": "then"}).counted == ("q01",)
    monkeypatch.setattr(limits, "MAX_SAVE_BYTES", 100)
    with pytest.raises(SittingError, match="the save is larger"):
        store.save(name, token, 100, {"q01": "x" * 60, "q02": "y" * 60})
    monkeypatch.setattr(limits, "MAX_SITTING_BYTES", 1_000)
    with pytest.raises(SittingError, match="all its saves together"):
        store.save(name, token, 100, {"q01": "z"})
    assert store.submit(name, {"q01": "the last word"}).responses["q01"] == "the last word"


def test_the_rate_is_the_same_after_a_restart(
    store: SittingStore, clock: Clock, name: str, token: str, tmp_path: Path
) -> None:
    for number in range(limits.SAVES):
        store.save(name, token, number + 1, {"q01": str(number)})
    again = SittingStore(f"sqlite:///{tmp_path / 'sittings.db'}", clock=clock)
    with pytest.raises(TooOftenError):
        again.save(name, token, 99, {"q01": "too soon"})
    again.close()


# ---- coming back


def test_who_comes_back_on_another_machine_gets_what_is_there(store: SittingStore, clock: Clock) -> None:
    name = opened(store, form_of([NUMERIC], [SINGLE]))
    first = store.connect(name)
    store.save(name, first.token, 1, {"q01": "12.5"})
    clock.forward(minutes=20, milliseconds=1)
    back = store.connect(name, client="another machine")
    view = back.view
    assert (view.state, view.section, view.responses) == (SittingState.OPEN, "s1", {"q01": "12.5"})
    assert (view.now, view.deadline) == (clock.now, START + timedelta(hours=2))
    assert view.remaining == 100 * 60 - 1  # rounded down
    assert view.may_open == ("s2",)
    assert back.session == 2
    store.open_section(name, "s2")
    assert store.view(name, back.token).responses == {}  # nothing of other sections


def test_the_learner_is_told_what_may_be_opened(store: SittingStore, clock: Clock) -> None:
    name = store.authorise(FORM, course="mpc", exam="final-exam", by="r").id
    store.ready(name)
    token = store.connect(name).token
    assert store.view(name, token).may_open == ()
    store.identify(name, by="p")
    assert store.view(name, token).may_open == ("s1",)
    store.open_section(name, "s1")
    clock.forward(hours=3)
    over = store.view(name, token)
    assert (over.section, over.remaining, over.responses, over.may_open) == ("", 0, {}, ())


def test_a_clock_that_is_set_back_gives_no_time(store: SittingStore, clock: Clock, name: str, token: str) -> None:
    clock.forward(minutes=60)
    left = store.save(name, token, 1, {"q01": "1"}).view.remaining
    clock.forward(minutes=-30)
    assert store.view(name, token).remaining == left == 3600


# ---- two at once


def test_the_newest_session_takes_over_and_what_the_older_one_writes_is_kept(store: SittingStore, name: str) -> None:
    old, new = store.connect(name), store.connect(name)
    assert store.save(name, new.token, 1, {"q01": "new"}).counted == ("q01",)
    receipt = store.save(name, old.token, 7, {"q01": "old"})
    assert (receipt.counted, receipt.kept) == ((), {"q01": "session"})
    sitting = store.sitting(name)
    assert sitting.responses == {"q01": "new"}
    assert [(each.response, each.why.value) for each in sitting.late] == [("old", "session")]


def test_two_sessions_at_once_are_noticed(store: SittingStore, clock: Clock, name: str, token: str) -> None:
    clock.forward(seconds=50)
    store.save(name, token, 1, {"q01": "1"})
    clock.forward(seconds=12)
    store.connect(name)
    assert [each.what for each in store.sitting(name).notices] == [
        "session 2 was opened while session 1 was there, heard 12 s before"
    ]
    assert [each.overlaps for each in store.sitting(name).sessions] == [True, False]


def test_one_that_writes_after_it_was_replaced_is_noticed_once(
    store: SittingStore, clock: Clock, name: str, token: str
) -> None:
    clock.forward(minutes=5)  # a crash, it seems
    store.connect(name)
    assert store.sitting(name).notices == ()
    store.save(name, token, 1, {"q01": "1"})
    store.save(name, token, 2, {"q01": "2"})
    assert [each.what for each in store.sitting(name).notices] == ["session 1 was there after session 2 had taken over"]


def test_one_that_only_listens_after_it_was_replaced_is_noticed(
    store: SittingStore, clock: Clock, name: str, token: str
) -> None:
    clock.forward(minutes=5)
    store.connect(name)
    for number in range(3):
        store.save(name, token, number + 1, {})
    assert len(store.sitting(name).notices) == 1
    assert sum(isinstance(event, Heard) for event in store.events(name)) == 1


def test_one_that_came_back_after_a_crash_or_a_good_bye_is_not_noticed(
    store: SittingStore, clock: Clock, name: str, token: str
) -> None:
    store.disconnect(name, token)
    again = store.connect(name)
    clock.forward(seconds=61)
    store.connect(name)
    assert store.sitting(name).notices == ()
    assert again.session == 2


def test_a_token_is_shown_once_and_not_kept(store: SittingStore, name: str, token: str, tmp_path: Path) -> None:
    store.save(name, token, 1, {"q01": "1"})
    with sqlite3.connect(tmp_path / "sittings.db") as connection:
        everything = "".join(body for (body,) in connection.execute("SELECT body FROM sitting_events"))
    assert token not in everything
    assert len(token) >= 43


@pytest.mark.parametrize("wrong", ["", "guess", "é", "\ud800"])
def test_who_has_no_token_reads_and_writes_nothing(store: SittingStore, name: str, token: str, wrong: str) -> None:
    assert token
    for act in (
        lambda: store.save(name, wrong, 1, {"q01": "1"}),
        lambda: store.view(name, wrong),
        lambda: store.disconnect(name, wrong),
    ):
        with pytest.raises(SittingError, match="this session is not known"):
            act()
    assert not any(isinstance(event, Responded) for event in store.events(name))


def test_a_token_of_another_attempt_opens_nothing(store: SittingStore, name: str, token: str) -> None:
    bea = opened(store, form_of([SINGLE], learner="bea"))
    with pytest.raises(SittingError, match="not known"):
        store.save(bea, token, 1, {"q01": "1"})


def test_what_a_client_says_of_itself_cannot_be_obeyed_by_a_terminal(store: SittingStore, name: str) -> None:
    store.connect(name, client="\x1b[2J" + "x" * 500)
    label = store.sitting(name).sessions[-1].client
    assert label.isprintable()
    assert len(label) == 100


def test_after_handing_in_nobody_connects(store: SittingStore, name: str, token: str) -> None:
    store.submit(name)
    with pytest.raises(SittingError, match="session-opened is not possible while it is submitted"):
        store.connect(name)
    assert store.save(name, token, 1, {"q01": "1"}).kept == {"q01": "closed"}
    assert store.save(name, token, 2, {}).view.state is SittingState.SUBMITTED


def test_sessions_without_end_are_stopped(store: SittingStore, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_SESSIONS", 3)
    for _ in range(3):
        store.connect(name)
    with pytest.raises(SittingError, match="a person has to look at it"):
        store.connect(name)
