"""A course's gradebook database by its URL: SQLite or PostgreSQL, with errors that say what to mend."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from authoring.errors import CoursewrightError

_SQLITE = "sqlite:///"
_PATIENCE = 60  # seconds that SQLite waits for another writer, such as Formgrader
_EXAMPLE = "postgresql+psycopg://USER@HOST/DATABASE"
_SETTING = "`c.CourseDirectory.db_url` in nbgrader_config.py"


class DatabaseError(CoursewrightError):
    """The gradebook's database cannot be used.

    Attributes:
        url: where it is, without its password.
    """

    def __init__(self, url: str, message: str) -> None:
        super().__init__(f"{url}: {message}")
        self.url = url


def is_absent(url: str) -> bool:
    """Whether this is a file of SQLite that does not exist; to look into it would make it."""
    return url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).is_file()


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """A connection that looks at a gradebook.

    Raises:
        DatabaseError: the URL is none, its driver is missing, or the database does not do what it is asked.
    """
    with _connected(url) as connection:
        yield connection


@contextmanager
def writing(url: str) -> Iterator[Connection]:
    """One transaction: all of it happens, or nothing; raises as :func:`reading`.

    In SQLite it holds the lock for writing from its start, and so never finds out half-way that another was faster.
    """
    with _connected(url) as connection, connection.begin():
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Turn what a database complains of into a :class:`DatabaseError`."""
    try:
        yield
    except DBAPIError as error:
        raise DatabaseError(make_url(url).render_as_string(hide_password=True), _reason(error)) from error


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = _engine(url)
    try:
        with explained(url), engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseError("the gradebook", f"its address is no URL; mend {_SETTING} ({_EXAMPLE}).") from error
    shown = parsed.render_as_string(hide_password=True)
    kind = parsed.get_backend_name()
    if kind not in {"sqlite", "postgresql"}:
        raise DatabaseError(shown, f"a gradebook is in SQLite or PostgreSQL; mend {_SETTING} ({_EXAMPLE}).")
    options: dict[str, Any] = {"connect_args": {"timeout": _PATIENCE}} if kind == "sqlite" else {}
    try:
        return create_engine(parsed, **options)
    except (ImportError, NoSuchModuleError) as error:
        raise DatabaseError(shown, _driver_missing(parsed)) from error


def _driver_missing(url: URL) -> str:
    if url.drivername in {"postgresql", "postgresql+psycopg"}:
        return "the driver for PostgreSQL is not installed; install it with `pip install 'coursewright[postgresql]'`."
    return f"there is no driver for this kind of address; write it as {_EXAMPLE}, in {_SETTING}."


def _reason(error: DBAPIError) -> str:
    reason = (str(error.orig).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    if "database is locked" in reason:
        return f"somebody else has been writing to it for {_PATIENCE} s; run this again when that has ended."
    if "no such table" in reason or "no such column" in reason or ("does not exist" in reason and error.statement):
        return f"it is no gradebook of this nbgrader ({reason}); bring it up to date with `nbgrader db upgrade`."
    if error.statement is None:
        mend = "see that its server runs, has this database and lets you in"
        return f"the gradebook cannot be opened ({reason}); {mend}, or mend {_SETTING}."
    return f"the gradebook cannot be written or read ({reason})."
