"""Cells that lost their grade ids are recognised where nothing else can be meant."""

import random

import nbformat
import pytest

from authoring import cells
from autograder.salvage.identify import Identified, identified
from tests.autograder.damaged.course import ONE, STUB, TWO, Json, good, place, scratch, source
from tests.autograder.damaged.kinds import strip

RELEASED = source().released["ps"]
IDS = {"r_setup", "s_one", "t_one", "e_why", "s_two", "t_two"}


def found(notebook: Json) -> Identified:
    return identified(source().notebooks["ps"], nbformat.from_dict(notebook).cells, RELEASED)


def stripped(notebook: Json | None = None) -> Json:
    made = notebook or good()
    strip(made)
    return made


def places(notebook: Json) -> dict[str, int]:
    """Where recognised cells stand."""
    return {name: index for index, name in found(notebook).names.items()}


def test_nothing_is_looked_for_where_every_cell_says_what_it_is() -> None:
    assert found(good()) == Identified()


def test_all_cells_of_a_whole_notebook_are_recognised() -> None:
    assert places(stripped()) == {name: place(good(), name) for name in IDS}


@pytest.mark.parametrize("seed", range(5))
def test_locked_cells_are_recognised_by_their_texts_wherever_they_stand(seed: int) -> None:
    made = stripped()
    random.Random(seed).shuffle(made["cells"])
    there = places(made)
    texts = {"r_setup": "import math", "t_one": "assert one() == 1", "t_two": "assert two() == 2"}
    assert {name: made["cells"][there[name]]["source"] for name in texts} == texts


def test_an_answer_is_recognised_by_the_names_that_it_defines() -> None:
    made = stripped()
    made["cells"].insert(place(good(), "s_one"), scratch("x = 1"))
    made["cells"].append(scratch("def three():\n    return 3"))
    assert made["cells"][places(made)["s_one"]]["source"] == ONE
    assert made["cells"][places(made)["s_two"]]["source"] == TWO


def test_an_answer_is_recognised_by_the_id_that_jupyter_gave_its_cell() -> None:
    template = source().notebooks["ps"]
    identity = "7a0f55ee-fa2e-4e5b-b2a9-0a5f6b3c1d11"
    template.cells[2]["id"] = identity
    made = good()
    moved = made["cells"].pop(2)
    made["cells"].append(scratch("anything", identity=identity))
    assert cells.grade_id(moved) == "s_one"
    listed = nbformat.from_dict(made).cells
    assert identified(template, listed, RELEASED).names == {len(listed) - 1: "s_one"}
    made["cells"].append(scratch("else", identity=identity))
    assert identified(template, nbformat.from_dict(made).cells, RELEASED).names == {}


def test_untouched_answers_with_one_text_are_told_apart_by_their_order() -> None:
    made = good()
    for name in ("s_one", "s_two"):
        made["cells"][place(made, name)]["source"] = STUB.format(name[2:])
    assert places(stripped(made)) == {name: place(good(), name) for name in IDS}


@pytest.mark.parametrize("added", ["Another thought.", "And one more."])
def test_of_two_texts_neither_is_taken_for_the_essay(added: str) -> None:
    made = stripped()
    made["cells"].insert(place(good(), "e_why"), scratch(added, "markdown"))
    assert "e_why" not in places(made)


def test_a_locked_cell_is_never_recognised_by_its_place_alone() -> None:
    made = good()
    made["cells"][place(made, "t_one")] = scratch("assert one() > 0")
    assert found(made).names == {}


@pytest.mark.parametrize(
    ("kept", "parts", "expected"),
    [
        ("t_one", [ONE, "assert one() == 1"], {"s_one": (2, ONE, True)}),
        ("r_setup", ["import math", ONE], {"s_one": (1, ONE, False)}),
        ("t_one", [ONE, "assert one() == 1", "x = 1"], {}),
        ("t_one", ["assert one() == 1"], {}),
    ],
)
def test_an_answer_is_taken_out_of_a_locked_cell_when_that_holds_just_both(
    kept: str, parts: list[str], expected: dict[str, tuple[int, str, bool]]
) -> None:
    made = good()
    made["cells"][place(made, kept)]["source"] = "\n\n".join(parts)
    del made["cells"][place(made, "s_one")]
    assert found(made).merged == expected
