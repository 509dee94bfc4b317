"""Solutions, hidden tests, keys and the author's outputs that are left in the student version.

What learners can read is read, by one of them within the hour. The rule looks at the student notebooks as they are
built: sources, outputs, metadata and attachments, and at the names of the files that go with them. A solution
counts as left if most of its lines stand together in one place, so that an everyday line in a worked example is no
alarm.
"""

import re
from collections.abc import Iterator

from authoring.check.author_only import Secret, is_left_in, secrets, strings
from authoring.check.context import CheckedAssignment, CheckedCell, CheckedNotebook, Context, Place
from authoring.check.finding import Finding, Severity

NAME = "left-in-student-version"
# nbgrader takes the markers that it knows out, with what they enclose; what is left is misspelt and encloses nothing.
_MARKER = re.compile(
    r"(?im)^\W*((?:begin|start|end)[ _-]+(?:solutions?|answers?|hidden[ _-]*tests?|mark(?:ing)?[ _-]*scheme))\W*$"
)
_KEYS = frozenset({"key", "feedback", "solution", "answer", "accept", "correct", "rubric", "hidden_tests", "samples"})
_TELLING_FILE = re.compile(
    r"(?i)(?:^|[/_. -])(?:solutions?|answer[_-]?keys?|hidden[_-]?tests?|mark[_-]?scheme)(?:[/_. -]|$)"
)


def find(context: Context) -> Iterator[Finding]:
    """Findings about each cell of each student version, about notebook metadata, and about files."""
    for assignment in context.assignments:
        hidden = tuple(secret for notebook in assignment.notebooks for secret in secrets(notebook.cells))
        for notebook in assignment.student:
            for cell in notebook.cells:
                yield from _in_cell(cell, hidden)
            yield from _in_metadata(notebook, hidden)
        if assignment.student:
            yield from _files(assignment)


def _in_cell(cell: CheckedCell, hidden: tuple[Secret, ...]) -> Iterator[Finding]:
    if marker := _MARKER.search(cell.source):
        mend = "Write it as nbgrader knows it: BEGIN and END, then SOLUTION, HIDDEN TESTS or MARK SCHEME."
        yield _left(cell.place, f'the marker "{marker.group(1)}"', mend)
    if cell.node.get("outputs"):
        yield _left(cell.place, "the author's output", "Clear the cell's output and save.")
    for secret in hidden:
        mend = f"Remove it there, or put it between the markers of a {secret.what}."
        if is_left_in(secret, cell.source):
            yield _left(cell.place, f"the {secret.what} of {secret.cell} (in the text of the cell)", mend)
        elif any(is_left_in(secret, text) for text in strings(cell.node["metadata"])):
            yield _left(cell.place, f"the {secret.what} of {secret.cell} (in the cell's metadata)", "Remove it there.")
    for name in cell.node.get("attachments", {}):
        if f"attachment:{name}" not in cell.source:
            yield _left(cell.place, f"the attachment {name}, which nothing shows", "Remove it from the source cell.")
    yield from _item_key(cell)


def _item_key(cell: CheckedCell) -> Iterator[Finding]:
    """The key of an item that counts; a concept check answers at once and may carry its own."""
    own = cell.node["metadata"].get("coursewright", {})
    item = own.get("item", {}) if isinstance(own, dict) else {}
    if isinstance(item, dict) and item.get("role", "concept-check") != "concept-check":
        for key in sorted(_KEYS & item.keys()):
            yield _left(cell.place, f"the item's `{key}` (in the cell's metadata)", "Run `coursewright items embed`.")


def _in_metadata(notebook: CheckedNotebook, hidden: tuple[Secret, ...]) -> Iterator[Finding]:
    texts = tuple(strings(notebook.node["metadata"]))
    for secret in hidden:
        if any(is_left_in(secret, text) for text in texts):
            yield _left(
                notebook.place, f"the {secret.what} of {secret.cell} (in the notebook's metadata)", "Remove it there."
            )


def _files(assignment: CheckedAssignment) -> Iterator[Finding]:
    names = {notebook.file.rpartition("/")[2] for notebook in assignment.student} if assignment.is_whole else set()
    for name in sorted(assignment.files | names):
        if _TELLING_FILE.search(name):
            mend = "Move it out of the assignment's folder: everything in there is released."
            yield _left(assignment.place, f"the file {name}, going by its name", mend)


def _left(place: Place, what: str, mend: str) -> Finding:
    return place.finding(NAME, Severity.ERROR, f"the student version has {what}", mend)
