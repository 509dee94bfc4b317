"""What is to be said of one assignment: how many, how good, which question was hard, what was stopped or mended."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from authoring.course import Assignment, Course
from autograder.record import CellGrade, CellKind, CellOutcome, GradeRecord, Outcome
from coursewright.report.messages import MessageFacts, common_messages

STOPPED = "stopped"
TOO_LONG, ENDED = "ran too long", "ended itself"
NOT_REPAIRS = {STOPPED, "unreadable-notebook", "missing-notebook", "odd-partial-credit", "group-submission"}
_MESSAGES, _SLOWEST = 3, 5


@dataclass(frozen=True)
class GradingTime:
    """What a batch took. Records hold no clock, so only whoever graded knows."""

    submissions: int
    seconds: float
    cpu_seconds: float
    workers: int
    learners: tuple[tuple[str, float], ...] = ()  # seconds of computing for each, where they were kept

    @property
    def slowest(self) -> tuple[tuple[str, float], ...]:
        """The submissions that took longest."""
        return tuple(sorted(self.learners, key=lambda each: (-each[1], each[0]))[:_SLOWEST])


@dataclass(frozen=True)
class CellFacts:
    """One question, over all submissions that could be graded."""

    notebook: str
    grade_id: str
    kind: CellKind
    points: float
    full: int
    partial: int
    none: int
    waiting: int
    share: float | None  # mean fraction of the points, of those that are not waiting
    messages: tuple[tuple[str, int], ...]  # the commonest, with how often

    @property
    def asked(self) -> int:
        """How many submissions have points for it."""
        return self.full + self.partial + self.none

    @property
    def pass_rate(self) -> float:
        """The fraction that got full marks, 0 where nobody has points yet."""
        return self.full / self.asked if self.asked else 0.0


@dataclass(frozen=True)
class Incident:
    """Something about one submission that was stopped, mended or cannot be graded."""

    learner: str
    rule: str
    cell: str
    message: str


@dataclass(frozen=True)
class AssignmentFacts:
    """One assignment and everything handed in for it. Scores are points after late penalties, of graded work only."""

    id: str
    title: str
    week: int | None  # None: the course does not say
    points: float
    pass_points: float | None  # None: the course has no pass mark
    enrolled: int
    graded: int
    waiting: tuple[str, ...]  # learners with an answer that a person has to mark
    waiting_cells: int
    failed: tuple[Incident, ...]  # could not be graded
    without_notebook: tuple[str, ...]
    absent: int  # handed nothing in
    late: int  # lost points for being late
    scores: tuple[float, ...]
    cells: tuple[CellFacts, ...]
    messages: tuple[MessageFacts, ...]
    stopped: tuple[Incident, ...]
    repaired: tuple[Incident, ...]
    time: GradingTime | None

    @property
    def handed_in(self) -> int:
        """How many handed something in."""
        return self.graded + len(self.waiting) + len(self.failed) + len(self.without_notebook)

    @property
    def passed(self) -> int:
        """How many of the graded reach the pass mark; 0 where there is none."""
        return 0 if self.pass_points is None else sum(score >= self.pass_points for score in self.scores)

    @property
    def median(self) -> float | None:
        """The median score."""
        return median(self.scores) if self.scores else None


def assignment_facts(
    course: Course,
    assignment: Assignment,
    records: Iterable[GradeRecord],
    enrolled: int,
    time: GradingTime | None = None,
) -> AssignmentFacts:
    """What the records of an assignment say.

    Args:
        course: the run.
        assignment: which one.
        records: one for each learner who handed something in.
        enrolled: how many learners could have.
        time: what grading took, if it is known.
    """
    week = next(week.number for week in course.weeks if assignment in week.assignments)
    about = _About(assignment.id, assignment.title, week, float(assignment.points or 0), float(course.pass_mark))
    return _facts(about, records, enrolled, time)


def bare_facts(
    assignment: str, records: Iterable[GradeRecord], enrolled: int, time: GradingTime | None = None
) -> AssignmentFacts:
    """As :func:`assignment_facts`, for a course that says nothing about its assignments."""
    return _facts(_About(assignment, assignment, None, 0.0, None), records, enrolled, time)


@dataclass(frozen=True)
class _About:
    """What a course says of an assignment."""

    id: str
    title: str
    week: int | None
    points: float  # where nobody handed anything in
    pass_mark: float | None


def _facts(about: _About, records: Iterable[GradeRecord], enrolled: int, time: GradingTime | None) -> AssignmentFacts:
    own = sorted((each for each in records if each.assignment == about.id), key=lambda each: each.learner)
    by = {outcome: [each for each in own if each.outcome is outcome] for outcome in Outcome}
    points = own[0].max_score if own else about.points
    return AssignmentFacts(
        id=about.id,
        title=about.title,
        week=about.week,
        points=points,
        pass_points=None if about.pass_mark is None else about.pass_mark * points,
        enrolled=enrolled,
        graded=len(by[Outcome.GRADED]),
        waiting=tuple(each.learner for each in by[Outcome.NEEDS_MANUAL]),
        waiting_cells=sum(cell.score is None for each in by[Outcome.NEEDS_MANUAL] for cell in each.cells),
        failed=tuple(_incidents(by[Outcome.FAILED], {"unreadable-notebook"})),
        without_notebook=tuple(each.learner for each in by[Outcome.MISSING]),
        absent=enrolled - len(own),
        late=sum(each.late_penalty > 0 for each in own),
        scores=tuple(net_score(each) for each in by[Outcome.GRADED]),
        cells=cell_facts(by[Outcome.GRADED] + by[Outcome.NEEDS_MANUAL]),
        messages=common_messages(own),
        stopped=tuple(stopped(own)),
        repaired=tuple(_incidents(own, {finding.rule for each in own for finding in each.findings} - NOT_REPAIRS)),
        time=time,
    )


def net_score(record: GradeRecord) -> float:
    """The points of a graded record after its late penalty, without the dust of binary fractions."""
    return round(max((record.score or 0.0) - record.late_penalty, 0.0), 6)


def cell_facts(records: Sequence[GradeRecord]) -> tuple[CellFacts, ...]:
    """Every question of an assignment, in the order of its notebooks."""
    found: dict[tuple[str, str], list[CellGrade]] = {}
    for record in records:
        for cell in record.cells:
            found.setdefault((cell.notebook, cell.grade_id), []).append(cell)
    return tuple(_cell(grades) for grades in found.values())


def _cell(grades: Sequence[CellGrade]) -> CellFacts:
    first, known = grades[0], [each for each in grades if each.score is not None]
    full = sum((each.score or 0.0) >= each.max_score for each in known)
    none = sum(not each.score for each in known)
    said = Counter(each.message for each in known if each.message and (each.score or 0.0) < each.max_score)
    shares = [(each.score or 0.0) / each.max_score for each in known if each.max_score]
    return CellFacts(
        notebook=first.notebook,
        grade_id=first.grade_id,
        kind=first.kind,
        points=first.max_score,
        full=full,
        partial=len(known) - full - none,
        none=none,
        waiting=len(grades) - len(known),
        share=sum(shares) / len(shares) if shares else None,
        messages=tuple(sorted(said.items(), key=lambda each: (-each[1], each[0]))[:_MESSAGES]),
    )


def stopped(records: Iterable[GradeRecord]) -> Iterable[Incident]:
    """What ran too long or ended itself: a finding of the grader, or a cell that was interrupted.

    Whoever was interrupted once ran too long, whatever had to be done about it in other cells.
    """
    for record in records:
        said = {finding.cell or "": finding.message for finding in record.findings if finding.rule == STOPPED}
        slow = {cell.grade_id: cell.message for cell in record.cells if cell.outcome is CellOutcome.TIMEOUT}
        for place, message in {**slow, **said}.items():
            yield Incident(record.learner, TOO_LONG if slow else ENDED, place, message)


def _incidents(records: Iterable[GradeRecord], rules: set[str]) -> Iterable[Incident]:
    for record in records:
        for finding in record.findings:
            if finding.rule in rules:
                yield Incident(record.learner, finding.rule, finding.cell or "", finding.message)


def by_rule(incidents: Iterable[Incident]) -> Mapping[str, Sequence[Incident]]:
    """The incidents by their rule, the commonest rule first."""
    found: dict[str, list[Incident]] = {}
    for each in incidents:
        found.setdefault(each.rule, []).append(each)
    return dict(sorted(found.items(), key=lambda each: (-len(each[1]), each[0])))
