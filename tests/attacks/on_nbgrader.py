"""Plays every attack against plain ``nbgrader autograde``, and prints which succeed there.

Each is played in a container of its own: namespaces without a network, an unprivileged user, a small file system in
memory, limits on processes, memory and time. There nbgrader finds a course of its own, in which the attack is handed in
before an honest submission. An attack succeeds if it gains a mark over its wrong answer, reads a secret, gets where a
submission should not, changes files outside its folder, leaves a process or a file behind, or keeps the honest
submission from its marks. That its own submission stays without a grade is told, and is no success.

``python -m tests.attacks.on_nbgrader [--page FILE] [NAME ...]``; as root, or where user namespaces are allowed.
"""

import fcntl
import io
import json
import os
import platform
import resource
import signal
import socket
import sqlite3
import struct
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO

from autograder.engine import linux
from tests.attacks.attack import FULL_MARKS, WRONG_MARKS, Attack, load_attacks
from tests.attacks.scene import REACHED, SECRETS, Graded, Scene, grade, laid_out, lay_out, outputs_of
from tests.autograder.ordinary_user import UID, cover_private_folders

SECONDS = 90.0  # for one batch of two submissions; without an attack it takes about 5
CONFIG = """c = get_config()
c.Execute.timeout = 6
c.Execute.interrupt_on_timeout = True
"""
_ROOT = os.geteuid() == 0
_NAMESPACES = linux.CLONE_NEWNS | linux.CLONE_NEWPID | linux.CLONE_NEWNET | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS
_MIB = 1 << 20


@dataclass(frozen=True)
class Result:
    """What became of one attack."""

    attack: Attack
    success: str = ""  # what it gained
    note: str = ""


# in the container ----------------------------------------------------------------------------------------------------


def play(attack: Attack, course: bytes) -> dict[str, str]:
    """Hand the attack in, run nbgrader, and look at what came of it."""
    folder = Path("/tmp/attack")
    with tarfile.open(fileobj=io.BytesIO(course)) as archive:
        archive.extractall(folder, filter="data")
    with laid_out(folder) as made:
        (made.root / "nbgrader_config.py").write_text(CONFIG)
        made.hand_in(attack, "attack")
        command = [sys.executable, "-m", "nbgrader", "autograde", "ps"]
        graded = grade(made, command, seconds=SECONDS)
        successes = list(_successes(made, graded))
        note = "" if _marks(made, "attack") else "without a grade"
    return {"success": "; ".join(successes), "note": note}


def _successes(made: Scene, graded: Graded) -> Iterator[str]:
    marks, honest = _marks(made, "attack"), _marks(made, "honest")
    gained = sum(max(0.0, mark - WRONG_MARKS[name]) for name, mark in marks.items())
    if gained:
        yield f"gains {gained:g} points"
    said = outputs_of(graded, "attack") + "".join(_files_beside(graded))
    places = sorted({secret.split("-")[1] for secret in SECRETS if secret in said})
    if places:
        yield f"reads secrets ({', '.join(places)})"
    if REACHED in said or made.callers:
        yield "gets out"
    if _manual_marks(made):
        yield "writes to the gradebook"
    if any(_is_anothers(Path(path), made) for path in graded.changed):
        yield "changes files"
    if graded.left:
        yield "leaves files"
    if graded.survivors and graded.status is not None:
        yield "leaves processes"
    if graded.status is None:
        yield "never lets the batch end"
    elif honest != FULL_MARKS:
        yield "spoils the batch for others"


def _is_anothers(path: Path, made: Scene) -> bool:
    """Whether a file that changed is one that nbgrader itself does not write."""
    folders = [made.root / name for name in ("source", "submitted", "release", "keys")]
    return any(path.is_relative_to(folder) for folder in (*folders, made.home / ".ssh"))


def _files_beside(graded: Graded) -> Iterator[str]:
    """What lies beside the executed notebook; that one holds the hidden tests, as it must."""
    folder = graded.executed.get("attack")
    for path in folder.rglob("*") if folder else ():
        if path.is_file() and path.name != "ps.ipynb" and path.stat().st_size < _MIB:
            yield path.read_text(errors="replace")


def _rows(made: Scene, query: str, *values: str) -> list[tuple[str, float | None]]:
    with closing(sqlite3.connect(made.root / "gradebook.db")) as connection:
        return connection.execute(query, values).fetchall()


_GRADES = """
FROM grade JOIN base_cell ON base_cell.id = grade.cell_id
JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id"""


def _marks(made: Scene, learner: str) -> dict[str, float]:
    rows = _rows(made, f"SELECT base_cell.name, auto_score {_GRADES} WHERE student_id = ?", learner)
    return {name: mark for name, mark in rows if name in WRONG_MARKS and mark is not None}


def _manual_marks(made: Scene) -> list[tuple[str, float | None]]:
    return _rows(made, f"SELECT base_cell.name, manual_score {_GRADES} WHERE manual_score > 0")


# the container -------------------------------------------------------------------------------------------------------


def _furnish() -> None:
    """Make the machine's files unchangeable, give the container a file system and a network of its own."""
    if _ROOT:
        cover_private_folders()
    else:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{_UID} {_UID} 1"), ("gid_map", f"{_GID} {_GID} 1")):
            Path("/proc/self", name).write_text(text)
        linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    for place in ("/tmp", "/var/tmp", "/dev/shm"):
        linux.mount("tmpfs", place, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=1777,size=600m,nr_inodes=60000")
    linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:  # kernels are spoken to over the loopback interface
        request = struct.pack("16sH14s", b"lo", 0x1 | 0x40, b"")  # up, running
        fcntl.ioctl(one, 0x8914, request)  # SIOCSIFFLAGS
    if _ROOT:
        linux.empty_bounding_set()
        os.setgroups([])
        os.setresgid(UID, UID, UID)
        os.setresuid(UID, UID, UID)
    linux.drop_capabilities()
    linux.forbid_new_privileges()
    for limit, most in (
        (resource.RLIMIT_AS, 3072 * _MIB),
        (resource.RLIMIT_NPROC, 150),
        (resource.RLIMIT_FSIZE, 256 * _MIB),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


_UID, _GID = os.geteuid(), os.getegid()


def contain(attack: Attack, course: bytes, output: int) -> int:
    """Start to play an attack in a container; what came of it goes to a file, as JSON.

    Returns:
        The process id of the container's first process, with which all others end.
    """
    child = linux.fork_into(_NAMESPACES if _ROOT else _NAMESPACES | linux.CLONE_NEWUSER)
    if child == 0:
        try:
            linux.die_with_parent(signal.SIGKILL)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            _furnish()
            os.chdir("/tmp")
            os.write(output, json.dumps(play(attack, course)).encode())
        finally:
            os._exit(0)
    return child


# the table -----------------------------------------------------------------------------------------------------------


@dataclass
class _Running:
    attack: Attack
    output: IO[bytes]
    deadline: float


def results(attacks: Sequence[Attack], at_a_time: int) -> Iterator[Result]:
    """What becomes of the attacks on nbgrader, as each comes to its end."""
    course = _course()
    waiting = [attack for attack in attacks if not attack.harms]
    running: dict[int, _Running] = {}
    yield from (Result(attack, note=f"not played: {attack.harms}") for attack in attacks if attack.harms)
    while waiting or running:
        while waiting and len(running) < at_a_time:
            attack, output = waiting.pop(0), tempfile.TemporaryFile()  # noqa: SIM115 - closed when it was read
            child = contain(attack, course, output.fileno())
            running[child] = _Running(attack, output, time.monotonic() + 2 * SECONDS)
        ended, _ = os.waitpid(-1, os.WNOHANG)
        if ended in running:
            yield _result(running.pop(ended))
        else:
            time.sleep(0.05)
        for child, one in running.items():
            if one.deadline < time.monotonic():
                os.kill(child, signal.SIGKILL)


def _course() -> bytes:
    """The course, laid out, as an archive: each container unpacks its own."""
    with tempfile.TemporaryDirectory() as folder, io.BytesIO() as file:
        lay_out(Path(folder))
        with tarfile.open(fileobj=file, mode="w") as archive:
            archive.add(folder, ".")
        return file.getvalue()


def _result(one: _Running) -> Result:
    with one.output as output:
        output.seek(0)
        text = output.read()
    return Result(one.attack, **json.loads(text)) if text else Result(one.attack, success="never lets the batch end")


def table(results: list[Result]) -> Iterator[str]:
    """The lines of the table, in Markdown."""
    played = [one for one in results if not one.attack.harms]
    successes = sum(bool(one.success) for one in played)
    machine = f"nbgrader {version('nbgrader')}, IPython {version('ipython')}, Python {platform.python_version()}"
    yield f"{machine}, {time.strftime('%Y-%m-%d')}: {successes} of {len(played)} attacks succeed."
    yield ""
    for group in dict.fromkeys(one.attack.group for one in results):
        yield from (f"| {group}: an attack that … | on nbgrader |", "|---|---|")
        for one in results:
            if one.attack.group == group:
                told = one.success or ("fails" if not one.note else "")
                yield f"| {one.attack.tries} | {', '.join(part for part in (told, one.note) if part)} |"
        yield ""


MARK = "<!-- `make attacks PAGE=docs/attacks.md` writes what follows -->\n"


def main(arguments: Sequence[str]) -> None:
    """Play the attacks that are named, or all, and print the table, or write it into a page behind the mark."""
    page = Path(arguments[1]) if arguments[:1] == ["--page"] else None
    names = arguments[2:] if page else arguments
    attacks = [attack for attack in load_attacks() if not names or attack.name in names]
    order = [attack.name for attack in attacks]
    found = []
    for one in results(attacks, len(os.sched_getaffinity(0))):
        found.append(one)
        sys.stderr.write(f"{one.attack.group}/{one.attack.name}: {one.success or 'fails'} {one.note}\n")
    found.sort(key=lambda one: order.index(one.attack.name))
    text = "\n".join(table(found)).rstrip() + "\n"
    if page:
        page.write_text(page.read_text().partition(MARK)[0] + MARK + "\n" + text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main(sys.argv[1:])
