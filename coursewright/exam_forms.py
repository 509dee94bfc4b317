"""A class's forms on disk: assembled, checked again without the solver, and kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from authoring.errors import CoursewrightError

if TYPE_CHECKING:
    from exam_bank.forms.blueprint import Blueprint
    from exam_bank.forms.form import Form
    from exam_bank.forms.parameters import Parameters
    from exam_bank.item_file import Bank


@dataclass(frozen=True)
class Evenness:
    """How evenly a class's forms use the items.

    Attributes:
        most: the largest share of the forms that an item is in.
        overlap: how many items two forms share on average; None for a single form.
        least_overlap: what that cannot fall below, whatever the forms are.
        unused: the items that are in no form.
    """

    forms: int
    most: float
    overlap: float | None
    least_overlap: float | None
    unused: tuple[str, ...]


@dataclass(frozen=True)
class Made:
    """What came of assembling.

    Attributes:
        new: the learners who got a form.
        kept: those who had one.
        fixed: the letters of the fixed forms, if the blueprint asks for some.
        evenness: of all forms of the exam, if the blueprint asks for it.
    """

    new: tuple[str, ...]
    kept: tuple[str, ...]
    fixed: tuple[str, ...]
    evenness: Evenness | None


@dataclass(frozen=True)
class Circumstances:
    """What forms are made for.

    Attributes:
        attempt: which attempt at the exam.
        seed: the exam's secret.
        reviews: how many reviews an item must have.
        at: now, for the register of the versions that are used.
    """

    attempt: int
    seed: bytes
    reviews: int
    at: datetime


def make_forms(
    root: Path, exam: str, blueprint: "Blueprint", learners: Sequence[str], circumstances: Circumstances
) -> Made:
    """A form for each learner who has none for this attempt; nothing is kept before all of them are checked.

    Raises:
        CoursewrightError: the blueprint cannot be met, a form is not as the blueprint has it, or an item lacks reviews.
    """
    from coursewright.report.exam_files import read_forms, write_form
    from exam_bank.forms.assembly import assemble_forms, hand_out
    from exam_bank.forms.form_check import check_forms
    from exam_bank.forms.parameters import parameters_of
    from exam_bank.item_file import read_bank
    from exam_bank.life_cycle import require_reviewed
    from exam_bank.register import note_forms

    attempt, seed = circumstances.attempt, circumstances.seed
    before = list(read_forms(root, exam).values())
    had = sorted(form.learner for form in before if form.attempt == attempt)
    wanted = [each for each in learners if each not in had]
    bank, parameters = read_bank(root), parameters_of(root, blueprint)
    require_reviewed(bank.items.values(), circumstances.reviews)
    fixed: Sequence[Form] = ()
    if blueprint.parallel:
        fixed = _fixed_forms(root, exam, blueprint, bank, seed)
        forms = list(hand_out(fixed, wanted, seed, attempt, before).values())
    else:
        made = assemble_forms(
            bank, blueprint, seed=seed, learners=wanted, attempt=attempt, parameters=parameters, before=before
        )
        forms = list(made.values())
        for form, problems in zip(forms, check_forms(forms, bank, blueprint, parameters), strict=True):
            _require_none(problems, f"the form of {form.learner}")
    _check_together([*before, *forms], blueprint, bank)
    note_forms(root, bank, forms, at=circumstances.at, exam=exam)
    for form in forms:
        write_form(root, exam, form)
    evenness = _evenness([*before, *forms], blueprint, bank, parameters) if blueprint.exposure else None
    return Made(tuple(sorted(wanted)), tuple(had), tuple(str(each.fixed) for each in fixed), evenness)


def _fixed_forms(root: Path, exam: str, blueprint: "Blueprint", bank: "Bank", seed: bytes) -> "Sequence[Form]":
    """The fixed forms, made and kept the first time; later ones are the same, whatever happened to the bank."""
    from coursewright.report.exam_files import read_fixed_forms, write_fixed_form
    from exam_bank.forms.assembly import parallel_forms
    from exam_bank.forms.form_check import check_forms
    from exam_bank.forms.parameters import parameters_of

    parameters = parameters_of(root, blueprint)
    if kept := read_fixed_forms(root, exam):
        if any(form.blueprint != blueprint.version for form in kept):
            raise CoursewrightError(
                f"{root / 'forms' / exam}: the fixed forms there are of another blueprint; undo the change of the "
                "blueprint, or move the folder away and assemble again."
            )
        return kept
    forms = parallel_forms(bank, blueprint, seed=seed, parameters=parameters)
    for form, problems in zip(forms, check_forms(forms, bank, blueprint, parameters), strict=True):
        _require_none(problems, f"the fixed form {form.fixed}")
    _check_together(forms, blueprint, bank)
    for form in forms:
        write_fixed_form(root, exam, form)
    return forms


def _check_together(forms: "Sequence[Form]", blueprint: "Blueprint", bank: "Bank") -> None:
    from exam_bank.forms.class_check import check_class

    _require_none(check_class(forms, blueprint, bank), "the class's set of forms")


def _require_none(problems: Sequence[str], what: str) -> None:
    if problems:
        raise CoursewrightError(f"{what} is not as the blueprint has it, and none was kept: {problems[0]}")


def _evenness(forms: "Sequence[Form]", blueprint: "Blueprint", bank: "Bank", parameters: "Parameters") -> Evenness:
    from exam_bank.forms.class_check import exposures
    from exam_bank.forms.exposure import least_overlap
    from exam_bank.forms.requirements import task

    found = exposures(forms, bank)
    least = None
    if len(forms) > 1:
        todo = task(bank, blueprint, parameters)
        least = least_overlap(todo, [found.uses.get(item.ref, 0) for item in todo.items], len(forms))
    return Evenness(len(forms), found.most, found.overlap, least, found.unused)
