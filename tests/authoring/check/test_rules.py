"""Each rule finds its broken example, at the right place, and nothing else finds anything there.

The good course of ``builder.py`` is the other half: ``test_run.py`` asserts that all rules are silent on it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_output

from authoring.check.finding import Finding, Severity
from authoring.check.run import check
from authoring.check.trial import Version
from authoring.errors import CoursewrightError
from authoring.notebook_file import read_notebook
from tests.authoring.check.builder import (
    MEAN,
    PLOT,
    TEST,
    Built,
    FakeTrial,
    answer,
    code,
    essay,
    graded,
    markdown,
    notebook,
    shown,
)

PS1 = "source/ps1/ps1.ipynb"
Break = Callable[[Built], None]


def on(cell: str, value: Any) -> Break:
    """Put this cell in the place of the one called so."""

    def apply(course: Built) -> None:
        course.cells[cell] = value

    return apply


def toml(before: str, after: str) -> Break:
    def apply(course: Built) -> None:
        assert before in course.toml
        course.toml = course.toml.replace(before, after)

    return apply


def metadata(cell: str, **changes: Any) -> Break:
    """Change the nbgrader metadata of a cell; None takes a key away."""

    def apply(course: Built) -> None:
        found = course.cells[cell].metadata.nbgrader
        found |= changes
        for key in [key for key, value in changes.items() if value is None]:
            del found[key]

    return apply


def field(cell: str, **changes: Any) -> Break:
    def apply(course: Built) -> None:
        course.cells[cell] |= changes

    return apply


def without_id(course: Built) -> None:
    del course.cells["plot"]["id"]


def other_kernel(course: Built) -> None:
    course.kernel = "julia-1.10"


def no_kernel(course: Built) -> None:
    course.kernel = ""


def attached_to_the_essay(course: Built) -> None:
    course.cells["essay"]["attachments"] = {"sketch.png": {"image/png": "aGk="}}


def extra_file(name: str, text: str = "") -> Break:
    def apply(course: Built) -> None:
        path = course.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return apply


EXAM = """
[[weeks.assignments]]
id = "final"
kind = "exam"
title = "Final"
category = "problem-sets"
blueprint = "exam/final.toml"
"""
LESSON = """
[[weeks.assignments]]
id = "lesson1"
kind = "lesson"
title = "Lesson"
"""
SAMPLE = """
schema = 1
[[answers]]
cell = "s_mean"
name = "right"
source = "x"
marks = { t_mean = 2 }
"""
ITEM = {"coursewright": {"item": {"ref": "a/b", "role": "graded", "key": ["a"]}}}
MISSPELT = graded("t_mean", TEST.replace("HIDDEN TESTS", "HIDDEN TEST"))
CONCEPT_CHECK = {"coursewright": {"item": {"ref": "a/b", "role": "concept-check", "key": ["a"]}}}
WEEK_2 = '\n[[weeks]]\nnumber = 2\ntitle = "More"\nopens = 2026-09-07T12:00:00\n'

# rule, what is broken, where it is found, what is said
BROKEN: list[tuple[str, Break, tuple[str, str | None], str]] = [
    ("course-file", toml("weight = 1", "wieght = 1"), ("course.toml", None), "no such key (did you mean `weight`?)"),
    ("course-file", toml("[limits]", "[limits"), ("course.toml", None), "line 12, column 8: the file is not TOML"),
    ("invalid-notebook", field("title", colour="red"), (PS1, None), "departs from the notebook format"),
    ("invalid-notebook", metadata("answer", schema_version=2), (PS1, "s_mean"), "version 2, older than 3"),
    ("invalid-notebook", metadata("answer", schema_version=4), (PS1, "s_mean"), "version 4, newer than 3"),
    ("cell-id", without_id, (PS1, None), "cells without an id: 2"),
    ("cell-id", field("plot", id="title"), (PS1, "title"), "2 cells have the id title"),
    ("grade-id", metadata("essay", grade_id=None), (PS1, "m-why"), "the cell has no grade id"),
    ("grade-id", metadata("essay", grade_id="why?"), (PS1, "why?"), "something else than letters, digits"),
    ("kernel", other_kernel, (PS1, None), "it is for the kernel julia-1.10, and the course's is python3"),
    ("kernel", no_kernel, (PS1, None), "it names no kernel"),
    ("dates", toml("due = 2026-09-22", "due = 2026-09-14"), ("course.toml", None), "not after its release"),
    ("dates", toml("due = 2026-09-22", "due = 2026-11-09"), ("course.toml", None), "the due time of ps1, 2026-11-09"),
    ("dates", toml("opens = 2026-09-14", "opens = 2026-09-13"), ("course.toml", None), "outside the run"),
    (
        "dates",
        toml("points = 5", "points = 5\nrelease = 2026-09-14T11:59:00"),
        ("course.toml", None),
        "before its week 1 opens",
    ),
    ("dates", toml("deadline = 2026-10", "deadline = 2027-10"), ("course.toml", None), "the verification deadline"),
    ("weights", toml("weight = 1", "weight = 0.95"), ("course.toml", None), "sum to 0.95, not to 1"),
    ("weights", toml("weight = 1", "weight = 1\ndrop_lowest = 1"), ("course.toml", None), "drops the 1 lowest"),
    (
        "weights",
        toml("weight = 1", 'weight = 0.5\n[[categories]]\nid = "final"\ntitle = "Final"\nweight = 0.5'),
        ("course.toml", None),
        "no assignment counts in the category final",
    ),
    ("points", toml("points = 5", "points = 6"), ("source/ps1", None), "promises 6 points, and its cells have 5"),
    ("points", toml("points = 5", "points = 4.5"), ("source/ps1", None), "promises 4.5 points, and its cells have 5"),
    ("points", metadata("essay", points=None), (PS1, "m_why"), "its points are missing"),
    ("points", metadata("essay", points=-1), (PS1, "m_why"), "its points are -1"),
    ("missing-file", toml("points = 5", "points = 5\n" + EXAM), ("course.toml", None), "exam/final.toml of final"),
    ("missing-file", toml("points = 5", "points = 5\n" + LESSON), ("course.toml", None), "lesson1 has no notebook"),
    ("missing-file", on("question", markdown("q", "[x](Bores.csv)")), (PS1, "q"), "there is no file Bores.csv"),
    ("missing-file", on("question", markdown("q", "[x](../../course.toml)")), (PS1, "q"), "../../course.toml"),
    (
        "missing-file",
        on("question", markdown("q", "![a bore](attachment:bore.png)")),
        (PS1, "q"),
        "attachment:bore.png",
    ),
    ("missing-file", on("question", markdown("q", '<a href="no%20such.pdf">x</a>')), (PS1, "q"), "no such.pdf"),
    (
        "missing-file",
        on("plot", code("p", PLOT.replace("bores.csv", "rods.csv"))),
        (PS1, "p"),
        "reads rods.csv",
    ),
    ("missing-file", on("plot", code("p", 'open("no.txt").read()')), (PS1, "p"), "the code reads no.txt"),
    ("missing-file", on("plot", code("p", 'Path("no.txt").read_text()')), (PS1, "p"), "the code reads no.txt"),
    (
        "sample-answer",
        extra_file("samples/ps1.toml", "schema = 1"),
        ("samples/ps1.toml", None),
        "`answers`: the key",
    ),
    (
        "sample-answer",
        extra_file("samples/ps1.toml", SAMPLE.replace("s_mean", "s_maen")),
        ("samples/ps1.toml", None),
        "there is no answer cell s_maen",
    ),
    (
        "sample-answer",
        extra_file("samples/ps1.toml", SAMPLE.replace("t_mean", "t_maen")),
        ("samples/ps1.toml", None),
        "no cell t_maen carries points",
    ),
    ("empty-test", on("test", graded("t_mean", "assert 1 + 1 == 2")), (PS1, "t_mean"), "the test uses nothing that"),
    ("empty-test", on("answer", markdown("a", "## Answer")), (PS1, "t_mean"), "no answer cell comes before this test"),
    (
        "left-in-student-version",
        on("plot", code("p", "'Try it'\n# total = float(sum(values))\n#     return total / float(len(values))")),
        (PS1, "p"),
        "the solution of s_mean (in the text of the cell)",
    ),
    (
        "left-in-student-version",
        on("plot", markdown("p", "A check: `mean`\n\n    assert abs(mean([0.5, 1.0, 7.5]) - 3.0) < 1e-9")),
        (PS1, "p"),
        "the hidden test of t_mean",
    ),
    (
        "left-in-student-version",
        on("plot", code("p", "1", notes=["total = float(sum(values))", "return total / float(len(values))"])),
        (PS1, "p"),
        "the solution of s_mean (in the cell's metadata)",
    ),
    ("left-in-student-version", attached_to_the_essay, (PS1, "m_why"), "the attachment sketch.png"),
    ("left-in-student-version", on("test", MISSPELT), (PS1, "t_mean"), '"BEGIN HIDDEN TEST"'),
    ("left-in-student-version", on("plot", markdown("p", "Which?", **ITEM)), (PS1, "p"), "the item's `key`"),
    (
        "left-in-student-version",
        extra_file("source/ps1/ps1_solution.py"),
        ("source/ps1", None),
        "the file ps1_solution.py, going by its name",
    ),
    ("network", on("plot", code("p", "import requests")), (PS1, "p"), "the cell imports requests"),
    ("network", on("plot", code("p", "from urllib import request")), (PS1, "p"), "the cell imports urllib.request"),
    (
        "network",
        on("plot", code("p", 'pd.read_csv("https://x.org/a.csv")')),
        (PS1, "p"),
        "the address https://x.org/a.csv",
    ),
    ("network", on("plot", code("p", "!pip install lmfit")), (PS1, "p"), "the cell runs pip install"),
    ("network", on("plot", code("p", "fetch_openml('iris')")), (PS1, "p"), "fetch_openml(…) fetches from the network"),
    (
        "network",
        on("plot", markdown("p", "![a lathe](https://x.org/lathe.png)")),
        (PS1, "p"),
        "from another site",
    ),
    (
        "heading-levels",
        on("question", markdown("q", "### Why?")),
        (PS1, "q"),
        '"Why?" has level 3 after',
    ),
    ("heading-levels", on("question", markdown("q", "<h3>Why?</h3>")), (PS1, "q"), "has level 3 after one of level 1"),
    (
        "alternative-text",
        on("plot", markdown("p", "![](two-peaks.png)")),
        (PS1, "p"),
        "has no alternative text",
    ),
    ("alternative-text", on("plot", markdown("p", "![image.png](two-peaks.png)")), (PS1, "p"), 'is only "image.png"'),
    ("alternative-text", on("plot", markdown("p", '<img src="two-peaks.png">')), (PS1, "p"), "has no alternative text"),
    ("alternative-text", on("plot", code("p", 'Image("two-peaks.png")')), (PS1, "p"), "Image(…) is called"),
    (
        "plot-labels",
        on("plot", code("p", PLOT.replace("set_xlabel", "set_title"))),
        (PS1, "p"),
        "no label on its x",
    ),
    ("plot-labels", on("plot", code("p", PLOT.replace(" [mm]", ""))), (PS1, "p"), 'the label "Bore" has no unit'),
]


def the_only(findings: list[Finding]) -> Finding:
    assert len(findings) == 1, findings
    return findings[0]


@pytest.mark.parametrize(
    ("rule", "broken", "place", "message"), BROKEN, ids=[f"{rule}-{message[:30]}" for rule, _, _, message in BROKEN]
)
def test_what_is_broken_is_found_there_and_nothing_else(
    course: Built, rule: str, broken: Break, place: tuple[str, str | None], message: str
) -> None:
    broken(course)
    root = course.write()
    found = the_only([finding for finding in check(root, trial=FakeTrial()) if not follows(finding, rule)])
    assert (found.rule, found.file, found.cell) == (rule, *place)
    assert message in found.message
    assert found.mend.endswith((".", "?"))
    assert "\n" not in found.message + found.mend


def follows(finding: Finding, rule: str) -> bool:
    """What cannot be otherwise: nbgrader builds nothing from a broken notebook, and no answer leaves an essay alone."""
    return finding.rule == "student-version" and rule in {"invalid-notebook", "grade-id", "points"}


def test_doubled_grade_ids_are_found_at_both_cells(course: Built) -> None:
    course.cells["more"] = essay("s_mean", "Because", 0.0) | {"id": "more"}
    found = [each for each in check(course.write()) if each.rule == "grade-id"]
    assert [(each.cell, each.message) for each in found] == [
        ("s_mean", "2 cells have this grade id (this is cell 4)"),
        ("s_mean", "2 cells have this grade id (this is cell 7)"),
    ]


def test_a_category_without_weight_may_stand_empty(course: Built) -> None:
    course.toml = course.toml.replace("weight = 1", 'weight = 1\n[[categories]]\nid = "x"\ntitle = "X"\nweight = 0')
    assert check(course.write()) == []


def test_weeks_out_of_order_are_found(course: Built) -> None:
    course.toml = course.toml.replace("2026-09-14\n", "2026-09-01\n") + WEEK_2
    found = the_only(check(course.write()))
    assert found.message == "week 2 opens on 2026-09-07 12:00:00, not after week 1 (2026-09-14 12:00:00)"


def test_a_time_that_the_clocks_leave_out_is_found(course: Built) -> None:
    course.toml = course.toml.replace("2026-09-14", "2026-03-02").replace("2026-09-22T12:00", "2026-03-08T02:30")
    found = the_only(check(course.write()))
    assert found.message.endswith("2026-03-08 02:30:00, does not exist: the clocks in America/New_York skip it")


def test_a_markdown_answer_that_nobody_grades_is_found(course: Built) -> None:
    course.cells["essay"].metadata.nbgrader |= {"grade": False}
    messages = [each.message for each in check(course.write()) if each.rule == "invalid-notebook"]
    assert messages == ["a Markdown answer must be graded by a person: `grade` and `solution` go together"]


def test_a_notebook_that_is_none_is_found(course: Built) -> None:
    root = course.write()
    (course.folder / "ps1.ipynb").write_text('{"cells": [')
    found = the_only([each for each in check(root) if each.rule == "invalid-notebook"])
    assert (found.file, found.cell) == (PS1, None)
    assert found.message == "line 1, column 12: the file is not JSON (Expecting value); save it from Jupyter"


def test_an_old_notebook_has_no_ids(course: Built) -> None:
    root = course.write()
    old = notebook([markdown("a", "# Means")]) | {"nbformat_minor": 4}
    for cell in old["cells"]:
        del cell["id"]
    course.write_notebook("old.ipynb", old)
    found = the_only(check(root))
    assert (found.file, found.rule, found.message) == ("source/ps1/old.ipynb", "cell-id", "no cell has an id")


def test_an_assignment_that_is_in_no_week_is_found(course: Built) -> None:
    root = course.write()
    (root / "source" / "extra").mkdir()
    (course.folder / "ps1.ipynb").with_name("copy.ipynb").write_text("")
    (course.folder / "copy.ipynb").rename(root / "source" / "extra" / "extra.ipynb")
    course.root = root
    (root / "source" / "extra" / "extra.ipynb").write_bytes((course.folder / "ps1.ipynb").read_bytes())
    for name in ("bores.csv", "two-peaks.png"):
        (root / "source" / "extra" / name).write_text("")
    found = the_only(check(root))
    assert (found.file, found.rule) == ("source/extra", "missing-file")
    assert found.message == "course.toml does not know this assignment, so it is never released"


@pytest.mark.parametrize(
    ("cell", "value", "message"),
    [
        (
            "answer",
            answer("s_mean", MEAN.replace("### END SOLUTION", "")),
            "the markers BEGIN SOLUTION and END SOLUTION do not come in pairs",
        ),
        (
            "test",
            graded("t_mean", TEST + "\n### END HIDDEN TESTS\n### BEGIN HIDDEN TESTS"),
            "the markers BEGIN HIDDEN TESTS and END HIDDEN TESTS do not come in pairs",
        ),
        (
            "plot",
            code("p", "### BEGIN SOLUTION\n1\n### END SOLUTION"),
            "the cell has the marker BEGIN SOLUTION and is not an answer",
        ),
        (
            "plot",
            code("p", "### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS"),
            "the cell has the marker BEGIN HIDDEN TESTS and is not a test",
        ),
    ],
)
def test_markers_that_stop_nbgrader_are_found_at_their_cell(course: Built, cell: str, value: Any, message: str) -> None:
    course.cells[cell] = value
    found = the_only(check(course.write()))
    assert (found.rule, found.file, found.message) == ("student-version", PS1, message)
    assert found.cell == (value.metadata.get("nbgrader", {}).get("grade_id") or "p")


def test_whatever_else_stops_nbgrader_is_told_in_its_words(course: Built) -> None:
    root = course.write()
    (root / "nbgrader_config.py").write_text("c = get_config()\nc.ClearSolutions.code_stub = {'R': 'fail()'}\n")
    found = the_only(check(root))
    assert (found.rule, found.file) == ("student-version", "source/ps1")
    assert found.message.startswith("no student version can be made: language 'python' has not been specified")


def test_the_authors_output_in_the_student_version_is_found(course: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    course.cells["plot"]["outputs"] = shown("0.0021")
    root = course.write()
    assert check(root) == []  # nbgrader clears outputs

    def uncleared(root: Path, assignment: str) -> dict[str, Any]:
        return {"ps1": read_notebook((root / PS1).read_bytes(), "ps1.ipynb")}

    monkeypatch.setattr("authoring.check.gather.student_notebooks", uncleared)
    found = [each for each in check(root) if "output" in each.message]
    assert [(each.cell, each.message) for each in found] == [("plot", "the student version has the author's output")]


def test_a_solution_that_is_not_taken_out_is_found(course: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    def whole(root: Path, assignment: str) -> dict[str, Any]:
        return {"ps1": read_notebook((root / PS1).read_bytes(), "ps1.ipynb")}

    monkeypatch.setattr("authoring.check.gather.student_notebooks", whole)
    messages = [(each.cell, each.message.removeprefix("the student version has ")) for each in check(course.write())]
    assert messages == [
        ("s_mean", 'the marker "BEGIN SOLUTION"'),
        ("s_mean", "the solution of s_mean (in the text of the cell)"),
        ("t_mean", "the hidden test of t_mean (in the text of the cell)"),
        ("t_mean", 'the marker "BEGIN HIDDEN TESTS"'),
        ("m_why", "the solution of m_why (in the text of the cell)"),
    ]


# ---- what a trial shows


def reference(cell: str, **facts: Any) -> FakeTrial:
    return FakeTrial(said={(cell, Version.REFERENCE): facts})


ERROR = [new_output("error", ename="NameError", evalue="name 'bores' is not defined", traceback=[])]
NO_NETWORK = [new_output("error", ename="URLError", evalue="<urlopen error>", traceback=[])]

TRIALS: list[tuple[str, FakeTrial, str, str, Severity]] = [
    (
        "reference-solution",
        reference("t-mean", outcome="failed", score=0.0, message="AssertionError: 2.5\nmore"),
        "t_mean",
        "the reference solution gets 0 of 2 points: AssertionError: 2.5",
        Severity.ERROR,
    ),
    ("reference-solution", reference("t-mean", outcome="partial", score=1.5), "t_mean", "1.5 of 2", Severity.ERROR),
    (
        "reference-solution",
        reference("t-mean", outcome="not_run", score=None),
        "t_mean",
        "no score of 2",
        Severity.ERROR,
    ),
    (
        "free-marks",
        FakeTrial(said={("t-mean", Version.STUDENT): {"outcome": "partial", "score": 0.5}}),
        "t_mean",
        "with nothing filled in, gets 0.5 points here",
        Severity.ERROR,
    ),
    (
        "failing-cell",
        reference("plot", outcome="error", outputs=ERROR),
        "plot",
        "the cell fails: NameError: name 'bores' is not defined",
        Severity.ERROR,
    ),
    (
        "shared-test",
        reference("t-mean", isolation="shared"),
        "t_mean",
        "the test only works in the learner's process",
        Severity.WARNING,
    ),
    ("isolated-only", reference("t-mean", together="error"), "t_mean", "not in the notebook itself", Severity.ERROR),
    ("slow-cell", reference("plot", seconds=12.34), "plot", "takes 12 s, and the limit is 10 s", Severity.ERROR),
    ("slow-cell", reference("plot", seconds=5.5), "plot", "takes 5.5 s, and the limit is 10 s", Severity.WARNING),
    (
        "unstable-result",
        FakeTrial(
            said={("plot", Version.REFERENCE): {"outputs": shown("0.31")}}, again={"plot": {"outputs": shown("0.37")}}
        ),
        "plot",
        "two runs of the reference version show different results",
        Severity.WARNING,
    ),
    (
        "unstable-result",
        FakeTrial(again={"t-mean": {"outcome": "failed", "score": 0.0}}),
        "t_mean",
        "give different marks: passed (2), then failed (0.0)",
        Severity.ERROR,
    ),
]


@pytest.mark.parametrize(("rule", "trial", "cell", "message", "severity"), TRIALS)
def test_what_a_trial_shows_is_found_at_its_cell(
    course: Built, rule: str, trial: FakeTrial, cell: str, message: str, severity: Severity
) -> None:
    found = the_only(check(course.write(), trial=trial))
    assert (found.rule, found.file, found.cell, found.severity) == (rule, PS1, cell, severity)
    assert message in found.message


def test_a_cell_that_fails_for_want_of_a_network_says_so(course: Built) -> None:
    rules = {each.rule for each in check(course.write(), trial=reference("plot", outcome="error", outputs=NO_NETWORK))}
    assert rules == {"failing-cell", "network"}


def test_a_cell_that_is_meant_to_fail_may(course: Built) -> None:
    course.cells["plot"] = code("plot", "1 / 0", tags=["raises-exception"])
    assert check(course.write(), trial=reference("plot", outcome="error", outputs=ERROR)) == []


def test_addresses_and_times_are_no_difference(course: Built) -> None:
    first, second = shown("<Axes at 0x7f0a12345678>"), shown("<Axes at 0x7f0a87654321>")
    trial = FakeTrial(said={("plot", Version.REFERENCE): {"outputs": first}}, again={"plot": {"outputs": second}})
    assert check(course.write(), trial=trial) == []
    course.cells["plot"] = code("plot", "%timeit 1 + 1")
    trial = FakeTrial(said={("plot", Version.REFERENCE): {"outputs": shown("1 ns")}}, again={"plot": {"outputs": []}})
    assert check(course.write(), trial=trial) == []


def test_an_assignment_that_is_slow_as_a_whole_is_found(course: Built) -> None:
    course.toml = course.toml.replace("submission_seconds = 60", "submission_seconds = 1")
    found = the_only(check(course.write(), trial=reference("plot", seconds=1.2)))
    assert (found.rule, found.file, found.severity) == ("slow-cell", "source/ps1", Severity.ERROR)
    assert "together, and the limit is 1 s" in found.message


def test_an_assignment_that_cannot_be_run_is_found(course: Built) -> None:
    def trial(assignment: Path, version: Version) -> list[Any]:
        raise CoursewrightError("the kernel python3 died")

    found = the_only(check(course.write(), trial=trial))
    assert (found.rule, found.file) == ("failing-cell", "source/ps1")
    assert found.message == "it cannot be run: the kernel python3 died"


# ---- what looks broken and is not


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(markdown("c", "`![](not-a-picture.png)`\n\n```\n[x](no.csv)\n### no heading\n```"), id="in code"),
        pytest.param(markdown("c", '<img src="two-peaks.png" alt="">'), id="decoration"),
        pytest.param(markdown("c", "[up](#means) [mail](mailto:a@b.org) [other](../ps1/bores.csv#L1)"), id="links"),
        pytest.param(code("c", 'open("out.txt", "w").write("x")\nopen("out.txt").read()'), id="written first"),
        pytest.param(code("c", 'frame.to_csv("new.csv")\npd.read_csv("new.csv")'), id="saved first"),
        pytest.param(code("c", 'print("https://example.org")'), id="an address that is printed"),
        pytest.param(code("c", "import urllib.parse"), id="parsing addresses"),
        pytest.param(code("c", "%matplotlib inline\nmean?\n!ls"), id="magics"),
        pytest.param(code("c", "total = 3\nreturn_value = total"), id="one everyday line of the solution"),
        pytest.param(code("c", "plt.style.use('ggplot')"), id="a style of matplotlib's own"),
        pytest.param(markdown("c", "Which?", **CONCEPT_CHECK), id="concept check"),
    ],
)
def test_there_are_no_false_alarms(course: Built, cell: Any) -> None:
    course.cells = {"title": course.cells["title"], "c": cell} | course.cells
    assert check(course.write(), trial=FakeTrial()) == []


@pytest.mark.parametrize(
    ("before", "test"),
    [
        ("def check(f):\n    return f([1, 3]) == 2 and mean([1]) == 1", "assert check(sorted) is not None"),
        ("tables = {}", TEST),
        ("result = mean([1, 2])", "assert result == 1.5"),
    ],
)
def test_a_test_may_reach_the_answer_through_other_cells(course: Built, before: str, test: str) -> None:
    course.cells = {
        **{key: value for key, value in course.cells.items() if key not in {"test", "essay"}},
        "between": code("between", before),
        "test": graded("t_mean", test),
        "essay": course.cells["essay"],
    }
    assert check(course.write(), trial=FakeTrial()) == []


@pytest.mark.parametrize(
    ("solution", "test"),
    [
        ("bores['mm'] = bores['um'] / 1000", "assert bores['mm'].max() < 13"),
        ("plt.plot([1, 2])\nplt.xlabel('Run')\nplt.ylabel('Bore [mm]')", "assert plt.gca().lines"),
        ("open('answer.txt', 'w').write('7')", "assert open('answer.txt').read() == '7'"),
        ("part.mass = 3", "assert part.mass == 3"),
        ("a, (b, *c) = 1, (2, 3)", "assert c"),
        ("for last in values:\n    pass", "assert last"),
        ("%load_ext sql\nx = 1", "assert x"),
    ],
)
def test_an_answer_may_change_what_was_there(course: Built, solution: str, test: str) -> None:
    course.cells["answer"] = answer("s_mean", solution)
    course.cells["test"] = graded("t_mean", test)
    assert check(course.write(), trial=FakeTrial()) == []
