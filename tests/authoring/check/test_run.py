"""What ``check`` takes, in which order it reports, and how often it runs things."""

from pathlib import Path

import pytest

from authoring.check.finding import Finding, Severity
from authoring.check.rules import RULES
from authoring.check.run import check
from authoring.check.trial import CellTrial, Version
from authoring.errors import CoursewrightError
from tests.authoring.check.builder import Built, FakeTrial, code, good_cells, graded, markdown, notebook


def test_there_is_nothing_to_find_in_a_good_course(course: Built) -> None:
    assert check(course.write(), trial=FakeTrial()) == []


def test_each_version_is_run_no_more_than_needed(course: Built) -> None:
    trial = FakeTrial()
    check(course.write(), trial=trial)
    assert trial.runs == [("ps1", Version.REFERENCE), ("ps1", Version.REFERENCE), ("ps1", Version.STUDENT)]


def test_nothing_is_written(course: Built) -> None:
    root = course.write()
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    check(root, trial=FakeTrial())
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_a_student_version_without_tests_is_not_run(course: Built) -> None:
    del course.cells["answer"], course.cells["test"]
    trial = FakeTrial()
    check(course.write(), trial=trial)
    assert (("ps1", Version.STUDENT)) not in trial.runs


def broken_in_three_places(course: Built) -> Path:
    course.cells["question"] = markdown("question", "### A mean")
    course.cells["title"] = markdown("title", "# Means\n\n![](two-peaks.png)")
    course.toml = course.toml.replace("weight = 1", "weight = 0.9")
    return course.write()


def told(findings: list[Finding]) -> list[tuple[str, str | None, str]]:
    return [(finding.file, finding.cell, finding.rule) for finding in findings]


def test_findings_come_in_the_order_of_files_and_cells(course: Built) -> None:
    root = broken_in_three_places(course)
    assert told(check(root)) == [
        ("course.toml", None, "weights"),
        ("source/ps1/ps1.ipynb", "title", "alternative-text"),
        ("source/ps1/ps1.ipynb", "question", "heading-levels"),
    ]
    assert check(root) == check(root)


def test_one_assignment_of_a_course_can_be_checked(course: Built) -> None:
    root = broken_in_three_places(course)
    found = [("ps1.ipynb", "title", "alternative-text"), ("ps1.ipynb", "question", "heading-levels")]
    assert told(check(root / "source" / "ps1")) == found
    assert told(check(root / "source" / "ps1" / "ps1.ipynb")) == found


def test_one_notebook_of_several_can_be_checked(course: Built) -> None:
    root = course.write()
    course.write_notebook("broken.ipynb", notebook([markdown("a", "## Late")]))
    assert told(check(root / "source" / "ps1" / "ps1.ipynb", trial=FakeTrial())) == []
    assert told(check(root / "source" / "ps1" / "broken.ipynb")) == [("broken.ipynb", "a", "heading-levels")]


def test_a_plain_nbgrader_course_can_be_checked(course: Built) -> None:
    root = course.write()
    (root / "course.toml").unlink()
    (root / "nbgrader_config.py").write_text("c = get_config()\n")
    assert check(root, trial=FakeTrial()) == []


def test_a_folder_that_belongs_to_no_course_can_be_checked(course: Built, tmp_path: Path) -> None:
    course.cells["copy"] = code("copy", "# return total / float(len(values))\n# total = float(sum(values))")
    course.write()
    lone = course.folder.rename(tmp_path / "lone")
    assert told(check(lone, trial=FakeTrial())) == [("ps1.ipynb", "copy", "left-in-student-version")]


@pytest.mark.parametrize(
    ("name", "message"),
    [("nowhere", "nowhere is not there; name a folder"), ("empty", "empty is neither a course, nor an assignment's")],
)
def test_a_path_that_is_nothing_of_the_kind_is_refused(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(CoursewrightError, match=message):
        check(tmp_path / name)


def test_other_packages_add_rules(course: Built) -> None:
    def find(context: object) -> list[Finding]:
        return [Finding(file="x", rule="mine", severity=Severity.WARNING, message="m", mend="n")]

    assert told(check(course.write(), rules=(*RULES, find))) == [("x", None, "mine")]


def test_an_unreadable_notebook_does_not_hide_the_others(course: Built) -> None:
    root = course.write()
    (root / "source" / "ps1" / "other.ipynb").write_text("{")
    course.cells = good_cells() | {"late": graded("t_free", "pass", 0)}
    course.write_notebook("ps1.ipynb", notebook(list(course.cells.values())))
    trial = FakeTrial()
    assert told(check(root, trial=trial)) == [
        ("source/ps1/other.ipynb", None, "invalid-notebook"),
        ("source/ps1/ps1.ipynb", "t_free", "empty-test"),
        ("source/ps1/ps1.ipynb", "t_free", "points"),
    ]
    assert trial.runs == []


def test_a_trial_about_cells_that_are_not_there_is_no_crash(course: Built) -> None:
    def trial(assignment: Path, version: Version) -> list[CellTrial]:
        facts = {"grade_id": None, "outcome": "error", "score": None, "max_score": None, "seconds": 0.1, "message": "x"}
        return [CellTrial(notebook="gone", index=0, **facts), CellTrial(notebook="ps1", index=99, **facts)]  # type: ignore[arg-type]

    assert check(course.write(), trial=trial) == []
