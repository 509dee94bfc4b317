"""The store in SQLite and in PostgreSQL: nothing is changed, lost or half-written, whoever writes and whatever dies."""

import contextlib
import itertools
import multiprocessing
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from exam_bank.sittings import limits, log
from exam_bank.sittings.database import SittingStoreError
from exam_bank.sittings.events import Decision, Responded, SittingError
from exam_bank.sittings.result import SittingState
from exam_bank.sittings.rules import Rules
from exam_bank.sittings.sitting import fold
from exam_bank.sittings.store import SittingStore
from tests.exam_bank.conftest import SINGLE
from tests.exam_bank.sittings.conftest import FORM, START, Clock, form_of, opened

pytestmark = pytest.mark.integration  # a database server and processes


NAME = "mpc/final-exam/ada/1"
FORK = multiprocessing.get_context("fork")  # of a process without threads, and quick


def real_time() -> datetime:
    return datetime.now(UTC)


def test_an_attempt_goes_its_whole_way(url: str, clock: Clock) -> None:
    with closing(SittingStore(url, clock=clock)) as store:
        name = opened(store, multiplier=Decimal("1.5"))
        token = store.connect(name).token
        assert store.save(name, token, 1, {"q01": "12.5 µm\x00", "q02": "a"}).counted == ("q01", "q02")
        clock.forward(hours=3, microseconds=1)
        assert store.save(name, token, 2, {"q02": "b"}).kept == {"q02": "deadline"}
        assert store.time_out() == (name,)
        store.review(name, Decision.SECOND_REVIEW, by="p", key="1")
        store.review(name, Decision.REJECTED, by="q", key="2", note="Notes on the desk.")
        store.appeal(name, by="registrar", reason="They were approved.")
        done = store.review(name, Decision.VERIFIED, by="r", key="3")
    with closing(SittingStore(url, clock=clock)) as again:
        assert again.sitting(name) == done == fold(again.events(name)) == again.sittings()[0]
        assert done.responses == {"q01": "12.5 µm\x00", "q02": "a"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sitting_events SET body = '{}'",
        "UPDATE sitting_events SET number = number + 1",
        "DELETE FROM sitting_events",
        "DELETE FROM sitting_events WHERE false",
        "TRUNCATE sitting_events",
        "INSERT INTO sitting_events SELECT sitting, 99, NULL, body FROM sitting_events WHERE number = 0",
        "INSERT INTO sitting_events SELECT sitting, 0, NULL, '{}' FROM sitting_events WHERE number = 1",
        "INSERT OR REPLACE INTO sitting_events SELECT sitting, number, key, '{}' FROM sitting_events",
        f"INSERT INTO sitting_events VALUES ('{NAME}', 2, '', '') ON CONFLICT (sitting, number) DO UPDATE SET key = ''",
        "UPDATE review_messages SET body = '{}'",
        "DELETE FROM review_messages",
        "INSERT OR REPLACE INTO review_messages SELECT source, key, digest, 7, received, '{}' FROM review_messages",
    ],
)
def test_no_statement_changes_what_is_written(url: str, clock: Clock, statement: str) -> None:
    from exam_bank.sittings.proctor import ReviewMessage, take_one

    with closing(SittingStore(url, clock=clock)) as store:
        name = opened(store)
        message = ReviewMessage(key="k", sitting=name, decision=Decision.VERIFIED, by="p", said_at=START)
        take_one(store, "csv", message)
    engine = sa.create_engine(url)
    before = _rows(engine)
    if "false" in statement and engine.dialect.name == "sqlite":  # its triggers look at rows, and here there is none
        with engine.begin() as connection:
            connection.execute(sa.text(statement))
    else:
        with pytest.raises(sa.exc.DBAPIError, match=r"append-only|syntax error"), engine.begin() as connection:
            connection.execute(sa.text(statement))
    assert _rows(engine) == before
    engine.dispose()


def _rows(engine: sa.Engine) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [
            tuple(row)
            for table in ("sitting_events", "review_messages")
            for row in connection.execute(sa.text(f"SELECT * FROM {table} ORDER BY 1, 2"))
        ]


def test_times_are_kept_in_utc(url: str) -> None:
    from zoneinfo import ZoneInfo

    local = datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/New_York"), fold=1)
    with closing(SittingStore(url, clock=lambda: local)) as store:
        opened(store)
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        bodies = [msgspec.json.decode(body) for body in connection.scalars(sa.text("SELECT body FROM sitting_events"))]
    engine.dispose()
    assert {body["at"] for body in bodies} == {"2026-11-01T06:30:00Z"}


def test_sittings_of_a_newer_program_are_left_alone(url: str, clock: Clock) -> None:
    SittingStore(url, clock=clock).close()
    _set_version(url, 99)
    with pytest.raises(SittingStoreError, match="these sittings have format 99, which is newer than 2; update"):
        SittingStore(url, clock=clock)


def test_sittings_that_are_too_old_are_told(url: str, clock: Clock) -> None:
    SittingStore(url, clock=clock).close()
    _set_version(url, 0)
    with pytest.raises(SittingStoreError, match="format 0, which is too old"):
        SittingStore(url, clock=clock)


def _set_version(url: str, version: int) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM sitting_schema"))
        connection.execute(sa.text(f"INSERT INTO sitting_schema VALUES ({version})"))
    engine.dispose()


def test_sittings_from_before_there_were_versions_are_read_and_guarded(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as old:
        old.execute(
            "CREATE TABLE sitting_events (sitting VARCHAR(400) NOT NULL, number INTEGER NOT NULL, key VARCHAR(200), "
            "body TEXT NOT NULL, PRIMARY KEY (sitting, number), UNIQUE (sitting, key))"
        )
        for number, body in enumerate(_OLD_EVENTS):
            old.execute("INSERT INTO sitting_events VALUES ('mpc/e/ada/1', ?, NULL, ?)", (number, body))
    with closing(SittingStore(f"sqlite:///{path}", clock=clock)) as store:
        assert store.sitting("mpc/e/ada/1").responses == {"q01": "1"}
        assert store.submit("mpc/e/ada/1").state is SittingState.SUBMITTED
    with sqlite3.connect(path) as guarded, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        guarded.execute("INSERT OR REPLACE INTO sitting_events SELECT sitting, number, key, '{}' FROM sitting_events")


_OLD_EVENTS = (
    (
        '{"event":"authorised","at":"2026-11-06T14:00:00Z","course":"mpc","exam":"e","learner":"ada","attempt":1,'
        '"form":"sha256:f","max_score":"2","sections":[{"id":"s1","minutes":120,"questions":[{"id":"q01",'
        '"points":"2"}]}],"multiplier":"1","by":"r"}'
    ),
    '{"event":"ready","at":"2026-11-06T14:00:00Z"}',
    '{"event":"identified","at":"2026-11-06T14:00:00Z","by":"p"}',
    '{"event":"section-opened","at":"2026-11-06T14:00:00Z","section":"s1"}',
    '{"event":"responded","at":"2026-11-06T14:00:00Z","question":"q01","response":"1"}',
)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("mysql://ta:secret@host/x", "sittings are kept in SQLite or PostgreSQL"),
        ("sittings.db", "their address is no URL"),
        ("postgresql+nothing://ta:secret@host/x", "the driver is not installed"),
        ("sqlite:////nowhere/at/all.db", "the sittings cannot be opened"),
        ("postgresql+psycopg://ta:secret@/x?host=/nowhere", "the sittings cannot be opened"),
    ],
)
def test_an_address_that_cannot_be_used_is_one_sentence(address: str, said: str, clock: Clock) -> None:
    with pytest.raises(SittingStoreError, match=said) as caught:
        SittingStore(address, clock=clock)
    assert "secret" not in str(caught.value)


# ---- others who write at the same moment


def _save_many(url: str, name: str, token: str, worker: int) -> None:
    limits.SAVES = sys.maxsize
    with closing(SittingStore(url, clock=lambda: START)) as store:
        for number in range(10):
            store.respond(name, "q01", f"{worker}-{number}")
            store.save(name, token, 1 + number * 4 + worker, {"q02": f"{worker}-{number}"})


def _authorise(url: str, attempt: int, gate: Barrier, answers: Connection) -> None:
    with closing(SittingStore(url, clock=lambda: START)) as store:
        gate.wait()
        try:
            answers.send(store.authorise(form_of([SINGLE], attempt=attempt), course="c", exam="e", by="r").id)
        except SittingError as error:
            answers.send(str(error))


def test_processes_that_write_at_the_same_moment_lose_nothing(url: str) -> None:
    with closing(SittingStore(url, clock=lambda: START)) as store:
        name = opened(store)
        token = store.connect(name).token
    workers = [FORK.Process(target=_save_many, args=(url, name, token, number)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    with closing(SittingStore(url, clock=lambda: START)) as store:
        sent = [event for event in store.events(name) if isinstance(event, Responded) and event.question == "q01"]
        assert sorted(event.response for event in sent) == sorted(f"{w}-{n}" for w in range(4) for n in range(10))
        # Of the numbered saves the highest is the answer, in whatever order the processes came.
        assert store.sitting(name).responses["q02"] == "3-9"


def test_processes_that_open_the_store_for_the_first_time_at_once_all_do(url: str) -> None:
    gate, (mine, theirs) = FORK.Barrier(4), FORK.Pipe(duplex=False)
    workers = [FORK.Process(target=_open_first, args=(url, gate, theirs)) for _ in range(4)]
    for worker in workers:
        worker.start()
    said = [mine.recv() for _ in workers]
    for worker in workers:
        worker.join()
    assert said == ["opened"] * 4


def _open_first(url: str, gate: Barrier, answers: Connection) -> None:
    gate.wait()
    try:
        SittingStore(url, clock=lambda: START).close()
    except SittingStoreError as error:
        answers.send(str(error))
    answers.send("opened")


def test_an_attempt_is_authorised_once_by_whoever_is_first(url: str) -> None:
    SittingStore(url, clock=lambda: START).close()
    gate, (mine, theirs) = FORK.Barrier(3), FORK.Pipe(duplex=False)
    workers = [FORK.Process(target=_authorise, args=(url, 1, gate, theirs)) for _ in range(3)]
    for worker in workers:
        worker.start()
    said = sorted(mine.recv() for _ in workers)
    for worker in workers:
        worker.join()
    assert said == ["c/e/ada/1"] + ["sitting c/e/ada/1: it is authorised already"] * 2


def test_a_state_that_another_process_has_changed_is_read_again(url: str, clock: Clock) -> None:
    with closing(SittingStore(url, clock=clock)) as one, closing(SittingStore(url, clock=clock)) as two:
        name = opened(one)
        assert two.sitting(name).state is SittingState.OPEN
        one.submit(name)
        assert two.sitting(name).state is SittingState.SUBMITTED
        with pytest.raises(SittingError, match="submitted is not possible while it is submitted"):
            two.submit(name)


def test_a_list_of_everybody_reads_only_what_is_new(url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(SittingStore(url, clock=clock)) as one, closing(SittingStore(url, clock=clock)) as two:
        names = [opened(one, form_of([SINGLE], learner=each)) for each in ("ada", "bea", "cy")]
        assert len(two.sittings()) == 3
        one.submit(names[1])
        decoded: list[object] = []
        whole = log.apply
        monkeypatch.setattr(log, "apply", lambda sitting, event: decoded.append(event) or whole(sitting, event))
        assert [each.state.value for each in two.sittings()] == ["open", "submitted", "open"]
        assert len(decoded) == 1


def test_handing_in_is_whole_or_not_at_all(url: str, clock: Clock) -> None:
    with closing(SittingStore(url, clock=clock)) as store:
        name = opened(store)
        with pytest.raises(SittingError, match="'q99'"):
            store.submit(name, {"q01": "1", "q99": "?"})
        assert store.sitting(name).responses == {}
        assert store.sitting(name).state is SittingState.OPEN


def test_rules_hold_for_learners_whose_names_differ_by_case_or_by_a_wildcard(url: str, clock: Clock) -> None:
    rules = Rules(attempts=1)
    with closing(SittingStore(url, clock=clock)) as store:
        for learner in ("a_a", "aba", "A_A", "a%a"):
            store.authorise(form_of([SINGLE], learner=learner), course="c", exam="e", by="r", rules=rules)
        assert sorted(each.authorised.learner for each in store.sittings(course="c", exam="e")) == sorted(
            ["a_a", "aba", "A_A", "a%a"]
        )
        assert store.sittings(course="C") == []


# ---- and who dies


def _save_until_killed(url: str, name: str, token: str, first: int, receipts: Connection) -> None:
    """Says the number of every save whose receipt says that it counts."""
    limits.SAVES = sys.maxsize
    store = SittingStore(url, clock=real_time)
    for number in itertools.count(first):
        if store.save(name, token, number, {f"q0{1 + number % 2}": str(number)}).counted:
            receipts.send(number)


def test_killed_at_any_moment_the_store_has_what_it_acknowledged(url: str) -> None:
    """SIGKILL, again and again, while responses are saved."""
    with closing(SittingStore(url, clock=real_time)) as store:
        name = opened(store, FORM)
        token = store.connect(name).token
    before: list[int] = []
    for kill in range(20):
        mine, theirs = FORK.Pipe(duplex=False)
        first = before[-1] + 1 if before else 1
        writer = FORK.Process(target=_save_until_killed, args=(url, name, token, first, theirs))
        writer.start()
        theirs.close()
        acknowledged = [mine.recv() for _ in range(1 + kill % 7)]
        writer.kill()
        writer.join()
        with contextlib.suppress(EOFError):
            while True:
                acknowledged.append(mine.recv())
        mine.close()
        with closing(SittingStore(url, clock=real_time)) as store:
            events = store.events(name)
            assert store.sitting(name) == fold(events)
        saved = [event.seq for event in events if isinstance(event, Responded)]
        # All that was acknowledged is there, in order, and at most one more, whose receipt was not sent.
        assert saved[: len(before) + len(acknowledged)] == before + acknowledged
        assert len(saved) - len(before) - len(acknowledged) in {0, 1}
        before = saved
