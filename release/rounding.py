"""How a grade is rounded, by name, and how exact fractions are given back as decimals and shown to people."""

from decimal import Decimal
from fractions import Fraction
from math import floor

from authoring.course import Rounding

PLACES = 10


def rounded(grade: Fraction, rule: Rounding) -> Fraction:
    """The grade by the named rule, exactly.

    ``half-up-whole-percent`` rounds to the nearest whole per cent, halves up. ``edx`` adds 0.05 to the per cent first,
    as edX's grader does, so that 59.45 % becomes 60 %.
    """
    match rule:
        case Rounding.NONE:
            return grade
        case Rounding.HALF_UP_WHOLE_PERCENT:
            return Fraction(_half_up(grade * 100), 100)
        case Rounding.EDX:
            return Fraction(_half_up(grade * 100 + Fraction(5, 100)), 100)


def decimal(fraction: Fraction) -> Decimal:
    """The fraction as a decimal, cut off (never rounded up) after ten places: 2/3 becomes 0.6666666666."""
    whole, places = floor(fraction * 10**PLACES), PLACES
    while places and whole % 10 == 0:
        whole, places = whole // 10, places - 1
    return Decimal(whole).scaleb(-places)


def per_cent(fraction: Fraction | Decimal) -> str:
    """The fraction for people, cut off after two places so that it never looks better: 2/3 is ``66.66 %``."""
    above, below = fraction.as_integer_ratio()
    hundredths = above * 10_000 // below
    whole, places = divmod(abs(hundredths), 100)
    shown = f"{whole}.{places:02}".rstrip("0").rstrip(".") if places else str(whole)
    return f"{'-' if hundredths < 0 else ''}{shown} %"


def points(value: Fraction) -> str:
    """Points for people, without needless zeros."""
    return f"{decimal(value):f}"


def _half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))
