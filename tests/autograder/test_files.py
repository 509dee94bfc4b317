"""Records and executed notebooks get to their places whole, and what a kill left half done is finished."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from autograder import files
from autograder.record import GradeRecord, Outcome

RECORD = GradeRecord(
    course="c",
    assignment="ps",
    learner="ada",
    attempt="sha256:1",
    source="",
    environment="",
    grader="",
    outcome=Outcome.GRADED,
    score=1.0,
    max_score=1.0,
)
EXECUTED = {"p.ipynb": b"{}", "data/numbers.csv": b"1\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files.write_graded(tmp_path, tmp_path / "autograded/ada/ps", RECORD, EXECUTED)
    return tmp_path / "autograded/ada/ps"


def names(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_a_grade_is_a_record_and_the_notebooks_beside_it_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    assert names(tmp_path) == {
        "records/ps/ada/1.json",
        "autograded/ada/ps/p.ipynb",
        "autograded/ada/ps/data/numbers.csv",
    }
    assert files.read_record(tmp_path, "ps", "ada") == RECORD
    assert files.settle(tmp_path, folder, RECORD)


def test_files_of_other_kinds_beside_a_record_are_left_alone(folder: Path, tmp_path: Path) -> None:
    beside = tmp_path / "records/ps/ada"
    (beside / ".ipynb_checkpoints").mkdir()
    (beside / "note.txt").write_text("seen")
    (beside / ".2.json.new").write_text("half a rec")
    files.write_record(tmp_path, replace(RECORD, attempt="sha256:3"))
    assert {path.name for path in beside.iterdir()} == {".ipynb_checkpoints", "note.txt", "3.json"}
    assert names(tmp_path / "superseded") == {"ps/ada/1.json"}


def test_a_record_that_did_not_change_is_not_written_again(folder: Path, tmp_path: Path) -> None:
    path = files.record_path(tmp_path, RECORD)
    before = path.stat()
    files.write_record(tmp_path, RECORD)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_notebooks_that_were_ready_for_a_record_are_put_in_their_place(folder: Path, tmp_path: Path) -> None:
    new = folder.with_name(".ps.new")
    new.mkdir()
    folder.rename(new / "executed")
    (new / "record.json").write_bytes(files.record_path(tmp_path, RECORD).read_bytes())
    assert files.settle(tmp_path, folder, RECORD)
    assert names(folder) == {"p.ipynb", "data/numbers.csv"}
    assert not new.exists()


def test_notebooks_that_were_put_away_for_a_record_that_was_never_written_come_back(
    folder: Path, tmp_path: Path
) -> None:
    folder.rename(folder.with_name(".ps.old"))
    (folder.with_name(".ps.new") / "executed").mkdir(parents=True)
    (folder.with_name(".ps.new") / "record.json").write_bytes(b"another one")
    assert files.settle(tmp_path, folder, RECORD)
    assert names(folder) == {"p.ipynb", "data/numbers.csv"}
    assert {path.name for path in folder.parent.iterdir()} == {"ps"}


def test_a_record_without_notebooks_is_not_settled(folder: Path, tmp_path: Path) -> None:
    folder.rename(tmp_path / "elsewhere")
    assert not files.settle(tmp_path, folder, RECORD)
