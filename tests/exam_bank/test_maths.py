"""Formulas as pictures: outlines alone, as large as they say, and nothing where nothing can be drawn."""

import base64
import re
import xml.etree.ElementTree as ET

import pytest

from exam_bank import maths

SVG = "{http://www.w3.org/2000/svg}"


def picture(latex: str) -> tuple[ET.Element, float]:
    drawing = maths.drawn(latex, display=False)
    assert drawing is not None
    kind, _, data = drawing.address.partition(",")
    assert kind == "data:image/svg+xml;base64"
    return ET.fromstring(base64.b64decode(data)), drawing.depth


@pytest.mark.parametrize("latex", ["x", r"\frac{1}{2}x^2", r"\sqrt{\sum_{i=1}^n (x_i - \bar{x})^2}", "(p_j)"])
def test_the_outlines_lie_within_the_picture_and_have_no_background(latex: str) -> None:
    root, depth = picture(latex)
    assert [child.tag for child in root] == [f"{SVG}path"]
    left, top, width, height = map(float, root.get("viewBox").split())
    assert round(top + height, 6) == round(depth * 100, 6)
    steps = re.findall(r"([MLQC ])(-?\d+) (-?\d+)", root[0].get("d"))
    assert all(left - 1 <= int(x) <= left + width + 1 and top - 1 <= int(y) <= top + height + 1 for _, x, y in steps)
    letters = "".join(letter for letter, *_ in steps)
    assert re.fullmatch("(M|L|Q |C  )+", letters)


def test_what_stands_on_the_line_has_no_depth_and_what_hangs_has_some() -> None:
    assert picture("x")[1] == pytest.approx(0, abs=0.03)
    assert picture("p")[1] > 0.15


@pytest.mark.parametrize(
    ("latex", "same"),
    [
        (r"n \ge 2", r"n \geq 2"),
        (r"\left(x\right)", r"\left(x\right)"),
        (r"\frac12", r"\frac{1}{2}"),
        (r"\sqrt2", r"\sqrt{2}"),
        (r"\displaystyle x", "x"),
        (r"\lvert x \rvert", "| x |"),
    ],
)
def test_what_authors_write_is_put_as_the_drawer_knows_it(latex: str, same: str) -> None:
    assert maths.drawn(latex, display=False) == maths.drawn(same, display=False) is not None


@pytest.mark.parametrize("latex", [r"\nonsense{x}", "", "{", r"\frac{" * 100, "\0"])
def test_what_cannot_be_drawn_is_no_picture(latex: str) -> None:
    assert maths.drawn(latex, display=False) is None
