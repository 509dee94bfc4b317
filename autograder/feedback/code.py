"""Code with colours, as HTML without styles of its own."""

from functools import cache, lru_cache
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

_LONGEST = 20_000  # characters that are coloured; longer code is shown plain


@lru_cache(maxsize=4096)
def to_html(code: str, language: str) -> str:
    """The code within ``<pre>``. The classes are those of Pygments; the page's style knows the common ones."""
    lexer = _lexer(language) if len(code) <= _LONGEST else None
    shown = escape(code) if lexer is None else highlight(code, lexer, _formatter()).rstrip("\n")
    return f"<pre><code>{shown}</code></pre>"


@cache
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None


@cache
def _formatter() -> HtmlFormatter[str]:
    return HtmlFormatter(nowrap=True)
