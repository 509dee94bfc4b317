"""What a credential asks for: a tree of requirements, as frozen types.

Three kinds of requirements join others (:class:`AllOf`, :class:`NOf`, :class:`AnyOf`), three ask for evidence
(:class:`CoursePass`, :class:`ExamPass`, :class:`CombinedPass`), and :class:`Unknown` holds the place of a rule that
nobody has written down yet. Rules that changed are kept side by side, each with the days on which it was in force.
Nothing here decides: ``release.eligibility`` does.
"""

from datetime import date
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


class Substitute(_Record, frozen=True):
    """A course whose pass stands in for that of another."""

    course: str
    since: date | None = None  # the first last day of a run that is taken
    until: date | None = None  # the last one
    source: str = ""


class CoursePass(_Record, frozen=True, tag_field="kind", tag="course"):
    """A passing course grade of a verified learner, in any run that ended within the given days."""

    course: str
    title: str = ""
    minimum_grade: Decimal | None = None  # fraction; None: the course's own pass mark is enough
    since: date | None = None
    until: date | None = None
    substitutes: tuple[Substitute, ...] = ()
    source: str = ""


class ExamPass(_Record, frozen=True, tag_field="kind", tag="exam"):
    """A proctored exam that the proctor verified, passed, in any run of the course, within the given days."""

    course: str
    exam: str  # the assignment's id
    minimum_score: Decimal | None = None  # fraction of the exam's points; None: the pass mark of the run
    title: str = ""
    valid_courses: tuple[str, ...] = ()  # whose passes have to be valid on the day of the exam
    valid_years: int | None = None  # for how long they are, from the end of their runs
    attempts: int | None = None  # so many verified attempts count, the first ones; None: as many as one likes
    since: date | None = None
    until: date | None = None
    source: str = ""


class CombinedPass(_Record, frozen=True, tag_field="kind", tag="course-and-exam"):
    """A course and its proctored exam, which together make one grade by the program's eras.

    The ledger's grade of the course is then that of the coursework alone, save in an era whose exam is inside it.
    """

    course: str
    exam: str  # the assignment's id
    title: str = ""
    source: str = ""


class Era(_Record, frozen=True):
    """How a course and its exam make one grade, in the runs that ended within the given days.

    Either the exam is inside the course, whose grade is then the one that counts, or both parts have a weight.
    """

    title: str
    since: date | None = None
    until: date | None = None
    exam_inside: bool = False
    course_weight: Decimal | None = None  # fraction of the combined grade
    exam_weight: Decimal | None = None
    minimum: Decimal | None = None  # fraction of the combined grade that is needed
    both_passed: bool = False  # each part has to reach the pass mark of its run
    earlier_parts: bool = False  # one of the parts may come from an earlier run
    source: str = ""

    def covers(self, day: date) -> bool:
        """Whether the era's rule was in force on that day."""
        return within(day, self.since, self.until)


def within(day: date, since: date | None, until: date | None) -> bool:
    """Whether the day is one of those, both ends included; an end that is None is open."""
    return (since is None or day >= since) and (until is None or day <= until)


class Unknown(_Record, frozen=True, tag_field="kind", tag="unknown"):
    """A rule that is not known well enough to be judged. It is never met, so that nothing is issued on a guess."""

    what: str  # what is not known
    source: str = ""  # where it was looked for


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


Requirement = AllOf | NOf | AnyOf | CoursePass | ExamPass | CombinedPass | Unknown


class Program(_Record, frozen=True):
    """A credential program, as ``courses/programs/<id>.toml`` describes it."""

    schema: int
    id: str
    title: str
    description: str
    achievement_type: AchievementType
    criteria: str  # what a reader of the credential is told that it took
    requirement: Requirement
    eras: tuple[Era, ...] = ()  # for courses and exams that make one grade; their days never overlap
    sources: tuple[str, ...] = ()  # where the rules are written down
