"""The ledger: appends by themselves and in bulk, a replay of 100,000 entries, and proofs from it."""

import os
import platform
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from release import keys
from release.ledger import Ledger
from release.ledger_verify import verify_ledger
from release.verified_grade import VerifiedGrade
from tests.autograder.postgresql import running_cluster

SINGLE, BULK = 200, 100_000
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def grade(number: int) -> VerifiedGrade:
    """The grade of one learner of many."""
    return VerifiedGrade(
        learner=f"learner{number}",
        course="mpc",
        run="2026-spring",
        grade=Decimal("0.72"),
        passed=True,
        pass_mark=Decimal("0.6"),
        earned_on=date(2026, 4, 26),
        verification="idv:1",
        exams=(),
        records=("sha256:one", "sha256:two"),
    )


@contextmanager
def measured(what: str, count: int) -> Iterator[None]:
    """Print how long it took, for all and for each."""
    start = time.perf_counter()
    yield
    took = time.perf_counter() - start
    print(f"{what:46} {count:7,} in {took:7.2f} s, {count / took:9,.0f}/s")


def measure(url: str, name: str, bulk: int) -> None:
    """One kind of database."""
    key = keys.generate()
    with Ledger(url, key) as ledger:
        with measured(f"{name}: appended, each by itself", SINGLE):
            for number in range(SINGLE):
                ledger.append_grade(grade(number), at=NOW)
        with measured(f"{name}: appended under one head", bulk - SINGLE):
            ledger.append_grades((grade(number) for number in range(SINGLE, bulk)), at=NOW)
        with measured(f"{name}: entries replayed and verified", bulk):
            found = verify_ledger(ledger.store, keys=[key.did])
        assert found.ok, found.message
        with measured(f"{name}: proofs of an entry", 3):
            assert all(ledger.prove(index).holds for index in (0, bulk // 2, bulk - 1))


if __name__ == "__main__":
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        measure(f"sqlite:///{Path(folder) / 'ledger.db'}", "SQLite", BULK)
    with running_cluster(durable=True) as cluster:
        measure(cluster.create_database(), "PostgreSQL", BULK // 10)
