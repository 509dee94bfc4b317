"""Headings that skip a level.

Screen readers and JupyterLab's table of contents go by levels; one that is chosen for its size breaks both.
"""

from collections.abc import Iterator

from authoring.check.context import CheckedNotebook, Context
from authoring.check.finding import Finding, Severity
from authoring.check.text import headings

NAME = "heading-levels"


def find(context: Context) -> Iterator[Finding]:
    """One finding for each heading that is more than one level below the one before it (the first must be level 1)."""
    for notebook in context.notebooks:
        yield from _find(notebook)


def _find(notebook: CheckedNotebook) -> Iterator[Finding]:
    level = 0
    for cell in notebook.cells:
        for heading in headings(cell.tokens):
            if heading.level > level + 1:
                after = f"after one of level {level}" if level else "and is the first of the notebook"
                message = f'the heading "{heading.text}" has level {heading.level} {after}'
                mend = f"Write it with {'#' * (level + 1)}, or put in the heading that is missing above it."
                yield cell.place.finding(NAME, Severity.WARNING, message, mend)
            level = heading.level
