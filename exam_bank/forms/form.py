"""What a form is: the questions of one learner's exam, with their keys. It stays on the server."""

import hashlib
from decimal import Decimal

import msgspec

from exam_bank.variant import Variant

SCHEMA = 1


class _Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the parts of a form."""


class Question(_Frozen, frozen=True, kw_only=True, omit_defaults=True):
    """One question; the learner knows it by its id, ``q01``, ``q02`` and so on through the whole form."""

    id: str
    variant: Variant
    pilot: bool = False  # on trial: asked like any other, and worth nothing in the score

    @property
    def points(self) -> Decimal:
        """What it is worth in the score."""
        return Decimal(0) if self.pilot else self.variant.points


class FormSection(_Frozen, frozen=True, kw_only=True):
    """The questions of a section, in the order in which they are asked."""

    id: str
    title: str
    minutes: int
    questions: tuple[Question, ...]

    @property
    def pilots(self) -> int:
        """How many of its questions are on trial."""
        return sum(question.pilot for question in self.questions)


class Form(_Frozen, frozen=True, kw_only=True):
    """The questions that one learner is asked in one attempt.

    Attributes:
        bank: the version of the bank that it was assembled from.
        blueprint: the version of the blueprint.
        parameters: the version of the items' parameters, if the blueprint has targets.
        before: how many forms there were when it was assembled with others, if the class's exposure is even. With it
            each form of a class can be made again: batch by batch, in the order of this number.
        fixed: the letter of the fixed form that it is, if the blueprint has parallel ones.
    """

    schema: int = SCHEMA
    title: str
    learner: str
    attempt: int
    bank: str
    blueprint: str
    sections: tuple[FormSection, ...]
    parameters: str | msgspec.UnsetType = msgspec.UNSET
    before: int | msgspec.UnsetType = msgspec.UNSET
    fixed: str | msgspec.UnsetType = msgspec.UNSET

    @property
    def version(self) -> str:
        """``sha256:…`` of the canonical bytes. It tells nothing: they hold seeds that cannot be guessed."""
        return "sha256:" + hashlib.sha256(to_json(self)).hexdigest()

    @property
    def questions(self) -> tuple[Question, ...]:
        """Every question, in order."""
        return tuple(question for section in self.sections for question in section.questions)

    @property
    def points(self) -> Decimal:
        """The points of all questions that count."""
        return sum((question.points for question in self.questions), Decimal(0))


def to_json(form: Form) -> bytes:
    """Canonical JSON, keys and all: for the server's own disk."""
    return msgspec.json.encode(form, order="sorted") + b"\n"


def from_json(data: bytes) -> Form:
    """The form in canonical JSON.

    Raises:
        msgspec.ValidationError: it is not a form.
    """
    return msgspec.json.decode(data, type=Form)
