"""A clock that a test sets, small forms, and stores in SQLite and PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exam_bank.forms.form import Form, FormSection, Question
from exam_bank.item_file import parse_item
from exam_bank.sittings import database
from exam_bank.sittings.store import SittingStore
from exam_bank.variant_maker import make_variant
from tests.autograder.postgresql import Cluster, running_cluster
from tests.exam_bank.conftest import CODE, CODE_SECTIONS, NUMERIC, SINGLE, item_text

START = datetime(2026, 11, 6, 14, 0, tzinfo=UTC)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


def question(number: int, front: str) -> Question:
    sections = CODE_SECTIONS if front == CODE else ""
    item = parse_item(item_text(front, sections=sections), topic="basics", item_id=f"i{number}", file="x")
    return Question(id=f"q{number:02d}", variant=make_variant(item, 3))


def form_of(*sections: list[str], learner: str = "ada", attempt: int = 1) -> Form:
    numbers = iter(range(1, 100))
    made = tuple(
        FormSection(
            id=f"s{index}",
            title="T",
            minutes=120,
            questions=tuple(question(next(numbers), front) for front in fronts),
        )
        for index, fronts in enumerate(sections, 1)
    )
    return Form(title="Final", learner=learner, attempt=attempt, bank="b", blueprint="p", sections=made)


FORM = form_of([NUMERIC, SINGLE])
RIGHT = next(option.label for option in FORM.questions[1].variant.key.options if option.correct)  # type: ignore[union-attr]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def unsynced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fast tests need no disk that survives a power cut."""

    def set_up(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    if request.node.get_closest_marker("integration") is None:
        monkeypatch.setattr(database, "_set_up_sqlite", set_up)


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[SittingStore]:
    store = SittingStore(f"sqlite:///{tmp_path / 'sittings.db'}", clock=clock)
    yield store
    store.close()


def opened(store: SittingStore, form: Form = FORM, **options: Any) -> str:
    name = store.authorise(form, course="mpc", exam="final-exam", by="registrar", **options).id
    store.ready(name)
    store.identify(name, by="proctor-7")
    store.open_section(name, form.sections[0].id)
    return name


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server."""
    with running_cluster() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'both.db'}"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.create_database()
