"""The page in a real browser: on a phone, by day and by night, by keyboard, and by those who listen to it."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from autograder.feedback import giving
from autograder.record import CellOutcome
from tests.a_browser import running_browser
from tests.autograder import feedback_course as made
from tests.autograder import notebooks as make
from tests.autograder.feedback_course import error, finding, grade_of, printed

pytestmark = pytest.mark.integration

MINIMAL_CONTRAST = 4.5  # of text, WCAG 2 level AA
CONTRASTS = """() => {
    const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const rgb = colour => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        return canvas.getImageData(0, 0, 1, 1).data;
    };
    const light = ([r, g, b]) => {
        const [x, y, z] = [r, g, b].map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const behind = one => {
        for (; one; one = one.parentElement) {
            const colour = rgb(getComputedStyle(one).backgroundColor);
            if (colour[3]) return colour;
        }
        return [255, 255, 255];
    };
    const found = {};
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const one = texts.currentNode.parentElement;
        if (!texts.currentNode.data.trim()) continue;
        const [a, b] = [light(rgb(getComputedStyle(one).color)), light(behind(one))].sort((x, y) => y - x);
        const name = `${one.tagName} ${one.className}: ${texts.currentNode.data.trim().slice(0, 20)}`;
        found[name] = (a + 0.05) / (b + 0.05);
    }
    return found;
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with everything that there is."""
    course = made.graded_course(tmp_path_factory.mktemp("course"))
    cells = (
        grade_of("open", 0.0, 2.0, CellOutcome.FAILED, "AssertionError: two"),
        grade_of("mixed", 1.0, 2.0, CellOutcome.PARTIAL),
        grade_of("hidden", 1.0, 1.0, CellOutcome.PASSED),
        grade_of("e", 0.0, 3.0, CellOutcome.MANUAL, "No response."),
        grade_of("k", None, 4.0, CellOutcome.NEEDS_MANUAL),
    )
    code = make.code("# a remark\nclass Long:\n    text = 'x' * 3\n" + "name = " + "very_" * 60 + "long(1.5, None)")
    code["outputs"] = [
        printed("y" * 400),
        error("ValueError", "z" * 300, (1, "w" * 300)),
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {"text/html": f"<table><tr>{'<td>cell</td>' * 60}</tr></table><a href='https://example.org'>a</a>"},
        },
    ]
    answers = {"s": "def squares(n):\n    return n", "e": "Why $x^2$?"}
    course.grade(
        "ada",
        cells,
        answers,
        {"open": [printed("hello"), error("AssertionError", "two", (1, made.OPEN))]},
        [code, make.text("> quoted\n\n`code` and [a link](https://example.org)")],
        findings=(finding("moved-cell", "this cell stands elsewhere", "open"),),
        late_penalties={"nb": 0.5},
    )
    (given,) = giving.give(giving.plan(course.root, "ps"))
    return given.pages[0]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture
def opened(browser: Browser, page: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    options = getattr(request, "param", {})
    context = browser.new_context(**options)
    tab = context.new_page()
    tab.goto(page.as_uri())
    yield tab
    context.close()


@pytest.mark.parametrize("opened", [{"viewport": {"width": 340, "height": 700}}], indirect=True)
def test_a_phone_needs_no_scrolling_to_the_side(opened: Page) -> None:
    assert opened.evaluate("document.documentElement.scrollWidth") == 340


@pytest.mark.parametrize("opened", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True)
def test_every_text_can_be_told_from_what_is_behind_it(opened: Page) -> None:
    contrasts = opened.evaluate(CONTRASTS)
    assert len(contrasts) > 40
    assert {text: round(value, 2) for text, value in contrasts.items() if value < MINIMAL_CONTRAST} == {}


def test_headings_landmarks_and_names_tell_where_one_is(opened: Page) -> None:
    levels = [
        int(tag[1])
        for tag in opened.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => h.tagName)")
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert opened.get_attribute("html", "lang") == "en"
    assert opened.locator("header").count() == opened.locator("main").count() == 1
    assert opened.get_by_role("table", name="").first.locator("th[scope=col]").count() == 3
    assert opened.get_by_role("article", name="Test open").count() == 1
    assert opened.get_by_role("complementary", name="Comment on Answer e").count() == 1
    assert opened.locator("img:not([alt])").count() == 0
    assert opened.evaluate("new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size") == (
        opened.locator("[id]").count()
    )


def test_the_keyboard_leads_from_a_question_to_the_answer_and_back(opened: Page) -> None:
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.textContent") == "Skip to your work"
    opened.get_by_role("link", name="Test open").press("Enter")
    assert opened.evaluate("document.querySelector(':target h3').textContent") == "Test open"
    opened.get_by_role("article", name="Test open").get_by_role("link", name="Back to your marks").press("Enter")
    assert opened.evaluate("document.querySelector(':target').textContent") == "Your marks"


def test_the_style_is_the_one_that_the_policy_allows(opened: Page) -> None:
    assert opened.evaluate("getComputedStyle(document.querySelector('.graded')).borderLeftWidth") == "4px"
    assert opened.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
