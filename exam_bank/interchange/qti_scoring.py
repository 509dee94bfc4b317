"""What a QTI item's response processing gives a response, computed exactly.

Only the expressions that scoring needs are known; any other makes the item one that is not read. Nothing here loops:
the work is bounded by the size of the file.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any

from exam_bank.interchange.exchanged import Refused, decimal_of
from exam_bank.interchange.safe_xml import Element, child, children, local, text_of

# A value is None (QTI's NULL), a string, a Fraction, a bool, or a Container of these.
Value = Any

_MEND = "score the item with match_correct, map_response, or plain rules, or write it anew"
_MAX_DEPTH = 40
_MAX_PARTS = 6_000  # elements of response processing, and of a mapping
_MAX_BITS = 10_000  # of a number


@dataclass(frozen=True)
class Container:
    """Several values; ``ordered`` says whether their order matters."""

    values: tuple[Value, ...]
    ordered: bool = False

    def same(self, other: Value) -> bool:
        """QTI's match."""
        if not isinstance(other, Container):
            return False
        if self.ordered or other.ordered:
            return self.values == other.values
        return Counter(self.values) == Counter(other.values)


@dataclass(frozen=True)
class Declared:
    """A response variable: its kind, its key and its mapping."""

    name: str
    cardinality: str
    base: str
    correct: Value
    mapping: Element | None

    def value(self, texts: list[str]) -> Value:
        """A response of these texts as a value of the variable."""
        return _value(texts, self.cardinality, self.base)


class _Exit(Exception):  # noqa: N818 - response processing is over
    """``exitResponse``."""


@dataclass
class _Run:
    """One run of response processing."""

    declared: Mapping[str, Declared]
    values: dict[str, Value] = field(default_factory=dict)


def declarations(item: Element) -> dict[str, Declared]:
    """The response variables of an item (under the names of QTI 2.x)."""
    found = {}
    for each in children(item, "responseDeclaration"):
        kind, base = each.get("cardinality", "single"), each.get("baseType", "string")
        name, correct = each.get("identifier", ""), _value(_texts(child(each, "correctResponse")), kind, base)
        found[name] = Declared(name, kind, base, correct, child(each, "mapping"))
    return found


def score_of(item: Element, declared: Mapping[str, Declared], responses: Mapping[str, Value]) -> Fraction:
    """SCORE after response processing.

    Raises:
        Refused: it uses what is not known here, or leaves no number.
    """
    if any(
        len(mapping) > _MAX_PARTS for mapping in (each.mapping for each in declared.values()) if mapping is not None
    ):
        raise Refused("its mapping is larger than anybody would write", _MEND)
    run = _Run(declared, _defaults(item) | {name: responses.get(name) for name in declared})
    processing = child(item, "responseProcessing")
    if processing is None:
        raise Refused("it has no response processing, so nothing says what it is worth", _MEND)
    if sum(1 for _ in islice(processing.iter(), _MAX_PARTS + 1)) > _MAX_PARTS:
        raise Refused("its response processing is larger than anybody would write", _MEND)
    if processing.get("template") or processing.get("templateLocation"):
        _template(run, processing.get("template") or processing.get("templateLocation") or "")
    with suppress(_Exit):
        _rules(run, children(processing), 0)
    score = run.values.get("SCORE")
    if isinstance(score, bool) or not isinstance(score, Fraction):
        raise Refused("its response processing sets no SCORE that is a number", _MEND)
    return score


def max_score(item: Element) -> Fraction | None:
    """The default of the outcome MAXSCORE, or the upper bound of SCORE."""
    value = _defaults(item).get("MAXSCORE")
    if isinstance(value, Fraction) and value > 0:
        return value
    for each in children(item, "outcomeDeclaration"):
        if each.get("identifier") == "SCORE" and (bound := decimal_of(each.get("normalMaximum", "x"))):
            return Fraction(bound)
    return None


def _defaults(item: Element) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for each in children(item, "outcomeDeclaration"):
        kind, base = each.get("cardinality", "single"), each.get("baseType", "string")
        texts = _texts(child(each, "defaultValue"))
        numeric = base in {"float", "integer"} and kind == "single"
        values[each.get("identifier", "")] = _value(texts, kind, base) if texts else (Fraction(0) if numeric else None)
    return values


def _texts(values: Element | None) -> list[str]:
    return [] if values is None else [text_of(value).strip() for value in children(values, "value")]


def _value(texts: list[str], cardinality: str, base: str) -> Value:
    values = tuple(_single(text, base) for text in texts)
    if not values:
        return None
    if cardinality == "single":
        return values[0]
    return Container(values, ordered=cardinality == "ordered")


def _single(text: str, base: str) -> Value:
    if base in {"float", "integer"}:
        number = decimal_of(text)
        if number is None:
            raise Refused(f"{text[:40]!r} in it should be a number", "correct it there")
        return Fraction(number)
    if base == "boolean":
        return text.strip() == "true"
    return " ".join(text.split()) if base in {"directedPair", "pair"} else text


def _template(run: _Run, address: str) -> None:
    name = re.sub(r"\.xml$", "", address.rstrip("/").rpartition("/")[2])
    if "RESPONSE" not in run.declared:
        raise Refused("its scoring template needs a response named RESPONSE", _MEND)
    if name in {"match_correct", "CC2_match"}:
        run.values["SCORE"] = Fraction(_match(run.values["RESPONSE"], run.declared["RESPONSE"].correct) is True)
    elif name in {"map_response", "CC2_map_response"}:
        mapped = _mapped(run, "RESPONSE") if run.values["RESPONSE"] is not None else Fraction(0)
        run.values["SCORE"] = mapped
    else:
        raise Refused(f"its scoring template {name[:60]!r} is not known", _MEND)


# ---- rules


def _rules(run: _Run, rules: list[Element], depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise Refused("its response processing nests too deep", _MEND)
    for rule in rules:
        name = local(rule)
        if name == "responseCondition":
            _condition(run, rule, depth)
        elif name == "setOutcomeValue" and len(rule):
            run.values[rule.get("identifier", "")] = _expression(run, children(rule)[0], depth)
        elif name == "exitResponse":
            raise _Exit
        elif name == "responseProcessingFragment":
            _rules(run, children(rule), depth + 1)
        else:
            raise Refused(f"its response processing uses {name[:60]}, which is not known", _MEND)


def _condition(run: _Run, condition: Element, depth: int) -> None:
    for branch in children(condition, "responseIf", "responseElseIf", "responseElse"):
        parts = children(branch)
        if local(branch) == "responseElse":
            _rules(run, parts, depth + 1)
            return
        if parts and _expression(run, parts[0], depth) is True:
            _rules(run, parts[1:], depth + 1)
            return


# ---- expressions


def _expression(run: _Run, element: Element, depth: int) -> Value:
    name = local(element)
    if depth > _MAX_DEPTH:
        raise Refused("its response processing nests too deep", _MEND)
    if name not in _EXPRESSIONS:
        raise Refused(f"its response processing uses {name[:60]}, which is not known", _MEND)
    parts = [_expression(run, each, depth + 1) for each in children(element)]
    try:
        return _EXPRESSIONS[name](run, element, parts)
    except IndexError:
        raise Refused(f"a part of {name} is missing in its response processing", _MEND) from None


_Meaning = Callable[[_Run, Element, list[Value]], Value]


def _variable(run: _Run, element: Element, _parts: list[Value]) -> Value:
    name = element.get("identifier", "")
    if name not in run.values:
        raise Refused(f"its response processing asks for {name[:60]!r}, which is not declared", _MEND)
    return run.values[name]


def _correct(run: _Run, element: Element, _parts: list[Value]) -> Value:
    declared = run.declared.get(element.get("identifier", ""))
    return declared.correct if declared else None


def _base(_run: _Run, element: Element, _parts: list[Value]) -> Value:
    return _single(text_of(element).strip(), element.get("baseType", "string"))


def _match(one: Value, other: Value) -> bool | None:
    if one is None or other is None:
        return None
    return one.same(other) if isinstance(one, Container) else bool(one == other and type(one) is type(other))


def _map_response(run: _Run, element: Element, _parts: list[Value]) -> Value:
    return _mapped(run, element.get("identifier", ""))


def _mapped(run: _Run, name: str) -> Fraction:
    declared, value = run.declared.get(name), run.values.get(name)
    if declared is None or declared.mapping is None:
        raise Refused("its response processing maps a response that has no mapping", _MEND)
    mapping = declared.mapping
    values = value.values if isinstance(value, Container) else () if value is None else (value,)
    total = sum((_entry(mapping, declared.base, each) for each in dict.fromkeys(values)), Fraction(0))
    low, high = decimal_of(mapping.get("lowerBound", "x")), decimal_of(mapping.get("upperBound", "x"))
    total = max(total, Fraction(low)) if low is not None else total
    return min(total, Fraction(high)) if high is not None else total


def _entry(mapping: Element, base: str, value: Value) -> Fraction:
    for each in children(mapping, "mapEntry"):
        key = _single(each.get("mapKey", ""), base)
        fold = base == "string" and each.get("caseSensitive", "true") == "false"
        if (key.casefold() == str(value).casefold()) if fold else key == value:
            return _number(each.get("mappedValue", ""))
    return _number(mapping.get("defaultValue", "0"))


def _number(text: str) -> Fraction:
    number = decimal_of(text)
    if number is None:
        raise Refused(f"{text[:40]!r} in its mapping should be a number", "correct it there")
    return Fraction(number)


def _numbers(parts: list[Value]) -> list[Fraction] | None:
    flat = [each for part in parts for each in (part.values if isinstance(part, Container) else (part,))]
    if any(each is None for each in flat):
        return None
    if any(isinstance(each, bool) or not isinstance(each, Fraction) for each in flat):
        raise Refused("its response processing calculates with what is no number", _MEND)
    return flat


def _arithmetic(compute: Callable[[list[Fraction]], Value]) -> _Meaning:
    def meaning(_run: _Run, _element: Element, parts: list[Value]) -> Value:
        numbers = _numbers(parts)
        return None if numbers is None else compute(numbers)

    return meaning


def _product(numbers: list[Fraction]) -> Fraction:
    result = Fraction(1)
    for each in numbers:
        result *= each
        if max(result.numerator.bit_length(), result.denominator.bit_length()) > _MAX_BITS:
            raise Refused("its response processing calculates with enormous numbers", _MEND)
    return result


def _equal(_run: _Run, element: Element, parts: list[Value]) -> Value:
    numbers = _numbers(parts)
    if numbers is None:
        return None
    given, key = numbers[0], numbers[1]
    mode = element.get("toleranceMode", "exact")
    if mode == "exact":
        return given == key
    rooms = [_number(each) for each in (element.get("tolerance") or "").split()] or [Fraction(0)]
    low, high = rooms[0], rooms[-1]
    if mode == "relative":
        low, high = abs(key) * low / 100, abs(key) * high / 100
    below = given >= key - low if element.get("includeLowerBound", "true") == "true" else given > key - low
    above = given <= key + high if element.get("includeUpperBound", "true") == "true" else given < key + high
    return below and above


def _string_match(_run: _Run, element: Element, parts: list[Value]) -> Value:
    if parts[0] is None or parts[1] is None:
        return None
    one, other = str(parts[0]), str(parts[1])
    if element.get("caseSensitive", "true") == "false":
        one, other = one.casefold(), other.casefold()
    return other in one if element.get("substring", "false") == "true" else one == other


def _index(_run: _Run, element: Element, parts: list[Value]) -> Value:
    place = element.get("n", "")
    if not isinstance(parts[0], Container) or not place.isdigit():
        return None
    return parts[0].values[int(place) - 1] if 1 <= int(place) <= len(parts[0].values) else None


def _and(_run: _Run, _element: Element, parts: list[Value]) -> Value:
    return False if False in parts else None if None in parts else True


def _or(_run: _Run, _element: Element, parts: list[Value]) -> Value:
    return True if True in parts else None if None in parts else False


def _member(_run: _Run, _element: Element, parts: list[Value]) -> Value:
    if parts[0] is None or parts[1] is None:
        return None
    return isinstance(parts[1], Container) and parts[0] in parts[1].values


def _contains(_run: _Run, _element: Element, parts: list[Value]) -> Value:
    if not all(isinstance(part, Container) for part in parts[:2]):
        return None
    return not Counter(parts[1].values) - Counter(parts[0].values)


def _container(ordered: bool) -> _Meaning:
    def meaning(_run: _Run, _element: Element, parts: list[Value]) -> Value:
        flat = [each for part in parts for each in (part.values if isinstance(part, Container) else (part,))]
        kept = tuple(each for each in flat if each is not None)
        return Container(kept, ordered) if kept else None

    return meaning


def _size(_run: _Run, _element: Element, parts: list[Value]) -> Value:
    return Fraction(len(parts[0].values) if isinstance(parts[0], Container) else 0)


_EXPRESSIONS: dict[str, _Meaning] = {
    "variable": _variable,
    "correct": _correct,
    "baseValue": _base,
    "null": lambda _run, _element, _parts: None,
    "match": lambda _run, _element, parts: _match(parts[0], parts[1]),
    "mapResponse": _map_response,
    "sum": _arithmetic(lambda numbers: sum(numbers, Fraction(0))),
    "product": _arithmetic(_product),
    "subtract": _arithmetic(lambda numbers: numbers[0] - numbers[1]),
    "divide": _arithmetic(lambda numbers: numbers[0] / numbers[1] if numbers[1] else None),
    "min": _arithmetic(min),
    "max": _arithmetic(max),
    "gt": _arithmetic(lambda numbers: numbers[0] > numbers[1]),
    "gte": _arithmetic(lambda numbers: numbers[0] >= numbers[1]),
    "lt": _arithmetic(lambda numbers: numbers[0] < numbers[1]),
    "lte": _arithmetic(lambda numbers: numbers[0] <= numbers[1]),
    "equal": _equal,
    "stringMatch": _string_match,
    "and": _and,
    "or": _or,
    "not": lambda _run, _element, parts: None if parts[0] is None else not parts[0],
    "isNull": lambda _run, _element, parts: parts[0] is None,
    "index": _index,
    "member": _member,
    "contains": _contains,
    "multiple": _container(ordered=False),
    "ordered": _container(ordered=True),
    "containerSize": _size,
}


def as_points(value: Fraction) -> Decimal:
    """A score as points.

    Raises:
        Refused: it is not above 0.
    """
    if not 0 < value <= 1_000_000:
        raise Refused("its right answer earns nothing, so it cannot be read as a question", _MEND)
    points = Decimal(value.numerator) / Decimal(value.denominator)
    rounded = points.quantize(Decimal("0.0001"))
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded.normalize()
