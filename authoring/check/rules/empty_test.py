"""Autograded cells that test nothing a learner wrote.

Such a cell gives everybody the same points, whatever they handed in. A cell tests something if it uses a name that
an answer cell before it defines or changes, directly or through other cells, or a file name that an answer cell
mentions.
"""

from collections.abc import Iterator

from authoring import cells
from authoring.check.context import CheckedCell, CheckedNotebook, Context
from authoring.check.finding import Finding, Severity
from authoring.check.python_source import defined, texts, used

NAME = "empty-test"


def find(context: Context) -> Iterator[Finding]:
    """One finding for each autograded cell that depends on no answer."""
    for notebook in context.notebooks:
        if notebook.is_python:
            yield from _find(notebook)


def _find(notebook: CheckedNotebook) -> Iterator[Finding]:
    answers = 0
    names: set[str] = set()  # what depends on an answer
    mentioned: set[str] = set()  # texts in answers: names of files, columns
    for cell in notebook.cells:
        if cell.kind != "code":
            continue
        if cells.is_solution(cell.node):
            answers += 1
            if cell.tree is None:
                return  # not Python that we understand: nothing can be said about this notebook
            names |= defined(cell.tree)
            mentioned |= texts(cell.tree)
            continue
        if cells.is_test(cell.node):
            yield from _judge(cell, answers, names, mentioned)
        if cell.tree is not None and used(cell.tree) & names:
            names |= defined(cell.tree)


def _judge(cell: CheckedCell, answers: int, names: set[str], mentioned: set[str]) -> Iterator[Finding]:
    if not answers:
        mend = "Put the answer cell before its test, and mark it as an autograded answer."
        yield cell.place.finding(NAME, Severity.ERROR, "no answer cell comes before this test", mend)
    elif cell.tree is not None and not used(cell.tree) & names and not texts(cell.tree) & mentioned:
        message = "the test uses nothing that an answer cell before it defines or changes"
        mend = "Call the function, or read the variable, that the learner was asked for."
        yield cell.place.finding(NAME, Severity.ERROR, message, mend)
