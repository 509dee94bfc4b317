"""QTI's text entries: numbers and blanks, whose right answers are found by trying what the file names."""

import copy
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import islice

from lxml import etree

from exam_bank.interchange.exchanged import Refused, decimal_of
from exam_bank.interchange.fit import fitted
from exam_bank.interchange.from_html import from_html
from exam_bank.interchange.ids import slug
from exam_bank.interchange.numbers import absolute
from exam_bank.interchange.qti_bodies import drop_unseen
from exam_bank.interchange.qti_scoring import Declared, as_points, max_score, score_of
from exam_bank.interchange.safe_xml import Element, below, child, children, local, text_of
from exam_bank.item import Blank, Case, FillIn, Numeric, Spaces

_MAX_TRIED = 100
_MEND = "change it there, or write the item anew"


def numeric(
    item: Element, response: Declared, declared: Mapping[str, Declared], *, feedback: str, unit: str
) -> Numeric:
    """The number that is right, and how far around it others are.

    Raises:
        Refused: the numbers that are right are no interval around the key.
    """
    if not isinstance(response.correct, Fraction):
        raise Refused("it does not say what is right", "add its correct response there")
    answer = Decimal(response.correct.numerator) / Decimal(response.correct.denominator)

    def right(number: Decimal) -> bool:
        earned = score_of(item, declared, {response.name: Fraction(number)})
        if earned not in (Fraction(0), worth):
            raise Refused("some numbers earn a part of its points, and here it is all or nothing", _MEND)
        return earned == worth

    worth = max_score(item) or score_of(item, declared, {response.name: response.correct})
    as_points(worth)  # it is above 0
    for room in islice(dict.fromkeys(_rooms(item, answer)), _MAX_TRIED):
        if all(right(number) is inside for number, inside in _probes(answer, room)):
            return absolute(answer, room, feedback=feedback, unit=unit)
    raise Refused("the numbers that are right are not those around its key, both ends included", _MEND)


def _rooms(item: Element, answer: Decimal) -> Iterator[Decimal]:
    """How far right numbers may reach, by all that the file says."""
    processing = child(item, "responseProcessing")
    named = below(processing, "equal") if processing is not None else []
    for each in named:
        for text in (each.get("tolerance") or "").split():
            if (room := decimal_of(text)) is not None:
                yield abs(room)
                yield abs(answer * room / 100)
    for each in below(item, "baseValue", "mapEntry"):
        number = decimal_of(each.get("mapKey") or text_of(each))
        if number is not None:
            yield abs(number - answer)
    yield Decimal(0)


def _probes(answer: Decimal, room: Decimal) -> Iterator[tuple[Decimal, bool]]:
    small = max(abs(answer), room, Decimal("1e-6")) * Decimal("1e-7")
    for sign in (1, -1):
        yield answer + sign * room, True
        yield answer + sign * room / 2, True
        yield answer + sign * (room + small), False
        yield answer + sign * (room * 10 + abs(answer) + 1), False


def blanks_and_stem(
    item: Element,
    body: Element,
    interactions: list[Element],
    declared: Mapping[str, Declared],
    feedback: Mapping[str, str],
) -> tuple[str, FillIn, Fraction]:
    """The stem with its blanks, the question, and what it is worth.

    Raises:
        Refused: a blank is no text, or its scoring is none of ours.
    """
    responses = [declared.get(each.get("responseIdentifier", "")) for each in interactions]
    if any(each is None or each.base != "string" for each in responses):
        raise Refused("it asks for several numbers, and here a blank is a text", "split it there")
    known = [each for each in responses if each is not None]
    own = {each.name: slug(re.sub(r"^RESPONSE[_-]?", "", each.name), f"blank-{n}") for n, each in enumerate(known, 1)}
    if any(not name[0].isalpha() for name in own.values()) or len(set(own.values())) != len(own):
        own = {each.name: f"blank-{number}" for number, each in enumerate(known, 1)}
    key = {each.name: each.correct if each.correct is not None else _first_form(each) for each in known}
    worth = max_score(item) or score_of(item, declared, key)
    as_points(worth)  # it is above 0
    blanks = [
        _blank(item, each, declared, key, own[each.name], feedback.get(f"FEEDBACK_{own[each.name]}", ""), interaction)
        for each, interaction in zip(known, interactions, strict=True)
    ]
    stem = _stem(body, [own[each.name] for each in known])
    theirs = {mine: name for name, mine in own.items()}

    def earned(response: dict[str, str]) -> Fraction:
        return score_of(item, declared, {theirs[each]: text for each, text in response.items()}) / worth

    whole, some = (FillIn(blanks=tuple(blanks), scoring=rule) for rule in ("all-or-nothing", "number-right"))
    question = fitted([some, whole] if len(blanks) > 1 else [whole], earned, stem=stem)
    return stem, question, worth


def _first_form(response: Declared) -> str:
    entries = children(response.mapping, "mapEntry") if response.mapping is not None else []
    best = max(entries, key=lambda each: decimal_of(each.get("mappedValue", "0")) or Decimal(0), default=None)
    if best is None:
        raise Refused("it does not say what is right in a blank", "add the correct response there")
    return best.get("mapKey", "")


def _blank(
    item: Element,
    response: Declared,
    declared: Mapping[str, Declared],
    key: Mapping[str, str],
    name: str,
    feedback: str,
    interaction: Element,
) -> Blank:
    """Tries every text that the file names for this blank, the others being right."""

    def earned(text: str) -> Fraction:
        return score_of(item, declared, {**key, response.name: text})

    full, none = earned(key[response.name]), earned("\ue002 none of these")
    forms = []
    named = dict.fromkeys([key[response.name], *_named(item, response)])
    if len(named) > _MAX_TRIED:
        raise Refused(f"a blank of it names more than {_MAX_TRIED} forms", _MEND)
    for text in named:
        got = earned(text)
        if got not in (full, none):
            raise Refused(f"the form {text[:40]!r} of a blank earns a part of the points", _MEND)
        if got == full and full != none:
            forms.append(text)
    swapped = [text for text in forms if text.swapcase() != text]
    ignores = bool(swapped) and all(earned(text.swapcase()) == full for text in swapped)
    exact = "spaces-exact" in interaction.get("class", "").split()
    return Blank(
        id=name,
        accept=tuple(forms),
        case=Case.IGNORE if ignores or not swapped else Case.EXACT,
        spaces=Spaces.EXACT if exact else Spaces.COLLAPSE,
        feedback=feedback,
    )


def _named(item: Element, response: Declared) -> Iterator[str]:
    if response.mapping is not None:
        yield from (each.get("mapKey", "") for each in children(response.mapping, "mapEntry"))
    processing = child(item, "responseProcessing")
    for each in below(processing, "match", "stringMatch", "member") if processing is not None else []:
        if any(part.get("identifier") == response.name for part in children(each, "variable")):
            yield from (text_of(part).strip() for part in below(each, "baseValue"))


def _stem(body: Element, names: list[str]) -> str:
    copied = copy.deepcopy(body)
    fields = [each for each in copied.iter() if local(each).endswith("Interaction")]
    for number, each in enumerate(fields):
        tail = each.tail or ""
        for part in list(each):
            each.remove(part)
        each.tag, each.text, each.tail = "span", f"\ue000{number}\ue001", tail
    drop_unseen(copied)
    text = from_html(etree.tostring(copied, encoding="unicode", method="html"))
    return re.sub("\ue000(\\d+)\ue001", lambda match: f"[[{names[int(match[1])]}]]", text)
