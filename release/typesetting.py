"""Documents as PDF: typeset from templates of our own, tagged for screen readers and fit for archives.

What a document says goes into the template as data, never as part of its text; so a name can hold anything. The
template's own fonts come with the typesetter (Latin, Greek, Cyrillic and Hebrew letters, plain Arabic and Devanagari),
and with them the same document is the same bytes on every machine. Only if a letter is neither in them nor in the fonts
that are given are those of the machine asked; and if they lack it too, there is no document: an empty box in place of a
name would be worse.
"""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from authoring.errors import CoursewrightError

_STANDARDS: list[Literal["ua-1", "a-3a"]] = [
    "ua-1",
    "a-3a",
]  # PDF/UA-1: accessible; PDF/A-3a: for archives, with a file attached
_LONGEST_WORD = 28  # characters
_NO_LETTER = re.compile(r"the text `(?P<text>.*)` could not be displayed", re.DOTALL)


class TypesettingError(CoursewrightError):
    """A document cannot be typeset."""


def typeset(
    template: str,
    facts: Mapping[str, Any],
    *,
    at: datetime,
    pictures: Mapping[str, str] | None = None,
    fonts: Sequence[Path] = (),
) -> bytes:
    """The PDF of a template; a function of its arguments alone unless a font of the machine is needed.

    Args:
        template: its file's name in ``release/web``.
        facts: what the document says.
        at: the time that stands in the file as that of its making.
        pictures: SVG images, by name.
        fonts: folders with fonts for letters that the template's own fonts lack.

    Raises:
        TypesettingError: no font has one of the letters, or a folder of fonts is none.
    """
    for folder in fonts:
        if not folder.is_dir():
            raise TypesettingError(f"{folder}: there is no folder here; --fonts names a folder with fonts in it.")
    inputs = {"facts": json.dumps(facts), "pictures": json.dumps(dict(pictures or {}))}
    text = files("release").joinpath("web", template).read_bytes()
    made = _compiled(text, inputs, at, fonts, machine_fonts=False)
    if isinstance(made, str):
        made = _compiled(text, inputs, at, fonts, machine_fonts=True)
    if isinstance(made, bytes):
        return made
    raise TypesettingError(
        f"no font here has a letter of {made[:80]}: install one that does (those of the Noto family cover nearly all "
        "scripts), or name a folder with --fonts."
    )


def direction(text: str) -> str:
    """``rtl`` if the first letter that has a direction is written from right to left, otherwise ``ltr``."""
    for letter in text:
        match unicodedata.bidirectional(letter):
            case "R" | "AL":
                return "rtl"
            case "L":
                return "ltr"
    return "ltr"


def breakable(text: str) -> str:
    """The text with places where a word that is too long for a line can be broken, which are not seen otherwise."""
    return " ".join(_broken(word) if len(word) > _LONGEST_WORD else word for word in text.split(" "))


def _broken(word: str) -> str:
    marks = (
        "\u200b" if number % _LONGEST_WORD == 0 and number and unicodedata.category(letter)[0] != "M" else ""
        for number, letter in enumerate(word)
    )
    return "".join(mark + letter for mark, letter in zip(marks, word, strict=True))


def qr_code(content: str) -> str:
    """A QR code as an SVG image, made of shapes alone."""
    import segno

    return str(segno.make(content, error="m", micro=False).svg_inline(border=4, omitsize=True))


def day(moment: datetime) -> str:
    """The day of a moment, in UTC and in words: ``1 June 2026``."""
    moment = moment.astimezone(UTC)
    return f"{moment.day} {moment:%B %Y}"


def _compiled(
    text: bytes, inputs: dict[str, str], at: datetime, fonts: Sequence[Path], *, machine_fonts: bool
) -> bytes | str:
    """The PDF, or the text that has a letter which no font has."""
    import typst

    try:
        made = typst.compile(
            text,
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=[*_STANDARDS],
            timestamp=at.astimezone(UTC).replace(microsecond=0),
            font_paths=typst.Fonts(include_system_fonts=machine_fonts, font_paths=list(fonts)),
        )
    except typst.TypstError as error:
        if (lacking := _NO_LETTER.search(error.message)) is None:
            raise
        return lacking["text"]
    if not isinstance(made, bytes):
        raise TypeError("typst made other than one file")
    return made
