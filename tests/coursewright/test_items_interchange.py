"""``items import`` and ``items export`` as a person runs them."""

import shutil
from pathlib import Path

import pytest

from exam_bank.check import check_item
from exam_bank.interchange.formats import FORMATS
from exam_bank.item_file import read_item
from tests.coursewright.conftest import Run

pytestmark = pytest.mark.integration

MPC = Path(__file__).parents[2] / "courses" / "mpc"
FIXTURES = Path(__file__).parents[1] / "exam_bank" / "interchange" / "fixtures"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    shutil.copytree(MPC / "items", tmp_path / "mpc" / "items")
    return tmp_path / "mpc"


def test_what_is_left_out_is_said_and_is_status_1(run: Run, course: Path) -> None:
    ran = run("items", "import", FIXTURES / "moodle.xml", course, "--topic", "gauges")
    assert ran.status == 1
    assert "question 6, 'Drawn': left out: Moodle's type 'calculated'" in ran.out
    assert "4 items written as drafts, 3 left out." in ran.out
    assert len(list((course / "items" / "gauges").iterdir())) == 4


def test_json_says_the_same(run: Run, course: Path) -> None:
    ran = run("items", "import", FIXTURES / "questions.gift", course, "--topic", "gauges", "--json")
    assert ran.status == 1
    assert ran.json["format"] == "gift"
    assert ran.json["written"][0]["ref"] == "gauges/least-count"
    assert {each["question"] for each in ran.json["left_out"]} >= {"question 11 (line 37)"}
    assert all(each["reason"] and each["mend"] for each in ran.json["left_out"])


def test_importing_again_touches_nothing(run: Run, course: Path) -> None:
    run("items", "import", FIXTURES / "qti21-match-correct.xml", course, "--topic", "gauges")
    before = {path: path.read_bytes() for path in course.rglob("*.md")}
    ran = run("items", "import", FIXTURES / "qti21-match-correct.xml", course, "--topic", "gauges")
    assert ran.status == 1
    assert "there already" in ran.out
    assert {path: path.read_bytes() for path in course.rglob("*.md")} == before


@pytest.mark.parametrize("form", FORMATS)
def test_the_sample_course_goes_out_and_comes_back_in_every_format(run: Run, course: Path, form: str) -> None:
    more = ["--variants", "2"] if form == "qti" else []
    out = run("items", "export", course, "--format", form, "--to", "out.bin", *more, "--json")
    assert out.status == 1  # a program never goes
    assert out.json["written"]
    back = run("items", "import", "out.bin", course, "--topic", "back", "--json")  # it tells what it is
    assert (back.status, back.json["format"]) == (0, form)
    assert len(back.json["written"]) == len(out.json["written"])
    for each in back.json["written"]:
        assert not list(check_item(read_item(course / each["file"], course)))


def test_variants_are_asked_for(run: Run, course: Path) -> None:
    ran = run("items", "export", course, "--format", "qti", "--to", "one.zip", "--only", "control-charts/cc-arl")
    assert ran.status == 1
    assert "--variants" in ran.out
    assert not Path("one.zip").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "word", "--to", "x"], "there is no format 'word'; known are qti, moodle"),
        (["--format", "qti", "--to", "x", "--only", "charts"], "there is no topic or item 'charts'"),
        (["--format", "qti", "--to", "none/x"], "there is no such folder"),
    ],
)
def test_mistakes_are_told_in_a_sentence(run: Run, course: Path, arguments: list[str], said: str) -> None:
    ran = run("items", "export", course, *arguments)
    assert ran.status == 1
    assert said in ran.err


def test_a_file_that_is_nothing_is_told(run: Run, course: Path, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<html><body>Hello</body></html>")
    ran = run("items", "import", "page.html", course, "--topic", "new")
    assert ran.status == 1
    assert "in no format that is read" in ran.err
