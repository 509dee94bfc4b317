"""A course in Bash, with a kernel that others wrote, graded here and by nbgrader itself."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat
import pytest

from authoring.errors import CoursewrightError
from autograder.kernels.specs import find, kernel_name
from tests.autograder import notebooks as make
from tests.autograder.nbgrader_oracle import nbgrader, rows
from tests.autograder.poor_machine import on_poor_machine

pytestmark = pytest.mark.integration

BASH = {"name": "bash", "display_name": "Bash", "language": "bash"}
SOLUTION = "### BEGIN SOLUTION\nadd() { echo $(($1 + $2)); }\n### END SOLUTION"
HIDDEN = '### BEGIN HIDDEN TESTS\ntest -z "$(add 1 1 2>&1 >/dev/null)"\n### END HIDDEN TESTS'
TESTS = {"t_adds": "test $(add 2 3) -eq 5", "t_negative": "test $(add 4 -3) -eq 1", "t_quiet": HIDDEN}

# What learners hand in: those whose names begin with h are honest.
ANSWERS = {
    "h-right": "add() { echo $(($1 + $2)); }",
    "h-half": "add() { echo $(($1 + ${2#-})); }",
    "h-wrong": "add() { echo 0; }",
    "h-empty": "",
    "sleeps": "add() { test $2 = 3 && sleep 60; echo $(($1 + $2)); }",
    "deaf": "add() { trap '' INT; while true; do :; done; }\nadd 1 1",
    "dies": "add() { kill -9 $PPID; sleep 60; }\nadd 1 1",
    "curious": "add() { echo $(($1 + $2)); }\nls -d COURSE /etc/passwd; (echo > /dev/tcp/192.0.2.1/80); id -u",
}


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in which Jupyter finds the kernel, whose program lies where no course and no library is."""
    root = tmp_path_factory.mktemp("jupyter")
    program = root / "installed/bin/bash-kernel"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m bash_kernel "$@"\n')
    program.chmod(0o755)
    folder = root / "kernels/bash"
    folder.mkdir(parents=True)
    command = [str(program), "-f", "{connection_file}"]
    (folder / "kernel.json").write_text(json.dumps({"argv": command, "display_name": "Bash", "language": "bash"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(root))
        yield root


def in_bash(*cells: Any) -> Any:
    made = make.notebook(*cells)
    made.metadata["kernelspec"] = BASH
    made.metadata["language_info"] = {"name": "bash"}
    return made


def coursewright(root: Path, *arguments: str, lacking: str = "") -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [Path(sys.executable).parent / "coursewright", *arguments]
    return subprocess.run(
        on_poor_machine(lacking, command) if lacking else command,
        cwd=Path(__file__).parents[2] if lacking else root,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="module")
def course(jupyter: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain nbgrader course with an assignment in Bash, and what was handed in."""
    root = tmp_path_factory.mktemp("course")
    config = "c = get_config()\nc.Execute.timeout = 4\nc.ClearSolutions.code_stub = {'bash': '# answer'}\n"
    (root / "nbgrader_config.py").write_text(config)
    tests = [make.check(name, text, 2) for name, text in TESTS.items()]
    make.write(root / "source/ps/nb.ipynb", in_bash(make.solution("s", SOLUTION), *tests))
    nbgrader(root, "generate_assignment", "ps")
    for learner, answer in ANSWERS.items():
        text = answer.replace("COURSE", str(root))
        make.submit(root, learner, "ps", {"nb.ipynb": make.answer(root / "release/ps/nb.ipynb", {"s": text})})
    return root


@pytest.fixture(scope="module")
def records(course: Path) -> dict[str, dict[str, Any]]:
    """The records of all, by learner."""
    done = coursewright(course, "grade", ".", "ps", "--json")
    assert done.stdout, done.stderr
    return {record["learner"]: record for record in json.loads(done.stdout)["records"]}


def scores(record: dict[str, Any]) -> list[float]:
    return [cell["score"] for cell in record["cells"]]


def outcomes(record: dict[str, Any]) -> list[str]:
    return [cell["outcome"] for cell in record["cells"]]


def test_the_scores_are_nbgraders_cell_by_cell(course: Path, records: dict[str, dict[str, Any]]) -> None:
    query = """SELECT student_id, base_cell.name, auto_score FROM grade
        JOIN base_cell ON cell_id = base_cell.id JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
        JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
        WHERE student_id LIKE 'h-%' ORDER BY 1, 2"""
    ours = rows(course, query)
    with closing(sqlite3.connect(course / "gradebook.db")) as gradebook, gradebook:
        gradebook.execute("UPDATE grade SET auto_score = -1")  # so that what is there afterwards is nbgrader's
    nbgrader(course, "autograde", "ps", "--student", "h-*", "--force")
    assert rows(course, query) == ours
    assert len(ours) == 12
    assert {score for _, _, score in ours} == {0.0, 2.0}, "the answers tell the tests apart"
    assert scores(records["h-right"]) == [2, 2, 2]
    assert scores(records["h-half"]) == [2, 0, 2]


def test_tests_run_with_the_answers_and_records_say_so(records: dict[str, dict[str, Any]]) -> None:
    assert {cell["isolation"] for record in records.values() for cell in record["cells"]} == {"shared"}


def test_a_test_that_takes_too_long_is_interrupted_and_the_next_one_counts(records: dict[str, dict[str, Any]]) -> None:
    assert outcomes(records["sleeps"]) == ["timeout", "passed", "passed"]
    assert "longer than is allowed" in records["sleeps"]["cells"][0]["message"]


@pytest.mark.parametrize(
    ("learner", "problem"),
    [("deaf", "the cell could not be interrupted after 4 s"), ("dies", "the process ended itself")],
)
def test_what_was_not_reached_says_so(records: dict[str, dict[str, Any]], learner: str, problem: str) -> None:
    record = records[learner]
    assert outcomes(record) == ["not_run"] * 3
    assert record["score"] == 0
    assert [finding["rule"] for finding in record["findings"]] == ["stopped"]
    assert problem in record["findings"][0]["message"]


def test_the_kernel_is_locked_in(course: Path, records: dict[str, dict[str, Any]]) -> None:
    assert outcomes(records["curious"]) == ["passed"] * 3
    executed = nbformat.read(course / "autograded/curious/ps/nb.ipynb", as_version=4)
    seen = "".join(output.get("text", "") for cell in executed.cells for output in cell.get("outputs", ()))
    assert f"cannot access '{course}'" in seen
    assert "cannot access '/etc/passwd'" in seen
    assert "192.0.2.1" in seen
    assert "Network is unreachable" in seen
    (uid,) = [line for line in seen.splitlines() if line.strip().isdigit()]
    assert int(uid) == os.geteuid() if os.geteuid() else int(uid) >= 60_000


def test_regrading_finds_the_kernel_too(course: Path, records: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    shutil.copytree(course, tmp_path / "course")
    for learner in sorted(records.keys() - {"h-half"}):
        shutil.rmtree(tmp_path / "course/submitted" / learner)
    path = tmp_path / "course/source/ps/nb.ipynb"
    path.write_text(path.read_text().replace("$(add 4 -3) -eq 1", "$(add 4 -3) -eq 7"))
    done = coursewright(tmp_path / "course", "regrade", ".", "ps", "--json")
    assert done.returncode == 0, done.stderr
    (change,) = json.loads(done.stdout)["learners"]
    assert (change["before"]["score"], change["after"]["score"]) == (4.0, 6.0)


def test_a_kernel_that_is_not_installed_is_named(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", "/nowhere")
    with pytest.raises(CoursewrightError, match="ask for the kernel bash, which is not installed here"):
        find("bash")
    done = coursewright(course, "grade", ".", "ps", "--force")
    assert done.returncode == 1
    assert "ask for the kernel bash, which is not installed here" in done.stderr


def test_where_a_kernel_cannot_be_locked_in_grading_refuses(course: Path, jupyter: Path) -> None:
    done = coursewright(course, "grade", str(course), "ps", "--force", lacking="namespaces")
    assert done.returncode == 1
    assert "the kernel bash can only be locked in where there are namespaces" in done.stderr


@pytest.mark.parametrize(
    ("spec", "language", "name"),
    [
        ({"name": "python3", "language": "python"}, {}, None),
        ({"name": "my-environment"}, {}, None),
        ({}, {}, None),
        ({"name": "ir", "language": "R"}, {}, "ir"),
        ({"name": "julia-1.10"}, {"name": "julia"}, "julia-1.10"),
    ],
)
def test_the_language_tells_whether_a_notebook_needs_another_kernel(
    spec: dict[str, str], language: dict[str, str], name: str | None
) -> None:
    made = make.notebook()
    made.metadata.update(kernelspec=spec, language_info=language)
    assert kernel_name(nbformat.from_dict(made)) == name


@pytest.mark.parametrize(
    ("program", "folder"),
    [
        ("julia/bin/julia", "julia"),
        ("home/julia/bin/julia", "home/julia"),
        ("home/bin/kernel", "home/bin"),
        ("home/.local/bin/kernel", "home/.local/bin"),
        ("home/kernel", None),
    ],
)
def test_a_kernel_brings_its_own_folder_into_the_jail_and_never_a_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, folder: str | None
) -> None:
    path = tmp_path / program
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh")
    path.chmod(0o755)
    spec = {"argv": [str(path)], "display_name": "", "language": "x", "env": {"HOMES": str(tmp_path / "home")}}
    make_spec = tmp_path / "jupyter/kernels/x"
    make_spec.mkdir(parents=True)
    (make_spec / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    (tmp_path / "home").mkdir(exist_ok=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert find("x").folders == (() if folder is None else (str(tmp_path / folder),))
