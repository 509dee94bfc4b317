"""Why a blueprint cannot be met: requirements that cannot hold together, and by how much each fails.

The conflict is irreducible: without any one of its requirements the others could be met. It is found by a deletion
filter (Chinneck and Dravnieks, *ORSA Journal on Computing* 3(2), 1991, 157-168): each requirement in turn is left out
for good if the rest still cannot be met. How much a requirement would have to give is found by minimising its violation
while all others hold; where that does not help, for there are more conflicts than one, by minimising the sum of all
violations.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from authoring.errors import CoursewrightError
from exam_bank.forms.program import Program, matrix_of, run
from exam_bank.forms.requirements import Group, Requirement, Task

_GENERAL = (Group.ONCE, Group.SETS, Group.ENEMIES)  # left out whole, if they can be
_SLIGHT = 1e-5  # a violation that is none


class AssemblyError(CoursewrightError):
    """The blueprint cannot be met from the bank.

    Attributes:
        rows: the requirements that cannot hold together, in words; without any one of them the rest could be met.
        nearest: for each of them what could be had if all others stay, in words, or "" if nothing helps by itself.
    """

    def __init__(self, title: str, rows: Sequence[str], nearest: Sequence[str] = (), *, mend: str = "") -> None:
        nearest = [*nearest, *[""] * (len(rows) - len(nearest))]
        listed = "; ".join(f"{row} [{near}]" if near else row for row, near in zip(rows, nearest, strict=True))
        told = "; in brackets: what could be had while the others stay" if any(nearest) else ""
        mend = mend or "add operational items with `use: exam` or ask for less"
        super().__init__(f"the blueprint {title!r} cannot be met: {listed}{told}; {mend}")
        self.rows = tuple(rows)
        self.nearest = tuple(nearest)


@dataclass(frozen=True)
class Shortfall:
    """A requirement and the figure nearest to it that can be had, in its own measure."""

    requirement: Requirement
    figure: float

    @property
    def words(self) -> str:
        """Such as ``at most 3``."""
        scaled = self.figure / self.requirement.scale
        bound = "at most" if self.figure < self.requirement.low else "at least"
        return f"{bound} {scaled:.4g}"


def explained(task: Task) -> AssemblyError:
    """The error that says why a task has no solution."""
    if not task.items:
        return AssemblyError(task.blueprint.title, ["the bank has no item that an exam may ask"])
    conflict = _conflict(task)
    once = [each for each in conflict if each.group is Group.ONCE]
    if once:  # as one, for a list of items would hide the rest
        conflict = [each for each in conflict if each.group is not Group.ONCE]
        conflict.append(replace(once[0], words="no item is asked in two sections"))
    nearest = [_alone(task, each) if each.group is Group.BLUEPRINT else None for each in conflict]
    rows = [each.words for each in conflict]
    if any(nearest):
        return AssemblyError(task.blueprint.title, rows, [each.words if each else "" for each in nearest])
    together = [f"{each.requirement.words}: {each.words}" for each in least_violations(task)]
    mend = f"the least that has to give: {' and '.join(together)}" if together else ""
    return AssemblyError(task.blueprint.title, rows, mend=mend)


def _conflict(task: Task) -> list[Requirement]:
    """Requirements that cannot hold together, none of which can be left out."""
    kept = list(task.requirements)
    for group in _GENERAL:
        fewer = [each for each in kept if each.group is not group]
        if len(fewer) < len(kept) and not _can_be_met(fewer, task.variables):
            kept = fewer
    # Enemies and the like are many: they are thrown out by halves.
    for group in (Group.SETS, Group.ENEMIES):
        kept = _thinned(kept, [each for each in kept if each.group is group], task.variables)
    for each in [one for one in kept if one.group is Group.BLUEPRINT]:
        fewer = [one for one in kept if one is not each]
        if not _can_be_met(fewer, task.variables):
            kept = fewer
    return sorted(kept, key=lambda one: next(n for n, each in enumerate(task.requirements) if each is one))


def _thinned(kept: list[Requirement], candidates: list[Requirement], variables: int) -> list[Requirement]:
    """``kept`` without those candidates that the conflict does not need."""
    if not candidates:
        return kept
    fewer = [each for each in kept if not any(each is one for one in candidates)]
    if not _can_be_met(fewer, variables):
        return fewer
    if len(candidates) == 1:
        return kept
    middle = len(candidates) // 2
    for half in (candidates[:middle], candidates[middle:]):
        kept = _thinned(kept, half, variables)
    return kept


def _can_be_met(requirements: Sequence[Requirement], variables: int) -> bool:
    return Program(requirements, variables).solve([0.0] * variables) is not None


def _alone(task: Task, loose: Requirement) -> Shortfall | None:
    """How near to one requirement one can come while all others hold."""
    found = list(_violations(task, [loose]))
    return found[0] if found else None


def least_violations(task: Task) -> list[Shortfall]:
    """Requirements of the blueprint that give way, and to what, so that the sum of what gives is the least.

    A violation is measured against what the requirement asks, so that a point of 20 weighs as much as an item of 20.
    """
    return list(_violations(task, [each for each in task.requirements if each.group is Group.BLUEPRINT]))


def _violations(task: Task, loose: Sequence[Requirement]) -> Iterator[Shortfall]:
    """The elastic program: each loose requirement may be missed by a variable of its own in either direction."""
    import numpy as np
    from scipy.optimize import Bounds

    count, extra = task.variables, 2 * len(loose)
    rows = [dict(each.coefficients) for each in task.requirements]
    place = {id(each): number for number, each in enumerate(task.requirements)}
    for number, each in enumerate(loose):
        rows[place[id(each)]] |= {count + 2 * number: 1.0, count + 2 * number + 1: -1.0}
    sizes = [max(abs(each.low), 1.0) if each.low else max(abs(each.high), 1.0) for each in loose]
    costs = np.concatenate([np.zeros(count), np.repeat([1 / size for size in sizes], 2)])
    values = run(
        costs,
        matrix=matrix_of(rows, count + extra),
        limits=(
            np.array([each.low for each in task.requirements], dtype=float),
            np.array([each.high for each in task.requirements], dtype=float),
        ),
        bounds=Bounds(np.zeros(count + extra), np.concatenate([np.ones(count), np.full(extra, np.inf)])),
        integrality=np.repeat(np.array([1, 0]), [count, extra]),
        gap=0.0,
    )
    if values is None:
        return
    taken = np.round(values[:count])
    for each in loose:
        figure = sum(taken[column] * value for column, value in each.coefficients.items())
        if figure < each.low - _SLIGHT or figure > each.high + _SLIGHT:
            yield Shortfall(each, float(figure))
