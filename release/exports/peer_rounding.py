"""How other systems round, by name, so that what they would show can be reproduced to the last digit.

``exact``: not at all. ``edx``: a course grade is a whole per cent of ``p * 100 + 0.05``, halves up, so that 59.45 %
becomes 60 %, by the same exact rule as a course that names it (edX itself computes in doubles, which now and then puts
a grade just at such a half below it); a subsection is rounded to two decimals of its fraction in double precision,
halves to even, as NumPy does it for edX. ``canvas``: points and per cents are shown with two decimals, halves up.
"""

from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

from authoring.course import Rounding
from release.exports.table import Score
from release.rounding import decimal, rounded


class PeerRounding(StrEnum):
    """A peer's rounding."""

    EXACT = "exact"
    EDX = "edx"
    CANVAS = "canvas"


def course_fraction(grade: Decimal, rule: PeerRounding) -> Decimal:
    """A course grade as a peer has it, from the grade before any rounding; a fraction."""
    match rule:
        case PeerRounding.EDX:
            return decimal(rounded(Fraction(grade), Rounding.EDX))
        case PeerRounding.CANVAS:
            return two_places(grade * 100) / 100
        case PeerRounding.EXACT:
            return grade


def assignment_fraction(score: Score, rule: PeerRounding) -> Decimal | None:
    """The points of a score as a fraction of what was possible, as edX has it; None where there are none."""
    if score.points is None or not score.possible:
        return None
    if rule is PeerRounding.EDX:
        # a double on purpose: 0.575 is a little less than that to edX, and becomes 0.57
        return Decimal(str(round(float(score.points) / float(score.possible) * 100) / 100))
    return decimal(Fraction(score.points) / Fraction(score.possible))


def two_places(value: Decimal) -> Decimal:
    """The value with two decimals, halves up."""
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
