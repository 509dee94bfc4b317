"""Items as Aiken: one line for the stem, one for each option, one for the key."""

from collections.abc import Sequence
from string import ascii_uppercase

from exam_bank.interchange.exchanged import Kept, LeftOut, Refused, write_each
from exam_bank.interchange.to_html import to_html, to_plain
from exam_bank.item import Item, SingleChoice


def write(items: Sequence[Item]) -> tuple[bytes, list[Kept], list[LeftOut]]:
    """The file, what is in it, and what is not."""
    kept, left = write_each(items, _question)
    return "\n".join(each.text for each in kept).encode("utf-8"), kept, left


def _question(item: Item, notes: list[str]) -> str:
    question = item.question
    if not isinstance(question, SingleChoice):
        raise Refused(f"Aiken knows single choice only, and this is {item.type}", "use Moodle XML or QTI 3")
    texts = [item.stem, *(option.text for option in question.options)]
    if any("<pre>" in to_html(text) or "<table>" in to_html(text) for text in texts):
        raise Refused("Aiken has one line for a text, and it has code or a table", "use Moodle XML or QTI 3")
    if any(to_html(text).strip("\n") != f"<p>{to_plain(text)}</p>" for text in texts):
        notes.append("its texts are written without markup")
    if item.points != 1:
        notes.append("its points are left out: Aiken has no place for them")
    if item.solution or any(option.feedback for option in question.options):
        notes.append("its solution and feedback are left out: Aiken has no place for them")
    stem, *options = (to_plain(text) for text in texts)
    lines = [stem, *(f"{letter}. {text}" for letter, text in zip(ascii_uppercase, options, strict=False))]
    key = next(letter for letter, each in zip(ascii_uppercase, question.options, strict=False) if each.correct)
    return "\n".join([*lines, f"ANSWER: {key}", ""])
