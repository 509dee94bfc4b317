"""What an author keeps from learners: the solutions, hidden tests and mark schemes of a notebook."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from authoring import cells
from authoring.check.context import CheckedCell

_REGIONS = {"SOLUTION": "solution", "HIDDEN TESTS": "hidden test", "MARK SCHEME": "mark scheme"}
_SHORTEST_LINE = 8  # shorter ones (`else:`, `return x`) say nothing about where they come from
_SHORTEST = 20  # letters of a secret that can be told from chance
_MOST = 0.75  # of a secret's lines


@dataclass(frozen=True, kw_only=True)
class Secret:
    """One region that learners must not see."""

    what: str
    cell: str
    lines: frozenset[str]  # those that can be recognised


def secrets(found: Iterable[CheckedCell]) -> Iterator[Secret]:
    """The secrets of the cells that are long enough to be recognised."""
    for cell in found:
        for what, text in _regions(cell):
            lines = frozenset(_lines(text))
            if sum(map(len, lines)) >= _SHORTEST:
                yield Secret(what=what, cell=str(cell.place.cell), lines=lines)


def is_left_in(secret: Secret, text: str) -> bool:
    """Whether most lines of the secret stand in ``text``, commented out or not."""
    return len(secret.lines & frozenset(_lines(text))) >= _MOST * len(secret.lines)


def strings(value: Any) -> Iterator[str]:
    """Every string in nested metadata; a list of strings is also one text of many lines."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        yield "\n".join(each for each in value if isinstance(each, str))
        for inner in value:
            yield from strings(inner)


def _regions(cell: CheckedCell) -> Iterator[tuple[str, str]]:
    """The marked regions, and the whole answer where a solution cell has no region of its own."""
    inside, has_solution = "", False
    lines: list[str] = []
    for line in cell.source.split("\n"):
        begins = next((what for mark, what in _REGIONS.items() if f"BEGIN {mark}" in line), "")
        if begins:
            inside, lines = begins, []
            has_solution = has_solution or begins == "solution"
        elif inside and "END " in line and any(f"END {mark}" in line for mark in _REGIONS):
            yield inside, "\n".join(lines)
            inside = ""
        elif inside:
            lines.append(line)
    if cells.is_solution(cell.node) and not has_solution:
        yield "solution", cell.source


def _lines(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        bare = " ".join(line.strip().lstrip("#").split())
        if len(bare) >= _SHORTEST_LINE:
            yield bare
