"""An exam on paper."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from authoring.errors import CoursewrightError
from coursewright.output import say

if TYPE_CHECKING:
    from exam_bank.forms.form import Form


class PaperChoice(StrEnum):
    """The size of a sheet."""

    A4 = "a4"
    LETTER = "letter"


def print_form(
    course: Annotated[Path, typer.Argument(metavar="COURSE", help="The course's folder.")],
    exam: Annotated[str, typer.Argument(metavar="EXAM", help="The exam's id in course.toml.")],
    learner: Annotated[str, typer.Argument(metavar="[LEARNER]", help="Whose form.")] = "",
    fixed: Annotated[str, typer.Option("--form", metavar="LETTER", help="A fixed form, without a learner's id.")] = "",
    attempt: Annotated[int, typer.Option("--attempt", min=1, help="Which attempt.")] = 1,
    paper: Annotated[PaperChoice, typer.Option("--paper", help="The size of a sheet.")] = PaperChoice.A4,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where to; by default LEARNER-EXAM.html or EXAM-LETTER.html."),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", metavar="FILE", help="Also write the answer key, which only you can read."),
    ] = None,
) -> None:
    """Write a form as a page to print, with room for the answers and no key."""
    from authoring.course_file import load_course
    from coursewright.report.exam_files import write_secret_page
    from coursewright.report.page import write_page
    from exam_bank.forms.paper import form_number, key_html, paper_html

    load_course(course)
    if bool(learner) == bool(fixed):
        raise CoursewrightError("exam print: name a learner, or a fixed form with --form; one of the two.")
    form = _fixed(course, exam, fixed) if fixed else _own(course, exam, learner, attempt)
    path = out or Path(f"{exam}-{fixed}.html" if fixed else f"{learner}-{exam}.html")
    if key is not None and key.absolute() == path.absolute():
        raise CoursewrightError(f"{key}: the key needs a file of its own; name another one with --key.")
    write_page(paper_html(form, paper=paper.value), path)
    say(f"{path} holds form {form_number(form)}; print it from a browser.")
    if key is not None:
        write_secret_page(key_html(form, paper=paper.value), key)
        say(f"{key} holds its answer key; keep it from learners.")


def _own(course: Path, exam: str, learner: str, attempt: int) -> "Form":
    from coursewright.report.exam_files import form_of

    return form_of(course, exam, learner, attempt)


def _fixed(course: Path, exam: str, letter: str) -> "Form":
    from coursewright.report.exam_files import FORMS, read_fixed_forms

    forms = {str(form.fixed): form for form in read_fixed_forms(course, exam)}
    if letter.lower() not in forms:
        known = (
            f"there are {', '.join(forms)}" if forms else "there are none; the blueprint asks for them in [parallel]"
        )
        raise CoursewrightError(f"{course / FORMS / exam}: there is no fixed form {letter!r}; {known}.")
    return forms[letter.lower()]
