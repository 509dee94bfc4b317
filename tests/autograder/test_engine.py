"""Each way in which a submission can end, as root and as an ordinary user, without namespaces, and without a jail."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.ordinary_user import UID, as_ordinary_user
from tests.autograder.poor_machine import on_poor_machine

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
MARK = "86399"  # seconds; what is left behind is recognised by it
BLOCKED = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))\nwhile True: pass"
WRITE = """import os, stat
for number in range(3, 64):
    try:
        if stat.S_ISSOCK(os.fstat(number).st_mode):
            os.write(number, {})
    except OSError:
        pass"""

# in four processes
TOGETHER = """
import os, time
for number in range(3):
    if not os.fork():
        break
{}"""

# name -> cells, limits
JOBS: dict[str, tuple[list[str], dict[str, float]]] = {
    "ok": (["x = 20", "x + 1", "print(x); x / 8"], {}),
    "error": (["1 / 0", "def f(:", "2"], {}),
    "interrupted": (["while True: pass", "1"], {"cell_seconds": 1}),
    "swallows": (["while True:\n    try:\n        while True: pass\n    except: pass", "1"], {"cell_seconds": 1}),
    "uninterruptible": (["7", BLOCKED, "1"], {"cell_seconds": 0.5}),
    "stays in C": (["7", "sum(range(10**15))", "1"], {"cell_seconds": 0.5}),
    "slow": (["import time; time.sleep(0.8)"] * 5, {"submission_seconds": 2}),
    "computes": (["while True: pass", "1"], {"cpu_seconds": 1, "cell_seconds": 50}),
    "exits": (["1", "import os; os._exit(0)", "2"], {}),
    "crashes": (["import ctypes; ctypes.string_at(0)", "1"], {}),
    "memory": (["x = bytearray(1 << 40)", "1"], {}),
    "file": (["open('big', 'wb').write(bytes(8 << 20))", "1"], {}),
    "files": (["for n in range(9): open(str(n), 'wb').write(bytes(1 << 20))", "1"], {}),
    "forks": ([f"import os, time\nwhile True:\n    if not os.fork(): time.sleep({MARK})", "1"], {}),
    "together": (
        [TOGETHER.format("x = bytearray(b'x') * (80 << 20); time.sleep(60)")],
        {"total_memory_bytes": 150 << 20},
    ),
    "computes together": ([TOGETHER.format("while True: pass"), "1"], {"cpu_seconds": 2, "cell_seconds": 50}),
    "many files": (["for n in range(2000): open(str(n), 'w').close()", "1"], {}),
    "full": (["for n in range(9): open(str(n), 'wb').write(bytes(1 << 20))\nimport time; time.sleep(60)"], {}),
    "opens": (["[open('/dev/null') for n in range(200)]", "1"], {}),
    "floods": (["while True: print('x' * 999)", "0.5"], {"cell_seconds": 1}),
    "asks": (["input('name? ')", "1"], {}),
    "interrupts itself": (["raise KeyboardInterrupt", "raise SystemExit(3)", "exit()", "1"], {}),
    "copies itself": (["import os\npid = os.fork()", "print('once')", "pid > 0"], {}),
    "leaves a thread": (
        [f"import threading, time; threading.Thread(target=time.sleep, args=[{MARK}]).start()", "1"],
        {},
    ),
    "leaves a process": ([f"import subprocess; p = subprocess.Popen(['sleep', '{MARK}'])", "1"], {}),
    "leaves a session": (
        [f"import subprocess; p = subprocess.Popen(['sleep', '{MARK}'], start_new_session=True, close_fds=False)", "1"],
        {},
    ),
    "prints past python": (["import os; a = os.write(1, b'one'), os.write(2, b'two')", "!echo three", "1"], {}),
    "closes all": (["import os; os.closerange(0, 64)", "1"], {}),
    "talks nonsense": ([WRITE.format(r"b'\0\0\0\4nope'"), "1"], {}),
    "talks without end": ([WRITE.format(r"b'\xff' * 99"), "1"], {}),
    "outgrows its folder": (["1"], {"disk_bytes": 1 << 20}),
    "has no cells": ([], {}),
}
UNSTOPPED = {"files", "forks", "together", "computes together", "many files", "full"}  # without a jail
FILES = {"outgrows its folder": {"data.bin": "x" * (3 << 20)}}


def ask(command: list[str | Path], jobs: object, **settings: object) -> dict[str, dict[str, Any]]:
    done = subprocess.run(
        command,
        cwd=ROOT,
        input=json.dumps({"jobs": jobs, **settings}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)  # and nothing else is printed
    return found


class Setting:
    """What was run, and what it left behind."""

    def __init__(self, name: str, folder: Path) -> None:
        command: list[str | Path] = ["env", f"TMPDIR={folder}", f"HOME={folder}", "MPLCONFIGDIR="]
        command += [sys.executable, "-m", "tests.autograder.engine_driver"]
        if name == "no namespaces":
            command = on_poor_machine("namespaces", command)
        if name in {"ordinary user", "no namespaces"}:
            command = [*as_ordinary_user(command)]
        self.isolated = name != "no jail"
        self.namespaces = name in {"root", "ordinary user"}
        jobs = [
            {"key": key, "cells": cells, "limits": limits, "files": FILES.get(key, {})}
            for key, (cells, limits) in JOBS.items()
            if self.isolated or key not in UNSTOPPED
        ]
        self.runs = ask(command, jobs, isolated=self.isolated, workers=4)
        self.left = sorted(path.name for path in folder.iterdir() if not path.name.startswith(".cache"))
        self.alive = [text for path in Path("/proc").glob("[0-9]*/cmdline") if MARK in (text := _read(path))]

    def outcome(self, name: str) -> tuple[str, int | None, list[str], list[float | None]]:
        """How it ended, the cell that was running, and status and value of those that ran."""
        run = self.runs[name]
        cells = run["cells"]
        return run["end"], run["interrupted"], [c["error"] or c["status"] for c in cells], [c["value"] for c in cells]

    def problem(self, name: str) -> str:
        return str(self.runs[name]["problem"])

    def text(self, name: str, cell: int) -> str:
        return "".join(output.get("text", "") for output in self.runs[name]["cells"][cell]["outputs"])


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it ended meanwhile
        return ""


SETTINGS = [*(["root"] if os.geteuid() == 0 else []), "ordinary user", "no namespaces", "no jail"]


@pytest.fixture(scope="module", params=SETTINGS)
def setting(request: pytest.FixtureRequest) -> Iterator[Setting]:
    folder = Path(tempfile.mkdtemp())
    if os.geteuid() == 0:
        os.chown(folder, UID if request.param in {"ordinary user", "no namespaces"} else 0, 0)
    yield Setting(request.param, folder)
    shutil.rmtree(folder)


def test_cells_run_in_one_namespace_and_their_values_come_back(setting: Setting) -> None:
    assert setting.outcome("ok") == ("done", None, ["ok"] * 3, [None, 21, 2.5])
    assert setting.text("ok", 2) == "20\n"


def test_an_error_ends_its_own_cell_alone(setting: Setting) -> None:
    assert setting.outcome("error") == ("done", None, ["ZeroDivisionError", "SyntaxError", "ok"], [None, None, 2])


@pytest.mark.parametrize("name", ["interrupted", "swallows"])
def test_a_cell_whose_time_is_over_is_interrupted_and_the_next_one_runs(setting: Setting, name: str) -> None:
    assert setting.outcome(name) == ("done", None, ["CellTimeoutError", "ok"], [None, 1])
    assert setting.runs[name]["cells"][0]["status"] == "timeout"


@pytest.mark.parametrize("name", ["uninterruptible", "stays in C"])
def test_a_cell_that_cannot_be_interrupted_is_killed_and_nothing_runs_after_it(setting: Setting, name: str) -> None:
    assert setting.outcome(name) == ("timeout", 1, ["ok"], [7])
    assert setting.problem(name) == "the cell could not be interrupted after 0.5 s, and was stopped"


def test_many_short_cells_may_not_take_longer_than_the_submission(setting: Setting) -> None:
    assert setting.outcome("slow")[:2] == ("timeout", 2)
    assert setting.problem("slow") == "the submission took longer than 2 s, and was stopped"


def test_computing_time_is_limited_too(setting: Setting) -> None:
    assert setting.outcome("computes") == ("cpu", 0, [], [])
    assert setting.problem("computes") == "the submission used more than 1 s of computing time, and was stopped"


def test_a_process_that_ends_itself_or_crashes_is_said_to(setting: Setting) -> None:
    assert setting.outcome("exits") == ("died", 1, ["ok"], [1])
    assert setting.problem("exits") == "the process ended itself (exit status 0) while the cell ran"
    assert setting.outcome("crashes") == ("died", 0, [], [])
    assert setting.problem("crashes") == "the process crashed (SIGSEGV) while the cell ran"


def test_memory_and_the_size_of_a_file_are_limited(setting: Setting) -> None:
    assert setting.outcome("memory") == ("done", None, ["MemoryError", "ok"], [None, 1])
    assert setting.outcome("file") == ("done", None, ["OSError", "ok"], [None, 1])


def test_disk_and_processes_are_limited_by_the_jail(setting: Setting) -> None:
    if setting.namespaces:
        assert setting.outcome("files") == ("done", None, ["OSError", "ok"], [None, 1])
        assert setting.outcome("many files") == ("done", None, ["OSError", "ok"], [None, 1])
    if setting.isolated:
        assert setting.outcome("forks") == ("done", None, ["BlockingIOError", "ok"], [None, 1])


def test_without_namespaces_a_folder_that_is_too_full_ends_the_submission(setting: Setting) -> None:
    if setting.isolated and not setting.namespaces:
        assert setting.outcome("full") == ("excess", 0, [], [])
        assert setting.problem("full") == "the submission used more than 4 MiB of disk, and was stopped"


def test_open_files_are_limited(setting: Setting) -> None:
    assert setting.outcome("opens") == ("done", None, ["OSError", "ok"], [None, 1])


def test_what_all_processes_use_together_is_limited_by_the_jail(setting: Setting) -> None:
    if setting.isolated:
        assert setting.outcome("together") == ("excess", 0, [], [])
        assert setting.problem("together") == "the submission used more than 150 MiB of memory, and was stopped"
        assert setting.outcome("computes together")[:2] == ("cpu", 0)


def test_a_flood_of_output_is_cut_and_a_value_after_it_kept(setting: Setting) -> None:
    assert setting.outcome("floods") == ("done", None, ["CellTimeoutError", "ok"], [None, 0.5])
    assert 90_000 < len(setting.text("floods", 0)) < 110_000
    assert setting.text("floods", 0).endswith("[more output than is allowed; the rest was left out]\n")
    (value,) = setting.runs["floods"]["cells"][1]["outputs"]
    assert value["data"] == {"text/plain": "0.5"}


def test_nobody_answers_a_question(setting: Setting) -> None:
    assert setting.outcome("asks") == ("done", None, ["RuntimeError", "ok"], [None, 1])


def test_leaving_ends_the_cell_alone(setting: Setting) -> None:
    errors = ["KeyboardInterrupt", "SystemExit", "SystemExit", "ok"]
    assert setting.outcome("interrupts itself") == ("done", None, errors, [None, None, None, 1])


def test_a_copy_of_the_process_ends_with_the_cell_that_made_it(setting: Setting) -> None:
    assert setting.outcome("copies itself")[:2] == ("done", None)
    assert setting.text("copies itself", 1) == "once\n"


@pytest.mark.parametrize("what", ["thread", "process", "session"])
def test_what_is_left_running_holds_nobody_up(setting: Setting, what: str) -> None:
    refused = what == "session" and setting.isolated and not setting.namespaces  # it would get away
    first = "PermissionError" if refused else "ok"
    assert setting.outcome(f"leaves a {what}") == ("done", None, [first, "ok"], [None, 1])


def test_nothing_survives_and_no_file_is_left(setting: Setting) -> None:
    assert setting.alive == []
    assert setting.left == []


def test_what_programs_print_is_an_output_and_never_the_graders(setting: Setting) -> None:
    assert setting.text("prints past python", 0) == "onetwo"
    assert setting.text("prints past python", 1).strip() == "three"


@pytest.mark.parametrize("name", ["closes all", "talks nonsense", "talks without end"])
def test_a_submission_that_cuts_or_abuses_the_line_is_stopped(setting: Setting, name: str) -> None:
    end, interrupted, _, values = setting.outcome(name)
    assert end in {"died", "lied"}
    assert (interrupted, values) == (0, [])
    assert setting.problem(name)


def test_a_submission_that_does_not_fit_is_not_started(setting: Setting) -> None:
    end, _, _, values = setting.outcome("outgrows its folder")
    assert (end, values) == ("unstarted", [])
    assert "may need more than the 1 MiB" in setting.problem("outgrows its folder")


def test_nothing_to_run_is_done(setting: Setting) -> None:
    assert setting.outcome("has no cells") == ("done", None, [], [])


def test_a_job_whose_processes_are_there_ahead_waits_for_its_turn() -> None:
    clock = "import time\ntime.monotonic()"
    jobs = [{"key": str(number), "cells": [clock, clock]} for number in range(5)]
    runs = ask([sys.executable, "-m", "tests.autograder.engine_driver"], jobs, workers=1)
    times = [cell["value"] for number in range(5) for cell in runs[str(number)]["cells"]]
    assert times == sorted(times)  # none began before the one before it was over


def test_a_job_that_waits_behind_one_that_was_killed_runs() -> None:
    jobs = [{"key": name, "cells": JOBS[name][0], "limits": JOBS[name][1]} for name in ("uninterruptible", "ok")]
    runs = ask([sys.executable, "-m", "tests.autograder.engine_driver"], jobs, workers=1)
    assert [runs[name]["end"] for name in ("uninterruptible", "ok")] == ["timeout", "done"]
