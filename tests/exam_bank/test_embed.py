"""Items in lesson notebooks: written into their cells, and nothing else touched."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from exam_bank.embed import embed, stale_items
from exam_bank.strict import SourceError
from tests.exam_bank.conftest import NUMERIC, SINGLE, item_text


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "items" / "basics").mkdir(parents=True)
    (tmp_path / "items" / "basics" / "root.md").write_text(item_text("use: lesson\n" + SINGLE))
    (tmp_path / "items" / "basics" / "secret.md").write_text(item_text(NUMERIC))
    (tmp_path / "source" / "week01-lesson").mkdir(parents=True)
    return tmp_path


def write_lesson(course: Path, item: Any, *, cell_type: str = "markdown", **layout: Any) -> Path:
    notebook = {
        "cells": [
            {"cell_type": "markdown", "id": "intro", "metadata": {"zebra": 1, "ant": 2}, "source": "One line, naïve."},
            {"cell_type": cell_type, "id": "check-root", "metadata": {"coursewright": {"item": item}}, "source": []},
        ],
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = course / "source" / "week01-lesson" / "lesson.ipynb"
    path.write_text(json.dumps(notebook, **{"indent": 1, "ensure_ascii": False, **layout}) + "\n")
    return path


CHECK = {"ref": "basics/root", "role": "concept-check"}


def test_the_question_is_written_into_its_cell(course: Path) -> None:
    lesson = write_lesson(course, CHECK)
    assert embed(course) == (lesson,)
    notebook = nbformat.read(lesson, as_version=4)
    nbformat.validate(notebook)
    cell = notebook.cells[1]
    assert cell.id == "check-root"
    assert "What is it?" in cell.source
    assert "You forgot the root." in cell.source
    item = cell.metadata.coursewright.item
    assert (item.ref, item.role, item.type) == ("basics/root", "concept-check", "single-choice")
    assert len(item.key) == 1


@pytest.mark.parametrize("layout", [{}, {"indent": 2}, {"ensure_ascii": True}, {"indent": None}])
def test_nothing_else_in_the_file_changes(course: Path, layout: dict[str, Any]) -> None:
    lesson = write_lesson(course, CHECK, **layout)
    before = lesson.read_text()
    embed(course)
    after = json.loads(lesson.read_text())
    changed = after["cells"][1]
    changed["source"] = []
    changed["metadata"]["coursewright"]["item"] = CHECK
    layout = {"indent": 1, "ensure_ascii": False, **layout}
    assert json.dumps(after, **layout) + "\n" == before


def test_doing_it_again_changes_nothing_and_neither_does_saving_in_jupyter(course: Path) -> None:
    lesson = write_lesson(course, CHECK)
    embed(course)
    before = lesson.read_bytes()
    assert embed(course) == ()
    assert lesson.read_bytes() == before
    nbformat.write(nbformat.read(lesson, as_version=4), lesson)
    assert stale_items(course) == ()
    assert embed(course) == ()


def test_a_changed_item_makes_its_cells_stale_until_they_are_embedded_again(course: Path) -> None:
    write_lesson(course, CHECK)
    embed(course)
    item = course / "items" / "basics" / "root.md"
    item.write_text(item.read_text().replace("A near miss", "A nearer miss"))
    (finding,) = stale_items(course)
    assert (finding.file, finding.cell) == ("source/week01-lesson/lesson.ipynb", "check-root")
    assert finding.mend == "run `coursewright items embed`"
    embed(course)
    assert stale_items(course) == ()


def test_text_edited_in_the_cell_is_stale(course: Path) -> None:
    lesson = write_lesson(course, CHECK)
    embed(course)
    lesson.write_text(lesson.read_text().replace("What is it?", "What was it?"))
    assert len(stale_items(course)) == 1


def test_a_seed_chooses_the_variant(course: Path) -> None:
    lesson = write_lesson(course, CHECK)
    embed(course)
    first = json.loads(lesson.read_text())["cells"][1]["source"]
    sources = set()
    for seed in range(8):
        write_lesson(course, CHECK | {"seed": seed})
        embed(course)
        sources.add(json.dumps(json.loads(lesson.read_text())["cells"][1]["source"]))
    assert json.dumps(first) in sources
    assert len(sources) > 1


@pytest.mark.parametrize(
    ("item", "cell_type", "message"),
    [
        ({"ref": "basics/rot", "role": "concept-check"}, "markdown", "there is no item 'basics/rot'"),
        ({"ref": "basics/root", "role": "exam"}, "markdown", "the role 'exam' must be 'concept-check' or 'graded'"),
        ({"ref": "basics/root"}, "markdown", "the role None must be"),
        ({"ref": "basics/secret", "role": "concept-check"}, "markdown", "item basics/secret is an exam item; use one"),
        (CHECK | {"seed": -1}, "markdown", "`seed` must be a whole number from 0"),
        (CHECK, "raw", "an item belongs into a Markdown cell"),
        ("basics/root", "markdown", "there is no item 'basics/root'"),
    ],
)
def test_what_cannot_be_shown_is_named_and_nothing_is_written(
    course: Path, item: Any, cell_type: str, message: str
) -> None:
    lesson = write_lesson(course, item, cell_type=cell_type)
    before = lesson.read_bytes()
    with pytest.raises(SourceError, match=f"source/week01-lesson/lesson.ipynb: check-root: {message}"):
        embed(course)
    assert lesson.read_bytes() == before
    (finding,) = stale_items(course)
    assert finding.cell == "check-root"
    assert message in f"{finding.message}; {finding.mend}"


def test_every_wrong_cell_is_found_not_only_the_first(course: Path) -> None:
    lesson = write_lesson(course, {"ref": "basics/rot", "role": "concept-check"})
    notebook = json.loads(lesson.read_text())
    notebook["cells"].append(
        {"cell_type": "markdown", "id": "second", "metadata": {"coursewright": {"item": CHECK}}, "source": []}
    )
    lesson.write_text(json.dumps(notebook))
    assert [finding.cell for finding in stale_items(course)] == ["check-root", "second"]


def test_a_course_without_item_cells_needs_no_items(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    assert embed(tmp_path) == ()
    assert stale_items(tmp_path) == ()
