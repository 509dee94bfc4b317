"""Runs a command and reports, as JSON: how it ended, what it printed, and which processes outlived it.

The first argument is for how many seconds it may run. Whatever the command leaves behind, even in a session of its own,
becomes a child of this process.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.engine import linux


def children() -> list[int]:
    """The processes that are children of this one."""
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def main() -> None:
    """Run the command in the arguments."""
    seconds, *command = sys.argv[1:]
    linux.adopt_orphans()
    survivors = []
    with tempfile.TemporaryFile() as printed:  # a pipe would stay open as long as any survivor holds it
        try:
            status = subprocess.run(command, stdout=printed, timeout=float(seconds), check=False).returncode
        except subprocess.TimeoutExpired:
            status = None
        while found := children():
            for pid in found:
                survivors.append(Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        printed.seek(0)
        output = printed.read().decode("utf-8", "replace")
    json.dump({"status": status, "output": output, "survivors": survivors}, sys.stdout)


if __name__ == "__main__":
    main()
