"""Moodle's questions with blanks inside the text, such as ``{1:SHORTANSWER:=range~=R chart~*#No.}``."""

import re
from decimal import Decimal
from html import unescape

from exam_bank.interchange.blanks import each_blank_counts
from exam_bank.interchange.exchanged import Refused
from exam_bank.interchange.from_html import from_html, from_text
from exam_bank.interchange.safe_xml import Element, text_at
from exam_bank.item import Blank, Case, Question

_GAP = re.compile(r"\{(\d{0,3}):([A-Z_]{1,24}):((?:\\.|[^{}\\]){0,10000}?)\}")
_TEXTS = {"SHORTANSWER", "SA", "MW"}
_EXACT_TEXTS = {"SHORTANSWER_C", "SAC", "MWC"}
_PLACE = "\ue000{}\ue001"  # stands for a blank while the HTML becomes Markdown


def cloze(element: Element, points: Decimal | None) -> tuple[str, Question, Decimal]:
    """The stem with ``[[blank-1]]``, the blanks, and the points (the file's, or Moodle's sum of the weights).

    Raises:
        Refused: a blank is no text, or blanks have different weights.
    """
    html = text_at(element, "questiontext", "text")
    gaps = list(_GAP.finditer(html))
    if not gaps:
        raise Refused("there is no blank in it that can be read", "write the item anew")
    if len(gaps) > 26:
        raise Refused("it has more than 26 blanks", "split it there")
    weights = {int(gap[1] or 1) for gap in gaps}
    if len(weights) != 1 or weights == {0}:
        raise Refused(
            "its blanks have different weights, and here all count the same", "give them the same weight there"
        )
    blanks = tuple(_blank(f"blank-{number}", gap[2], gap[3]) for number, gap in enumerate(gaps, 1))
    parts, end = [], 0
    for number, gap in enumerate(gaps, 1):
        parts += [html[end : gap.start()], _PLACE.format(number)]
        end = gap.end()
    stem = re.sub("\ue000(\\d+)\ue001", r"[[blank-\1]]", from_html("".join([*parts, html[end:]])))
    return stem, each_blank_counts(blanks), points or Decimal(weights.pop() * len(gaps))


def _blank(name: str, kind: str, body: str) -> Blank:
    if kind not in _TEXTS | _EXACT_TEXTS:
        raise Refused(f"a blank of it is of the kind {kind}, and here blanks are texts", "make it a question by itself")
    forms, feedback = [], ""
    for part in re.split(r"(?<!\\)~", body):
        answer, _, said = _split_feedback(part)
        share = re.match(r"%(-?[0-9.]+)%", answer)
        whole = answer.startswith("=") or (share is not None and share[1] == "100")
        text = _plain(re.sub(r"^(=|%-?[0-9.]+%)", "", answer))
        if text == "*" and not whole:
            feedback = from_text(_plain(said))
        elif not whole and share is not None and float(share[1]) != 0:
            raise Refused(f"a form of a blank earns {share[1]} %, and here it is all or nothing", "change it in Moodle")
        elif whole and "*" in text:
            raise Refused("a form of a blank has an asterisk for any text", "list the forms that are right there")
        elif whole:
            forms.append(text)
    case = Case.EXACT if kind in _EXACT_TEXTS else Case.IGNORE
    return Blank(id=name, accept=tuple(forms), case=case, feedback=feedback)


def _split_feedback(part: str) -> tuple[str, str, str]:
    match = re.search(r"(?<![\\&])#", part)
    return (part[: match.start()], "#", part[match.end() :]) if match else (part, "", "")


def _plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"\\([~}#/\"])", r"\1", text)).split())
