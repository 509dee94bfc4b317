"""What ``build`` writes is what ``nbgrader generate_assignment`` writes, and nbgrader works on with it."""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from authoring.build import build, source_notebooks, student_notebooks
from authoring.errors import CoursewrightError
from tests.autograder import notebooks as make
from tests.autograder.nbgrader_oracle import graded, nbgrader, quickstart, registered

MPC = Path(__file__).parents[2] / "courses" / "mpc"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def small_course(root: Path) -> Path:
    body = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"
    hidden = "assert f() == 1\n### BEGIN HIDDEN TESTS\nassert f() + 1 == 2\n### END HIDDEN TESTS"
    make.write(root / "source/ps/ps.ipynb", make.notebook(make.solution("s", body), make.check("t", hidden)))
    (root / "source/ps/data").mkdir()
    (root / "source/ps/data/numbers.csv").write_text("1\n")
    return root


@pytest.fixture(scope="module", params=["quickstart", "mpc"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A course as nbgrader generates it, and as we build it."""
    theirs, ours = (tmp_path_factory.mktemp(request.param) / name for name in ("theirs", "ours"))
    for root in (theirs, ours):
        if request.param == "quickstart":
            quickstart(root)
        else:
            shutil.copytree(MPC, root, ignore=shutil.ignore_patterns("release", "gradebook.db", ".ipynb_checkpoints"))
    nbgrader(theirs, "generate_assignment", "--assignment=*")
    for _ in build(ours):
        pass
    return theirs, ours


@pytest.mark.integration
def test_the_student_versions_are_the_same_to_the_byte(both: tuple[Path, Path]) -> None:
    theirs, ours = (contents(root / "release") for root in both)
    assert sorted(ours) == sorted(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []


@pytest.mark.integration
@pytest.mark.parametrize("table", ["cells", "source cells"])
def test_the_gradebook_knows_the_same_cells(both: tuple[Path, Path], table: str) -> None:
    theirs, ours = both
    assert registered(ours)[table] == registered(theirs)[table]


@pytest.mark.integration
def test_building_again_changes_nothing(both: tuple[Path, Path]) -> None:
    _, ours = both
    before = contents(ours / "release"), registered(ours)
    for _ in build(ours):
        pass
    assert (contents(ours / "release"), registered(ours)) == before


@pytest.mark.integration
def test_nbgrader_autograde_works_on_what_was_built(tmp_path: Path) -> None:
    root = small_course(tmp_path / "course")
    for _ in build(root):
        pass
    right = make.answer(root / "release/ps/ps.ipynb", {"s": "def f():\n    return 1"})
    make.submit(root, "ada", "ps", {"ps.ipynb": right})
    nbgrader(root, "autograde", "ps")
    assert [(row[2], row[4]) for row in graded(root)["grades"]] == [("t", 1.0)]


@pytest.mark.integration
def test_formgrader_sees_what_was_built(tmp_path: Path) -> None:
    root = small_course(tmp_path / "course")
    for _ in build(root):
        pass
    directory = CourseDirectory(config=Config({"CourseDirectory": {"root": str(root)}}))
    api = NbGraderAPI(directory)  # what Formgrader's pages ask
    (assignment,) = api.get_assignments()
    assert (assignment["name"], assignment["status"], assignment["max_score"]) == ("ps", "draft", 1.0)
    assert assignment["release_path"] is not None
    (notebook,) = api.get_notebooks("ps")
    assert (notebook["name"], notebook["max_code_score"]) == ("ps", 1.0)


@pytest.mark.integration
def test_an_assignment_takes_at_most_a_second(tmp_path: Path) -> None:
    root = small_course(tmp_path / "course")
    program = (
        "import sys, time, pathlib\nfrom authoring import nbgrader_api\nfrom authoring.build import build\n"
        "start = time.process_time()\nlist(build(pathlib.Path(sys.argv[1])))\nprint(time.process_time() - start)"
    )
    done = subprocess.run([sys.executable, "-c", program, root], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 1


def test_what_is_made_in_memory_is_what_is_written(tmp_path: Path) -> None:
    root = small_course(tmp_path / "course")
    (version,) = build(root, ["ps"])
    assert (version.notebooks, version.files) == (("ps.ipynb",), ("data/numbers.csv",))
    (student,) = student_notebooks(root, "ps").values()
    assert student == nbformat.read(version.folder / "ps.ipynb", as_version=nbformat.NO_CONVERT)
    assert "HIDDEN" not in (version.folder / "ps.ipynb").read_text()


def test_a_build_that_fails_leaves_the_released_version_alone(tmp_path: Path) -> None:
    root = small_course(tmp_path / "course")
    (version,) = build(root)
    before = contents(version.folder)
    make.write(root / "source/ps/ps.ipynb", make.notebook(make.solution("s", "### BEGIN SOLUTION\n1")))
    with pytest.raises(CoursewrightError, match=r"ps\.ipynb: nbgrader cannot make"):
        list(build(root))
    assert contents(version.folder) == before


def test_what_is_gone_from_the_source_is_gone_from_the_release(tmp_path: Path) -> None:
    root = small_course(tmp_path / "course")
    list(build(root))
    (root / "source/ps/data/numbers.csv").unlink()
    (version,) = build(root)
    assert contents(version.folder).keys() == {"ps.ipynb"}


def test_a_link_to_a_file_is_released_as_the_file(tmp_path: Path) -> None:
    root = small_course(tmp_path / "course")
    (root / "shared.csv").write_text("shared")
    (root / "source/ps/shared.csv").symlink_to("../../shared.csv")
    (version,) = build(root)
    assert not (version.folder / "shared.csv").is_symlink()
    assert (version.folder / "shared.csv").read_text() == "shared"


def test_an_unknown_assignment_is_an_error_that_names_the_known_ones(tmp_path: Path) -> None:
    root = small_course(tmp_path / "course")
    with pytest.raises(CoursewrightError, match=r"ps-1 holds no notebook: name one of .* \(ps\)"):
        list(build(root, ["ps-1"]))
    with pytest.raises(CoursewrightError, match="none at all"):
        source_notebooks(tmp_path / "empty" / "source" / "ps")


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # from within nbgrader
def test_cells_cannot_come_or_go_once_learners_have_handed_in(tmp_path: Path) -> None:
    root = small_course(tmp_path / "course")
    list(build(root))
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        book.add_student("ada")
        book.add_submission("ps", "ada")
    make.write(root / "source/ps/ps.ipynb", make.notebook(make.solution("s", "1"), make.check("t2", "assert True")))
    with pytest.raises(CoursewrightError, match="put the cells back as they were"):
        list(build(root))
