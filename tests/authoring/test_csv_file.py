"""CSV files that people keep: read to the letter, or refused with the row."""

from pathlib import Path

import pytest

from authoring.csv_file import CsvError, parse_rows, read_column, read_rows
from authoring.errors import CoursewrightError

COLUMNS = ("name", "value")


def rows(text: str) -> list[tuple[int, dict[str, str]]]:
    return [(row.number, dict(row.values)) for row in parse_rows(text, COLUMNS, file="some.csv")]


def test_rows_are_numbered_as_in_a_spreadsheet_and_empty_ones_passed_over() -> None:
    assert rows('name,value\nada, 1 \n,\n"b\n2",2\n') == [
        (2, {"name": "ada", "value": "1"}),
        (4, {"name": "b\n2", "value": "2"}),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "some.csv: row 1: expected the columns name,value, got nothing."),
        ("value,name\n", "some.csv: row 1: expected the columns name,value, got value,name."),
        ("name,value\nada\n", "some.csv: row 2: expected 2 values, got 1."),
        ('name,value\n"ada,1\n', "some.csv: line 2: this is not CSV: unexpected end of data."),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(CoursewrightError) as caught:
        rows(text)
    assert str(caught.value) == said


def test_a_spreadsheets_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_bytes("name,value\nzoë,1\n".encode("utf-8-sig"))
    assert [row["name"] for row in read_rows(path, COLUMNS)] == ["zoë"]
    assert list(read_column(path, "value")) == ["1"]
    with pytest.raises(CsvError, match="row 1: the column 'age' is missing"):
        list(read_column(path, "age"))


def test_a_file_in_another_encoding_or_none_at_all_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "some.csv").write_bytes("name,value\nzoë,1\n".encode("latin-1"))
    with pytest.raises(CoursewrightError, match="is not UTF-8: save the file as CSV UTF-8"):
        list(read_rows(tmp_path / "some.csv", COLUMNS))
    with pytest.raises(CoursewrightError, match="cannot be read"):
        list(read_rows(tmp_path / "none.csv", COLUMNS))
