"""The outputs of a cell, as HTML that can only be read.

Of several forms of one output the richest that is safe is shown. A picture in SVG becomes a picture of the page, where
browsers run no script in it and fetch nothing for it. Forms that need a script are named and not shown.
"""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from autograder.feedback import clean
from autograder.feedback.tests_shown import WITHHELD, Secrets

_MOST = 100  # outputs of one cell
_LONGEST_TEXT = 20_000  # characters of one output
_LARGEST_PICTURE = 4_000_000  # characters of its address
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_MIDDLE = "\n… {} characters are left out …\n"
_SCRIPTED = "An output of the kind {} is not shown: it would need a script."

Output = Mapping[str, object]


def to_html(outputs: Sequence[Output], secrets: Secrets) -> Iterator[str]:
    """Each output that can be shown."""
    for output in outputs[:_MOST]:
        shown = _withheld(output, secrets) or _one(output)
        if shown:
            yield shown
    if len(outputs) > _MOST:
        yield _note(f"{len(outputs) - _MOST} more outputs are not shown.")


def _withheld(output: Output, secrets: Secrets) -> str:
    data = output.get("data")
    parts = [output.get("text"), output.get("traceback"), output.get("evalue")]
    if isinstance(data, Mapping):
        parts += [part for kind, part in data.items() if kind not in {"image/png", "image/jpeg"}]
    return _note(WITHHELD) if any(secrets.in_text(_text(part)) for part in parts) else ""


def _one(output: Output) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        name = "errors" if output.get("name") == "stderr" else "text"
        return f'<div class="{name}">{_cut(_text(output.get("text")))}</div>'
    if kind == "error":
        lines = _text(output.get("traceback"), "\n").lstrip("-\n")
        return f'<div class="errors">{_cut(lines)}</div>'
    data = output.get("data")
    return _richest(data) if isinstance(data, Mapping) else ""


def _richest(data: Mapping[str, object]) -> str:
    alternative = _text(data.get("text/plain")).strip()
    for kind in ("image/png", "image/jpeg"):
        if kind in data and (address := clean.picture_address(kind, _text(data[kind]))):
            return _picture(address, alternative)
    if "image/svg+xml" in data and (address := _svg(_text(data["image/svg+xml"]))):
        return _picture(address, alternative)
    if "text/html" in data:
        return f'<div class="scroll" tabindex="0">{clean.from_html(_text(data["text/html"]))}</div>'
    for kind in ("text/markdown", "text/latex"):
        if kind in data:
            return f'<div class="scroll" tabindex="0">{clean.from_markdown(_text(data[kind]))}</div>'
    if "text/plain" in data:
        return f'<div class="text">{_cut(alternative)}</div>'
    return _note(_SCRIPTED.format(", ".join(sorted(map(str, data)))[:200])) if data else ""


def _picture(address: str, alternative: str) -> str:
    if len(address) > _LARGEST_PICTURE:
        return _note("A picture is not shown: it is too large.")
    described = f"Picture made by the code above{': ' if alternative else ''}{alternative[:200]}"
    return f'<img class="plot" alt="{escape(described, quote=True)}" src="{address}">'


def _svg(text: str) -> str:
    """The picture from its first element on: what a document may declare before that is not needed."""
    start = text.find("<svg")
    return "" if start < 0 else "data:image/svg+xml;base64," + base64.b64encode(text[start:].encode()).decode()


def _note(text: str) -> str:
    return f'<p class="note">{escape(text)}</p>'


def _cut(text: str) -> str:
    if len(text) > _LONGEST_TEXT:
        half = _LONGEST_TEXT // 2
        text = text[:half] + _MIDDLE.format(len(text) - 2 * half) + text[-half:]
    return f"<pre>{escape(_COLOUR.sub('', text))}</pre>"


def _text(value: object, between: str = "") -> str:
    if isinstance(value, list):
        return between.join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""
