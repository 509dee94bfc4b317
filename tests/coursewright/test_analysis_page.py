"""The page on an exam: for three sizes of class, in a browser, and whatever names hold."""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Browser

from coursewright.report.analysis_page import analysis_page
from coursewright.report.drawing import even_ticks
from exam_bank.statistics.analysis import analyse
from tests.a_browser import running_browser
from tests.coursewright.test_similar import Elements
from tests.exam_bank.statistics.an_exam import an_exam, groups_of

pytestmark = pytest.mark.integration  # it draws, and starts a browser

HOSTILE = "</title></svg><script>document.title='hacked'</script><img src=x onerror=\"document.title='hacked'\">"


def page_of(learners: int, *, items: int = 12, asked: int | None = None, seed: int = 1) -> str:
    answers = an_exam(np.random.default_rng(seed), learners, items, asked)
    return analysis_page(analyse(answers, groups_of(answers)), title="Final exam", about="A simulated class.")


@pytest.fixture(scope="module")
def pages() -> dict[int, str]:
    return {5: page_of(5), 40: page_of(40), 4000: page_of(4000, items=60, asked=20)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_each_size_of_class_is_told_what_it_can_know(pages) -> None:
    assert "With 5 learners no figure can tell a bad question from chance" in words(pages[5])
    assert "so few learners could not show it" in words(pages[40])
    assert "Option b is chosen by stronger learners than the key" in words(pages[4000])
    assert "much harder for the group odd" in words(pages[4000])
    assert "two-parameter logistic model" in words(pages[4000]) or "Rasch model" in words(pages[4000])
    assert "Learners and questions on one scale" in pages[4000]
    assert "Learners and questions on one scale" not in pages[5]


def test_the_test_information_is_shown_where_all_were_asked_the_same() -> None:
    whole = page_of(600)
    assert "information (per squared SD)" in whole
    assert "standard error (SD of ability)" in whole


def test_every_picture_has_labelled_axes_and_says_what_it_shows(pages) -> None:
    for page in pages.values():
        pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
        assert len(pictures) >= 14
        for each in pictures:
            told = re.search(r"<desc[^>]*>(.+?)</desc>", each)
            assert told
            assert len(told.group(1)) > 10
            assert each.count("rotate(-90") == 1  # the label at the left
            assert re.search(r"\((%|% of|SD|share|minutes)|learners", each)


def test_no_two_elements_have_the_same_id_and_every_link_leads_somewhere(pages) -> None:
    for page in pages.values():
        ids = re.findall(r'\bid="([^"]+)"', page)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_the_page_needs_nothing_from_anywhere_and_runs_nothing(pages) -> None:
    for page in pages.values():
        for tag, attributes in Elements(page).tags:
            assert tag not in {"script", "link", "iframe", "img"}
            assert "src" not in attributes
            assert not any(name.startswith("on") for name in attributes)
            assert (attributes.get("href") or "#").startswith("#")


def test_names_add_no_element() -> None:
    answers = an_exam(np.random.default_rng(1), 40)
    options = tuple(replace(each, names=(HOSTILE, *each.names[1:])) for each in answers.options if each)
    bad = replace(answers, items=(HOSTILE, *answers.items[1:]), options=options)
    groups = dict.fromkeys(answers.learners[:25], HOSTILE) | dict.fromkeys(answers.learners[25:], "other")
    plain = {name: "zz" if group == HOSTILE else group for name, group in groups.items()}
    attacked = analysis_page(analyse(bad, groups), title=HOSTILE, about=HOSTILE)
    harmless = analysis_page(analyse(answers, plain), title="t", about="a")
    assert [tag for tag, _ in Elements(attacked).tags] == [tag for tag, _ in Elements(harmless).tags]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1366, 400])
def test_it_fits_the_screen_by_day_and_by_night(pages, browser, tmp_path, scheme, width) -> None:
    path = tmp_path / "page.html"
    path.write_text(pages[40], "utf-8")
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    shown = context.new_page()
    errors: list[str] = []
    shown.on("console", lambda message: errors.append(message.text))
    shown.goto(path.as_uri())
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    # No word of a picture is cut off by its picture's edge, and none lies over another.
    cut = shown.evaluate(
        """() => [...document.querySelectorAll("svg")].flatMap(svg => {
             const all = svg.getBoundingClientRect();
             return [...svg.querySelectorAll("text")].filter(text => {
               const own = text.getBoundingClientRect();
               return own.left < all.left - 1 || own.right > all.right + 1
                   || own.top < all.top - 1 || own.bottom > all.bottom + 1;
             }).map(text => text.textContent);
           })"""
    )
    assert cut == []
    assert errors == []
    context.close()


@pytest.mark.parametrize(("high", "ticks"), [(1, (0, 0.2, 0.4, 0.6, 0.8, 1)), (7, (0, 2, 4, 6, 8)), (530, 600)])
def test_ticks_are_round_and_reach_beyond_what_is_drawn(high, ticks) -> None:
    found = even_ticks(high)
    assert found[-1] == ticks if isinstance(ticks, int) else found == pytest.approx(ticks)
