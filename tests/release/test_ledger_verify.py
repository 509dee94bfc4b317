"""Proofs, and what a replay finds."""

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pymerkle
import pytest
from sqlalchemy import select, update

from authoring.errors import CoursewrightError
from release import keys, merkle
from release.entry import from_bytes
from release.ledger import Ledger, LedgerError
from release.ledger_store import ENTRIES, HEADS, SALTS
from release.ledger_verify import verify_ledger
from release.tree_head import signed_head
from tests.release.conftest import NOW, D
from tests.release.ledgers import KEY, behind_its_back, checked, filled, tampered, verified

pytestmark = pytest.mark.integration  # it takes long

# Proofs


def test_every_entry_can_be_proved_to_be_in_the_log(ledger):
    filled(ledger, 7)
    for index in range(7):
        proof = ledger.prove(index)
        assert proof.holds
        assert not msgspec.structs.replace(proof, body=proof.body + " ").holds
        assert not msgspec.structs.replace(proof, index=(index + 1) % 7).holds
        forged = msgspec.structs.replace(proof.head, root=merkle.leaf_hash(b"").hex())
        assert not msgspec.structs.replace(proof, head=forged).holds
    with pytest.raises(LedgerError, match=r"no entry 7: it has 7, from 0"):
        ledger.prove(7)


def test_the_log_is_proved_to_have_only_grown(ledger):
    filled(ledger, 3)
    earlier = ledger.head()
    filled(ledger, 8)
    proof = ledger.extends(earlier)
    assert (proof.earlier, proof.head, proof.holds) == (earlier, ledger.head(), True)
    for changed in ({"path": proof.path[:-1]}, {"path": ("x",)}, {"earlier": proof.head}):
        assert not msgspec.structs.replace(proof, **changed).holds
    with pytest.raises(LedgerError, match="not 99 or more"):
        ledger.extends(msgspec.structs.replace(earlier, size=99))


def test_the_root_is_that_of_pymerkle(ledger):
    filled(ledger, 6)
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for index in range(6):
        tree.append_entry(ledger.prove(index).body.encode())
    assert ledger.head().root == tree.get_root().hex()


# Verification


def test_an_untouched_ledger_verifies(ledger):
    filled(ledger)
    assert checked(ledger).message == "all 5 entries are as they were signed."


def test_an_empty_ledger_verifies(ledger):
    assert checked(ledger).ok
    assert ledger.head() is None


@pytest.mark.parametrize("index", range(5))
def test_any_changed_byte_of_any_entry_is_found_and_the_entry_named(ledger, url, index):
    filled(ledger)
    body = bytearray(ledger.prove(index).body.encode())
    body[len(body) // 2] ^= 1
    tampered(url, "UPDATE entries SET body = :body WHERE position = :index", body=bytes(body), index=index)
    answer = checked(ledger)
    assert (answer.ok, answer.entry) == (False, index)
    assert answer.message == f"entry {index} was changed: its bytes do not have the hash recorded."


def test_an_entry_changed_together_with_its_hash_is_named_too(ledger, url):
    filled(ledger)
    entry = msgspec.structs.replace(from_bytes(ledger.prove(3).body.encode()), grade=D("0.99"))
    body = msgspec.json.encode(entry, order="sorted")
    leaf = merkle.leaf_hash(body)
    tampered(url, "UPDATE entries SET body = :body, leaf = :leaf WHERE position = 3", body=body, leaf=leaf)
    answer = checked(ledger)
    assert (answer.ok, answer.entry) == (False, 3)
    assert answer.message == "entry 3 was changed: the entries do not have the root that was signed."


@pytest.mark.parametrize(
    ("statement", "entry", "message"),
    [
        ("DELETE FROM entries WHERE position = 2", 2, "entry 2 is missing"),
        ("DELETE FROM entries WHERE position = 4", 5, None),
        ("DELETE FROM heads WHERE size = 5", 4, "entry 4 and what follows it was never signed"),
        ("DELETE FROM heads WHERE size = 3", 2, "a head of 3 entries was signed, and is missing"),
        ("UPDATE heads SET previous = 1 WHERE size = 4", None, "the signature of the head of 4 entries"),
        ("UPDATE heads SET frontier = :empty WHERE size = 3", None, "the frontier beside the head of 3 entries"),
        ("UPDATE salts SET learner = 'eve' WHERE learner = 'learner3'", None, "the salt of 'eve' opens no entry"),
        ("UPDATE salts SET salt = zeroblob(32) WHERE learner = 'learner3'", None, "the salt of 'learner3' opens no"),
        ("DELETE FROM salts WHERE learner = 'learner3'", None, "1 of the learners' salts are missing"),
        ("UPDATE heads SET signature = zeroblob(64) WHERE size = 3", None, "the signature of the head of 3 entries"),
        ("UPDATE heads SET root = zeroblob(32) WHERE size = 3", None, "the signature of the head of 3 entries"),
        ("UPDATE heads SET at = '1999-01-01T00:00:00+00:00' WHERE size = 1", None, "the signature of the head of 1"),
        ("UPDATE heads SET at = 'never' WHERE size = 1", None, "a signed head is damaged"),
        ("UPDATE entries SET subject = 'x' WHERE position = 1", 1, "filed under something else"),
        ("UPDATE entries SET once = 'x' WHERE position = 1", 1, "filed under something else"),
        ("UPDATE entries SET leaf = zeroblob(32) WHERE position = 0", 0, "entry 0 was changed"),
    ],
)
def test_every_other_tampering_is_found(ledger, url, statement, entry, message):
    filled(ledger)
    tampered(url, statement, **({"empty": b"[]"} if ":empty" in statement else {}))
    answer = checked(ledger)
    assert not answer.ok
    if message is not None:
        assert answer.entry == entry
        assert message in answer.message


def test_another_key_is_not_trusted(ledger):
    filled(ledger, 1)
    answer = verify_ledger(ledger.store, keys=[keys.generate().did])
    assert answer.message.endswith("which is not trusted.")


def test_a_lost_end_is_found_with_an_earlier_head(ledger, url):
    filled(ledger)
    earlier = ledger.head()
    tampered(url, "DELETE FROM entries WHERE position = 4")
    tampered(url, "DELETE FROM heads WHERE size = 5")
    assert "the salt of 'learner4' opens no entry" in checked(ledger).message
    tampered(url, "DELETE FROM salts WHERE learner = 'learner4'")
    assert checked(ledger).ok  # nobody could tell
    answer = checked(ledger, earlier)
    assert answer.message == "the ledger had 5 entries and has 4: its end is lost."


def test_a_history_that_the_holder_of_the_key_wrote_anew_is_found_with_an_earlier_head(ledger, tmp_path):
    filled(ledger)
    with Ledger(f"sqlite:///{tmp_path / 'new.db'}", KEY) as new:
        filled(new, 6)
        assert checked(new).ok
        assert checked(new, ledger.head()).message.startswith("history was rewritten")
        forged = signed_head(3, b"\0" * 32, NOW, keys.generate())
        assert checked(new, forged).message.startswith("the earlier head is not signed by a trusted key")


def test_an_amendment_that_does_not_start_from_what_was_in_force_is_found(ledger, tmp_path, monkeypatch):
    monkeypatch.setattr("release.replay.Replay.in_force", lambda *_: None)
    filled(ledger, 1)
    ledger.amend(
        "learner0", "mpc", "2026-spring", after=verified("0.9", learner="learner0"), actor="a", reason="r", at=NOW
    )
    monkeypatch.undo()
    assert checked(ledger).message == (
        "entry 1 breaks a rule: an amendment does not start from the grade that was in force."
    )


def test_nothing_is_added_to_a_ledger_whose_last_head_is_not_what_was_signed(ledger, url):
    filled(ledger, 2)
    tampered(url, "UPDATE heads SET frontier = :empty WHERE size = 2", empty=b"[]")
    with pytest.raises(LedgerError, match="verify the ledger before adding to it"):
        ledger.append_grade(verified(), at=NOW)


def test_reading_needs_no_key_and_writing_does(ledger, url):
    filled(ledger, 1)
    with Ledger(url) as reader:
        assert reader.grades_of("learner0")
        with pytest.raises(LedgerError, match="without a key"):
            reader.append_grade(verified(), at=NOW)


@pytest.mark.parametrize("url", ["ledger.db", "nosuch:///x", "sqlite:////nonexistent/folder/ledger.db"])
def test_a_database_that_cannot_be_used_says_so_in_one_sentence(url):
    with pytest.raises(CoursewrightError) as caught:
        Ledger(url)
    assert "\n" not in str(caught.value)


def test_a_ledger_that_is_not_there_is_never_taken_for_an_empty_one(tmp_path):
    with pytest.raises(CoursewrightError, match="there is no ledger here"):
        Ledger(f"sqlite:///{tmp_path / 'none.db'}")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "empty.db").touch()
    with pytest.raises(CoursewrightError, match="the database holds no ledger"):
        Ledger(f"sqlite:///{tmp_path / 'empty.db'}")
    (tmp_path / "other.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(CoursewrightError, match="file is not a database"):
        Ledger(f"sqlite:///{tmp_path / 'other.db'}")


def test_no_byte_of_any_row_can_be_changed_unseen(ledger, url):
    """Entries of every kind of the ledger's own; one bit of each byte of each field in turn."""
    ledger.append_grade(verified(), at=NOW)
    ledger.append_grade(verified(learner="bob", exams=(), records=()), at=NOW)
    ledger.freeze("mpc", "2026-spring", actor="registrar", at=NOW)
    ledger.forget("bob", actor="registrar", at=NOW)
    with behind_its_back(url) as connection:
        rows = [
            (table, dict(row))
            for table in (ENTRIES, HEADS, SALTS)
            for row in connection.execute(select(table)).mappings().all()
        ]
    unseen = []
    for table, row in rows:
        key = next(iter(table.primary_key.columns))
        for column in table.columns:
            for changed in neighbours(row[column.name]):
                with behind_its_back(url) as connection:
                    connection.execute(update(table).where(key == row[key.name]).values({column.name: changed}))
                if checked(ledger).ok:
                    unseen.append((table.name, column.name, changed))
                own = changed if column is key else row[key.name]
                with behind_its_back(url) as connection:
                    connection.execute(update(table).where(key == own).values({column.name: row[column.name]}))
    assert unseen == []
    assert checked(ledger).ok


def neighbours(value: object) -> list[object]:
    """Values that differ in one byte, at every eleventh byte (so that the test is quick), and at the first and last."""
    if value is None:
        return ["x"]
    if isinstance(value, int):
        return [value + 90]
    places = sorted({*range(0, len(value), 11), len(value) - 1})
    if isinstance(value, bytes):
        return [value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :] for at in places]
    return [value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :] for at in places]


def test_no_byte_of_sqlites_file_can_be_changed_so_that_something_else_is_read(tmp_path):
    path = tmp_path / "ledger.db"
    with Ledger(f"sqlite:///{path}", KEY) as ledger:
        filled(ledger, 2)
    sound, told = path.read_bytes(), dump(path)
    for at in range(0, len(sound), 211):
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :])
        try:
            with Ledger(f"sqlite:///{path}") as ledger:
                found = checked(ledger)
        except CoursewrightError:
            continue
        assert not found.ok or dump(path) == told, f"byte {at}"


def dump(path: Path) -> list[object]:
    with closing(sqlite3.connect(path)) as database:
        return [database.execute(f"SELECT * FROM {table}").fetchall() for table in ("entries", "heads", "salts")]
