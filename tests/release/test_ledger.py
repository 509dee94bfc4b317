from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from release import merkle
from release.entry import AmendEntry, CredentialResult, GradeEntry, from_bytes
from release.ledger import FrozenError, Ledger, LedgerError
from tests.release.conftest import NOW, D
from tests.release.ledgers import KEY, LATER, amended, behind_its_back, checked, filled, verified

pytestmark = pytest.mark.integration  # it takes long

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
