"""A blueprint over a bank as linear requirements: what the sums over the chosen items must be.

There is a binary variable for each section and item of the pool: whether the item is in the section. The checker of
:mod:`exam_bank.forms.form_check` shares nothing with this module.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from itertools import pairwise

from exam_bank.forms.blueprint import Blueprint, Row, Section
from exam_bank.forms.kinds import counts, described, eligible, fits, on_trial, set_rule
from exam_bank.forms.parameters import Parameters, information, require_parameters
from exam_bank.item import Item
from exam_bank.item_file import Bank
from exam_bank.item_sets import ItemSet

_INNER = 1e-6  # a target's interval is this share of its sum narrower, for solvers calculate with floats


class Group(Enum):
    """Requirements that are looked at together when some are in conflict, the most general ones first."""

    ONCE = "an item is asked once"
    SETS = "sets"
    ENEMIES = "enemies"
    BLUEPRINT = "the blueprint's own"


@dataclass(frozen=True)
class Requirement:
    """``low <= sum(coefficients) <= high`` over variables.

    Attributes:
        words: what it asks, for people.
        scale: what the sum is divided by to give the figure that people know.
    """

    words: str
    coefficients: Mapping[int, float]
    low: float
    high: float
    group: Group = Group.BLUEPRINT
    scale: float = 1.0


@dataclass(frozen=True)
class Task:
    """A blueprint, the items that it may take, and what must hold of them."""

    blueprint: Blueprint
    items: Sequence[Item]
    requirements: Sequence[Requirement]

    @property
    def sections(self) -> int:
        """The number of sections."""
        return len(self.blueprint.sections)

    @property
    def variables(self) -> int:
        """The number of variables: section by section, in the order of the items."""
        return self.sections * len(self.items)


def task(bank: Bank, blueprint: Blueprint, parameters: Parameters) -> Task:
    """What has to be solved for one form.

    Raises:
        ParameterError: the blueprint has targets, and items lack what they need.
    """
    pilots = on_trial(bank) if any(section.pilots for section in blueprint.sections) else []
    items = sorted([*eligible(bank), *pilots], key=lambda item: item.ref)
    require_parameters(blueprint, filter(counts, items), parameters)
    rules = {name: set_rule(bank, name) for name in {item.set for item in items} if name}
    return Task(blueprint, items, tuple(_Maker(blueprint, items, parameters, rules).requirements()))


class _Maker:
    """Writes down the requirements of a blueprint over items."""

    def __init__(
        self, blueprint: Blueprint, items: Sequence[Item], parameters: Parameters, rules: Mapping[str, ItemSet]
    ) -> None:
        self._blueprint = blueprint
        self._items = items
        self._parameters = parameters
        self._rules = rules
        self._counting = [index for index, item in enumerate(items) if counts(item)]

    def requirements(self) -> Iterator[Requirement]:
        # A conflict is told by the later ones where it can be: what is most particular comes last.
        for number, section in enumerate(self._blueprint.sections):
            yield from self._of_section(number, section)
        yield from self._targets()
        if len(self._blueprint.sections) > 1:
            for index, item in enumerate(self._items):
                yield Requirement(f"{item.ref} is asked once", self._anywhere([index]), 0, 1, Group.ONCE)
        yield from self._enemies()
        yield from self._sets()

    def _of_section(self, number: int, section: Section) -> Iterator[Requirement]:
        name = f"section {section.id!r}"
        everything = Row()
        yield self._points(number, everything, f"{name} has {section.points} points", section.points)
        yield self._sum(number, everything, f"{name} has {section.count} items", section.count, section.count)
        yield from self._pilots(number, section)
        times = {self._at(number, index): item.minutes for index, item in enumerate(self._items)}
        words = f"{name}: the items' expected minutes stay within {section.budget}"
        yield Requirement(words, times, 0, float(section.budget))
        for place, row in enumerate(section.rows, 1):
            found = sum(fits(self._items[index], row) for index in self._counting)
            kind = f"{name}, row {place}: {described(row)} ({found} in the bank)"
            if row.count is not None:
                yield self._sum(number, row, f"{kind}: exactly {row.count}", row.count, row.count)
            if row.at_least is not None:
                yield self._sum(number, row, f"{kind}: at least {row.at_least}", row.at_least, len(self._items))
            if row.at_most is not None:
                yield self._sum(number, row, f"{kind}: at most {row.at_most}", 0, row.at_most)
            if row.points is not None:
                yield self._points(number, row, f"{kind}: {row.points} points", row.points)

    def _at(self, section: int, index: int) -> int:
        return section * len(self._items) + index

    def _anywhere(self, indices: Iterable[int]) -> dict[int, float]:
        sections = range(len(self._blueprint.sections))
        return {self._at(section, index): 1.0 for index in indices for section in sections}

    def _sum(self, number: int, row: Row, words: str, low: float, high: float) -> Requirement:
        fitting = {self._at(number, index): 1.0 for index in self._counting if fits(self._items[index], row)}
        return Requirement(words, fitting, low, high)

    def _points(self, number: int, row: Row, words: str, points: Decimal) -> Requirement:
        fitting = {
            self._at(number, index): float(self._items[index].points)
            for index in self._counting
            if fits(self._items[index], row)
        }
        return Requirement(words, fitting, float(points), float(points))

    def _pilots(self, number: int, section: Section) -> Iterator[Requirement]:
        trial = [index for index, item in enumerate(self._items) if not counts(item)]
        if trial or section.pilots:
            words = f"section {section.id!r} has {section.pilots} pilot items ({len(trial)} in the bank)"
            each = {self._at(number, index): 1.0 for index in trial}
            yield Requirement(words, each, section.pilots, section.pilots)

    def _targets(self) -> Iterator[Requirement]:
        known = {index: self._parameters.items.get(self._items[index].ref) for index in self._counting}
        if aim := self._blueprint.difficulty:
            parts = {
                index: float(self._items[index].points) * (each.difficulty or 0.0)
                for index, each in known.items()
                if each
            }
            words = f"the mean difficulty is {aim.mean} to within {aim.tolerance}"
            yield self._target(words, parts, (aim.mean, aim.tolerance), float(self._blueprint.points))
        for one in self._blueprint.information:
            parts = {index: information(each, one.theta) for index, each in known.items() if each}
            words = f"the information at ability {one.theta} is {one.value} to within {one.tolerance}"
            yield self._target(words, parts, (one.value, one.tolerance), 1.0)

    def _target(
        self, words: str, parts: Mapping[int, float], aim: tuple[Decimal, Decimal], scale: float
    ) -> Requirement:
        low, high = (scale * float(bound) for bound in (aim[0] - aim[1], aim[0] + aim[1]))
        inner = min(_INNER * max(1.0, abs(high)), (high - low) / 4)
        sections = range(len(self._blueprint.sections))
        each = {self._at(section, index): part for index, part in parts.items() for section in sections}
        return Requirement(words, each, low + inner, high - inner, scale=scale)

    def _enemies(self) -> Iterator[Requirement]:
        index = {item.ref: number for number, item in enumerate(self._items)}
        pairs = {tuple(sorted((item.ref, enemy))) for item in self._items for enemy in item.enemies if enemy in index}
        for one, two in sorted(pairs):
            yield Requirement(
                f"{one} and {two} are enemies", self._anywhere([index[one], index[two]]), 0, 1, Group.ENEMIES
            )

    def _sets(self) -> Iterator[Requirement]:
        members: dict[str, list[int]] = {}
        for index, item in enumerate(self._items):
            if name := item.set:
                members.setdefault(name, []).append(index)
        for name, indices in sorted(members.items()):
            rule = self._rules[name]
            if rule.at_most is not None:
                words = f"at most {rule.at_most} of the set {name} are asked"
                yield Requirement(words, self._anywhere(indices), 0, rule.at_most, Group.SETS)
            if rule.together:
                yield from self._together(name, indices)

    def _together(self, name: str, indices: Sequence[int]) -> Iterator[Requirement]:
        """Those of a set that count are asked together, in one section; a pilot of the set only with them."""
        counting = [index for index in indices if counts(self._items[index])]
        pairs = [(one, two, 0.0) for one, two in pairwise(counting)]
        pairs += [(counting[0], each, -1.0) for each in indices if counting and not counts(self._items[each])]
        for number in range(len(self._blueprint.sections)):
            for one, two, low in pairs:
                words = f"{self._items[one].ref} and {self._items[two].ref} are asked together (set {name})"
                both = {self._at(number, one): -1.0, self._at(number, two): 1.0}
                yield Requirement(words, both, low, 0, Group.SETS)
