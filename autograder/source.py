"""The author's side of an assignment: templates with the hidden tests in them, and the files beside them."""

import ast
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from nbformat import NotebookNode

from authoring import cells, nbgrader_api
from authoring.build import source_notebooks
from authoring.nbgrader_api import NbgraderCourse
from authoring.notebook_file import load_notebook, read_notebook
from autograder.engine.protocol import Kernel
from autograder.kernels.specs import find, kernel_name

_MAGICS = re.compile(r"^[%!].*$", re.MULTILINE)


@dataclass(frozen=True)
class Source:
    """What submissions of one assignment are graded against."""

    assignment: str
    notebooks: Mapping[str, NotebookNode]  # by file stem: solutions cleared, hidden tests in place
    reference: Mapping[str, NotebookNode]  # by file stem: as the author wrote them
    released: Mapping[str, Mapping[str, str]]  # by file stem and grade id: the text of tests that learners can see
    files: Mapping[str, bytes]  # by relative path with "/"
    hash: str  # "sha256:…" of everything above
    shared: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by file stem: tests that run with the answers

    @cached_property
    def kernels(self) -> Mapping[str, str]:
        """The kernels' names of the notebooks that are not Python, by file stem."""
        names = {stem: kernel_name(notebook) for stem, notebook in self.reference.items()}
        return {stem: name for stem, name in names.items() if name is not None}

    @cached_property
    def kernel_specs(self) -> Mapping[str, Kernel]:
        """What these kernels are, by file stem.

        Raises:
            CoursewrightError: one of them is not installed.
        """
        return {stem: find(name) for stem, name in self.kernels.items()}

    @cached_property
    def max_score(self) -> float:
        """The points of all cells."""
        return sum(cells.points(cell) for notebook in self.notebooks.values() for cell in notebook.cells)

    @cached_property
    def imports(self) -> tuple[str, ...]:
        """The modules that the author's code imports, sorted; what the engine warms up with."""
        names: set[str] = set()
        for stem, notebook in self.reference.items():
            if stem in self.kernels:
                names.add("autograder.kernels.driver")
                continue
            for cell in notebook.cells:
                if cell.cell_type == "code":
                    names |= _imports(cell.source)
        own = {Path(name).stem for name in self.files} | {Path(name).parts[0] for name in self.files}
        return tuple(sorted(name for name in names if name.split(".")[0] not in own))


def load_source(course: NbgraderCourse, folder: Path) -> Source:
    """The source of the assignment in a folder.

    Raises:
        CoursewrightError: it holds no notebook, or one that cannot be used.
    """
    paths = source_notebooks(folder)
    templates = {path.stem: nbgrader_api.template(course, path).encode() for path in paths}
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in nbgrader_api.supporting_files(course, folder)
    }
    return Source(
        assignment=folder.name,
        notebooks={stem: read_notebook(data, f"{folder}/{stem}.ipynb") for stem, data in templates.items()},
        reference={path.stem: load_notebook(path) for path in paths},
        released={path.stem: _released(course, path) for path in paths},
        files=files,
        hash=content_hash({f"{stem}.ipynb": data for stem, data in templates.items()} | files),
    )


def _released(course: NbgraderCourse, path: Path) -> Mapping[str, str]:
    student = read_notebook(nbgrader_api.student_version(course, path).encode(), str(path))
    return {cells.grade_id(cell) or "": cell.source for cell in student.cells if cells.is_test(cell)}


def content_hash(files: Mapping[str, bytes]) -> str:
    """``sha256:…`` over names and contents, the same whatever the order."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode("utf-8", "surrogateescape"), files[name]):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return "sha256:" + digest.hexdigest()


def _imports(source: str) -> set[str]:
    try:
        tree = ast.parse(_MAGICS.sub("", source))
    except (SyntaxError, ValueError):  # whatever it imports is then imported when it runs
        return set()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            # what is taken from a package may be a module of its own (from scipy import stats); the rest is not found
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names if alias.name != "*")}
    return names
