"""Notebooks are read without trust, and refused in words that a person can act on."""

import json
import pickle
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from authoring.notebook_file import NotebookError, format_faults, load_notebook, notebook_bytes, read_notebook


def as_bytes(**changes: object) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [], **changes}).encode()


def with_cell(**cell: object) -> bytes:
    return as_bytes(cells=[{"cell_type": "code", "id": "a", "metadata": {}, "source": "", "outputs": [], **cell}])


def test_what_jupyter_wrote_comes_back_and_is_written_as_jupyter_writes_it() -> None:
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# Variation\nwith two lines"),
            new_code_cell("print(1)", outputs=[new_output("stream", text="1\n2\n")]),
        ]
    )
    written = (nbformat.writes(notebook) + "\n").encode()

    read = read_notebook(written, "ps1.ipynb")

    assert read == notebook
    assert notebook_bytes(read) == written


def test_ids_are_left_alone_whether_missing_or_doubled() -> None:
    cells = [{"cell_type": "raw", "metadata": {}, "source": "x"}] + [
        {"cell_type": "raw", "metadata": {}, "source": "x", "id": "same"}
    ] * 2
    read = read_notebook(as_bytes(cells=cells), "a.ipynb")
    assert [cell.get("id") for cell in read.cells] == [None, "same", "same"]


def test_what_a_cell_may_lack_is_filled_in() -> None:
    read = read_notebook(as_bytes(cells=[{"cell_type": "code"}, {"cell_type": "markdown"}]), "a.ipynb")
    assert read.cells[0] == {"cell_type": "code", "source": "", "metadata": {}, "outputs": [], "execution_count": None}
    assert read.cells[1] == {"cell_type": "markdown", "source": "", "metadata": {}}


def test_an_old_notebook_is_converted_and_reads_the_same_twice() -> None:
    old = nbformat.v3.new_notebook(
        worksheets=[nbformat.v3.new_worksheet(cells=[nbformat.v3.new_code_cell(input="1 + 1")])]
    )
    data = json.dumps(old).encode()
    assert read_notebook(data, "old.ipynb") == read_notebook(data, "old.ipynb")
    assert read_notebook(data, "old.ipynb").cells[0].source == "1 + 1"


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert read_notebook(b"\xef\xbb\xbf" + as_bytes(), "a.ipynb").cells == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "a.ipynb, line 1, column 1: the file is not JSON (Expecting value); save it from Jupyter"),
        (b'{"cells": [}', "a.ipynb, line 1, column 12: the file is not JSON (Expecting value); save it from Jupyter"),
        (b"\xff\xfe{}", "a.ipynb: the file is not text in UTF-8 (byte 1); save it from Jupyter"),
        (b"[]", "a.ipynb: this is JSON, but not a notebook; save it from Jupyter"),
        (b"{}", "a.ipynb: this is JSON, but not a notebook: it has no `nbformat` number with `metadata`"),
        (as_bytes(nbformat=5), "a.ipynb: the notebook has format 5, and 4 is the newest known; save it as format 4"),
        (as_bytes(nbformat=2, cells=3), "format 2 and cannot be converted to 4; save it from Jupyter"),
        (as_bytes(cells={}), "a.ipynb: the notebook has no list of cells; save it from Jupyter"),
        (as_bytes(cells=["x"]), "a.ipynb, cell 1: this is neither a code nor a Markdown nor a raw cell"),
        (with_cell(cell_type="heading"), "a.ipynb, cell 1: this is neither a code nor a Markdown nor a raw cell"),
        (with_cell(source=[1]), "a.ipynb, cell 1: the cell's source is not text"),
        (with_cell(metadata=[]), "a.ipynb, cell 1: the cell's metadata is not a table of keys"),
        (with_cell(attachments={"a.png": 1}), "a.ipynb, cell 1: the cell's attachments are not a table of files"),
        (with_cell(outputs=[{"data": {}}]), "a.ipynb, cell 1: the cell's outputs are not a list of outputs"),
        (with_cell(source="\ud800"), "a.ipynb: the file holds half a character (a lone surrogate)"),
        (b"[" * 100_000, "a.ipynb: the file is nested too deeply or holds a number that is too long"),
        (b'{"nbformat": ' + b"9" * 5000 + b"}", "a.ipynb: the file is nested too deeply or holds a number that is"),
        (as_bytes(cells=[{"cell_type": "raw"}] * 5001), "a.ipynb: the notebook has 5001 cells and at most 5000 are"),
    ],
)
def test_what_is_no_notebook_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(NotebookError) as caught:
        read_notebook(data, "a.ipynb")
    assert message in str(caught.value)
    assert caught.value.name == "a.ipynb"


def test_a_notebook_over_the_limit_is_refused_unparsed() -> None:
    with pytest.raises(NotebookError, match=r"^big\.ipynb: the notebook has 1\.0 MiB, at most 0\.5 MiB are allowed"):
        read_notebook(b"{" * 1024**2, "big.ipynb", max_bytes=512 * 1024)


@pytest.mark.integration  # it takes long
@given(
    st.binary(max_size=200) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(repr).map(str.encode)
)
def test_no_bytes_raise_anything_but_a_notebook_error(data: bytes) -> None:
    with pytest.raises(NotebookError):
        read_notebook(data, "a.ipynb")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["source", "metadata", "outputs", "cell_type", "data", "text", "attachments", "output_type"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=6,
)
CELLS = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", "raw"])},
    optional={"source": JSON, "metadata": JSON, "outputs": JSON, "attachments": JSON, "id": JSON},
)


@settings(max_examples=50)
@given(st.lists(CELLS, max_size=2), JSON)
def test_whatever_is_read_can_be_walked_and_written(cells: list[object], metadata: object) -> None:
    try:
        notebook = read_notebook(as_bytes(cells=cells, metadata=metadata), "a.ipynb")
    except NotebookError:
        return
    for cell in notebook.cells:
        assert isinstance(cell.source, str)
        assert cell.metadata.get("nbgrader") is None
        for output in cell.get("outputs", []):
            assert isinstance(output.output_type, str)
    assert read_notebook(notebook_bytes(notebook), "a.ipynb").cells is not None


def test_an_error_crosses_to_another_process_whole() -> None:
    error = NotebookError("a.ipynb", "it is broken", "cell 3")
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error) == "a.ipynb, cell 3: it is broken"
    assert copy.place == "cell 3"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match=r"^source/ps1/a\.ipynb: the file cannot be read \(No such file or dir"):
        load_notebook(tmp_path / "a.ipynb", "source/ps1/a.ipynb")


def test_departures_from_the_format_are_told_apart_from_broken_files() -> None:
    good = read_notebook(with_cell(execution_count=None), "a.ipynb")
    assert format_faults(good) == ()

    stray = read_notebook(with_cell(execution_count=None, colour="red"), "a.ipynb")
    assert len(format_faults(stray)) == 1
    assert "colour" in format_faults(stray)[0]


def test_missing_ids_are_no_departure_and_stay_missing() -> None:
    notebook = read_notebook(as_bytes(cells=[{"cell_type": "markdown", "source": "x", "metadata": {}}]), "a.ipynb")
    assert format_faults(notebook) == ()
    assert "id" not in notebook.cells[0]
