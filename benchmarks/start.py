"""What it takes until ``coursewright --help`` has answered, next to an interpreter that does nothing."""

import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

BIN = Path(sys.executable).parent
TIMES = 15


def median_seconds(*command: str) -> float:
    """The median wall clock of a few runs, in seconds."""
    seconds = []
    for _ in range(TIMES):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def main() -> None:
    """Print the two figures."""
    print(f"{platform.machine()}, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}")
    print(f"python -c pass        {median_seconds(sys.executable, '-c', 'pass'):.3f} s")
    print(f"coursewright --help   {median_seconds(str(BIN / 'coursewright'), '--help'):.3f} s")


if __name__ == "__main__":
    main()
