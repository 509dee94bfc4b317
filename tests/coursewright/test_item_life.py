"""``coursewright items review``, ``status``, ``register``, ``versions``: an item through its life."""

import shutil
from pathlib import Path

import pytest

from tests.coursewright.conftest import Run

pytestmark = pytest.mark.integration

SAMPLE = Path(__file__).parents[2] / "courses" / "mpc"
LESSON, EXAM = "control-charts/cc-arl", "control-charts/limits-for-a-new-size"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Some of the sample course's bank; the course asks for one review of each version."""
    root = tmp_path / "mpc"
    for reference in (LESSON, EXAM, "control-charts/two-charts"):
        path = root / "items" / f"{reference}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLE / "items" / f"{reference}.md", path)
    shutil.copy(SAMPLE / "course.toml", root)
    return root


def change(course: Path, reference: str) -> None:
    path = course / "items" / f"{reference}.md"
    path.write_text(path.read_text().replace("## Solution\n", "## Solution\n\nIn short:", 1))


def test_a_changed_item_is_reviewed_again_and_its_earlier_text_comes_back(course: Path, run: Run) -> None:
    before = (course / "items" / f"{LESSON}.md").read_text()
    assert run("items", "register", course, "--by", "ines").out.endswith(
        "noted in " + str(course / "items/versions") + ".\n"
    )
    assert run("items", "register", course).out == "All noted.\n"
    first = run("items", "versions", course, LESSON, "--json").json["versions"][0]["version"]

    change(course, LESSON)
    found = run("items", "check", course, "--seeds", "3")
    assert found.status == 1
    assert "has 0 of 1 reviews by others than its author; 1 of an earlier version. (item-review)" in found.out

    own = run("items", "review", course, LESSON, "--by", "Ines Duarte")
    assert own.out.endswith("reviewed by Ines Duarte; 0 reviewers besides its author.\n")
    assert run("items", "check", course, "--seeds", "3").status == 1
    assert run("items", "review", course, LESSON, "--by", "Chi", "--note", "fine").status == 0
    assert run("items", "check", course, "--seeds", "3").status == 0

    assert run("items", "versions", course, LESSON, "--show", first[:16]).out == before
    assert run("items", "versions", course, LESSON, "--show", "sha256:00").status == 1


def test_a_status_moves_step_by_step_and_is_noted(course: Path, run: Run) -> None:
    wrong = run("items", "status", course, EXAM, "draft")
    assert wrong.status == 1
    assert "it is operational, after which comes review, pilot, retired, and not draft." in wrong.err
    assert run("items", "status", course, EXAM, "review", "--by", "ines").status == 0
    assert run("items", "status", course, EXAM, "operational").status == 1
    change(course, EXAM)
    unread = run("items", "status", course, EXAM, "pilot")
    assert "has 0 of 1 reviews" in unread.err
    assert run("items", "review", course, EXAM, "--by", "Chi").status == 0
    assert run("items", "status", course, EXAM, "pilot", "--by", "chi").status == 0
    noted = run("items", "versions", course, EXAM, "--json").json["versions"]
    assert [each["status"] for each in noted] == ["operational", "review", "review", "pilot"]
    assert len({each["version"] for each in noted}) == 2
    assert run("items", "check", course, "--seeds", "3").status == 0


def test_what_was_never_used_has_no_versions(course: Path, run: Run) -> None:
    assert run("items", "versions", course, LESSON).out == "No version was used yet.\n"
    assert run("items", "versions", course, "control-charts/nothing").status == 1


def test_the_check_prints_json_with_the_spread_of_the_variants(course: Path, run: Run) -> None:
    ran = run("items", "check", course, "--seeds", "20", "--json")
    assert ran.status == 0
    assert sorted(ran.json) == ["findings", "spreads", "summary"]
    spread = next(each for each in ran.json["spreads"] if each["ref"] == EXAM)
    assert spread["variants"] == spread["distinct"] == spread["answers"] == 20
    assert 70 < spread["lowest"] < spread["median"] < spread["highest"] < 140
    shown = run("items", "check", course, "--seeds", "20").out
    assert "not how hard they are" in shown


def test_a_preview_is_a_page_or_a_notebook(course: Path, run: Run) -> None:
    import nbformat

    assert run("items", "preview", course, EXAM).out == "control-charts-limits-for-a-new-size.html\n"
    assert run("items", "preview", course, EXAM, "--out", "look.ipynb").status == 0
    notebook = nbformat.read("look.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert len(notebook.cells) == 11
    wrong = run("items", "preview", course, EXAM, "--out", "look.pdf")
    assert "let the name end in .html or .ipynb" in wrong.err
