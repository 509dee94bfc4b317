"""A batch that is killed goes on where it was, and ends with the bytes of one that nobody disturbed."""

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from authoring.errors import CoursewrightError
from autograder.batch import plan, run
from autograder.sole import sole
from tests.autograder.light_class import course, everything, mixed
from tests.autograder.random_kills import disturb, finish, moments

ROOT = Path(__file__).parents[2]


@pytest.mark.integration
def test_killed_at_every_step_that_it_takes_on_disk_it_ends_the_same(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.autograder.kill_points", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    scenarios = json.loads(done.stdout)
    assert {name: found["problems"] for name, found in scenarios.items() if found["problems"]} == {}
    assert list(scenarios) == ["plan", "first", "handed in again", "forced"]
    assert sum(found["kills"] for found in scenarios.values()) > 120
    assert {"open", "os.rename", "shutil.rmtree", "before_cursor_execute", "commit"} <= scenarios["first"][
        "steps"
    ].keys()


@pytest.mark.integration
def test_killed_at_random_it_ends_the_same_and_leaves_no_process(tmp_path: Path) -> None:
    fresh = course(tmp_path / "fresh" / "course", mixed(12))
    undisturbed = Path(shutil.copytree(fresh, tmp_path / "undisturbed" / "course"))
    length = finish(undisturbed, tmp_path)
    chance = random.Random(3)
    killed, _ = disturb(fresh, tmp_path / "killed" / "course", everything(undisturbed), moments(chance, length, 5))
    assert killed > 0


@pytest.mark.integration
def test_two_batches_of_an_assignment_do_not_run_at_the_same_time(tmp_path: Path) -> None:
    root = course(tmp_path / "course", mixed(2))
    first = run(plan(root, "ps"), workers=1)
    next(first)
    with pytest.raises(CoursewrightError, match=r"locks/ps is locked: process \d+ on .* is grading ps; wait until"):
        next(run(plan(root, "ps"), workers=1))
    assert len(list(first)) == 1
    assert all(result.reused for result in run(plan(root, "ps"), workers=1))


def test_a_lock_is_gone_with_who_held_it_and_its_file_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "lock"
    with sole(path, "counting"), pytest.raises(CoursewrightError, match="is counting"), sole(path, "counting"):
        pass
    assert path.exists()
    with sole(path, "counting"):
        pass
