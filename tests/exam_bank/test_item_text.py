"""An item is written so that it reads back as the same item."""

from pathlib import Path

import msgspec
import pytest

from exam_bank.item import Item
from exam_bank.item_file import parse_item, read_bank, read_item
from exam_bank.item_text import item_text, write_new_item
from exam_bank.strict import SourceError
from tests.exam_bank.interchange.kinds import KINDS

MPC = Path(__file__).parents[2] / "courses" / "mpc"


def parsed(text: str, item: Item) -> Item:
    return parse_item(text, topic=item.topic, item_id=item.id, file="x")


@pytest.mark.parametrize("name", KINDS)
def test_every_type_reads_back_equal(name: str) -> None:
    assert parsed(item_text(KINDS[name]), KINDS[name]) == KINDS[name]


def test_every_item_of_the_sample_course_reads_back_equal() -> None:
    for item in read_bank(MPC).items.values():
        assert parsed(item_text(item), item) == item


def test_texts_that_yaml_takes_for_something_else_stay_texts() -> None:
    item = msgspec.structs.replace(KINDS["single-choice"], title="yes: no # [a] {b} 'c' \"d\" 012 ~ null")
    assert parsed(item_text(item), item) == item


def test_a_stem_that_would_open_a_section_is_refused() -> None:
    item = msgspec.structs.replace(KINDS["single-choice"], stem="What?\n\n## Variant\n\n```python\nx = 1\n```")
    with pytest.raises(SourceError):
        item_text(item)


def test_a_new_item_never_replaces_one(tmp_path: Path) -> None:
    item = msgspec.structs.replace(KINDS["numeric, unit"], title="One")
    path = write_new_item(item, tmp_path)
    assert read_item(path, tmp_path) == item
    with pytest.raises(SourceError, match="there already"):
        write_new_item(msgspec.structs.replace(item, title="Another"), tmp_path)
    assert read_item(path, tmp_path) == item
    assert [each.name for each in path.parent.iterdir()] == ["x.md"]
