"""Nothing that a learner writes runs or fetches anything in the pages that we make, in a real browser.

The pages are also opened without their content security policy, so that cleaning alone is held to it; and the
injections without our cleaning, to see that the policy alone holds them and that they work where nothing does.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from authoring.build import build
from autograder.batch import plan, run
from autograder.feedback import giving
from tests.a_browser import running_browser
from tests.autograder import notebooks as make
from tests.autograder.injections import FETCHES, MARKDOWN, RAN, SCRIPTS, SVG

pytestmark = pytest.mark.integration

HOSTILE = f"<img src=x onerror={RAN.replace('/', '')}>"  # somebody's id: the name of a folder
EVERYTHING = [*SCRIPTS.values(), *FETCHES.values()]
STAYING = [each for name, each in FETCHES.items() if name not in {"page that goes elsewhere", "another base"}]
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


@dataclass(frozen=True)
class Seen:
    """What a page did when everything in it was touched."""

    ran: int  # scripts
    tried: tuple[str, ...]  # addresses that it wanted something from
    reached: tuple[str, ...]  # those that nothing kept it from


QUIET = Seen(0, (), ())
Touch = Callable[[str], Seen]


@pytest.fixture
def touch(browser: Browser, tmp_path: Path) -> Iterator[Touch]:
    """Opens a page, touches everything in it, and tells what it did."""
    context = browser.new_context()
    tab = context.new_page()
    tried: list[str] = []
    reached: list[str] = []
    dialogs: list[str] = []
    tab.on("request", lambda request: tried.append(request.url))
    tab.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    context.route(re.compile("^http"), lambda route: (reached.append(route.request.url), route.abort()))

    def touched(text: str) -> Seen:
        tried.clear()
        reached.clear()
        (tmp_path / "page.html").write_text(text, "utf-8")
        tab.goto((tmp_path / "page.html").as_uri())
        ran = tab.evaluate(TOUCH)
        assert dialogs == []
        return Seen(ran, tuple(url for url in tried if url.startswith("http")), tuple(reached))

    yield touched
    context.close()


TOUCH = """async () => {
    const away = event => event.target.closest?.("[href^='http']") && event.preventDefault();
    document.addEventListener("click", away);
    for (const one of document.querySelectorAll("*")) {
        one.dispatchEvent(new MouseEvent("mouseover", {bubbles: true}));
        one.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}));
    }
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    return window.ran || 0;
}"""


def test_nothing_runs_and_nothing_is_fetched(page_of_everything: Path, touch: Touch) -> None:
    assert touch(page_of_everything.read_text()) == QUIET


def test_neither_without_the_policy(page_of_everything: Path, touch: Touch) -> None:
    text, times = POLICY.subn("", page_of_everything.read_text())
    assert times == 1
    assert touch(text) == QUIET


def test_the_policy_alone_lets_nothing_run_or_be_fetched(page_of_everything: Path, touch: Touch) -> None:
    policy = POLICY.search(page_of_everything.read_text())[0]
    for each in (*SCRIPTS.values(), "".join(STAYING)):
        seen = touch(f"<!doctype html><meta charset=utf-8>{policy}<body>{each}")
        assert (seen.ran, seen.reached) == (0, ()), each


def test_the_injections_work_where_nothing_holds_them(touch: Touch) -> None:
    ran = {name for name, each in SCRIPTS.items() if touch(f"<!doctype html><body>{each}").ran}
    assert len(ran) > 25
    assert {"script", "picture that fails", "drawing", "something to point at", "link"} <= ran
    assert len(touch("<!doctype html><body>" + "".join(STAYING)).reached) > 8


def test_what_was_written_can_still_be_read(page_of_everything: Path, browser: Browser) -> None:
    tab = browser.new_page()
    tab.goto(page_of_everything.as_uri())
    assert HOSTILE in tab.locator("header").inner_text()
    assert f"{HOSTILE}.ipynb" in tab.locator(".notices").inner_text()
    assert tab.locator("header, main, article, h1").count() == 3 + 3  # none of them is the learner's
    assert f"<script>{RAN}</script>" in tab.locator("main").inner_text()
    tab.close()
