"""Canvas's QTI 1.2: a zip of classic quizzes, or one quiz's XML.

What an answer is worth is what Canvas gives for it, by the type of the question; the file's own rules must say the
same about which answers are right.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from exam_bank.interchange.blanks import each_blank_counts, one_blank
from exam_bank.interchange.exchanged import Draft, Read, Refused, decimal_of, number_of_points, read_each
from exam_bank.interchange.from_html import from_html, from_text, visible_text
from exam_bank.interchange.ids import ids, slug
from exam_bank.interchange.numbers import absolute
from exam_bank.interchange.options import single_choice
from exam_bank.interchange.safe_xml import Element, below, child, children, local, parse_xml, text_at, text_of
from exam_bank.interchange.safe_zip import Archive
from exam_bank.item import (
    Blank,
    Criterion,
    Distractor,
    Matching,
    MultipleChoice,
    Option,
    Pair,
    Question,
    ShortAnswer,
)
from exam_bank.strict import SourceError

_MEND = "change it in Canvas, or write the item anew"


def read(data: bytes, *, file: str) -> Read:
    """The questions of all quizzes in the file, in order.

    Raises:
        SourceError: this is no QTI 1.2.
    """
    yield from read_each(_questions(data, file))


def _questions(data: bytes, file: str) -> Iterator[tuple[str, Callable[[], Draft]]]:
    roots = list(_quizzes(data, file))
    if not roots:
        raise SourceError(file, "", "there is no quiz in it; a quiz of QTI 1.2 begins with <questestinterop>")
    number = 0
    for root in roots:
        for item in below(root, "item"):
            number += 1
            title = visible_text(item.get("title", ""))[:80]
            yield f"question {number}" + (f", {title!r}" if title else ""), _reader(item)


def _quizzes(data: bytes, file: str) -> Iterator[Element]:
    if not data.startswith(b"PK"):
        root = parse_xml(data, file=file)
        if local(root) == "questestinterop":
            yield root
        return
    archive = Archive(data, file=file)
    seen = set()
    for name in sorted(archive.names, key=lambda name: not name.startswith("non_cc_assessments/")):
        if name.endswith((".xml", ".qti")) and name.rpartition("/")[2] not in {
            "imsmanifest.xml",
            "assessment_meta.xml",
        }:
            root = parse_xml(archive.read(name), file=f"{file}: {name}")
            quiz = child(root, "assessment")
            # Canvas packs a quiz twice: once with all that it knows, once as Common Cartridge
            ident = quiz.get("ident", name) if quiz is not None else name
            if local(root) == "questestinterop" and ident not in seen:
                seen.add(ident)
                yield root


def _reader(item: Element) -> Callable[[], Draft]:
    return lambda: _draft(item)


def _metadata(item: Element) -> dict[str, str]:
    return {text_at(each, "fieldlabel"): text_at(each, "fieldentry") for each in below(item, "qtimetadatafield")}


def _draft(item: Element) -> Draft:
    metadata = _metadata(item)
    kind = metadata.get("question_type", "")
    if kind == "text_only_question":
        raise Refused("it is a text and no question", "put the text into a lesson")
    if any(each.get("scoring_algorithm") for each in below(item, "response_label")):
        raise Refused("it is of New Quizzes, which score texts by rules of their own", "write the item anew")
    points = number_of_points(metadata.get("points_possible", ""))
    presentation = child(item, "presentation")
    if presentation is None:
        raise Refused("it has no presentation, so it asks nothing", "export it anew")
    said = {each.get("ident", ""): _material(each) for each in children(item, "itemfeedback")}
    stem, question, notes = _question(item, presentation, kind, points, said)
    used = {
        "general_fb",
        "general_incorrect_fb",
        *(f"{each.get('ident')}_fb" for each in below(item, "response_label")),
    }
    if any(text and name not in used for name, text in said.items()):
        notes.append("some of its feedback is left out")
    title = visible_text(item.get("title", ""))
    return Draft(
        name=title or visible_text(stem)[:60],
        title=title or "Question",
        stem=stem,
        question=question,
        points=points,
        solution=said.get("general_fb", ""),
        notes=tuple(notes),
    )


def _material(element: Element | None) -> str:
    """The text in an element, as Markdown."""
    if element is None:
        return ""
    parts = []
    for each in [element, *below(element, "mattext")]:
        if local(each) == "mattext":
            text = text_of(each).strip()
            parts.append(from_html(text) if each.get("texttype") == "text/html" else from_text(text))
    if below(element, "matimage", "mataudio", "matvideo", "matapplet"):
        raise Refused(
            "there is a picture, a sound or a video in it, and those are not taken in", "describe it in words"
        )
    return "\n\n".join(part for part in parts if part)


def _question(
    item: Element, presentation: Element, kind: str, points: Decimal, said: dict[str, str]
) -> tuple[str, Question, list[str]]:
    stem = _material(child(presentation, "material"))
    notes: list[str] = []
    match kind:
        case "multiple_choice_question" | "true_false_question":
            question: Question = single_choice(
                _options(item, presentation, said), shuffle=kind == "multiple_choice_question"
            )
        case "multiple_answers_question":
            notes.append("Canvas takes wrong ticks from right ones, so it is scored right-minus-wrong")
            options = _options(item, presentation, said)
            question = MultipleChoice(options=tuple(options), scoring="right-minus-wrong")
        case "numerical_question":
            question = _numeric(item, said.get("general_incorrect_fb", ""))
        case "short_answer_question":
            forms = [text_of(each).strip() for each in below(_scored(item)[0][0], "varequal")]
            stem, question = one_blank(stem, forms, lambda given: Blank(id="answer", accept=given))
        case "fill_in_multiple_blanks_question":
            stem, question = _blanks(item, presentation, stem)
        case "matching_question":
            question = _matching(item, presentation)
        case "essay_question":
            question = ShortAnswer(rubric=(Criterion(points=points, text="A full answer."),))
            notes.append("it has no rubric; write one")
        case "":
            raise Refused("it has no question_type, so it is not as Canvas writes it", "export it from Canvas")
        case _:
            raise Refused(f"Canvas's {kind[:60]} has no type of ours that scores the same", "write the item anew")
    return stem, question, notes


def _scored(item: Element) -> list[tuple[Element, Decimal]]:
    """The conditions that change the score, and by how much."""
    found = []
    for rule in below(item, "respcondition"):
        score = decimal_of(text_at(rule, "setvar"))
        condition = child(rule, "conditionvar")
        if score is not None and score != 0 and condition is not None:
            found.append((condition, score))
    if not found:
        raise Refused("nothing says which answer is right", "set its key in Canvas")
    return found


def _options(item: Element, presentation: Element, said: dict[str, str]) -> list[Option]:
    labels = below(presentation, "response_label")
    rules = _scored(item)
    if len(rules) != 1 or rules[0][1] < 100:
        raise Refused("some of its answers earn a part of the points, and here it is all or nothing", _MEND)
    right = {text_of(each).strip() for each in below(rules[0][0], "varequal")}
    right -= {text_of(each).strip() for outer in below(rules[0][0], "not") for each in below(outer, "varequal")}
    own = _own_ids(labels)
    return [
        Option(
            id=own[each.get("ident", "")],
            text=_material(each),
            correct=each.get("ident", "") in right,
            feedback=said.get(f"{each.get('ident', '')}_fb", ""),
        )
        for each in labels
    ]


def _own_ids(labels: list[Element], prefix: str = "option") -> dict[str, str]:
    """Canvas's numbers say nothing, and names of our own export come back."""
    names = [each.get("ident", "").removeprefix("right_") for each in labels]
    if all(re.fullmatch(r"[a-z][a-z0-9-]*", name) and slug(name, "") == name for name in names):
        own = names
    else:
        own = ids(len(names), prefix)
    return dict(zip((each.get("ident", "") for each in labels), own, strict=True))


def _numeric(item: Element, feedback: str) -> Question:
    rules = _scored(item)
    if len(rules) != 1:
        raise Refused(f"{len(rules)} numbers or ranges are right, and must be 1", _MEND)
    condition = rules[0][0]
    if below(condition, "vargt", "varlt"):
        raise Refused("an end of its range is not right itself, and here both ends are", _MEND)
    equal, low, high = (_one_number(condition, name) for name in ("varequal", "vargte", "varlte"))
    if equal is None and low is not None and high is not None:
        equal = (low + high) / 2
    if equal is None:
        raise Refused("its answer is not a number", _MEND)
    low, high = (equal if low is None else low), (equal if high is None else high)
    if equal - low != high - equal or high < low:
        raise Refused("its range does not lie evenly around its answer", _MEND)
    return absolute(equal, high - equal, feedback=feedback)


def _one_number(condition: Element, name: str) -> Decimal | None:
    found = below(condition, name)
    if len(found) > 1:
        raise Refused("several numbers or ranges are right, and must be 1", _MEND)
    return decimal_of(text_of(found[0])) if found else None


def _even(rules: list[tuple[Element, Decimal]], count: int) -> None:
    """Parts count the same, within Canvas's two decimals."""
    if len(rules) != count or any(abs(score - Decimal(100) / count) > Decimal("0.1") for _, score in rules):
        raise Refused("its parts do not all count the same", _MEND)


def _blanks(item: Element, presentation: Element, stem: str) -> tuple[str, Question]:
    responses = children(presentation, "response_lid")
    _even(_scored(item), len(responses))
    names = [each.get("ident", "").removeprefix("response_") for each in responses]
    taken: dict[str, str] = {}
    for number, name in enumerate(names, 1):
        own = slug(name, f"blank-{number}")
        taken[name] = own if own[0].isalpha() and own not in taken.values() else f"blank-{number}"
    blanks = tuple(
        Blank(id=taken[name], accept=tuple(dict.fromkeys(text_of(form).strip() for form in below(each, "mattext")[1:])))
        for name, each in zip(names, responses, strict=True)
    )
    for name in names:
        shown = from_text(f"[{name}]")
        if stem.count(shown) != 1:
            raise Refused(f"its blank [{name[:40]}] is not once in its text", _MEND)
        stem = stem.replace(shown, f"[[{taken[name]}]]")
    return stem, each_blank_counts(blanks)


def _matching(item: Element, presentation: Element) -> Question:
    responses = children(presentation, "response_lid")
    rules = _scored(item)
    _even(rules, len(responses))
    labels = below(responses[0], "response_label") if responses else []
    rights = {each.get("ident", ""): _material(each) for each in labels}
    key = {each.get("respident", ""): text_of(each).strip() for rule, _ in rules for each in below(rule, "varequal")}
    answers = [key.get(each.get("ident", ""), "") for each in responses]
    if len(set(answers)) != len(answers) or not set(answers) <= set(rights):
        raise Refused("not each left side has a right side of its own", _MEND)
    names = [each.get("ident", "").removeprefix("response_") for each in responses]
    if not all(re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) for name in names) or "question-1" in names:
        names = ids(len(responses), "pair")
    pairs = tuple(
        Pair(id=name, left=_material(child(each, "material")), right=rights[answer])
        for name, each, answer in zip(names, responses, answers, strict=True)
    )
    others = [text for ident, text in rights.items() if ident not in answers]
    distractors = tuple(
        Distractor(id=name, text=text) for name, text in zip(ids(len(others), "other"), others, strict=True)
    )
    return Matching(pairs=pairs, distractors=distractors, scoring="number-right")
