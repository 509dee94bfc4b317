"""Text as tokens that stay the same when names, numbers, texts, comments and blanks are changed."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_WORD = re.compile(r"\w+")
_NAME, _NUMBER, _TEXT = "name", "0", '""'


class Token(NamedTuple):
    """A token as it is compared, and the characters of the text that it stands for."""

    value: str
    start: int
    end: int


def code_tokens(text: str, language: str) -> tuple[Token, ...]:
    """The tokens of a program.

    Keywords, operators, built-in names and names behind a dot (methods and functions of libraries, which nobody can
    rename) stay what they are. Other names, numbers and texts are each one token, whatever they say.
    """
    lexer = _lexer(language)
    return tuple(_of_program(text, lexer)) if lexer else words(text)


def words(text: str) -> tuple[Token, ...]:
    """The words of a text, in small letters."""
    return tuple(Token(found[0].casefold(), found.start(), found.end()) for found in _WORD.finditer(text))


@cache
def _lexer(language: str) -> "Lexer | None":
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language)
    except ClassNotFound:
        return None


def _of_program(text: str, lexer: "Lexer") -> Iterator[Token]:
    from pygments.token import Comment, Literal, Name, Number, String, Whitespace

    before = two_before = ""
    found: Iterable[tuple[int, Any, str]] = lexer.get_tokens_unprocessed(text)
    for start, kind, written in found:
        if kind in Comment or kind in Whitespace or kind is String.Doc or not written.strip():
            continue
        if kind in Number:
            value = _NUMBER
        elif kind in String or kind in Literal:
            if before == _TEXT:  # quotes, escapes and pieces of one text
                continue
            value = _TEXT
        elif kind is Name or kind in Name.Function or kind in Name.Class or kind in Name.Variable:
            value = written if before == "." and two_before != "self" else _NAME
        else:
            value = written.strip()
        yield Token(value, start, start + len(written.rstrip()))
        before, two_before = value, before
