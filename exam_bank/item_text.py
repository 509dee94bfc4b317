"""One item as the text of its file, which reads back as the same item."""

import os
import re
from decimal import Decimal
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import msgspec
import yaml

from exam_bank.item import Code, Item, Use
from exam_bank.item_file import parse_item
from exam_bank.strict import SourceError

_PROGRAMS = {"Starter": "starter", "Reference": "reference", "Tests": "tests", "Hidden tests": "hidden_tests"}

_COMMON = ("topics", "skills", "set", "enemies", "ranges", "author", "reviewed_by", "angoff", "samples")


def item_text(item: Item) -> str:
    """The text of the item's file.

    Raises:
        SourceError: the item is none that a file can hold, for instance because its stem has a heading of level 2.
    """
    parts = [f"---\n{_front_matter(item)}---", item.stem]
    if item.variant_code:
        parts.append(f"## Variant\n\n{_fenced(item.variant_code)}")
    if item.check_code:
        parts.append(f"## Check\n\n{_fenced(item.check_code)}")
    if isinstance(item.question, Code):
        programs = msgspec.structs.asdict(item.question)
        parts += [f"## {title}\n\n{_fenced(programs[key])}" for title, key in _PROGRAMS.items() if programs[key]]
    parts.append(f"## Solution\n\n{item.solution}")
    text = "\n\n".join(parts) + "\n"
    file = f"items/{item.ref}.md"
    read = parse_item(text, topic=item.topic, item_id=item.id, file=file)
    if read != msgspec.structs.replace(item, stimulus=""):  # which stands with the set
        raise SourceError(file, "", "the item cannot be written so that it reads back the same; simplify its texts")
    return text


def write_new_item(item: Item, root: Path) -> Path:
    """Writes the item below ``items/`` of the course folder ``root``.

    Raises:
        SourceError: there is such a file already, or the item cannot be written.
    """
    text = item_text(item)
    path = root / "items" / item.topic / f"{item.id}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=".", suffix=".new", newline="\n"
    ) as temporary:
        temporary.write(text)
        temporary.flush()
        path.parent.joinpath(temporary.name).chmod(0o644)
        try:
            os.link(temporary.name, path)  # unlike a rename, this never replaces
        except FileExistsError as error:
            raise SourceError(f"items/{item.ref}.md", "", "the item is there already; rename one of the two") from error
    return path


def _front_matter(item: Item) -> str:
    data: dict[str, Any] = {"title": item.title, "type": item.type, "skill": item.skill, "status": item.status.value}
    if item.use is not Use.EXAM:
        data["use"] = item.use.value
    data |= {"points": _plain(item.points), "minutes": item.minutes}
    question = {} if isinstance(item.question, Code) else _plain(item.question)
    question.pop("type", None)
    data |= question
    for name in _COMMON:
        if value := getattr(item, name):
            data[name] = _plain(value)
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120))


def _plain(value: Any) -> Any:
    """As YAML has it: numbers where a float says the same, texts where it does not."""
    if isinstance(value, Decimal):
        if value == value.to_integral_value() and abs(value) < 10**15:
            return int(value)
        return float(value) if Decimal(repr(float(value))) == value else str(value)
    if isinstance(value, msgspec.Struct):
        built = {
            field.encode_name: (getattr(value, field.name), field.default) for field in msgspec.structs.fields(value)
        }
        return {name: _plain(each) for name, (each, default) in built.items() if each != default}
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.value if hasattr(value, "value") else value


class _Dumper(yaml.SafeDumper):
    """Long texts as people write them."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text and text == text.strip() and not re.search(r"[ \t]\n|\t", text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _fenced(code: str) -> str:
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`+", code)), 3)
    return f"{fence}python\n{code}\n{fence}"
