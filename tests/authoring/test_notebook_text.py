"""A notebook is written exactly as nbformat writes it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import nbjson

from authoring.notebook_text import notebook_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
TABLES = st.dictionaries(TEXTS | st.sampled_from(["trusted", "signature", "tags"]), VALUES, max_size=3)
BUNDLES = st.dictionaries(
    st.sampled_from(["text/plain", "text/html", "image/png", "image/svg+xml", "application/json"]),
    TEXTS | st.lists(TEXTS, max_size=2),
    max_size=3,
)
OUTPUTS = st.one_of(
    st.fixed_dictionaries({"output_type": st.just("stream"), "name": st.just("stdout"), "text": TEXTS}),
    st.fixed_dictionaries({"output_type": st.just("display_data"), "data": BUNDLES, "metadata": TABLES}),
    st.fixed_dictionaries(
        {"output_type": st.just("error"), "ename": TEXTS, "evalue": TEXTS, "traceback": st.lists(TEXTS, max_size=2)}
    ),
)
CELLS = st.one_of(
    st.fixed_dictionaries(
        {
            "cell_type": st.just("code"),
            "source": TEXTS,
            "metadata": TABLES,
            "outputs": st.lists(OUTPUTS, max_size=2),
            "execution_count": st.none() | st.integers(0, 99),
        }
    ),
    st.fixed_dictionaries(
        {"cell_type": st.just("markdown"), "source": TEXTS, "metadata": TABLES},
        optional={"id": TEXTS, "attachments": st.dictionaries(TEXTS, BUNDLES, max_size=2)},
    ),
)


def notebook(cells: list[dict[str, Any]], metadata: dict[str, Any]) -> NotebookNode:
    return nbjson.to_notebook({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


@pytest.mark.integration  # it takes long
@given(st.lists(CELLS, max_size=3), TABLES)
def test_it_writes_the_same_bytes_as_nbformat(cells: list[dict[str, Any]], metadata: dict[str, Any]) -> None:
    written = notebook(cells, metadata)

    assert notebook_text(written) == nbjson.writes(written).encode()


@pytest.mark.parametrize("value", [1.0, 1e16, float("nan"), 2**70, "\x7f\x85\u2028\x00", [], {}, [[], {}], -(2**63)])
def test_numbers_and_signs_that_encoders_write_in_their_own_ways_are_nbformats(value: object) -> None:
    written = notebook([], {"value": value})

    assert notebook_text(written) == nbjson.writes(written).encode()


def test_the_notebook_itself_is_left_as_it_is() -> None:
    written = notebook([{"cell_type": "markdown", "source": "a\nb", "metadata": {"trusted": True}}], {"signature": "s"})
    written.metadata["signature"] = "s"

    notebook_text(written)

    assert written.cells[0].source == "a\nb"
    assert written.metadata == {"signature": "s"}


def test_outputs_as_a_grader_adds_them_are_written_with_numbers_too() -> None:
    output = NotebookNode({"output_type": "display_data", "data": {"text/plain": "a\nb"}, "metadata": {}})
    written = notebook([], {"number": 0.5})
    cell = {"cell_type": "code", "source": "", "metadata": {}, "execution_count": 1}
    written.cells.append(NotebookNode(cell, outputs=[output]))

    assert notebook_text(written) == nbjson.writes(written).encode()
