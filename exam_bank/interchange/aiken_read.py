"""Aiken: a stem, options that begin with ``A.`` or ``A)``, and a line ``ANSWER: A``."""

import re
from collections.abc import Callable, Iterator

from exam_bank.interchange.exchanged import MAX_TEXT, Draft, Read, Refused, read_each
from exam_bank.interchange.from_html import from_text, visible_text
from exam_bank.interchange.ids import ids
from exam_bank.interchange.options import single_choice
from exam_bank.interchange.text_file import decoded
from exam_bank.item import Option

_OPTION = re.compile(r"([A-Z])[.)]\s+(.+)")
_ANSWER = re.compile(r"ANSWER:\s*([A-Z])\s*", re.IGNORECASE)


def read(data: bytes, *, file: str) -> Read:
    """The questions of the file, in order.

    Raises:
        SourceError: the file is no text.
    """
    yield from read_each(_questions(decoded(data, file=file)))


def _questions(text: str) -> Iterator[tuple[str, Callable[[], Draft]]]:
    lines: list[str] = []
    number = start = 0
    for at, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        start = start or at
        lines.append(line.strip())
        if line.strip().upper().startswith("ANSWER:"):
            number += 1
            yield f"question {number} (line {start})", _reader(lines)
            lines, start = [], 0
    if lines:
        yield f"question {number + 1} (line {start})", _reader(lines)


def _reader(lines: list[str]) -> Callable[[], Draft]:
    return lambda: _draft(lines)


def _draft(lines: list[str]) -> Draft:
    if sum(map(len, lines)) > MAX_TEXT:
        raise Refused(f"it has more than {MAX_TEXT:,} characters", "shorten it")
    answer = _ANSWER.fullmatch(lines[-1])
    if answer is None:
        raise Refused("it has no line ANSWER: with one letter", "add the line below its options")
    first = next((at for at, line in enumerate(lines) if _OPTION.fullmatch(line)), len(lines))
    stem, options = lines[:first], [_OPTION.fullmatch(line) for line in lines[first:-1]]
    letters = [match[1] for match in options if match]
    if not stem or len(letters) != len(options) or letters != [chr(65 + at) for at in range(len(letters))]:
        raise Refused("its options are not A, B, C … below the question, one on a line each", "write them so")
    if answer[1].upper() not in letters:
        raise Refused(f"its answer {answer[1]} is none of its options", "correct the letter")
    made = [
        Option(id=name, text=from_text(match[2]), correct=match[1] == answer[1].upper(), feedback="")
        for name, match in zip(ids(len(options), "option"), options, strict=True)
        if match
    ]
    title = visible_text(" ".join(stem))[:60]
    return Draft(
        name=title,
        title=title,
        stem=from_text(" ".join(stem)),
        question=single_choice(made, shuffle=True),
    )
