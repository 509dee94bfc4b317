"""What goes through an import or an export: questions, and why some of them are left out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from exam_bank.item import Item, Question
from exam_bank.strict import SourceError
from exam_bank.variant_maker import VariantError

MAX_FILE = 32 * 1024 * 1024  # bytes of a file that is read
MAX_TEXT = 100_000  # characters of one stem, option or feedback
MAX_QUESTIONS = 5_000


class Refused(Exception):  # noqa: N818 - no failure of the program: one question stays out, and this says why
    """A question cannot go over with its score.

    Attributes:
        reason: what stands in the way.
        mend: what a person can do.
    """

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.mend = mend


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A question as it was read.

    Attributes:
        name: what its id is made from.
        title: its name for people.
        stem: Markdown.
        points: what it is worth.
        solution: Markdown; "" if the file has none.
        notes: what changed on the way.
    """

    name: str
    title: str
    stem: str
    question: Question
    points: Decimal = Decimal(1)
    solution: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A question that stays behind.

    Attributes:
        question: which one, as the file's reader finds it.
        reason: why.
        mend: what to do.
    """

    question: str
    reason: str
    mend: str


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An item that goes into a file: what stands for it there, and what changed on the way."""

    item: Item
    text: str
    notes: tuple[str, ...] = ()


Read = Iterator[Draft | LeftOut]


def read_each(questions: Iterable[tuple[str, Callable[[], Draft]]]) -> Read:
    """Reads one question after the other; what one of them raises concerns that one alone.

    Args:
        questions: what to call a question, and what reads it.
    """
    for number, (place, read) in enumerate(questions, 1):
        if number > MAX_QUESTIONS:
            yield LeftOut(
                question=f"{place} and all after it",
                reason=f"a file may have at most {MAX_QUESTIONS:,} questions",
                mend="split the file",
            )
            return
        try:
            yield read()
        except Refused as refused:
            yield LeftOut(question=place, reason=refused.reason, mend=refused.mend)
        except (ValueError, ArithmeticError, SourceError, VariantError) as error:  # what our own types say of it
            yield LeftOut(question=place, reason=str(error), mend="correct the question where it comes from")


def write_each(items: Sequence[Item], write: Callable[[Item, list[str]], str]) -> tuple[list[Kept], list[LeftOut]]:
    """What stands for each item in a file, and the items that have no place in it.

    Args:
        items: without templates.
        write: the text for an item; it may add notes to the list.
    """
    kept: list[Kept] = []
    left: list[LeftOut] = []
    for item in items:
        notes: list[str] = []
        try:
            kept.append(Kept(item=item, text=write(item, notes), notes=tuple(notes)))
        except Refused as refused:
            left.append(LeftOut(question=item.ref, reason=refused.reason, mend=refused.mend))
    return kept, left


def number_of_points(text: str, default: str = "1") -> Decimal:
    """Points as a peer wrote them.

    Raises:
        Refused: they are no number above 0.
    """
    points = decimal_of(text.strip() or default)
    if points is None or not 0 < points <= 1_000_000:
        raise Refused(f"its points are {text.strip()[:40]!r}, and must be a number above 0", "give it points there")
    return points.quantize(Decimal(1)) if points == points.to_integral_value() else points.normalize()


def decimal_of(text: str) -> Decimal | None:
    """A plain finite number, or None."""
    try:
        value = Decimal(text.strip()) if len(text) <= 60 else None
    except ArithmeticError:
        return None
    if value is None or not value.is_finite() or abs(value.adjusted()) > 100:
        return None
    return value


def plain(value: Decimal) -> str:
    """A number in digits, without an exponent where that is short."""
    text = f"{value:f}"
    return f"{value}" if len(text) > 40 else text
