"""Numeric questions as peers have them: an answer, and how far from it others are right."""

from decimal import Decimal

from exam_bank.interchange.exchanged import Refused
from exam_bank.item import Numeric, Tolerance
from exam_bank.variant import margin


def interval(question: Numeric) -> tuple[Decimal, Decimal, Decimal]:
    """The answer, and the least and the greatest number that are right."""
    answer = Decimal(str(question.answer))
    room = margin(question.tolerance, answer)
    return answer, answer - room, answer + room


def absolute(answer: Decimal, room: Decimal, *, feedback: str = "", unit: str = "") -> Numeric:
    """A numeric question with an absolute tolerance."""
    tidy = Decimal(f"{abs(room).normalize():f}")
    return Numeric(answer=f"{answer}", tolerance=Tolerance(absolute=tidy), feedback=feedback, unit=unit)


def require_moodle_can_tell(answer: Decimal, room: Decimal) -> None:
    """Moodle widens every tolerance by 1e-14, so that it cannot tell very small numbers apart.

    Raises:
        Refused: the answer or the tolerance is too small for it.
    """
    fuzz = Decimal("1e-11") * max(Decimal(1), abs(answer))
    if 0 < abs(answer) < Decimal("1e-9") or 0 < room < fuzz:
        raise Refused(
            f"Moodle adds 1e-14 to every tolerance, too much for {answer} within {room}",
            "ask for it in another unit, so that the number is larger",
        )


def note_tolerance(question: Numeric, notes: list[str]) -> None:
    """Peers know the tolerance as an absolute number only."""
    if question.tolerance.absolute is None:
        notes.append("its tolerance is written as the same absolute number")
