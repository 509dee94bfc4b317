"""A gradebook that cannot be used is one sentence: where it is, without its password, and what to mend."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from authoring import database, nbgrader_api
from authoring.database import DatabaseError, reading, writing


def refused(url: str, query: str = "SELECT 1") -> str:
    with pytest.raises(DatabaseError) as caught, reading(url) as connection:
        connection.execute(text(query))
    assert "secret" not in str(caught.value)
    return str(caught.value)


def test_without_the_driver_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert refused("postgresql+psycopg://ta:secret@host/course") == (
        "postgresql+psycopg://ta:***@host/course: the driver for PostgreSQL is not installed; install it with "
        "`pip install 'coursewright[postgresql]'`."
    )


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgres://ta:secret@host/course", "(postgresql+psycopg://USER@HOST/DATABASE)"),
        ("postgresql+nothing://ta:secret@host/course", "write it as postgresql+psycopg://USER@HOST/DATABASE"),
        ("mysql://ta:secret@host/course", "a gradebook is in SQLite or PostgreSQL"),
        ("gradebook.db", "its address is no URL"),
    ],
)
def test_another_address_is_answered_with_one_that_works(url: str, said: str) -> None:
    message = refused(url)
    assert said in message
    assert "`c.CourseDirectory.db_url` in nbgrader_config.py" in message


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    message = refused(f"postgresql+psycopg://ta:secret@/course?host={tmp_path}")
    assert "the gradebook cannot be opened (" in message
    assert "see that its server runs" in message


def test_a_file_that_cannot_be_made(tmp_path: Path) -> None:
    assert "the gradebook cannot be opened (unable to open database file)" in refused(f"sqlite:///{tmp_path}/no/g.db")


def test_a_database_that_is_no_gradebook(tmp_path: Path) -> None:
    message = refused(f"sqlite:///{tmp_path}/other.db", "SELECT * FROM grade")
    assert "it is no gradebook of this nbgrader (no such table: grade)" in message
    assert "nbgrader db upgrade" in message


def test_somebody_who_does_not_stop_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_PATIENCE", 0)
    with closing(sqlite3.connect(tmp_path / "g.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with (
            pytest.raises(DatabaseError, match="somebody else has been writing to it"),
            writing(f"sqlite:///{tmp_path}/g.db"),
        ):
            pass


def test_a_transaction_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/g.db"
    with writing(url) as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
    with pytest.raises(ZeroDivisionError), writing(url) as connection:
        connection.execute(text("INSERT INTO t VALUES (1)")).rowcount / 0
    with reading(url) as connection:
        assert connection.execute(text("SELECT count(*) FROM t")).scalar_one() == 0


def test_nbgraders_own_gradebook_is_refused_as_clearly(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.db_url = 'postgres://host/x'\n")
    with pytest.raises(DatabaseError, match="a gradebook is in SQLite or PostgreSQL"):
        nbgrader_api.register(nbgrader_api.open_course(tmp_path), "ps", [])
