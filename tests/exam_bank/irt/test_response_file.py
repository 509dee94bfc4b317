"""Tables of responses: every mistake is told with its place."""

from pathlib import Path

import numpy as np
import pytest

from exam_bank.irt.response_file import ResponseFileError, read_responses


def read(folder: Path, text: str | bytes):
    path = folder / "r.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_responses(path)


def test_empty_is_not_asked_and_never_0(tmp_path):
    found = read(tmp_path, '\ufeffq1, "q 2" ,q3\r\n1,,0\r\n\r\n0, 1,\r\n'.replace(', "q 2" ', ',"q 2"'))
    assert found.items == ("q1", "q 2", "q3")
    assert np.array_equal(found.table, [[1, np.nan, 0], [0, 1, np.nan]], equal_nan=True)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", (0, 0), "is empty"),
        ("q1,q2\n", (0, 0), "no responses below"),
        ("q1,q2\n1,0\n1,2\n", (3, 2), "'2' below 'q2' must be 1 (right), 0 (wrong) or empty (not asked)"),
        ("q1,q2\n1,0\n1,NA\n", (3, 2), "'NA' below 'q2'"),
        ("learner,q1\nada,1\n", (2, 1), "'ada' below 'learner'"),
        ("q1,q2\n1,0\n1,0,1\n", (3, 0), "there are 3 cells for 2 items"),
        ("q1,q2\n1,0\n1\n", (3, 0), "there are 1 cells for 2 items"),
        ("q1,\n1,0\n", (1, 2), "this column has no item's name"),
        ("q1,q2,q1\n1,0,1\n", (1, 3), "a second column is named 'q1'"),
        ("1,0\n1,0\n", (1, 0), "this line holds responses; put the items' names above it"),
        ("q1;q2\n1;0\n", (1, 0), "separate the cells by commas, not semicolons"),
        ('q1,q2\n1,"0\n', (2, 0), "it is no CSV"),
        (b"q1,q\xff\n1,0\n", (0, 0), "no UTF-8 text"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path, text, place, words):
    with pytest.raises(ResponseFileError) as caught:
        read(tmp_path, text)
    assert words in str(caught.value)
    assert (caught.value.line, caught.value.column) == place
    shown = f", line {place[0]}" if place[0] else ""
    assert str(caught.value).startswith(f"{tmp_path / 'r.csv'}{shown}")


def test_a_line_is_that_of_the_file_though_cells_may_hold_line_breaks(tmp_path):
    with pytest.raises(ResponseFileError, match=r"line 5, column 1: 'x' below 'q1'"):
        read(tmp_path, 'q1,"q\n2"\n1,0\n\nx,1\n')


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ResponseFileError, match=r"gone\.csv: it cannot be read \(No such file"):
        read_responses(tmp_path / "gone.csv")
