"""Grading gives the same bytes however often, with however many workers, and chance is no exception."""

import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.batch import plan, run
from tests.autograder.light_class import course, everything, mixed

pytestmark = pytest.mark.integration

CHANCE = """import os, random, secrets, sys, tempfile, uuid
    import numpy as np
    pipe = os.pipe()
    if os.fork() == 0:
        os.write(pipe[1], os.urandom(8)); os._exit(0)
    print(os.read(pipe[0], 8).hex(), os.urandom(8).hex())
    print(random.random(), random.Random().random(), random.SystemRandom().random(), random.sample(range(99), 3))
    random.seed(); print(random.random())
    print(np.random.rand(), np.random.default_rng().random(), np.random.RandomState().rand())
    np.random.seed(); print(np.random.rand())
    print(np.random.PCG64().random_raw(), np.random.SeedSequence().entropy)
    print(uuid.uuid4(), secrets.token_hex(), secrets.choice(range(9)), os.getrandom(4).hex())
    print({"a", "b", "c", "d"}, f"hash{hash('a')}")
    print(tempfile.mkdtemp())
    return 2 * n"""
DRAWS = """import numpy as np, random
print(np.random.default_rng().random(), random.Random().random())
assert twice(2) == 4"""


def grade(root: Path, workers: int) -> dict[str, Any]:
    for result in run(plan(root, "ps"), workers=workers):
        assert result.record.score is not None, result.record
    return everything(root)


def drawn(root: Path, learner: str) -> tuple[list[str], list[str]]:
    """What the test printed before it called the answer, and what the answer printed: the long words."""
    notebook = nbformat.read(root / "autograded" / learner / "ps" / "p.ipynb", as_version=4)
    lines = "".join(output.get("text", "") for output in notebook.cells[2].outputs).splitlines()
    words = [[word for word in line.split() if len(word) > 7] for line in lines]
    return words[0], [word for line in words[1:] for word in line]


def copy(fresh: Path, name: str) -> Path:
    """A copy of the course in a folder of the same name, which is the course's id."""
    return Path(shutil.copytree(fresh, fresh.parents[1] / name / fresh.name))


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, Any]]:
    root = tmp_path_factory.mktemp("chance") / "fresh" / "course"
    fresh = course(root, {"ada": CHANCE, "ben": CHANCE, **mixed(6)}, DRAWS)
    one = copy(fresh, "one")
    return fresh, one, grade(one, 1)


@pytest.mark.parametrize("workers", [2, 8])
def test_any_number_of_workers_gives_the_same_bytes(
    graded_once: tuple[Path, Path, dict[str, Any]], workers: int
) -> None:
    fresh, _, expected = graded_once
    assert grade(copy(fresh, f"with-{workers}"), workers) == expected


def test_everybody_draws_something_else(graded_once: tuple[Path, Path, dict[str, Any]]) -> None:
    _, root, _ = graded_once
    (ada_test, ada), (ben_test, ben) = drawn(root, "ada"), drawn(root, "ben")
    assert len(ada) == len(ben) > 12
    assert {word[:4] for word in set(ada) & set(ben)} == {"hash"}
    assert set(ada_test).isdisjoint(ben_test)


def test_what_a_test_draws_is_not_what_an_answer_draws(graded_once: tuple[Path, Path, dict[str, Any]]) -> None:
    _, root, _ = graded_once
    test, answer = drawn(root, "ada")
    assert len(test) == 2
    assert len({*test, *answer}) == len(test) + len(answer), "nothing is drawn twice"
