"""Memory: the peak of a batch of 10,000 light submissions against that of 1,000, with the table and the JSON printed.

``coursewright grade`` runs as a person runs it, with the sandbox on. Measured are the peak of resident memory of the
command, and the peak of the warm process that it starts; both must stay within 1.2 times. One submission in ten is
handed in again before a second run, in which the others are reused.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.autograder.light_class import course, hand_in

SMALL, LARGE = (int(number) for number in os.environ.get("SIZES", "1000,10000").split(","))
MOST = 1.2
MIB = 1024


def a_class(root: Path, size: int) -> Path:
    """A course in which so many have handed in."""
    course(root, {"l00000": "return 2 * n  # 0"})
    released = (root / "submitted" / "l00000" / "ps" / "p.ipynb").read_text()
    for number in range(1, size):
        folder = root / "submitted" / f"l{number:05}" / "ps"
        folder.mkdir(parents=True)
        (folder / "p.ipynb").write_text(released.replace("# 0", f"# {number}"))
    return root


def status(pid: int, key: str) -> int:
    """A size of a process in KiB, such as VmHWM, the peak of its resident memory; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{key}:")), 0)


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def peaks(root: Path, *options: str) -> tuple[int, int, float]:
    """The peaks of the command and of its warm process in KiB, and the seconds that the batch took."""
    command = [str(Path(sys.executable).parent / "coursewright"), "grade", str(root), "ps", "--workers", "2", *options]
    began = time.perf_counter()
    with tempfile.TemporaryFile() as printed:
        grader = subprocess.Popen(command, stdout=printed)
        ours = warm = 0
        while grader.poll() is None:
            ours = max(ours, status(grader.pid, "VmHWM"))
            warm = max([warm, *(status(child, "VmHWM") for child in children(grader.pid))])
            time.sleep(0.05)
        assert grader.returncode == 0, "the batch failed"
        if "--json" in options:
            printed.seek(0)
            assert len(json.load(printed)["records"]) == len(list((root / "submitted").iterdir()))
    return ours, warm, time.perf_counter() - began


def main() -> None:
    """Print the table, and fail if memory grows."""
    print(f"{platform.machine()}, {os.cpu_count()} processors, {time.strftime('%Y-%m-%d')}; peaks in MiB")
    print(f"{'submissions':>12}{'run':>16}{'command':>10}{'warm':>8}{'seconds':>10}")
    found: dict[str, list[tuple[int, int]]] = {}
    for size in (SMALL, LARGE):
        with tempfile.TemporaryDirectory() as temporary:
            root = a_class(Path(temporary) / "course", size)
            for run, options in (("first", ("--json",)), ("again", ())):
                ours, warm, seconds = peaks(root, *options)
                found.setdefault(run, []).append((ours, warm))
                print(f"{size:12}{run:>16}{ours / MIB:10.0f}{warm / MIB:8.0f}{seconds:10.1f}", flush=True)
                for number in range(0, size, 10):
                    hand_in(root, f"l{number:05}", f"return n  # {number}")
    for run, ((ours, warm), (more_ours, more_warm)) in found.items():
        print(f"{run}: {more_ours / ours:.2f} times for the command, {more_warm / warm:.2f} times for the warm process")
        assert more_ours <= MOST * ours, "the command's memory grows with the class"
        assert more_warm <= MOST * warm, "the warm process's memory grows with the class"


if __name__ == "__main__":
    main()
