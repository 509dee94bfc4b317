"""A class at a time: every promise of the samples, the same bytes whatever happens, and nothing that stops a batch."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from nbformat.notebooknode import NotebookNode

from authoring.build import build
from authoring.samples import SampleAnswer, answered, load_samples
from autograder.batch import plan, run
from autograder.record import CellOutcome, GradeRecord, Outcome, read_records, to_json
from tests.autograder import notebooks as make
from tests.autograder.nbgrader_oracle import graded

pytestmark = pytest.mark.integration

MPC = Path(__file__).parents[2] / "courses" / "mpc"

# Sample answers that get other marks than they deserve, with the reason; none at present.
NOT_YET: dict[str, str] = {}


def grade(root: Path, assignment: str, *, workers: int = 2, force: bool = False) -> dict[str, GradeRecord]:
    """Grade everybody, and give the records by learner."""
    results = run(plan(root, assignment), workers=workers, force=force)
    return {result.record.learner: result.record for result in results}


def files(folder: Path) -> dict[str, bytes]:
    """Everything below a folder, by relative path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# The sample course ---------------------------------------------------------------------------------------------------


def every_sample(root: Path, assignment: str) -> dict[str, tuple[SampleAnswer, dict[str, float]]]:
    """A submission for each sample answer, all other answers being right: the marks that it is promised."""
    student = make.answer(root / "release" / assignment / "problem-set.ipynb", {})
    samples = load_samples(root, assignment)
    right = {sample.cell: sample for sample in samples if sample.name == "right"}
    promised = {}
    for sample in (samples[0], *(sample for sample in samples if sample.name != "right")):
        chosen = {**right, sample.cell: sample}
        learner = f"{sample.cell}.{sample.name}"
        make.submit(root, learner, assignment, {"problem-set.ipynb": answered(student, chosen.values())})
        promised[learner] = sample, {name: mark for one in chosen.values() for name, mark in one.marks.items()}
    return promised


@pytest.fixture(scope="module", params=["week01-problem-set", "week02-problem-set"])
def samples(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    root = tmp_path_factory.mktemp("mpc") / "mpc"
    shutil.copytree(MPC, root, ignore=shutil.ignore_patterns("release", "gradebook.db", ".*"))
    description = (root / "course.toml").read_text()
    quicker, places = re.subn(r"^cell_seconds = .*$", "cell_seconds = 4.0", description, flags=re.MULTILINE)
    assert places == 1
    (root / "course.toml").write_text(quicker)
    assert [version.assignment for version in build(root, [request.param])] == [request.param]
    promised = every_sample(root, request.param)
    return root, request.param, promised, grade(root, request.param)


def test_every_sample_answer_gets_the_marks_that_it_is_promised(samples: Any) -> None:
    _, _, promised, records = samples
    wrong = {}
    for learner, (_, marks) in promised.items():
        tests = {cell.grade_id: cell.score for cell in records[learner].cells if cell.kind.value == "test"}
        expected = {name: mark for name, mark in marks.items() if name in tests}
        if tests != expected:
            wrong[learner] = {name: (tests[name], expected[name]) for name in tests if tests[name] != expected[name]}
    assert {learner: found for learner, found in wrong.items() if learner not in NOT_YET} == {}
    assert set(NOT_YET) <= set(wrong) | (set(NOT_YET) - set(promised)), "take it off the list: it is mended"


def test_free_text_waits_for_a_person_and_nothing_else_does(samples: Any) -> None:
    _, _, promised, records = samples
    for learner in promised:
        waiting = {cell.grade_id for cell in records[learner].cells if cell.score is None}
        assert all(name.startswith("m_") for name in waiting), learner


def test_no_test_ran_where_the_learner_could_reach_it(samples: Any) -> None:
    _, _, _, records = samples
    places = {cell.isolation.value for record in records.values() for cell in record.cells if cell.kind.value == "test"}
    assert places == {"examiner"}


def test_what_became_of_crashes_and_endless_loops_is_said(samples: Any) -> None:
    _, _, promised, records = samples
    for learner, (sample, _) in promised.items():
        outcomes = {cell.outcome for cell in records[learner].cells}
        if sample.name == "endless":
            assert CellOutcome.TIMEOUT in outcomes, learner
        if sample.name == "hostile-exits":
            assert any(finding.rule == "stopped" for finding in records[learner].findings), learner


def test_an_honest_submission_has_no_finding(samples: Any) -> None:
    _, _, promised, records = samples
    findings = {
        learner: records[learner].findings
        for learner, (sample, _) in promised.items()
        if not sample.name.startswith(("hostile", "endless", "crashes"))
    }
    assert {learner: found for learner, found in findings.items() if found} == {}


def test_the_bytes_are_the_same_with_one_worker_and_the_second_time(samples: Any) -> None:
    root, assignment, promised, _ = samples
    before, rows = files(root / "records"), graded(root)
    assert len(before) > 20
    some = sorted(promised)[::8]  # the small course below is graded again as a whole
    assert {result.reused for result in run(plan(root, assignment, learners=some), workers=1, force=True)} == {False}
    assert files(root / "records") == before
    assert graded(root) == rows


# A small course that knows nothing of us -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two notebooks, two tests and an essay."""
    root = tmp_path_factory.mktemp("small") / "small"
    body = "### BEGIN SOLUTION\nx = 2\n### END SOLUTION"
    first = make.notebook(make.solution("s", body), make.check("t", "assert x == 2", 2), make.essay("e"))
    make.write(root / "source/ps/first.ipynb", first)
    second = make.notebook(make.solution("s", body), make.check("t", "min(x, 2) / 2", 1))
    make.write(root / "source/ps/second.ipynb", second)
    (root / "source/ps/data").mkdir()
    (root / "source/ps/data/numbers.csv").write_text("1\n")
    list(build(root))
    return root


def handed_in(root: Path, learner: str, source: str = "x = 2", **others: bytes) -> Path:
    notebooks: dict[str, NotebookNode | bytes] = {
        name: make.answer(root / "release/ps" / name, {"s": source}) for name in ("first.ipynb", "second.ipynb")
    }
    return make.submit(root, learner, "ps", {**notebooks, **others})


@pytest.fixture
def course(small: Path, tmp_path: Path) -> Path:
    shutil.copytree(small, tmp_path / "course")
    return tmp_path / "course"


def coursewright(*arguments: object, status: int = 0, **settings: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "coursewright", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **settings)
    assert done.returncode == status, done.stdout + done.stderr
    return done


NOTEBOOK = b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": %s}'
OLD = b"""{"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": [
{"cell_type": "code", "input": "x = 2", "language": "python", "outputs": [], "collapsed": false}]}]}"""

# what is handed in as first.ipynb -> the outcome, the score if there is one, and the rules of the findings
BROKEN: dict[str, tuple[bytes, Outcome, float | None, set[str]]] = {
    "empty file": (b"", Outcome.FAILED, None, {"unreadable-notebook"}),
    "no json": (b"{", Outcome.FAILED, None, {"unreadable-notebook"}),
    "half a file": (NOTEBOOK[:30], Outcome.FAILED, None, {"unreadable-notebook"}),
    "a list": (b"[]", Outcome.FAILED, None, {"unreadable-notebook"}),
    "no notebook": (b'{"a": 1}', Outcome.FAILED, None, {"unreadable-notebook"}),
    "no text": (b"\xff\xfe\x00", Outcome.FAILED, None, {"unreadable-notebook"}),
    "deep": (b"[" * 100_000, Outcome.FAILED, None, {"unreadable-notebook"}),
    "no cells": (NOTEBOOK % b"7", Outcome.FAILED, None, {"unreadable-notebook"}),
    "odd cells": (NOTEBOOK % b'[{"cell_type": 1}]', Outcome.FAILED, None, {"unreadable-notebook"}),
    "format 5": (NOTEBOOK.replace(b"4", b"5", 1) % b"[]", Outcome.FAILED, None, {"unreadable-notebook"}),
    "format 3, without grade ids": (OLD, Outcome.FAILED, None, {"unreadable-notebook"}),
    "nothing in it": (NOTEBOOK % b"[]", Outcome.FAILED, None, {"unreadable-notebook"}),
}


def test_no_broken_notebook_stops_the_others_and_each_has_a_record(course: Path) -> None:
    for number, (data, *_) in enumerate(BROKEN.values()):
        handed_in(course, f"b{number:02}", **{"first.ipynb": data})
    handed_in(course, "ada")
    records = grade(course, "ps")
    assert (records["ada"].outcome, records["ada"].score, records["ada"].findings) == (Outcome.GRADED, 3.0, ())
    for number, (name, (_, outcome, score, rules)) in enumerate(BROKEN.items()):
        record = records[f"b{number:02}"]
        found = {finding.rule for finding in record.findings}
        assert (record.outcome, record.score) == (outcome, score), name
        assert found <= rules, name
        assert found, name
    waiting = {row[0] for row in graded(course)["grades"] if row[1] == "first" and row[7]}
    assert waiting == {f"b{number:02}" for number, case in enumerate(BROKEN.values()) if case[1] is Outcome.FAILED}


def other_kernel(notebook: NotebookNode) -> None:
    notebook.metadata.kernelspec = {"name": "julia-1.10", "display_name": "Julia", "language": "julia"}


def huge_output(notebook: NotebookNode) -> None:
    make.by_id(notebook)["s"].outputs = [{"output_type": "stream", "name": "stdout", "text": "x" * 10_000_000}]


def claims_full_marks(notebook: NotebookNode) -> None:
    make.by_id(notebook)["t"].update(source="pass", outputs=[], execution_count=1)
    make.by_id(notebook)["s"].source = "x = 0"


@pytest.mark.parametrize(
    ("deed", "score"),
    [(other_kernel, 3.0), (huge_output, 3.0), (claims_full_marks, 1.0)],
    ids=lambda one: str(one)[:25],
)
def test_kernel_outputs_and_tests_are_never_the_submitted_ones(
    course: Path, deed: Callable[[NotebookNode], None], score: float
) -> None:
    notebook = make.answer(course / "release/ps/first.ipynb", {"s": "x = 2"})
    deed(notebook)
    handed_in(course, "ada", **{"first.ipynb": json.dumps(notebook).encode()})
    assert grade(course, "ps")["ada"].score == score
    executed = json.loads((course / "autograded/ada/ps/first.ipynb").read_text())
    assert executed["metadata"]["kernelspec"]["name"] == "python3"
    assert len((course / "autograded/ada/ps/first.ipynb").read_bytes()) < 100_000


def test_files_that_stand_in_the_way_are_left_out(course: Path) -> None:
    folder = handed_in(course, "ada", **{"helper.py": b"y = 1"})
    (folder / "data").write_text("a file where the assignment has a folder")
    handed_in(course, "ben", **{"data/numbers.csv/more": b"a folder where the assignment has a file"})
    handed_in(course, "cleo", **{"data/numbers.csv": b"2\n"})
    only = handed_in(course, "dan", **{"own.ipynb/x": b"", "timestamp.txt/x": b""})
    (only / "second.ipynb").rename(only / "other.ipynb")
    (only / "second.ipynb").mkdir()
    (only / "second.ipynb" / "x").write_text("a folder where a notebook goes")
    records = grade(course, "ps")
    found = {learner: [finding.rule for finding in record.findings] for learner, record in records.items()}
    assert found == {
        "ada": ["file-left-out"],
        "ben": ["file-left-out"],
        "cleo": [],
        "dan": ["renamed-notebook", "file-left-out", "file-left-out"],
    }
    assert {record.score for record in records.values()} == {3.0}
    assert (course / "autograded/cleo/ps/data/numbers.csv").read_text() == "1\n"
    assert (course / "autograded/ada/ps/helper.py").read_text() == "y = 1"


def test_a_notebook_in_a_folder_or_under_another_name_is_found(course: Path) -> None:
    folder = handed_in(course, "ada")
    (folder / "sub").mkdir()
    (folder / "second.ipynb").rename(folder / "sub/second.ipynb")
    folder = handed_in(course, "ben")
    (folder / "first.ipynb").rename(folder / "first (1).ipynb")
    folder = handed_in(course, "cleo")
    (folder / "first.ipynb").rename(folder / "a.ipynb")
    (folder / "second.ipynb").rename(folder / "b.ipynb")
    records = grade(course, "ps")
    assert records["ada"].score == records["ben"].score == 3.0
    assert [finding.rule for finding in records["ada"].findings] == ["renamed-notebook"]
    assert (records["cleo"].outcome, records["cleo"].score) == (Outcome.GRADED, 3.0)  # told apart by their cells
    assert [finding.rule for finding in records["cleo"].findings] == ["renamed-notebook"] * 2


# Again, and after an accident ----------------------------------------------------------------------------------------


def quick_class(course: Path, size: int = 24) -> None:
    answers = ["x = 2", "x = 1", "x = 0.5", "raise ValueError", "x = ", "import os; os._exit(3)"]
    for number in range(size):
        handed_in(course, f"l{number:02}", answers[number % len(answers)] + f"\n# {number}")


def test_an_unchanged_submission_is_not_graded_again_and_force_grades_it(course: Path) -> None:
    quick_class(course, 6)
    planned = plan(course, "ps")
    assert [result.reused for result in run(planned, workers=2)] == [False] * 6
    before, rows = files(course / "records"), graded(course)
    assert [result.reused for result in run(plan(course, "ps"), workers=2)] == [True] * 6
    assert [result.reused for result in run(plan(course, "ps"), workers=2, force=True)] == [False] * 6
    assert (files(course / "records"), graded(course)) == (before, rows)


def test_a_gradebook_that_was_lost_is_written_again_from_the_records(course: Path) -> None:
    quick_class(course, 6)
    grade(course, "ps")
    rows = graded(course)
    (course / "gradebook.db").unlink()
    assert all(result.reused for result in run(plan(course, "ps"), workers=1))
    assert graded(course) == rows


@pytest.mark.parametrize("what", ["source", "limits", "file"])
def test_what_decides_a_grade_means_grading_again_when_it_changes(course: Path, what: str) -> None:
    handed_in(course, "ada")
    assert grade(course, "ps")["ada"].score == 3.0
    path = course / "source/ps/second.ipynb"
    if what == "source":
        path.write_text(path.read_text().replace("min(x, 2) / 2", "min(x, 2) / 4"))
    elif what == "limits":
        (course / "nbgrader_config.py").write_text("c = get_config()\nc.Execute.timeout = 7\n")
    else:
        (course / "source/ps/data/numbers.csv").write_text("3\n")
    (result,) = run(plan(course, "ps"), workers=1)
    assert not result.reused
    assert result.record.score == (2.5 if what == "source" else 3.0)


def test_a_resubmission_takes_the_place_of_the_earlier_attempt(course: Path) -> None:
    handed_in(course, "ada", "x = 0")
    first = grade(course, "ps")["ada"]
    handed_in(course, "ada", "x = 2")
    second = grade(course, "ps")["ada"]
    assert (first.score, second.score) == (0.0, 3.0)
    assert read_records(course / "records") == (second,)
    assert read_records(course / "superseded") == (first,)
    handed_in(course, "ada", "x = 0")
    assert grade(course, "ps")["ada"] == first
    assert read_records(course / "records") == (first,)
    assert read_records(course / "superseded") == (second,)


def test_records_hold_records_and_are_written_canonically(course: Path) -> None:
    quick_class(course, 6)
    records = grade(course, "ps")
    assert files(course / "records") == {
        f"ps/{learner}/{record.attempt.removeprefix('sha256:')}.json": to_json(record)
        for learner, record in records.items()
    }


def test_a_batch_leaves_nothing_behind(course: Path, tmp_path: Path) -> None:
    quick_class(course, 6)
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    for isolation in ("strict", "none"):
        arguments = ["grade", course, "ps", "--force", "--isolation", isolation]
        coursewright(*arguments, env={**os.environ, "TMPDIR": str(scratch)})
        assert list(scratch.iterdir()) == []


# The command ---------------------------------------------------------------------------------------------------------


def test_json_is_all_that_standard_output_holds(course: Path) -> None:
    handed_in(
        course, "ada", "import os, subprocess\nx = 2\nos.write(1, b'noise')\n_ = subprocess.run(['echo', 'noise'])"
    )
    handed_in(course, "ben", "print('\\x1b[2J')\nimport os; os.write(2, b'\\x1b[2J')\nx = 1")
    printed = json.loads(coursewright("grade", course, "ps", "--json").stdout)
    assert set(printed) == {"records", "summary"}
    assert [(record["learner"], record["score"]) for record in printed["records"]] == [("ada", 3.0), ("ben", 0.5)]
    assert printed["summary"] == {"outcomes": {"graded": 2}, "reused": 0, "submissions": 2}
    again = coursewright("grade", course, "ps", "--json")
    assert json.loads(again.stdout)["summary"]["reused"] == 2
    assert again.stderr == ""


def test_the_exit_status_tells_whether_a_person_must_look(course: Path) -> None:
    assert "Nobody handed anything in." in coursewright("grade", course, "ps").stdout
    handed_in(course, "ada")
    coursewright("grade", course, "ps")
    handed_in(course, "ben", **{"first.ipynb": b"{"})
    said = coursewright("grade", course, "ps", status=1).stdout
    assert "2 submissions: 1 failed, 1 graded (1 unchanged since the last time)." in said
    coursewright("grade", course, "ps", "--learner", "ada")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["ps", "--learner", "nobody"], 1, "nobody handed nothing in for ps"),
        (["nothing"], 1, "name one of the course's assignments (ps)"),
        (["../ps"], 1, "name one of the course's assignments (ps)"),
        (["ps", "--workers", "0"], 2, "workers"),
        (["ps", "--isolation", "some"], 2, "isolation"),
        (["ps", "--store", "file:///parcels"], 2, "--dask; give that as well"),
        (["ps", "--dask", "nonsense://x"], 1, "no Dask scheduler answers at nonsense://x"),
        ([], 2, "ASSIGNMENT"),
    ],
)
def test_bad_usage_is_told_from_what_a_person_can_mend(
    course: Path, arguments: Sequence[str], status: int, said: str
) -> None:
    handed_in(course, "ada")
    done = coursewright("grade", course, *arguments, status=status)
    assert said in " ".join((done.stdout + done.stderr).replace("│", " ").split())
    assert "Traceback" not in done.stderr


def test_only_the_named_learners_are_graded(course: Path) -> None:
    quick_class(course, 6)
    coursewright("grade", course, "ps", "--learner", "l02", "--learner", "l04")
    assert {record.learner for record in read_records(course / "records")} == {"l02", "l04"}


def test_folders_that_are_nobodys_are_passed_over(course: Path) -> None:
    handed_in(course, "ada")
    handed_in(course, ".ipynb_checkpoints")
    (course / "submitted" / "file").write_text("no folder")
    (course / "submitted" / "ben").mkdir()
    assert grade(course, "ps").keys() == {"ada"}
