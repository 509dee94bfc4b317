"""The ledger's tables, and transactions on them: SQLite by default, any database of SQLAlchemy by its URL."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    inspect,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from authoring.errors import CoursewrightError

METADATA = MetaData()

ENTRIES = Table(
    "entries",
    METADATA,
    Column("position", BigInteger, primary_key=True, autoincrement=False),  # from 0
    Column("body", LargeBinary, nullable=False),  # canonical JSON
    Column("leaf", LargeBinary(32), nullable=False),
    Column("subject", String(64), index=True),  # as in the body, to find a learner's entries
    Column("once", String, unique=True),  # what may happen only once; None for everything else
)

HEADS = Table(
    "heads",
    METADATA,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("at", String, nullable=False),
    Column("key", String, nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    Column("frontier", LargeBinary, nullable=False),  # to append without reading all; recomputed when verified
)

SALTS = Table(
    "salts",
    METADATA,
    Column("learner", String, primary_key=True),
    Column("salt", LargeBinary(32), nullable=False),
)

# A guard against accidents; against an attacker the signed heads are.
for _table in (ENTRIES, HEADS):
    for _change in ("UPDATE", "DELETE"):
        event.listen(
            _table,
            "after_create",
            DDL(  # type: ignore[no-untyped-call]  # SQLAlchemy leaves its constructor untyped
                f"CREATE TRIGGER {_table.name}_no_{_change.lower()} BEFORE {_change} ON {_table.name} "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
            ).execute_if(dialect="sqlite"),
        )


class LedgerStoreError(CoursewrightError):
    """The database of the ledger cannot be used.

    Attributes:
        url: where it is, without its password.
    """

    def __init__(self, url: str, message: str) -> None:
        super().__init__(f"{url}: {message}")
        self.url = url


class Store:
    """The ledger's database. Holds the connections; every append is one transaction."""

    def __init__(self, url: str, *, create: bool) -> None:
        """Open the database at an SQLAlchemy URL such as ``sqlite:///ledger.db``.

        Args:
            url: where it is.
            create: make it, or its tables, if they are not there. Otherwise that is an error, so that a ledger that is
                lost, or looked for in the wrong place, is never taken for an empty one.

        Raises:
            LedgerStoreError: the URL is none, the database cannot be opened, or it holds no ledger.
        """
        self._writing = threading.local()
        try:
            parsed = make_url(url)
            self.url = parsed.render_as_string(hide_password=True)
            self._engine = create_engine(parsed)
        except (ArgumentError, ImportError) as error:
            raise LedgerStoreError(url, f"this is not the URL of a database ({error}).") from error
        if self._engine.dialect.name == "sqlite":
            _prepare_sqlite(self._engine)
            if not create and not Path(parsed.database or "").is_file():
                raise LedgerStoreError(self.url, "there is no ledger here.")
        if create:
            with self.writing() as connection:
                METADATA.create_all(connection)
        else:
            with self.reading() as connection:
                self._check_tables(connection)

    def _check_tables(self, connection: Connection) -> None:
        present = set(inspect(connection).get_table_names())
        if not METADATA.tables.keys() <= present:
            raise LedgerStoreError(self.url, "the database holds no ledger.")

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that no other writer overlaps: all of it happens, or nothing."""
        with self._connection(write=True) as connection, connection.begin():
            self._writing.connection = connection
            try:
                yield connection
            finally:
                self._writing.connection = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view; within a transaction that this thread writes, the view from there.

        A second connection could wait for the first for ever: SQLite locks readers out once a transaction outgrows the
        memory for it.
        """
        if (writing := getattr(self._writing, "connection", None)) is not None:
            yield writing
            return
        with self._connection(write=False) as connection, connection.begin():
            yield connection

    @contextmanager
    def _connection(self, *, write: bool) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection.execution_options(coursewright_write=write)
        except SQLAlchemyError as error:
            reason = str(error).partition("\n")[0]
            raise LedgerStoreError(self.url, f"the ledger's database says: {reason}") from error


def _prepare_sqlite(engine: Engine) -> None:
    """Take over transactions from the driver, so that a writer holds its lock from before it reads until it commits."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in ("busy_timeout = 30000", "synchronous = FULL", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("coursewright_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
