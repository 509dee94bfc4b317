"""Notebooks as bytes: read without trust, written the way Jupyter writes them.

What :func:`read_notebook` returns can be walked without a further look: ``cells`` is a list, every cell is a code,
Markdown or raw cell whose ``source`` is a string and whose ``metadata`` is a mapping, and every code cell has a list
of ``outputs`` that are mappings. Whether a notebook also keeps to every letter of its format is another question,
which :func:`format_faults` answers: a grader can live with a stray key, an author should know of it.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import nbjson

from authoring.errors import CoursewrightError
from authoring.notebook_text import notebook_text

MAX_BYTES = 32 * 1024 * 1024
MAX_CELLS = 5_000

# nbformat's own functions carry no types.
_convert: Callable[[NotebookNode, int], NotebookNode] = nbformat.convert
_read_any_format: Callable[[str], NotebookNode] = nbformat.reader.reads
_schema_errors: Callable[[dict[str, Any]], Iterator[Exception]] = nbformat.validator.iter_validate
_to_notebook: Callable[[dict[str, Any]], NotebookNode] = nbjson.to_notebook

_CELL_TYPES = ("code", "markdown", "raw")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class NotebookError(CoursewrightError):
    """A file that is not a notebook, or too large or too broken to be read as one.

    Attributes:
        name: the file, as it was named to the reader.
        problem: what is wrong, and how to mend it.
        place: the line or the cell, or "" for the whole file.
    """

    def __init__(self, name: str, problem: str, place: str = "") -> None:
        super().__init__(name, problem, place)
        self.name = name
        self.problem = problem
        self.place = place

    def __str__(self) -> str:
        return f"{self.name}{', ' + self.place if self.place else ''}: {self.problem}"


def read_notebook(data: bytes, name: str, *, max_bytes: int = MAX_BYTES) -> NotebookNode:
    """The notebook in ``data``, in major version 4 of its format.

    Cell ids are left as they are: missing and doubled ones stay missing and doubled.

    Args:
        data: the file's bytes; nothing about them is trusted.
        name: how errors call the file.
        max_bytes: a longer file is refused before it is parsed.

    Raises:
        NotebookError: it is not a notebook, or is larger than the limits allow.
    """
    if len(data) > max_bytes:
        raise NotebookError(
            name,
            f"the notebook has {_mib(len(data))}, at most {_mib(max_bytes)} are allowed; clear large outputs and save",
        )
    parsed = _parse(data, name)
    major = parsed.get("nbformat")
    if not isinstance(major, int) or isinstance(major, bool) or not isinstance(parsed.get("metadata", {}), dict):
        raise NotebookError(name, "this is JSON, but not a notebook: it has no `nbformat` number with `metadata`")
    if major > 4:
        raise NotebookError(name, f"the notebook has format {major}, and 4 is the newest known; save it as format 4")
    if major < 4:
        parsed = upgraded(parsed, name)
    _make_sound(parsed, name)
    try:
        return _to_notebook(parsed)
    except RecursionError as error:
        raise NotebookError(name, "the file is nested too deeply; save it from Jupyter") from error


def load_notebook(path: Path, name: str | None = None) -> NotebookNode:
    """The notebook in the file at ``path``, called ``name`` (or its path) in errors.

    Raises:
        NotebookError: there is no such file, or it is no notebook.
    """
    name = name or str(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise NotebookError(name, f"the file cannot be read ({error.strerror})") from error
    return read_notebook(data, name)


def notebook_bytes(notebook: NotebookNode) -> bytes:
    """The notebook as Jupyter saves it: sorted keys, one space of indentation, a newline at the end."""
    return notebook_text(notebook) + b"\n"


def format_faults(notebook: NotebookNode) -> tuple[str, ...]:
    """Where the notebook departs from the schema of its format, one sentence each; nothing is changed or repaired.

    Missing and doubled cell ids are no faults here.
    """
    faults = []
    for error in _schema_errors(_with_ids(notebook)):
        path = "/".join(str(part) for part in getattr(error, "relative_path", ()))
        text = str(error).strip().splitlines()[0] if str(error).strip() else "not valid"
        faults.append(f"{path}: {text}" if path else text)
    return tuple(dict.fromkeys(faults))


def upgraded(parsed: dict[str, Any], name: str) -> NotebookNode:
    """An old notebook in format 4. Its new cell ids count the cells, so that reading twice gives the same.

    Raises:
        NotebookError: it is too broken to be converted.
    """
    try:
        _limit_headings(parsed)
        notebook = _convert(_read_any_format(json.dumps(parsed)), 4)
        for index, cell in enumerate(notebook.cells):
            cell["id"] = f"cell-{index}"
    except Exception as error:  # nbformat trusts what it reads
        shown = str(parsed["nbformat"])[:20]
        problem = f"the notebook has format {shown} and cannot be converted to 4; save it from Jupyter"
        raise NotebookError(name, problem) from error
    return notebook


def _limit_headings(parsed: dict[str, Any]) -> None:
    """A heading becomes as many ``#`` as its level says, and that may be a number without end."""
    for sheet in parsed["worksheets"]:
        for cell in sheet.get("cells", ()):
            if "level" in cell and cell["level"] not in range(1, 7):
                cell["level"] = 1


def _with_ids(notebook: NotebookNode) -> dict[str, Any]:
    """The notebook with a valid id on every cell that lacks one, if its format has ids."""
    if notebook.get("nbformat_minor", 0) < 5:
        return dict(notebook)
    cells = [{"id": f"cell-{index}", **cell} for index, cell in enumerate(notebook["cells"])]
    return {**notebook, "cells": cells}


def _parse(data: bytes, name: str) -> dict[str, Any]:
    try:
        text = data.decode("utf-8-sig")
        parsed = json.loads(text)
        if _SURROGATE.search(text):
            json.dumps(parsed, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise NotebookError(
            name, f"the file is not text in UTF-8 (byte {error.start + 1}); save it from Jupyter"
        ) from error
    except UnicodeEncodeError as error:
        raise NotebookError(name, "the file holds half a character (a lone surrogate); save it from Jupyter") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise NotebookError(name, f"the file is not JSON ({error.msg}); save it from Jupyter", place) from error
    except (RecursionError, ValueError) as error:
        raise NotebookError(name, "the file is nested too deeply or holds a number that is too long") from error
    if not isinstance(parsed, dict):
        raise NotebookError(name, "this is JSON, but not a notebook; save it from Jupyter")
    return parsed


def _make_sound(parsed: dict[str, Any], name: str) -> None:
    """Fill in what a cell may lack without a loss, and refuse what cannot be read as a cell."""
    cells = parsed.get("cells")
    if not isinstance(cells, list):
        raise NotebookError(name, "the notebook has no list of cells; save it from Jupyter")
    if len(cells) > MAX_CELLS:
        raise NotebookError(name, f"the notebook has {len(cells)} cells and at most {MAX_CELLS} are allowed")
    parsed.setdefault("metadata", {})
    if not isinstance(parsed.setdefault("nbformat_minor", 0), int):
        raise NotebookError(name, "`nbformat_minor` is not a number; save it from Jupyter")
    for number, cell in enumerate(cells, start=1):
        for fault in _cell_faults(cell):
            raise NotebookError(name, fault, f"cell {number}")


def _cell_faults(cell: object) -> Iterator[str]:
    if not isinstance(cell, dict) or cell.get("cell_type") not in _CELL_TYPES:
        yield "this is neither a code nor a Markdown nor a raw cell"
        return
    if not _is_text(cell.setdefault("source", "")):
        yield "the cell's source is not text"
    if not isinstance(cell.setdefault("metadata", {}), dict):
        yield "the cell's metadata is not a table of keys"
    attachments = cell.get("attachments", {})
    if not isinstance(attachments, dict) or not all(isinstance(bundle, dict) for bundle in attachments.values()):
        yield "the cell's attachments are not a table of files"
    if cell["cell_type"] == "code":
        cell.setdefault("execution_count", None)
        cell.setdefault("outputs", [])
    outputs = cell.get("outputs", [])
    if not isinstance(outputs, list) or not all(_is_output(output) for output in outputs):
        yield "the cell's outputs are not a list of outputs"


def _is_output(output: object) -> bool:
    return (
        isinstance(output, dict)
        and isinstance(output.get("output_type"), str)
        and isinstance(output.get("data", {}), dict)
        and _is_text(output.get("text", ""))
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(line, str) for line in value))


def _mib(size: int) -> str:
    return f"{size / 1024**2:.1f} MiB"
