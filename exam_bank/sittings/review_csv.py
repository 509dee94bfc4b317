"""Reviews in a CSV file of the proctor's: each row a message, each bad row told with its line.

The columns are ``key,sitting,decision,reviewer,decided_at,note``, in any order. Others may stand beside them and are
not read: a file's ``passed``, ``score`` or ``date`` is nothing that an exam's result could be made of.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from authoring.csv_file import CsvError, read_text
from authoring.errors import CoursewrightError
from exam_bank.sittings.events import Decision
from exam_bank.sittings.proctor import KEY, SITTING, ReviewMessage

COLUMNS = ("key", "sitting", "decision", "reviewer", "decided_at", "note")
MAX_BYTES = 16 * 1024 * 1024
_DECISIONS = {each.value.replace("_", "-"): each for each in Decision}
_PASSED = {"pass", "passed", "fail", "failed", "true", "false", "yes", "no", "1", "0"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a value begins that a spreadsheet would run


@dataclass(frozen=True)
class ReviewFile:
    """A file that was read.

    Attributes:
        messages: the rows that can be used, by line.
        problems: what is wrong with the others.
        ignored: the columns that were not read.
    """

    messages: Mapping[int, ReviewMessage]
    problems: tuple[CsvError, ...]
    ignored: tuple[str, ...]
    source: str = "csv"

    def __iter__(self) -> Iterator[ReviewMessage]:
        """The messages, the oldest decision first: many an export begins with the newest."""
        return iter(sorted(self.messages.values(), key=lambda each: each.said_at))


def read_reviews(path: Path) -> ReviewFile:
    """Every review of a file.

    Raises:
        CoursewrightError: the file cannot be read, is not CSV in UTF-8, or a column is missing. A row that cannot be
            used is no reason to leave the others out, and stands in ``problems``.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise CoursewrightError(f"{path}: the file cannot be read ({error.strerror}).") from error
    if size > MAX_BYTES:
        raise CoursewrightError(f"{path}: the file is larger than 16 MiB; split it.")
    return parse_reviews(read_text(path), file=str(path))


def parse_reviews(text: str, *, file: str) -> ReviewFile:
    """As :func:`read_reviews`, for a text; ``file`` is what errors call it."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: dict[int, ReviewMessage] = {}
    problems: list[CsvError] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, file)
        line = reader.line_num + 1
        for values in reader:
            if any(value.strip() for value in values):
                try:
                    found[line] = _message(_Row(file, line, header, values))
                except CsvError as error:
                    problems.append(error)
            line = reader.line_num + 1
    except csv.Error as error:
        raise CoursewrightError(f"{file}: line {reader.line_num}: this is not CSV: {error}.") from error
    return ReviewFile(found, tuple(problems), tuple(name for name in header if name not in COLUMNS))


def _check_header(header: list[str], file: str) -> None:
    if missing := [name for name in COLUMNS if name not in header]:
        raise ReviewCsvError(file, 1, "", f"the column {missing[0]!r} is missing: expected {','.join(COLUMNS)}")
    if doubled := [name for name in COLUMNS if header.count(name) > 1]:
        raise ReviewCsvError(file, 1, doubled[0], "the column is there twice; delete one")


class ReviewCsvError(CsvError):
    """As its parent, and names the line of the file: a note may be longer than a row of a spreadsheet."""

    def __str__(self) -> str:
        """The sentence."""
        return f"{self.file}: line {self.row}{f', column {self.column}' if self.column else ''}: {self.problem}."


class _Row:
    """The values of one row, each read as what its column holds."""

    def __init__(self, file: str, line: int, header: list[str], values: list[str]) -> None:
        self.file, self.line = file, line
        if len(values) != len(header):
            raise ReviewCsvError(file, line, "", f"expected {len(header)} values, got {len(values)}")
        self._values = dict(zip(header, values, strict=True))

    def wrong(self, column: str, problem: str) -> ReviewCsvError:
        return ReviewCsvError(self.file, self.line, column, problem)

    def __getitem__(self, column: str) -> str:
        value = self._values[column]
        if value.startswith(_FORMULA) or value.lstrip().startswith(_FORMULA):
            problem = f"a spreadsheet would run {value.strip()[:40]!r}; begin it with a letter or a digit"
            raise self.wrong(column, problem)
        if any(not each.isprintable() and each not in "\r\n\t" for each in value):
            raise self.wrong(column, "it holds a character that cannot be printed; delete it")
        return value.strip()


def _message(row: _Row) -> ReviewMessage:
    return ReviewMessage(
        key=_matching(row, "key", KEY, "the proctor's own number of the message"),
        sitting=_matching(row, "sitting", SITTING, "an attempt such as mpc/final-exam/ada/1"),
        decision=_decision(row),
        by=_text(row, "reviewer", 100) or _missing(row, "reviewer", "who decided"),
        said_at=_moment(row),
        note=_text(row, "note", 4_000),
    )


def _matching(row: _Row, column: str, pattern: re.Pattern[str], expected: str) -> str:
    value = row[column]
    if not pattern.match(value):
        raise row.wrong(column, f"expected {expected}, got {value[:80]!r}")
    return value


def _decision(row: _Row) -> Decision:
    value = row["decision"]
    if value.casefold() in _PASSED:
        raise row.wrong(
            "decision",
            f"{value[:80]!r} is no decision about the recording, and whether it is passed follows from the score: "
            f"write {', '.join(_DECISIONS)}",
        )
    if value not in _DECISIONS:
        raise row.wrong("decision", f"expected {', '.join(_DECISIONS)}, got {value[:80]!r}")
    return _DECISIONS[value]


def _text(row: _Row, column: str, longest: int) -> str:
    value = row[column]
    if len(value) > longest:
        raise row.wrong(column, f"it has {len(value)} characters; at most {longest} are kept")
    return value


def _missing(row: _Row, column: str, what: str) -> str:
    raise row.wrong(column, f"expected {what}, got nothing")


def _moment(row: _Row) -> datetime:
    value = row["decided_at"]
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = datetime.min
    if found.tzinfo is None:
        raise row.wrong("decided_at", f"expected a time with its offset, like 2026-11-09T10:00:00Z, got {value[:80]!r}")
    return found.astimezone(UTC)
