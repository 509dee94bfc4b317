"""``coursewright ledger``: made once, sound until somebody touches it."""

import json
import os
import sqlite3
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from release import keys
from release.ledger import Ledger
from release.verified_grade import VerifiedExam, VerifiedGrade

pytestmark = pytest.mark.integration  # it takes long

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PROGRAM = Path(__file__).parents[2] / "courses" / "programs" / "process-control.toml"
COURSE = Path(__file__).parents[2] / "courses" / "mpc"


def grade(learner: str, fraction: str, exam: str) -> VerifiedGrade:
    final = VerifiedExam(
        exam="final-exam",
        attempt=1,
        score=Decimal(exam),
        max_score=Decimal(100),
        taken_at=NOW,
        verified_at=NOW,
        sitting="sha256:" + "1" * 64,
    )
    return VerifiedGrade(
        learner=learner,
        course="mpc",
        run="2026T3",
        grade=Decimal(fraction),
        passed=Decimal(fraction) >= Decimal("0.6"),
        pass_mark=Decimal("0.6"),
        earned_on=NOW.date(),
        verification="idv:1",
        exams=(final,),
        records=(),
    )


@pytest.fixture
def registry(run) -> Path:
    """The registrar's folder, with a ledger of two learners' grades."""
    assert run("ledger", "init", "--issuer", "Example University").status == 0
    key = keys.load(Path("registry/issuer.key"), "correct horse")
    with Ledger("sqlite:///registry/ledger.db", key) as ledger:
        ledger.append_grades([grade("ada", "0.72", "81"), grade("ben", "0.65", "41")], at=NOW)
    return Path("registry")


def test_a_new_ledger_comes_with_an_encrypted_key_that_only_its_owner_can_read(registry):
    assert b"ENCRYPTED PRIVATE" in (registry / "issuer.key").read_bytes()
    assert (registry / "issuer.key").stat().st_mode & 0o077 == 0
    assert registry.stat().st_mode & 0o077 == 0


def test_the_passphrase_does_not_stay_where_child_processes_would_get_it(registry):
    assert "COURSEWRIGHT_PASSPHRASE" not in os.environ


def test_a_ledger_is_never_made_twice_in_one_place(registry, run):
    before = (registry / "ledger.db").read_bytes()
    again = run("ledger", "init", "--issuer", "Example University")
    assert (again.status, again.out) == (1, "")
    assert "there is a ledger already" in again.err
    assert (registry / "ledger.db").read_bytes() == before


def test_a_mistyped_place_is_an_error_and_not_an_empty_ledger(run, tmp_path):
    done = run("ledger", "verify", "--ledger", "regisrty/ledger.db", "--trust", "did:key:z6Mk")
    assert (done.status, done.err.count("\n")) == (1, 1)
    assert "there is no ledger here" in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_sound_ledger_is_said_to_be_sound(registry, run):
    done = run("ledger", "verify")
    assert done.status == 0
    assert done.out.startswith("Sound: all 2 entries are as they were signed.")


def test_a_changed_ledger_is_found_out_and_nothing_is_decided_on_it(registry, run):
    with sqlite3.connect(registry / "ledger.db") as connection:
        connection.execute("DROP TRIGGER entries_no_update")
        connection.execute("UPDATE entries SET body = replace(body, '0.65', '0.95') WHERE position = 1")
    done = run("ledger", "verify", "--json")
    assert (done.status, done.err) == (1, "")
    assert (done.json["ok"], done.json["entry"]) == (False, 1)
    decided = run("eligibility", PROGRAM, "--json")
    assert (decided.status, decided.out) == (1, "")
    assert "entry 1 was changed" in decided.err


def test_a_ledger_of_an_unknown_issuer_is_not_sound(registry, run):
    (registry / "issuer.json").unlink()
    assert "name the issuer with --trust" in run("ledger", "verify").err
    assert run("ledger", "verify", "--trust", keys.generate().did).status == 1


def test_a_kept_head_shows_that_the_end_was_not_cut_off(registry, run, tmp_path):
    kept = tmp_path / "head.json"
    kept.write_text(run("ledger", "head").out)
    assert run("ledger", "verify", "--earlier", kept).status == 0
    longer = json.loads(kept.read_text()) | {"size": 3}
    kept.write_text(json.dumps(longer))
    assert run("ledger", "verify", "--earlier", kept).status == 1
    kept.write_text("{}")
    assert "this is not a signed head" in run("ledger", "verify", "--earlier", kept).err


def test_freezing_names_who_did_it_and_needs_the_key(registry, run):
    assert run("ledger", "freeze", COURSE, "--actor", "registrar").out == "mpc (2026T3) is frozen by entry 2.\n"
    assert '"actor":"registrar"' in run("ledger", "prove", 2).out
    assert run("ledger", "freeze", COURSE).status == 2
    refused = run("ledger", "freeze", COURSE, "--actor", "registrar", passphrase="wrong horse")
    assert (refused.status, "the passphrase is wrong" in refused.err) == (1, True)
    unknown = run("ledger", "freeze", COURSE, "--actor", "registrar", passphrase=None)
    assert (unknown.status, "set COURSEWRIGHT_PASSPHRASE" in unknown.err) == (1, True)


def test_a_proof_is_what_somebody_else_needs_to_check_an_entry(registry, run):
    proof = run("ledger", "prove", 1, "--json").json
    assert json.loads(proof["body"])["grade"] == "0.65"
    assert (proof["index"], proof["head"]["size"], len(proof["path"])) == (1, 2, 1)
    assert "the ledger has no entry 2" in run("ledger", "prove", 2).err


def test_eligibility_of_everybody_says_why_not(registry, run):
    lines = run("eligibility", PROGRAM).out.splitlines()
    assert [line.split()[:2] for line in lines[1:3]] == [["ada", "yes"], ["ben", "no"]]
    assert "Final exam of Manufacturing Process Control: not passed: 41 %" in lines[2]
    assert lines[3] == "1 of 2 learners are eligible."


def test_eligibility_of_one_learner_gives_every_reason(registry, run):
    said = run("eligibility", PROGRAM, "--learner", "ben").out
    assert "ben has not earned the Process Control Certificate." in said
    assert "✓ Manufacturing Process Control: passed with 65 %" in said
    assert "✗ Final exam" in said


def test_eligibility_as_json(registry, run):
    found = run("eligibility", PROGRAM, "--json").json
    assert [(each["learner"], each["met"]) for each in found["learners"]] == [("ada", True), ("ben", False)]
    assert found["learners"][0]["reasons"][1]["counts"]["score"] == "0.72"


def test_a_learner_whom_the_ledger_does_not_know_is_said_to_be_unknown(registry, run):
    assert "The ledger holds no grade of a learner bne." in run("eligibility", PROGRAM, "--learner", "bne").out


def test_an_outsider_checks_that_the_ledger_only_grew(registry, run, tmp_path):
    Path("head.json").write_text(run("ledger", "head").out)
    trusted = json.loads(Path("head.json").read_text())["key"]
    run("ledger", "freeze", COURSE, "--actor", "registrar")
    Path("proof.json").write_text(run("ledger", "prove", "--from", "head.json", "--json").out)
    checked = run("ledger", "check", "proof.json", "--head", "head.json", "--trust", trusted)
    assert checked.out == "Proved: the first 2 of 3 entries are as they were.\n"
    assert run("ledger", "check", "proof.json", "--trust", keys.generate().did).status == 1
    changed = json.loads(Path("proof.json").read_text()) | {"path": []}
    Path("proof.json").write_text(json.dumps(changed))
    assert "NOT PROVED" in run("ledger", "check", "proof.json", "--trust", trusted).out
    assert run("ledger", "prove").status == 2


def test_forgetting_says_who_did_it_and_leaves_a_sound_ledger(registry, run):
    assert run("ledger", "forget", "ben", "--actor", "registrar").status == 0
    assert run("ledger", "verify").out.startswith("Sound: all 3 entries")
    assert "knows no learner ben" in run("ledger", "forget", "ben", "--actor", "registrar").err


def test_what_is_proposed_is_listed_and_approved_by_somebody_else(registry, run):
    run("ledger", "freeze", COURSE, "--actor", "registrar")
    proposed = run("ledger", "amend", COURSE, "ben", "--withdraw", "--actor", "dean", "--reason", "refunded")
    assert proposed.out.startswith("Proposed by entry 3; nothing is changed")
    assert "0.65 to none" in run("ledger", "proposals").out
    assert "somebody else has to approve" in run("ledger", "approve", 3, "--actor", "Dean").err
    assert run("ledger", "approve", 3, "--actor", "registrar").status == 0
    assert run("ledger", "proposals", "--json").json == {}
    assert "settled already" in run("ledger", "withdraw", 3, "--actor", "dean", "--reason", "late").err


def test_eligibility_says_how_what_is_missing_can_still_be_had(registry, run):
    said = run("eligibility", PROGRAM, "--learner", "ben").out
    assert "    still to be had: when it is held next is not known here" in said
    found = run("eligibility", PROGRAM, "--json").json["learners"]
    assert [[chance["place"] for chance in each["outlook"]] for each in found] == [[], ["2"]]
    assert found[1]["outlook"][0]["possible"] is True


def test_eligibility_of_everybody_says_by_when_and_what_is_over(registry, run, tmp_path):
    strict = PROGRAM.read_text().replace('exam = "final-exam", ', 'exam = "final-exam", attempts = 1, ')
    (tmp_path / "process-control.toml").write_text(strict)
    assert (
        run("eligibility", tmp_path / "process-control.toml").out.splitlines()[2].endswith("60 % needed (not any more)")
    )
