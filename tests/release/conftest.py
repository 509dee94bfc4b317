"""A small course and the pieces of evidence that the tests of ``release`` put together."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from authoring.course import Assignment, AssignmentKind, Category, Course, Week
from autograder.record import GradeRecord, Outcome
from exam_bank.sittings.result import SittingResult, SittingState
from release.enrolment import Enrolment, Track
from release.keys import generate
from release.ledger import Ledger
from tests.autograder.postgresql import Cluster, running_cluster

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
D = Decimal
KEY = generate()


def assignment(id_: str, kind: AssignmentKind = AssignmentKind.PROBLEM_SET, category: str | None = "homework", **more):
    return Assignment(id=id_, kind=kind, title=id_, category=category, **more)


def make_course(**changes) -> Course:
    """Homework 60 %, final 40 %, two problem sets; New York time."""
    settings = {
        "schema": 1,
        "id": "mpc",
        "title": "Manufacturing Process Control",
        "run": "2026-spring",
        "time_zone": "America/New_York",
        "starts": date(2026, 3, 2),
        "ends": date(2026, 4, 26),
        "verification_deadline": datetime(2026, 3, 30, 23, 59),
        "pass_mark": D("0.6"),
        "categories": (
            Category(id="homework", title="Problem sets", weight=D("0.6")),
            Category(id="final", title="Final exam", weight=D("0.4")),
        ),
        "weeks": (
            Week(
                number=1,
                title="Variation",
                opens=datetime(2026, 3, 2, 9),
                assignments=(
                    assignment("week01-lesson", AssignmentKind.LESSON, None),
                    assignment("week01-problem-set", due=datetime(2026, 3, 9, 9)),
                ),
            ),
            Week(
                number=2,
                title="Charts",
                opens=datetime(2026, 3, 9, 9),
                assignments=(
                    assignment("week02-problem-set", due=datetime(2026, 3, 16, 9)),
                    assignment("final-exam", AssignmentKind.EXAM, "final", blueprint="exam/final.toml"),
                ),
            ),
        ),
    }
    return Course(**(settings | changes))


def make_record(assignment_id: str = "week01-problem-set", score: float | None = 8.0, **changes) -> GradeRecord:
    settings = {
        "course": "mpc",
        "assignment": assignment_id,
        "learner": "ada",
        "attempt": f"sha256:{assignment_id}",
        "source": "sha256:source",
        "environment": "sha256:environment",
        "grader": "coursewright 0.1.0",
        "outcome": Outcome.GRADED,
        "score": score,
        "max_score": 10.0,
    }
    return GradeRecord(**(settings | changes))


def make_sitting(score: str | None = "30", state: SittingState = SittingState.VERIFIED, **changes) -> SittingResult:
    settings = {
        "learner": "ada",
        "course": "mpc",
        "exam": "final-exam",
        "attempt": 1,
        "state": state,
        "score": None if score is None else D(score),
        "max_score": D(40),
        "form": "sha256:form",
        "opened_at": datetime(2026, 4, 24, 14, tzinfo=UTC),
        "submitted_at": datetime(2026, 4, 24, 15, 50, tzinfo=UTC),
        "reviewed_at": datetime(2026, 4, 27, 10, tzinfo=UTC),
    }
    return SittingResult(**(settings | changes))


def make_enrolment(**changes) -> Enrolment:
    settings = {
        "learner": "ada",
        "track": Track.VERIFIED,
        "verified_at": datetime(2026, 3, 10, tzinfo=UTC),
        "verification": "idv:4711",
        "email": "ada@example.org",
    }
    return Enrolment(**(settings | changes))


@pytest.fixture
def course() -> Course:
    return make_course()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A server of PostgreSQL for the whole run."""
    with running_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def shared_database(cluster: Cluster) -> str:
    """A database of that server; who uses it empties it before."""
    return cluster.create_database()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new ledger goes; every test is of both kinds of databases."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    address: str = request.getfixturevalue("shared_database")
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS entries, heads, salts")
    engine.dispose()
    return address


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    """An empty ledger."""
    with Ledger(url, KEY) as ledger:
        yield ledger
