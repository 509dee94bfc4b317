"""Which of several files is which notebook of an assignment, when their names went wrong."""

import copy
import json
import unicodedata
from pathlib import Path

import pytest

from autograder.preparing import Prepared, prepare
from autograder.salvage.which_file import plain_name
from autograder.source import Source
from autograder.submission import Submission, read_submission
from tests.autograder.damaged.course import Json, cell, good, scratch, source

ESSAYS = "größe"


def renamed(notebook: Json) -> Json:
    """A second notebook with grade ids and texts of its own."""
    made = copy.deepcopy(notebook)
    for number, one in enumerate(made["cells"]):
        if "nbgrader" in one["metadata"]:
            one["metadata"]["nbgrader"]["grade_id"] += "_b"
        one["source"] = f"# the second one, {number}\n{one['source']}"
    return made


FIRST, SECOND = (json.dumps(one).encode() for one in (good(), renamed(good())))


def two() -> Source:
    """An assignment of the notebooks ps and größe."""
    one = source()
    other = renamed(json.loads(json.dumps(one.notebooks["ps"])))
    from authoring.notebook_file import read_notebook

    notebooks = {**one.notebooks, ESSAYS: read_notebook(json.dumps(other).encode(), "template")}
    return Source("ps", notebooks, notebooks, {"ps": one.released["ps"], ESSAYS: {}}, {"data/x.csv": b"1"}, "sha256:0")


def prepared(**files: bytes) -> Prepared:
    return prepare(two(), Submission("ada", files, None))


def said(found: Prepared) -> list[tuple[str, str]]:
    return [(finding.rule, finding.message) for finding in found.findings if finding.rule != "changed-cell"]


def test_notebooks_are_known_by_their_cells_whatever_they_are_called() -> None:
    found = prepared(**{"a.ipynb": SECOND, "b.ipynb": FIRST})
    assert found.notebooks.keys() == {"ps", ESSAYS}
    assert said(found) == [
        ("renamed-notebook", "b.ipynb was taken for ps.ipynb, which was not handed in; see whether that is right"),
        ("renamed-notebook", "a.ipynb was taken for größe.ipynb, which was not handed in; see whether that is right"),
    ]


def test_a_copy_of_one_is_not_taken_for_the_other() -> None:
    found = prepared(**{"ps.ipynb": FIRST, "ps-Copy1.ipynb": FIRST})
    assert (found.notebooks.keys(), found.missing) == ({"ps"}, {ESSAYS})
    assert said(found) == [
        ("extra-notebook", "ps-Copy1.ipynb is not part of the assignment and was not graded"),
        ("missing-notebook", "größe.ipynb was not handed in; ask the learner for it"),
    ]


def test_a_name_in_another_normal_form_is_the_same_name() -> None:
    found = prepared(**{"ps.ipynb": FIRST, unicodedata.normalize("NFD", "größe.ipynb"): SECOND})
    assert found.notebooks.keys() == {"ps", ESSAYS}


def test_a_broken_file_is_known_by_its_name() -> None:
    found = prepared(**{"ps.ipynb": FIRST, "GRÖSSE (2).ipynb": b"{"})
    assert found.notebooks.keys() == {"ps"}
    assert found.broken.keys() == {ESSAYS}
    assert found.broken[ESSAYS].startswith("GRÖSSE (2).ipynb: the file breaks off in line 1")


def test_one_of_two_broken_ones_costs_the_other_nothing_and_a_cell_says_where_it_is() -> None:
    first = good()
    cell(first, "t_two")["source"] = "assert True"
    found = prepared(**{"ps.ipynb": json.dumps(first).encode(), "größe.ipynb": b""})
    assert ("unreadable-notebook", f"{ESSAYS}.ipynb: the file is empty; {AGAIN}") in said(found)
    assert [finding.message for finding in found.findings if finding.cell == "t_two"] == [
        "ps.ipynb: this locked cell was changed; the assignment's own was used"
    ]


AGAIN = "ask the learner to save it from Jupyter and to hand it in again"


def test_what_is_packed_in_a_folder_lies_beside_its_notebooks_but_never_over_the_authors_files() -> None:
    files = {
        "hw/ps.ipynb": FIRST,
        "hw/größe.ipynb": SECOND,
        "hw/tools.py": b"a",
        "hw/data/x.csv": b"2",
        "b\\c.txt": b"3",
    }
    found = prepared(**files)
    assert found.files == {"tools.py": b"a", "b/c.txt": b"3", "data/x.csv": b"1"}


@pytest.mark.parametrize("name", ["..\\x", "C:\\x", "\\x", "a\\..\\..\\x"])
def test_a_windows_path_that_leads_out_stays_a_name(name: str) -> None:
    assert name in prepared(**{"ps.ipynb": FIRST, "größe.ipynb": SECOND, name: b"1"}).files


def test_a_notebook_that_could_not_be_read_is_not_a_missing_one(tmp_path: Path) -> None:
    (tmp_path / "ps.ipynb").symlink_to("/nowhere")
    (tmp_path / "größe.ipynb").write_bytes(SECOND)
    read = read_submission(tmp_path, "ada")
    assert read.hash != Submission("ada", read.files, None).hash
    found = prepare(two(), read)
    assert found.broken == {
        "ps": "ps.ipynb: it is a link, and links are not followed; ask the learner for the notebook itself"
    }
    assert found.missing == frozenset()


def test_the_author_s_script_is_not_taken_for_a_notebook() -> None:
    author = two()
    author = Source("ps", author.notebooks, author.reference, author.released, {"ps.py": b"# %%\n1"}, "sha256:0")
    found = prepare(author, Submission("ada", {"ps.py": b"# %%\n1", "größe.ipynb": SECOND}, None))
    assert found.missing == {"ps"}


@pytest.mark.parametrize(
    "name",
    [
        *(
            "ps one.ipynb",
            "PS_One.ipynb",
            "ps-one (1).ipynb",
            "ps one(2).IPYNB",
            "Copy of ps one.ipynb",
            "a/b/ps%20one.ipynb",
        ),
        *("ps one - Copy.ipynb", "ps-one-Copy3.ipynb", "ps one-checkpoint.ipynb", "a\\ps one.ipynb.txt", "ps+one.json"),
    ],
)
def test_what_is_added_to_names_is_seen_through(name: str) -> None:
    assert plain_name(name) == "ps one"


@pytest.mark.parametrize("name", ["ps1.ipynb", "copy.ipynb", "one.ipynb", "(1).ipynb", ".ipynb"])
def test_other_names_stay_others(name: str) -> None:
    assert plain_name(name) != "ps one"
    assert plain_name(name)[:1] != " "


def test_hundreds_of_other_notebooks_are_listed_and_not_all_read() -> None:
    strangers = {
        f"{number}.ipynb": json.dumps({"cells": [scratch("1")], "nbformat": 4}).encode() for number in range(300)
    }
    found = prepared(**strangers)
    assert sum(rule == "extra-notebook" for rule, _ in said(found)) == 300
    assert found.missing == {"ps", ESSAYS}
