"""What Moodle gives, as a fraction of the marks, for a question in Moodle XML or GIFT."""

import html
import re
import unicodedata
import xml.etree.ElementTree as ET
from itertools import pairwise
from typing import ClassVar

PRECISION = 1e-14  # PHP's own


def added_up(shares: list[float]) -> float:
    """Multiple choice: the percentages of what is ticked, between nothing and everything."""
    return min(1.0, max(0.0, sum(shares)))


def text_matches(given: str, pattern: str, *, use_case: bool) -> bool:
    """Moodle's short answers: an asterisk stands for any text, unless a backslash is before it."""
    given, pattern = (unicodedata.normalize("NFC", each) for each in (given.strip(), pattern))
    pieces = [re.escape(piece.replace(r"\*", "*")) for piece in re.split(r"(?<!\\)\*+", pattern)]
    return re.fullmatch(".*".join(pieces), given, 0 if use_case else re.IGNORECASE) is not None


def number_matches(given: float, answer: float, tolerance: float) -> bool:
    """Moodle's nominal tolerance."""
    room = tolerance + PRECISION * max(1.0, abs(answer))
    return answer - room <= given <= answer + room


class Question:
    """A question of Moodle XML."""

    def __init__(self, element: ET.Element) -> None:
        self.element = element
        self.answers = [
            (each.findtext("text") or "", float(each.get("fraction", "0")) / 100, each)
            for each in element.findall("answer")
        ]

    @property
    def points(self) -> float:
        return float(self.element.findtext("defaultgrade") or 1)

    def choice(self, ticked: list[int]) -> float:
        if self.element.findtext("single") == "true":
            return max(0.0, self.answers[ticked[0]][1])
        return added_up([self.answers[each][1] for each in ticked])

    def short(self, given: str) -> float:
        use_case = self.element.findtext("usecase") == "1"
        return next((share for text, share, _ in self.answers if text_matches(given, text, use_case=use_case)), 0.0)

    def number(self, given: str) -> float:
        match = re.fullmatch(r"\s*([-+0-9.eE]+)\s*(\D*)", given)
        units = [each.text for each in self.element.iter("unit_name")]
        assert match is not None
        assert not match[2] or match[2].strip() in units
        for text, share, answer in self.answers:
            room = float(answer.findtext("tolerance") or 0)
            if text == "*" or number_matches(float(match[1]), float(text), room):
                return share
        return 0.0

    def matching(self, chosen: dict[int, int | None]) -> float:
        rows = self.element.findall("subquestion")
        asked = [row for row in rows if row.findtext("text")]
        rights = [row.findtext("answer/text") for row in rows]
        right = sum(
            chosen.get(at) is not None and rights[chosen[at]] == row.findtext("answer/text")
            for at, row in enumerate(asked)
        )
        return right / len(asked)

    def order(self, places: list[int]) -> float:
        grading, count = self.element.findtext("gradingtype"), len(places)
        if grading == "ABSOLUTE_POSITION":
            return sum(at == place for at, place in enumerate(places)) / count
        if grading == "RELATIVE_NEXT_EXCLUDE_LAST":
            return sum(other == one + 1 for one, other in pairwise(places)) / (count - 1)
        assert grading == "ALL_OR_NOTHING"
        return float(places == sorted(places))

    def gaps(self, given: list[str]) -> float:
        text = self.element.findtext("questiontext/text") or ""
        gaps = re.findall(r"\{(\d*):(SHORTANSWER(?:_C)?):(.*?)(?<!\\)\}", text)
        total = sum(int(weight or 1) for weight, _, _ in gaps)
        earned = 0.0
        for (weight, kind, body), typed in zip(gaps, given, strict=True):
            for form in re.split(r"(?<!\\)~", body):
                answer = re.split(r"(?<![\\&])#", form)[0]
                share = 1.0 if answer.startswith("=") else 0.0
                pattern = html.unescape(re.sub(r"\\([}~#])", r"\1", answer.removeprefix("=")))
                if text_matches(typed, pattern, use_case=kind.endswith("_C")):
                    earned += share * int(weight or 1)
                    break
        return earned / total


def questions(data: bytes) -> list[Question]:
    """The questions of a file of Moodle XML."""
    root = ET.fromstring(data)
    return [Question(each) for each in root.findall("question") if each.get("type") != "category"]


class Gift:
    """A question of GIFT, split as Moodle's importer splits it."""

    ESCAPED: ClassVar = {
        "\\\\": "\x00",
        r"\:": "\x01",
        r"\#": "\x02",
        r"\=": "\x03",
        r"\{": "\x04",
        r"\}": "\x05",
        r"\~": "\x06",
    }

    def __init__(self, text: str) -> None:
        text = "\n".join(line for line in text.split("\n") if not line.startswith("//"))
        for written, stands in self.ESCAPED.items():
            text = text.replace(written, stands)
        self.body = (
            text[text.index("{") + 1 : text.index("}")].rpartition("####")[0]
            or text[text.index("{") + 1 : text.index("}")]
        )
        self.body = self.body.strip()

    def plain(self, text: str) -> str:
        for written, stands in self.ESCAPED.items():
            text = text.replace(stands, written[1])
        return text.strip()

    def weight(self, answer: str, default: float) -> tuple[float, str]:
        match = re.match(r"%(-?[0-9.]+)%", answer)
        return (float(match[1]) / 100, answer[match.end() :]) if match else (default, answer)

    def choice(self, ticked: list[int]) -> float:
        answers = [each.strip() for each in self.body.replace("=", "~=").split("~") if each.strip()]
        shares = [1.0 if each.startswith("=") else self.weight(each, 0.0)[0] for each in answers]
        return shares[ticked[0]] if "=" in self.body else added_up([shares[each] for each in ticked])

    def short(self, given: str) -> float:
        for each in [each.strip() for each in self.body.split("=") if each.strip()]:
            share, text = self.weight(each, 1.0)
            if text_matches(given, self.plain(text.split("#")[0]), use_case=False):
                return share
        return 0.0

    def number(self, given: str) -> float:
        answers = self.body.removeprefix("#").split("~")[0].split("=")
        answer, room = self.plain(answers[1].split("#")[0]).split(":")
        return float(number_matches(float(given), float(answer), float(room)))

    def matching(self, chosen: dict[int, int | None]) -> float:
        rows = [each.split("->") for each in self.body.split("=") if each.strip()]
        rights = [self.plain(right) for _, right in rows]
        asked = [at for at, (left, _) in enumerate(rows) if left.strip()]
        right = sum(chosen.get(at) is not None and rights[chosen[at]] == rights[at] for at in asked)
        return right / len(asked)
