"""A course under attack: with secrets in all places that a submission must not see, and with honest neighbours."""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from authoring import nbgrader_api
from authoring.build import build
from tests.attacks import builders
from tests.attacks.attack import Attack
from tests.autograder.notebooks import answer, submit

VICTIM = Path(__file__).parent / "victim"
ROOT = Path(__file__).parents[2]
LEFT = "kanarie-left"  # in the names of all files that attacks try to leave somewhere
REACHED = "kanarie-reached"  # what attacks print when they have got where they should not
HONEST = {
    "s_mean": "def mean(values):\n    return sum(values) / len(values)",
    "s_primes": "def primes(limit):\n    return [n for n in range(2, limit) if all(n % d for d in range(2, n))]",
    "s_total": "def total(path):\n    return float(np.loadtxt(path, delimiter=',', skiprows=1, usecols=1).sum())",
    "s_clip": "def clip(values, low, high):\n    return [min(max(value, low), high) for value in values]",
}


def secret(place: str) -> str:
    """What is hidden in a place; attacks know how secrets begin, and nothing more."""
    return f"kanarie-{place}-{hashlib.sha256(place.encode()).hexdigest()[:12]}"


SECRETS = tuple(secret(place) for place in ("solution", "hidden", "gradebook", "key", "home", "neighbour", "variable"))


@dataclass
class Scene:
    """The course, and what listens around it."""

    root: Path  # the course's folder
    home: Path  # of whoever grades
    known: dict[str, str] = field(default_factory=dict)  # what attackers are granted to know
    callers: list[str] = field(default_factory=list)  # who got through to what listens here

    @property
    def student(self) -> NotebookNode:
        """The student version."""
        made: NotebookNode = nbformat.read(self.root / "release/ps/ps.ipynb", as_version=nbformat.NO_CONVERT)
        return made

    def hand_in_honestly(self, learner: str) -> None:
        """A right answer, with a secret in its free text."""
        texts = {**HONEST, "m_why": secret("neighbour")}
        submit(self.root, learner, "ps", {"ps.ipynb": answer(self.root / "release/ps/ps.ipynb", texts)})

    def hand_in(self, attack: Attack, learner: str) -> None:
        """What the attack hands in."""
        notebook = attack.hand_in(self.student, self.known)
        folder = submit(self.root, learner, "ps", {"ps.ipynb": notebook, **dict(attack.files(self.known))})
        if attack.build:
            getattr(builders, attack.build)(folder, self.root)

    def environment(self) -> dict[str, str]:
        """The variables of whoever grades."""
        own = {"HOME": str(self.home), "TMPDIR": str(self.home / "tmp"), "EXAM_KEY": secret("variable")}
        return {**os.environ, "PYTHONPATH": str(ROOT), **own}


@contextmanager
def scene(folder: Path, limits: Mapping[str, float] | None = None) -> Iterator[Scene]:
    """A course below ``folder``, with limits that differ from the victim's own."""
    lay_out(folder, limits)
    with laid_out(folder) as made:
        yield made


def lay_out(folder: Path, limits: Mapping[str, float] | None = None) -> None:
    """Put the course below a folder, with all its secrets, and one honest submission."""
    made = Scene(folder / "course", folder / "home")
    shutil.copytree(VICTIM, made.root)
    description = made.root / "course.toml"
    own = limits or {}
    lines = [
        f"{name} = {own[name]}" if (name := line.split(" ")[0]) in own else line
        for line in description.read_text().splitlines()
    ]
    description.write_text("\n".join(lines))
    notebook = made.root / "source/ps/ps.ipynb"
    text = notebook.read_text().replace("SECRET-IN-THE-SOLUTION", secret("solution"))
    notebook.write_text(text.replace("SECRET-IN-A-HIDDEN-TEST", secret("hidden")))
    (made.root / "keys").mkdir()
    (made.root / "keys/signing.pem").write_text(secret("key"))
    (made.home / ".ssh").mkdir(parents=True)
    (made.home / "tmp").mkdir()
    (made.home / ".ssh/id_ed25519").write_text(secret("home"))
    list(build(made.root))
    with nbgrader_api.gradebook(nbgrader_api.open_course(made.root)) as gradebook:
        gradebook.add_student("zoe", first_name=secret("gradebook"))
    made.hand_in_honestly("honest")


@contextmanager
def laid_out(folder: Path) -> Iterator[Scene]:
    """The course that was laid out below a folder, with somebody who listens around it."""
    made = Scene(folder / "course", folder / "home")
    with _listening(made):
        yield made


@contextmanager
def _listening(scene: Scene) -> Iterator[None]:
    """Places where a submission that reaches the network is noticed."""
    name = f"kanarie-{os.getpid()}-{id(scene)}"
    with (
        socket.socket() as tcp,
        socket.socket(type=socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        for one in (tcp, udp):
            one.bind(("127.0.0.1", 0))
        abstract.bind(f"\0{name}")
        for one in (tcp, abstract):
            one.listen()
            threading.Thread(target=_accept, args=(one, scene), daemon=True).start()
        threading.Thread(target=_receive, args=(udp, scene), daemon=True).start()
        scene.known |= {
            "COURSE": str(scene.root),
            "HOME": str(scene.home),
            "TCP": str(tcp.getsockname()[1]),
            "UDP": str(udp.getsockname()[1]),
            "ABSTRACT": name,
            "GRADER": str(os.getpid()),
            "LEFT": LEFT,
            "REACHED": '" "-'.join(REACHED.split("-")),  # in two pieces, since tracebacks show the attack's text
            "PACKAGE": str(ROOT),
            "PREFIX": sys.prefix,
        }
        yield
        for one in (tcp, udp, abstract):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits on it


def _accept(one: socket.socket, scene: Scene) -> None:
    while True:
        try:
            connection, _ = one.accept()
        except OSError:
            return
        scene.callers.append(str(one.family))
        connection.close()


def _receive(one: socket.socket, scene: Scene) -> None:
    try:
        while one.recv(100):
            scene.callers.append("udp")
    except OSError:
        return


@dataclass(frozen=True)
class Graded:
    """What a batch left."""

    status: int | None  # None if it did not come to an end
    output: str  # what the command printed
    survivors: list[str]  # processes that outlived it
    changed: list[str]  # files of the course and of the home that changed, and must not
    left: list[str]  # files that attacks left somewhere
    records: dict[str, bytes]  # by learner
    executed: dict[str, Path]  # by learner: the folder with the executed notebook


def grade(scene: Scene, command: Sequence[str] = (), *, seconds: float = 600.0) -> Graded:
    """Grade everybody as a person does: strictly isolated, or by another command, which finds the course around it."""
    before = _contents(scene)
    own = [sys.executable, "-m", "coursewright", "grade", ".", "ps", "--workers", "2", "--json"]
    overseer = [sys.executable, "-m", "tests.attacks.overseer", str(seconds), *(command or own)]
    done = subprocess.run(
        overseer,
        env=scene.environment(),
        cwd=scene.root,
        capture_output=True,
        text=True,
        timeout=2 * seconds,
        check=False,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    after = _contents(scene)
    records = (scene.root / "records/ps").glob("*/*.json")
    return Graded(
        status=report["status"],
        output=report["output"] + done.stderr,
        survivors=report["survivors"],
        changed=sorted(name for name in before | after if before.get(name) != after.get(name)),
        left=_left(scene),
        records={path.parent.name: path.read_bytes() for path in records},
        executed={path.parent.name: path for path in (scene.root / "autograded").glob("*/ps")},
    )


def outputs_of(graded: Graded, learner: str) -> str:
    """All that an executed notebook shows, but not the errors of tests: those quote the tests."""
    path = graded.executed[learner] / "ps.ipynb" if learner in graded.executed else None
    if path is None or not path.is_file():
        return ""
    shown = []
    for cell in json.loads(path.read_text())["cells"]:
        is_test = cell["metadata"].get("nbgrader", {}).get("grade_id", "").startswith("t_")
        shown += [one for one in cell.get("outputs", ()) if not (is_test and one["output_type"] == "error")]
    return json.dumps(shown)


_WRITTEN = ("records", "autograded", "gradebook.db", ".coursewright")  # by grading, below the course


def _contents(scene: Scene) -> dict[str, str]:
    """The files that a batch must leave alone, by path: what they hold, or what else they are."""
    found = {}
    for top in (scene.root, scene.home):
        for folder, folders, names in os.walk(top):
            if Path(folder) == scene.root:
                folders[:] = [name for name in folders if name not in _WRITTEN]
            for name in (*folders, *names):
                path = Path(folder, name)
                if path.parent != scene.root or name not in _WRITTEN:
                    found[str(path)] = _content(path)
    return found


def _content(path: Path) -> str:
    if path.is_symlink():
        return f"link to {path.readlink()}"
    mode = path.stat().st_mode
    if path.is_file() and path.stat().st_size < 1 << 20:
        return f"{mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    return f"{mode:o} {path.stat().st_size if path.is_file() else ''}"


def _left(scene: Scene) -> list[str]:
    """Files with the mark of attacks, where they would be found by a later submission."""
    packages = Path(nbformat.__file__).parents[1]
    places = [Path(f"/{name}") for name in ("", "tmp", "var/tmp", "dev/shm", "dev/mqueue", "run")]
    places += [
        packages,
        Path(sys.prefix),
        Path(sys.prefix, "bin"),
        Path(os.__file__).parent,
        ROOT,
        scene.home,
    ]
    places += [
        ROOT / "autograder",
        ROOT / "autograder/engine",
        scene.home / "tmp",
        scene.root,
        scene.root / "source/ps",
    ]
    return sorted(str(path) for place in places if place.is_dir() for path in place.glob(f"*{LEFT}*"))
