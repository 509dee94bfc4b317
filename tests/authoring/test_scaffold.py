"""What is scaffolded passes every check as it is, works in plain nbgrader, and never costs an author a line."""

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from authoring.check.run import check
from authoring.course_file import load_course
from authoring.errors import CoursewrightError
from authoring.notebook_file import load_notebook, notebook_bytes
from authoring.samples import answered, answers_for, load_samples
from authoring.scaffold import item_types, new_course, new_item, new_week
from exam_bank.check import check_items
from exam_bank.embed import stale_items
from tests.authoring.check.builder import FakeTrial

pytestmark = pytest.mark.integration  # it takes long

MONDAY = date(2027, 1, 4)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "metrology"
    new_course(
        folder, course_id="metrology", title='Measuring "small" things', starts=MONDAY, time_zone="Europe/Berlin"
    )
    return folder


def everything(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_a_new_course_is_whole_and_right(root: Path) -> None:
    assert sorted(everything(root)) == [
        ".gitignore",
        "course.toml",
        "items/week01/four-times-the-readings.md",
        "nbgrader_config.py",
        "samples/week01-problem-set.toml",
        "source/week01-lesson/lesson.ipynb",
        "source/week01-practice/practice.ipynb",
        "source/week01-problem-set/problem-set.ipynb",
    ]
    assert check(root, trial=FakeTrial()) == []
    assert check_items(root, seeds=50) == []
    assert stale_items(root) == ()
    assert not list(root.rglob("*<<*"))
    assert not [name for name, data in everything(root).items() if b"<<" in data]


def test_dates_follow_from_the_first_day(root: Path) -> None:
    course = load_course(root)
    assert (course.starts, course.ends) == (MONDAY, date(2027, 2, 28))
    assert course.verification_deadline.date() == date(2027, 2, 1)
    assert course.title == 'Measuring "small" things'
    assert course.assignment("week01-problem-set").due is not None
    assert str(course.assignment("week01-problem-set").due) == "2027-01-10 23:59:00"


def test_notebooks_are_written_as_jupyter_writes_them(root: Path) -> None:
    for path in root.rglob("*.ipynb"):
        assert notebook_bytes(load_notebook(path)) == path.read_bytes()


@pytest.mark.parametrize("weeks", [1, 3])
def test_a_short_course_is_right_too(tmp_path: Path, weeks: int) -> None:
    new_course(tmp_path / "short", course_id="short", title="Short", starts=MONDAY, weeks=weeks)
    assert check(tmp_path / "short") == []


def test_weeks_are_added_and_the_authors_file_is_kept(root: Path) -> None:
    before = (root / "course.toml").read_text() + "# a remark of the author's, without a line end"
    (root / "course.toml").write_text(before)
    for number in (2, 8, 3):
        new_week(root, number, title=f"Topic {number}")
    after = (root / "course.toml").read_text()
    assert after.startswith(before + "\n")
    course = load_course(root)
    assert [(week.number, str(week.opens)) for week in course.weeks] == [
        (1, "2027-01-04 12:00:00"),
        (2, "2027-01-11 12:00:00"),
        (8, "2027-02-22 12:00:00"),
        (3, "2027-01-18 12:00:00"),
    ]
    assert course.assignment("week08-problem-set").category == "problem-sets"
    assert (
        load_notebook(root / "source" / "week08-lesson" / "lesson.ipynb")
        .cells[0]
        .source.startswith("# Week 8: Topic 8")
    )
    assert check(root, trial=FakeTrial()) == []
    assert stale_items(root) == ()


def test_a_week_that_is_there_is_not_added_again(root: Path) -> None:
    before = everything(root)
    with pytest.raises(CoursewrightError, match=r"course\.toml: the course has a week 1 already"):
        new_week(root, 1)
    assert everything(root) == before


def test_a_week_after_the_run_is_refused(root: Path) -> None:
    before = everything(root)
    message = r"week 9 would go from 2027-03-01 to 2027-03-07, and the run goes from 2027-01-04 to 2027-02-28; change"
    with pytest.raises(CoursewrightError, match=message):
        new_week(root, 9)
    assert everything(root) == before


def test_nothing_is_overwritten_and_nothing_is_half_done(root: Path) -> None:
    (root / "source" / "week02-practice").mkdir()
    (root / "source" / "week02-practice" / "practice.ipynb").write_text("mine")
    before = everything(root)
    with pytest.raises(CoursewrightError, match=r"week02-practice/practice\.ipynb is there already"):
        new_week(root, 2)
    assert everything(root) == before


def test_a_course_toml_that_nothing_can_be_added_to_is_left_alone(root: Path) -> None:
    text = (root / "course.toml").read_text()
    inline = text[: text.index("\n[[weeks]]")]
    (root / "course.toml").write_text("weeks = []\n" + inline)
    with pytest.raises(
        CoursewrightError, match=r"week 1 cannot be added at the end of .*course\.toml.*: the file is not"
    ):
        new_week(root, 1)
    assert (root / "course.toml").read_text() == "weeks = []\n" + inline


def test_a_new_course_does_not_move_into_a_folder_that_is_used(root: Path) -> None:
    before = everything(root)
    with pytest.raises(CoursewrightError, match="is not empty; name a folder that is not there yet"):
        new_course(root, course_id="other", title="Other", starts=MONDAY)
    assert everything(root) == before


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    written = new_course(tmp_path / "empty", course_id="c", title="C", starts=MONDAY)
    assert all(path.is_file() for path in written)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"course_id": "../evil"}, "an id is made of small letters"),
        ({"course_id": 'x"\nid = "y'}, "control characters"),
        ({"time_zone": "Mars/Base"}, 'no time zone is called "Mars/Base"'),
        ({"title": "two\nlines"}, "holds line breaks or control characters"),
        ({"weeks": 0}, "a course of 0 weeks cannot be made"),
    ],
)
def test_what_makes_no_course_is_refused(tmp_path: Path, changes: dict[str, str], message: str) -> None:
    arguments = {"course_id": "c", "title": "C", "starts": MONDAY} | changes
    with pytest.raises(CoursewrightError, match=message):
        new_course(tmp_path / "new", **arguments)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("item_type", item_types())
def test_a_new_item_of_each_type_proves_itself(root: Path, item_type: str) -> None:
    (written,) = new_item(root, "statistics", f"my-{item_type}", item_type)
    assert written == root / "items" / "statistics" / f"my-{item_type}.md"
    assert check_items(root) == []


def test_every_type_of_the_format_can_be_begun(root: Path) -> None:
    document = (Path(__file__).parents[2] / "docs" / "items.md").read_text()
    assert len(item_types()) == 8
    assert all(f"**`{item_type}`**" in document for item_type in item_types())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("statistics", "mine", "numerical"), r"no type of item is called 'numerical' \(did you mean `numeric`\?\)"),
        (("../x", "mine", "numeric"), "cannot name an item; use small letters"),
        (("statistics", "Mine", "numeric"), "cannot name an item; use small letters"),
        (("week01", "four-times-the-readings", "numeric"), r"four-times-the-readings\.md is there already"),
    ],
)
def test_what_makes_no_item_is_refused(root: Path, arguments: tuple[str, str, str], message: str) -> None:
    before = everything(root)
    with pytest.raises(CoursewrightError, match=message):
        new_item(root, *arguments)
    assert everything(root) == before


def test_the_sample_answers_fit_the_problem_set(root: Path) -> None:
    notebook = load_notebook(root / "source" / "week01-problem-set" / "problem-set.ipynb")
    samples = load_samples(root, "week01-problem-set")
    assert answers_for(notebook, samples) == samples
    right = [each for each in samples if each.name == "right"]
    assert len(right) == 3
    assert sum(sum(each.marks.values()) for each in right) == 10
    answered(notebook, right)


@pytest.mark.integration
def test_nbgrader_itself_makes_the_student_version(root: Path, tmp_path: Path) -> None:
    nbgrader = shutil.which("nbgrader", path=str(Path(sys.executable).parent))
    assert nbgrader is not None
    done = subprocess.run(
        [nbgrader, "generate_assignment", "week01-problem-set", "--create"],
        cwd=root,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    released = load_notebook(root / "release" / "week01-problem-set" / "problem-set.ipynb")
    assert "HIDDEN" not in "".join(cell.source for cell in released.cells)
