"""Honest submissions get from us what ``nbgrader autograde`` gives them, cell by cell and row by row.

nbgrader grades each class once, all learners in one process; copies of the same folders are then graded here.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook

from authoring import nbgrader_api
from autograder.record import CellOutcome, read_records
from tests.autograder import notebooks as make
from tests.autograder.nbgrader_oracle import graded, nbgrader, quickstart

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),  # from within nbgrader
]

SQUARES = """def squares(n):
    if n < 1:
        raise ValueError("n is too small")
    return [i**2 for i in range(1, n + 1)]"""
SUM = "def sum_of_squares(n):\n    return sum(squares(n))"
RIGHT = {
    "squares": SQUARES,
    "sum_of_squares": SUM,
    "sum_of_squares_equation": r"$\sum_{i=1}^n i^2$",
    "sum_of_squares_application": "def pyramid(n):\n    return sum_of_squares(n)",
}
ESSAYS = {"part-a": "Fibonacci numbers.", "part-b": "Negative ones: it never ends."}

Submission = tuple[dict[str, str], dict[str, str] | None, Callable[[NotebookNode], None] | None]


def scratch(notebook: NotebookNode) -> None:
    """A learner tries things out, prints, shows and fails in cells of their own."""
    notebook.cells.insert(0, make.code("import math\nprint('hello')"))
    notebook.cells.insert(7, make.code("squares(3)"))
    notebook.cells.append(make.code("1 / 0"))
    notebook.cells.append(make.text("# my notes"))
    for cell in notebook.cells:
        cell.pop("id", None)  # the format of nbgrader's example has none


def below_the_task(notebook: NotebookNode) -> None:
    notebook.cells.append(make.code("sum(range(10))"))
    notebook.cells[-1].pop("id")


# learner -> answers in problem1, answers in problem2 (None: not handed in), and what else they did in problem1
CLASS: dict[str, Submission] = {
    "ada": (RIGHT, ESSAYS, None),
    "ben": ({}, {}, None),
    "cleo": ({"squares": SQUARES.replace("n < 1", "n < 0"), "sum_of_squares": SUM}, {"part-a": "Numbers."}, None),
    "dan": (
        {"squares": "def squares(n):\n    return 7", "sum_of_squares": "def sum_of_squares(n):\n    return 7"},
        {},
        None,
    ),
    "eve": (RIGHT | {"squares": "raise SystemError('no')"}, ESSAYS, None),
    "finn": (RIGHT, None, None),
    "gus": (RIGHT, {}, scratch),
    "hal": ({"squares": SQUARES}, {"part-b": "YOUR ANSWER HERE\n"}, below_the_task),
    "ida": (RIGHT | {"squares": "import sys\nprint('warn', file=sys.stderr)\n" + SQUARES}, {}, None),
    "jan": ({"squares": "def squares(n) return"}, {}, None),
}
STAMPS = {
    "ada": "2026-09-14 23:59:00 UTC",
    "cleo": "2026-09-15 12:00:00.250000 UTC",
    "dan": "2026-09-15 01:00:00 +0200",
}


@pytest.fixture(scope="module")
def quickstarted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example course, graded by nbgrader; ``before`` beside it is what it was like before that."""
    root = quickstart(tmp_path_factory.mktemp("quickstart") / "nbgrader")
    nbgrader(root, "generate_assignment", "ps1")
    for learner, (first, second, further) in CLASS.items():
        problem = make.answer(root / "release/ps1/problem1.ipynb", first)
        if further:
            further(problem)
        files: dict[str, NotebookNode | bytes] = {"problem1.ipynb": problem}
        if second is not None:
            files["problem2.ipynb"] = make.answer(root / "release/ps1/problem2.ipynb", second)
        if learner in STAMPS:
            files["timestamp.txt"] = STAMPS[learner].encode()
        make.submit(root, learner, "ps1", files)
    shutil.copytree(root, root.with_name("before"))
    nbgrader(root, "autograde", "ps1")
    return root


def coursewright(*arguments: str | Path, status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "coursewright", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


WAYS = {
    "nbgrader's rules": ("sqlite", ["--nbgrader-rules"]),
    "our rules": ("sqlite", []),
    "our rules, in PostgreSQL": ("postgresql", []),
}


@pytest.fixture(scope="module", params=WAYS)
def ours(request: pytest.FixtureRequest, quickstarted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ours") / "course"
    shutil.copytree(quickstarted.with_name("before"), root)
    engine, options = WAYS[request.param]
    if engine == "postgresql":
        (root / "gradebook.db").unlink()
        with (root / "nbgrader_config.py").open("a") as file:
            file.write(f"c.CourseDirectory.db_url = {request.getfixturevalue('cluster').create_database()!r}\n")
    coursewright("grade", root, "ps1", *options)
    return root


def in_the_gradebook(root: Path) -> dict[str, list[tuple[Any, ...]]]:
    return graded(nbgrader_api.open_course(root).db_url)


@pytest.mark.parametrize("table", ["submissions", "notebooks", "grades", "comments"])
def test_the_gradebook_of_the_example_course_is_the_same(quickstarted: Path, ours: Path, table: str) -> None:
    assert in_the_gradebook(ours)[table] == graded(quickstarted)[table]


def test_the_example_course_is_worth_comparing(quickstarted: Path) -> None:
    scores = {row[4] for row in graded(quickstarted)["grades"]}
    assert {None, 0.0, 0.5, 1.0} <= scores
    assert any(row[4] == "No response." for row in graded(quickstarted)["comments"])


def test_the_records_say_what_the_gradebook_says(ours: Path) -> None:
    written = {(learner, book, cell): score for learner, book, cell, _, score, *_ in in_the_gradebook(ours)["grades"]}
    found = {
        (record.learner, cell.notebook, cell.grade_id): cell.score
        for record in read_records(ours / "records")
        for cell in record.cells
    }
    assert found == written


def test_grading_again_changes_nothing(ours: Path) -> None:
    before, records = in_the_gradebook(ours), {path: path.read_bytes() for path in (ours / "records").rglob("*.json")}
    coursewright("grade", ours, "ps1", "--force")
    assert in_the_gradebook(ours) == before
    assert {path.name for path in (ours / "records").rglob("*.json")} == {path.name for path in records}


def test_marks_given_in_formgrader_outlive_grading_again(quickstarted: Path, tmp_path: Path) -> None:
    for root in (tmp_path / "theirs", tmp_path / "ours"):
        shutil.copytree(quickstarted, root)
        with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
            essay = book.find_grade("part-a", "problem2", "ps1", "ada")
            essay.manual_score, essay.needs_manual_grade = 0.75, False
            test = book.find_grade("correct_squares", "problem1", "ps1", "ada")
            test.manual_score, test.extra_credit, test.needs_manual_grade = 0.25, 0.5, False
            book.find_comment("part-a", "problem2", "ps1", "ada").manual_comment = "Nearly."
            book.db.commit()
    nbgrader(tmp_path / "theirs", "autograde", "ps1", "--student", "ada", "--force")
    for _ in range(2):
        coursewright("grade", tmp_path / "ours", "ps1", "--learner", "ada")
        assert graded(tmp_path / "ours") == graded(tmp_path / "theirs")
    (record,) = read_records(tmp_path / "ours" / "records")
    marked = {cell.grade_id: cell.score for cell in record.cells if cell.outcome is CellOutcome.MANUAL}
    assert marked == {"part-a": 0.75, "correct_squares": 0.75}
    with Gradebook(f"sqlite:///{tmp_path}/ours/gradebook.db") as book:
        assert record.score == book.find_submission("ps1", "ada").score


# A course with settings of its own, and a test cell for each thing that a test cell can end with ---------------------

CONFIG = """
c.Execute.timeout = 2
c.ClearSolutions.begin_solution_delimeter = "LEARNERS WRITE FROM HERE"
c.ClearSolutions.end_solution_delimeter = "TO HERE"
c.ClearSolutions.code_stub = {"python": "answer = None  # yours"}
c.LateSubmissionPlugin.penalty_method = "zero"
"""
ENDS = {
    "nothing": "kept = answer",
    "everything": "2",
    "half": "0.5",
    "zero": "0",
    "text": "'0.5'",
    "true": "True",
    "false": "False",
    "several": "[0.5]",
    "printed": "print(0.5)",
    "quiet": "0.5;",
    "shown": "display(0.5)",
    "raised": "1 / 0",
    "asserted": "assert answer == 4",
    "not_python": "assert (",
    "missing": "from nowhere import anything",
    "slow": "while answer == 5: pass",
    "skipped": "raise SystemExit",
    # where our own rules read better
    "warned": "import sys; print('careful', file=sys.stderr)",
    "warned_by_a_program": "import subprocess; _ = subprocess.run('echo careful >&2; sleep 0.3', shell=True)",
    "numpy": "import numpy; numpy.float64(0.5)",
    "fraction": "import fractions; fractions.Fraction(1, 2)",
    "decimal": "import decimal; decimal.Decimal('0.5')",
    "not_a_number": "float('nan')",
    "negative": "-1",
}
OTHERWISE = {  # by default: what we give where nbgrader gives something else
    "warned": 2.0,
    "warned_by_a_program": 2.0,
    "numpy": 0.5,
    "fraction": 0.5,
    "decimal": 0.5,
    "not_a_number": 0.0,
    "negative": 0.0,
}
DUE = "2026-09-14 12:00:00.000000"


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("configured") / "nbgrader"
    root.mkdir()
    (root / "nbgrader_config.py").write_text("c = get_config()\n" + CONFIG)
    body = "answer = 3\n# LEARNERS WRITE FROM HERE\nanswer = 4\n# TO HERE"
    source = make.notebook(
        make.solution("s_answer", body), *(make.check(f"t_{name}", code, 2) for name, code in ENDS.items())
    )
    make.write(root / "source/values/values.ipynb", source)
    nbgrader(root, "generate_assignment", "values")
    released = root / "release/values/values.ipynb"
    assert make.by_id(make.answer(released, {}))["s_answer"].source == "answer = 3\nanswer = None  # yours"
    for learner, (answer, stamp) in {
        "early": ("answer = 4", "2026-09-14 11:59:59 UTC"),
        "late": ("answer = 4", "2026-09-14 12:00:01 UTC"),
        "excused": ("answer = 4", "2026-09-15 12:00:00 UTC"),
        "unable": ("raise ValueError", "2026-09-16 12:00:00 UTC"),
        "slow": ("answer = 5\nimport time; time.sleep(60)", "2026-09-13 12:00:00 UTC"),
    }.items():
        files = {"values.ipynb": make.answer(released, {"s_answer": answer}), "timestamp.txt": stamp.encode()}
        make.submit(root, learner, "values", files)
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        book.update_or_create_assignment("values", duedate=DUE)
        book.update_or_create_student("excused")
        book.update_or_create_submission("values", "excused")
        book.grant_extension("values", "excused", days=2)
    shutil.copytree(root, root.with_name("before"))
    nbgrader(root, "autograde", "values")
    return root


@pytest.mark.parametrize("table", ["submissions", "notebooks", "grades", "comments"])
def test_settings_due_time_extension_and_late_penalty_are_honoured(
    configured: Path, configured_by_us: dict[str, Path], table: str
) -> None:
    assert graded(configured_by_us["--nbgrader-rules"])[table] == graded(configured)[table]


@pytest.fixture(scope="module")
def configured_by_us(configured: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folders = {}
    for rules in ("--nbgrader-rules", "ours"):
        folders[rules] = tmp_path_factory.mktemp("configured") / "course"
        shutil.copytree(configured.with_name("before"), folders[rules])
        coursewright("grade", folders[rules], "values", *([] if rules == "ours" else [rules]))
    return folders


def test_our_own_rules_differ_exactly_where_the_documentation_says(
    configured: Path, configured_by_us: dict[str, Path]
) -> None:
    theirs = {row[2]: row[4] for row in graded(configured)["grades"] if row[0] == "early"}
    ours = {row[2]: row[4] for row in graded(configured_by_us["ours"])["grades"] if row[0] == "early"}
    different = {name.removeprefix("t_"): score for name, score in ours.items() if score != theirs[name]}
    assert different == OTHERWISE


def test_a_penalty_is_in_the_record_and_not_taken_from_the_score(configured_by_us: dict[str, Path]) -> None:
    records = {record.learner: record for record in read_records(configured_by_us["ours"] / "records")}
    assert records["early"].score == records["late"].score
    assert {name: record.late_penalty for name, record in records.items() if record.late_penalty} == {
        "late": records["late"].score,
        "unable": records["unable"].score,
    }


def test_another_rule_book_means_grading_again(configured_by_us: dict[str, Path], tmp_path: Path) -> None:
    root = tmp_path / "course"
    shutil.copytree(configured_by_us["ours"], root)
    coursewright("grade", root, "values", "--nbgrader-rules", "--learner", "early")
    mine, expected = (
        [row for row in graded(folder)["grades"] if row[0] == "early"]
        for folder in (root, configured_by_us["--nbgrader-rules"])
    )
    assert mine == expected
