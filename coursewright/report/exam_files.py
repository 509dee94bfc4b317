"""Where the forms and sittings of a course's exams lie.

A form is ``forms/<exam>/<learner>/<attempt>.json``, a fixed form ``forms/<exam>/fixed-<letter>.json``;
``sittings/sittings.db`` has the events of all sittings, unless the environment's ``COURSEWRIGHT_SITTINGS`` names
another database by its URL.
"""

import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from authoring.course_file import load_course
from authoring.errors import CoursewrightError
from exam_bank.forms.form import Form, from_json, to_json
from exam_bank.sittings.database import is_absent
from exam_bank.sittings.grade import SittingGrade, grade_sitting
from exam_bank.sittings.sitting import Sitting
from exam_bank.sittings.store import SittingStore

FORMS = "forms"
SITTINGS = "COURSEWRIGHT_SITTINGS"


def sittings_file(root: Path) -> Path:
    """The database of all sittings of a course."""
    return root / "sittings" / "sittings.db"


def sittings_url(root: Path) -> str:
    """Where the sittings are, as an SQLAlchemy URL: that file, or the database that ``COURSEWRIGHT_SITTINGS`` names."""
    return os.environ.get(SITTINGS) or f"sqlite:///{sittings_file(root).absolute()}"


def write_form(root: Path, exam: str, form: Form) -> Path:
    """Keep the form, keys and all, where only the course's staff can read."""
    return _write(root / FORMS / exam / form.learner / f"{form.attempt}.json", form)


def _write(path: Path, form: Form) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(to_json(form))
    return temporary.replace(path)


def read_forms(root: Path, exam: str) -> Mapping[str, Form]:
    """The forms of an exam, by their hashes.

    Raises:
        CoursewrightError: a file is no form.
    """
    forms = [_read_form(path) for path in sorted((root / FORMS / exam).glob("*/*.json"))]
    return {form.version: form for form in forms}


def form_of(root: Path, exam: str, learner: str, attempt: int) -> Form:
    """The form of one learner's attempt.

    Raises:
        CoursewrightError: there is none, or it is no form.
    """
    for form in read_forms(root, exam).values():
        if (form.learner, form.attempt) == (learner, attempt):
            return form
    where = root / FORMS / exam
    raise CoursewrightError(f"{where}: {learner} has no form for attempt {attempt}; run exam assemble first.")


def write_fixed_form(root: Path, exam: str, form: Form) -> Path:
    """Keep a fixed form, keys and all."""
    return _write(root / FORMS / exam / f"fixed-{form.fixed}.json", form)


def read_fixed_forms(root: Path, exam: str) -> tuple[Form, ...]:
    """The fixed forms of an exam, by letter.

    Raises:
        CoursewrightError: a file is no form.
    """
    return tuple(_read_form(path) for path in sorted((root / FORMS / exam).glob("fixed-?.json")))


def write_secret_page(text: str, path: Path) -> None:
    """Write a page that nobody but its owner can read, from its first byte on.

    Raises:
        CoursewrightError: it cannot be written there.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        temporary.replace(path)
    except OSError as error:
        raise CoursewrightError(f"{path}: cannot be written ({error.strerror}); name another file.") from error


def read_sittings(root: Path) -> tuple[Sitting, ...]:
    """Every attempt at an exam of the course, by id; none if no exam was sat."""
    if is_absent(sittings_url(root)):
        return ()
    with closing(SittingStore(sittings_url(root), clock=_no_clock)) as store:
        return tuple(store.sittings(course=load_course(root).id))


@dataclass(frozen=True)
class Sat:
    """One attempt at an exam with everything that belongs to it."""

    sitting: Sitting
    form: Form
    grade: SittingGrade


def read_exam(root: Path, exam: str) -> tuple[Sat, ...]:
    """Every attempt at one exam, scored as far as it can be, by learner.

    Raises:
        CoursewrightError: a form is missing or is no form.
    """
    forms = read_forms(root, exam)
    found = []
    for sitting in read_sittings(root):
        if sitting.authorised.exam != exam:
            continue
        form = forms.get(sitting.authorised.form)
        if form is None:
            raise CoursewrightError(f"{root / FORMS / exam}: the form of {sitting.id} is not here; put it back.")
        found.append(Sat(sitting, form, grade_sitting(sitting, form)))
    return tuple(found)


def _read_form(path: Path) -> Form:
    try:
        return from_json(path.read_bytes())
    except msgspec.DecodeError as error:
        raise CoursewrightError(
            f"{path}: this is not a form ({error}); put back the one that was assembled."
        ) from error


def _no_clock() -> datetime:
    """Reading needs no time; an event that was written by mistake would be refused for its date."""
    return datetime.min.replace(tzinfo=UTC)
