"""What a course is: its weeks, assignments, dates and policies, as frozen types.

Every time in ``course.toml`` is a wall-clock time in the course's own zone; :meth:`Course.instant` makes the moment
of it. Fractions are :class:`~decimal.Decimal`, read exactly as they are written.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

AtLeastZero = Annotated[int, msgspec.Meta(ge=0)]
AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]
AtLeast64 = Annotated[int, msgspec.Meta(ge=64)]  # Python and what waits for a submission need some
Seconds = Annotated[float, msgspec.Meta(ge=0.1)]


class AssignmentKind(StrEnum):
    """What an assignment is for, which decides how it is released and whether it counts."""

    LESSON = "lesson"
    CONCEPT_CHECK = "concept-check"
    PRACTICE = "practice"
    PROBLEM_SET = "problem-set"
    EXAM = "exam"


class LateRule(StrEnum):
    """What happens to work that arrives after its due time and grace."""

    NONE = "none"  # late work counts in full
    PER_DAY = "per-day"  # each started day takes a fraction of the points earned
    CUT_OFF = "cut-off"  # late work counts nothing


class Rounding(StrEnum):
    """How a course grade is rounded before it is compared with the pass mark."""

    NONE = "none"
    HALF_UP_WHOLE_PERCENT = "half-up-whole-percent"
    EDX = "edx"  # whole per cent of p * 100 + 0.05, as edX does


class AtClose(StrEnum):
    """What the end of an exam's window means for a section that is open then."""

    FULL_TIME = "full-time"  # it keeps its own time, and what is left may follow
    CUT_OFF = "cut-off"  # it closes with the window


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of everything that is read from TOML: frozen, and strict about unknown keys."""


class LatePolicy(_Record, frozen=True):
    """The late policy of a category."""

    rule: LateRule = LateRule.NONE
    grace_minutes: AtLeastZero = 0
    per_day: Decimal = Decimal(0)  # fraction of the earned points lost per started day
    cut_off_days: AtLeastZero | None = None  # after so many days late work counts nothing


class Category(_Record, frozen=True):
    """A kind of graded work with its share of the course grade."""

    id: str
    title: str
    weight: Decimal  # fraction of the course grade; the weights sum to 1
    drop_lowest: AtLeastZero = 0
    late: LatePolicy = LatePolicy()


class Limits(_Record, frozen=True):
    """What a submission may use while it is graded."""

    cell_seconds: Seconds = 30.0  # wall clock
    submission_seconds: Seconds = 180.0  # wall clock
    cpu_seconds: AtLeastOne = 120
    memory_mib: AtLeastOne = 2048  # address space of each process
    submission_memory_mib: AtLeastOne = 2048  # what all processes together hold in memory
    output_mib: AtLeastOne = 8  # everything that the cells print and show
    disk_mib: AtLeastOne = 64  # the working folder, and each file in it
    files: AtLeastOne = 10_000  # files and folders in the working folder
    open_files: AtLeast64 = 512  # descriptors of each process
    processes: AtLeastOne = 64  # with threads


class ItemRules(_Record, frozen=True):
    """What a course asks of its items."""

    reviews: AtLeastZero = 0  # by others than the author, of the present version, before an item is asked


class SittingRules(_Record, frozen=True):
    """Who may sit an exam when and how often, besides its dates and its ``attempts``."""

    at_close: AtClose = AtClose.FULL_TIME
    break_minutes: AtLeastZero = 15  # with full-time: so long after a section's deadline the next may be opened
    wait_hours: AtLeastZero = 0  # from the end of one attempt to the beginning of the next
    no_show_counts: bool = True  # an attempt that the learner did not come to is used up
    rejected_counts: bool = True  # an attempt that the proctor rejected is used up


class Assignment(_Record, frozen=True):
    """A folder ``source/<id>`` (or, for an exam, a blueprint) and its dates."""

    id: str
    kind: AssignmentKind
    title: str
    category: str | None = None  # None: does not count
    release: datetime | None = None  # None: when its week opens
    due: datetime | None = None
    points: Decimal | None = None  # checked against the notebooks when given
    attempts: AtLeastOne | None = None  # None: as many as one likes; the last one before the due time counts
    blueprint: str | None = None  # exams only: path below the course folder
    sittings: SittingRules | None = None  # exams only
    limits: Limits | None = None


class Week(_Record, frozen=True):
    """One week of the run: what opens, and when."""

    number: AtLeastOne
    title: str
    opens: datetime
    assignments: tuple[Assignment, ...] = ()


class Course(_Record, frozen=True):
    """A run of a course, as ``course.toml`` describes it."""

    schema: int
    id: str
    title: str
    run: str
    time_zone: str
    starts: date
    ends: date
    verification_deadline: datetime
    pass_mark: Decimal  # fraction of the course grade
    categories: tuple[Category, ...]
    weeks: tuple[Week, ...]
    kernel: str = "python3"
    language: str = "en"
    rounding: Rounding = Rounding.NONE
    limits: Limits = Limits()
    items: ItemRules = ItemRules()

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """Every assignment, in the order of the weeks."""
        return tuple(assignment for week in self.weeks for assignment in week.assignments)

    @property
    def zone(self) -> ZoneInfo:
        """The course's own time zone."""
        return ZoneInfo(self.time_zone)

    def instant(self, wall_clock: datetime) -> datetime:
        """The moment of a wall-clock time in the course's zone.

        A time that occurs twice (the clock goes back) is its first occurrence.
        """
        return wall_clock.replace(tzinfo=self.zone, fold=0)

    def assignment(self, assignment_id: str) -> Assignment:
        """The assignment of that id.

        Raises:
            KeyError: the course has none.
        """
        for assignment in self.assignments:
            if assignment.id == assignment_id:
                return assignment
        raise KeyError(assignment_id)

    def released_at(self, assignment: Assignment) -> datetime:
        """The moment at which learners may see the assignment."""
        if assignment.release is not None:
            return self.instant(assignment.release)
        week = next(week for week in self.weeks if assignment in week.assignments)
        return self.instant(week.opens)

    def due_at(self, assignment: Assignment) -> datetime | None:
        """The moment at which the assignment is due, or None if it never is."""
        return None if assignment.due is None else self.instant(assignment.due)
