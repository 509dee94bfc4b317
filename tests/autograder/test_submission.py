"""Submissions are read without trust: nothing in a folder raises, and what is left out is said."""

import os
import socket
import string
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import submission
from autograder.submission import Submission, read_submission


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "submitted" / "ada" / "ps1"
    place.mkdir(parents=True)
    (place / "problem.ipynb").write_text("{}")
    return place


def said(read: Submission) -> list[str]:
    assert {finding.rule for finding in read.findings} <= {"file-left-out", "unreadable-timestamp"}
    return [finding.message for finding in read.findings]


def test_all_regular_files_are_read_with_their_paths(folder: Path) -> None:
    (folder / "data" / "deep").mkdir(parents=True)
    (folder / "data" / "deep" / "größe 1.csv").write_bytes(b"1\n")
    read = read_submission(folder, "ada")
    assert read.files == {"problem.ipynb": b"{}", "data/deep/größe 1.csv": b"1\n"}
    assert (read.learner, read.submitted_at, read.findings) == ("ada", None, ())


def test_what_jupyter_and_python_leave_behind_is_no_part_of_it(folder: Path) -> None:
    for name in (".ipynb_checkpoints", "__pycache__"):
        (folder / name).mkdir()
        (folder / name / "x").write_text("x")
    assert read_submission(folder, "ada").files.keys() == {"problem.ipynb"}


def test_links_are_not_followed(folder: Path) -> None:
    secret = folder.parents[2] / "secret"
    secret.mkdir()
    (secret / "key").write_text("key")
    (folder / "file").symlink_to(secret / "key")
    (folder / "folder").symlink_to(secret)
    (folder / "loop").symlink_to(folder)
    (folder / "nowhere").symlink_to("/nowhere")
    read = read_submission(folder, "ada")
    assert read.files.keys() == {"problem.ipynb"}
    why = "left out, because it is a link, and links are not followed"
    assert said(read) == [f"{name}: {why}" for name in ("file", "folder", "loop", "nowhere")]


def test_a_file_with_a_second_name_may_be_anybodys_and_is_left_out(folder: Path) -> None:
    solution = folder.parents[2] / "solution.ipynb"
    solution.write_text("{}")
    (folder / "other.ipynb").hardlink_to(solution)
    read = read_submission(folder, "ada")
    assert read.files.keys() == {"problem.ipynb"}
    assert "hard link" in said(read)[0]
    solution.unlink()
    assert read_submission(folder, "ada").files.keys() == {"problem.ipynb", "other.ipynb"}


@pytest.mark.parametrize("linked", ["assignment", "learner"])
def test_a_folder_that_is_a_link_is_nobodys(folder: Path, linked: str) -> None:
    theirs = folder.parents[1] / "eve"
    if linked == "learner":
        theirs.symlink_to(folder.parent)
    else:
        theirs.mkdir()
        (theirs / "ps1").symlink_to(folder)
    read = read_submission(theirs / "ps1", "eve")
    assert read.files == {}
    assert said(read) == ["ps1: left out, because it is a link, and links are not followed"]


def test_a_course_may_keep_its_submissions_elsewhere(folder: Path) -> None:
    (folder.parents[1] / "elsewhere").symlink_to(folder.parents[1])
    assert read_submission(folder.parents[1] / "elsewhere" / "ada" / "ps1", "ada").files.keys() == {"problem.ipynb"}


def test_pipes_sockets_and_devices_are_left_out(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        os.chdir(folder)  # a socket's path is short
        listening.bind("socket")
        os.chdir("/")
        names = ["pipe", "socket"]
        if os.geteuid() == 0:
            os.mknod(folder / "zero", 0o20666, os.makedev(1, 5))
            names.append("zero")
        read = read_submission(folder, "ada")
    assert read.files.keys() == {"problem.ipynb"}
    assert said(read) == [f"{name}: left out, because it is not a regular file" for name in names]


def test_a_notebook_that_is_a_pipe_does_not_hang(folder: Path) -> None:
    (folder / "problem.ipynb").unlink()
    os.mkfifo(folder / "problem.ipynb")
    assert read_submission(folder, "ada").files == {}


def test_too_many_files_displace_no_notebook(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission, "MAX_FILES", 5)
    for number in range(10):
        (folder / f"a{number}").write_text("")
    read = read_submission(folder, "ada")
    assert list(read.files) == ["problem.ipynb", "a0", "a1", "a2", "a3"]
    assert said(read) == ["a4 and all that follow it: left out, because more than 5 files are not read"]


def test_a_file_that_is_too_large_is_left_out_and_the_others_are_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission, "MAX_BYTES", 1024**2)
    (folder / "a").write_bytes(b"x" * (1024**2 + 1))
    (folder / "b").write_bytes(b"x" * 100)
    read = read_submission(folder, "ada")
    assert read.files.keys() == {"problem.ipynb", "b"}
    assert said(read) == ["a: left out, because the files have more than 1 MiB with it"]


def test_a_sparse_file_of_a_terabyte_takes_neither_time_nor_memory(folder: Path) -> None:
    with (folder / "huge").open("wb") as file:
        file.truncate(1024**4)
    assert "huge" not in read_submission(folder, "ada").files


def test_names_that_are_not_text_are_left_out_with_all_below_them(folder: Path) -> None:
    odd = os.fsencode(folder) + b"/\xff"
    Path(os.fsdecode(odd)).mkdir()
    Path(os.fsdecode(odd), "inside").write_text("x")
    Path(os.fsdecode(odd + b"file")).write_text("x")
    read = read_submission(folder, "ada")
    assert read.files.keys() == {"problem.ipynb"}
    assert said(read) == ["?: left out, because its name is not text", "?file: left out, because its name is not text"]


@pytest.mark.integration  # it takes long
def test_folders_in_folders_without_end_are_left_out(folder: Path) -> None:
    os.chdir(folder)
    try:
        for _ in range(1500):
            Path("d").mkdir()
            os.chdir("d")
        Path("file").write_text("x")
        read = read_submission(folder, "ada")
    finally:
        os.chdir("/")
        subprocess.run(["rm", "-rf", folder / "d"], check=True)  # deeper than Python goes
    assert said(read) == ["/".join("d" * 17) + ": left out, because it lies in too many folders, one in the other"]


def test_long_names_are_left_out(folder: Path) -> None:
    long = folder / ("a" * 255) / ("b" * 255) / ("c" * 255)
    long.mkdir(parents=True)
    (long / ("d" * 255)).write_text("x")
    (only,) = said(read_submission(folder, "ada"))
    assert only.endswith("aaa: left out, because its name is too long")
    assert len(only) < 300


def test_what_cannot_be_opened_is_left_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object, flags: int) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)  # root can open everything
    assert said(read_submission(folder, "ada")) == [
        "problem.ipynb: left out, because it cannot be read (Permission denied)"
    ]


def test_a_folder_that_is_not_there_is_an_empty_submission(tmp_path: Path) -> None:
    assert read_submission(tmp_path / "nobody", "nobody").files == {}


def test_the_time_of_submission_is_no_part_of_the_answer(folder: Path) -> None:
    before = read_submission(folder, "ada").hash
    (folder / "timestamp.txt").write_text("2026-09-14 12:00:00.5 UTC\n")
    read = read_submission(folder, "ada")
    assert str(read.submitted_at) == "2026-09-14 12:00:00.500000+00:00"
    assert read.hash == before


@pytest.mark.parametrize(
    "text",
    ["yesterday", "99999999999999999999", "2026-09-14 12:00:00 99999999999999999999", "0001-01-01 00:00:00 +9999"],
)
def test_a_time_that_is_none_is_a_finding(folder: Path, text: str) -> None:
    (folder / "timestamp.txt").write_text(text)
    read = read_submission(folder, "ada")
    assert read.submitted_at is None
    assert said(read) == [f"timestamp.txt: {text!r} is no time; write one such as 2026-09-14 23:59:00 UTC."]


def test_a_timestamp_that_is_a_link_a_folder_or_huge_is_not_read(folder: Path) -> None:
    stamp = folder / "timestamp.txt"
    stamp.symlink_to("/etc/hostname")
    assert read_submission(folder, "ada").findings == ()
    stamp.unlink()
    stamp.mkdir()
    assert read_submission(folder, "ada").submitted_at is None
    stamp.rmdir()
    with stamp.open("wb") as file:
        file.truncate(1024**4)
    assert read_submission(folder, "ada").submitted_at is None


printable = st.text(string.printable, max_size=40)


@pytest.mark.integration  # it takes long
@given(printable | st.binary(max_size=40) | st.builds("2026-09-14 12:00:00 {}".format, printable))
def test_no_timestamp_raises(content: str | bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "timestamp.txt").write_bytes(content if isinstance(content, bytes) else content.encode())
        read = read_submission(Path(folder), "ada")
    assert read.submitted_at is None or read.submitted_at.tzinfo is not None


names = st.text(string.ascii_letters, min_size=1, max_size=3)


@given(
    st.dictionaries(names, st.binary(max_size=5), max_size=4), st.dictionaries(names, st.binary(max_size=5), max_size=4)
)
def test_two_submissions_have_the_same_hash_exactly_when_their_files_are_the_same(
    first: dict[str, bytes], second: dict[str, bytes]
) -> None:
    def reordered(files: dict[str, bytes]) -> Submission:
        return Submission("ada", dict(reversed(files.items())), None)

    assert (Submission("ada", first, None).hash == reordered(second).hash) == (first == second)


def test_a_hash_does_not_depend_on_where_a_name_ends() -> None:
    assert Submission("a", {"ab": b"c"}, None).hash != Submission("a", {"a": b"bc"}, None).hash
    assert Submission("a", {"a": b"", "b": b""}, None).hash != Submission("a", {"a": b"b"}, None).hash
