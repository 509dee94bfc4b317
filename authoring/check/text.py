"""Markdown cells as tokens: headings, links and pictures, in Markdown or in HTML."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark").enable("table")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture: where it comes from, and the words for who does not see it (None: not even a place for them)."""

    target: str
    alt: str | None
    is_html: bool


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A heading of level 1 to 6."""

    level: int
    text: str


def tokens(source: str) -> tuple[Token, ...]:
    """The tokens of Markdown text, those inside a paragraph after the paragraph's own."""
    return tuple(_flat(_PARSER.parse(source)))


def pictures(found: Iterable[Token]) -> Iterator[Picture]:
    """The pictures, in order."""
    for token in found:
        if token.type == "image":
            yield Picture(target=str(token.attrs.get("src", "")), alt=token.content, is_html=False)
        for tag, attributes in _tags(token):
            if tag == "img":
                alt = (attributes["alt"] or "") if "alt" in attributes else None
                yield Picture(target=attributes.get("src") or "", alt=alt, is_html=True)


def links(found: Iterable[Token]) -> Iterator[str]:
    """The targets of the links, in order."""
    for token in found:
        if token.type == "link_open":
            yield str(token.attrs.get("href", ""))
        for tag, attributes in _tags(token):
            if tag == "a" and attributes.get("href"):
                yield attributes["href"] or ""


def headings(found: Iterable[Token]) -> Iterator[Heading]:
    """The headings, in order."""
    level = 0
    for token in found:
        if token.type == "heading_open":
            level = int(token.tag[1])
        elif level:  # the text comes right after
            yield Heading(level=level, text=token.content)
            level = 0
        for tag, _ in _tags(token):
            if tag in _HEADINGS:
                yield Heading(level=_HEADINGS[tag], text=token.content.strip())


def _flat(found: Iterable[Token]) -> Iterator[Token]:
    for token in found:
        yield token
        yield from _flat(token.children or ())


def _tags(token: Token) -> list[tuple[str, dict[str, str | None]]]:
    if token.type not in {"html_inline", "html_block"}:
        return []
    reader = _TagReader()
    reader.feed(token.content)
    return reader.tags


class _TagReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
