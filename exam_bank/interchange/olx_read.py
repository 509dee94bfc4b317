"""Open edX problems (OLX): one file, or the tar.gz or zip of a library or course."""

import copy
import re
from collections.abc import Callable, Iterator
from fractions import Fraction

from lxml import etree

from exam_bank.interchange.blanks import each_blank_counts
from exam_bank.interchange.exchanged import Draft, Read, Refused, decimal_of, number_of_points, read_each
from exam_bank.interchange.fit import fitted
from exam_bank.interchange.from_html import from_html, from_text, visible_text
from exam_bank.interchange.ids import ids
from exam_bank.interchange.numbers import absolute
from exam_bank.interchange.options import multiple_choices, single_choice
from exam_bank.interchange.safe_tar import members
from exam_bank.interchange.safe_xml import Element, below, child, children, local, parse_xml, text_of
from exam_bank.interchange.safe_zip import Archive
from exam_bank.item import Blank, Case, Distractor, Matching, Option, Pair, Question
from exam_bank.strict import SourceError

_MEND = "change it in Studio, or write the item anew"
_HALF_PERCENT = Fraction(51, 10_000)  # Open edX rounds shares to two decimals
_HIDDEN: tuple[str, ...] = (
    "choicegroup",
    "checkboxgroup",
    "solution",
    "demandhint",
    "responseparam",
    "formulaequationinput",
)
_HIDDEN += ("textline", "optioninput", "additional_answer", "correcthint", "stringequalhint", "script")


def read(data: bytes, *, file: str) -> Read:
    """The problems of the file, in order.

    Raises:
        SourceError: there is no problem in it.
    """
    yield from read_each(_questions(data, file))


def _questions(data: bytes, file: str) -> Iterator[tuple[str, Callable[[], Draft]]]:
    number = 0
    for name, root in _roots(data, file):
        for problem in [root] if local(root) == "problem" else below(root, "problem"):
            if len(problem):  # else it is a pointer to a file of its own
                number += 1
                title = visible_text(problem.get("display_name", ""))[:80]
                place = f"problem {number}" + (f", {title!r}" if title else "")
                yield place, _reader(problem, name)
    if not number:
        raise SourceError(file, "", "there is no <problem> in it")


def _roots(data: bytes, file: str) -> Iterator[tuple[str, Element]]:
    if data.startswith(b"PK"):
        archive = Archive(data, file=file)
        files = {name: archive.read(name) for name in archive.names if name.endswith(".xml")}
    elif data.startswith(b"\x1f\x8b"):
        files = {name: each for name, each in members(data, file=file).items() if name.endswith(".xml")}
    else:
        yield "", parse_xml(data, file=file)
        return
    for name, each in files.items():
        yield name.rpartition("/")[2].removesuffix(".xml"), parse_xml(each, file=f"{file}: {name}")


def _reader(problem: Element, name: str) -> Callable[[], Draft]:
    return lambda: _draft(problem, name)


def _draft(problem: Element, name: str) -> Draft:
    if below(problem, "script"):
        raise Refused(
            "its numbers are computed by a script, which is not run", "write it anew with Python under ## Variant"
        )
    responses = [each for each in problem.iter() if local(each).endswith("response") and each is not problem]
    kinds = {local(each) for each in responses}
    if not responses:
        raise Refused("it asks nothing", "put the text into a lesson")
    if len(kinds) > 1 or (
        len(responses) > 1 and kinds <= {"multiplechoiceresponse", "choiceresponse", "numericalresponse"}
    ):
        raise Refused(f"it has {len(responses)} questions in one problem", "make each a problem of its own")
    stem, question = _question(problem, responses)
    title = visible_text(problem.get("display_name", ""))
    solution = [_html(each) for each in below(problem, "solution")]
    return Draft(
        name=(problem.get("url_name") or name).rpartition(".")[2] or title,
        title=title or "Problem",
        stem=stem,
        question=question,
        points=number_of_points(problem.get("weight", "")),
        solution="\n\n".join(solution),
        notes=("its hints are left out",) if below(problem, "demandhint") else (),
    )


def _question(problem: Element, responses: list[Element]) -> tuple[str, Question]:
    first = responses[0]
    match local(first):
        case "multiplechoiceresponse":
            return _stem(problem), _single(first)
        case "choiceresponse":
            return _stem(problem), _multiple(first)
        case "numericalresponse":
            return _stem(problem), _numeric(first)
        case "stringresponse":
            return _blanks(problem, responses)
        case "optionresponse":
            return _menus(problem, responses)
        case kind:
            raise Refused(f"Open edX's {kind[:60]} has no type of ours that scores the same", "write the item anew")


# ---- texts


def _html(element: Element) -> str:
    copied = copy.deepcopy(element)
    copied.tag, copied.tail = "div", None
    copied.attrib.clear()
    return from_html(etree.tostring(copied, encoding="unicode", method="html"))


def _without(element: Element, *names: str) -> Element:
    copied = copy.deepcopy(element)
    copied.tail = None
    for each in below(copied, *names):
        parent = each.getparent()
        if parent is not None:
            before = each.getprevious()
            if before is None:
                parent.text = (parent.text or "") + (each.tail or "")
            else:
                before.tail = (before.tail or "") + (each.tail or "")
            parent.remove(each)
    for each in below(copied, "label", "description"):
        each.tag = "div"
    return copied


def _stem(problem: Element) -> str:
    stem = _html(_without(problem, *_HIDDEN))
    if not stem:
        raise Refused("it has no text that asks something", "write the question there")
    return stem


# ---- responses


def _options(group: Element, hint: str) -> list[Option]:
    choices = children(group, "choice")
    return [
        Option(
            id=name,
            text=_html(_without(each, "choicehint")),
            correct=each.get("correct", "false").lower() == "true",
            feedback=" ".join(
                _html(said) for said in children(each, "choicehint") if said.get("selected", hint) == hint
            ),
        )
        for name, each in zip(ids(len(choices), "option"), choices, strict=True)
    ]


def _group(response: Element, name: str) -> Element:
    found = below(response, name)
    if len(found) != 1:
        raise Refused(f"it has {len(found)} groups of options, and must have 1", _MEND)
    return found[0]


def _single(response: Element) -> Question:
    group = _group(response, "choicegroup")
    if any(each.get("correct", "false").lower() == "partial" for each in children(group, "choice")):
        raise Refused("some of its options earn a part of the points, and here it is all or nothing", _MEND)
    if group.get("answer-pool", "0") not in {"", "0"}:
        raise Refused("it draws its options from a pool", "list the options that are shown")
    return single_choice(_options(group, "true"), shuffle=group.get("shuffle", "false").lower() == "true")


def _multiple(response: Element) -> Question:
    options = _options(_group(response, "checkboxgroup"), "true")
    credit = response.get("partial_credit", "false").lower()
    if credit not in {"false", "edc", "halves"}:
        raise Refused(f"its partial credit {credit[:40]!r} is not known", _MEND)
    right = {option.id for option in options if option.correct}

    def earned(response: list[str]) -> Fraction:
        wrong = len(right ^ set(response))
        if credit == "edc":
            return Fraction(len(options) - wrong, len(options))
        if credit == "halves" and wrong:
            half, quarter = wrong == 1 and len(options) > 2, wrong == 2 and len(options) > 4
            return Fraction(1, 2) if half else Fraction(1, 4) if quarter else Fraction(0)
        return Fraction(wrong == 0)

    return fitted(multiple_choices(options, shuffle=False), earned, stem="?", within=_HALF_PERCENT)


def _numeric(response: Element) -> Question:
    answer = response.get("answer", "")
    if response.get("partial_credit", "false").lower() != "false" or below(response, "additional_answer"):
        raise Refused("several numbers earn points, and here one is right", _MEND)
    if match := re.fullmatch(r"\s*\[([^,]+),([^,]+)\]\s*", answer):
        low, high = decimal_of(match[1]), decimal_of(match[2])
        if low is None or high is None or high < low:
            raise Refused("its range is none", _MEND)
        return absolute((low + high) / 2, (high - low) / 2)
    value = decimal_of(answer)
    if value is None:
        raise Refused(f"its answer {answer[:40]!r} is not a number (or a range without its ends)", _MEND)
    given = next(
        (each.get("default", "") for each in below(response, "responseparam") if each.get("type") == "tolerance"), "0"
    )
    room = decimal_of(given.strip().removesuffix("%"))
    if room is None:
        raise Refused(f"its tolerance {given[:40]!r} is not a number", _MEND)
    return absolute(value, abs(value) * room / 100 if given.strip().endswith("%") else room)


def _blanks(problem: Element, responses: list[Element]) -> tuple[str, Question]:
    names = ids(len(responses), "blank")
    blanks = tuple(_blank(name, each) for name, each in zip(names, responses, strict=True))
    copied = copy.deepcopy(problem)
    for number, each in enumerate([each for each in copied.iter() if local(each) == "stringresponse"]):
        inner = _html(_without(each, *_HIDDEN)) if len(each) else ""
        tail = each.tail
        label = [copy.deepcopy(part) for part in children(each, "label", "p", "div", "description")] if inner else []
        each.clear()
        each.tag, each.tail = ("span" if not label else "div"), tail
        each.extend(label)
        if label:
            label[-1].tail = f" \ue000{number}\ue001"
        else:
            each.text = f"\ue000{number}\ue001"
    stem = re.sub("\ue000(\\d+)\ue001", lambda match: f"[[{names[int(match[1])]}]]", _html(_without(copied, *_HIDDEN)))
    return stem, each_blank_counts(blanks)


def _blank(name: str, response: Element) -> Blank:
    kinds = response.get("type", "").lower().split()
    if not set(kinds) <= {"ci", "cs"}:
        raise Refused("a blank is matched by a regular expression", "list the forms that are right there")
    forms = [response.get("answer", ""), *(each.get("answer", "") for each in below(response, "additional_answer"))]
    case = Case.IGNORE if "ci" in kinds else Case.EXACT
    return Blank(id=name, accept=tuple(dict.fromkeys(form.strip() for form in forms if form.strip())), case=case)


def _menus(problem: Element, responses: list[Element]) -> tuple[str, Question]:
    menus = [_menu(each) for each in responses]
    stem_of = _without(problem, "optionresponse", *_HIDDEN)
    stem = _html(stem_of)
    if len(menus) == 1:
        texts, key = menus[0]
        options = [
            Option(id=name, text=text, correct=text == key, feedback="")
            for name, text in zip(ids(len(texts), "option"), texts, strict=True)
        ]
        return "\n\n".join(part for part in (stem, _label(responses[0])) if part), single_choice(options, shuffle=False)
    keys, rights = [key for _, key in menus], menus[0][0]
    if any(set(texts) != set(rights) for texts, _ in menus) or len(set(keys)) != len(keys):
        raise Refused("its menus are not one set of right sides with one for each left side", _MEND)
    lefts = [_label(each) for each in responses]
    if not stem or not all(lefts):
        raise Refused("its menus have no labels, or nothing asks a question above them", "add a label to each there")
    names = ids(len(keys), "pair")
    others = [text for text in rights if text not in keys]
    pairs = tuple(Pair(id=name, left=left, right=key) for name, left, key in zip(names, lefts, keys, strict=True))
    distractors = tuple(Distractor(id=n, text=text) for n, text in zip(ids(len(others), "other"), others, strict=True))
    return stem, Matching(pairs=pairs, distractors=distractors, scoring="number-right")


def _menu(response: Element) -> tuple[list[str], str]:
    """What the menu offers, and what is right."""
    menu = child(response, "optioninput")
    menu = menu if menu is not None else _group(response, "optioninput")
    options = children(menu, "option")
    if options:
        texts = [from_text(text_of(_without(each, "optionhint")).strip()) for each in options]
        right = [text for text, each in zip(texts, options, strict=True) if each.get("correct", "").lower() == "true"]
    else:
        given = [single or double for single, double in re.findall(r"'([^']*)'|\"([^\"]*)\"", menu.get("options", ""))]
        texts, right = [from_text(text) for text in given], [from_text(menu.get("correct", ""))]
    if len(right) != 1 or right[0] not in texts or len(set(texts)) != len(texts):
        raise Refused("a menu of it has not exactly one right option", _MEND)
    return texts, right[0]


def _label(response: Element) -> str:
    return _html(_without(response, "optioninput"))
