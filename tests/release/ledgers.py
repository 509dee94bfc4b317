"""Ledgers for the tests: what goes into them, and what is done to them behind their back."""

import re
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import create_engine, text

from release.amending import Change
from release.ledger import Ledger
from release.ledger_verify import verify_ledger
from release.verified_grade import VerifiedExam, VerifiedGrade
from tests.release.conftest import KEY, NOW, D

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
