r"""Markdown of an item as HTML for another system: maths stays LaTeX, between ``\(…\)`` or ``\[…\]``."""

import re
from functools import lru_cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from exam_bank.interchange.exchanged import Refused

_ONE_PARAGRAPH = re.compile(r"<p>((?:(?!</?p>).)*)</p>", re.DOTALL)


def to_html(text: str) -> str:
    """Well-formed HTML (it is XML as well). Raw HTML in the Markdown is shown, not obeyed.

    Raises:
        Refused: there is a picture in the text.
    """
    html = str(_parser().render(text)).strip()
    if "<img" in html:
        raise Refused("there is a picture in its text, and pictures are not packed", "add the picture there by hand")
    return html


def to_inline_html(text: str) -> str:
    """As :func:`to_html`, without the paragraph around a single one: for an option or feedback."""
    html = to_html(text)
    match = _ONE_PARAGRAPH.fullmatch(html)
    return match[1] if match else html


def to_plain(text: str) -> str:
    """The text without its markup, for places that have none; maths as LaTeX."""
    from exam_bank.interchange.from_html import visible_text

    return visible_text(to_html(text))


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True}).enable("table")
    parser.use(dollarmath_plugin, double_inline=True)
    parser.add_render_rule("math_inline", _inline)
    parser.add_render_rule("math_inline_double", _display)
    parser.add_render_rule("math_block", _display)
    parser.add_render_rule("math_block_label", _display)
    return parser


def _inline(_self: Any, tokens: Any, index: int, *_rest: Any) -> str:
    return rf"\({escape(tokens[index].content.strip())}\)"


def _display(_self: Any, tokens: Any, index: int, *_rest: Any) -> str:
    block = tokens[index].type.startswith("math_block")
    maths = rf"\[{escape(tokens[index].content.strip())}\]"
    return f"<p>{maths}</p>\n" if block else maths
