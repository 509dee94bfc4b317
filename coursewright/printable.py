"""Text that is safe to show on a terminal, whoever wrote it."""

import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, invisible formatting, lone surrogates, line and paragraph ends


def printable(text: str) -> str:
    r"""The text with everything that a terminal obeys or hides written as an escape.

    Learners choose their names and file names, and a terminal executes ``\x1b[…``. Line feeds and tabs stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def one_line(text: str) -> str:
    """The printable text with its line ends and runs of blanks as one space each."""
    return printable(" ".join(text.split()))


def _visible(character: str) -> str:
    if character in "\n\t" or unicodedata.category(character) not in _HIDDEN:
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
