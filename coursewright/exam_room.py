"""What the commands about exams share: who may sit, the secret seed, and an attempt from its beginning to its end."""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from authoring.course import Assignment, AssignmentKind, Course, SittingRules
from authoring.errors import CoursewrightError
from exam_bank.sittings.result import SittingState

if TYPE_CHECKING:
    from exam_bank.forms.blueprint import Blueprint
    from exam_bank.forms.form import Form
    from exam_bank.sittings.rules import Rules
    from exam_bank.sittings.sitting import Sitting
    from exam_bank.sittings.store import SittingStore

ENROLMENTS = "enrolments.csv"
_SEED_BYTES = 32


def blueprint_of(root: Path, course: Course, exam: str) -> "Blueprint":
    """The exam's blueprint.

    Raises:
        CoursewrightError: the course has no such exam, or its blueprint cannot be read.
    """
    from exam_bank.forms.blueprint import read_blueprint

    return read_blueprint(root / str(exam_of(root, course, exam).blueprint))


def exam_of(root: Path, course: Course, exam: str) -> Assignment:
    """The exam's lines in ``course.toml``.

    Raises:
        CoursewrightError: the course has no such exam.
    """
    exams = {each.id: each for each in course.assignments if each.kind is AssignmentKind.EXAM}
    if exam not in exams:
        known = ", ".join(exams) or "none"
        raise CoursewrightError(f"{root / 'course.toml'}: there is no exam {exam!r}; the course's exams are: {known}.")
    return exams[exam]


def known_learners(root: Path, course: Course, wanted: Sequence[str] | None) -> list[str]:
    """The learners who may sit: verified ones of the run, or those among them who are wanted.

    Raises:
        CoursewrightError: a wanted one is not a verified learner.
    """
    from release.enrolment import read_enrolments, standing

    found = {each.learner: standing(each, course) for each in read_enrolments(root / ENROLMENTS)}
    for learner in wanted or ():
        if learner not in found:
            raise CoursewrightError(f"{root / ENROLMENTS}: there is no learner {learner!r}; add the enrolment first.")
        if not found[learner].verified:
            raise CoursewrightError(f"{root / ENROLMENTS}: {learner} may not sit: {found[learner].reason}.")
    return list(wanted) if wanted else sorted(learner for learner, each in found.items() if each.verified)


def secret_seed(file: Path) -> bytes:
    """The exam's secret, made with the system's random numbers the first time; only its owner can read it.

    Raises:
        CoursewrightError: the file holds something else.
    """
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(secrets.token_hex(_SEED_BYTES) + "\n")
    try:
        seed = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except ValueError as error:
        raise CoursewrightError(f"{file}: this is not a secret seed; put back the one that was made.") from error
    if len(seed) != _SEED_BYTES:
        raise CoursewrightError(f"{file}: a secret seed has {_SEED_BYTES} bytes, this has {len(seed)}; put it back.")
    return seed


def rules_of(root: Path, course: Course, exam: str) -> "Rules":
    """Who may sit the exam when and how often, as ``course.toml`` has it.

    It is open from its release to its due time; without one, to the end of the run's last day.

    Raises:
        CoursewrightError: there is no such exam, it would close before it opens, or a time occurs twice or never.
    """
    from exam_bank.sittings.events import Window
    from exam_bank.sittings.rules import Rules, moment

    assignment = exam_of(root, course, exam)
    said = assignment.sittings or SittingRules()
    week = next(each for each in course.weeks if assignment in each.assignments)
    opens = assignment.release or week.opens
    closes = assignment.due or datetime.combine(course.ends, time(23, 59, 59))
    try:
        first, last = moment(opens, course.zone), moment(closes, course.zone)
    except ValueError as error:
        raise CoursewrightError(f"{root / 'course.toml'}: {exam}: {error}; choose another time.") from error
    if first >= last:
        raise CoursewrightError(f"{root / 'course.toml'}: {exam} closes before it opens; mend `release` or `due`.")
    window = Window(opens=first, closes=last, at_close=said.at_close, break_minutes=said.break_minutes)
    return Rules(
        window=window,
        attempts=assignment.attempts,
        wait_hours=said.wait_hours,
        no_show_counts=said.no_show_counts,
        rejected_counts=said.rejected_counts,
    )


def local_moment(text: str, zone: ZoneInfo, what: str) -> datetime:
    """The moment, in UTC, of a time that somebody typed for ``what``: the course's own, or one with its offset.

    Raises:
        CoursewrightError: it is no time, or occurs twice or never.
    """
    from exam_bank.sittings.rules import moment

    try:
        typed = datetime.fromisoformat(text)
    except ValueError as error:
        raise CoursewrightError(f"{what}: {text!r} is not a time; write it as 2026-11-09T18:00.") from error
    try:
        return moment(typed, zone) if typed.tzinfo is None else typed.astimezone(UTC)
    except ValueError as error:
        raise CoursewrightError(f"{what}: {error}; write it with its offset, as 2026-11-09T18:00-05:00.") from error


@contextmanager
def opened_store(root: Path, clock: Callable[[], datetime]) -> "Iterator[SittingStore]":
    """The course's sittings."""
    from coursewright.report.exam_files import sittings_file, sittings_url
    from exam_bank.sittings.store import SittingStore

    sittings_file(root).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with closing(SittingStore(sittings_url(root), clock=clock)) as store:
        yield store


def authorised(
    store: "SittingStore", form: "Form", root: Path, course: Course, exam: str, *, by: str, multiplier: Decimal | None
) -> "Sitting":
    """The attempt, authorised now if it was not.

    Raises:
        CoursewrightError: the learner may not begin it, or it was authorised with another multiplier.
    """
    from exam_bank.sittings.events import SittingError, sitting_id

    name = sitting_id(course.id, exam, form.learner, form.attempt)
    try:
        sitting = store.sitting(name)
    except SittingError:
        rules = rules_of(root, course, exam)
        given = Decimal(1) if multiplier is None else multiplier
        return store.authorise(form, course=course.id, exam=exam, by=by, multiplier=given, rules=rules)
    if multiplier not in {None, sitting.authorised.multiplier}:
        raise CoursewrightError(
            f"{name}: it was authorised with {sitting.authorised.multiplier} times the minutes, which stays; grant "
            "minutes with exam extend."
        )
    return sitting


def begin(
    store: "SittingStore", form: "Form", root: Path, course: Course, exam: str, *, by: str, multiplier: Decimal | None
) -> "Sitting":
    """The attempt, authorised and identified; one that is under way stays as it is."""
    sitting = authorised(store, form, root, course, exam, by=by, multiplier=multiplier)
    name = sitting.id
    if sitting.state is SittingState.AUTHORISED:
        sitting = store.ready(name)
    if sitting.state is SittingState.READY:
        sitting = store.identify(name, by=by)
    return sitting


def next_section(sitting: "Sitting") -> str:
    """The first section that was not opened yet.

    Raises:
        CoursewrightError: there is none.
    """
    if not sitting.unopened:
        raise CoursewrightError(f"{sitting.id}: every section was opened already; the learner may hand in.")
    return sitting.unopened[0]


@contextmanager
def written_notebook(
    form: "Form", section: str, path: Path, responses: Mapping[str, Any] | None = None
) -> Iterator[None]:
    """The learner's notebook of one section, without a key: there before the section's time runs, gone if it cannot.

    Args:
        form: the learner's.
        section: its id.
        path: where to.
        responses: what the learner has answered before, by question.

    Raises:
        CoursewrightError: there is a file already.
    """
    import nbformat

    from exam_bank.forms.exam_notebook import form_notebook, with_responses

    text = nbformat.writes(with_responses(form_notebook(form, section=section), responses or {}))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text + "\n")
    except FileExistsError as error:
        raise CoursewrightError(f"{path}: there is a file already; name another one with --out.") from error
    try:
        yield
    except BaseException:
        path.unlink()
        raise


def hand_in(store: "SittingStore", name: str, form: "Form", notebook: Path, *, end: bool) -> "Sitting":
    """Take in every response of the notebook; then hand in the attempt, if no section is left or it shall ``end``.

    Raises:
        CoursewrightError: the notebook is not of this form, or the attempt is not under way.
    """
    from authoring.notebook_file import load_notebook
    from exam_bank.forms.exam_notebook import read_responses

    responses = read_responses(load_notebook(notebook), form)
    # Who hands in the first section's notebook has not handed in the exam.
    if end or not store.sitting(name).unopened:
        return store.submit(name, responses)
    return store.respond_all(name, responses)
