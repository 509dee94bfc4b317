"""Questions whose parts stand in the text or side by side: blanks and pairs."""

import re
from collections.abc import Callable, Sequence

from exam_bank.interchange.exchanged import Refused
from exam_bank.interchange.to_html import to_html
from exam_bank.item import BLANK, Blank, FillIn, Item, Question, Scoring, Spaces

GAP = "_____"  # how peers without named blanks show one
_GAPS = re.compile(r"(?:\\?_){3,}")


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


def each_blank_counts(blanks: tuple[Blank, ...]) -> FillIn:
    """The question of a system in which each blank is worth the same; a single one has no parts."""
    return FillIn(blanks=blanks, scoring="number-right" if len(blanks) > 1 else "all-or-nothing")
