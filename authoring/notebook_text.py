"""Notebooks as JSON text, byte for byte as nbformat writes it, in a twentieth of the time.

A grader writes one for every submission. nbformat copies the notebook first and then writes it with an encoder in
Python, since the standard library's fast one does not indent. What that encoder and the fast one here could write
differently (numbers with a fraction, integers of more than 64 bits, anything that is not JSON) is left to nbformat.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from nbformat import NotebookNode
from nbformat.v4 import nbjson

_TRANSIENT = frozenset({"orig_nbformat", "orig_nbformat_minor", "signature"})
_SPLIT = frozenset({"application/javascript", "image/svg+xml"})
_LARGEST = 1 << 63


def notebook_text(notebook: NotebookNode) -> bytes:
    """The notebook in UTF-8, without a newline at the end."""
    tree = {
        **notebook,
        "metadata": {key: value for key, value in notebook["metadata"].items() if key not in _TRANSIENT},
        "cells": [_cell(cell) for cell in notebook["cells"]],
    }
    if not _is_simple(tree):
        text: str = nbjson.writes(notebook)
        return text.encode()
    return msgspec.json.format(msgspec.json.encode(tree, order="sorted"), indent=1)


def _cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    """The cell with its texts in lines."""
    found = dict(cell)
    source = cell.get("source")
    if isinstance(source, str):
        found["source"] = source.splitlines(keepends=True)
    if "trusted" in cell["metadata"]:
        found["metadata"] = {key: value for key, value in cell["metadata"].items() if key != "trusted"}
    if "attachments" in cell:
        found["attachments"] = {name: _bundle(data) for name, data in cell["attachments"].items()}
    if cell["cell_type"] == "code":
        found["outputs"] = [_output(output) for output in cell["outputs"]]
    return found


def _output(output: Mapping[str, Any]) -> Mapping[str, Any]:
    kind = output["output_type"]
    if kind in {"execute_result", "display_data"} and "data" in output:
        return {**output, "data": _bundle(output["data"])}
    if kind == "stream" and isinstance(output["text"], str):
        return {**output, "text": output["text"].splitlines(keepends=True)}
    return output


def _bundle(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        mime: value.splitlines(keepends=True)
        if isinstance(value, str) and (mime.startswith("text/") or mime in _SPLIT)
        else value
        for mime, value in data.items()
    }


def _is_simple(value: object) -> bool:
    """Whether both encoders write the same of a value."""
    if isinstance(value, dict):
        return all(type(key) is str and _is_simple(item) for key, item in value.items())
    if isinstance(value, list):
        return all(_is_simple(item) for item in value)
    if type(value) is int:
        return -_LARGEST <= value < _LARGEST
    return value is None or type(value) in {str, bool}
