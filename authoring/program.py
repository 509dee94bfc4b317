"""What a credential asks for: a tree of requirements, as frozen types.

Three kinds of requirements join others (:class:`AllOf`, :class:`NOf`, :class:`AnyOf`), two ask for evidence
(:class:`CoursePass`, :class:`ExamPass`), and :class:`Unknown` holds the place of a rule that nobody has written down
yet. Nothing here decides: ``release.eligibility`` does.
"""

from decimal import Decimal
from enum import StrEnum

import msgspec


class AchievementType(StrEnum):
    """The kinds of achievement of Open Badges 3.0 that a program can lead to (its ``AchievementType`` list)."""

    CERTIFICATE = "Certificate"
    CERTIFICATE_OF_COMPLETION = "CertificateOfCompletion"
    CERTIFICATION = "Certification"
    LEARNING_PROGRAM = "LearningProgram"
    MICRO_CREDENTIAL = "MicroCredential"


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of everything that is read from TOML: frozen, and strict about unknown keys."""


class CoursePass(_Record, frozen=True, tag_field="kind", tag="course"):
    """A passing course grade of a verified learner, in any run."""

    course: str
    title: str = ""
    minimum_grade: Decimal | None = None  # fraction; None: the course's own pass mark is enough


class ExamPass(_Record, frozen=True, tag_field="kind", tag="exam"):
    """A proctored exam that the proctor verified, passed, in any run of the course."""

    course: str
    exam: str  # the assignment's id
    minimum_score: Decimal | None = None  # fraction of the exam's points; None: the pass mark of the run
    title: str = ""
    valid_courses: tuple[str, ...] = ()  # whose passes have to be valid on the day of the exam
    valid_years: int | None = None  # for how long they are, from the end of their runs


class Unknown(_Record, frozen=True, tag_field="kind", tag="unknown"):
    """A rule that is not known well enough to be judged. It is never met, so that nothing is issued on a guess."""

    what: str  # what is not known


class AllOf(_Record, frozen=True, tag_field="kind", tag="all-of"):
    """Everything in ``of`` is needed."""

    of: tuple["Requirement", ...]
    title: str = ""


class NOf(_Record, frozen=True, tag_field="kind", tag="n-of"):
    """At least ``n`` of the requirements in ``of`` are needed."""

    n: int
    of: tuple["Requirement", ...]
    title: str = ""


class AnyOf(_Record, frozen=True, tag_field="kind", tag="any-of"):
    """One of the requirements in ``of`` is needed."""

    of: tuple["Requirement", ...]
    title: str = ""


Requirement = AllOf | NOf | AnyOf | CoursePass | ExamPass | Unknown


class Program(_Record, frozen=True):
    """A credential program, as ``courses/programs/<id>.toml`` describes it."""

    schema: int
    id: str
    title: str
    description: str
    achievement_type: AchievementType
    criteria: str  # what a reader of the credential is told that it took
    requirement: Requirement
