"""The ledger's tables, and transactions on them: SQLite by default, PostgreSQL by its URL."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import (
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
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from authoring.errors import CoursewrightError
from release.ledger_guard import put_up

METADATA = MetaData()
_EXAMPLE = "postgresql+psycopg://USER@HOST/DATABASE"
_LOCK = 0x6C6564676572  # "ledger"

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
    Column("previous", BigInteger, nullable=False),  # the size of the head before, or 0
    Column("frontier", LargeBinary, nullable=False),  # to append without reading all; recomputed when verified
)

SALTS = Table(
    "salts",
    METADATA,
    Column("learner", String, primary_key=True),
    Column("salt", LargeBinary(32), nullable=False),
)


class LedgerStoreError(CoursewrightError):
    """The database of the ledger cannot be used.

    Attributes:
        url: where it is, without its password.
    """

    def __init__(self, url: str, message: str) -> None:
        super().__init__(f"{url}: {message}")
        self.url, self._message = url, message

    def __reduce__(self) -> tuple[type[Self], tuple[str, str]]:
        """Other processes tell theirs to the one that asked them."""
        return type(self), (self.url, self._message)


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
        self._engine, self.url = _engine(url)
        if self._engine.dialect.name == "sqlite":
            _prepare_sqlite(self._engine)
            if not create and not Path(self._engine.url.database or "").is_file():
                raise LedgerStoreError(self.url, "there is no ledger here.")
        else:
            _prepare_postgresql(self._engine)
        if create:
            with self.writing() as connection:
                METADATA.create_all(connection)
                put_up(connection)
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

    def scrub(self) -> None:
        """Take what was deleted out of the database's files, too: free pages, write-ahead logs, old copies of rows."""
        with self._explained():
            if self._engine.dialect.name == "sqlite":
                with closing(self._engine.raw_connection()) as driver:  # VACUUM stands outside of any transaction
                    for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                        driver.cursor().execute(statement).fetchall()
            else:
                with self._engine.connect() as connection:
                    bare = connection.execution_options(isolation_level="AUTOCOMMIT")
                    bare.exec_driver_sql(f"VACUUM FULL {SALTS.name}")

    def damage(self) -> str:
        """What SQLite finds wrong with its file, its indexes among it; nothing if it is whole, or not SQLite."""
        if self._engine.dialect.name != "sqlite":
            return ""
        with self.reading() as connection:
            found: str = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
        return "" if found == "ok" else found.splitlines()[-1]

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
        with self._explained(), self._engine.connect() as connection:
            yield connection.execution_options(coursewright_write=write)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            reason = str(error).partition("\n")[0]
            raise LedgerStoreError(self.url, f"the ledger's database says: {reason}") from error
        except UnicodeDecodeError as error:
            raise LedgerStoreError(self.url, "a text in the ledger's database is damaged.") from error


def _engine(url: str) -> tuple[Engine, str]:
    """An engine and its address without the password."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise LedgerStoreError(url, f"this is not the URL of a database; write it as {_EXAMPLE}.") from error
    shown = parsed.render_as_string(hide_password=True)
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise LedgerStoreError(shown, f"a ledger is in SQLite or PostgreSQL; write its URL as {_EXAMPLE}.")
    try:
        return create_engine(parsed), shown
    except (ImportError, NoSuchModuleError) as error:
        hint = "install it with `pip install 'coursewright[postgresql]'`"
        raise LedgerStoreError(shown, f"its driver is missing; {hint} and write the URL as {_EXAMPLE}.") from error


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


def _prepare_postgresql(engine: Engine) -> None:
    """Let writers queue for one lock, which the server releases with the transaction; readers see one moment."""

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("coursewright_write")
        if write:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        elif write is False:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
