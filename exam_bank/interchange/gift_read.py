"""GIFT, Moodle's text format: read as Moodle reads it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from exam_bank.interchange.blanks import one_blank
from exam_bank.interchange.exchanged import (
    MAX_TEXT,
    Draft,
    Read,
    Refused,
    decimal_of,
    number_of_points,
    read_each,
)
from exam_bank.interchange.fit import fitted
from exam_bank.interchange.from_html import from_html, from_text, visible_text
from exam_bank.interchange.ids import ids
from exam_bank.interchange.numbers import absolute, require_moodle_can_tell
from exam_bank.interchange.options import multiple_choices, single_choice, true_false
from exam_bank.interchange.text_file import decoded
from exam_bank.interchange.to_html import to_html
from exam_bank.item import Blank, Criterion, Distractor, Matching, Option, Pair, Question, ShortAnswer

_MEND = "correct it in the file"
_WEIGHT = re.compile(r"%(-?[0-9]{1,3}(?:\.[0-9]*)?)%")
_FORMAT = re.compile(r"\[(html|moodle|plain|markdown)\]")
# a backslash and a special letter become one letter that no text holds, so that splitting does not see it
_ESCAPES = {"\\": "\ue000", ":": "\ue001", "#": "\ue002", "=": "\ue003", "{": "\ue004", "}": "\ue005", "~": "\ue006"}
_ESCAPES["n"] = "\ue007"
_BACK = {placeholder: ("\n" if letter == "n" else letter) for letter, placeholder in _ESCAPES.items()}
_PRIVATE = re.compile("[\ue000-\ue007]")


def read(data: bytes, *, file: str) -> Read:
    """The questions of the file, in order.

    Raises:
        SourceError: the file is no text.
    """
    yield from read_each(_questions(_PRIVATE.sub("", decoded(data, file=file))))


def _questions(text: str) -> Iterator[tuple[str, Callable[[], Draft]]]:
    number, line = 0, 1
    for block in re.split(r"(\n[ \t]*(?:\n[ \t]*)+)", "\n" + text):
        code = "\n".join(each for each in block.split("\n") if not each.strip().startswith("//")).strip()
        if code and not code.startswith("$CATEGORY:"):
            number += 1
            yield f"question {number} (line {line + block.count(chr(10), 0, _indent(block)) - 1})", _reader(block, code)
        line += block.count("\n")


def _indent(block: str) -> int:
    return len(block) - len(block.lstrip())


def _reader(block: str, code: str) -> Callable[[], Draft]:
    return lambda: _draft(block, code)


@dataclass(frozen=True)
class _Format:
    """How the texts of a question are marked up."""

    name: str

    def markdown(self, text: str) -> str:
        """A text of the file, in its own format or the question's, as Markdown."""
        match = _FORMAT.match(text.strip())
        name, text = (match[1], text.strip()[match.end() :]) if match else (self.name, text)
        back = _back(text).strip()
        if name == "markdown":
            return from_html(to_html(back))
        return from_html(back) if name in {"html", "moodle"} and re.search(r"<[A-Za-z/]|&", back) else from_text(back)


def _draft(block: str, code: str) -> Draft:
    if len(code) > MAX_TEXT:
        raise Refused(f"it has more than {MAX_TEXT:,} characters", "shorten it")
    text = re.sub(r"\\([\\:#={}~n])", lambda match: _ESCAPES[match[1]], code)
    title = ""
    if text.startswith("::") and "::" in text[2:]:
        title, _, text = text[2:].partition("::")
    before, body, after = _parts(text)
    match = _FORMAT.match(before.strip())
    style = _Format(match[1] if match else "moodle")
    answers, _, general = body.rpartition("####") if "####" in body else (body, "", "")
    stem = style.markdown(before + ("_____" + after if after.strip() else ""))
    points = number_of_points(_comment(block, "points"))
    stem, question, notes = _question(answers.strip(), stem, style, points)
    title = visible_text(_back(title)) or visible_text(_back(_FORMAT.sub("", before)))[:60]
    name = _comment(block, "id").rpartition("/")[2] or title
    return Draft(
        name=name,
        title=title or "Question",
        stem=stem,
        question=question,
        points=points,
        solution=style.markdown(general) if general else "",
        notes=notes,
    )


def _comment(block: str, name: str) -> str:
    """What our own export says in a comment, which Moodle skips."""
    match = re.search(rf"^\s*//\s*{name}:\s*(\S{{1,100}})\s*$", block, re.MULTILINE)
    return match[1] if match else ""


def _parts(text: str) -> tuple[str, str, str]:
    start, end = text.find("{"), text.find("}")
    if start < 0 and end < 0:
        raise Refused("it is a text and no question", "put the text into a lesson")
    if start < 0 or end < start:
        raise Refused("its braces do not match", "write { } around the answers")
    if "{" in text[end:]:
        raise Refused("there is a second answer in braces", "split it into two questions, with an empty line between")
    return text[:start], text[start + 1 : end], text[end + 1 :]


def _back(text: str) -> str:
    return _PRIVATE.sub(lambda match: _BACK[match[0]], text)


def _question(answers: str, stem: str, style: _Format, points: Decimal) -> tuple[str, Question, tuple[str, ...]]:
    if not answers:
        rubric = ShortAnswer(rubric=(Criterion(points=points, text="A full answer."),))
        return stem, rubric, ("it has no rubric; write one",)
    if answers.startswith("#"):
        return stem, _numeric(answers[1:], style), ()
    if "~" in answers:
        return stem, _choices(answers, stem, style), ()
    if "=" in answers and "->" in answers:
        return stem, _matching(answers, style), ()
    first = answers.partition("#")[0].strip()
    if first in {"T", "TRUE", "F", "FALSE"}:
        _, wrong, right = [*map(style.markdown, answers.split("#")), "", ""][:3]
        return stem, true_false(first[0] == "T", *((right, wrong) if first[0] == "T" else (wrong, right))), ()
    return *_short(answers, stem, style), ()


def _rows(text: str, mark: str) -> list[str]:
    rows = text.split(mark)
    return [row.strip() for row in (rows if rows[0].strip() else rows[1:])]


def _weighted(row: str, default: Fraction) -> tuple[Fraction, str]:
    match = _WEIGHT.match(row)
    return (Fraction(match[1].rstrip(".")) / 100, row[match.end() :]) if match else (default, row)


def _choices(answers: str, stem: str, style: _Format) -> Question:
    rows = []
    for row in _rows(answers.replace("=", "~="), "~"):
        share, rest = _weighted(row.removeprefix("="), Fraction(row.startswith("=")))
        text, _, feedback = rest.partition("#")
        rows.append((share, style.markdown(text), style.markdown(feedback)))
    single = "=" in answers
    options = [
        Option(id=name, text=text, correct=share == 1 if single else share > 0, feedback=feedback)
        for name, (share, text, feedback) in zip(ids(len(rows), "option"), rows, strict=True)
    ]
    worth = {option.id: share for option, (share, _, _) in zip(options, rows, strict=True)}
    if single:
        question = single_choice(options, shuffle=True)
        return fitted([question], lambda response: max(Fraction(0), worth[response]), stem=stem)

    def total(response: list[str]) -> Fraction:
        return min(Fraction(1), max(Fraction(0), sum((worth[each] for each in response), Fraction(0))))

    return fitted(multiple_choices(options, shuffle=True), total, stem=stem)


def _full(rows: list[str], style: _Format) -> tuple[list[str], str]:
    """The forms that earn everything, and what is said to all others."""
    full, feedback = [], ""
    for row in rows:
        share, rest = _weighted(row, Fraction(1))
        text, _, said = rest.partition("#")
        if share == 1:
            full.append(text.strip())
        elif share == 0 and text.strip() == "*":
            feedback = style.markdown(said)
        else:
            raise Refused(f"a form of it earns {float(share):.0%} of the points, and here it is all or nothing", _MEND)
    return full, feedback


def _numeric(text: str, style: _Format) -> Question:
    body, _, wrong = text.partition("~")
    full, feedback = _full(_rows(body, "=") if body.strip() else [], style)
    if "#" in wrong:
        feedback = style.markdown(wrong.partition("#")[2])
    if len(full) != 1:
        raise Refused(f"{len(full)} numbers are right, and must be 1", _MEND)
    given = _back(full[0])
    if ".." in given:
        low, high = (decimal_of(each) for each in given.split("..", 1))
        if low is None or high is None or high < low:
            raise Refused("its range is none", "write it as {#1.5..2.5}")
        require_moodle_can_tell((low + high) / 2, (high - low) / 2)
        return absolute((low + high) / 2, (high - low) / 2, feedback=feedback)
    value, _, room = given.partition(":")
    answer, tolerance = decimal_of(value), decimal_of(room or "0")
    if answer is None or tolerance is None:
        raise Refused("its answer is not a number", "write it as {#1.5:0.1}")
    require_moodle_can_tell(answer, abs(tolerance))
    return absolute(answer, tolerance, feedback=feedback)


def _short(answers: str, stem: str, style: _Format) -> tuple[str, Question]:
    full, feedback = _full(_rows(answers, "="), style)
    forms = [_back(form) for form in full]
    if any(re.search(r"(?<!\\)\*", form) for form in forms):
        raise Refused("a form of it has an asterisk for any text", "list the forms that are right")
    return one_blank(stem, forms, lambda given: Blank(id="answer", accept=given, feedback=feedback))


def _matching(answers: str, style: _Format) -> Question:
    rows = [(left, right) for row in _rows(answers, "=") for left, _, right in [row.partition("->")]]
    pairs = [(style.markdown(left), from_text(_back(right).strip())) for left, right in rows if left.strip()]
    others = [from_text(_back(right).strip()) for left, right in rows if not left.strip()]
    rights = [right for _, right in pairs] + others
    if len(set(rights)) != len(rights):
        raise Refused("two of its right sides are the same, and here each left side has its own", _MEND)
    return Matching(
        pairs=tuple(
            Pair(id=name, left=left, right=right)
            for name, (left, right) in zip(ids(len(pairs), "pair"), pairs, strict=True)
        ),
        distractors=tuple(
            Distractor(id=name, text=text) for name, text in zip(ids(len(others), "other"), others, strict=True)
        ),
        scoring="number-right",
    )
