"""A form for each learner of a class, with the items used as evenly as the blueprint allows.

Forms are chosen one after the other. What a form's items cost is how often each was used before, plus a random number
below 1: so the least used are taken first, and among equals chance decides. Minimising the uses so far is a step of
Frank and Wolfe's method (*Naval Research Logistics Quarterly* 3, 1956, 95-110) towards the rates of use with the
smallest sum of squares, which are those with the smallest mean overlap: two forms of a class of ``N`` share on average
``sum(n (n - 1)) / (N (N - 1))`` items, where ``n`` is in how many forms an item is. A form depends on the counts of the
forms before it and on nothing else of them, so learners who come later change nobody's.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exam_bank.forms.blueprint import Exposure
from exam_bank.forms.conflict import AssemblyError, explained
from exam_bank.forms.kinds import counts
from exam_bank.forms.program import Program, matrix_of, run
from exam_bank.forms.requirements import Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Chosen = NDArray[np.int64]


def most_uses(exposure: Exposure, forms: int) -> int:
    """In how many forms of a class of ``forms`` an item may be."""
    return math.ceil(exposure.maximum * forms)


@dataclass(frozen=True)
class Use:
    """How the items were used before: by reference, and in how many forms."""

    uses: Mapping[str, int]
    forms: int


def even_choices(task: Task, exposure: Exposure, drawn: Sequence[Sequence[float]], before: Use) -> "list[Chosen]":
    """The variables chosen for each form.

    Args:
        task: what must hold of each form.
        exposure: in what share of the forms an item may be.
        drawn: for each form a random number below 1 for each item.
        before: the forms that there are already.

    Raises:
        AssemblyError: the blueprint cannot be met, or not within the exposure.
    """
    counter = _Counter(task, exposure, before, total=before.forms + len(drawn))
    if drawn and counter.program.solve([0.0] * task.variables) is None:
        raise explained(task)
    return [counter.next(weights, left=len(drawn) - number) for number, weights in enumerate(drawn)]


class _Counter:
    """How often each item was used so far, and the next form that follows from it."""

    def __init__(self, task: Task, exposure: Exposure, before: Use, *, total: int) -> None:
        import numpy as np

        self.program = Program(task.requirements, task.variables)
        self._task, self._exposure, self._total = task, exposure, total
        self._uses = np.array([before.uses.get(item.ref, 0) for item in task.items], dtype=float)
        self._counting = np.array([counts(item) for item in task.items], dtype=bool)

    def next(self, drawn: Sequence[float], *, left: int) -> "Chosen":
        """The next form; ``left`` with it are still to come."""
        import numpy as np

        items, sections = len(self._task.items), range(self._task.sections)
        full = np.flatnonzero(self._counting & (self._uses >= most_uses(self._exposure, self._total)))
        barred = [section * items + int(index) for section in sections for index in full]
        weights = np.tile(self._uses + np.asarray(drawn), self._task.sections)
        chosen = self.program.solve(weights, barred=barred)
        if chosen is None:
            raise self._too_narrow()
        waiting = np.flatnonzero(self._uses == 0)
        if left <= len(waiting) and not set(chosen % items) & set(waiting):
            chosen = self._with_one(waiting, weights, barred, chosen)
        self._uses[chosen % items] += 1
        return chosen

    def _with_one(
        self, waiting: "Chosen", weights: "NDArray[np.float64]", barred: Sequence[int], instead: "Chosen"
    ) -> "Chosen":
        """A form with an item that no form has yet; ``instead`` if none of them can be in any."""
        for index in waiting:
            for section in range(self._task.sections):
                place = section * len(self._task.items) + int(index)
                chosen = self.program.solve(weights, barred=barred, forced=[place])
                if chosen is not None:
                    return chosen
        return instead

    def _too_narrow(self) -> AssemblyError:
        maximum, least = self._exposure.maximum, least_maximum(self._task)
        most = most_uses(self._exposure, self._total)
        row = f"no item is in more than {float(maximum):.4g} of the class's forms ({most} of {self._total})"
        near = f"at least {least:.4g}" if least > maximum else ""
        mend = "add operational items of the kinds that are few, ask for less of them, or raise exposure.maximum"
        return AssemblyError(self._task.blueprint.title, [row], [near], mend=mend)


def least_maximum(task: Task) -> float:
    """A share of the forms that some item must be in at least, whatever the forms are.

    It is the optimum of the linear program over shares of use that meet the requirements on average.
    """
    import numpy as np
    from scipy.optimize import Bounds

    count, items = task.variables, len(task.items)
    rows = [dict(each.coefficients) for each in task.requirements]
    low, high = [each.low for each in task.requirements], [each.high for each in task.requirements]
    for index, item in enumerate(task.items):
        if counts(item):
            rows.append({section * items + index: 1.0 for section in range(task.sections)} | {count: -1.0})
            low.append(-math.inf)
            high.append(0.0)
    values = run(
        np.concatenate([np.zeros(count), [1.0]]),
        matrix=matrix_of(rows, count + 1),
        limits=(np.array(low, dtype=float), np.array(high, dtype=float)),
        bounds=Bounds(np.zeros(count + 1), np.ones(count + 1)),
        integrality=np.zeros(count + 1, dtype=np.int64),
    )
    return 1.0 if values is None else float(values[-1])


def mean_overlap(uses: Sequence[int], forms: int) -> float:
    """How many items two forms of a class share on average.

    Args:
        uses: in how many forms each item is.
        forms: the number of forms, at least 2.
    """
    return sum(each * (each - 1) for each in uses) / (forms * (forms - 1))


def least_overlap(task: Task, uses: Sequence[int], forms: int) -> float:
    """What the mean overlap of ``forms`` forms cannot fall below, whatever the forms are: a proven bound.

    The sum of ``n**2`` over the items is bounded from below by chords between neighbouring whole numbers,
    ``n**2 >= (2 m + 1) n - m (m + 1)``, and the requirements are asked of the class as a whole, whose forms may be in
    parts (a linear program). The bound is tight where ``uses`` is near the best.

    Args:
        task: the requirements of each form.
        uses: in how many forms each item of the task is: where the bound should be sharp.
        forms: the number of forms, at least 2.
    """
    import numpy as np
    from scipy.optimize import Bounds

    count, items = task.variables, len(task.items)
    length = sum(section.count for section in task.blueprint.sections)
    rows = [dict(each.coefficients) for each in task.requirements]
    low, high = [forms * each.low for each in task.requirements], [forms * each.high for each in task.requirements]
    counting = [index for index, item in enumerate(task.items) if counts(item)]
    mean = forms * length / len(counting)
    for index in counting:
        near = {max(0, uses[index] - 1), uses[index], *(int(mean * part) for part in (0, 0.25, 0.5, 1, 1.5, 2, 4, 8))}
        for step in near:
            chord = {section * items + index: -(2.0 * step + 1) for section in range(task.sections)}
            rows.append(chord | {count + index: 1.0})
            low.append(-step * (step + 1.0))
            high.append(math.inf)
    values = run(
        np.concatenate([np.zeros(count), np.ones(items)]),
        matrix=matrix_of(rows, count + items),
        limits=(np.array(low, dtype=float), np.array(high, dtype=float)),
        bounds=Bounds(np.zeros(count + items), np.concatenate([np.full(count, forms), np.full(items, np.inf)])),
        integrality=np.zeros(count + items, dtype=np.int64),
    )
    squares = 0.0 if values is None else float(values[count:].sum())
    return max(0.0, (squares - forms * length) / (forms * (forms - 1)))
