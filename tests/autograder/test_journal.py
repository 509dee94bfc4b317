"""Files that only grow."""

from pathlib import Path

import pytest

from authoring.errors import CoursewrightError
from autograder.journal import append, read


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "some" / "journal.jsonl"
    for number in range(3):
        append(made, {"number": number})
    return made


def test_entries_come_back_in_order(path: Path) -> None:
    assert [entry["number"] for entry in read(path)] == [0, 1, 2]
    assert read(path.with_name("none.jsonl")) == []


@pytest.mark.parametrize("what", ["changed", "gone", "swapped", "no json"])
def test_a_change_behind_its_back_is_seen(path: Path, what: str) -> None:
    first, second, third = path.read_bytes().splitlines(keepends=True)
    lines = {
        "changed": [first.replace(b'"number":0', b'"number":9'), second, third],
        "gone": [second, third],
        "swapped": [second, first, third],
        "no json": [b"{\n", second, third],
    }[what]
    path.write_bytes(b"".join(lines))
    with pytest.raises(CoursewrightError, match=r"journal\.jsonl, line [12]: "):
        read(path)
