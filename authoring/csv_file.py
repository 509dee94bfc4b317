"""CSV files that people keep in a spreadsheet, read strictly: exact columns, and errors that name the row."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from authoring.errors import CoursewrightError


class CsvError(CoursewrightError):
    """A row that cannot be used.

    Attributes:
        file: the file, as it was named to the reader.
        row: its row in a spreadsheet, from 1 (the header).
        column: the column, or "" for the whole row.
        problem: what is wrong there, and how to mend it.
    """

    def __init__(self, file: str, row: int, column: str, problem: str) -> None:
        super().__init__(file, row, column, problem)
        self.file = file
        self.row = row
        self.column = column
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.file}: row {self.row}{f', column {self.column}' if self.column else ''}: {self.problem}."


@dataclass(frozen=True)
class Row:
    """One row, and where it stands."""

    file: str
    number: int  # in a spreadsheet, from 2: the header is row 1
    values: Mapping[str, str]  # by column, without blanks around them

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    def wrong(self, column: str, problem: str) -> CsvError:
        """The error that says what is wrong in a column of this row."""
        return CsvError(self.file, self.number, column, problem)

    def expected(self, column: str, what: str) -> CsvError:
        """The error that says what was expected in a column, and what was found."""
        return self.wrong(column, f"expected {what}, got {self.values[column][:80]!r}")


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """The rows of the file below its header, in order; empty ones are passed over.

    Raises:
        CoursewrightError: the file cannot be read, is not CSV in UTF-8, or has other columns than these.
    """
    yield from parse_rows(read_text(path), columns, file=str(path))


def read_column(path: Path, column: str) -> Iterator[str]:
    """The values of one column of a file, whatever its other columns are.

    Raises:
        CoursewrightError: the file cannot be read, is not CSV in UTF-8, or has no such column.
    """
    text = read_text(path)
    columns = text.partition("\n")[0].strip().split(",")
    if column not in columns:
        raise CsvError(str(path), 1, "", f"the column {column!r} is missing")
    yield from (row[column] for row in parse_rows(text, columns, file=str(path)))


def read_text(path: Path) -> str:
    """The file's text, without the mark that spreadsheets put at its beginning.

    Raises:
        CoursewrightError: the file cannot be read, or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CoursewrightError(f"{path}: the file cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise CoursewrightError(f"{path}: byte {error.start} is not UTF-8: save the file as CSV UTF-8.") from error


def parse_rows(text: str, columns: Sequence[str], *, file: str) -> Iterator[Row]:
    """As :func:`read_rows`, for a text; ``file`` is what errors call it."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if tuple(header) != tuple(columns):
            got = ",".join(header) or "nothing"
            raise CsvError(file, 1, "", f"expected the columns {','.join(columns)}, got {got}")
        for number, values in enumerate(reader, start=2):
            if not any(value.strip() for value in values):
                continue
            if len(values) != len(columns):
                raise CsvError(file, number, "", f"expected {len(columns)} values, got {len(values)}")
            yield Row(file, number, {name: value.strip() for name, value in zip(columns, values, strict=True)})
    except csv.Error as error:
        raise CoursewrightError(f"{file}: line {reader.line_num}: this is not CSV: {error}.") from error
