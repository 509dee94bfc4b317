"""What `coursewright doctor` says of machines that offer everything, something, and too little to grade."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.ordinary_user import UID, as_ordinary_user
from tests.autograder.poor_machine import on_poor_machine

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).parent / "coursewright"
USERS = ["root", "ordinary user"] if os.geteuid() == 0 else ["ordinary user"]
NAMESPACES = {f"{kind} namespace" for kind in ("mount", "pid", "net", "ipc", "uts")}
LAYERS = {
    *NAMESPACES,
    *("own user", "no capabilities", "no new privileges", "seccomp", "Landlock"),
    *("address space", "file size", "open files", "processes", "computing time", "memory of all processes", "clock"),
}


@contextmanager
def machine(user: str, lacking: str = "") -> Iterator[Any]:
    """A function that runs the program there."""
    with tempfile.TemporaryDirectory() as home:
        if os.geteuid() == 0 and user == "ordinary user":
            os.chown(home, UID, UID)

        def program(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
            command: list[str | Path] = [PROGRAM, *arguments]
            if lacking:
                command = on_poor_machine(lacking, command)
            command = ["env", f"TMPDIR={home}", f"HOME={home}", *command]
            if user == "ordinary user":
                command = [*as_ordinary_user(command)]
            return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

        yield program


def examined(user: str, lacking: str = "") -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit status, and what was found by name."""
    with machine(user, lacking) as program:
        done = program("doctor", "--json")
    assert done.stdout, done.stderr
    return done.returncode, {check["what"]: check for check in json.loads(done.stdout)["checks"]}


def missing(found: dict[str, dict[str, Any]]) -> set[str]:
    return {name for name, check in found.items() if not check["holds"]}


@pytest.mark.parametrize("user", USERS)
def test_every_layer_is_tried_and_holds_here(user: str) -> None:
    status, found = examined(user)
    assert not LAYERS - found.keys()
    assert missing(found) == (set() if user == "root" else {"own user"})
    assert status == 0
    assert found["locked in"]["detail"] == f"as {'root' if user == 'root' else 'an ordinary user'}"


@pytest.mark.parametrize("user", USERS)
def test_without_namespaces_landlock_is_enough_and_what_is_weaker_is_said(user: str) -> None:
    status, found = examined(user, "namespaces")
    assert missing(found) - {"own user"} == NAMESPACES
    assert status == 0
    assert not any(found[name]["needed"] for name in NAMESPACES)
    assert found["Landlock"]["needed"]
    assert "to mend it: run as root, or allow user namespaces" in found["mount namespace"]["detail"]
    assert "multiprocessing" in found["locked in"]["detail"]


def test_without_landlock_namespaces_are_enough() -> None:
    status, found = examined("ordinary user", "landlock")
    assert missing(found) - {"own user"} == {"Landlock"}
    assert status == 0
    assert "this kernel has no Landlock" in found["locked in"]["detail"]


def test_with_neither_grading_refuses_and_doctor_says_why(tmp_path: Path) -> None:
    status, found = examined("root", "namespaces,landlock")
    assert status == 1
    assert missing(found) == {*NAMESPACES, "Landlock", "locked in"}
    assert all(found[name]["needed"] for name in missing(found))

    (tmp_path / "source").mkdir()
    for folder in ("source", "submitted/ada"):
        shutil.copytree(ROOT / "courses/mpc/source/week01-practice", tmp_path / folder / "week01-practice")
    with machine("root", "namespaces,landlock") as program:
        done = program("grade", tmp_path, "week01-practice")
    assert (done.returncode, done.stdout) == (1, "")
    assert "does not let submissions be locked in (neither namespaces" in done.stderr
    assert not (tmp_path / "records").exists()


@pytest.mark.parametrize("lacking", ["seccomp", "namespaces,seccomp"])
def test_without_a_filter_of_system_calls_nothing_is_graded(lacking: str) -> None:
    command = [sys.executable, "-m", "tests.autograder.engine_driver"]
    done = subprocess.run(
        on_poor_machine(lacking, [*command]),
        cwd=ROOT,
        input='{"jobs": []}',
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "system calls cannot be filtered" in done.stderr
