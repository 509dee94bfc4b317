"""What Landlock keeps a process from, by itself: no mount hides anything here."""

import errno
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.engine import landlock, linux
from autograder.engine.attempt import problem_of
from autograder.engine.landlock import Rule

pytestmark = pytest.mark.integration

ABI = landlock.abi()
DENIED = errno.EACCES


@dataclass(frozen=True)
class Places:
    """What is allowed to be used, to be read, and not at all."""

    own: Path
    library: Path
    secret: Path


@pytest.fixture
def places(tmp_path: Path) -> Places:
    found = Places(tmp_path / "own", tmp_path / "library", tmp_path / "secret")
    for folder in (found.own, found.library, found.secret):
        folder.mkdir()
        (folder / "file").write_text("text")
    shutil.copy("/bin/true", found.library / "program")
    shutil.copy("/bin/true", found.secret / "program")
    return found


def locked(places: Places, attempt: Callable[[], object], version: int = ABI) -> str:
    """What goes wrong when this is done behind the lock."""

    def behind() -> None:
        linux.forbid_new_privileges()
        rules = [Rule(str(places.own), landlock.OWN), Rule(str(places.library), landlock.RUN)]
        rules += [Rule("/usr", landlock.RUN), Rule("/lib64", landlock.RUN), Rule("/not there", landlock.RUN)]
        landlock.restrict([*rules, Rule("/dev/null", landlock.USE)], version)
        attempt()

    return problem_of(behind)


def run(program: Path) -> None:
    subprocess.run([program], check=True)


ALLOWED: dict[str, Callable[[Places], object]] = {
    "read its own file": lambda at: (at.own / "file").read_text(),
    "write it": lambda at: (at.own / "new").write_text("x"),
    "make a folder, a link and a pipe": lambda at: (
        (at.own / "a").mkdir(),
        (at.own / "b").symlink_to("file"),
        os.mkfifo(at.own / "c"),
    ),
    "move a file between its folders": lambda at: ((at.own / "d").mkdir(), (at.own / "file").rename(at.own / "d/e")),
    "remove it": lambda at: (at.own / "file").unlink(),
    "cut it off": lambda at: os.truncate(at.own / "file", 0),
    "read a library": lambda at: ((at.library / "file").read_text(), list(at.library.iterdir())),
    "run a program": lambda at: run(at.library / "program"),
    "write to nowhere": lambda _: Path("/dev/null").write_text("x"),
}
REFUSED: dict[str, Callable[[Places], object]] = {
    "read": lambda at: (at.secret / "file").read_text(),
    "list": lambda at: list(at.secret.iterdir()),
    "write": lambda at: (at.secret / "file").open("a"),
    "make a file": lambda at: (at.secret / "new").touch(),
    "make a folder": lambda at: (at.secret / "new").mkdir(),
    "make a link": lambda at: (at.secret / "new").symlink_to("file"),
    "remove": lambda at: (at.secret / "file").unlink(),
    "cut off": lambda at: os.truncate(at.secret / "file", 0),
    "run": lambda at: run(at.secret / "program"),
    "go through a link of one's own": lambda at: (
        (at.own / "link").symlink_to(at.secret / "file"),
        (at.own / "link").read_text(),
    ),
    "go through /proc": lambda at: Path(f"/proc/self/root{at.secret}/file").read_text(),
    "write to a library": lambda at: (at.library / "file").write_text("x"),
    "make a device": lambda at: os.mknod(at.own / "disk", 0o60666, os.makedev(8, 0)),
}


@pytest.mark.parametrize("what", ALLOWED)
def test_what_is_needed_is_allowed(places: Places, what: str) -> None:
    assert locked(places, lambda: ALLOWED[what](places)) == ""


@pytest.mark.parametrize("what", REFUSED)
def test_everything_else_is_refused(places: Places, what: str) -> None:
    assert f"[Errno {DENIED}]" in locked(places, lambda: REFUSED[what](places))


def test_a_secret_cannot_be_moved_or_linked_to_where_it_can_be_read(places: Places) -> None:
    for attempt in (os.rename, os.link):
        problem = locked(places, lambda attempt=attempt: attempt(places.secret / "file", places.own / "taken"))  # type: ignore[misc]
        assert problem.startswith((f"[Errno {DENIED}]", f"[Errno {errno.EXDEV}]"))


def test_the_lock_holds_for_all_that_is_started(places: Places) -> None:
    reader = [sys.executable, "-c", f"open({str(places.secret / 'file')!r})"]
    python = [Rule(str(Path(folder).resolve()), landlock.RUN) for folder in (sys.prefix, sys.base_prefix)]

    def start() -> None:
        linux.forbid_new_privileges()
        landlock.restrict([*python, Rule("/usr", landlock.RUN), Rule("/lib64", landlock.RUN)], ABI)
        done = subprocess.run(reader, capture_output=True, text=True, check=False)
        assert "PermissionError" in done.stderr, done
        assert done.returncode == 1

    assert problem_of(start) == ""


@pytest.fixture
def stranger() -> Iterator[int]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process.pid
        process.kill()


def test_nothing_outside_can_be_signalled(places: Places, stranger: int) -> None:
    assert f"[Errno {errno.EPERM}]" in locked(places, lambda: os.kill(stranger, 0))
    assert f"[Errno {errno.EPERM}]" in locked(places, lambda: os.kill(os.getppid(), 0))


def test_what_one_starts_can_be_signalled(places: Places) -> None:
    def stop() -> None:
        with subprocess.Popen(["/usr/bin/sleep", "60"]) as process:
            process.kill()
            assert process.wait() == -9

    assert locked(places, stop) == ""


def test_nothing_outside_can_be_reached_by_an_abstract_name(places: Places) -> None:
    with socket.socket(socket.AF_UNIX) as listening, socket.socket(socket.AF_UNIX) as one:
        listening.bind(f"\0test-{os.getpid()}")
        listening.listen()
        name = listening.getsockname()
        assert f"[Errno {errno.EPERM}]" in locked(places, lambda: one.connect(name))
        assert problem_of(lambda: one.connect(name)) == ""


def test_tcp_is_refused(places: Places) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()
        assert f"[Errno {DENIED}]" in locked(places, lambda: socket.create_connection(address))


@pytest.mark.parametrize("version", range(1, ABI + 1))
def test_an_older_kernel_still_keeps_files_away(places: Places, version: int) -> None:
    assert f"[Errno {DENIED}]" in locked(places, lambda: REFUSED["read"](places), version)
    assert locked(places, lambda: ALLOWED["read its own file"](places), version) == ""
    assert landlock.truncation(version) == (locked(places, lambda: REFUSED["cut off"](places), version) != "")
    outside = locked(places, lambda: os.kill(os.getppid(), 0), version)
    assert landlock.scopes(version) == (outside != "")


def test_a_kernel_without_it_says_so() -> None:
    code = "from autograder.engine import landlock; print(landlock.abi())"
    command = [sys.executable, "-m", "tests.autograder.poor_machine", "landlock", sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
