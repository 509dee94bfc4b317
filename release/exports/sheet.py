"""CSV files, out and in: written so that any reader takes them, read without trust."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from authoring.csv_file import CsvError
from authoring.errors import CoursewrightError
from release.exports.cells import parsed_number, plain, safe

MAX_BYTES = 256 * 1024 * 1024
MAX_ROWS = 1_000_000
MAX_COLUMNS = 5_000
_BOM = b"\xef\xbb\xbf"


def written(rows: Iterable[Sequence[str]], *, bom: bool = False, line_end: str = "\r\n") -> bytes:
    """The rows as CSV in UTF-8, quoted where it takes quotes; ``bom`` puts the mark before it that Excel looks for."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=line_end).writerows(rows)
    return (_BOM if bom else b"") + out.getvalue().encode()


def texts(*values: str) -> list[str]:
    """Each text as a safe cell."""
    return [safe(value) for value in values]


@dataclass(frozen=True)
class Line:
    """One row of a file that was read, and where it stands."""

    file: str
    number: int  # in a spreadsheet, from 1
    header: Sequence[str]
    cells: Sequence[str]

    @cached_property
    def _by_column(self) -> dict[str, str]:
        return dict(zip(self.header, self.cells, strict=True))

    def __getitem__(self, column: str) -> str:
        """The text of a column, as it was before it was made safe; empty if the file has no such column."""
        return plain(self._by_column.get(column, ""))

    def wrong(self, column: str, expected: str) -> CsvError:
        """The error that says what was expected in a cell, and what is there."""
        return CsvError(self.file, self.number, column, f"expected {expected}, got {self._by_column[column][:80]!r}")

    def amount(self, column: str) -> Decimal | None:
        """The number in a column; None if it is empty.

        Raises:
            CsvError: it is no number.
        """
        if not self._by_column.get(column, "").strip():
            return None
        try:
            return parsed_number(self._by_column[column])
        except ValueError as error:
            raise self.wrong(column, "a number of at least 0, such as 8.5") from error


@dataclass(frozen=True)
class Sheet:
    """A file that was read."""

    file: str
    header: tuple[str, ...]
    lines: tuple[Line, ...]

    def need(self, columns: Iterable[str], what: str) -> None:
        """Raise an error unless the file has these columns."""
        for column in columns:
            if column not in self.header:
                raise CsvError(self.file, 1, "", f"the column {column!r} is missing, so this is no {what}")


def read_bytes(path: Path) -> bytes:
    """The file's bytes, up to a size.

    Raises:
        CoursewrightError: the file cannot be read, or is larger.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CoursewrightError(f"{path}: the file cannot be read ({error.strerror}).") from error
    if len(data) > MAX_BYTES:
        raise CoursewrightError(f"{path}: the file has more than {MAX_BYTES // 1024**2} MiB; split it by run.")
    return data


def parsed(data: bytes, file: str) -> Sheet:
    """The rows of a CSV file in UTF-8; rows of empty cells are passed over.

    Raises:
        CsvError: the header names a column twice or none, or a row has more or fewer cells than the header.
        CoursewrightError: it is not CSV in UTF-8, or has too many rows or columns.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CoursewrightError(f"{file}: byte {error.start} is not UTF-8: save the file as CSV UTF-8.") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = _header(next(reader, []), file)
        lines = []
        for number, cells in enumerate(reader, start=2):
            if number > MAX_ROWS:
                raise CoursewrightError(f"{file}: there are more than {MAX_ROWS} rows; split it by run.")
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                problem = f"expected {len(header)} values as in the header, got {len(cells)}; quote what holds a comma"
                raise CsvError(file, number, "", problem)
            lines.append(Line(file, number, header, cells))
    except csv.Error as error:
        raise CoursewrightError(f"{file}: line {reader.line_num}: this is not CSV: {error}.") from error
    return Sheet(file, header, tuple(lines))


def _header(cells: Sequence[str], file: str) -> tuple[str, ...]:
    header = tuple(plain(cell) for cell in cells)
    if not any(cell.strip() for cell in header):
        raise CsvError(file, 1, "", "the header is missing")
    if len(header) > MAX_COLUMNS:
        raise CsvError(file, 1, "", f"there are more than {MAX_COLUMNS} columns")
    if len(set(header)) < len(header):
        twice = next(column for column in header if header.count(column) > 1)
        raise CsvError(file, 1, twice, "the column is there twice; rename one of them")
    return header
