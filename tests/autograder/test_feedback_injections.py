"""Nothing that a learner writes runs or fetches anything in the pages that we make, in a real browser.

The pages are also opened without their content security policy, so that cleaning alone is held to it; and the
injections without our cleaning, to see that the policy alone holds them and that they work where nothing does.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from authoring.build import build
from autograder.batch import plan, run
from autograder.feedback import giving
from tests.a_browser import running_browser
from tests.autograder import notebooks as make
from tests.autograder.injections import ELSEWHERE, FETCHES, MARKDOWN, RAN, SCRIPTS, SVG

pytestmark = pytest.mark.integration

HOSTILE = f"<img src=x onerror={RAN.replace('/', '')}>"  # somebody's id: the name of a folder
EVERYTHING = [*SCRIPTS.values(), *FETCHES.values()]
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
DISPLAY = f"""
from IPython.display import display
for each in {EVERYTHING!r}:
    for kind in ("text/html", "text/markdown", "text/latex", "text/plain", "image/png", "image/jpeg", "application/x"):
        display({{kind: each}}, raw=True)
    print(each)
for each in {list(MARKDOWN.values())!r}:
    display({{"text/markdown": each}}, raw=True)
display({{"image/svg+xml": {SVG!r}}}, raw=True)
display({{"application/javascript": {RAN!r}, "text/plain": "<script>{RAN}</script>"}}, raw=True)
class Odd(Exception): pass
Odd.__name__ = Odd.__qualname__ = "</pre><script>{RAN}</script>"
raise Odd("</pre><script>{RAN}</script>")
"""


@pytest.fixture(scope="module")
def page_of_everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The feedback of somebody who tried everything, in answers, outputs, messages, names and pictures."""
    root = tmp_path_factory.mktemp("course")
    cells = make.solution("s", "x = 0"), make.check("t", "assert x == 4, x", 2), make.essay("e"), make.task("k", "Try.")
    make.write(root / "source/ps/nb.ipynb", make.notebook(*cells))
    assert len(list(build(root, ("ps",)))) == 1
    texts = [*EVERYTHING, *MARKDOWN.values()]
    answers = {"s": f"x = {EVERYTHING[0]!r}", "e": "\n\n".join(texts)}
    made = make.answer(root / "release/ps/nb.ipynb", answers)
    made.cells += [make.text(text) for text in texts]
    made.cells[-1]["attachments"] = {f'a"onerror="{RAN}.png': {"image/png": f'"><script>{RAN}</script>'}}
    made.cells.append(make.code(DISPLAY))
    for index, cell in enumerate(made.cells):
        cell["id"] = f"c{index}"
    make.submit(root, HOSTILE, "ps", {"nb.ipynb": made, f"{HOSTILE}.ipynb": b"{}"})
    assert [one.record.outcome for one in run(plan(root, "ps"), workers=1)] == ["needs_manual"]
    (given,) = giving.give(giving.plan(root, "ps"))
    assert given.problem == ""
    return given.pages[0]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


Tried = Callable[[str], tuple[int, list[str]]]


@pytest.fixture
def tried(browser: Browser, tmp_path: Path) -> Iterator[Tried]:
    """Opens a page, touches everything in it, and tells how often a script ran and what was asked for."""
    context = browser.new_context()
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.route(re.compile("^http"), lambda route: route.abort())

    def touched(text: str) -> tuple[int, list[str]]:
        (tmp_path / "page.html").write_text(text, "utf-8")
        tab = context.new_page()
        dialogs: list[str] = []
        tab.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        tab.goto((tmp_path / "page.html").as_uri())
        ran = _touch(tab)
        assert dialogs == []
        return ran, [url for url in asked if url.startswith("http")]

    yield touched
    context.close()


def _touch(tab: Page) -> int:
    return tab.evaluate(
        """async () => {
            const away = event => event.target.closest?.("[href^='http']") && event.preventDefault();
            document.addEventListener("click", away);
            for (const one of document.querySelectorAll("*")) {
                one.dispatchEvent(new MouseEvent("mouseover", {bubbles: true}));
                one.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}));
            }
            await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
            return window.ran || 0;
        }"""
    )


def test_nothing_runs_and_nothing_is_fetched(page_of_everything: Path, tried: Tried) -> None:
    assert tried(page_of_everything.read_text()) == (0, [])


def test_neither_without_the_policy(page_of_everything: Path, tried: Tried) -> None:
    text, times = POLICY.subn("", page_of_everything.read_text())
    assert times == 1
    assert tried(text) == (0, [])


def test_the_policy_alone_lets_nothing_run_or_be_fetched(page_of_everything: Path, tried: Tried) -> None:
    policy = POLICY.search(page_of_everything.read_text())[0]
    for each in EVERYTHING:
        if "http-equiv" not in each:  # no policy keeps a page from leading elsewhere
            assert tried(f"<!doctype html><meta charset=utf-8>{policy}<body>{each}") == (0, []), each


def test_the_injections_work_where_nothing_holds_them(tried: Tried) -> None:
    ran = {name for name, each in SCRIPTS.items() if tried(f"<!doctype html><body>{each}")[0]}
    assert len(ran) > 25
    assert {"script", "picture that fails", "drawing", "something to point at", "link"} <= ran
    _, asked = tried("<!doctype html><body>" + "".join(FETCHES.values()))
    assert len({url for url in asked if url.startswith(ELSEWHERE)}) > 8


def test_what_was_written_can_still_be_read(page_of_everything: Path, browser: Browser) -> None:
    tab = browser.new_page()
    tab.goto(page_of_everything.as_uri())
    assert HOSTILE in tab.locator("header").inner_text()
    assert f"{HOSTILE}.ipynb" in tab.locator(".notices").inner_text()
    assert tab.locator("header, main, article, h1").count() == 3 + 3  # none of them is the learner's
    assert f"<script>{RAN}</script>" in tab.locator("main").inner_text()
    tab.close()
