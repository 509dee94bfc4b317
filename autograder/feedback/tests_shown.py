"""What a learner may know of a test: the part that was released, and what became of it, without giving anything away.

1. Only the released text is shown. What the source has besides is hidden.
2. Of a test with a hidden part neither outputs nor tracebacks are shown: what the answer prints or raises there may
   tell what it was called with. Its message is shown when the line that failed is of the released part in front of it.
3. No text that quotes a hidden line is shown, wherever it comes from.
4. A comment ``# Hint: …`` in the hidden part is shown to those whom the test did not give full marks.
"""

import builtins
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape

from nbformat import NotebookNode

from authoring import cells
from autograder.record import CellGrade, CellOutcome
from autograder.source import Source

WITHHELD = "This output quotes a test that is not shown, so it is left out."

_HINT = re.compile(r"\s*#+\s*hint\s*:\s*(.+)", re.IGNORECASE)
_PLACE = re.compile(r"Cell In\[\d+\], line (\d+)")
_TAG = re.compile(r"<[^<>]*>")
_TELLING = 8  # characters of a hidden line without its blanks; shorter ones (`x = 1`) are quoted by chance


@dataclass(frozen=True)
class ShownTest:
    """A test as learners see it."""

    released: str
    hidden: tuple[str, ...] = ()  # lines that are not released
    released_lines: int = 0  # lines in front of the first hidden one, as they are in the source
    hints: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether learners can see all of it."""
        return not self.hidden


def shown_tests(source: Source, stem: str) -> dict[str, ShownTest]:
    """The tests of a notebook by grade id."""
    released = source.released[stem]
    return {
        name: _shown(cell.source, released.get(name, ""))
        for cell in source.notebooks[stem].cells
        if cells.is_test(cell) and (name := cells.grade_id(cell))
    }


def _shown(whole: str, released: str) -> ShownTest:
    rest = released.splitlines()
    hidden: list[str] = []
    in_front = 0
    for line in whole.splitlines():
        if rest and line == rest[0]:
            rest.pop(0)
            in_front += not hidden
        else:
            hidden.append(line)
    hints = tuple(found[1].strip() for line in hidden if (found := _HINT.match(line)))
    return ShownTest(released, tuple(hidden), in_front, hints)


class Secrets:
    """The hidden lines of an assignment: no text that quotes one is shown."""

    def __init__(self, tests: Iterable[ShownTest]) -> None:
        tests = list(tests)
        known = {_compact(line) for test in tests for line in test.released.splitlines()}
        lines = {_compact(line) for test in tests for line in test.hidden if not _HINT.match(line)}
        self._lines = sorted(line for line in lines - known if len(line) >= _TELLING)

    def in_text(self, text: str) -> bool:
        """Whether the text quotes a hidden line, whatever its blanks are, in plain text or in HTML."""
        if not self._lines or not text:
            return False
        read = _compact(unescape(text))
        marked_up = _compact(unescape(_TAG.sub("", text)))
        return any(line in read or line in marked_up for line in self._lines)


def _compact(text: str) -> str:
    return "".join(text.split())


def message(test: ShownTest, grade: CellGrade, outputs: Sequence[Mapping[str, object]], secrets: Secrets) -> str:
    """What the learner is told about a test that did not give full marks; empty for one that did."""
    if grade.outcome in {CellOutcome.PASSED, CellOutcome.MANUAL}:
        return ""
    if grade.outcome is CellOutcome.NOT_RUN:
        return grade.message or "This test was not reached."
    if secrets.in_text(grade.message):
        return _discreet(grade)
    if test.is_open:
        helped = any(secrets.in_text("\n".join(_traceback(output))) for output in outputs)
        return _discreet(grade) if helped else grade.message
    places = [place for output in outputs for place in _places(output)]
    return grade.message if len(places) == 1 and places[0] <= test.released_lines else _discreet(grade)


def failed_line(test: ShownTest, outputs: Sequence[Mapping[str, object]]) -> str:
    """The line of the test that failed, if it is a released one."""
    places = [place for output in outputs for place in _places(output)][:1]
    lines = test.released.splitlines()
    limit = len(lines) if test.is_open else test.released_lines
    return lines[places[0] - 1].strip() if places and 0 < places[0] <= limit else ""


def _places(output: Mapping[str, object]) -> Iterable[int]:
    """The lines of the notebook's own code that an error went through, outermost first."""
    return (int(found) for entry in _traceback(output) for found in _PLACE.findall(entry))


def _traceback(output: Mapping[str, object]) -> list[str]:
    entries = output.get("traceback")
    return [str(entry) for entry in entries] if isinstance(entries, list) else []


def _discreet(grade: CellGrade) -> str:
    part = "A part of this test that is not shown"
    match grade.outcome:
        case CellOutcome.PARTIAL:
            return f"{part} did not hold for everything."
        case CellOutcome.TIMEOUT:
            return f"{part} took too long."
        case CellOutcome.ERROR:
            name = grade.message.partition(":")[0]
            known = isinstance(getattr(builtins, name, None), type) and name.isidentifier()
            return f"{part} ended in an error{f' ({name})' if known else ''}."
        case _:
            return f"{part} did not hold."


def released_texts(student_version: NotebookNode) -> dict[str, str]:
    """The text of the author's cells as learners got it, by grade id."""
    return {name: cell.source for cell in student_version.cells if (name := cells.grade_id(cell))}
