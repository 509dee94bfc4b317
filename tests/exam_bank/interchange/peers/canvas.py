"""What a classic quiz of Canvas gives, as a fraction of the points, for an item of its QTI 1.2."""

import xml.etree.ElementTree as ET
from decimal import Decimal

Q = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"


class Item:
    """An item of the quiz."""

    def __init__(self, element: ET.Element) -> None:
        self.element = element
        fields = {
            each.findtext(f"{Q}fieldlabel"): each.findtext(f"{Q}fieldentry")
            for each in element.iter(f"{Q}qtimetadatafield")
        }
        self.kind, self.points = fields["question_type"], float(fields["points_possible"])
        self.rules = [
            (each.find(f"{Q}conditionvar"), float(each.findtext(f"{Q}setvar")))
            for each in element.iter(f"{Q}respcondition")
            if each.find(f"{Q}setvar") is not None
        ]

    def labels(self) -> list[str]:
        return [each.get("ident") for each in self.element.iter(f"{Q}response_label")]

    def choice(self, ticked: list[int]) -> float:
        names = self.labels()
        chosen = {names[at] for at in ticked}
        condition, _ = self.rules[0]
        wrong = {each.text for outer in condition.iter(f"{Q}not") for each in outer.iter(f"{Q}varequal")}
        right = {each.text for each in condition.iter(f"{Q}varequal")} - wrong
        if self.kind == "multiple_choice_question":
            return float(chosen == right)
        assert self.kind == "multiple_answers_question"
        return max(0.0, (len(chosen & right) - len(chosen - right)) / len(right))

    def number(self, given: str) -> float:
        condition, share = self.rules[0]
        low, high = (Decimal(condition.find(f".//{Q}{name}").text) for name in ("vargte", "varlte"))
        exact = Decimal(condition.find(f".//{Q}varequal").text)
        return share / 100 if low <= Decimal(given) <= high or Decimal(given) == exact else 0.0

    def short(self, given: str) -> float:
        condition, share = self.rules[0]
        forms = {each.text.strip().lower() for each in condition.iter(f"{Q}varequal")}
        return share / 100 if given.strip().lower() in forms else 0.0

    def gaps(self, given: list[str]) -> float:
        shares = [share for _, share in self.rules]
        parts = self.element.findall(f"{Q}presentation/{Q}response_lid")
        earned = 0.0
        for part, share, typed in zip(parts, shares, given, strict=True):
            forms = {each.findtext(f".//{Q}mattext").strip().lower() for each in part.iter(f"{Q}response_label")}
            earned += share / 100 if typed.strip().lower() in forms else 0.0
        return earned

    def matching(self, chosen: dict[int, int | None]) -> float:
        parts = self.element.findall(f"{Q}presentation/{Q}response_lid")
        earned = 0.0
        for at, (part, (condition, share)) in enumerate(zip(parts, self.rules, strict=True)):
            names = [each.get("ident") for each in part.iter(f"{Q}response_label")]
            equal = condition.find(f"{Q}varequal")
            assert equal.get("respident") == part.get("ident")
            if chosen.get(at) is not None and names[chosen[at]] == equal.text:
                earned += share / 100
        return earned


def items(quiz: bytes) -> list[Item]:
    """The items of a quiz."""
    return [Item(each) for each in ET.fromstring(quiz).iter(f"{Q}item")]
