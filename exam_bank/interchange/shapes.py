"""What several readers or writers need: ids from texts, percentages of peers, blanks in HTML."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from html import escape

from exam_bank.interchange.exchanged import Refused
from exam_bank.interchange.to_html import to_html, to_inline_html
from exam_bank.item import (
    BLANK,
    Blank,
    FillIn,
    Item,
    MultipleChoice,
    Numeric,
    Option,
    Question,
    Scoring,
    ShortAnswer,
    SingleChoice,
    Spaces,
    Tolerance,
)
from exam_bank.variant import margin

GAP = "_____"  # how peers without named blanks show one
_UNXML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_GAPS = re.compile(r"(?:\\?_){3,}")


def slug(text: str, fallback: str, *, longest: int = 40) -> str:
    """An id made from a text: ``a-z``, ``0-9`` and hyphens."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", ascii_text.lower())
    made = ""
    for word in words:
        if made and len(made) + 1 + len(word) > longest:
            break
        made = f"{made}-{word}" if made else word[:longest]
    return made or fallback


def ids(count: int, prefix: str) -> list[str]:
    """Ids such as ``option-1``, ``option-2``."""
    return [f"{prefix}-{number}" for number in range(1, count + 1)]


def xml(text: str) -> str:
    """Text as XML shows it; what XML cannot hold is left out."""
    return escape(_UNXML.sub("", text), quote=True)


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


def require_collapse(question: FillIn) -> None:
    """Peers have one rule for white space, which is nearest to ``collapse``.

    Raises:
        Refused: a blank has another rule.
    """
    for blank in question.blanks:
        if blank.spaces is not Spaces.COLLAPSE:
            raise Refused(
                f"its blank {blank.id!r} has the rule spaces: {blank.spaces.value}, which does not exist there",
                "use spaces: collapse",
            )


def multiple_choices(options: Sequence[Option], *, shuffle: bool) -> Iterable[Question]:
    """The same options with each rule that a multiple choice can have."""
    for scoring in ("all-or-nothing", "right-minus-wrong", "number-right"):
        yield MultipleChoice(options=tuple(options), scoring=scoring, shuffle=shuffle)


def single_choice(options: Sequence[Option], *, shuffle: bool) -> SingleChoice:
    """A single choice.

    Raises:
        Refused: not exactly one option is right.
    """
    right = sum(option.correct is True for option in options)
    if right != 1:
        raise Refused(f"{right} of its options are wholly right, and must be 1", "correct its key there")
    return SingleChoice(options=tuple(options), shuffle=shuffle)


def true_false(right: bool, feedback_true: str, feedback_false: str) -> SingleChoice:
    """True or false, as a single choice whose options keep their order."""
    return SingleChoice(
        options=(
            Option(id="true", text="True", correct=right, feedback=feedback_true),
            Option(id="false", text="False", correct=not right, feedback=feedback_false),
        ),
        shuffle=False,
    )


def one_blank(stem: str, accept: Sequence[str], blank: Callable[[tuple[str, ...]], Blank]) -> tuple[str, FillIn]:
    """A question with one text to type, and its stem: the first gap in it is the blank, or the blank follows it."""
    forms = tuple(dict.fromkeys(form for form in accept if form.strip()))
    made = blank(forms)
    place = f"[[{made.id}]]"
    with_gap, gaps = _GAPS.subn(lambda _match: place, stem, count=1)
    question = FillIn(blanks=(made,), scoring="all-or-nothing")
    return (with_gap if gaps else f"{stem}\n\n{place}".strip()), question


def stem_html(item: Item, blank: Callable[[str], str] | None = None) -> str:
    """The stem as HTML, each blank replaced by what ``blank`` makes of its id."""
    html = to_html(item.stem)
    return BLANK.sub(lambda match: blank(match[1]), html) if blank else html


def is_all_or_nothing(question: Question) -> bool:
    """Whether parts earn nothing by themselves, and there is more than one part."""
    parts = len(getattr(question, "blanks", ())) or len(getattr(question, "pairs", ()))
    return parts > 1 and getattr(question, "scoring", "") == Scoring.ALL_OR_NOTHING.value


def rubric_text(question: ShortAnswer) -> str:
    """The rubric as an HTML list that reads back."""
    lines = [f"<li>{plain_points(each.points)}: {to_inline_html(each.text)}</li>" for each in question.rubric]
    return f"<ul>{''.join(lines)}</ul>"


def plain_points(points: Decimal) -> str:
    """``1 point``, ``1.5 points``."""
    return f"{points.normalize():f} {'point' if points == 1 else 'points'}"
