"""Pictures without words for those who do not see them.

A learner with a screen reader hears the name of a file, or nothing. Meant are Markdown images, HTML ``img`` and
``IPython.display.Image``. In HTML an empty ``alt=""`` says that a picture is decoration, and is accepted. A figure
that code draws has no place for such words in a notebook: describe it in the text around it; this rule cannot judge
that.
"""

import re
from collections.abc import Iterator

from authoring.check.context import CheckedCell, Context
from authoring.check.finding import Finding, Severity
from authoring.check.python_source import calls, keyword
from authoring.check.text import pictures

NAME = "alternative-text"
_NO_WORDS = re.compile(
    r"(?i)(?:image|picture|figure|img|screenshot)?[\s\d_-]*(?:\.?(?:png|jpe?g|gif|svg|webp))?|\S+\.(?:png|jpe?g|gif|svg|webp)"
)
_MEND = 'Say in a sentence what the picture shows: ![…](…) in Markdown, alt="…" in HTML and in Image(…).'


def find(context: Context) -> Iterator[Finding]:
    """One finding for each picture."""
    for cell in context.cells:
        for message in _messages(cell):
            yield cell.place.finding(NAME, Severity.WARNING, message, _MEND)


def _messages(cell: CheckedCell) -> Iterator[str]:
    for picture in pictures(cell.tokens):
        name = picture.target if len(picture.target) <= 60 else f"{picture.target[:57]}…"
        is_decoration = picture.is_html and picture.alt == ""
        if picture.alt is None or (picture.alt.strip() == "" and not is_decoration):
            yield f"the picture {name} has no alternative text"
        elif not is_decoration and _NO_WORDS.fullmatch(picture.alt.strip()):
            yield f'the alternative text of the picture {name} is only "{picture.alt.strip()}"'
    if cell.tree is not None:
        for called, call in calls(cell.tree):
            if called in {"Image", "display.Image", "IPython.display.Image"} and keyword(call, "alt") is None:
                yield "Image(…) is called without alt"
