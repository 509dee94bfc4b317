"""A concept check answers at once: in JupyterLab, and in the page that nbconvert makes, by mouse and by keyboard."""

import contextlib
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbformat.v4 import new_markdown_cell, new_notebook
from playwright.sync_api import Browser, Locator, expect

from exam_bank.item import Role
from exam_bank.item_file import parse_item
from exam_bank.render import item_metadata, markdown
from exam_bank.variant_maker import make_variants
from tests.a_browser import running_browser
from tests.exam_bank.conftest import MATCHING, NUMERIC, SINGLE, item_text

pytestmark = pytest.mark.integration  # a browser and a server

CHOICE = SINGLE.replace("text: A near miss", 'text: "$a<b$ is a near miss"')
FRONTS = {"choice": CHOICE, "numeric": NUMERIC, "matching": MATCHING.replace("SCORING", "number-right")}


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook with one concept check of each of some types."""
    items = [
        parse_item(item_text("use: lesson\n" + front), topic="basics", item_id=name, file="f")
        for name, front in FRONTS.items()
    ]
    cells = [
        new_markdown_cell(
            markdown(variant, Role.CONCEPT_CHECK),
            metadata={"coursewright": {"item": item_metadata(variant, Role.CONCEPT_CHECK)}},
        )
        for variant in make_variants([(item, 0) for item in items])
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = tmp_path_factory.mktemp("lab") / "lesson.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture(scope="module")
def lab(lesson: Path) -> Iterator[str]:
    """The address of a JupyterLab that shows the lesson's folder."""
    options = ["--ip=127.0.0.1", "--port=0", "--no-browser", "--allow-root"]
    options += ["--IdentityProvider.token=", "--ServerApp.password="]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options],
        cwd=lesson.parent,
        env={**os.environ, "JUPYTER_CONFIG_DIR": str(lesson.parent / ".config")},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        found = (re.search(r"http://127\.0\.0\.1:(\d+)/", line) for line in server.stderr)
        port = next(match[1] for match in found if match)
        wait_until_it_listens(server, int(port))
        yield f"http://127.0.0.1:{port}/lab/tree/lesson.ipynb"
    finally:
        server.kill()
        server.communicate()


def wait_until_it_listens(server: "subprocess.Popen[str]", port: int) -> None:
    """It tells its address before it listens there."""
    while server.poll() is None:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
    raise AssertionError("the server ended")


def try_every_answer(page: Locator) -> None:
    """Each option answers by itself and only when it is opened."""
    near = page.locator("summary", has_text="is a near miss")
    praise, correction = page.get_by_text("So it is."), page.get_by_text("You forgot the root.")
    expect(near).to_be_visible()
    for hidden in (praise, correction, page.get_by_text("12.5 mm")):
        expect(hidden).to_be_hidden()
    near.click()
    expect(correction).to_be_visible()
    expect(page.locator("details[open]").get_by_text("Not right.")).to_be_visible()
    expect(praise).to_be_hidden()
    summary = page.locator("summary", has_text="The right one")
    summary.focus()
    summary.press("Enter")
    expect(praise).to_be_visible()
    answers = page.locator("summary", has_text="Answer")
    expect(answers).to_have_count(2)
    answers.first.click()
    expect(page.get_by_text("12.5 mm")).to_be_visible()


def test_in_jupyterlab(lab: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(lab)
    notebook = page.locator(".jp-RenderedMarkdown")
    expect(notebook.locator("details").first).to_be_visible(timeout=60_000)
    try_every_answer(notebook)


def test_in_the_page_that_nbconvert_makes(lesson: Path, browser: Browser, tmp_path: Path) -> None:
    html, _ = HTMLExporter(mathjax_url="", require_js_url="").from_filename(str(lesson))
    (tmp_path / "page.html").write_text(html)
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    try_every_answer(page.locator("body"))
    assert "<b$" not in page.locator("body").inner_html(), "maths is no markup"
