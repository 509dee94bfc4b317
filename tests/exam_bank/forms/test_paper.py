"""A form on paper: whole questions on sheets of the right size, room for each answer, and no key."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import msgspec
import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from exam_bank.forms.assembly import assemble
from exam_bank.forms.form import Form
from exam_bank.forms.paper import form_number, key_html, paper_html
from exam_bank.item import Item
from exam_bank.item_file import parse_item
from tests.a_browser import running_browser
from tests.exam_bank.conftest import (
    CODE,
    CODE_SECTIONS,
    FILL_IN,
    MATCHING,
    MULTIPLE,
    NUMERIC,
    ORDERING,
    SHORT,
    SINGLE,
    item_text,
)
from tests.exam_bank.forms.made import SEED, bank_of, blueprint, section

pytestmark = pytest.mark.integration  # it starts a browser

STEM = "A process runs at $\\bar{x} = 5$. " + "It has been stable for many weeks, and nobody knows why. " * 3
FRONTS = {
    "number": NUMERIC,
    "single": SINGLE,
    "multiple": MULTIPLE.replace("SCORING", "right-minus-wrong"),
    "fill-in": FILL_IN.replace("SCORING", "number-right"),
    "short": SHORT,
    "match": MATCHING.replace("SCORING", "number-right"),
    "order": ORDERING.replace("SCORING", "adjacent-pairs"),
    "code": CODE,
}
PARTS = {  # what stands in a question from top to bottom, and in no other
    "single-choice": ("Mark one.", "The right one", "A near miss", "A far miss"),
    "multiple-choice": ("Mark all that apply.", "P holds", "Q holds", "R holds", "S holds"),
    "numeric": ("Answer:",),
    "fill-in": ("Fill in the 2 blanks.",),
    "short-answer": ("Answer in a few sentences.",),
    "matching": ("Write into each box", "Alpha", "Beta", "Gamma"),
    "ordering": ("Choose", "Measure", "Compute", "in the right order."),
    "code": ("Complete this code:", "Your code has to pass these tests:"),
}
SECRETS = ("12.5", "Divide by d2", "Names the cause", "range or R chart", "return 1, 2", "Because.", "You forgot")


def made(name: str, number: int) -> Item:
    stem = STEM + ("It is a [[chart]] chart, [[code]]." if name == "fill-in" else "")
    text = item_text(FRONTS[name], stem=stem, sections=CODE_SECTIONS if name == "code" else "")
    return parse_item(text, topic="charts", item_id=f"{name}-{number}", file=name)


@pytest.fixture(scope="module")
def form() -> Form:
    """Two sections with two questions of each type."""
    bank = bank_of(made(name, number) for name in FRONTS for number in range(2))
    parts = [section(name=name, count=8, points=16, minutes=90) for name in ("part-one", "part-two")]
    return assemble(bank, blueprint(*parts), seed=SEED, learner="ada")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


def printed(browser: Browser, html: str) -> PdfReader:
    page = browser.new_page()
    page.set_content(html)
    data = page.pdf(prefer_css_page_size=True)
    page.close()
    return PdfReader(io.BytesIO(data))


@pytest.mark.parametrize(("paper", "millimetres"), [("a4", (210, 297)), ("letter", (215.9, 279.4))])
def test_it_is_printed_on_sheets_of_its_size_with_whole_questions(browser, form, paper, millimetres):
    pdf = printed(browser, paper_html(form, paper=paper))
    sheets = [page.extract_text() for page in pdf.pages]
    for page in pdf.pages:
        size = [float(side) / 72 * 25.4 for side in (page.mediabox.width, page.mediabox.height)]
        assert size == pytest.approx(millimetres, abs=0.5)
    assert 5 <= len(sheets) <= 12
    for number, sheet in enumerate(sheets, 1):
        assert f"Form {form_number(form)}" in sheet
        assert f"Page {number} of {len(sheets)}" in sheet
    # Every question begins on the sheet where its stem is, and no sheet but the first begins in the middle of one.
    heads = [re.findall(r"^Question (\d+)", sheet, re.MULTILINE) for sheet in sheets]
    assert [number for found in heads for number in found] == [str(number) for number in range(1, 17)]
    by_number = {question.id.lstrip("q0"): question.variant.type for question in form.questions}
    for sheet, found in zip(sheets, heads, strict=True):
        words = " ".join(sheet.split())
        kinds = Counter(by_number[number] for number in found)
        assert words.count("stable for many weeks") == 3 * len(found)
        for kind, parts in PARTS.items():
            assert [words.count(part) for part in parts] == [kinds[kind]] * len(parts), (kind, found)
    second = next(sheet for sheet in sheets if "Part-Two" in sheet)
    assert second.index("Part-Two") < second.index("Question")  # a section begins on a sheet of its own
    assert re.findall(r"^Question (\d+)", second, re.MULTILINE)[0] == "9"


def test_each_type_has_its_place_for_an_answer(browser, form):
    page = browser.new_page(viewport={"width": 794, "height": 1100})
    page.set_content(paper_html(form))
    page.emulate_media(media="print")
    counts = {name: page.locator(name).count() for name in (".round", ".mark:not(.round)", ".number", ".blank")}
    assert counts == {".round": 6, ".mark:not(.round)": 8, ".number": 2, ".blank": 4}
    assert page.locator(".boxed .box").count() == 4  # two matchings of two
    assert page.locator("p.answer .box").count() == 8  # two orderings of four steps
    assert page.locator("img[alt]").count() >= 16  # the maths
    page.close()


def test_it_asks_for_name_and_id_and_needs_nothing_from_elsewhere(browser, form):
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.set_content(paper_html(form))
    assert page.locator(".who dt").all_inner_texts() == ["Name", "Learner ID", "Signature", "Date"]
    assert page.locator(".who dd").all_inner_texts()[1] == "ada"
    assert [url for url in asked if not url.startswith("data:")] == []
    assert messages == []  # the page's own policy lets its style through
    page.set_content(paper_html(msgspec.structs.replace(form, learner="", fixed="b")))
    assert page.locator(".who dd").all_inner_texts()[1].strip() == ""
    assert page.locator(".form").inner_text().startswith("Form B-")
    page.close()


def test_no_key_is_on_the_learners_page_and_all_of_it_on_the_other(form):
    page, key = paper_html(form), key_html(form)
    for secret in SECRETS:
        assert secret not in page, secret
    for question in form.questions:
        assert question.variant.ref not in page
        assert str(question.variant.seed) not in page + key
    assert "Answer key. Not for learners" in key
    assert "12.5 mm (from 12.4 to 12.6)" in key
    assert "Names the cause." in key
    assert "return 1, 2" in key
    assert key.count('<th scope="row">') == len(form.questions)
    assert "32 points in all" in key


def test_a_hostile_name_stays_text(browser, form):
    page = browser.new_page()
    page.set_content(
        paper_html(msgspec.structs.replace(form, learner="<img src=x onerror=alert(1)>", title="<b>Final</b>"))
    )
    assert page.locator("h1").inner_text() == "<b>Final</b>"
    assert page.locator(".who img").count() == 0
    page.close()


def test_a_worthier_short_answer_has_more_lines(form):
    lines = {}
    for points in (1, 5, 50):
        text = item_text(SHORT.replace("1.5", str(points - Decimal("0.5")))).replace(
            "points: 2\n", f"points: {points}\n"
        )
        bank = bank_of([parse_item(text, topic="a", item_id="s", file="s")])
        plan = blueprint(section(count=1, points=points))
        lines[points] = paper_html(assemble(bank, plan, seed=SEED, learner="ada")).count('class="line"')
    assert lines == {1: 4, 5: 15, 50: 24}
