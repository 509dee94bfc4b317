"""Numbers as learners type them."""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

MAX_LENGTH = 100

_NUMBER = re.compile(r"(?P<number>[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?)(?P<unit>.*)")
_POWER_OF_TEN = re.compile(r"\s*(?:[x\u00d7*\u00b7\u22c5]|\\times|\\cdot)\s*10\s*(?:\^|\*\*)\s*\{?([-+]?[0-9]{1,3})\}?")
_SUPERSCRIPTS = str.maketrans(
    "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207a\u207b", "0123456789+-"
)
_RAISED = re.compile("(?<=10)[\u2070\u00b9\u00b2\u00b3\u2074-\u2079\u207a\u207b]+")


class NumberError(ValueError):
    """What was typed is no number; the message tells the learner how to write it."""


def parse_number(value: Any, *, unit: str = "", accepted_units: Sequence[str] = ()) -> Decimal:
    """The number in ``value``, which may be followed by the unit.

    ``1.5e-3``, ``1.5 x 10^-3``, superscripts and any minus sign are read. A comma is not: in ``1,234`` it means one
    thing in Berlin and another in Boston.

    Args:
        value: a number or text, not trusted.
        unit: the unit of the answer; "" if it has none.
        accepted_units: other ways to write the same unit.

    Raises:
        NumberError: it is no number, or has another unit.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise NumberError("Give a number.")
    text = _plain(value)
    if len(text) > MAX_LENGTH:
        raise NumberError(f"Give a number of at most {MAX_LENGTH} characters.")
    if "," in text:
        raise NumberError("Write the number without commas, with a point before the decimals.")
    match = _NUMBER.fullmatch(_POWER_OF_TEN.sub(r"e\1", text, count=1))
    if match is None:
        raise NumberError("Give a number, such as 12.5 or 1.25e-3" + (f", in {unit}." if unit else "."))
    _check_unit(match["unit"], unit, accepted_units)
    return Decimal(match["number"])


def _plain(value: str | float) -> str:
    """The text in compatible characters, with superscripts as ``^n``."""
    if isinstance(value, int) and abs(value) >= 10**MAX_LENGTH:
        raise NumberError(f"Give a number of at most {MAX_LENGTH} characters.")
    text = _RAISED.sub(lambda raised: "^" + raised[0].translate(_SUPERSCRIPTS), str(value)[: MAX_LENGTH + 1])
    return unicodedata.normalize("NFKC", text).replace("\u2212", "-").strip()


def _check_unit(given: str, unit: str, accepted_units: Sequence[str]) -> None:
    compact = "".join(given.split())
    if not compact:
        return
    known = {"".join(unicodedata.normalize("NFKC", each).split()) for each in (unit, *accepted_units) if each}
    if compact not in known:
        wanted = f"the answer in {unit}" if unit else "a number without a unit"
        raise NumberError(f"Give {wanted}; {compact!r} after the number cannot be read.")
