"""``coursewright grade`` killed at random moments, as it runs on a person's machine, and what must be true of it."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.autograder.light_class import everything

Marks = dict[str, tuple[int, ...]]


def start(root: Path, scratch: Path) -> "subprocess.Popen[bytes]":
    """A batch in a session of its own, with its temporary files in ``scratch``."""
    command = [sys.executable, "-m", "coursewright", "grade", str(root), "ps", "--workers", "2", "--json"]
    environment = {**os.environ, "TMPDIR": str(scratch)}
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True, env=environment)


def finish(root: Path, scratch: Path) -> float:
    """Let a batch come to its end; the seconds that it took."""
    began = time.perf_counter()
    status = start(root, scratch).wait()
    assert status == 0, f"the batch ended with {status}"
    return time.perf_counter() - began


def kill(root: Path, scratch: Path, seconds: float) -> bool:
    """Start the batch and kill it after so many seconds; whether it was still running."""
    grader = start(root, scratch)
    try:
        grader.wait(seconds)
    except subprocess.TimeoutExpired:
        grader.send_signal(signal.SIGKILL)
        grader.wait()
        end = time.monotonic() + 30
        while survivors(grader.pid):
            assert time.monotonic() < end, "processes of a killed batch are left"
            time.sleep(0.01)
        return True
    return False


def survivors(session: int) -> list[int]:
    """The processes of a session that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, leader = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:  # it ended meanwhile
            continue
        if int(leader) == session and state != "Z":
            found.append(int(path.parent.name))
    return found


def marks(root: Path) -> Marks:
    """What tells by learner whether a record and its executed notebooks were written again: inodes, and the time."""
    found = {}
    for path in (root / "records" / "ps").glob("*/[!.]*.json"):
        record, executed = path.stat(), root / "autograded" / path.parent.name / "ps"
        found[path.parent.name] = (
            record.st_ino,
            record.st_mtime_ns,
            executed.stat().st_ino if executed.is_dir() else 0,
        )
    return found


def assert_untouched(before: Marks, after: Marks) -> None:
    """Nothing that was recorded was graded again; notebooks that were not in their place yet may be there now."""
    for learner, (inode, moment, notebooks) in before.items():
        assert after[learner][:2] == (inode, moment), f"{learner} was recorded, and graded again"
        assert notebooks in {0, after[learner][2]}, f"{learner} was recorded, and graded again"


def disturb(fresh: Path, root: Path, expected: dict[str, Any], moments: list[float]) -> tuple[int, int]:
    """Kill one batch at the moments, each from the start of a new attempt, then let it end, and compare.

    Args:
        fresh: a course that waits to be graded.
        root: where to do it; its name is the course's.
        expected: what an undisturbed batch leaves.
        moments: seconds.

    Returns:
        The number of kills that came before the batch's end, and of records that survived them.
    """
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(fresh, root)
    scratch = root.with_name("scratch")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    killed, before = 0, marks(root)
    for seconds in moments:
        killed += kill(root, scratch, seconds)
        after = marks(root)
        assert_untouched(before, after)
        before = after
    finish(root, scratch)
    assert_untouched(before, marks(root))
    assert everything(root) == expected, "the batch ended with other bytes"
    leftovers = [path for path in scratch.iterdir() if not path.name.startswith("coursewright-root-")]
    assert leftovers == [], "more than empty folders is left in the folder for temporary files"
    return killed, len(before)


def moments(chance: random.Random, length: float, number: int) -> list[float]:
    """Random moments of a batch of that length."""
    return [chance.uniform(0, length) for _ in range(number)]
