"""A batch that is killed: ``coursewright grade`` gets SIGKILL at 100 random moments, and what it ends with is compared.

The command is run as a person runs it, with the sandbox on. A batch is killed four times, each time at a moment drawn
from the length of an undisturbed one, and started again; then it may end. For every kill the records that were there
must still be there, untouched, when it is over: nothing that was recorded is graded again. In the end the records, the
executed notebooks and the gradebook's rows must be those of a batch that nobody disturbed, and no process may be left.
"""

import os
import platform
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.autograder.light_class import course, everything, mixed  # noqa: E402

KILLS = int(os.environ.get("KILLS", "100"))
A_BATCH = 4  # kills of one batch before it may end
LEARNERS = 24
SEED = 20261124


def start(root: Path) -> "subprocess.Popen[bytes]":
    """A batch in a session of its own."""
    command = [str(Path(sys.executable).parent / "coursewright"), "grade", str(root), "ps", "--workers", "2", "--json"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)


def finish(root: Path) -> float:
    """Let a batch come to its end; the seconds that it took."""
    began = time.perf_counter()
    status = start(root).wait()
    assert status == 0, f"the batch ended with {status}"
    return time.perf_counter() - began


def marks(root: Path) -> dict[str, tuple[int, ...]]:
    """What tells whether a record, or the notebooks that belong to it, were written again: inodes and times."""
    found = {}
    for path in (root / "records" / "ps").glob("*/[!.]*.json"):
        record, executed = path.stat(), root / "autograded" / path.parent.name / "ps"
        notebooks = executed.stat().st_ino if executed.is_dir() else 0
        found[path.parent.name] = (record.st_ino, record.st_mtime_ns, notebooks)
    return found


def survivors(session: int) -> list[int]:
    """The processes of a session that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, leader = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(leader) == session and state != "Z":
            found.append(int(path.parent.name))
    return found


def kill(root: Path, seconds: float) -> bool:
    """Start the batch and kill it after so many seconds; whether it was still running."""
    grader = start(root)
    try:
        grader.wait(seconds)
    except subprocess.TimeoutExpired:
        grader.send_signal(signal.SIGKILL)
        grader.wait()
        end = time.monotonic() + 10
        while survivors(grader.pid):
            assert time.monotonic() < end, "processes of a killed batch are left"
            time.sleep(0.01)
        return True
    return False


def main() -> None:
    """Print what became of the batches."""
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory() as temporary:
        fresh = course(Path(temporary) / "fresh" / "course", mixed(LEARNERS))
        root = Path(temporary) / "killed" / "course"
        undisturbed = Path(shutil.copytree(fresh, Path(temporary) / "undisturbed" / "course"))
        length = finish(undisturbed)
        expected = everything(undisturbed)
        killed = batches = kept = 0
        while killed < KILLS:
            shutil.rmtree(root, ignore_errors=True)
            shutil.copytree(fresh, root)
            before: dict[str, tuple[int, ...]] = {}
            for _ in range(A_BATCH):
                killed += kill(root, chance.uniform(0, length))
                now = marks(root)
                for learner, mark in before.items():
                    # notebooks that had not been put in their place before the kill may be now
                    assert now[learner][:2] == mark[:2], f"{learner} was recorded, and graded again"
                    assert mark[2] in {0, now[learner][2]}, f"{learner} was recorded, and graded again"
                before = now
                kept = max(kept, len(now))
            finish(root)
            for learner, mark in before.items():
                assert marks(root)[learner][:2] == mark[:2], f"{learner} was recorded, and graded again"
            assert everything(root) == expected, "the batch ended with other bytes"
            batches += 1
        print(f"{platform.machine()}, {os.cpu_count()} processors, {time.strftime('%Y-%m-%d')}, seed {SEED}")
        print(
            f"one batch of {LEARNERS}: {length:.1f} s; {batches} batches, {killed} kills, at most {kept} records saved"
        )
        print("the same bytes every time, nothing graded again that was recorded, no process left")


if __name__ == "__main__":
    main()
