"""What happens to notebooks on the way to the grader: each kind of damage as a function from good bytes to files."""

import copy
from collections.abc import Callable, Mapping

from nbformat import NotebookNode

from authoring import cells
from authoring.notebook_file import notebook_bytes

Files = dict[str, bytes]
Damage = Callable[[str, NotebookNode], Files]
"""From the name of the notebook's file and the notebook to the files that are handed in for it."""


def truncated(name: str, notebook: NotebookNode) -> Files:
    """The upload broke off."""
    data = notebook_bytes(notebook)
    return {name: data[: len(data) * 2 // 3]}


def deleted_test(name: str, notebook: NotebookNode) -> Files:
    """A test cell was deleted by mistake."""
    place = _first_test(notebook)
    return {name: notebook_bytes(_with_cells(notebook, notebook.cells[:place] + notebook.cells[place + 1 :]))}


def duplicated_cell(name: str, notebook: NotebookNode) -> Files:
    """A test cell was copied together with its id, which stops nbgrader's batch for the whole class."""
    place = _first_test(notebook)
    double = copy.deepcopy(notebook.cells[place])
    double["id"] = "copied-cell"
    return {name: notebook_bytes(_with_cells(notebook, [*notebook.cells[:place], double, *notebook.cells[place:]]))}


def retyped_cell(name: str, notebook: NotebookNode) -> Files:
    """A test cell became text: one wrong key in Jupyter."""
    place = _first_test(notebook)
    made = NotebookNode({key: notebook.cells[place][key] for key in ("id", "metadata", "source")})
    made["cell_type"] = "markdown"
    return {name: notebook_bytes(_with_cells(notebook, [*notebook.cells[:place], made, *notebook.cells[place + 1 :]]))}


def renamed_file(name: str, notebook: NotebookNode) -> Files:
    """The browser numbered the download."""
    return {name.replace(".ipynb", " (1).ipynb"): notebook_bytes(notebook)}


def no_notebook(name: str, notebook: NotebookNode) -> Files:  # noqa: ARG001  (as every damage is called)
    """The data were handed in, and the notebook was not."""
    return {}


DAMAGES: Mapping[str, Damage] = {
    "truncated": truncated,
    "duplicated-cell": duplicated_cell,
    "renamed-file": renamed_file,
    "deleted-test": deleted_test,
    "retyped-cell": retyped_cell,
    "no-notebook": no_notebook,
}


def _first_test(notebook: NotebookNode) -> int:
    return next(index for index, cell in enumerate(notebook.cells) if cells.is_test(cell))


def _with_cells(notebook: NotebookNode, changed: list[NotebookNode]) -> NotebookNode:
    made = copy.copy(notebook)
    made["cells"] = changed
    return made
