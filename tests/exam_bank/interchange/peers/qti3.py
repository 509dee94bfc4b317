"""A small engine for QTI 3.0 items, after the information model of the specification."""

import xml.etree.ElementTree as ET
from typing import Any

Q = "{http://www.imsglobal.org/xsd/imsqtiasi_v3p0}"


class Item:
    """An item that can be answered."""

    def __init__(self, text: str) -> None:
        self.root = ET.fromstring(text)
        self.responses = {each.get("identifier"): each for each in self.root.findall(f"{Q}qti-response-declaration")}

    def score(self, **given: Any) -> float:
        """SCORE after response processing.

        Args:
            given: by response variable: a text, a number, a set (multiple), a list (ordered), or nothing.
        """
        self.values: dict[str, Any] = dict.fromkeys(self.responses) | given
        for outcome in self.root.findall(f"{Q}qti-outcome-declaration"):
            default = outcome.find(f"{Q}qti-default-value/{Q}qti-value")
            number = outcome.get("base-type") == "float"
            value = default.text if default is not None else None
            self.values[outcome.get("identifier", "")] = float(value) if number and value else value
        processing = self.root.find(f"{Q}qti-response-processing")
        assert processing is not None
        for rule in processing:
            self.run(rule)
        return self.values["SCORE"]

    def run(self, rule: ET.Element) -> None:
        kind = rule.tag.removeprefix(Q)
        if kind == "qti-set-outcome-value":
            self.values[rule.attrib["identifier"]] = self.value(rule[0])
            return
        assert kind == "qti-response-condition", kind
        for branch in rule:
            otherwise = branch.tag == f"{Q}qti-response-else"
            if otherwise or self.value(branch[0]) is True:
                for each in branch if otherwise else branch[1:]:
                    self.run(each)
                return

    def value(self, element: ET.Element) -> Any:
        kind = element.tag.removeprefix(f"{Q}qti-").replace("-", "_")
        return getattr(self, kind)(element, *map(self.value, element))

    def variable(self, element):
        return self.values[element.get("identifier")]

    def correct(self, element):
        declared = self.responses[element.get("identifier")]
        texts = [each.text for each in declared.findall(f"{Q}qti-correct-response/{Q}qti-value")]
        return {"single": lambda: texts[0], "multiple": lambda: set(texts), "ordered": lambda: texts}[
            declared.get("cardinality")
        ]()

    def base_value(self, element):
        return float(element.text) if element.get("base-type") == "float" else element.text

    def match(self, _element, one, other):
        return None if one is None or other is None else one == other

    def map_response(self, element):
        declared = self.responses[element.get("identifier")]
        mapping = declared.find(f"{Q}qti-mapping")
        value = self.values[element.get("identifier")]
        total = 0.0
        for each in value if isinstance(value, set | list) else [value]:
            total += self.mapped(mapping, each)
        bound = mapping.get("lower-bound")
        return total if bound is None else max(float(bound), total)

    def mapped(self, mapping, value):
        for entry in mapping:
            key, exact = entry.get("map-key"), entry.get("case-sensitive", "true") == "true"
            if key == value or (not exact and value is not None and key.lower() == value.lower()):
                return float(entry.get("mapped-value"))
        return float(mapping.get("default-value", "0"))

    def sum(self, _element, *parts):
        return None if None in parts else float(sum(parts))

    def product(self, _element, one, other):
        return None if one is None or other is None else one * other

    def divide(self, _element, one, other):
        return None if one is None or not other else one / other

    def gte(self, _element, one, other):
        return None if one is None else one >= other

    def lte(self, _element, one, other):
        return None if one is None else one <= other

    def lt(self, _element, one, other):
        return None if one is None else one < other

    def is_null(self, _element, value):
        return value is None or value in (set(), [])

    def not_(self, _element, value):
        return None if value is None else not value

    def and_(self, _element, *parts):
        return all(part is True for part in parts)

    def or_(self, _element, *parts):
        return any(part is True for part in parts)

    def index(self, element, value):
        place = int(element.get("n"))
        return value[place - 1] if value and place <= len(value) else None

    def member(self, _element, one, many):
        return None if many is None else one in many

    def __getattr__(self, name: str) -> Any:
        if name in {"not", "and", "or"}:
            return getattr(self, f"{name}_")
        raise AttributeError(name)
