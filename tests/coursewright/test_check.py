"""``coursewright check`` and ``items``: what they print, and with which status they end."""

import json
from pathlib import Path

import nbformat
import pytest

pytestmark = pytest.mark.integration  # trying a notebook starts processes

ITEM = """---
title: Mean of two readings
type: numeric
skill: recall
status: operational
use: lesson
points: 1
minutes: 1
answer: 2
tolerance: {absolute: 0.01}
unit: mm
feedback: Add and halve.
samples:
  - {response: "2", score: 1}
  - {response: "3", score: 0}
  - {response: two, score: malformed}
---

The readings are 1 mm and 3 mm. What is their mean?

## Solution

$(1 + 3) / 2 = 2$ mm.
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A plain nbgrader course of one sound lesson that names an item, and the item."""
    root = tmp_path / "course"
    (root / "items" / "readings").mkdir(parents=True)
    (root / "items" / "readings" / "mean.md").write_text(ITEM)
    item = {"ref": "readings/mean", "role": "concept-check"}
    question = nbformat.v4.new_markdown_cell("", id="question", metadata={"coursewright": {"item": item}})
    title = nbformat.v4.new_markdown_cell("# Readings", id="title")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    lesson = nbformat.v4.new_notebook(cells=[title, question], metadata=kernel)
    (root / "source" / "week01-lesson").mkdir(parents=True)
    nbformat.write(lesson, root / "source" / "week01-lesson" / "lesson.ipynb")
    return root


def spoil(course: Path) -> None:
    path = course / "source" / "week01-lesson" / "lesson.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["source"] = ["# Readings\n", "\n", "![](plot.png)"]
    path.write_text(json.dumps(notebook))


def test_a_course_whose_items_are_embedded_has_no_findings(course, run):
    assert run("items", "embed", course).out.endswith("lesson.ipynb\n1 notebook changed.\n")
    assert run("items", "embed", course).out == "Every notebook is up to date.\n"
    done = run("check", course)
    assert (done.status, done.out, done.err) == (0, "No findings.\n", "")


def test_a_finding_names_place_severity_rule_and_mend_and_the_status_is_1(course, run):
    done = run("check", course)
    assert done.status == 1
    first, mend, last = done.out.splitlines()
    assert first.startswith("source/week01-lesson/lesson.ipynb [question]: error: the text of item readings/mean ")
    assert first.endswith("is out of date. (stale-item)")
    assert mend == "    run `coursewright items embed`."
    assert last == "1 error, 0 warnings."


def test_findings_as_json(course, run):
    run("items", "embed", course)
    spoil(course)
    done = run("check", course, "--json")
    assert done.status == 1
    rules = {finding["rule"] for finding in done.json["findings"]}
    assert {"missing-file", "alternative-text"} <= rules
    assert sum(done.json["summary"].values()) == len(done.json["findings"])
    assert set(done.json["findings"][0]) == {"file", "cell", "rule", "severity", "message", "mend"}


def test_what_cannot_be_checked_is_an_error_of_one_line(course, run):
    done = run("check", course / "nowhere", "--json")
    assert (done.status, done.out, done.err.count("\n")) == (1, "", 1)


def test_items_are_tried_with_their_sample_answers(course, run):
    assert run("items", "check", course).out == "No findings.\n"
    path = course / "items" / "readings" / "mean.md"
    path.write_text(path.read_text().replace("answer: 2", "answer: 3"))
    done = run("items", "check", course, "--seeds", "3", "--json")
    assert done.status == 1
    assert {finding["rule"] for finding in done.json["findings"]} == {"item-samples"}
    assert "there is no folder items here" in run("items", "check", course / "source").err
