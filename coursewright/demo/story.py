"""The demo as a list of steps, in the order in which they happen; each ends with a sentence on what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from authoring.build import build
from authoring.check.finding import Severity
from authoring.errors import CoursewrightError
from coursewright.demo import checking, course_copy, exam, grading, marker, registrar
from coursewright.demo.hand_in import HONEST, hand_in, plans
from coursewright.demo.people import enrolments_csv
from coursewright.demo.setting import Setting
from coursewright.output import counted
from coursewright.registry import ledger_url
from coursewright.report.facts import Facts, GradingTime, gather
from coursewright.report.page import write_report
from release.enrolment import standing
from release.publication import publish


@dataclass
class Played:
    """What cannot be read from the folder afterwards."""

    times: dict[str, GradingTime] = field(default_factory=dict)
    credentials: list[Path] = field(default_factory=list)
    page: Path | None = None  # of one credential
    facts: Facts | None = None
    report: Path | None = None


@dataclass(frozen=True)
class Step:
    """One step: its name, and what does it and says in a sentence what came of it."""

    name: str
    play: Callable[[Setting, Played], str]


def copy(setting: Setting, played: Played) -> str:  # noqa: ARG001  (every step is called with both)
    """The demo's own copy of the course."""
    course_copy.copy_course(setting)
    sets = counted(len(setting.problem_sets), "problem set")
    points = sum(each.points or 0 for each in setting.problem_sets)
    return f"{setting.course.title}, run {setting.course.run}: {sets} of {points} points together, and a proctored exam"


def check(setting: Setting, played: Played) -> str:  # noqa: ARG001
    """What would embarrass an instructor is found before a learner finds it."""
    found = checking.findings(setting)
    course_copy.shorten_patience(setting)
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    if errors:
        first = errors[0]
        raise CoursewrightError(
            f"{setting.source}: check finds {counted(len(errors), 'error')}, the first in {first.file}: "
            f"{first.message}; run coursewright check, and mend them."
        )
    told = counted(len(found), "warning") if found else "nothing to mend"
    return f"{told}; solutions and {checking.SEEDS} variants of each item were tried (the command tries more)"


def make(setting: Setting, played: Played) -> str:  # noqa: ARG001
    """Student versions, and what is due of them to learners."""
    built = list(build(setting.root))
    moment = setting.course.instant(setting.course.weeks[1].opens) + timedelta(hours=3)
    out = publish(setting.root, setting.course, at=moment, destination=setting.published)
    return f"{counted(len(built), 'student version')} built, {len(out.new)} published by {moment:%d %B %H:%M %Z}"


def enrol(setting: Setting, played: Played) -> str:  # noqa: ARG001
    """Who takes the course, and who of them proved their identity in time."""
    enrolments = [person.enrolment for person in setting.people]
    setting.enrolments_file.write_text(enrolments_csv(enrolments), "utf-8")
    verified = sum(standing(each, setting.course).verified for each in enrolments)
    return f"{counted(len(enrolments), 'learner')}, {verified} of them verified in time"


def submit(setting: Setting, played: Played) -> str:  # noqa: ARG001
    """Everybody's work, honest or not, whole or not, on time or not."""
    numbers, odd = [], set()
    for assignment in setting.problem_sets:
        planned = plans(setting, assignment)
        numbers.append(hand_in(setting, assignment, planned))
        odd |= {plan.what for plan in planned if plan.at is not None}
    kinds = len(odd - {HONEST})
    return f"{' and '.join(map(str, numbers))} submissions, with {kinds} kinds of damaged, endless and hostile ones"


def grade(setting: Setting, played: Played) -> str:
    """Every submission in a locked process of its own."""
    for assignment in setting.problem_sets:
        played.times[assignment.id] = grading.grade(setting, assignment).time
    number = sum(each.submissions for each in played.times.values())
    seconds = sum(each.seconds for each in played.times.values())
    return (
        f"{number} submissions, each locked in, {seconds / number:.2f} s a submission; records and gradebook.db written"
    )


def mark(setting: Setting, played: Played) -> str:  # noqa: ARG001
    """A simulated TA marks free text through nbgrader's gradebook; grading again takes the marks in."""
    counts = [marker.mark(setting, assignment) for assignment in setting.problem_sets]
    again = [grading.grade(setting, assignment) for assignment in setting.problem_sets]
    marked, left = (sum(each) for each in zip(*counts, strict=True))
    reused, number = sum(each.reused for each in again), sum(each.submissions for each in again)
    return f"{marked} answers marked in gradebook.db, {left} left; graded again, {reused} of {number} records reused"


def examine(setting: Setting, played: Played) -> str:  # noqa: ARG001
    """A form for each learner, and two hours for it."""
    forms = exam.assemble(setting)
    exam.sit(setting)
    marked, left = exam.mark(setting)
    return f"{forms} forms, each learner's own; sat on a simulated clock; {marked} short answers marked, {left} left"


def review(setting: Setting, played: Played) -> str:  # noqa: ARG001
    """The proctor looks at the recordings."""
    states = exam.review(setting)
    return ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in states.items())


def record(setting: Setting, played: Played) -> str:  # noqa: ARG001
    """Course grades, and the verified ones of them into the ledger."""
    grades = registrar.course_grades(setting)
    final = sum(each.grade is not None for each in grades)
    recorded = registrar.record(setting)
    return (
        f"{final} final course grades, {len(grades) - final} pending; {recorded.verified} verified ones in the ledger, "
        "which is frozen and verifies"
    )


def issue(setting: Setting, played: Played) -> str:
    """Credentials for whoever has earned one."""
    learners = registrar.eligible(setting)
    played.credentials = registrar.issue_credentials(setting, learners)
    played.page = registrar.show(setting, played.credentials)
    return f"{counted(len(learners), 'credential')} of the {setting.program.title} issued, each verified again"


def report(setting: Setting, played: Played) -> str:
    """One page about all of it."""
    played.facts = gather(
        setting.root,
        ledger=ledger_url(str(setting.registry / "ledger.db")),
        program=setting.program,
        times=played.times,
        notes=(_about(setting),),
    )
    played.report = setting.folder / "report.html"
    write_report(played.facts, played.report)
    return f"one page: what to do first, {len(played.facts.assignments)} problem sets, the exam, every learner"


def _about(setting: Setting) -> str:
    return (
        f"A demonstration: {len(setting.people)} fictional learners, drawn with seed {setting.seed}. Their "
        "submissions, responses and marks are simulated; everything else was computed from them by coursewright."
    )


STEPS = (
    Step("Copy the course", copy),
    Step("Check it", check),
    Step("Build and publish", make),
    Step("Enrol", enrol),
    Step("Hand in", submit),
    Step("Grade", grade),
    Step("Mark free text", mark),
    Step("Examine", examine),
    Step("Review", review),
    Step("Record grades", record),
    Step("Issue credentials", issue),
    Step("Report", report),
)
