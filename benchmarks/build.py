"""Student versions: ``nbgrader generate_assignment`` against ``coursewright build``, on copies of the sample course.

Both commands are run as a person runs them, start-up included; the last line is what an assignment costs when a whole
course is built at once.
"""

import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BIN = Path(sys.executable).parent
COURSE = Path(__file__).resolve().parents[1] / "courses" / "mpc"


def seconds(*command: str) -> float:
    """How long a command takes, in seconds of wall clock."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Print the table."""
    assignments = sorted(folder.name for folder in (COURSE / "source").iterdir() if folder.is_dir())
    with tempfile.TemporaryDirectory() as temporary:
        theirs, ours = Path(temporary) / "nbgrader", Path(temporary) / "coursewright"
        for folder in (theirs, ours):
            shutil.copytree(COURSE, folder, ignore=shutil.ignore_patterns("release", "gradebook.db"))
        print(f"{platform.machine()}, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}")
        print(f"{'assignment':24}{'nbgrader':>10}{'coursewright':>14}{'ratio':>8}")
        for name in assignments:
            root = f"--CourseDirectory.root={theirs}"
            nbgrader = seconds(str(BIN / "nbgrader"), "generate_assignment", name, root)
            coursewright = seconds(str(BIN / "coursewright"), "build", str(ours), name)
            print(f"{name:24}{nbgrader:9.2f}s{coursewright:13.2f}s{nbgrader / coursewright:8.1f}")
        whole = seconds(str(BIN / "coursewright"), "build", str(ours))
        print(f"the whole course at once: {whole:.2f} s, {whole / len(assignments):.2f} s an assignment")


if __name__ == "__main__":
    main()
