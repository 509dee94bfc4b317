"""Modules and functions stay small enough to be read."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.parsed import nodes

MODULE_LINES = 600
FUNCTION_LINES = 60


def python_files(files: list[Path]) -> list[Path]:
    return [path for path in files if path.suffix == ".py" and path.parts[0] != "courses"]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1


def test_no_module_is_too_long(repository, files):
    long = {
        str(path): lines
        for path in python_files(files)
        if (lines := len((repository / path).read_text(encoding="utf-8").splitlines())) > MODULE_LINES
    }
    assert long == {}


@pytest.mark.integration  # it takes long
def test_no_function_is_too_long(repository, files):
    long = {
        f"{path}: {name}": lines
        for path in python_files(files)
        for name, lines in functions(repository / path)
        if lines > FUNCTION_LINES
    }
    assert long == {}


def test_no_module_is_a_drawer_for_everything(files):
    drawers = {"utils.py", "util.py", "helpers.py", "misc.py", "common.py"}
    assert [str(path) for path in python_files(files) if path.name in drawers] == []
