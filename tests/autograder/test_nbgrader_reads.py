"""nbgrader's own programs on a gradebook that we wrote, in SQLite and in PostgreSQL: its export, and Formgrader."""

import contextlib
import csv
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import Browser, Page, expect

from authoring import nbgrader_api
from authoring.build import build
from authoring.nbgrader_api import NbgraderCourse
from autograder.batch import plan, run
from autograder.record import GradeRecord
from tests.a_browser import running_browser
from tests.autograder import notebooks as make
from tests.autograder.nbgrader_oracle import nbgrader

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),  # from within nbgrader
]

CONFIG = """c = get_config()
c.CourseDirectory.course_id = "c101"
c.LateSubmissionPlugin.penalty_method = "zero"
"""
NOT_NEEDED = ("jupyterlab", "jupyterlab_jupytext", "jupyter_lsp", "jupyter_server_terminals", "notebook")
DUE = "2026-09-14 12:00:00.000000"
CLASS = {  # answer, essay, when it was handed in
    "ada": ("x = 4", "Because it is even.", "2026-09-14 11:00:00 UTC"),
    "ben": ("x = 5", "YOUR ANSWER HERE", "2026-09-14 11:30:00 UTC"),
    "cleo": ("x = 4", "Who knows?", "2026-09-14 12:00:01 UTC"),
}


def grade(course: NbgraderCourse, **options: bool) -> dict[str, GradeRecord]:
    return {one.record.learner: one.record for one in run(plan(course.root, "ps"), workers=2, **options)}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def course(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> NbgraderCourse:
    """A graded class."""
    root = tmp_path_factory.mktemp("course")
    config = CONFIG
    if request.param == "postgresql":
        config += f"c.CourseDirectory.db_url = {request.getfixturevalue('cluster').create_database()!r}\n"
    (root / "nbgrader_config.py").write_text(config)
    cells = make.solution("s", "x = 0"), make.check("t", "assert x == 4", 2), make.essay("e"), make.task("k", "Try.")
    make.write(root / "source/ps/nb.ipynb", make.notebook(*cells))
    assert [one.assignment for one in build(root, ("ps",))] == ["ps"]
    for learner, (answer, essay, stamp) in CLASS.items():
        filled = make.answer(root / "release/ps/nb.ipynb", {"s": answer, "e": essay})
        make.submit(root, learner, "ps", {"nb.ipynb": filled, "timestamp.txt": stamp.encode()})
    made = nbgrader_api.open_course(root)
    with Gradebook(made.db_url, "c101") as book:
        book.update_or_create_assignment("ps", duedate=DUE)
    grade(made)
    return made


def test_nbgrader_exports_what_was_written(course: NbgraderCourse) -> None:
    nbgrader(course.root, "export")
    rows = list(csv.DictReader((course.root / "grades.csv").open()))
    shown = ("student_id", "timestamp", "raw_score", "late_submission_penalty", "score", "max_score")
    assert [tuple(row[name] for name in shown) for row in rows] == [
        ("ada", "2026-09-14 11:00:00", "2.0", "0.0", "2.0", "9.0"),
        ("ben", "2026-09-14 11:30:00", "0.0", "0.0", "0.0", "9.0"),
        ("cleo", "2026-09-14 12:00:01", "2.0", "2.0", "0.0", "9.0"),
    ]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


def wait_until_it_listens(server: "subprocess.Popen[str]", port: int) -> None:
    """It tells its address before it listens there."""
    while server.poll() is None:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
    raise AssertionError("the server ended")


@pytest.fixture
def formgrader(course: NbgraderCourse) -> Iterator[str]:
    """The address of the real one."""
    options = ["--ip=127.0.0.1", "--port=0", "--allow-root", "--IdentityProvider.token=", "--ServerApp.password="]
    options.append(f"--ServerApp.jpserver_extensions={dict.fromkeys(NOT_NEEDED, False)}")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter_server", *options],
        cwd=course.root,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        found = (re.search(r"http://127\.0\.0\.1:(\d+)/", line) for line in server.stderr)
        port = next(match[1] for match in found if match)
        wait_until_it_listens(server, int(port))
        yield f"http://127.0.0.1:{port}/formgrader"
    finally:
        server.kill()
        server.communicate()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab that asks nobody but this machine."""
    tab = browser.new_page()
    tab.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), lambda route: route.abort())
    yield tab
    tab.close()


def test_formgrader_shows_the_scores_and_what_is_marked_there_stays(
    course: NbgraderCourse, formgrader: str, page: Page
) -> None:
    page.goto(f"{formgrader}/manage_students/ada")
    expect(page.locator("tbody tr")).to_have_text(re.compile(r"ps\s*2 / 9\s*2 / 2\s*0 / 3\s*0 / 4", re.DOTALL))
    page.goto(f"{formgrader}/manage_students/cleo/ps")
    expect(page.locator("tbody tr")).to_have_text(re.compile(r"nb\s*2 / 9", re.DOTALL))
    with Gradebook(course.db_url, "c101") as book:
        submission = book.find_submission_notebook("nb", "ps", "ada").id
    page.goto(f"{formgrader}/submissions/{submission}")
    expect(page.locator("input#t")).to_have_attribute("placeholder", "2")
    expect(page.get_by_text("Because it is even.")).to_be_visible()
    page.fill("input#e", "2.5")
    page.press("input#e", "Tab")
    page.fill("textarea#e-comment", "Even is not enough.")
    with page.expect_response(re.compile("/api/comment/")):
        page.press("textarea#e-comment", "Tab")
    for force in (False, True):
        record = grade(course, force=force)["ada"]
        assert (record.score, [cell.score for cell in record.cells]) == (4.5, [2.0, 2.5, None])
    page.goto(f"{formgrader}/submissions/{submission}")
    expect(page.locator("input#e")).to_have_value("2.5")
    expect(page.locator("textarea#e-comment")).to_have_value("Even is not enough.")
    page.goto(f"{formgrader}/gradebook/ps/nb")
    expect(page.locator("tbody")).to_contain_text("4.5 / 9")
