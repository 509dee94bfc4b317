"""Which submitted cell is which cell of the template, where grade ids were lost.

Some tools write notebooks without nbgrader's metadata, learners copy their work into fresh cells, merge cells, and hand
in what they wrote for last year's version. A cell that claims no id of the assignment is recognised

1. an answer by the cell's own id, which Jupyter keeps with it,
2. by its text, when no other cell has it: tests, explanations, untouched answers,
3. between two cells that are known, when nothing else can stand there: an answer by the names that it defines, then
   by being the only one, then by the order when there are as many cells as answers.

Locked cells are never recognised by their place alone, for their text is replaced by the author's.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nbformat import NotebookNode

from authoring import cells

_RANDOM_ID = re.compile(r"(?!cell-)[a-zA-Z0-9_-]{8,64}")  # others may be numbers: where a cell stood, not which it is
_DEFINED = re.compile(r"^(?:async\s+)?(?:def|class)\s+(\w+)|^(\w+)[ \t]*(?::[^=\n]+)?=(?!=)", re.MULTILINE)


@dataclass(frozen=True)
class Identified:
    """What was found out."""

    names: Mapping[int, str] = field(default_factory=dict)  # grade ids by position in the submission
    merged: Mapping[str, tuple[int, str, bool]] = field(default_factory=dict)
    """Answers that were found in a locked cell: its position, the answer's text, and whether it stood in front."""


def identified(template: NotebookNode, submitted: Sequence[NotebookNode], released: Mapping[str, str]) -> Identified:
    """Recognise the cells that claim no id of the template.

    Args:
        template: the assignment's notebook, with hidden tests.
        submitted: the learner's cells, of the right shape.
        released: the text of tests as learners were given it, by grade id.
    """
    if grade_ids(template.cells) <= grade_ids(submitted):
        return Identified()
    search = _Search(template, submitted, released)
    search.by_cell_id()
    search.by_text()
    search.by_place()
    return Identified(search.found, dict(search.merged()))


class _Search:
    """Pairs of cells, of the template and of the submission, by their positions."""

    def __init__(self, template: NotebookNode, submitted: Sequence[NotebookNode], released: Mapping[str, str]) -> None:
        self._theirs = template.cells
        self._mine = submitted
        self._texts = [_texts(cell, released) for cell in template.cells]
        self._pairs: dict[int, int] = {}  # from the template to the submission
        self.found: dict[int, str] = {}
        positions = {name: index for index, cell in enumerate(template.cells) if (name := cells.grade_id(cell))}
        self._free: list[int] = []
        for index, cell in enumerate(submitted):
            claimed = positions.get(cells.grade_id(cell) or "")
            if claimed is None:
                self._free.append(index)
            else:
                self._pairs[claimed] = index  # the last one counts

    def _pair(self, theirs: int, mine: int) -> None:
        self._pairs[theirs] = mine
        self._free.remove(mine)
        if name := cells.grade_id(self._theirs[theirs]):
            self.found[mine] = name

    def _wanted(self) -> list[int]:
        return [index for index in range(len(self._theirs)) if index not in self._pairs]

    def by_cell_id(self) -> None:
        mine = {self._mine[index].get("id", ""): index for index in self._free}
        ids = Counter(cell.get("id", "") for cell in self._mine)
        for theirs in self._wanted():
            identity = self._theirs[theirs].get("id", "")
            if (
                identity in mine
                and ids[identity] == 1
                and _RANDOM_ID.fullmatch(identity)
                and self._is_answer(theirs)
                and self._mine[mine[identity]].cell_type == self._theirs[theirs].cell_type
            ):
                self._pair(theirs, mine.pop(identity))

    def by_text(self) -> None:
        """Texts that one cell of the template and one free cell have."""
        wanted = self._wanted()
        known = Counter(text for theirs in wanted for text in self._texts[theirs])
        mine = Counter(_even(self._mine[index].source) for index in self._free)
        places = {_even(self._mine[index].source): index for index in self._free}
        for theirs in wanted:
            for text in self._texts[theirs]:
                if text and known[text] == mine[text] == 1:
                    self._pair(theirs, places[text])
                    break

    def by_place(self) -> None:
        for between, free in list(self._gaps()):
            self._same_texts_in_order(between, free)
            for theirs in self._answers(between):
                named = [mine for mine in self._left(free) if self._defines_the_same(theirs, mine)]
                if len(named) == 1:
                    self._pair(theirs, named[0])
            for kinds in (("code",), ("markdown", "raw")):
                answers = [theirs for theirs in self._answers(between) if self._theirs[theirs].cell_type in kinds]
                there = [mine for mine in self._left(free) if self._mine[mine].cell_type in kinds]
                if len(answers) == len(there):
                    for theirs, mine in zip(answers, there, strict=True):
                        self._pair(theirs, mine)

    def _answers(self, between: Sequence[int]) -> list[int]:
        return [theirs for theirs in between if theirs not in self._pairs and self._is_answer(theirs)]

    def _left(self, free: Sequence[int]) -> list[int]:
        return [mine for mine in free if mine in self._free and self._mine[mine].source.strip()]

    def _is_answer(self, theirs: int) -> bool:
        cell = self._theirs[theirs]
        return bool(cells.grade_id(cell)) and not cells.is_locked(cell) and not cells.is_task(cell)

    def _gaps(self) -> Iterator[tuple[list[int], list[int]]]:
        """Cells of the template that are not found yet, and free cells, between two pairs that keep their order."""
        known = [*_increasing(sorted(self._pairs.items())), (len(self._theirs), len(self._mine))]
        before = (-1, -1)
        for pair in known:
            between = [index for index in range(before[0] + 1, pair[0]) if index not in self._pairs]
            free = [index for index in self._free if before[1] < index < pair[1]]
            if between and free:
                yield between, free
            before = pair

    def _same_texts_in_order(self, between: Sequence[int], free: Sequence[int]) -> None:
        start = 0
        for theirs in between:
            for position in range(start, len(free)):
                text = _even(self._mine[free[position]].source)
                if text and text in self._texts[theirs]:
                    self._pair(theirs, free[position])
                    start = position + 1
                    break

    def _defines_the_same(self, theirs: int, mine: int) -> bool:
        original, cell = self._theirs[theirs], self._mine[mine]
        if original.cell_type != "code" or cell.cell_type != "code":
            return False
        return bool(_defined(original.source) & _defined(cell.source))

    def merged(self) -> Iterator[tuple[str, tuple[int, str, bool]]]:
        """Answers that are gone, and whose text stands in a locked cell in front of or behind them."""
        named = [index for index, cell in enumerate(self._theirs) if cells.grade_id(cell)]
        for place, theirs in enumerate(named):
            if theirs in self._pairs or not self._is_answer(theirs):
                continue
            neighbours = [*named[max(place - 1, 0) : place], *named[place + 1 : place + 2]]
            rests = [
                (self._pairs[other], *rest)
                for other in neighbours
                if other in self._pairs and cells.is_locked(self._theirs[other]) and (rest := self._rest(other))
            ]
            if len(rests) == 1:
                yield cells.grade_id(self._theirs[theirs]) or "", rests[0]

    def _rest(self, theirs: int) -> tuple[str, bool] | None:
        """What a locked cell holds besides its own text, and whether that stands in front."""
        text = _even(self._mine[self._pairs[theirs]].source)
        for own in self._texts[theirs]:
            if own and text != own and text.endswith("\n" + own):
                return text.removesuffix(own).strip("\n"), True
            if own and text != own and text.startswith(own + "\n"):
                return text.removeprefix(own).strip("\n"), False
        return None


def grade_ids(listed: Iterable[NotebookNode]) -> frozenset[str]:
    """The grade ids that cells claim."""
    return frozenset(name for cell in listed if (name := cells.grade_id(cell)))


def _texts(cell: NotebookNode, released: Mapping[str, str]) -> tuple[str, ...]:
    """A cell's text as the author has it and, without hidden tests, as learners were given it."""
    own = _even(cell.source)
    given = _even(released.get(cells.grade_id(cell) or "", cell.source))
    return (own,) if own == given else (given, own)


def _even(text: str) -> str:
    """A text without what tools change: ends of lines, blanks at them, empty lines around it."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def _defined(source: str) -> frozenset[str]:
    """The names that code binds at its top level, as far as its lines show (a parser can be made to crash)."""
    return frozenset(name for found in _DEFINED.findall(source) for name in found if name)


def _increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of the pairs whose second numbers increase, too."""
    best: list[list[tuple[int, int]]] = []
    for pair in pairs:
        longest = max((chain for chain in best if chain[-1][1] < pair[1]), key=len, default=[])
        best.append([*longest, pair])
    return max(best, key=len, default=[])
