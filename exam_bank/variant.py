"""What a :class:`Variant` is: one concrete question with its key.

A variant holds the key and stays on the server (or in a concept check, which may show it);
:mod:`exam_bank.render` makes what learners see. Options are named by *labels* (a, b, c, or 1, 2, 3 for what keeps its
order), given after shuffling, so that a label says nothing about the order in the author's file.
"""

from decimal import Decimal

import msgspec

from exam_bank import item as authored
from exam_bank.item import Tolerance


class _Frozen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of the parts of a variant."""


class Shown(_Frozen, frozen=True, kw_only=True):
    """Something that a response can name.

    Attributes:
        label: what responses call it.
        source: what the author calls it; never shown in an exam.
        text: Markdown.
    """

    label: str
    source: str
    text: str


class ShownOption(Shown, frozen=True, kw_only=True):
    """An option with its key and feedback."""

    correct: bool
    feedback: str


class SingleChoice(_Frozen, frozen=True, kw_only=True, tag_field="type", tag="single-choice"):
    """Exactly one option is correct."""

    options: tuple[ShownOption, ...]


class MultipleChoice(_Frozen, frozen=True, kw_only=True, tag_field="type", tag="multiple-choice"):
    """One or more options are correct."""

    options: tuple[ShownOption, ...]
    scoring: authored.Scoring


class Numeric(_Frozen, frozen=True, kw_only=True, tag_field="type", tag="numeric"):
    """A number within a closed interval around the answer."""

    answer: Decimal
    tolerance: Tolerance
    unit: str = ""
    accepted_units: tuple[str, ...] | dict[str, Decimal] = ()  # a mapping: what one of each is in ``unit``
    feedback: str = ""


class ShownBlank(_Frozen, frozen=True, kw_only=True):
    """A blank; the stem holds it as ``[[label]]``."""

    label: str
    source: str
    accept: tuple[str, ...]
    case: authored.Case
    spaces: authored.Spaces
    feedback: str = ""


class FillIn(_Frozen, frozen=True, kw_only=True, tag_field="type", tag="fill-in"):
    """Blanks in the stem."""

    blanks: tuple[ShownBlank, ...]
    scoring: authored.Scoring


class ShortAnswer(_Frozen, frozen=True, kw_only=True, tag_field="type", tag="short-answer"):
    """Marked by a person."""

    rubric: tuple[authored.Criterion, ...]
    keywords: tuple[str, ...] = ()


class Prompt(Shown, frozen=True, kw_only=True):
    """A left-hand side with the label of what belongs to it."""

    key: str
    feedback: str = ""


class Matching(_Frozen, frozen=True, kw_only=True, tag_field="type", tag="matching"):
    """Each prompt is to be given the label of one choice."""

    prompts: tuple[Prompt, ...]
    choices: tuple[Shown, ...]
    scoring: authored.Scoring


class Ordering(_Frozen, frozen=True, kw_only=True, tag_field="type", tag="ordering"):
    """Steps in the order shown; ``key`` has their labels in the right order."""

    steps: tuple[Shown, ...]
    key: tuple[str, ...]
    scoring: authored.Scoring
    feedback: str = ""


class Code(_Frozen, frozen=True, kw_only=True, tag_field="type", tag="code"):
    """Points come from the autograder."""

    starter: str
    reference: str
    tests: str
    hidden_tests: str = ""


Key = SingleChoice | MultipleChoice | Numeric | FillIn | ShortAnswer | Matching | Ordering | Code


class Variant(_Frozen, frozen=True, kw_only=True):
    """One concrete question with its key.

    Attributes:
        ref: the item, ``<topic>/<id>``.
        version: the item's version.
        seed: what the variant was made from.
        stem: Markdown; blanks as ``[[1]]``.
        solution: Markdown.
        key: the type's part of the question, key included.
    """

    ref: str
    version: str
    seed: int
    points: Decimal
    minutes: float
    stem: str
    solution: str
    key: Key

    @property
    def type(self) -> str:
        """The type as the item's front matter names it."""
        return str(self.key.__struct_config__.tag)


def margin(tolerance: Tolerance, answer: Decimal) -> Decimal:
    """How far from ``answer`` a number may be (the interval is closed), in the unit of the answer.

    Significant figures: half a unit of the answer's n-th significant figure.
    """
    if tolerance.absolute is not None:
        return tolerance.absolute
    if tolerance.relative is not None:
        return abs(answer) * tolerance.relative
    figures = tolerance.significant_figures or 1  # exactly one of the three is given
    return Decimal("0.5").scaleb(answer.adjusted() - figures + 1)
