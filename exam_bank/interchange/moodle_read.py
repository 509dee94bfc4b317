"""Moodle XML: questions of the types that Moodle itself comes with."""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from exam_bank.interchange.blanks import one_blank
from exam_bank.interchange.exchanged import Draft, Read, Refused, decimal_of, number_of_points, read_each
from exam_bank.interchange.fit import fitted
from exam_bank.interchange.from_html import from_html, from_text, visible_text
from exam_bank.interchange.ids import ids
from exam_bank.interchange.moodle_cloze import cloze
from exam_bank.interchange.numbers import absolute, require_moodle_can_tell
from exam_bank.interchange.options import multiple_choices, single_choice, true_false
from exam_bank.interchange.rubrics import rubric_from
from exam_bank.interchange.safe_xml import Element, child, children, local, parse_xml, text_at, text_of
from exam_bank.interchange.to_html import to_html
from exam_bank.item import (
    Blank,
    Case,
    Distractor,
    Matching,
    Numeric,
    Option,
    Ordering,
    Pair,
    Question,
    Step,
)
from exam_bank.strict import SourceError

_GRADING: Mapping[str, Literal["all-or-nothing", "absolute-position", "adjacent-pairs"]] = {
    "ALL_OR_NOTHING": "all-or-nothing",
    "-1": "all-or-nothing",
    "ABSOLUTE_POSITION": "absolute-position",
    "0": "absolute-position",
    "RELATIVE_NEXT_EXCLUDE_LAST": "adjacent-pairs",
    "1": "adjacent-pairs",
}
_MEND = "change it in Moodle, or write the item anew"
_UNIT = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def read(data: bytes, *, file: str) -> Read:
    """The questions of the file, in order.

    Raises:
        SourceError: this is no Moodle XML.
    """
    root = parse_xml(data, file=file)
    if local(root) != "quiz":
        raise SourceError(file, "", f"Moodle XML begins with <quiz>, and this with <{local(root)}>")
    yield from read_each(_questions(root))


def _questions(root: Element) -> Iterator[tuple[str, Callable[[], Draft]]]:
    number = 0
    for element in children(root, "question"):
        if element.get("type") == "category":
            continue  # a folder of Moodle's question bank, no question
        number += 1
        title = visible_text(text_at(element, "name", "text"))[:80]
        yield f"question {number}" + (f", {title!r}" if title else ""), _reader(element)


def _reader(element: Element) -> Callable[[], Draft]:
    return lambda: _draft(element)


def _draft(element: Element) -> Draft:
    title = visible_text(text_at(element, "name", "text"))
    reference = text_at(element, "idnumber")
    points = number_of_points(text_at(element, "defaultgrade"))
    stem, question, points = _question(element, _formatted(child(element, "questiontext")), points)
    return Draft(
        name=reference.rpartition("/")[2] or title,
        title=title or "Question",
        stem=stem,
        question=question,
        points=points,
        solution=_formatted(child(element, "generalfeedback")),
        notes=tuple(_notes(element)),
    )


def _notes(element: Element) -> Iterator[str]:
    said = ["correctfeedback", "partiallycorrectfeedback"]
    if element.get("type") != "ordering":
        said.append("incorrectfeedback")
    if any(text_at(element, name, "text") for name in said):
        yield "its feedback on the whole answer is left out"
    if child(element, "hint") is not None:
        yield "its hints for further tries are left out"
    if children(element, "tags"):
        yield "its tags are left out"


def _formatted(element: Element | None) -> str:
    """A text of Moodle's as Markdown."""
    if element is None:
        return ""
    if children(element, "file"):
        raise Refused("there is a file packed in it, and files are not taken in", "remove the picture or file there")
    text, kind = text_at(element, "text"), element.get("format", "html")
    if kind == "markdown":
        return from_html(to_html(text))
    return from_text(text) if kind == "plain_text" else from_html(text)


def _question(element: Element, stem: str, points: Decimal) -> tuple[str, Question, Decimal]:
    kind = element.get("type", "")
    match kind:
        case "multichoice":
            question = _choices(element, stem)
        case "truefalse":
            question = _true_false(element)
        case "numerical":
            question = _numeric(element)
        case "shortanswer":
            stem, question = _short(element, stem)
        case "multianswer" | "cloze":
            given = points if child(element, "defaultgrade") is not None else None
            stem, question, points = cloze(element, given)
        case "matching" | "match":
            question = _matching(element)
        case "ordering":
            question = _ordering(element)
        case "essay":
            question = rubric_from(text_at(element, "graderinfo", "text"), points)
        case "description":
            raise Refused("it is a text and no question", "put the text into a lesson")
        case _:
            raise Refused(
                f"Moodle's type {kind[:40]!r} has no type of ours that scores the same", "write the item anew"
            )
    return stem, question, points


def _answers(element: Element) -> list[tuple[Element, Fraction]]:
    found = []
    for each in children(element, "answer"):
        share = decimal_of(each.get("fraction", "0"))
        if share is None or abs(share) > 100:
            raise Refused("an answer of it has no percentage that can be read", _MEND)
        found.append((each, Fraction(share) / 100))
    return found


def _choices(element: Element, stem: str) -> Question:
    single = text_at(element, "single", default="true") not in {"false", "0"}
    shuffle = text_at(element, "shuffleanswers", default="false") not in {"false", "0"}
    answers = _answers(element)
    names = ids(len(answers), "option")
    options = [
        Option(
            id=name,
            text=_formatted(answer),
            correct=share > Fraction(999_999, 1_000_000) if single else share > 0,
            feedback=_formatted(child(answer, "feedback")),
        )
        for name, (answer, share) in zip(names, answers, strict=True)
    ]
    worth = dict(zip(names, (share for _, share in answers), strict=True))
    if single:
        question = single_choice(options, shuffle=shuffle)
        return fitted([question], lambda response: max(Fraction(0), worth[response]), stem=stem)

    def total(response: list[str]) -> Fraction:
        return min(Fraction(1), max(Fraction(0), sum((worth[each] for each in response), Fraction(0))))

    return fitted(multiple_choices(options, shuffle=shuffle), total, stem=stem)


def _true_false(element: Element) -> Question:
    answers = {text_at(answer, "text").lower(): (answer, share) for answer, share in _answers(element)}
    if set(answers) != {"true", "false"} or {share for _, share in answers.values()} != {Fraction(0), Fraction(1)}:
        raise Refused("of true and false not exactly one is right", _MEND)
    said = {name: _formatted(child(answer, "feedback")) for name, (answer, _) in answers.items()}
    return true_false(answers["true"][1] == 1, said["true"], said["false"])


def _full_and_rest(element: Element) -> tuple[list[Element], str]:
    """The answers that earn everything, and what is said to all others."""
    full, feedback = [], ""
    for answer, share in _answers(element):
        if text_at(answer, "text") == "*" and share == 0:
            feedback = _formatted(child(answer, "feedback"))
        elif share == 1:
            full.append(answer)
        else:
            raise Refused(
                f"an answer of it earns {float(share):.0%} of the points, and here it is all or nothing", _MEND
            )
    return full, feedback


def _numeric(element: Element) -> Numeric:
    full, feedback = _full_and_rest(element)
    if len(full) != 1:
        raise Refused(f"{len(full)} numbers are right, and must be 1", _MEND)
    answer = decimal_of(text_at(full[0], "text") or (full[0].text or ""))
    room = decimal_of(text_at(full[0], "tolerance", default="0"))
    if answer is None or room is None:
        raise Refused("its answer or tolerance is not a number", _MEND)
    require_moodle_can_tell(answer, abs(room))
    listed = child(element, "units")
    units = children(listed, "unit") if listed is not None else []
    if any(decimal_of(text_at(unit, "multiplier", default="1")) != 1 for unit in units):
        raise Refused("it converts units, and here none are converted", "keep one unit there")
    if text_at(element, "unitgradingtype", default="0") != "0" and decimal_of(text_at(element, "unitpenalty")) != 0:
        raise Refused("it takes points away for a wrong unit", "let the unit be optional there")
    names = [text_at(unit, "unit_name") for unit in units]
    made = absolute(answer, room, feedback=feedback)
    if not names:
        return made
    return Numeric(
        answer=made.answer,
        tolerance=made.tolerance,
        feedback=feedback,
        unit=names[0],
        accepted_units=tuple(names[1:]),
    )


def _short(element: Element, stem: str) -> tuple[str, Question]:
    full, feedback = _full_and_rest(element)
    forms = []
    for answer in full:
        text = text_of(child(answer, "text")).strip()
        if re.search(r"(?<!\\)\*", text):
            raise Refused(f"the form {text[:40]!r} has an asterisk for any text", "list the forms that are right there")
        forms.append(text.replace(r"\*", "*"))
    case = Case.EXACT if text_at(element, "usecase", default="0") in {"1", "true"} else Case.IGNORE
    return one_blank(stem, forms, lambda given: Blank(id="answer", accept=given, case=case, feedback=feedback))


def _matching(element: Element) -> Question:
    rows = [(_formatted(each), from_text(text_at(each, "answer", "text"))) for each in children(element, "subquestion")]
    pairs = [(left, right) for left, right in rows if left]
    rights = [right for _, right in rows]
    if len(set(rights)) != len(rights):
        raise Refused("two of its right sides are the same, and here each left side has its own", _MEND)
    names = ids(len(pairs), "pair")
    others = [right for left, right in rows if not left]
    return Matching(
        pairs=tuple(Pair(id=name, left=left, right=right) for name, (left, right) in zip(names, pairs, strict=True)),
        distractors=tuple(
            Distractor(id=name, text=right) for name, right in zip(ids(len(others), "other"), others, strict=True)
        ),
        scoring="number-right",
    )


def _ordering(element: Element) -> Question:
    given = text_at(element, "gradingtype", default="ABSOLUTE_POSITION")
    if given not in _GRADING:
        raise Refused(f"its grading {given[:40]} is none of our rules", "choose absolute position in Moodle")
    if text_at(element, "selecttype", default="ALL") not in {"ALL", "0"}:
        raise Refused("it shows a part of its steps only", "let Moodle show all of them")
    steps = [_formatted(answer) for answer in children(element, "answer")]
    return Ordering(
        steps=tuple(Step(id=name, text=text) for name, text in zip(ids(len(steps), "step"), steps, strict=True)),
        scoring=_GRADING[given],
        feedback=_formatted(child(element, "incorrectfeedback")),
    )
