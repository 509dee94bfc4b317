"""What must hold of the forms of a class together, counted from the forms alone: exposure, and parallel forms."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from exam_bank.forms.blueprint import Blueprint
from exam_bank.forms.form import Form
from exam_bank.forms.kinds import eligible
from exam_bank.item_file import Bank


@dataclass(frozen=True)
class Exposures:
    """How the items that count are used in the forms of a class.

    Attributes:
        forms: the number of forms.
        uses: for each item that may be asked, in how many forms it is.
        overlap: how many items two forms share on average; None for fewer than two forms.
    """

    forms: int
    uses: dict[str, int]
    overlap: float | None

    @property
    def most(self) -> float:
        """The largest share of the forms that an item is in."""
        return max(self.uses.values(), default=0) / self.forms if self.forms else 0.0

    @property
    def unused(self) -> tuple[str, ...]:
        """The items that are in no form."""
        return tuple(ref for ref, uses in self.uses.items() if not uses)


def exposures(forms: Sequence[Form], bank: Bank) -> Exposures:
    """How the items are used in ``forms``."""
    counted = Counter(ref for form in forms for ref in {each.variant.ref for each in form.questions if not each.pilot})
    uses = {item.ref: counted[item.ref] for item in eligible(bank)} | dict(counted)
    pairs = len(forms) * (len(forms) - 1)
    shared = sum(each * (each - 1) for each in uses.values())
    return Exposures(len(forms), dict(sorted(uses.items())), shared / pairs if pairs else None)


def check_class(forms: Sequence[Form], blueprint: Blueprint, bank: Bank) -> tuple[str, ...]:
    """What is wrong with the forms of a class together, one sentence each; each form is checked by itself elsewhere."""
    if blueprint.parallel:
        return tuple(_parallel(forms, blueprint.parallel.forms, blueprint.parallel.uses))
    if blueprint.exposure is None:
        return ()
    most = math.ceil(blueprint.exposure.maximum * len(forms))
    found = exposures(forms, bank)
    return tuple(
        f"Item {ref} is in {uses} of {len(forms)} forms, and may be in {most}."
        for ref, uses in found.uses.items()
        if uses > most
    )


def _parallel(forms: Sequence[Form], number: int, uses: int) -> Iterator[str]:
    """Learners with the same letter have the same questions, and items are not in more of the forms than is allowed."""
    letters: dict[str, Form] = {}
    for form in forms:
        letter = form.fixed or ""
        if not letter:
            yield f"The form of {form.learner} is none of the fixed ones."
        elif letters.setdefault(letter, form).sections != form.sections:
            yield f"The form of {form.learner} is not the fixed form {letter}."
    if len(letters) > number:
        yield f"There are {len(letters)} fixed forms, and {number} are asked for."
    counted = Counter(ref for form in letters.values() for ref in {each.variant.ref for each in form.questions})
    for ref, count in sorted(counted.items()):
        if count > uses:
            yield f"Item {ref} is in {count} of the fixed forms, and may be in {uses}."
