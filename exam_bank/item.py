"""What an item is: the question, its key and its proof, as frozen types.

An :class:`Item` is what an author wrote; texts may still hold ``{{ name }}`` places. With a seed it becomes a
:class:`~exam_bank.variant.Variant`, the concrete question. The keys of the front matter are the fields of these types,
and ``docs/items.md`` explains them to authors.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

import msgspec

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
BLANK = re.compile(r"\[\[([a-z][a-z0-9-]*)\]\]")  # in a stem
VERSION = re.compile(r"sha256:[0-9a-f]{64}")
MAX_LABELS = 26  # a to z


class Status(StrEnum):
    """Where an item is in its life."""

    DRAFT = "draft"  # being written
    REVIEW = "review"  # waits for a colleague
    PILOT = "pilot"  # asked, does not count yet
    OPERATIONAL = "operational"  # asked and counts
    RETIRED = "retired"  # asked no more


class Role(StrEnum):
    """How a notebook cell uses an item, which decides what it may carry."""

    CONCEPT_CHECK = "concept-check"  # answered at once: the cell holds key and feedback
    GRADED = "graded"  # no key
    EXAM = "exam"  # no key, and nothing that tells which item it is


class Use(StrEnum):
    """Where an item may be asked. What learners have seen in a lesson is no secret, so it is no exam item."""

    EXAM = "exam"
    LESSON = "lesson"


class Scoring(StrEnum):
    """Partial-credit rules; the formulas are in :mod:`exam_bank.scoring`."""

    ALL_OR_NOTHING = "all-or-nothing"
    NUMBER_RIGHT = "number-right"
    RIGHT_MINUS_WRONG = "right-minus-wrong"
    ABSOLUTE_POSITION = "absolute-position"
    ADJACENT_PAIRS = "adjacent-pairs"


class Case(StrEnum):
    """Whether capitals matter in a blank."""

    IGNORE = "ignore"
    EXACT = "exact"


class Spaces(StrEnum):
    """What white space means in a blank."""

    COLLAPSE = "collapse"  # runs count as one space, none at the ends
    REMOVE = "remove"  # none counts
    EXACT = "exact"


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Base of everything that an author writes: frozen, and strict about unknown keys."""


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def _require_ids(ids: list[str], what: str) -> None:
    for each in ids:
        _require(SLUG.fullmatch(each) is not None, f"the id {each!r} may hold a-z, 0-9 and hyphens only")
    _require(len(set(ids)) == len(ids), f"two {what} have the same id")
    _require(len(ids) <= MAX_LABELS, f"at most {MAX_LABELS} {what} can be labelled")


class Tolerance(_Strict, frozen=True, kw_only=True):
    """How far from the key a number may be; exactly one of the three is given."""

    absolute: Decimal | None = None  # in the unit of the answer
    relative: Decimal | None = None  # fraction of the answer
    significant_figures: int | None = None  # within half a unit of the answer's n-th significant figure

    def __post_init__(self) -> None:
        given = [value for value in (self.absolute, self.relative, self.significant_figures) if value is not None]
        _require(len(given) == 1, "give exactly one of absolute, relative and significant_figures")
        _require(given[0] >= 0, "a tolerance cannot be negative")
        _require(self.significant_figures is None or self.significant_figures > 0, "give at least 1 significant figure")


class Option(_Strict, frozen=True, kw_only=True):
    """One option of a choice item. ``correct`` may be a template that yields True or False."""

    id: str
    text: str
    correct: bool | str = False
    feedback: str


class SingleChoice(_Strict, frozen=True, kw_only=True, tag_field="type", tag="single-choice"):
    """One of several options is right."""

    options: tuple[Option, ...]
    shuffle: bool = True
    tolerance: Tolerance | None = None  # options that are numbers must differ from the key by more than this

    def __post_init__(self) -> None:
        _require(len(self.options) >= 2, "options: give at least two")
        _require_ids([option.id for option in self.options], "options")
        _require_one_key(self.options)


class MultipleChoice(_Strict, frozen=True, kw_only=True, tag_field="type", tag="multiple-choice"):
    """Each option is right or wrong by itself; at least one is right."""

    options: tuple[Option, ...]
    scoring: Literal["all-or-nothing", "number-right", "right-minus-wrong"]
    shuffle: bool = True

    def __post_init__(self) -> None:
        _require(len(self.options) >= 2, "options: give at least two")
        _require_ids([option.id for option in self.options], "options")
        _require(any(option.correct for option in self.options), "options: mark at least one as correct")


class Numeric(_Strict, frozen=True, kw_only=True, tag_field="type", tag="numeric"):
    """A number, with a unit if there is one."""

    answer: float | str
    tolerance: Tolerance
    unit: str = ""
    # Other ways to write the same unit; or, as a mapping, other units with what one of them is in the answer's unit.
    accepted_units: tuple[str, ...] | dict[str, Decimal] = ()
    feedback: str = ""

    def __post_init__(self) -> None:
        _require(not self.accepted_units or bool(self.unit), "accepted_units: the answer has no unit; give `unit`")
        for name, factor in self.unit_factors.items():
            _require(bool(name.strip()), "accepted_units: a unit without a name")
            _require(factor.is_finite() and factor > 0, f"accepted_units: the factor of {name!r} must be more than 0")

    @property
    def unit_factors(self) -> Mapping[str, Decimal]:
        """What one of each accepted unit is in the answer's own unit."""
        units = self.accepted_units
        return units if isinstance(units, dict) else dict.fromkeys(units, Decimal(1))


class Blank(_Strict, frozen=True, kw_only=True):
    """One blank; the stem holds it as ``[[id]]``."""

    id: str
    accept: tuple[str, ...]
    case: Case = Case.IGNORE
    spaces: Spaces = Spaces.COLLAPSE
    feedback: str = ""

    def __post_init__(self) -> None:
        _require(any(form.strip() for form in self.accept), f"blank {self.id!r}: give an accepted form")


class FillIn(_Strict, frozen=True, kw_only=True, tag_field="type", tag="fill-in"):
    """Blanks inside the stem, filled with short texts."""

    blanks: tuple[Blank, ...]
    scoring: Literal["all-or-nothing", "number-right"]

    def __post_init__(self) -> None:
        _require(len(self.blanks) >= 1, "blanks: give at least one")
        _require_ids([blank.id for blank in self.blanks], "blanks")


class Criterion(_Strict, frozen=True, kw_only=True):
    """What a person gives points for."""

    points: Decimal
    text: str


class ShortAnswer(_Strict, frozen=True, kw_only=True, tag_field="type", tag="short-answer"):
    """A few sentences, marked by a person against the rubric."""

    rubric: tuple[Criterion, ...]
    keywords: tuple[str, ...] = ()  # shown to the marker where they occur; they give no points


class Pair(_Strict, frozen=True, kw_only=True):
    """What belongs together."""

    id: str
    left: str
    right: str
    feedback: str = ""


class Distractor(_Strict, frozen=True, kw_only=True):
    """A right-hand side that belongs to nothing."""

    id: str
    text: str


class Matching(_Strict, frozen=True, kw_only=True, tag_field="type", tag="matching"):
    """Left-hand sides in fixed order, each to be given its right-hand side; those are shuffled."""

    pairs: tuple[Pair, ...]
    scoring: Literal["all-or-nothing", "number-right"]
    distractors: tuple[Distractor, ...] = ()

    def __post_init__(self) -> None:
        _require(len(self.pairs) >= 2, "pairs: give at least two")
        _require_ids([pair.id for pair in self.pairs] + [each.id for each in self.distractors], "pairs or distractors")


class Step(_Strict, frozen=True, kw_only=True):
    """One of the things to be put in order."""

    id: str
    text: str


class Ordering(_Strict, frozen=True, kw_only=True, tag_field="type", tag="ordering"):
    """Steps, written here in the right order and shown in another."""

    steps: tuple[Step, ...]
    scoring: Literal["all-or-nothing", "absolute-position", "adjacent-pairs"]
    feedback: str = ""

    def __post_init__(self) -> None:
        _require(len(self.steps) >= 3, "steps: give at least three")
        _require_ids([step.id for step in self.steps], "steps")


class Code(_Strict, frozen=True, kw_only=True, tag_field="type", tag="code"):
    """An nbgrader cell: the four programs stand in sections of the file, the autograder gives the points."""

    starter: str
    reference: str
    tests: str
    hidden_tests: str = ""


Question = SingleChoice | MultipleChoice | Numeric | FillIn | ShortAnswer | Matching | Ordering | Code


class Sample(_Strict, frozen=True, kw_only=True):
    """A sample answer and the score that it must get: points, or an outcome that is not a number of points."""

    response: Any  # as a learner's, with the author's ids in place of labels
    score: float | Literal["malformed", "omitted", "manual"]
    note: str = ""


class Review(_Strict, frozen=True, kw_only=True):
    """Somebody has read the item and found it fit to be asked."""

    by: str  # a name or an address, as in ``author``
    date: dt.date
    version: str  # ``sha256:…`` of what was read
    note: str = ""

    def __post_init__(self) -> None:
        _require(bool(self.by.strip()), "by: say who reviewed")
        _require(VERSION.fullmatch(self.version) is not None, "version: write sha256: and 64 digits (0-9, a-f)")


class Item(_Strict, frozen=True, kw_only=True):
    """One item as its author wrote it."""

    topic: str  # the folder's name
    id: str  # the file's name without its ending
    title: str
    skill: str  # what a right answer shows, as a short tag
    status: Status
    use: Use
    points: Decimal
    minutes: float  # expected time
    question: Question
    stem: str  # Markdown
    solution: str  # Markdown
    variant_code: str = ""  # Python; empty: the item has a single variant
    check_code: str = ""  # Python that finds the answer again, from the numbers on the page
    samples: tuple[Sample, ...] = ()
    enemies: tuple[str, ...] = ()  # items that may not be in the same form
    set: str = ""  # items of one set are asked together, or limited together; "" for none
    stimulus: str = ""  # Markdown that all items of the set share, shown above the stem
    topics: tuple[str, ...] = ()  # further topics than the folder's
    skills: tuple[str, ...] = ()  # further skills than ``skill``
    ranges: dict[str, tuple[Decimal, Decimal]] = {}  # between which the numbers of every variant lie
    author: str = ""
    reviewed_by: tuple[Review, ...] = ()
    # Rounds of standard setting in their order; in each, by judge, the probability that a learner who just passes
    # answers right.
    angoff: tuple[dict[str, float], ...] = ()

    @property
    def ref(self) -> str:
        """``<topic>/<id>``: how everything else names the item."""
        return f"{self.topic}/{self.id}"

    @property
    def type(self) -> str:
        """The type as the front matter names it."""
        return str(self.question.__struct_config__.tag)

    @property
    def every_topic(self) -> tuple[str, ...]:
        """The folder's topic and the further ones."""
        return tuple(dict.fromkeys((self.topic, *self.topics)))

    @property
    def every_skill(self) -> tuple[str, ...]:
        """``skill`` and the further ones."""
        return tuple(dict.fromkeys((self.skill, *self.skills)))

    @property
    def version(self) -> str:
        """``sha256:…`` of what is asked and how it is scored; neither life cycle, tags nor samples change it."""
        content: tuple[object, ...] = (self.stem, self.solution, self.variant_code, str(self.points), self.question)
        if self.stimulus:
            content = (*content, self.stimulus)
        return "sha256:" + hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


def _require_one_key(options: tuple[Option, ...]) -> None:
    """Templates in ``correct`` are judged variant by variant."""
    if all(isinstance(option.correct, bool) for option in options):
        keys = sum(option.correct is True for option in options)
        _require(keys == 1, f"options: mark exactly one as correct, not {keys}")
