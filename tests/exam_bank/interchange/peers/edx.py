"""What Open edX gives, as a fraction of the points, for a problem in OLX."""

import xml.etree.ElementTree as ET
from decimal import Decimal


class Problem:
    """A problem."""

    def __init__(self, text: bytes | str) -> None:
        self.root = ET.fromstring(text)

    @property
    def points(self) -> float:
        return float(self.root.get("weight", "1"))

    def choice(self, ticked: list[int]) -> float:
        choices = list(self.root.iter("choice"))
        right = {at for at, each in enumerate(choices) if each.get("correct") == "true"}
        response = self.root.find(".//choiceresponse")
        if response is None:
            return float(ticked[0] in right)
        if response.get("partial_credit") == "EDC":
            good = sum((at in right) == (at in ticked) for at in range(len(choices)))
            return round(good / len(choices), 2) if good < len(choices) else 1.0
        return float(right == set(ticked))

    def number(self, given: str) -> float:
        response = self.root.find(".//numericalresponse")
        room = Decimal(response.find("responseparam").get("default"))
        return float(abs(Decimal(given) - Decimal(response.get("answer"))) <= room)

    def gaps(self, given: list[str]) -> float:
        responses = list(self.root.iter("stringresponse"))
        right = 0
        for response, typed in zip(responses, given, strict=True):
            forms = [response.get("answer"), *(each.get("answer") for each in response.iter("additional_answer"))]
            fold = str.lower if response.get("type") == "ci" else str
            right += fold(typed.strip()) in [fold(form.strip()) for form in forms]
        return right / len(responses)

    def short(self, given: str) -> float:
        return self.gaps([given])

    def matching(self, chosen: dict[int, str | None]) -> float:
        menus = list(self.root.iter("optioninput"))
        right = 0
        for at, menu in enumerate(menus):
            key = next(each.text for each in menu if each.get("correct") == "True")
            right += chosen.get(at) == key
        return right / len(menus)
