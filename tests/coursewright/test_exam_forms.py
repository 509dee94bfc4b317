"""``coursewright exam assemble`` and ``print``: even classes, fixed forms, targets, several sections, paper."""

import hashlib
import json
import re
import shutil
import stat
from pathlib import Path

import nbformat
import pytest

from exam_bank.item_file import read_bank

pytestmark = pytest.mark.integration  # it assembles forms

SAMPLE = Path(__file__).parents[2] / "courses" / "mpc"
LEARNERS = ["ada", "ben", "cleo", "dora"]
TWO_SECTIONS = """
[[sections]]
id = "numbers"
title = "Numbers"
minutes = 60
count = 3
points = 9
[[sections.rows]]
types = ["numeric"]
count = 3

[[sections]]
id = "words"
title = "Words"
minutes = 60
count = 2
points = 4
"""


@pytest.fixture
def course(tmp_path) -> Path:
    root = tmp_path / "mpc"
    shutil.copytree(SAMPLE, root, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    always = "release = 2020-01-01T09:00:00\ndue = 2099-12-31T23:59:00"
    settings = root / "course.toml"
    settings.write_text(settings.read_text().replace("due = 2026-11-08T23:59:00", always))
    enrol(root, LEARNERS)
    return root


def enrol(root: Path, learners: list[str]) -> None:
    rows = [f"{name},verified,2026-09-20T12:00:00Z,idv:{name},," for name in learners]
    (root / "enrolments.csv").write_text(
        "\n".join(["learner,track,verified_at,verification,email,refunded_at", *rows, ""])
    )


def extend(root: Path, text: str, *, sections: str | None = None) -> None:
    """Put top-level tables behind the sample's blueprint, or other sections in place of its own."""
    path = root / "exam" / "final.toml"
    whole = path.read_text()
    path.write_text((whole if sections is None else whole[: whole.index("[[sections]]")] + sections) + text)


def forms(root: Path) -> dict[str, dict]:
    return {path.parent.name: json.loads(path.read_bytes()) for path in (root / "forms/final-exam").glob("*/1.json")}


def refs(form: dict) -> list[str]:
    return [question["variant"]["ref"] for part in form["sections"] for question in part["questions"]]


def test_an_even_class_says_how_even_it_is_and_late_comers_change_nobody(course, run):
    extend(course, "\n[exposure]\nmaximum = 1.0\n")
    done = run("exam", "assemble", course, "final-exam")
    assert done.out.startswith(f"4 forms assembled into {course}/forms/final-exam; 0 were there and stay.\n")
    assert re.search(r"^No item is in more than [\d.]+% of the 4 forms\.$", done.out, re.MULTILINE)
    shared = re.search(r"share ([\d.]+) items on average; less than ([\d.]+) is not possible", done.out)
    assert float(shared[1]) >= float(shared[2]) > 0
    before = forms(course)
    enrol(course, [*LEARNERS, "eve"])
    later = run("exam", "assemble", course, "final-exam", "--json").json
    assert (later["assembled"], later["kept"]) == (["eve"], LEARNERS)
    assert later["evenness"]["forms"] == 5
    after = forms(course)
    assert {name: after[name] for name in LEARNERS} == before
    assert after["eve"]["before"] == 4


def test_a_maximum_that_the_bank_cannot_keep_leaves_no_form_behind(course, run):
    extend(course, "\n[exposure]\nmaximum = 0.25\n")
    done = run("exam", "assemble", course, "final-exam")
    assert done.status == 1
    assert "no item is in more than 0.25 of the class's forms (1 of 4) [at least" in done.err
    assert forms(course) == {}


def test_fixed_forms_are_handed_out_and_stay_when_the_bank_changes(course, run):
    extend(course, "\n[parallel]\nforms = 2\nuses = 2\n")
    done = run("exam", "assemble", course, "final-exam")
    assert "Each is one of the fixed forms a, b." in done.out
    first = forms(course)
    assert sorted(form["fixed"] for form in first.values()) == ["a", "a", "b", "b"]
    item = next((course / "items").glob("*/second-reading.md"))
    item.write_text(item.read_text().replace("minutes: ", "minutes: 1"))
    enrol(course, [*LEARNERS, "eve"])
    assert run("exam", "assemble", course, "final-exam").status == 0
    eve = forms(course)["eve"]
    assert eve["sections"] == next(form for form in first.values() if form["fixed"] == eve["fixed"])["sections"]
    path = course / "exam" / "final.toml"
    path.write_text(path.read_text().replace("minutes = 120", "minutes = 119"))
    refused = run("exam", "assemble", course, "final-exam")
    assert (refused.status, "are of another blueprint" in refused.err) == (1, True)


def test_targets_take_the_parameters_of_the_course(course, run):
    extend(
        course,
        "",
        sections='parameters = "exam/parameters.json"\n\n[difficulty]\nmean = 0.6\ntolerance = 0.05\n\n'
        + (SAMPLE / "exam/final.toml").read_text().partition("[[sections]]")[1]
        + (SAMPLE / "exam/final.toml").read_text().partition("[[sections]]")[2],
    )
    refused = run("exam", "assemble", course, "final-exam")
    assert (refused.status, "exam/parameters.json: the file cannot be read" in refused.err) == (1, True)
    entries = [
        {"item": ref, "version": item.version, "difficulty": 0.5 + place % 5 / 20}
        for place, (ref, item) in enumerate(read_bank(course).items.items())
    ]
    (course / "exam/parameters.json").write_text(json.dumps({"items": entries}))
    assert run("exam", "assemble", course, "final-exam").status == 0
    known = {entry["item"]: entry["difficulty"] for entry in entries}
    for form in forms(course).values():
        asked = [q["variant"] for part in form["sections"] for q in part["questions"]]
        earned = sum(float(variant["points"]) * known[variant["ref"]] for variant in asked)
        assert abs(earned / 21 - 0.6) <= 0.05
        assert form["parameters"].startswith("sha256:")


def test_each_section_comes_as_a_notebook_of_its_own(course, run):
    extend(course, "", sections=TWO_SECTIONS)
    assert run("exam", "assemble", course, "final-exam", "--learner", "ada").status == 0
    for name, minutes in (("numbers", 60), ("words", 60)):
        done = run("exam", "open", course, "final-exam", "ada", "--by", "proctor-7")
        path = Path(f"ada-final-exam-{name}.ipynb")
        assert done.out.startswith(f"{path} holds the section {name}.")
        notebook = nbformat.read(path, 4)
        nbformat.validate(notebook)
        headings = [cell.source for cell in notebook.cells if cell.source.startswith("## ")]
        assert headings[0].startswith(f"## {name.title()}\n\n{minutes} minutes")
        assert len(headings) == 1
        asked = [
            cell.metadata.coursewright["item"]["id"] for cell in notebook.cells if cell.metadata.get("coursewright")
        ]
        assert asked == {"numbers": ["q01", "q02", "q03"], "words": ["q04", "q05"]}[name]


def test_a_form_is_printed_and_its_key_goes_where_nobody_else_reads(course, run, tmp_path):
    run("exam", "assemble", course, "final-exam", "--learner", "ada")
    done = run("exam", "print", course, "final-exam", "ada", "--paper", "letter")
    assert (done.status, done.out) == (
        0,
        f"ada-final-exam.html holds form {number(course)}; print it from a browser.\n",
    )
    page = (tmp_path / "ada-final-exam.html").read_text()
    assert "size: letter" in page
    assert "Answer key" not in page
    assert list(tmp_path.glob("*key*")) == []
    done = run("exam", "print", course, "final-exam", "ada", "--key", "key.html")
    assert "key.html holds its answer key; keep it from learners." in done.out
    assert stat.S_IMODE((tmp_path / "key.html").stat().st_mode) == 0o600
    assert "Answer key. Not for learners" in (tmp_path / "key.html").read_text()


def number(course: Path) -> str:
    (path,) = (course / "forms/final-exam/ada").glob("1.json")
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def test_a_fixed_form_is_printed_without_a_learner(course, run, tmp_path):
    extend(course, "\n[parallel]\nforms = 2\nuses = 2\n")
    run("exam", "assemble", course, "final-exam")
    assert run("exam", "print", course, "final-exam", "--form", "B").out.startswith("final-exam-B.html holds form B-")
    assert "<dt>Learner ID</dt><dd>&nbsp;</dd>" in (tmp_path / "final-exam-B.html").read_text()
    refused = run("exam", "print", course, "final-exam", "--form", "c")
    assert (refused.status, "there is no fixed form 'c'; there are a, b" in refused.err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "name a learner, or a fixed form with --form"),
        (["ada", "--form", "a"], "one of the two"),
        (["ben"], "ben has no form for attempt 1; run exam assemble first"),
        (["ada", "--out", "x.html", "--key", "x.html"], "the key needs a file of its own"),
        (["--form", "a"], "the blueprint asks for them in [parallel]"),
    ],
)
def test_what_cannot_be_printed_says_why(course, run, arguments, words):
    run("exam", "assemble", course, "final-exam", "--learner", "ada")
    done = run("exam", "print", course, "final-exam", *arguments)
    assert done.status == 1
    assert words in done.err


# ---- what an exam told of its items


@pytest.fixture
def sat(course, run, tmp_path) -> Path:
    """A course whose exam four learners sat, all with the right number to whatever is numeric, and all marked."""
    assert run("exam", "assemble", course, "final-exam").status == 0
    for learner in LEARNERS:
        run("exam", "open", course, "final-exam", learner, "--by", "proctor-7")
        run("exam", "submit", course, "final-exam", learner, f"{learner}-final-exam.ipynb")
        for part in forms(course)[learner]["sections"]:
            for question in part["questions"]:
                kind, points = question["variant"]["key"]["type"], question["variant"]["points"]
                marked = points if kind == "numeric" else "0"
                run("exam", "mark", course, "final-exam", learner, question["id"], marked, "--by", "ta")
    return course


def test_what_an_exam_told_of_its_items_is_kept_for_the_next(sat, run):
    done = run("exam", "parameters", sat, "final-exam")
    asked = {
        q["variant"]["ref"] for form in forms(sat).values() for part in form["sections"] for q in part["questions"]
    }
    assert done.out.splitlines()[0] == (
        f"{sat}/exam/parameters.json holds {len(asked)} items: {len(asked)} measured in final-exam now."
    )
    bank = read_bank(sat)
    entries = {each["item"]: each for each in json.loads((sat / "exam/parameters.json").read_text())["items"]}
    assert set(entries) == asked
    for ref, entry in entries.items():
        assert entry["version"] == bank.items[ref].version
        assert entry["difficulty"] == (1 if bank.items[ref].type == "numeric" else 0)
        assert entry["n"] == sum(ref in refs(form) for form in forms(sat).values())


def test_a_calibration_is_put_beside_and_what_was_known_stays(sat, run, tmp_path):
    run("exam", "parameters", sat, "final-exam")
    ref = refs(forms(sat)["ada"])[0]
    found = tmp_path / "found.json"
    found.write_text(json.dumps({"model": "2pl", "n": 4, "items": [{"item": ref, "a": 1.2, "b": 0.1, "se_a": 0.5}]}))
    done = run("exam", "parameters", sat, "final-exam", "--calibration", found, "--json")
    assert done.json["calibrated"] == [ref]
    read = json.loads((sat / "exam/parameters.json").read_text())
    (entry,) = [each for each in read["items"] if each["item"] == ref]
    assert (read["model"], entry["a"], entry["b"], "difficulty" in entry) == ("2pl", 1.2, 0.1, True)
    found.write_text(json.dumps({"model": "2pl", "items": [{"item": "nobody/knows", "a": 1.2, "b": 0.1}]}))
    refused = run("exam", "parameters", sat, "final-exam", "--calibration", found)
    assert (refused.status, "nobody/knows is no item that the exam asked" in refused.err) == (1, True)


def test_of_an_item_that_was_changed_nothing_old_is_taken_for_new(sat, run):
    run("exam", "parameters", sat, "final-exam")
    ref = refs(forms(sat)["ada"])[0]
    path = sat / "items" / f"{ref}.md"
    path.write_text(path.read_text().replace("## Solution\n", "## Solution\n\nTo begin with: "))
    done = run("exam", "parameters", sat, "final-exam")
    assert f"Changed since they were asked, so calibrate them anew: {ref}." in done.out


def test_an_exam_that_nobody_sat_tells_nothing(course, run):
    done = run("exam", "parameters", course, "final-exam")
    assert (done.status, "no attempt is over and wholly marked" in done.err) == (1, True)
