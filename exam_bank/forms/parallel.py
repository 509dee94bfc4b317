"""A few fixed forms at once: each meets the blueprint and its targets, and no item is in more of them than is allowed.

The tolerance of the targets is a constraint for each form. An objective that made the forms as alike as possible
would take far longer, and no learner would be the fairer for it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from exam_bank.forms.blueprint import Parallel
from exam_bank.forms.conflict import AssemblyError, explained
from exam_bank.forms.program import Program
from exam_bank.forms.requirements import Group, Requirement, Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def parallel_choices(task: Task, parallel: Parallel, drawn: Sequence[Sequence[float]]) -> "list[NDArray[np.int64]]":
    """The variables chosen for each of the forms.

    Args:
        task: what must hold of each form.
        parallel: how many forms, and how often an item may be used.
        drawn: for each form a random number for each item.

    Raises:
        AssemblyError: not so many forms can be had, or not one.
    """
    import numpy as np

    weights = np.concatenate([np.tile(np.asarray(each), task.sections) for each in drawn])
    chosen = _program(task, parallel.forms, parallel.uses).solve(weights)
    if chosen is None:
        raise _explained(task, parallel)
    return [chosen[chosen // task.variables == number] % task.variables for number in range(parallel.forms)]


def _program(task: Task, forms: int, uses: int) -> Program:
    """The task once for each form, and a requirement for each item that ties them."""
    items = len(task.items)
    repeated = [
        Requirement(
            each.words,
            {number * task.variables + at: value for at, value in each.coefficients.items()},
            each.low,
            each.high,
        )
        for number in range(forms)
        for each in task.requirements
    ]
    places = range(forms * task.sections)
    ties = [
        Requirement(f"{item.ref} is in {uses} at most", {place * items + index: 1.0 for place in places}, 0, uses)
        for index, item in enumerate(task.items)
    ]
    return Program([*repeated, *ties] if uses < forms else repeated, forms * task.variables)


def _explained(task: Task, parallel: Parallel) -> AssemblyError:
    """Why there are not so many forms: not one, rows that the bank has too few items for, or how many there are."""
    if Program(task.requirements, task.variables).solve([0.0] * task.variables) is None:
        return explained(task)
    short = [words for each in task.requirements if (words := _short(each, parallel))]
    possible = parallel.forms - 1
    while _program(task, possible, min(parallel.uses, possible)).solve([0.0] * possible * task.variables) is None:
        possible -= 1
    row = f"{parallel.forms} parallel forms, with an item in at most {parallel.uses} of them"
    near = f"at most {possible}" if possible > 1 else "only 1"
    mend = (
        "add operational items with `use: exam`, ask for fewer forms, or let items be in more of them (parallel.uses)"
    )
    return AssemblyError(task.blueprint.title, [row, *short], [near], mend=mend)


def _short(each: Requirement, parallel: Parallel) -> str:
    """For a row that needs more of a kind than all forms together may take."""
    if each.group is not Group.BLUEPRINT or any(value < 0 for value in each.coefficients.values()):
        return ""
    needed, there = parallel.forms * each.low, parallel.uses * sum(each.coefficients.values())
    if there >= needed:
        return ""
    return f"{each.words}: the forms need {needed / each.scale:.4g} together, and {there / each.scale:.4g} are there"
