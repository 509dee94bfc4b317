"""The command and the page: strongest first, learners' text is text, and nobody is accused."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from autograder.similar.assignment import AlikeAnswer, AlikePair, Similar
from autograder.similar.fragments import Piece
from autograder.similar.pairs import Likeness
from coursewright.report.similar_page import similar_page, write_similar_page
from tests.a_browser import running_browser
from tests.autograder.similar.classroom import INDEPENDENT, hand_in, honest_class, in_another_order
from tests.coursewright.conftest import Run

HOSTILE = "</pre></mark><script>document.title='hacked'</script><img src=x onerror=\"document.title='hacked'\">"
ACCUSING = re.compile(
    r"plagiar|cheat|guilt|suspicio|suspect|dishonest|misconduct|fraud|stole|copied|culprit", re.IGNORECASE
)


def made(learner: str = "ada", text: str = "x = 1\n") -> Similar:
    pieces = (Piece("# mine\n", 0), Piece(text, 1), Piece("y", 0), Piece(text, 2))
    answer = AlikeAnswer("ps: s_one", Likeness(12, 0.75, 80.0), pieces, pieces[::-1])
    return Similar("ps", 7, (learner,), 3, (AlikePair((learner, "zoe"), 60.0, (answer,)),) * 2)


class Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_what_learners_wrote_adds_no_element() -> None:
    plain, attacked = Elements(similar_page(made())).tags, Elements(similar_page(made(HOSTILE, HOSTILE))).tags
    assert [tag for tag, _ in plain] == [tag for tag, _ in attacked]
    assert "script" not in dict(plain)
    assert not any(name.startswith("on") for _, attributes in attacked for name in attributes)


def test_what_hides_or_turns_text_round_is_shown() -> None:
    page = similar_page(made(text="a\u202eb\x1b[31m\u200b\n"))
    assert r"a\u202eb\x1b[31m\u200b" in page


def test_the_page_needs_nothing_from_anywhere() -> None:
    for _, attributes in Elements(similar_page(made())).tags:
        assert (attributes.get("href") or "#").startswith("#")
        assert "src" not in attributes


def test_the_page_says_who_is_shown_of_how_many_and_who_could_not_be_read() -> None:
    page = similar_page(made())
    assert "3 pairs of learners have answers that are alike; the strongest 2 are shown." in page
    assert "Not compared, because the notebook could not be read: ada." in page
    assert "No two submissions have answers" in similar_page(Similar("ps", 2, (), 0, ()))


def test_nobody_is_accused() -> None:
    page = re.sub(r"<style>.*?</style>", "", similar_page(made()), flags=re.DOTALL)
    assert ACCUSING.findall(page) == []
    assert "It cannot show why." in page
    docs = (Path(__file__).parents[2] / "docs" / "ta.md").read_text("utf-8")
    (section,) = re.findall(r"^## See which answers are alike\n(.*?)^(?:## |\[grading)", docs, re.MULTILINE | re.DOTALL)
    assert ACCUSING.findall(section) == []


def test_a_page_is_written_whole_into_a_folder_of_its_own(tmp_path: Path) -> None:
    write_similar_page(made(), tmp_path / "similar" / "ps.html")
    assert (tmp_path / "similar" / "ps.html").read_text("utf-8") == similar_page(made())
    assert len(list((tmp_path / "similar").iterdir())) == 1


@pytest.mark.integration
def test_the_command_prints_the_pairs_and_writes_the_page(run: Run, tmp_path: Path) -> None:
    honest_class(tmp_path)
    hand_in(tmp_path, "zoe", words=in_another_order(INDEPENDENT["hal"]))
    ran = run("similar", ".", "words")
    assert (ran.status, ran.err) == (0, "")
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert lines[0] == "learners strength answers that are alike"
    assert re.fullmatch(r"hal and zoe \d+ words: words \(\d\d%\)", lines[1])
    assert lines[2] == "13 submissions compared: 1 pair to look at, in similar/words.html"
    assert "hal" in (tmp_path / "similar" / "words.html").read_text("utf-8")
    found = run("similar", ".", "words", "--json").json
    assert [pair["learners"] for pair in found["pairs"]] == [["hal", "zoe"]]
    assert (found["compared"], found["found"], found["unread"]) == (13, 1, [])
    assert "def top" not in str(found)


@pytest.mark.integration
def test_an_assignment_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    honest_class(tmp_path)
    ran = run("similar", ".", "letters")
    assert ran.status == 1
    assert "has no assignment letters" in ran.err


@pytest.fixture
def browser() -> Iterator:
    with running_browser() as running:
        yield running


@pytest.mark.integration
def test_the_page_in_a_browser(browser, tmp_path: Path) -> None:
    path = tmp_path / "similar.html"
    write_similar_page(made(text=HOSTILE), path)
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(path.as_uri())
    assert (tab.title(), said) == ("ps: similar answers", [])
    assert tab.locator("h1").count() == 1
    assert [heading.inner_text() for heading in tab.locator("h2").all()] == [
        "The strongest pairs",
        "ada and zoe",
        "ada and zoe",
    ]
    left, right = tab.locator("#pair1 ~ .beside pre").all()
    assert abs(left.bounding_box()["y"] - right.bounding_box()["y"]) < 1
    assert left.bounding_box()["x"] < right.bounding_box()["x"]
    assert [mark.inner_text()[0] for mark in left.locator("mark").all()] == ["1", "2"]
    assert [mark.inner_text()[0] for mark in right.locator("mark").all()] == ["2", "1"]
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        assert all(ratio >= 4.5 for ratio in tab.evaluate(CONTRASTS)), scheme
    tab.set_viewport_size({"width": 360, "height": 800})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360


CONTRASTS = """() => {
  const light = text => text.match(/[\\d.]+/g).slice(0, 3).map(one => one / 255)
    .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, index) => sum + one * [0.2126, 0.7152, 0.0722][index], 0);
  return [...document.querySelectorAll("mark, .number")].map(mark => {
    const style = getComputedStyle(mark), [a, b] = [light(style.color), light(style.backgroundColor)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  });
}"""
