"""Markdown with maths as HTML that stands alone: no script and nothing to fetch.

Maths is drawn by Matplotlib as SVG pictures whose alternative text is the LaTeX; what Matplotlib cannot draw is shown
as LaTeX.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
from math import ceil, floor
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

_DOLLARS = re.compile(r"\$([^$]+)\$")
_PIXELS = 16.0  # the size of the text around it
_UNITS = 100  # of an em: what Matplotlib's outlines are in
_BARE_ROOT = re.compile(r"\\sqrt\s*(\\[a-zA-Z]+|[A-Za-z0-9])")  # Matplotlib wants braces
_BARE_FRACTION = re.compile(r"\\([dt]?frac)\s*([A-Za-z0-9])\s*([A-Za-z0-9])")  # here too
_COMMAND = re.compile(r"\\([a-zA-Z]+)")
_REPLACED = {  # commands that Matplotlib does not know
    "bigl": "",
    "bigr": "",
    "Bigl": "",
    "Bigr": "",
    "displaystyle": "",
    "ge": r"\geq",
    "gets": r"\leftarrow",
    "iff": r"\Leftrightarrow",
    "implies": r"\Rightarrow",
    "land": r"\wedge",
    "le": r"\leq",
    "limits": "",
    "lor": r"\vee",
    "lVert": r"\Vert",
    "lvert": "|",
    "rVert": r"\Vert",
    "rvert": "|",
    "tfrac": r"\frac",
}


def to_html(text: str) -> str:
    """Markdown as HTML. Raw HTML in it is shown and not obeyed."""
    return str(_parser().render(text))


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").use(dollarmath_plugin, double_inline=True)
    parser.add_render_rule("math_inline", _inline)
    parser.add_render_rule("math_inline_double", _display)
    parser.add_render_rule("math_block", _display)
    parser.add_render_rule("math_block_label", _display)
    return parser


def _inline(_self: Any, tokens: Any, index: int, *_rest: Any) -> str:
    return _picture(tokens[index].content.strip(), "")


def _display(_self: Any, tokens: Any, index: int, *_rest: Any) -> str:
    return f'<div class="display">{_picture(tokens[index].content.strip(), "display")}</div>\n'


@dataclass(frozen=True)
class Drawing:
    """Maths as a picture."""

    address: str  # data:image/svg+xml;base64,…
    depth: float  # how far it reaches below the line, in em


@lru_cache(maxsize=4096)
def drawn(latex: str, *, display: bool) -> Drawing | None:
    """The picture of some LaTeX, or None where Matplotlib cannot draw it."""
    source = _BARE_FRACTION.sub(r"\\\1{\2}{\3}", _BARE_ROOT.sub(r"\\sqrt{\1}", " ".join(latex.split())))
    source = _COMMAND.sub(lambda found: _REPLACED.get(found[1], found[0]), source)
    if display:
        source = source.replace(r"\frac", r"\dfrac")
    try:
        svg, depth = _outlines(f"${source}$")
    except (ValueError, RecursionError):
        return None
    return Drawing(f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}", depth)


def _outlines(source: str) -> tuple[str, float]:
    """The formula's outlines as SVG without a background, and how many em it reaches below the line."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=_UNITS)
    width, height, depth = (float(size) for size in text_to_path.get_text_width_height_descent(source, font, True))
    vertices, codes = text_to_path.get_text_path(font, source, ismath=True)
    xs, ys = zip(*vertices, strict=True)
    # slanted letters reach beyond the box that they are set in
    left, right = floor(min(0.0, *xs)), ceil(max(width, *xs))
    top, bottom = ceil(max(height - depth, *ys)), floor(min(-depth, *ys))
    pixels = _PIXELS / _UNITS
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{(right - left) * pixels:.2f}" '
        f'height="{(top - bottom) * pixels:.2f}" viewBox="{left} {-top} {right - left} {top - bottom}">'
        f'<path d="{"".join(_steps(vertices, codes))}"/></svg>'
    ), -bottom / _UNITS


_LETTERS = {1: "M", 2: "L", 3: "Q", 4: "C"}  # Matplotlib's codes in SVG; a curve's stands at each of its points


def _steps(vertices: Any, codes: Any) -> Iterator[str]:
    """The outlines in SVG's words; its y goes down."""
    left = 0  # points that the step still has
    for (x, y), code in zip(vertices, codes, strict=True):
        if code not in _LETTERS:
            yield "Z"
            continue
        begins = left == 0
        left = (max(1, code - 1) if begins else left) - 1
        yield f"{_LETTERS[code] if begins else ' '}{x:.0f} {-y:.0f}"


def _picture(latex: str, style: str) -> str:
    drawing = drawn(latex, display=style == "display")
    if drawing is None:
        return f"<code>{escape(latex)}</code>"
    style = f"vertical-align:-{drawing.depth:.3f}em"
    return f'<img class="maths" alt="{escape(latex, quote=True)}" style="{style}" src="{drawing.address}">'


def draw_dollars(html: str) -> str:
    """HTML with maths between dollars, as :func:`exam_bank.render.inline_html` leaves it, with the maths drawn."""
    return _DOLLARS.sub(lambda match: _picture(unescape(match[1]).strip(), ""), html)
