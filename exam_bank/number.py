"""Numbers as learners type them."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from decimal import Context, Decimal
from typing import Any

MAX_LENGTH = 100
_EXACT = Context(prec=2 * MAX_LENGTH)  # no factor has so many digits that the product would be rounded

_NUMBER = re.compile(r"(?P<number>[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?)(?P<unit>.*)")
_POWER_OF_TEN = re.compile(r"\s*(?:[x\u00d7*\u00b7\u22c5]|\\times|\\cdot)\s*10\s*(?:\^|\*\*)\s*\{?([-+]?[0-9]{1,3})\}?")
_SUPERSCRIPTS = str.maketrans(
    "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207a\u207b", "0123456789+-"
)
_RAISED = re.compile("(?<=10)[\u2070\u00b9\u00b2\u00b3\u2074-\u2079\u207a\u207b]+")


class NumberError(ValueError):
    """What was typed is no number; the message tells the learner how to write it."""


def parse_number(value: Any, *, unit: str = "", accepted_units: Collection[str] = ()) -> Decimal:
    """The number in ``value``, which may be followed by a unit, in the answer's unit.

    ``1.5e-3``, ``1.5 x 10^-3``, superscripts and any minus sign are read. A comma is not: in ``1,234`` it means one
    thing in Berlin and another in Boston.

    Args:
        value: a number or text, not trusted.
        unit: the unit of the answer; "" if it has none.
        accepted_units: other ways to write the same unit; or a mapping from other units to what one of each is in
            ``unit``, by which the number is multiplied without rounding.

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
    factor = _factor(match["unit"], unit, accepted_units)
    return _EXACT.multiply(Decimal(match["number"]), factor) if factor != 1 else Decimal(match["number"])


def _plain(value: str | float) -> str:
    """The text in compatible characters, with superscripts as ``^n``."""
    if isinstance(value, int) and abs(value) >= 10**MAX_LENGTH:
        raise NumberError(f"Give a number of at most {MAX_LENGTH} characters.")
    text = _RAISED.sub(lambda raised: "^" + raised[0].translate(_SUPERSCRIPTS), str(value)[: MAX_LENGTH + 1])
    return unicodedata.normalize("NFKC", text).replace("\u2212", "-").strip()


def _factor(given: str, unit: str, accepted_units: Collection[str]) -> Decimal:
    """What one of the unit that was typed is in the answer's unit."""
    compact = _compact(given)
    if not compact:
        return Decimal(1)
    factors = accepted_units if isinstance(accepted_units, Mapping) else dict.fromkeys(accepted_units, Decimal(1))
    known = {_compact(name): Decimal(factor) for name, factor in factors.items()} | {_compact(unit): Decimal(1)}
    if not unit or compact not in known:
        others = f" (or in {', '.join(factors)})" if isinstance(accepted_units, Mapping) and factors else ""
        wanted = f"the answer in {unit}{others}" if unit else "a number without a unit"
        raise NumberError(f"Give {wanted}; {compact!r} after the number cannot be read.")
    return known[compact]


def _compact(unit: str) -> str:
    return "".join(unicodedata.normalize("NFKC", unit).split())
