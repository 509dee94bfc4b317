"""What an author sees of an item, and the plots of reports."""

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import nbformat
import numpy as np
import pytest

from exam_bank import maths
from exam_bank.item import Item
from exam_bank.item_file import read_bank
from exam_bank.preview import preview_html, preview_notebook, write_preview
from exam_bank.statistics.plots import item_plot, score_groups
from tests.a_browser import running_browser
from tests.exam_bank.conftest import NUMERIC, SINGLE
from tests.exam_bank.statistics.test_classical import LSAT6

pytestmark = pytest.mark.integration  # slow: it starts processes, signs or draws again and again

COURSE = Path(__file__).parents[2] / "courses" / "mpc"


def test_a_page_shows_ten_variants_and_stands_alone(documented_item: Item, tmp_path: Path) -> None:
    write_preview(documented_item, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert page.count("<h2>Variant ") == 10
    assert "No findings over 100 seeds." in page
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    assert not re.search(r'(?:src|href)="(?!data:)', page)
    assert "<script" not in page
    assert "@media (prefers-color-scheme: dark)" in page
    assert re.search(r"<td>about 10</td><td>malformed</td>", page)


def test_a_preview_is_readable_in_the_dark(documented_item: Item, tmp_path: Path) -> None:
    """Formulas are pictures, and must not be black on black."""
    write_preview(documented_item, tmp_path / "page.html")
    with running_browser() as browser:
        for scheme, is_dark in (("light", False), ("dark", True)):
            page = browser.new_page(color_scheme=scheme, viewport={"width": 400, "height": 800})
            page.goto((tmp_path / "page.html").as_uri())
            paper, ink = page.evaluate(
                "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
            )
            assert (brightness(paper) < brightness(ink)) is is_dark
            assert abs(brightness(paper) - brightness(ink)) > 150
            picture = page.locator("img.maths").first
            assert (picture.evaluate("each => getComputedStyle(each).filter") == "invert(0.9)") is is_dark
            assert page.evaluate("document.documentElement.scrollWidth") <= 400


def brightness(colour: str) -> float:
    return sum(int(each) for each in re.findall(r"\d+", colour)[:3]) / 3


def test_findings_stand_first(make_item: Callable[..., Item]) -> None:
    page = preview_html(make_item(NUMERIC))
    assert page.index("there is no right sample") < page.index("Variant 0")


def test_a_variant_that_fails_is_shown_as_failing(make_item: Callable[..., Item]) -> None:
    item = make_item(NUMERIC, stem="{{ x }}", sections="\n## Variant\n\n```python\nx = 1 / int(rng.integers(2))\n```\n")
    page = preview_html(item)
    assert page.count("<h2>Variant ") == 10
    assert "ZeroDivisionError: division by zero (seed " in page


def test_markup_in_an_item_is_text(make_item: Callable[..., Item]) -> None:
    page = preview_html(make_item(SINGLE.replace("A near miss", "'<script>x</script>'"), stem="<script>y</script>"))
    assert "<script" not in page


def test_a_notebook_shows_the_same_variants(documented_item: Item) -> None:
    notebook = preview_notebook(documented_item)
    nbformat.validate(notebook)
    assert [cell.id for cell in notebook.cells] == ["title", *(f"variant-{seed}" for seed in range(10))]
    assert notebook.metadata.kernelspec.name == "python3"


@pytest.mark.integration
def test_every_formula_of_the_sample_course_is_drawn() -> None:
    for item in read_bank(COURSE).items.values():
        undrawn = re.findall(r"<code>([^<]*\\[^<]*)</code>", preview_html(item, variants=1))
        assert undrawn == [], item.ref


def test_maths_is_drawn_with_its_latex_as_alternative_text() -> None:
    html = maths.to_html("If $a<b$ then $$\\frac{a}{b} < 1$$ and <b>so on</b>.")
    assert 'alt="a&lt;b"' in html
    assert html.count("data:image/svg+xml;base64,") == 2
    assert "&lt;b&gt;so on" in html
    assert "<code>\\nonsense{x}</code>" in maths.to_html("$\\nonsense{x}$")


def test_groups_are_by_total_and_keep_everybody() -> None:
    item = LSAT6[:, 2]
    groups = score_groups(item, (LSAT6.sum(axis=1) - item) / 4)
    assert [round(total, 2) for total, _, _ in groups] == [0, 0.25, 0.5, 0.75, 1]
    assert sum(n for _, _, n in groups) == 1000
    assert sum(mean * n for _, mean, n in groups) == pytest.approx(item.sum())
    rng = np.random.default_rng(1)
    many = score_groups(rng.random(500), rng.random(500))
    assert [n for _, _, n in many] == [100] * 5
    assert score_groups(np.array([np.nan]), np.array([0.5])) == []


def test_an_item_plot_is_svg_with_labels_and_an_alternative() -> None:
    svg = item_plot([(0.2, 0.1, 10), (0.8, 0.9, 12)], title="A <title>")
    root = ET.fromstring(svg)  # our own output
    assert root.tag.endswith("svg")
    assert root.get("role") == "img"
    assert root.get("aria-label") == (
        "A <title>: 10% of the points at a score of 20% (n = 10), 90% of the points at a score of 80% (n = 12)."
    )
    assert item_plot([(0.2, 0.1, 10), (0.8, 0.9, 12)], title="A <title>") == svg
    assert "no answers yet" in item_plot([], title="x")
