"""What the commands about exams share: who may sit, the secret seed, and an attempt from its beginning to its end."""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from authoring.course import AssignmentKind, Course
from authoring.errors import CoursewrightError
from exam_bank.sittings.result import SittingState

if TYPE_CHECKING:
    from exam_bank.forms.blueprint import Blueprint
    from exam_bank.forms.form import Form
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

    exams = {each.id: each for each in course.assignments if each.kind is AssignmentKind.EXAM}
    if exam not in exams:
        known = ", ".join(exams) or "none"
        raise CoursewrightError(f"{root / 'course.toml'}: there is no exam {exam!r}; the course's exams are: {known}.")
    return read_blueprint(root / str(exams[exam].blueprint))


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


def begin(store: "SittingStore", form: "Form", course: str, exam: str, *, by: str, multiplier: Decimal) -> "Sitting":
    """The attempt, authorised and identified; one that is under way stays as it is."""
    from exam_bank.sittings.sitting import SittingError, sitting_id

    name = sitting_id(course, exam, form.learner, form.attempt)
    try:
        sitting = store.sitting(name)
    except SittingError:
        sitting = store.authorise(form, course=course, exam=exam, by=by, multiplier=multiplier)
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
def written_notebook(form: "Form", section: str, path: Path) -> Iterator[None]:
    """The learner's notebook of one section, without a key: there before the section's time runs, gone if it cannot.

    Raises:
        CoursewrightError: there is a file already.
    """
    import nbformat

    from exam_bank.forms.exam_notebook import form_notebook

    text = nbformat.writes(form_notebook(form, section=section))
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


def hand_in(store: "SittingStore", name: str, form: "Form", notebook: Path) -> "Sitting":
    """Take in every response of the notebook, then hand in the attempt.

    Raises:
        CoursewrightError: the notebook is not of this form, or the attempt is not under way.
    """
    from authoring.notebook_file import load_notebook
    from exam_bank.forms.exam_notebook import read_responses

    for question, response in read_responses(load_notebook(notebook), form).items():
        store.respond(name, question, response)
    return store.submit(name)
