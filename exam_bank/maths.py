"""Markdown with maths as HTML that stands alone: no script and nothing to fetch.

Maths is drawn by Matplotlib as SVG pictures whose alternative text is the LaTeX; what Matplotlib cannot draw is shown
as LaTeX.
"""

import base64
import io
import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

_DOLLARS = re.compile(r"\$([^$]+)\$")
_POINTS = 12.0  # the size of text of 16 px
_BARE_ROOT = re.compile(r"\\sqrt\s*(\\[a-zA-Z]+|[A-Za-z0-9])")  # Matplotlib wants braces
_REPLACED = {
    r"\bigl": "",
    r"\bigr": "",
    r"\Bigl": "",
    r"\Bigr": "",
    r"\tfrac": r"\frac",
    r"\lvert": "|",
    r"\rvert": "|",
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
    from matplotlib.font_manager import FontProperties
    from matplotlib.mathtext import math_to_image

    source = _BARE_ROOT.sub(r"\\sqrt{\1}", " ".join(latex.split()))
    for name, replacement in _REPLACED.items():
        source = source.replace(name, replacement)
    if display:
        source = source.replace(r"\frac", r"\dfrac")
    buffer = io.BytesIO()
    try:
        depth = math_to_image(f"${source}$", buffer, prop=FontProperties(size=_POINTS), dpi=72, format="svg")
    except (ValueError, RecursionError):
        return None
    data = base64.b64encode(buffer.getvalue()).decode()
    return Drawing(f"data:image/svg+xml;base64,{data}", depth / 10)


def _picture(latex: str, style: str) -> str:
    drawing = drawn(latex, display=style == "display")
    if drawing is None:
        return f"<code>{escape(latex)}</code>"
    style = f"vertical-align:-{drawing.depth:.3f}em"
    return f'<img class="maths" alt="{escape(latex, quote=True)}" style="{style}" src="{drawing.address}">'


def draw_dollars(html: str) -> str:
    """HTML with maths between dollars, as :func:`exam_bank.render.inline_html` leaves it, with the maths drawn."""
    return _DOLLARS.sub(lambda match: _picture(unescape(match[1]).strip(), ""), html)
