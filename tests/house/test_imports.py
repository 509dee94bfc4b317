"""Who imports whom; import-linter has the direction (``make check``), here are the rest of the promises."""

import ast
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.parsed import nodes

PACKAGES = ("authoring", "exam_bank", "autograder", "release", "coursewright")
ONLY_DOOR_TO_NBGRADER = "authoring/nbgrader_api.py"
HEAVY = ("jupyter", "IPython", "ipykernel", "nbgrader", "nbformat", "nbconvert", "nbclient", "scipy", "pandas")
HEAVY_TO_VERIFY = (*HEAVY, "matplotlib", "numpy", "sqlalchemy")
HEAVY_TO_START = (*HEAVY_TO_VERIFY, "cryptography", "pyld", "jinja2", "rich", "yaml")


@cache
def imported_roots(path: Path) -> set[str]:
    roots: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            roots |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            roots.add(node.module.split(".")[0])
    return roots


def modules_after(statement: str) -> set[str]:
    program = f"import sys\n{statement}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


def heavy_among(modules: set[str], heavy: tuple[str, ...]) -> set[str]:
    return {module for module in modules if module in heavy or module.startswith("jupyter")}


@pytest.mark.integration  # it takes long
def test_one_module_alone_imports_nbgrader(repository, files):
    doors = [
        str(path)
        for path in files
        if path.suffix == ".py" and path.parts[0] in PACKAGES and "nbgrader" in imported_roots(repository / path)
    ]
    assert doors == [ONLY_DOOR_TO_NBGRADER]


def test_a_verifier_needs_no_jupyter_and_no_statistics():
    assert heavy_among(modules_after("import release.verify"), HEAVY_TO_VERIFY) == set()


def test_the_command_line_starts_light():
    assert heavy_among(modules_after("import coursewright.command_line"), HEAVY_TO_START) == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_by_itself_is_light(package):
    assert heavy_among(modules_after(f"import {package}"), HEAVY_TO_START) == set()


@pytest.mark.integration  # it takes long
def test_nothing_imports_the_command_line(repository, files):
    importers = [
        str(path)
        for path in files
        if path.suffix == ".py"
        and path.parts[0] in PACKAGES
        and path.parts[0] != "coursewright"
        and "coursewright" in imported_roots(repository / path)
    ]
    assert importers == []


@pytest.mark.integration  # it takes long
def test_every_library_that_is_imported_is_declared(repository, files):
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [text for texts in project["optional-dependencies"].values() for text in texts]
    declared = {canonicalize_name(Requirement(text).name) for text in (*project["dependencies"], *extras)}
    distributions = packages_distributions()
    undeclared = {
        f"{path}: {root}"
        for path in files
        if path.suffix == ".py" and path.parts[0] in PACKAGES
        for root in imported_roots(repository / path) - set(sys.stdlib_module_names) - set(PACKAGES)
        if not declared & {canonicalize_name(name) for name in distributions.get(root, [])}
    }
    assert undeclared == set()
