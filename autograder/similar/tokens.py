"""Text as tokens that stay the same when names, numbers, texts, comments and blanks are changed.

Python is read with the standard library, and with Pygments where it is broken; other languages with Pygments.
"""

import builtins
import io
import keyword
import re
import tokenize
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_WORD = re.compile(r"\w+")
_KEPT = frozenset(dir(builtins)) | {*keyword.kwlist, *keyword.softkwlist, "self"}  # names in Python that nobody changes


class Token(NamedTuple):
    """A token as it is compared, and the characters of the text that it stands for."""

    value: str
    start: int
    end: int


class _Kind(Enum):
    NAME = auto()
    NUMBER = auto()
    TEXT = auto()
    OTHER = auto()


_Read = tuple[_Kind, str, int, int]


def code_tokens(text: str, language: str) -> tuple[Token, ...]:
    """The tokens of a program.

    Keywords, operators, built-in names and names behind a dot (methods and functions of libraries, which nobody can
    rename) stay what they are. Other names, numbers and texts are each one token, whatever they say.
    """
    kept = _KEPT if language.casefold() == "python" else frozenset[str]()
    if kept:
        try:
            return tuple(_evened(list(_read_python(text)), kept))
        except (tokenize.TokenError, SyntaxError):  # pieces of Python; Pygments takes them as they are
            pass
    lexer = _lexer(language)
    return tuple(_evened(_read_any(text, lexer, built_in=not kept), kept)) if lexer else words(text)


def words(text: str) -> tuple[Token, ...]:
    """The words of a text, in small letters."""
    return tuple(Token(found[0].casefold(), found.start(), found.end()) for found in _WORD.finditer(text))


def _evened(read: Iterable[_Read], kept: frozenset[str]) -> Iterator[Token]:
    before = two_before = ""
    for kind, written, start, end in read:
        value = written
        if kind is _Kind.NUMBER:
            value = "0"
        elif kind is _Kind.TEXT:
            value = '""'
            if before == value:  # quotes, escapes and pieces of one text
                continue
        elif kind is _Kind.NAME and (two_before == "self" if before == "." else written not in kept):
            value = "name"
        yield Token(value, start, end)
        before, two_before = value, before


_PYTHON = {tokenize.NAME: _Kind.NAME, tokenize.NUMBER: _Kind.NUMBER, tokenize.STRING: _Kind.TEXT}
_LAYOUT = frozenset({tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT})


def _read_python(text: str) -> Iterator[_Read]:
    starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    begins = True  # a text that is a statement of its own is a comment
    for kind, written, (row, column), (end_row, end_column), _ in tokenize.generate_tokens(io.StringIO(text).readline):
        if kind in _LAYOUT:
            begins = True
        elif kind != tokenize.COMMENT and written.strip() and not (begins and kind == tokenize.STRING):
            yield _PYTHON.get(kind, _Kind.OTHER), written, starts[row - 1] + column, starts[end_row - 1] + end_column
            begins = False


@cache
def _lexer(language: str) -> "Lexer | None":
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language)
    except ClassNotFound:
        return None


def _read_any(text: str, lexer: "Lexer", *, built_in: bool) -> Iterator[_Read]:
    from pygments.token import Comment, Literal, Name, Number, String, Whitespace

    found: Iterable[tuple[int, Any, str]] = lexer.get_tokens_unprocessed(text)
    for start, kind, piece in found:
        written = piece.strip()
        if kind in Comment or kind in Whitespace or kind is String.Doc or not written:
            continue
        read = _Kind.OTHER
        if kind in Number:
            read = _Kind.NUMBER
        elif kind in Literal:
            read = _Kind.TEXT
        elif kind in Name and not (built_in and kind in Name.Builtin):
            read = _Kind.NAME
        begin = start + len(piece) - len(piece.lstrip())
        yield read, written, begin, begin + len(written)
