"""While an exam is sat, and after it: where everybody is, more time, no-shows, the end, and appeals."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from authoring.errors import CoursewrightError
from coursewright.commands.exam import (
    AttemptOption,
    ByOption,
    CourseArgument,
    ExamArgument,
    JsonOption,
    LearnerArgument,
)
from coursewright.output import counted, print_json, print_table, say

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from zoneinfo import ZoneInfo

    from exam_bank.sittings.sitting import Sitting
    from exam_bank.sittings.store import SittingStore

ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it is kept.")]


def status(course: CourseArgument, exam: ExamArgument, as_json: JsonOption = False) -> None:
    """Say where everybody is in an exam: state, section, time left, and what to look at."""
    from authoring.course_file import load_course
    from coursewright.exam_room import exam_of
    from coursewright.exam_status import left, statuses
    from coursewright.report.exam_files import read_forms
    from exam_bank.sittings.proctor import waiting

    loaded = load_course(course)
    exam_of(course, loaded, exam)
    with _store(course) as store:
        now = store.now()
        rows = statuses(loaded.id, exam, store.sittings(course=loaded.id), read_forms(course, exam).values(), now)
        waits = [each for _, each in waiting(store) if each.sitting.split("/")[:2] == [loaded.id, exam]]
    if as_json:
        print_json({"now": now, "attempts": rows, "waiting_reviews": waits})
        return
    if rows:
        print_table(
            ["learner", "attempt", "state", "section", "left", "answers", "late", "sessions", "to look at"],
            [
                (
                    *(row.learner, row.attempt, row.state.replace("_", " "), row.section, left(row), row.answered),
                    *(row.late, row.sessions, "; ".join(row.notices)),
                )
                for row in rows
            ],
            right=("attempt", "left", "answers", "late", "sessions"),
        )
    over = sum(row.overdue for row in rows)
    if over:
        say(f"{counted(over, 'attempt')} whose time is over: end them with exam close.")
    for each in waits:
        say(f"The review {each.key} of {each.sitting} came too early and waits: exam review --waiting tries again.")
    say(f"{counted(len(rows), 'attempt')} at {exam}.")


def extend(
    course: CourseArgument,
    exam: ExamArgument,
    learner: LearnerArgument,
    by: ByOption,
    reason: ReasonOption,
    minutes: Annotated[
        int | None, typer.Option("--minutes", min=1, help="More minutes for the section that is open, or just was.")
    ] = None,
    until: Annotated[
        str,
        typer.Option("--until", metavar="TIME", help="Let sections that are not opened yet be opened until then."),
    ] = "",
    attempt: AttemptOption = 1,
) -> None:
    """Give one learner more time, after an incident."""
    from authoring.course_file import load_course
    from coursewright.exam_room import authorised, local_moment
    from coursewright.report.exam_files import form_of

    if bool(minutes) is bool(until):
        raise typer.BadParameter("give --minutes for a section that was opened, or --until for what is not")
    loaded = load_course(course)
    form = form_of(course, exam, learner, attempt)
    with _store(course) as store:
        if minutes:
            name = _name(loaded.id, exam, learner, attempt)
            after = store.extend(name, minutes, by=by, reason=reason)
            say(f"{learner}: section {after.opened[-1].id} closes at {_shown(after.opened[-1].deadline, loaded.zone)}.")
            return
        sitting = authorised(store, form, course, loaded, exam, by=by, multiplier=None)
        last = local_moment(until, loaded.zone, "--until")
        _move(store, sitting, last, by=by, reason=reason)
    say(f"{learner}: sections can be opened until {_shown(last, loaded.zone)}.")


def resume(
    course: CourseArgument,
    exam: ExamArgument,
    learner: LearnerArgument,
    attempt: AttemptOption = 1,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="The learner's notebook; by default LEARNER-EXAM.ipynb."),
    ] = None,
) -> None:
    """Write the notebook of the open section again, with the answers so far; its time runs on."""
    from authoring.course_file import load_course
    from coursewright.exam_room import written_notebook
    from coursewright.report.exam_files import form_of
    from exam_bank.sittings.view import view_of

    loaded = load_course(course)
    form = form_of(course, exam, learner, attempt)
    with _store(course) as store:
        view = view_of(store.sitting(_name(loaded.id, exam, learner, attempt)), store.now())
    if not view.section or view.deadline is None:
        raise CoursewrightError(f"{view.sitting}: no section is open; it is {view.state.value.replace('_', ' ')}.")
    path = out or Path(f"{learner}-{exam}.ipynb")
    with written_notebook(form, view.section, path, view.responses):
        pass
    say(f"{path} holds the section {view.section} with {counted(len(view.responses), 'answer')}.")
    say(f"It is open until {_shown(view.deadline, loaded.zone)}.")


def no_show(
    course: CourseArgument, exam: ExamArgument, learner: LearnerArgument, by: ByOption, attempt: AttemptOption = 1
) -> None:
    """Record that a learner did not come; possible when the exam's window has closed."""
    from authoring.course_file import load_course
    from coursewright.exam_room import authorised
    from coursewright.report.exam_files import form_of

    loaded = load_course(course)
    form = form_of(course, exam, learner, attempt)
    with _store(course) as store:
        sitting = authorised(store, form, course, loaded, exam, by=by, multiplier=None)
        store.no_show(sitting.id, by=by)
    say(f"{learner}: no show.")


def close(course: CourseArgument, exam: ExamArgument, by: ByOption, as_json: JsonOption = False) -> None:
    """End every attempt whose time is over: handed in as it is, or a no-show."""
    from authoring.course_file import load_course
    from coursewright.exam_room import exam_of

    loaded = load_course(course)
    exam_of(course, loaded, exam)
    with _store(course) as store:
        ended = store.time_out(course=loaded.id, exam=exam)
        missed = store.miss(course=loaded.id, exam=exam, by=by)
    if as_json:
        print_json({"timed_out": ended, "no_show": missed})
        return
    say(f"{counted(len(ended), 'attempt')} timed out, {counted(len(missed), 'no-show')}.")


def appeal(
    course: CourseArgument,
    exam: ExamArgument,
    learner: LearnerArgument,
    by: ByOption,
    reason: ReasonOption,
    attempt: AttemptOption = 1,
) -> None:
    """Have a verified or rejected attempt reviewed again, once, by somebody else."""
    from authoring.course_file import load_course

    with _store(course) as store:
        after = store.appeal(_name(load_course(course).id, exam, learner, attempt), by=by, reason=reason)
    say(f"{learner}: {after.state.value.replace('_', ' ')}.")


def _move(store: "SittingStore", sitting: "Sitting", until: datetime, *, by: str, reason: str) -> None:
    from exam_bank.sittings.events import Window

    before = sitting.window or Window(opens=store.now(), closes=until)
    window = Window(opens=before.opens, closes=until, at_close=before.at_close, break_minutes=before.break_minutes)
    store.move(sitting.id, window, by=by, reason=reason)


def _shown(moment: datetime, zone: "ZoneInfo") -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def _name(course: str, exam: str, learner: str, attempt: int) -> str:
    from exam_bank.sittings.events import sitting_id

    return sitting_id(course, exam, learner, attempt)


def _store(course: Path) -> "AbstractContextManager[SittingStore]":
    from coursewright.exam_room import opened_store

    return opened_store(course, lambda: datetime.now(UTC))
