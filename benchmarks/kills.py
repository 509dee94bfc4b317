"""A batch that is killed: ``coursewright grade`` gets SIGKILL at 100 random moments, and what it ends with is compared.

The command runs as a person runs it, with the sandbox on. A batch is killed four times, each time at a moment drawn
from the length of an undisturbed one, and started again; then it may end. ``tests/autograder/random_kills.py`` says
what must be true: nothing is graded again that was recorded; records, executed notebooks and the gradebook's rows are
those of an undisturbed batch; no process and no temporary file is left.
"""

import os
import platform
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.autograder.light_class import course, everything, mixed
from tests.autograder.random_kills import disturb, finish, moments

KILLS = int(os.environ.get("KILLS", "100"))
IN_A_BATCH = 4
LEARNERS = 24
SEED = 20261124


def main() -> None:
    """Print what became of the batches."""
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        fresh = course(folder / "fresh" / "course", mixed(LEARNERS))
        undisturbed = Path(shutil.copytree(fresh, folder / "undisturbed" / "course"))
        length = finish(undisturbed, folder)
        expected = everything(undisturbed)
        killed = batches = saved = 0
        while killed < KILLS:
            kills, records = disturb(
                fresh, folder / "killed" / "course", expected, moments(chance, length, min(IN_A_BATCH, KILLS - killed))
            )
            killed, batches, saved = killed + kills, batches + 1, saved + records
    print(f"{platform.machine()}, {os.cpu_count()} processors, {time.strftime('%Y-%m-%d')}, seed {SEED}")
    print(f"undisturbed, {LEARNERS} submissions take {length:.1f} s; {batches} batches were killed {killed} times")
    print(f"{saved} of their {batches * LEARNERS} records were there before the last start, and none was graded again")
    print("every batch ended with the same records, executed notebooks and gradebook; no process was left")


if __name__ == "__main__":
    main()
