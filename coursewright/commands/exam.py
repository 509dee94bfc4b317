"""Proctored exams: a form for each learner, sittings, reviews, marks and scores."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from authoring.errors import CoursewrightError
from coursewright.output import counted, print_json, print_table, say
from exam_bank.sittings.result import SittingState

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from authoring.course import Course
    from coursewright.exam_forms import Evenness
    from exam_bank.forms.form import Form
    from exam_bank.sittings.store import SittingStore

CourseArgument = Annotated[Path, typer.Argument(metavar="COURSE", help="The course's folder.")]
ExamArgument = Annotated[str, typer.Argument(metavar="EXAM", help="The exam's id in course.toml.")]
LearnerArgument = Annotated[str, typer.Argument(metavar="LEARNER", help="Whose attempt.")]
AttemptOption = Annotated[int, typer.Option("--attempt", min=1, help="Which attempt.")]
ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does it; it is kept.")]
NoteOption = Annotated[str, typer.Option("--note", help="Why, or what else there is to say; it is kept.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class DecisionChoice(StrEnum):
    """What a proctor's review came to."""

    VERIFIED = "verified"
    REJECTED = "rejected"
    SECOND_REVIEW = "second-review"


def assemble(
    course: CourseArgument,
    exam: ExamArgument,
    learner: Annotated[
        list[str] | None,
        typer.Option("--learner", metavar="ID", help="Only this one; by default every verified learner."),
    ] = None,
    attempt: AttemptOption = 1,
    secret: Annotated[
        Path, typer.Option("--secret", metavar="FILE", help="The exam's secret seed; made if it is not there.")
    ] = Path("registry/exam.seed"),
    as_json: JsonOption = False,
) -> None:
    """Assemble a form for each learner from the exam's blueprint."""
    from coursewright.exam_forms import Circumstances, make_forms
    from coursewright.exam_room import blueprint_of, known_learners, secret_seed
    from coursewright.report.exam_files import FORMS

    loaded = _load(course)
    blueprint = blueprint_of(course, loaded, exam)
    learners = known_learners(course, loaded, learner)
    made = make_forms(
        course,
        exam,
        blueprint,
        learners,
        Circumstances(attempt=attempt, seed=secret_seed(secret), reviews=loaded.items.reviews, at=datetime.now(UTC)),
    )
    if as_json:
        about = {"fixed": made.fixed} if made.fixed else {}
        even = {"evenness": made.evenness} if made.evenness else {}
        print_json({"assembled": made.new, "kept": made.kept} | about | even)
        return
    count = counted(len(made.new), "form")
    say(f"{count} assembled into {course / FORMS / exam}; {len(made.kept)} were there and stay.")
    if made.fixed:
        say(f"Each is one of the fixed forms {', '.join(made.fixed)}.")
    if made.evenness:
        _say_evenness(made.evenness)


def _say_evenness(even: "Evenness") -> None:
    say(f"No item is in more than {even.most:.1%} of the {counted(even.forms, 'form')}.")
    if even.overlap is not None:
        say(f"Two forms share {even.overlap:.2f} items on average; less than {even.least_overlap:.2f} is not possible.")
    if even.unused:
        say(f"{counted(len(even.unused), 'item')} in no form: {', '.join(even.unused)}.")


def open_section(
    course: CourseArgument,
    exam: ExamArgument,
    learner: LearnerArgument,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who checked the learner's identity; it is kept.")],
    section: Annotated[str, typer.Option("--section", metavar="ID", help="Which one; by default the next.")] = "",
    multiplier: Annotated[
        str, typer.Option("--time", metavar="FACTOR", help="Time that was granted, as a multiple such as 1.5.")
    ] = "",
    attempt: AttemptOption = 1,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="The learner's notebook; by default LEARNER-EXAM[-SECTION].ipynb."),
    ] = None,
) -> None:
    """Open an exam's section for a learner: its time runs from now."""
    from coursewright.exam_room import begin, next_section, written_notebook
    from coursewright.report.exam_files import form_of

    loaded = _load(course)
    form = form_of(course, exam, learner, attempt)
    with _store(course) as store:
        factor = _number(multiplier, "--time") if multiplier else None
        sitting = begin(store, form, course, loaded, exam, by=by, multiplier=factor)
        wanted = section or next_section(sitting)
        several = f"-{wanted}" if len(form.sections) > 1 else ""
        path = out or Path(f"{learner}-{exam}{several}.ipynb")
        with written_notebook(form, wanted, path):
            opened = store.open_section(sitting.id, wanted)
    say(f"{path} holds the section {wanted}.")
    say(f"It is open until {opened.opened[-1].deadline.astimezone(loaded.zone):%Y-%m-%d %H:%M:%S %Z}.")


def submit(
    course: CourseArgument,
    exam: ExamArgument,
    learner: LearnerArgument,
    notebook: Annotated[Path, typer.Argument(metavar="NOTEBOOK", help="What the learner hands in.")],
    attempt: AttemptOption = 1,
    end: Annotated[
        bool, typer.Option("--end", help="Hand in the exam, though sections are left that were not opened.")
    ] = False,
) -> None:
    """Hand in a learner's exam; what arrives after the deadline is kept and does not count."""
    from coursewright.exam_room import hand_in
    from coursewright.report.exam_files import form_of

    loaded = _load(course)
    form = form_of(course, exam, learner, attempt)
    with _store(course) as store:
        done = hand_in(store, _name(loaded, exam, form), form, notebook, end=end)
    say(f"{learner}: {done.state.value.replace('_', ' ')}, {counted(len(done.responses), 'response')} in time.")
    if done.state is SittingState.OPEN:
        say(f"The exam goes on: section {done.unopened[0]} can be opened.")
    if done.late:
        say(f"{counted(len(done.late), 'response')} came too late and will not count.")


def mark(
    course: CourseArgument,
    exam: ExamArgument,
    learner: LearnerArgument,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="Such as q05.")],
    points: Annotated[str, typer.Argument(metavar="POINTS", help="What the answer earns.")],
    by: ByOption,
    note: NoteOption = "",
    attempt: AttemptOption = 1,
) -> None:
    """Give the points of an answer that waits for a person."""
    from coursewright.report.exam_files import form_of

    loaded = _load(course)
    form = form_of(course, exam, learner, attempt)
    with _store(course) as store:
        store.mark(_name(loaded, exam, form), question, _number(points, "POINTS"), by=by, note=note)
    say(f"{learner}, {question}: {points} points, by {by}.")


def review(
    course: CourseArgument,
    exam: ExamArgument,
    learner: Annotated[str, typer.Argument(metavar="[LEARNER", help="Whose attempt.")] = "",
    decision: Annotated[
        DecisionChoice | None, typer.Argument(metavar="DECISION]", help="verified, rejected or second-review.")
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decided; it is kept.")] = "",
    key: Annotated[
        str,
        typer.Option("--key", metavar="ID", help="The proctor's own number of the message; told twice it counts once."),
    ] = "",
    note: NoteOption = "",
    attempt: AttemptOption = 1,
    file: Annotated[
        Path | None, typer.Option("--from", metavar="FILE.csv", help="Take in every review of the proctor's file.")
    ] = None,
    again: Annotated[bool, typer.Option("--waiting", help="Try again the messages that came too early.")] = False,
) -> None:
    """Take in the proctor's reviews: one, or a file of them."""
    from coursewright.exam_reviews import again_waiting, from_file
    from exam_bank.sittings.events import Decision, sitting_id

    loaded = _load(course)
    with _store(course) as store:
        if file is not None or again:
            if learner:
                raise typer.BadParameter("--from and --waiting take in every learner's; leave LEARNER out")
            lines, sound = from_file(store, loaded.id, exam, file) if file else again_waiting(store, loaded.id, exam)
            for line in lines:
                say(line)
            if not sound:
                raise typer.Exit(1)
            return
        if not learner or decision is None or not by or not key:
            raise typer.BadParameter("give LEARNER, DECISION, --by and --key, or --from FILE.csv")
        meant = Decision(decision.value.replace("-", "_"))
        after = store.review(sitting_id(loaded.id, exam, learner, attempt), meant, by=by, key=key, note=note)
    say(f"{learner}: {after.state.value.replace('_', ' ')}.")


def grade(course: CourseArgument, exam: ExamArgument, as_json: JsonOption = False) -> None:
    """Score every attempt at an exam, as far as it can be."""
    from coursewright.report.exam_files import read_exam

    _load(course)
    found = [each.grade for each in read_exam(course, exam)]
    if as_json:
        print_json({"attempts": found})
        return
    rows = [
        (result.learner, result.attempt, result.state.value.replace("_", " "), result.score, result.max_score, waits)
        for grade in found
        for result in [grade.result]
        for waits in [
            ", ".join(each.question for each in grade.questions if each.points is None and result.needs_manual)
        ]
    ]
    if rows:
        print_table(["learner", "attempt", "state", "score", "of", "waits for a mark"], rows, right=("score", "of"))
    say(f"{counted(len(rows), 'attempt')} at {exam}.")


def analyse(
    course: CourseArgument,
    exam: ExamArgument,
    responses: Annotated[
        Path | None,
        typer.Option("--responses", metavar="FILE", help="A CSV file of answers, in place of the exam's attempts."),
    ] = None,
    groups: Annotated[
        Path | None,
        typer.Option("--groups", metavar="FILE", help="A CSV file, learner,group: is a question unfair to a group?"),
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Where the page goes; by default EXAM-analysis.html.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say how an exam's items did, and write a page on what to mend first."""
    from coursewright.exam_answers import answers_of, read_groups
    from coursewright.report.analysis_page import analysis_page
    from coursewright.report.page import write_page
    from exam_bank.statistics.analysis import analyse as analysed
    from exam_bank.statistics.item_review import Urgency

    loaded = _load(course)
    given = answers_of(course, loaded, exam, responses)
    analysis = analysed(given.answers, read_groups(groups) if groups else None, given.variants)
    found = analysis.statistics
    path = page or (None if as_json else Path(f"{exam}-analysis.html"))
    if path:
        title = next((each.title for each in loaded.assignments if each.id == exam), exam)
        write_page(analysis_page(analysis, title=f"{title}: analysis", about=given.about), path)
    if as_json:
        print_json(found)
        return
    rows = [
        (
            each.item,
            each.difficulty.n,
            *(_rounded(one.value) for one in (each.difficulty, each.discrimination)),
            each.discrimination.why_not,
        )
        for each in found.items
    ]
    print_table(
        ["item", "n", "difficulty", "discrimination", "why not"], rows, right=("n", "difficulty", "discrimination")
    )
    for advice in analysis.advice:
        say(advice)
    to_mend = sorted({remark.item for remark in analysis.remarks if remark.urgency is not Urgency.NOTE})
    say(f"{counted(len(to_mend), 'question')} to look at. {path} says why, and shows each of them.")


def _rounded(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _load(course: Path) -> "Course":
    from authoring.course_file import load_course

    return load_course(course)


def _name(course: "Course", exam: str, form: "Form") -> str:
    from exam_bank.sittings.events import sitting_id

    return sitting_id(course.id, exam, form.learner, form.attempt)


def _store(course: Path) -> "AbstractContextManager[SittingStore]":
    from coursewright.exam_room import opened_store

    return opened_store(course, lambda: datetime.now(UTC))


def _number(text: str, what: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise CoursewrightError(f"{what} {text!r} is not a number.") from error
    if not number.is_finite():
        raise CoursewrightError(f"{what} {text!r} is not a finite number.")
    return number
