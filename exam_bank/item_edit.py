"""Small changes to an item's file that leave everything else in it as its author wrote it."""

import json
import re
from pathlib import Path

import msgspec

from exam_bank.item import Item, Review, Status
from exam_bank.item_file import parse_item, read_item
from exam_bank.strict import SourceError

_TOP_LEVEL = re.compile(r"[A-Za-z_]")


def set_status(path: Path, root: Path, status: Status) -> Item:
    """Writes the status into the item's file.

    Returns:
        The item as it is then.

    Raises:
        SourceError: the file is no valid item, or its front matter is written so that a line cannot be changed safely.
    """
    before = read_item(path, root)
    text = _text(path)
    changed = re.sub(r"^status:.*$", f"status: {status.value}", text, count=1, flags=re.MULTILINE)
    return _replace(path, before, msgspec.structs.replace(before, status=status), changed)


def add_review(path: Path, root: Path, review: Review) -> Item:
    """Adds a line to ``reviewed_by`` in the item's file.

    Returns:
        The item as it is then.

    Raises:
        SourceError: as :func:`set_status`.
    """
    before = read_item(path, root)
    lines = _text(path).split("\n")
    end = next(number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---")
    key = next((number for number, line in enumerate(lines[:end]) if line.startswith("reviewed_by:")), None)
    if key is None:
        new = ["reviewed_by:", _line(review)]
    else:
        new = [_line(review)]
        end = next(number for number in range(key + 1, end + 1) if _TOP_LEVEL.match(lines[number]) or number == end)
    changed = "\n".join([*lines[:end], *new, *lines[end:]])
    return _replace(path, before, msgspec.structs.replace(before, reviewed_by=(*before.reviewed_by, review)), changed)


def _line(review: Review) -> str:
    """As a flow mapping of YAML, which reads JSON's strings."""
    note = f", note: {json.dumps(review.note, ensure_ascii=False)}" if review.note else ""
    by = json.dumps(review.by, ensure_ascii=False)
    return f'  - {{by: {by}, date: {review.date.isoformat()}, version: "{review.version}"{note}}}'


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")


def _replace(path: Path, before: Item, wanted: Item, text: str) -> Item:
    """Writes ``text`` if it says what is wanted and nothing else changed."""
    file = f"items/{before.ref}.md"
    mend = "the front matter cannot be changed safely; write the key as the docs do, on lines of its own"
    try:
        read = parse_item(text, topic=before.topic, item_id=before.id, file=file)
    except SourceError as error:
        raise SourceError(file, error.place, mend) from error
    if msgspec.structs.replace(read, stimulus=before.stimulus) != wanted:
        raise SourceError(file, "", mend)
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8", newline="")
    new.replace(path)
    return wanted
