"""A learner is forgotten, and the ledger still verifies."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from release.ledger import LedgerError
from tests.release.conftest import NOW
from tests.release.ledgers import LATER, checked, filled, verified

pytestmark = pytest.mark.integration


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
