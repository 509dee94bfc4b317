"""Cell ids that are missing or doubled.

A submission is matched with its source by ids. Jupyter gives new random ones where they are missing, each time it
saves, so that versions cannot be compared; of two cells with the same id, one is found in place of the other.
"""

from collections import Counter
from collections.abc import Iterator

from authoring.check.context import CheckedNotebook, Context, Place
from authoring.check.finding import Finding, Severity

NAME = "cell-id"


def find(context: Context) -> Iterator[Finding]:
    """One finding for a notebook without ids, and one for each id that occurs twice or more."""
    for notebook in context.notebooks:
        yield from _missing(notebook)
        ids = Counter(cell.node.get("id") for cell in notebook.cells if "id" in cell.node)
        for cell_id, times in ids.items():
            if times > 1:
                message = f"{times} cells have the id {cell_id}"
                mend = "Give each cell its own id: cut the copies and paste them again in JupyterLab."
                yield Place(file=notebook.file, cell=str(cell_id)).finding(NAME, Severity.ERROR, message, mend)


def _missing(notebook: CheckedNotebook) -> Iterator[Finding]:
    without = [cell.index + 1 for cell in notebook.cells if "id" not in cell.node]
    if without:
        which = (
            "no cell has an id" if len(without) == len(notebook.cells) else f"cells without an id: {_listed(without)}"
        )
        mend = "Open the notebook in JupyterLab and save it (format 4.5 or newer gives every cell an id)."
        yield notebook.place.finding(NAME, Severity.WARNING, which, mend)


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:10])) + (", …" if len(numbers) > 10 else "")
