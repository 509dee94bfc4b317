"""A PostgreSQL server for the tests: its own data, a socket in a temporary folder, no port."""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

_UNSAFE_AND_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Cluster:
    """A running server; whoever can reach its folder may do everything in it."""

    folder: Path

    def create_database(self, like: str = "") -> str:
        """The address of a new database, as ``CourseDirectory.db_url`` wants it: empty, or a copy of another."""
        name = f"course_{uuid.uuid4().hex}"
        template = f"TEMPLATE {make_url(like).database}" if like else ""
        with psycopg.connect(f"host={self.folder} user=tests dbname=postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} {template}")
        return f"postgresql+psycopg://tests@/{name}?host={self.folder}"


@contextmanager
def running_cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """Make a cluster, start it, and stop and remove it at the end. The server refuses to be root.

    Args:
        durable: keep what is committed even if the machine fails, as a server does that is not for tests.
    """
    folder = Path(tempfile.mkdtemp(prefix="coursewright-"))  # short, for the path of a socket must be
    data, log = folder / "data", folder / "log"
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    try:
        _run(
            "initdb", "--auth=trust", "--username=tests", "--encoding=UTF8", "--locale=C", "--no-sync", data, user=user
        )
        chosen = ("listen_addresses=", f"unix_socket_directories={folder}", *(() if durable else _UNSAFE_AND_FAST))
        settings = " ".join(f"-c {setting}" for setting in chosen)
        _run("pg_ctl", "start", "--wait", f"--pgdata={data}", f"--log={log}", "-o", settings, user=user)
        try:
            yield Cluster(folder)
        finally:
            _run("pg_ctl", "stop", "--wait", "--mode=immediate", f"--pgdata={data}", user=user)
    finally:
        shutil.rmtree(folder)


def _run(program: str, *arguments: str | Path, user: str | None) -> None:
    own = {} if user is None else {"user": user, "group": "nogroup", "extra_groups": []}
    done = subprocess.run(
        [_program(program), *map(str, arguments)],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # the server keeps what it inherits
        stderr=subprocess.DEVNULL,
        check=False,
        **own,
    )
    assert done.returncode == 0, f"{program} ended with {done.returncode}"


def _program(name: str) -> str:
    """Debian keeps the server's programs outside PATH, a folder for each version."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *map(str, reversed(versions))]))
    assert found, f"{name} is not there: install the Debian package postgresql"
    return found
