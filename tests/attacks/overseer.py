"""Runs a command and reports, as JSON: how it ended, what it printed, and which processes outlived it.

Whatever the command leaves behind, even in a session of its own, becomes a child of this process.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from autograder.engine import linux


def children() -> list[int]:
    """The processes that are children of this one."""
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def main() -> None:
    """Run the command in the arguments."""
    linux.adopt_orphans()
    done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True, errors="replace", check=False)
    survivors = []
    while found := children():
        for pid in found:
            survivors.append(Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    json.dump({"status": done.returncode, "output": done.stdout, "survivors": survivors}, sys.stdout)


if __name__ == "__main__":
    main()
