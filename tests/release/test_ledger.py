import os
import re
import signal
import subprocess
import sys
import textwrap
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pymerkle
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from authoring.errors import CoursewrightError
from release import keys, merkle
from release.amending import Change
from release.appending import Appending
from release.entry import AmendEntry, CredentialResult, GradeEntry, decided_once, from_bytes
from release.ledger import FrozenError, Ledger, LedgerError
from release.ledger_verify import verify_ledger
from release.tree_head import signed_head
from release.verified_grade import VerifiedExam, VerifiedGrade
from tests.release.conftest import NOW, D

KEY = keys.generate()
LATER = NOW + timedelta(days=1)
GUARDS = {"entries": ("update", "delete", "truncate"), "heads": ("update", "delete", "truncate"), "salts": ("update",)}


def verified(grade: str = "0.72", learner: str = "ada", run: str = "2026-spring", **changes) -> VerifiedGrade:
    settings = {
        "learner": learner,
        "course": "mpc",
        "run": run,
        "grade": D(grade),
        "passed": D(grade) >= D("0.6"),
        "pass_mark": D("0.6"),
        "earned_on": date(2026, 4, 26),
        "verification": "idv:4711",
        "exams": (
            VerifiedExam(
                exam="final-exam",
                attempt=1,
                score=D(30),
                max_score=D(40),
                taken_at=datetime(2026, 4, 24, tzinfo=UTC),
                verified_at=datetime(2026, 4, 27, tzinfo=UTC),
                sitting="sha256:sitting",
            ),
        ),
        "records": ("sha256:one", "sha256:two"),
    }
    return VerifiedGrade(**(settings | changes))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def url(request, tmp_path) -> str:
    """Where a new ledger goes; every test is of both kinds of databases."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    return request.getfixturevalue("cluster").create_database()


@pytest.fixture
def ledger(url):
    with Ledger(url, KEY) as ledger:
        yield ledger


def checked(ledger: Ledger, earlier=None):
    return verify_ledger(ledger.store, keys=[KEY.did], earlier=earlier)


def filled(ledger: Ledger, learners: int = 5) -> None:
    for number in range(learners):
        ledger.append_grade(verified(learner=f"learner{number}"), at=NOW)


@contextmanager
def behind_its_back(url: str):
    """A connection to the ledger's database for who has it, without the guards against accidents."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            of_table = "" if connection.dialect.name == "sqlite" else " ON {table}"
            for table, changes in GUARDS.items():
                for change in changes:
                    name = f"{table}_no_{change}" + of_table.format(table=table)
                    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            yield connection
    finally:
        engine.dispose()


def tampered(url: str, statement: str, **values: object) -> None:
    """Change the database behind the ledger's back, as who has it can."""
    with behind_its_back(url) as connection:
        if connection.dialect.name == "postgresql":
            statement = re.sub(r"zeroblob\((\d+)\)", r"decode(repeat('00', \1), 'hex')", statement)
        assert connection.execute(text(statement), values).rowcount


def amended(ledger: Ledger, grade: VerifiedGrade | None, *, at: datetime = LATER, **who: str) -> int:
    """An amendment after the freeze: proposed by the dean, approved by the registrar."""
    change = Change("ada", "mpc", "2026-spring", grade, who.get("actor", "dean"), who.get("reason", "a mistake"))
    proposal = ledger.propose(change, expires=at + timedelta(days=7), at=at)
    return ledger.approve(proposal, actor=who.get("approver", "registrar"), at=at)


# What it holds


def test_a_grade_comes_back_as_it_went_in(ledger):
    assert ledger.append_grade(verified(), at=NOW) == 0
    (recorded,) = ledger.grades_of("ada")
    assert (recorded.index, recorded.grade.grade, recorded.grade.run, recorded.grade.track) == (
        0,
        D("0.72"),
        "2026-spring",
        "verified",
    )
    assert recorded.grade.exams[0].score == D(30)
    assert recorded.grade.exams[0].taken_at == datetime(2026, 4, 24, tzinfo=UTC)
    assert recorded.leaf == merkle.leaf_hash(ledger.prove(0).body.encode()).hex()
    assert ledger.grades_of("bob") == ()


def test_no_personal_data_is_in_the_entries_and_no_hash_that_could_be_guessed(ledger, url):
    ledger.append_grade(verified(learner="lovelace", verification="idv:passport"), at=NOW)
    with behind_its_back(url) as connection:
        (stored,) = connection.execute(text("SELECT * FROM entries"))
    row = b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in stored)
    assert b'"grade":"0.72"' in row
    for personal in (b"lovelace", b"passport", b"sha256:one", b"sha256:sitting"):
        assert personal not in row


def test_the_same_learner_has_another_commitment_in_another_ledger(ledger, tmp_path):
    with Ledger(f"sqlite:///{tmp_path / 'other.db'}", KEY) as other:
        for each in (ledger, other):
            each.append_grade(verified(), at=NOW)
        assert ledger.grades_of("ada")[0].grade.subject != other.grades_of("ada")[0].grade.subject


def test_a_grade_that_is_in_force_already_is_not_added_again(ledger):
    assert ledger.append_grade(verified(), at=NOW) == 0
    assert ledger.append_grade(verified(), at=LATER) == 0
    assert ledger.head().size == 1


def test_before_the_freeze_a_regraded_run_takes_the_place_of_the_earlier_grade_and_other_runs_stay(ledger):
    for grade in (verified("0.72"), verified("0.9", run="2026-autumn"), verified("0.8")):
        ledger.append_grade(grade, at=NOW)
    assert [(each.grade.run, each.grade.grade) for each in ledger.grades_of("ada")] == [
        ("2026-autumn", D("0.9")),
        ("2026-spring", D("0.8")),
    ]


def test_many_grades_are_added_under_one_head_or_not_at_all(ledger):
    ledger.freeze("mpc", "closed", actor="registrar", at=NOW)
    with pytest.raises(FrozenError):
        ledger.append_grades([verified(), verified(run="closed")], at=NOW)
    assert ledger.grades_of("ada") == ()
    assert ledger.append_grades([verified(), verified(learner="bob")], at=NOW) == (1, 2)
    assert ledger.head().size == 3
    assert checked(ledger).ok


# Freeze and amendments


def test_grades_do_not_change_after_the_freeze(ledger):
    ledger.append_grade(verified("0.72"), at=NOW)
    ledger.freeze("mpc", "2026-spring", actor="registrar", at=NOW)
    with pytest.raises(FrozenError, match="mpc: the run 2026-spring is frozen: amend the grade"):
        ledger.append_grade(verified("0.3"), at=LATER)
    assert ledger.grades_of("ada")[0].grade.grade == D("0.72")
    assert ledger.freeze("mpc", "2026-spring", actor="somebody else", at=LATER) == 1
    assert ledger.append_grade(verified("0.3", run="2026-autumn"), at=LATER) == 2


def test_an_amendment_keeps_who_why_before_and_after(ledger):
    ledger.append_grade(verified("0.58"), at=NOW)
    ledger.freeze("mpc", "2026-spring", actor="registrar", at=NOW)
    index = amended(ledger, verified("0.61"), reason="question 7 was wrong")
    (recorded,) = ledger.grades_of("ada")
    assert (recorded.index, recorded.grade.grade) == (index, D("0.61"))
    entry = from_bytes(ledger.prove(index).body.encode())
    assert isinstance(entry, AmendEntry)
    assert (entry.actor, entry.approver, entry.reason, entry.before.grade, entry.after.grade) == (
        "dean",
        "registrar",
        "question 7 was wrong",
        D("0.58"),
        D("0.61"),
    )
    assert isinstance(from_bytes(ledger.prove(0).body.encode()), GradeEntry)  # undoing deletes no rows
    assert checked(ledger).ok


def test_passing_grades_do_not_stay_for_people_no_longer_enrolled(ledger):
    ledger.append_grade(verified(), at=NOW)
    ledger.freeze("mpc", "2026-spring", actor="registrar", at=NOW)
    amended(ledger, None, reason="refunded")
    (recorded,) = ledger.grades_of("ada")
    assert recorded.withdrawn == "refunded"
    assert checked(ledger).ok


def test_a_grade_that_comes_after_the_freeze_is_an_amendment_from_nothing(ledger):
    ledger.freeze("mpc", "2026-spring", actor="registrar", at=NOW)
    amended(ledger, verified(), reason="late review in Canada")
    assert ledger.grades_of("ada")[0].grade.passed
    assert checked(ledger).ok


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"actor": " "}, "needs an actor"),
        ({"reason": ""}, "needs a reason"),
        ({"reason": "ada complained"}, "leave the learner's id out of it"),
        ({"reason": "complaint (ada)"}, "leave the learner's id out of it"),
        ({"after": verified("0.72")}, "changes nothing"),
        ({"after": verified("0.9", learner="bob")}, "another learner"),
        ({"after": verified("0.9", run="2026-autumn")}, "another learner, course or run"),
        ({"at": datetime(2026, 6, 1)}, "no offset"),
        ({"learner": "nobody", "after": None}, "changes nothing"),
    ],
)
def test_an_amendment_without_its_why_is_refused_and_leaves_nothing_behind(ledger, change, message):
    ledger.append_grade(verified(), at=NOW)
    settings = {"learner": "ada", "after": None, "actor": "dean", "reason": "cheated", "at": LATER} | change
    with pytest.raises(LedgerError, match=message):
        ledger.amend(settings.pop("learner"), "mpc", "2026-spring", **settings)
    assert ledger.head().size == 1


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM entries",
        "UPDATE entries SET once = 'x'",
        "DELETE FROM heads",
        "UPDATE heads SET at = 'x'",
        "UPDATE salts SET learner = 'x'",
        "TRUNCATE entries",
        "TRUNCATE heads, salts",
    ],
)
def test_rows_cannot_be_updated_or_deleted_by_accident(ledger, url, statement):
    filled(ledger, 1)
    engine = create_engine(url)
    refusal = "append-only" if statement[0] != "T" or engine.dialect.name == "postgresql" else "syntax error"
    with pytest.raises(SQLAlchemyError, match=refusal), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
    assert checked(ledger).ok


# Two people


def frozen(ledger: Ledger) -> None:
    ledger.append_grade(verified("0.58"), at=NOW)
    ledger.freeze("mpc", "2026-spring", actor="registrar", at=NOW)


def proposed(ledger: Ledger, actor: str = "dean") -> int:
    change = Change("ada", "mpc", "2026-spring", verified("0.61"), actor, "question 7 was wrong")
    return ledger.propose(change, expires=LATER, at=NOW)


def in_force(ledger: Ledger) -> D:
    return ledger.grades_of("ada")[0].grade.grade


def test_before_the_freeze_one_person_amends_and_after_it_one_is_not_enough(ledger):
    settings = {"after": verified("0.61"), "actor": "dean", "at": NOW}
    ledger.append_grade(verified("0.58"), at=NOW)
    ledger.amend("ada", "mpc", "2026-spring", reason="a mistake", **settings)
    ledger.freeze("mpc", "2026-spring", actor="registrar", at=NOW)
    with pytest.raises(LedgerError, match="is frozen: propose the amendment, for somebody else to approve"):
        ledger.amend("ada", "mpc", "2026-spring", reason="another", **settings | {"after": verified("0.9")})
    assert (in_force(ledger), ledger.head().size) == (D("0.61"), 3)


def test_nothing_changes_before_somebody_else_approves(ledger):
    frozen(ledger)
    index = proposed(ledger)
    assert in_force(ledger) == D("0.58")
    assert list(ledger.proposals()) == [index]
    assert checked(ledger).ok
    ledger.approve(index, actor="registrar", at=NOW)
    assert in_force(ledger) == D("0.61")
    assert ledger.proposals() == {}
    assert checked(ledger).ok


@pytest.mark.parametrize("name", ["dean", " Dean ", "DEAN", "\uff44ean"])  # the last with a letter of double width
def test_nobody_approves_what_the_same_person_proposed(ledger, name):
    frozen(ledger)
    with pytest.raises(LedgerError, match="so somebody else has to approve it"):
        ledger.approve(proposed(ledger), actor=name, at=NOW)
    assert in_force(ledger) == D("0.58")


def test_a_proposal_expires(ledger):
    frozen(ledger)
    index = proposed(ledger)
    with pytest.raises(LedgerError, match="the proposal expired at 2026-06-02T12:00:00"):
        ledger.approve(index, actor="registrar", at=LATER)
    ledger.approve(index, actor="registrar", at=LATER - timedelta(seconds=1))
    change = Change("ada", "mpc", "2026-spring", None, "dean", "a mistake")
    with pytest.raises(LedgerError, match="expired before it is made"):
        ledger.propose(change, expires=NOW, at=NOW)


def test_what_was_withdrawn_cannot_be_approved_and_nothing_is_settled_twice(ledger):
    frozen(ledger)
    index = proposed(ledger)
    with pytest.raises(LedgerError, match="needs a reason"):
        ledger.withdraw(index, actor="dean", reason=" ", at=NOW)
    with pytest.raises(LedgerError, match="leave the learner's id out of it"):
        ledger.withdraw(index, actor="dean", reason="ada agreed", at=NOW)
    ledger.withdraw(index, actor="dean", reason="the key was right", at=NOW)
    for again in (
        lambda: ledger.approve(index, actor="registrar", at=NOW),
        lambda: ledger.withdraw(index, actor="dean", reason="again", at=NOW),
    ):
        with pytest.raises(LedgerError, match="settled already, by entry 3"):
            again()
    assert (in_force(ledger), ledger.proposals()) == (D("0.58"), {})
    assert checked(ledger).ok


@pytest.mark.parametrize("index", [0, 1, 99])
def test_what_is_no_proposal_cannot_be_approved(ledger, index):
    frozen(ledger)
    with pytest.raises(LedgerError, match=f"entry {index} is no proposal"):
        ledger.approve(index, actor="registrar", at=NOW)


def test_of_two_proposals_the_second_no_longer_starts_from_what_is_in_force(ledger):
    frozen(ledger)
    first, second = proposed(ledger), proposed(ledger, "provost")
    ledger.approve(first, actor="registrar", at=NOW)
    with pytest.raises(LedgerError, match="the grade was changed after this was proposed"):
        ledger.approve(second, actor="registrar", at=NOW)


@pytest.mark.parametrize(
    ("forged", "fault"),
    [
        ({"proposal": None}, "amended after the freeze by one person alone"),
        ({"approver": "Dean"}, "Dean proposed it, so somebody else has to approve it"),
        ({"approver": " "}, "nobody is named who approves"),
        ({"reason": "another"}, "changes something else than was proposed"),
        ({"after": None}, "changes something else than was proposed"),
        ({"at": LATER}, "the proposal expired"),
        ({"proposal": 1}, "approves what is no open proposal"),
    ],
)
def test_the_holder_of_the_key_alone_cannot_write_an_amendment_that_verifies(ledger, url, forged, fault):
    frozen(ledger)
    true = ledger.approve(proposed(ledger), actor="registrar", at=NOW)
    entry = from_bytes(ledger.prove(true).body.encode())
    assert isinstance(entry, AmendEntry)
    tampered(url, "DELETE FROM entries WHERE position = 3")
    tampered(url, "DELETE FROM heads WHERE size = 4")
    entry = msgspec.structs.replace(entry, **forged)
    with ledger.store.writing() as connection:
        appending = Appending(connection, KEY, NOW)
        once = None if entry.proposal is None else decided_once(entry.proposal)
        appending.add(entry, subject=entry.subject, once=once)
        appending.finish()
    answer = checked(ledger)
    assert (answer.ok, answer.entry) == (False, 3)
    assert fault in answer.message


# Forgetting


def test_every_learner_is_known_until_forgotten(ledger):
    assert ledger.learners() == ()
    ledger.append_grades([verified(learner="zoe"), verified(learner="ada")], at=NOW)
    assert ledger.learners() == ("ada", "zoe")
    ledger.forget("ada", actor="registrar", at=NOW)
    assert ledger.learners() == ("zoe",)


def test_a_learner_can_be_forgotten_without_breaking_the_tree(ledger):
    filled(ledger)
    before = ledger.head()
    (recorded,) = ledger.grades_of("learner2")
    assert ledger.forget("learner2", actor="registrar", at=LATER)
    assert not ledger.forget("learner2", actor="registrar", at=LATER)
    assert not ledger.forget("nobody", actor="registrar", at=LATER)
    assert ledger.grades_of("learner2") == ()
    assert ledger.grades_of("learner3") != ()
    assert ledger.prove(recorded.index).holds
    assert (ledger.head().size, checked(ledger, before).ok) == (6, True)


def test_forgetting_is_in_the_ledger_with_who_did_it(ledger):
    filled(ledger, 1)
    for actor, fault in ((" ", "needs an actor"), ("learner0", "somebody else has to do it")):
        with pytest.raises(LedgerError, match=fault):
            ledger.forget("learner0", actor=actor, at=NOW)
    ledger.forget("learner0", actor="registrar", at=NOW)
    assert '"actor":"registrar"' in ledger.prove(1).body


def test_a_learner_who_comes_back_is_somebody_new(ledger):
    ledger.append_grade(verified(), at=NOW)
    before = ledger.grades_of("ada")[0].grade.subject
    ledger.forget("ada", actor="registrar", at=NOW)
    assert ledger.append_grade(verified(), at=LATER) == 2
    assert ledger.grades_of("ada")[0].grade.subject != before
    assert checked(ledger).ok


def files_of(url: str) -> bytes:
    """Every byte of the files of a database, but for the log of a server, which its administrator keeps."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = Path(parsed.database or "")
        return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))
    with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        oid = connection.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar_one()
        connection.execute(text("CHECKPOINT"))
    folder = Path(parsed.query["host"]) / "data" / "base" / str(oid)
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file())


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_nothing_of_the_learner_is_left_in_any_byte_of_the_database(ledger, url, journal):
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            assert connection.exec_driver_sql(f"PRAGMA journal_mode = {journal}").scalar_one() == journal
    many = [verified(learner=f"learner-{number:03}-is-somebody", run=f"run{number}") for number in range(60)]
    ledger.append_grades(many, at=NOW)
    name = "learner-030-is-somebody"
    with engine.connect() as connection:
        salt = connection.execute(text("SELECT salt FROM salts WHERE learner = :name"), {"name": name}).scalar_one()
    engine.dispose()
    for secret in (salt, name.encode()):
        assert secret in files_of(url)
    ledger.forget(name, actor="registrar", at=LATER)
    for secret in (salt, name.encode()):
        assert secret not in files_of(url)
    assert b"learner-031-is-somebody" in files_of(url)
    assert checked(ledger).ok


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


# Credentials


RESULT = CredentialResult(title="Final grade", score=D("0.72"), run="2026-spring", entry=0, leaf="00")


def test_a_credential_is_recorded_once_and_its_bytes_are_known_again(ledger):
    ledger.append_grade(verified(), at=NOW)
    first = ledger.record_credential("p", "ada", [RESULT], make=lambda draft: draft.credential.encode(), at=NOW)
    again = ledger.record_credential("p", "ada", [], make=lambda _: b"other", at=LATER)
    assert again == first == ledger.credential_of("p", "ada")
    assert first.entry.credential.startswith("urn:uuid:")
    assert ledger.is_credential(first, "ada", first.entry.credential.encode())
    assert not ledger.is_credential(first, "ada", b"other")
    assert ledger.credential_of("p", "bob") is None
    with pytest.raises(LedgerError, match="no grade of this learner"):
        ledger.record_credential("p", "bob", [], make=lambda _: b"", at=NOW)
    assert checked(ledger).ok


def test_a_credential_that_cannot_be_made_is_not_recorded(ledger):
    ledger.append_grade(verified(), at=NOW)
    with pytest.raises(ZeroDivisionError):
        ledger.record_credential("p", "ada", [], make=lambda _: bytes(1 // 0), at=NOW)
    assert ledger.credential_of("p", "ada") is None


# Crashes and other writers

APPEND_FOR_EVER = """
    import sys
    from release import keys
    from release.ledger import Ledger
    from tests.release.test_ledger import NOW, verified
    url, pem, name, count = sys.argv[1:]
    with Ledger(url, keys.load(__import__("pathlib").Path(pem), "correct horse")) as ledger:
        for number in range(int(count)):
            print(ledger.append_grade(verified(learner=f"{name}{number}"), at=NOW), flush=True)
"""


def writer(path: Path, name: str, count: int) -> "subprocess.Popen[str]":
    pem = path.with_suffix(".pem")
    if not pem.exists():
        keys.save(KEY, pem, "correct horse")
    command = [sys.executable, "-c", textwrap.dedent(APPEND_FOR_EVER), f"sqlite:///{path}", str(pem), name, str(count)]
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=root, env=os.environ | {"PYTHONPATH": str(root)}
    )


@pytest.mark.integration
def test_a_writer_killed_at_any_moment_leaves_a_valid_ledger_with_everything_it_had_confirmed(ledger, path):
    confirmed = 0
    for kill_after in (1, 2, 5, 9, 14):
        process = writer(path, f"run{kill_after}-", 100_000)
        assert process.stdout is not None
        for _ in range(kill_after):
            confirmed = int(process.stdout.readline()) + 1
        process.send_signal(signal.SIGKILL)
        process.communicate()
        answer = checked(ledger)
        assert answer.ok, answer.message
        assert answer.size >= confirmed


@pytest.mark.integration
def test_concurrent_writers_lose_nothing(ledger, path):
    writers = [writer(path, name, 25) for name in ("a", "b", "c")]
    printed = sorted(int(line) for process in writers for line in process.communicate()[0].split())
    assert printed == list(range(75))
    assert checked(ledger).message == "all 75 entries are as they were signed."
