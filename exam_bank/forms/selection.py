"""Which items a form has: the blueprint as a mixed-integer program.

There is a binary variable for each item and section, the blueprint's rows are linear constraints, and the objective is
a sum of weights, which the caller draws at random for each learner, so that every item that fits has its turn. HiGHS
solves it through :func:`scipy.optimize.milp`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from authoring.errors import CoursewrightError
from exam_bank.forms.blueprint import Blueprint, Row, Section
from exam_bank.item import Item, Status, Use
from exam_bank.item_file import Bank


class AssemblyError(CoursewrightError):
    """The blueprint cannot be met from the bank.

    Attributes:
        rows: the requirements that cannot hold together, in words; without any one of them the rest could be met.
    """

    def __init__(self, title: str, rows: Sequence[str]) -> None:
        listed = "; ".join(rows)
        super().__init__(
            f"the blueprint {title!r} cannot be met: {listed}; add operational items with `use: exam` or ask for less"
        )
        self.rows = tuple(rows)


def eligible(bank: Bank) -> list[Item]:
    """The items that an exam may ask, in the order of their references."""
    items = (bank.items[ref] for ref in sorted(bank.items))
    return [item for item in items if item.status is Status.OPERATIONAL and item.use is Use.EXAM]


def fits(item: Item, row: Row) -> bool:
    """Whether an item is of the kind that a row speaks of."""
    return (
        row.topic in {None, item.topic}
        and row.skill in {None, item.skill}
        and (not row.types or item.type in row.types)
    )


@dataclass(frozen=True)
class _Requirement:
    """``low <= sum(coefficients) <= high`` over the variables ``(section, item)``."""

    words: str
    coefficients: Mapping[tuple[int, int], float]
    low: float
    high: float


class Selection:
    """The blueprint over a bank as a mixed-integer program."""

    def __init__(self, blueprint: Blueprint, items: Sequence[Item]) -> None:
        self.blueprint = blueprint
        self.items = items
        self.requirements = list(self._requirements())

    def solve(self, weights: Sequence[float]) -> list[list[Item]]:
        """The items of each section, with the smallest sum of weights."""
        chosen = _minimum(self.requirements, weights, len(self.blueprint.sections))
        if chosen is None:
            raise AssemblyError(self.blueprint.title, [each.words for each in self._conflict(weights)])
        return [[self.items[index] for index in indices] for indices in chosen]

    def _conflict(self, weights: Sequence[float]) -> list[_Requirement]:
        """Requirements that cannot hold together, none of which can be left out (a deletion filter)."""
        kept = list(self.requirements)
        for requirement in self.requirements:
            fewer = [each for each in kept if each is not requirement]
            if _minimum(fewer, weights, len(self.blueprint.sections)) is None:
                kept = fewer
        return kept

    def _requirements(self) -> Iterable[_Requirement]:
        for number, section in enumerate(self.blueprint.sections):
            yield from self._of_section(number, section)
        for index, item in enumerate(self.items):
            places = {(number, index): 1.0 for number in range(len(self.blueprint.sections))}
            if len(places) > 1:
                yield _Requirement(f"{item.ref} is asked once", places, 0, 1)
        for one, two in self._enemies():
            both = {(number, index): 1.0 for number in range(len(self.blueprint.sections)) for index in (one, two)}
            yield _Requirement(f"{self.items[one].ref} and {self.items[two].ref} are enemies", both, 0, 1)

    def _of_section(self, number: int, section: Section) -> Iterable[_Requirement]:
        name = f"section {section.id!r}"
        everything = Row()
        # A conflict is told by the later ones where it can be: what is most particular comes last.
        yield self._points(number, everything, f"{name} has {section.points} points", section.points)
        yield self._sum(number, everything, f"{name} has {section.count} items", section.count, section.count)
        minutes = {(number, index): item.minutes for index, item in enumerate(self.items)}
        words = f"{name}: the items' expected minutes stay within {section.minutes}"
        yield _Requirement(words, minutes, 0, section.minutes)
        for row in section.rows:
            kind = f"{name}: {described(row)} ({sum(fits(item, row) for item in self.items)} in the bank)"
            if row.count is not None:
                yield self._sum(number, row, f"{kind}: exactly {row.count}", row.count, row.count)
            if row.at_least is not None:
                yield self._sum(number, row, f"{kind}: at least {row.at_least}", row.at_least, len(self.items))
            if row.at_most is not None:
                yield self._sum(number, row, f"{kind}: at most {row.at_most}", 0, row.at_most)
            if row.points is not None:
                yield self._points(number, row, f"{kind}: {row.points} points", row.points)

    def _sum(self, number: int, row: Row, words: str, low: float, high: float) -> _Requirement:
        fitting = {(number, index): 1.0 for index, item in enumerate(self.items) if fits(item, row)}
        return _Requirement(words, fitting, low, high)

    def _points(self, number: int, row: Row, words: str, points: Decimal) -> _Requirement:
        fitting = {(number, i): float(item.points) for i, item in enumerate(self.items) if fits(item, row)}
        return _Requirement(words, fitting, float(points), float(points))

    def _enemies(self) -> Iterable[tuple[int, int]]:
        index = {item.ref: number for number, item in enumerate(self.items)}
        for item in self.items:
            for enemy in item.enemies:
                if enemy in index and index[item.ref] < index[enemy]:
                    yield index[item.ref], index[enemy]


def described(row: Row) -> str:
    """The kind of item that a row speaks of, in words."""
    parts = [
        f"topic {row.topic}" if row.topic else "",
        " or ".join(row.types),
        f"skill {row.skill}" if row.skill else "",
    ]
    return ", ".join(part for part in parts if part) or "any item"


def _minimum(requirements: Sequence[_Requirement], weights: Sequence[float], sections: int) -> list[list[int]] | None:
    """The indices chosen for each section, or None if the requirements cannot be met."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    items = len(weights)
    if items == 0:
        return None
    cells = [
        (row, section * items + index, value)
        for row, each in enumerate(requirements)
        for (section, index), value in each.coefficients.items()
    ]
    rows, columns, values = zip(*cells, strict=True) if cells else ((), (), ())
    matrix = csr_array((values, (rows, columns)), shape=(len(requirements), sections * items))
    limits = LinearConstraint(
        matrix, np.array([each.low for each in requirements]), np.array([each.high for each in requirements])
    )
    result = milp(
        np.tile(weights, sections),
        integrality=np.ones(sections * items, dtype=np.int64),
        bounds=Bounds(0, 1),
        constraints=limits,
        options={"mip_rel_gap": 0.0},
    )
    if result.x is None:
        return None
    taken = np.round(result.x).astype(bool).reshape(sections, items)
    return [[int(index) for index in np.flatnonzero(row)] for row in taken]
