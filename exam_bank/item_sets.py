"""Sets: items that share a stimulus, and are asked together or not too many of them at once.

They stand in ``items/sets.toml``; an item names its set. ``docs/items.md`` explains the file to authors.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from authoring.toml_file import TomlError, load_toml
from authoring.toml_shape import nearest
from exam_bank.item import SLUG

FILE = "items/sets.toml"
SCHEMA = 1


class ItemSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the items of a set have in common.

    Attributes:
        id: how items name it.
        title: for people.
        stimulus: Markdown that is shown above the stem of each; the same for everybody, so it has no templates.
        together: a form has all of the items that it may ask, one behind the other, or none.
        at_most: a form has no more than so many of them; None for no limit.
    """

    id: str
    title: str = ""
    stimulus: str = ""
    together: bool = False
    at_most: int | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    schema: int
    sets: tuple[ItemSet, ...]


def read_sets(root: Path) -> Mapping[str, ItemSet] | None:
    """The sets of the course in the folder ``root`` by id, or None if it has no such file.

    Raises:
        TomlError: the file is not valid; the message names the place and the mend.
    """
    path = root / FILE
    if not path.is_file():
        return None
    read = load_toml(path, _File, schema=SCHEMA, name=FILE).sets
    for each in read:
        if problem := _problem(each, [other.id for other in read]):
            raise TomlError(FILE, f'sets[id = "{each.id}"]', problem)
    return {each.id: each for each in read}


def unknown_set(name: str, sets: Mapping[str, ItemSet]) -> str:
    """What to say of a set that stands in no file."""
    return f"there is no set {name!r} in {FILE}{nearest(name, list(sets))}; add it, or correct the name"


def _problem(each: ItemSet, ids: list[str]) -> str:
    if SLUG.fullmatch(each.id) is None:
        return "an id may hold a-z, 0-9 and hyphens only; rename it"
    if ids.count(each.id) > 1:
        return "two sets have this id; rename one"
    if "{{" in each.stimulus:
        return "a stimulus is the same for every variant; write numbers in place of {{ }}"
    if each.at_most is not None and (each.at_most < 1 or each.together):
        return "at_most is 1 or more, and does not go with together; correct it"
    return ""
