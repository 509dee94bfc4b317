"""What the command says of a regrade."""

import shutil
from pathlib import Path

import pytest

from coursewright.regrade_text import histogram
from tests.autograder.small_course import grade, hand_in, make_course, write_source
from tests.coursewright.conftest import Run


@pytest.mark.parametrize(
    ("differences", "rows"),
    [
        ([], []),
        ([0.0, 0.0, -2.0], [(-2.0, -2.0, 1), (0.0, 0.0, 2)]),
        ([float(n) for n in range(-10, 11)], [(-10 + 2 * n, -8 + 2 * n, 2) for n in range(10)] + [(10, 12, 1)]),
        ([n / 100 for n in range(20)], [(n / 50, (n + 1) / 50, 2) for n in range(10)]),
    ],
)
def test_differences_are_counted_each_or_in_steps_of_a_round_width(differences, rows) -> None:
    assert histogram(differences) == [pytest.approx(row) for row in rows]
    assert sum(number for *_, number in histogram(differences)) == len(differences)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_course(tmp_path_factory.mktemp("small") / "small")
    for learner, source in {"ada": "x = 2", "ben": "x = 3", "cleo": "x = 0"}.items():
        hand_in(root, learner, source)
    grade(root)
    return root


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    shutil.copytree(graded, tmp_path / "course")
    return tmp_path / "course"


@pytest.mark.integration
def test_people_see_learners_tests_and_a_histogram_and_programs_the_same(course: Path, run: Run) -> None:
    assert run("regrade", course, "ps").out.endswith("3 keep their score.\nNothing would change.\n")
    write_source(course, "assert x == 3")
    said = run("regrade", course, "ps")
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert "ada 7.0 0.0 -7 t 7 to 0 (AssertionError)" in lines
    assert "nb: t 7 1 1 1 2.33 2.33" in lines
    assert "+7 ######################################## 1" in lines
    assert "3 submissions compared: 1 gain points, 1 lose points, 1 keep their score." in lines
    assert lines[-1] == "Nothing was kept. To keep exactly this: the same command with --apply --reason WHY."
    data = run("regrade", course, "ps", "--json").json
    assert data["summary"] == {"compared": 3, "gain": 1, "lose": 1, "same": 1, "other": 0}
    assert data["applied"] is False
    assert {one["learner"]: one["difference"] for one in data["learners"]} == {"ada": -7.0, "ben": 7.0, "cleo": 0.0}
    assert data["histogram"] == [
        {"from": -7.0, "learners": 1, "to": -7.0},
        {"from": 0.0, "learners": 1, "to": 0.0},
        {"from": 7.0, "learners": 1, "to": 7.0},
    ]
    refused = run("regrade", course, "ps", "--apply")
    assert (refused.status, "say with --reason why grades change" in refused.err) == (1, True)
    kept = run("regrade", course, "ps", "--apply", "--reason", "the test was wrong")
    assert "The new grades are kept." in kept.out
    assert [one["score"] for one in run("grade", course, "ps", "--json").json["records"]] == [0.0, 7.0, 0.0]
