"""A notebook that was handed in as a script or as Markdown, in one of Jupytext's formats."""

import re
from pathlib import PurePosixPath

from authoring.notebook_file import NotebookError, notebook_bytes
from autograder.salvage.notebook import Salvaged, read_submitted

_MAX_BYTES = 2 * 1024 * 1024  # of text; learners write less
_HEADER = re.compile(rb"^(?:# )?(?:jupyter|jupytext):", re.MULTILINE)
_CELL = re.compile(rb"^# %%", re.MULTILINE)


def is_jupytext(name: str, data: bytes) -> bool:
    """Whether a file shows the marks that Jupytext leaves: its header, or the percent signs of its cells."""
    start = data[:4096]
    return _HEADER.search(start) is not None or (name.casefold().endswith(".py") and _CELL.search(data) is not None)


def read_jupytext(data: bytes, name: str) -> Salvaged:
    """The notebook in a text file.

    Raises:
        NotebookError: it cannot be converted.
    """
    if len(data) > _MAX_BYTES:
        raise NotebookError(name, "the text is too long for a notebook; ask the learner for the .ipynb file")
    import jupytext

    try:
        notebook = jupytext.reads(data.decode("utf-8-sig"), fmt=PurePosixPath(name).suffix)
    except Exception as error:  # it does not say what it may raise
        problem = f"the text cannot be converted to a notebook ({type(error).__name__}); ask for the .ipynb file"
        raise NotebookError(name, problem) from error
    return read_submitted(notebook_bytes(notebook), name)
