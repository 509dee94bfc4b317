"""Issuing to all, as a nightly job does it: exactly once, whoever else does the same, and wherever it is killed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from release import keys
from release.credential import Issuer, identifying_code
from release.credentials.issuing import issue_to_all
from release.credentials.register import registered
from release.entry import StatusPlace
from release.ledger import Ledger
from release.ledger_rows import FreePlaces
from release.ledger_store import SALTS
from release.ledger_verify import verify_ledger
from release.verify import Answer, verify
from tests.release.conftest import NOW
from tests.release.credentials.conftest import DOCUMENT, ISSUER, KEY, LATER, PROGRAM, new_ledger, published_lists
from tests.release.test_ledger import verified

pytestmark = pytest.mark.integration  # starts processes, signs

REPOSITORY = Path(__file__).parents[3]
PROGRAM_FILE = REPOSITORY / "courses" / "programs" / "process-control.toml"


def issue(ledger, learners=None, *, at=NOW, issuer=ISSUER, key=KEY):
    return list(issue_to_all(PROGRAM, ledger, learners or ledger.learners(), issuer=issuer, key=key, at=at))


def test_everybody_who_has_earned_it_gets_one_and_nobody_else(ledger):
    ledger.append_grade(verified("0.5", learner="zoe"), at=NOW)
    issued = issue(ledger, ["ada", "bob", "eve", "zoe", "nobody"])
    assert [(each.learner, each.new) for each in issued] == [("ada", True), ("bob", True), ("eve", True)]
    lists = published_lists(ledger)
    for each in issued:
        assert verify(each.credential, at=LATER, documents=[DOCUMENT], lists=lists).ok
        assert each.code == identifying_code(json.loads(each.credential)["id"])


def test_again_and_again_nothing_new_is_issued_and_the_same_bytes_come_back(ledger):
    first, size = issue(ledger), ledger.head().size
    again = issue(ledger, at=LATER)
    assert [each.credential for each in again] == [each.credential for each in first]
    assert [each.new for each in again] == [False] * 3
    assert ledger.head().size == size


def test_whoever_earns_it_later_gets_it_the_next_time(ledger):
    issue(ledger)
    ledger.append_grade(verified("0.9", learner="zoe"), at=LATER)
    assert [each.learner for each in issue(ledger, at=LATER) if each.new] == ["zoe"]


def test_after_a_change_of_keys_what_was_issued_is_left_alone(ledger, tmp_path):
    issue(ledger)
    new = keys.generate()
    with Ledger(f"sqlite:///{tmp_path / 'ledger.db'}", new) as later:
        assert [(each.new, each.credential) for each in issue(later, key=new)] == [(False, None)] * 3


def test_a_grade_that_is_withdrawn_while_the_batch_is_gathered_earns_nothing(ledger):
    def learners():
        yield from ("ada", "bob")
        ledger.amend("bob", "mpc", "2026-spring", after=None, actor="Registrar", reason="Error.", at=NOW)

    assert [each.learner for each in issue(ledger, learners())] == ["ada"]


def test_a_revoked_credential_is_not_issued_anew(ledger):
    [ada, *_] = issue(ledger)
    ledger.change_status(ada.id, "revoke", actor="Registrar", reason="Refund.", at=LATER)
    again = issue(ledger, at=LATER)
    assert [each.new for each in again] == [False] * 3
    assert verify(again[0].credential, at=LATER, documents=[DOCUMENT], lists=published_lists(ledger)).answer is (
        Answer.REVOKED
    )


def test_without_a_place_on_the_web_a_credential_names_no_list(ledger):
    [ada, *_] = issue(ledger, issuer=Issuer(name="I"))
    assert "credentialStatus" not in json.loads(ada.credential)
    assert verify(ada.credential, at=NOW).ok


# Places of the status lists


def test_places_are_never_used_twice_and_their_order_tells_nothing(tmp_path):
    with new_ledger(tmp_path, [f"l{number:03}" for number in range(60)]) as ledger:
        issue(ledger, [f"l{number:03}" for number in range(30)])
        issue(ledger)
        places = [each.entry.status for each in registered(ledger.store).values()]
    assert len(set(places)) == 60
    numbers = [each.place for each in places]
    assert sorted(numbers) != numbers
    assert max(numbers) > 60  # as good as certain: 60 of 131,072 places by chance


def test_a_list_is_filled_to_half_and_then_the_next_begins():
    taken = {StatusPlace(number=3, place=place) for place in range(0, 131_072, 2)}
    assert FreePlaces(set(taken)).draw().number == 4
    taken.discard(StatusPlace(number=3, place=0))
    places = FreePlaces(set(taken))
    drawn = [places.draw() for _ in range(3)]
    assert [each.number for each in drawn] == [3, 4, 4]
    assert not taken & set(drawn)


def test_a_place_that_is_given_twice_is_found_by_the_replay(ledger, monkeypatch):
    monkeypatch.setattr("release.ledger_rows.FreePlaces.draw", lambda _: StatusPlace(number=1, place=5))
    issue(ledger)
    found = verify_ledger(ledger.store, keys=[KEY.did])
    assert not found.ok
    assert "a place of the status lists is given to a second credential" in found.message


# Processes

CHILD = """
import os, signal, sys
from datetime import UTC, datetime
from release import keys
from release.credentials import issuing
from release.credentials.files import write_whole
from pathlib import Path
from authoring.program_file import read_program
from release.credential import Issuer
from release.ledger import Ledger
from release.ledger_rows import ENTRIES
folder, die_at = Path(sys.argv[1]), int(sys.argv[2])
issuing._BATCH = 4
steps = 0
def step():
    global steps
    steps += 1
    if steps == die_at:
        os.kill(os.getpid(), signal.SIGKILL)
key = keys.load(folder / "key.pem", "correct horse")
issuer = Issuer(name="I", id="did:web:example.org:credentials", lists="https://example.org/credentials/status")
from release import appending
adding = appending.Appending.add
def add(self, *args, **more):
    step()
    index = adding(self, *args, **more)
    step()
    return index
appending.Appending.add = add
with Ledger(f"sqlite:///{folder / 'ledger.db'}", key) as ledger:
    program = read_program(Path(sys.argv[3]))
    now, learners = datetime(2026, 6, 1, tzinfo=UTC), ledger.learners()
    for each in issuing.issue_to_all(program, ledger, learners, issuer=issuer, key=key, at=now):
        step()
        write_whole(folder / "out" / f"{each.code}.json", each.credential)
        print("new" if each.new else "old")
"""


@pytest.fixture
def folder(tmp_path):
    keys.save(KEY, tmp_path / "key.pem", "correct horse")
    new_ledger(tmp_path, [f"l{number}" for number in range(10)]).close()
    return tmp_path


def child(folder, die_at=0):
    command = [sys.executable, "-c", CHILD, str(folder), str(die_at), str(PROGRAM_FILE)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY, env=os.environ | {"PYTHONPATH": "."}
    )


def check_whole(folder):
    with Ledger(f"sqlite:///{folder / 'ledger.db'}", KEY) as ledger:
        assert verify_ledger(ledger.store, keys=[KEY.did]).ok
        known = registered(ledger.store)
        assert len(known) == 10
        lists = published_lists(ledger)
    files = sorted((folder / "out").iterdir())
    assert sorted(file.stem for file in files) == sorted(each.code for each in known.values())
    assert verify(files[0].read_bytes(), at=LATER, documents=[DOCUMENT], lists=lists).ok


def test_killed_at_any_step_and_run_again_each_is_issued_once(folder):
    """Within a batch, between two, and between the ledger and the file."""
    for die_at in (3, 8, 11, 14):
        killed = child(folder, die_at)
        killed.communicate()
        assert killed.returncode == -signal.SIGKILL
    last = child(folder)
    last.communicate()
    assert last.returncode == 0
    check_whole(folder)


def test_two_processes_at_once_issue_each_once(folder):
    both = [child(folder), child(folder)]
    printed = "".join(each.communicate()[0] for each in both)
    assert [each.returncode for each in both] == [0, 0]
    assert printed.count("new") == 10
    assert printed.count("old") == 10
    check_whole(folder)


# The ledger's key over time


def test_what_an_ended_key_signed_later_counts_once_another_key_covers_it(ledger, tmp_path):
    new = keys.generate()
    issue(ledger)
    trust = {KEY.did: NOW, new.did: None}
    found = verify_ledger(ledger.store, keys=trust)
    assert (found.ok, found.message) == (False, "entry 0 and what follows it was only signed by a key that had ended.")
    with Ledger(f"sqlite:///{tmp_path / 'ledger.db'}", new) as later:
        later.change_key(KEY.did, at=LATER)
        assert verify_ledger(later.store, keys=trust).ok
    ledger.change_status(issue(ledger)[0].id, "revoke", actor="Mallory", reason="With a stolen key.", at=LATER)
    found = verify_ledger(ledger.store, keys=trust)
    assert (found.ok, found.entry) == (False, 7)


def test_a_transaction_that_outgrows_the_databases_memory_still_reads_what_it_decides_on(ledger):
    """SQLite then locks out every other connection, our own included: found with 10,000 learners."""
    with ledger.store.writing() as connection:
        connection.exec_driver_sql("PRAGMA cache_size = 1")
        connection.exec_driver_sql("PRAGMA cache_spill = 1")
        for number in range(2_000):
            row = {"learner": f"x{number}", "salt": bytes(32)}
            connection.execute(SALTS.insert().values(row))
        assert [grade.grade.course for grade in ledger.grades_of("ada")] == ["mpc"]
        assert ledger.grades_of("x7") == ()
    assert "x7" in ledger.learners()
