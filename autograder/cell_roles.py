"""Which cell of a rebuilt notebook runs where.

1. Test cells run in the examiner, with the text of the source; those that only work in the learner's process, there.
2. All other code cells of the rebuilt notebook run in the workspace, the author's among them.
3. What tests need of the author's own code (imports, helpers) runs in the examiner as well, from the source's text,
   before the first answer or test that stands behind it in the source: whatever a learner does to it, tests have the
   author's, and what an answer makes of one of its names (``total = 2``, then ``total += 1``) comes after it.
"""

from collections.abc import Iterator, Mapping

from nbformat import NotebookNode

from authoring import cells
from autograder.engine.protocol import Cell, Role

_NO_NUMBER = -1  # of cells that nothing comes back of


def cells_to_run(
    template: NotebookNode, rebuilt: NotebookNode, released: Mapping[str, str], shared: frozenset[str]
) -> Iterator[Cell]:
    """The code cells of a notebook in the order in which they run.

    Args:
        template: the source's notebook, with hidden tests.
        rebuilt: the learner's, as :mod:`autograder.rebuild` made it.
        released: the text of each test that learners can see, by grade id.
        shared: grade ids of tests that run in the workspace.
    """
    preparation = _Preparation(template)
    for number, cell in enumerate(rebuilt.cells):
        if cell.cell_type != "code" or not cell.source.strip() or _is_skipped(cell):
            continue
        name = cells.grade_id(cell) or ""
        if name not in shared:
            yield from preparation.before(name)
        if not cells.is_test(cell):
            yield Cell(number=number, source=cell.source)
        elif name in shared:
            yield Cell(number=number, source=cell.source, role=Role.SHARED_TEST)
        else:
            yield Cell(number=number, source=cell.source, role=Role.TEST, released=released.get(name, ""))


def _is_skipped(cell: NotebookNode) -> bool:
    """Whether the author does not want a cell to run, as nbgrader has it; a test always runs."""
    return "skip-execution" in cell.metadata.get("tags", ()) and not cells.is_test(cell)


class _Preparation:
    """The author's own code cells of a source, each given out once."""

    def __init__(self, template: NotebookNode) -> None:
        self._waiting = [cell for cell in template.cells if cell.cell_type == "code"]

    def before(self, name: str) -> Iterator[Cell]:
        """Those in front of an answer or a test that were not given out yet."""
        if not name or not any(cells.grade_id(cell) == name and _is_asked_for(cell) for cell in self._waiting):
            return
        while not (_is_asked_for(cell := self._waiting.pop(0)) and cells.grade_id(cell) == name):
            if not _is_asked_for(cell) and cell.source.strip() and not _is_skipped(cell):
                yield Cell(number=_NO_NUMBER, source=cell.source, role=Role.AUTHOR)


def _is_asked_for(cell: NotebookNode) -> bool:
    """Whether a cell is an answer or a test, and no code that is given."""
    return cells.is_solution(cell) or cells.is_test(cell)
