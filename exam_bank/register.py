"""The register: which versions of an item were used, and their text, in ``items/versions/<topic>/<id>.jsonl``.

A line is added for each version and status that comes into use; nothing is ever changed or taken out. One file for each
item keeps the history with it, and two people's work apart in git. Forms, answers and statistics name an item by its
reference *and* its version, so those of an earlier version stay with it; here is what that version said.
"""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from exam_bank.forms.form import Form
from exam_bank.item import Item, Status
from exam_bank.item_file import MAX_BYTES, Bank, parse_item
from exam_bank.life_cycle import short
from exam_bank.strict import SourceError

FOLDER = "items/versions"
MAX_REGISTER_BYTES = 64 * MAX_BYTES


class Noted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a register.

    Attributes:
        at: when it was written.
        by: who did it.
        version: ``sha256:…`` of the item.
        status: the item's status then.
        exam: the exam that a form with this version was made for; "" if it is none.
        text: the item's file, in the first line of each version.
        stimulus: that of its set, likewise.
    """

    at: datetime
    by: str
    version: str
    status: Status
    exam: str = ""
    text: str = ""
    stimulus: str = ""


def register_path(root: Path, ref: str) -> Path:
    """Where the register of an item is."""
    return root / FOLDER / f"{ref}.jsonl"


def read_register(root: Path, ref: str) -> tuple[Noted, ...]:
    """The lines of an item's register, oldest first; none if it was never used.

    Raises:
        SourceError: the file is damaged: a line cannot be read, or a text is not that of its version.
    """
    path = register_path(root, ref)
    file = f"{FOLDER}/{ref}.jsonl"
    if not path.is_file():
        return ()
    with path.open("rb") as handle:
        data = handle.read(MAX_REGISTER_BYTES + 1)
    if len(data) > MAX_REGISTER_BYTES:
        raise SourceError(file, "", "the register is larger than 64 MiB; take an earlier state of it from git")
    noted = []
    for number, line in enumerate(data.splitlines(), 1):
        place = f"line {number}"
        try:
            entry = msgspec.json.decode(line, type=Noted)
        except msgspec.MsgspecError as error:
            raise SourceError(file, place, f"this is no line of a register ({error}); restore it from git") from error
        if entry.text and _item(entry, ref, file).version != entry.version:
            raise SourceError(file, place, "the text is not that of the version; restore the line from git")
        noted.append(entry)
    return tuple(noted)


def note(root: Path, items: Iterable[Item], *, at: datetime, by: str, exam: str = "") -> list[str]:
    """Adds what is not noted yet: a version, a status, or the first form of an exam that asks a version.

    Args:
        root: the course folder.
        items: as they are in their files now.
        at: the moment, passed in.
        by: who does it.
        exam: the exam that forms were made for.

    Returns:
        The references of the items whose register grew.

    Raises:
        SourceError: a register is damaged.
    """
    grown = []
    for item in items:
        before = read_register(root, item.ref)
        if _is_noted(item, before, exam):
            continue
        known = any(entry.version == item.version for entry in before)
        entry = Noted(
            at=at,
            by=by,
            version=item.version,
            status=item.status,
            exam=exam,
            text="" if known else (root / "items" / f"{item.ref}.md").read_text(encoding="utf-8"),
            stimulus="" if known else item.stimulus,
        )
        _append(register_path(root, item.ref), entry)
        grown.append(item.ref)
    return grown


def note_forms(root: Path, bank: Bank, forms: Iterable[Form], *, at: datetime, exam: str) -> list[str]:
    """Notes the items of forms before the forms are given out; see :func:`note`.

    Raises:
        SourceError: a register is damaged.
    """
    refs = {question.variant.ref for form in forms for question in form.questions}
    return note(root, (bank.items[ref] for ref in sorted(refs)), at=at, by="exam assemble", exam=exam)


def earlier(root: Path, ref: str, version: str) -> tuple[str, Item]:
    """The file's text and the item of an earlier version.

    Args:
        root: the course folder.
        ref: the item.
        version: ``sha256:…``, or its first digits.

    Raises:
        SourceError: the register has no such version, or several that begin so.
    """
    digits = version.removeprefix("sha256:")
    entries = [each for each in read_register(root, ref) if each.text]
    found = [each for each in entries if digits and each.version.removeprefix("sha256:").startswith(digits)]
    file = f"{FOLDER}/{ref}.jsonl"
    if len(found) != 1:
        known = ", ".join(short(each.version) for each in entries) or "none"
        raise SourceError(file, "", f"{len(found)} versions begin with {version!r}; known are {known}")
    return found[0].text, _item(found[0], ref, file)


def _is_noted(item: Item, before: tuple[Noted, ...], exam: str) -> bool:
    if exam:
        return any((entry.version, entry.exam) == (item.version, exam) for entry in before)
    return bool(before) and (before[-1].version, before[-1].status) == (item.version, item.status)


def _item(entry: Noted, ref: str, file: str) -> Item:
    topic, _, item_id = ref.partition("/")
    item = parse_item(entry.text, topic=topic, item_id=item_id, file=file)
    return msgspec.structs.replace(item, stimulus=entry.stimulus)


def _append(path: Path, entry: Noted) -> None:
    """One write at the end, on the disk before anything else goes on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = msgspec.json.encode(entry, order="sorted") + b"\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
