"""Markdown and HTML that anybody may have written, as HTML that can do nothing but be read.

1. Of HTML only elements and attributes for text, lists and tables are kept; no classes, ids or styles.
2. A picture is PNG or JPEG and within the page, or maths that was drawn here. Everything else that a page could fetch
   is taken out; its alternative text stays.
3. Links lead to http, https and mailto only.
4. Headings begin below those of the page.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from html import escape
from typing import Any
from urllib.parse import quote

import nh3
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbformat import NotebookNode

from exam_bank import maths

LONGEST = 100_000  # characters of Markdown or HTML that are read; longer texts are shown as they are
DEEPEST = 60  # twentieths of an em that maths may reach below the line
_LONGEST_MATHS = 300  # characters of one formula that is drawn
_MOST_MATHS = 100  # formulas of one text that are drawn
_TEXT = "abbr b br cite code del dfn em i ins kbd mark q s samp small span strong sub sup tt u var a img"
_BLOCKS = "blockquote dd details div dl dt figcaption figure h3 h4 h5 h6 hr li ol p pre summary ul"
_TABLES = "caption col colgroup table tbody td tfoot th thead tr"
_TAGS = frozenset(f"{_TEXT} {_BLOCKS} {_TABLES}".split())
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "details": {"open"},
    "img": {"alt", "class", "height", "src", "width"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_EMPTIED = frozenset({"script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "math", "title"})
_SCHEMES = {"http", "https", "mailto", "data", "attachment"}  # the last two only in pictures, see _picture
_LINK = re.compile(r"(https?://|mailto:|#)", re.IGNORECASE)
_NUMBERS = frozenset({"colspan", "height", "rowspan", "start", "width"})
_NUMBER = re.compile(r"[0-9]{1,4}")
_DRAWN = re.compile(r"maths( display)? d\d{1,2}")
_PICTURE = re.compile(r"data:(image/(?:png|jpeg));base64,([A-Za-z0-9+/=\s]*)")
_FIRST_BYTES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}

Pictures = Mapping[str, str]
"""Addresses with data in them, by what the text calls the picture: ``attachment:NAME``, or the name of a file."""
NO_PICTURES: Pictures = {}


def from_markdown(text: str, pictures: Pictures = NO_PICTURES) -> str:
    """Markdown with maths and HTML in it, as HTML."""
    if len(text) > LONGEST:
        return plain(text)
    if not pictures:
        return _without_pictures(text)
    return _from_markdown(text, pictures)


def from_html(text: str) -> str:
    """HTML that can only be read."""
    return _cleaned(text, frozenset(), NO_PICTURES) if len(text) <= LONGEST else plain(text)


def plain(text: str) -> str:
    """Text as it stands."""
    return f"<pre>{escape(text)}</pre>"


def picture_address(kind: str, data: str) -> str:
    """``data:…`` of a picture in base64; empty when it is none, whatever it claims to be."""
    try:
        return address_of_bytes(kind, base64.b64decode("".join(data.split()), validate=True))
    except (binascii.Error, ValueError):
        return ""


def address_of_bytes(kind: str, data: bytes) -> str:
    """``data:…`` of a picture; empty when it is none, whatever it claims to be."""
    first = _FIRST_BYTES.get(kind)
    return f"data:{kind};base64,{base64.b64encode(data).decode()}" if first and data.startswith(first) else ""


def attachments(cell: NotebookNode) -> dict[str, str]:
    """The pictures that were pasted into a Markdown cell, by the name that its text calls them."""
    found = {}
    for name, bundle in cell.get("attachments", {}).items():
        for kind, data in bundle.items():
            if isinstance(data, str) and (address := picture_address(kind, data)):
                found[f"attachment:{name}"] = found[f"attachment:{quote(name)}"] = address
    return found


@lru_cache(maxsize=4096)
def _without_pictures(text: str) -> str:
    return _from_markdown(text, NO_PICTURES)


def _from_markdown(text: str, pictures: Pictures) -> str:
    drawn: set[str] = set()
    rendered = _parser().render(text, {"drawn": drawn, "formulas": 0})
    return _cleaned(str(rendered), drawn, pictures)


def _cleaned(text: str, drawn: set[str] | frozenset[str], pictures: Pictures) -> str:
    def kept(_tag: str, attribute: str, value: str) -> str | None:
        return _picture(value, drawn, pictures) if attribute == "src" else _kept(attribute, value)

    return nh3.clean(
        text,
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        clean_content_tags=set(_EMPTIED),
        url_schemes=_SCHEMES,
        attribute_filter=kept,
        link_rel="noopener noreferrer nofollow",
    )


def _picture(value: str, drawn: set[str] | frozenset[str], pictures: Pictures) -> str | None:
    """The address of a picture that is within the page, or None."""
    if value in drawn:
        return value
    found = _PICTURE.fullmatch(value)
    return pictures.get(value) or (picture_address(found[1], found[2]) if found else "") or None


def _kept(attribute: str, value: str) -> str | None:
    """The value of another attribute, or None when it must go."""
    if attribute == "href":
        return value if _LINK.match(value) else None
    if attribute == "class":
        return value if _DRAWN.fullmatch(value) else None
    if attribute in _NUMBERS:
        return value if _NUMBER.fullmatch(value) else None
    return value


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, double_inline=True)
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005  # cleaning decides
    parser.add_render_rule("math_inline", _formula(display=False))
    for rule in ("math_inline_double", "math_block", "math_block_label"):
        parser.add_render_rule(rule, _formula(display=True))
    parser.add_render_rule("heading_open", _lower)
    parser.add_render_rule("heading_close", _lower)
    return parser


def _lower(self: Any, tokens: Any, index: int, options: Any, environment: Any) -> str:
    tokens[index].tag = f"h{min(6, int(tokens[index].tag[1:]) + 2)}"
    return str(self.renderToken(tokens, index, options, environment))


def _formula(*, display: bool) -> Callable[..., str]:
    def render(_self: Any, tokens: Any, index: int, _options: Any, environment: Any) -> str:
        latex = tokens[index].content.strip()
        environment["formulas"] += 1
        drawing = None
        if len(latex) <= _LONGEST_MATHS and environment["formulas"] <= _MOST_MATHS:
            drawing = maths.drawn(latex, display=display)
        if drawing is None:
            return f"<code>{escape(latex)}</code>"
        environment["drawn"].add(drawing.address)
        depth = max(0, min(DEEPEST, round(drawing.depth * 20)))  # the page's style has a class for each
        kind = "maths display" if display else "maths"
        return f'<img class="{kind} d{depth}" alt="{escape(latex, quote=True)}" src="{drawing.address}">'

    return render
