"""Files that a notebook, or ``course.toml``, speaks of and that are not there.

The author's machine has them somewhere; the learner's and the grader's do not. Looked at are links and pictures in
Markdown, and literal file names in calls that read (``read_csv("bores.csv")``), relative to the notebook's folder.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from posixpath import normpath
from urllib.parse import unquote

from authoring.check.context import CheckedAssignment, CheckedCell, CheckedNotebook, Context
from authoring.check.finding import Finding, Severity
from authoring.check.python_source import calls, keyword, text_of
from authoring.check.text import links, pictures
from authoring.course import AssignmentKind

NAME = "missing-file"
_SCHEME = re.compile(r"(?i)[a-z][a-z0-9+.-]*:|//|#|$")
_READING = """
    read_csv read_table read_excel read_json read_parquet read_feather read_hdf read_pickle read_fwf read_xml scan_csv
    scan_parquet loadtxt genfromtxt fromfile imread loadmat open_dataset SVG Image Audio Video
"""
_WRITING = "to_csv to_excel to_json to_parquet savefig savetxt save savez write_csv imsave imwrite"
_READERS = frozenset(_READING.split())
_MODULE_READERS = frozenset({"np.load", "numpy.load", "open", "io.open", "style.use", "plt.style.use"})
_PATH_READERS = (".read_text", ".read_bytes", ".open")
_WRITERS = frozenset(_WRITING.split())
_NAMED = ("filepath_or_buffer", "path", "fname", "file", "filename", "io")


def find(context: Context) -> Iterator[Finding]:
    """Findings about ``course.toml``'s folders and blueprints, then about each cell."""
    yield from _in_course(context)
    for assignment in context.assignments:
        for notebook in assignment.notebooks:
            yield from _in_notebook(notebook, assignment)


def _in_course(context: Context) -> Iterator[Finding]:
    if context.course is None or not context.is_course or context.root is None:
        return
    place = context.course_place
    for entry in context.course.assignments:
        if entry.kind is AssignmentKind.EXAM:
            if not (context.root / str(entry.blueprint)).is_file():
                message = f"the blueprint {entry.blueprint} of {entry.id} is not there"
                yield place.finding(NAME, Severity.ERROR, message, "Write it, or correct `blueprint`.")
        elif not any((context.root / "source" / entry.id).glob("*.ipynb")):
            mend = f"Write source/{entry.id}/, or take the assignment out until it is written."
            yield place.finding(NAME, Severity.ERROR, f"{entry.id} has no notebook in source/{entry.id}/", mend)
    known = {entry.id for entry in context.course.assignments}
    for assignment in context.assignments:
        if assignment.id not in known:
            message = "course.toml does not know this assignment, so it is never released"
            mend = "Add it to its week in course.toml, or move it out of source/."
            yield assignment.place.finding(NAME, Severity.WARNING, message, mend)


def _in_notebook(notebook: CheckedNotebook, assignment: CheckedAssignment) -> Iterator[Finding]:
    written: set[str] = set()
    for cell in notebook.cells:
        mend = "Put the file into the assignment's folder, or correct its name (small and capital letters differ)."
        for target in _targets(cell):
            if not _is_there(target, cell, assignment):
                yield cell.place.finding(NAME, Severity.ERROR, f"there is no file {target}", mend)
        if cell.tree is not None:
            written |= set(_written(cell.tree))
            for name in _read(cell.tree):
                if name not in written and not _is_file(name, assignment):
                    yield cell.place.finding(NAME, Severity.ERROR, f"the code reads {name}, which is not there", mend)


def _targets(cell: CheckedCell) -> Iterator[str]:
    for target in (*links(cell.tokens), *(picture.target for picture in pictures(cell.tokens))):
        if target.startswith("attachment:") or not _SCHEME.match(target):
            yield unquote(target).partition("#")[0].partition("?")[0]


def _is_there(target: str, cell: CheckedCell, assignment: CheckedAssignment) -> bool:
    if target.startswith("attachment:"):
        return target.removeprefix("attachment:") in cell.node.get("attachments", {})
    return _is_file(target, assignment)


def _is_file(name: str, assignment: CheckedAssignment) -> bool:
    """Whether the file is in the assignment's folder, or in another assignment's beside it."""
    path = PurePosixPath(normpath(name))
    if path.is_absolute() or path.parts[:2] == ("..", ".."):
        return False
    return (assignment.folder / path).exists()


def _read(tree: ast.AST) -> Iterator[str]:
    for called, call in calls(tree):
        last = called.rpartition(".")[2]
        if called.endswith(_PATH_READERS) and isinstance(call.func, ast.Attribute):
            name = text_of(call.func.value) if isinstance(call.func.value, ast.Call) else None
            is_read = not (last == "open" and _writes(call, 0))
        else:
            name = _first(call)
            is_read = last in _READERS or (called in _MODULE_READERS and not _writes(call, 1))
            if last == "use":
                is_read = name is not None and name.endswith(".mplstyle")
        if is_read and name and not _SCHEME.match(name):
            yield name


def _written(tree: ast.AST) -> Iterator[str]:
    for called, call in calls(tree):
        last = called.rpartition(".")[2]
        if last in _WRITERS or (called in {"open", "io.open"} and _writes(call, 1)):
            yield from filter(None, [_first(call)])
        if last in {"write_text", "write_bytes"} and isinstance(call.func, ast.Attribute):
            yield from filter(None, [text_of(call.func.value)])


def _first(call: ast.Call) -> str | None:
    named = next((value for name in _NAMED if (value := keyword(call, name)) is not None), None)
    return text_of(call.args[0] if call.args else named)


def _writes(call: ast.Call, position: int) -> bool:
    mode = call.args[position] if len(call.args) > position else keyword(call, "mode")
    return mode is not None and any(letter in (text_of(mode) or "w") for letter in "wax+")
