"""The database of sittings: SQLite or PostgreSQL, with tables to which rows can only be added.

``sitting_events`` has the events of every attempt, numbered from 0; ``review_messages`` has every message of a
proctor, taken in or not. Triggers refuse to change or delete a row, and to number an event out of turn. Whoever owns
the database can remove the triggers; what they stop is a mistake, and a program that can only write.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from authoring.errors import CoursewrightError

SCHEMA = 2  # 1 had the events alone, and no version
_PATIENCE = 60  # seconds that SQLite waits for another writer
_EXAMPLE = "postgresql+psycopg://USER@HOST/DATABASE"
_SQLITE = "sqlite:///"

_metadata = sa.MetaData()
events = sa.Table(
    "sitting_events",
    _metadata,
    sa.Column("sitting", sa.String(400), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("key", sa.String(200), nullable=True),  # what must not happen twice
    sa.Column("body", sa.Text, nullable=False),
    sa.UniqueConstraint("sitting", "key"),
)
messages = sa.Table(
    "review_messages",
    _metadata,
    sa.Column("source", sa.String(20), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("digest", sa.String(80), primary_key=True),  # one key may not say two things; if it does, both are kept
    sa.Column("number", sa.Integer, nullable=False),  # of the messages of this key, from 0
    sa.Column("received", sa.String(40), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)
_version = sa.Table("sitting_schema", _metadata, sa.Column("version", sa.Integer, primary_key=True))

_KEPT = ("sitting_events", "review_messages")


class SittingStoreError(CoursewrightError):
    """The database of sittings cannot be used.

    Attributes:
        url: where it is, without its password.
    """

    def __init__(self, url: str, problem: str) -> None:
        super().__init__(f"{url}: {problem}")
        self.url = url


class Database:
    """A database of sittings that is there, guarded, and of this version.

    Raises:
        SittingStoreError: the URL is none, the database cannot be reached, or its tables are of another version.
    """

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self._shown = self._engine.url.render_as_string(hide_password=True)
        self._is_sqlite = self._engine.dialect.name == "sqlite"
        with self._explained():
            self._prepare()

    def close(self) -> None:
        """Closes every connection."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that looks."""
        with self._explained(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, scope: str) -> Iterator[sa.Connection]:
        """One transaction, all or nothing; nobody else writes to ``scope`` before it has ended.

        SQLite has one writer at a time; PostgreSQL locks the name, so that other scopes are not kept waiting.
        """
        with self._explained(), self._engine.connect() as connection, connection.begin():
            if self._is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": scope})
            yield connection

    def _prepare(self) -> None:
        if self._found() == SCHEMA:
            return
        with self.writing("sitting_schema") as connection:
            _metadata.create_all(connection)
            if self._version_in(connection) is None:
                connection.execute(sa.insert(_version), {"version": SCHEMA})
            for guard in _sqlite_guards() if self._is_sqlite else _postgresql_guards():
                connection.exec_driver_sql(guard)
        self._found()

    def _found(self) -> int | None:
        """The version of the tables.

        Raises:
            SittingStoreError: it is not one that this program can use.
        """
        with self._engine.connect() as connection:
            found = self._version_in(connection)
        if found is not None and found > SCHEMA:
            raise SittingStoreError(
                self._shown, f"these sittings have format {found}, which is newer than {SCHEMA}; update coursewright."
            )
        if found is not None and found < SCHEMA:
            raise SittingStoreError(
                self._shown, f"these sittings have format {found}, which is too old to be read; bring it to {SCHEMA}."
            )
        return found

    @staticmethod
    def _version_in(connection: sa.Connection) -> int | None:
        if not sa.inspect(connection).has_table(_version.name):
            return None
        found: int | None = connection.execute(sa.select(sa.func.max(_version.c.version))).scalar_one()
        return found

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise SittingStoreError(self._shown, _reason(error)) from error


def is_absent(url: str) -> bool:
    """Whether this is a file of SQLite that does not exist; to look into it would make it."""
    return url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).is_file()


def _engine(url: str) -> sa.Engine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise SittingStoreError("the sittings", f"their address is no URL; write {_EXAMPLE}.") from error
    shown, kind = parsed.render_as_string(hide_password=True), parsed.get_backend_name()
    if kind not in {"sqlite", "postgresql"}:
        raise SittingStoreError(shown, f"sittings are kept in SQLite or PostgreSQL; write {_EXAMPLE}.")
    try:
        if kind == "postgresql":
            return sa.create_engine(parsed, isolation_level="READ COMMITTED")  # a lock, then what is there after it
        engine = sa.create_engine(parsed, connect_args={"timeout": _PATIENCE})
    except (ImportError, NoSuchModuleError) as error:
        raise SittingStoreError(
            shown, f"the driver is not installed: `pip install 'coursewright[postgresql]'` ({_EXAMPLE})."
        ) from error
    sa.event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    """A log that writers append to beside readers; what was acknowledged survives a power cut."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _sqlite_guards() -> Iterator[str]:
    for table in _KEPT:
        for what in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER IF NOT EXISTS {table}_no_{what.lower()} BEFORE {what} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    # INSERT OR REPLACE deletes without asking the trigger above; this one it has to ask.
    yield (
        "CREATE TRIGGER IF NOT EXISTS sitting_events_in_turn BEFORE INSERT ON sitting_events "
        "WHEN NEW.number <> (SELECT coalesce(max(number) + 1, 0) FROM sitting_events WHERE sitting = NEW.sitting) "
        "OR EXISTS (SELECT 1 FROM sitting_events WHERE sitting = NEW.sitting AND key = NEW.key) "
        "BEGIN SELECT RAISE(ABORT, 'sitting_events is append-only: this event is out of turn'); END"
    )
    yield (
        "CREATE TRIGGER IF NOT EXISTS review_messages_in_turn BEFORE INSERT ON review_messages WHEN EXISTS (SELECT 1 "
        "FROM review_messages WHERE source = NEW.source AND key = NEW.key AND digest = NEW.digest) "
        "BEGIN SELECT RAISE(ABORT, 'review_messages is append-only: this message is there'); END"
    )


def _postgresql_guards() -> Iterator[str]:
    yield (
        "CREATE OR REPLACE FUNCTION sittings_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only', "
        "ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    yield (
        "CREATE OR REPLACE FUNCTION sitting_events_in_turn() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF NEW.number <> "
        "(SELECT coalesce(max(number) + 1, 0) FROM sitting_events WHERE sitting = NEW.sitting) "
        "THEN RAISE EXCEPTION 'sitting_events is append-only: this event is out of turn' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
    )
    for table in _KEPT:
        yield (
            f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION sittings_append_only()"
        )
    yield (
        "CREATE OR REPLACE TRIGGER sitting_events_turn BEFORE INSERT ON sitting_events "
        "FOR EACH ROW EXECUTE FUNCTION sitting_events_in_turn()"
    )


def _reason(error: DBAPIError) -> str:
    reason = (str(error.orig).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    if "database is locked" in reason:
        return f"somebody else has been writing to it for {_PATIENCE} s; run this again when that has ended."
    if error.statement is None:
        return f"the sittings cannot be opened ({reason}); see that the place is there and lets you in."
    return f"the sittings cannot be written or read ({reason})."
