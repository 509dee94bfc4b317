"""One item, one text file ``items/<topic>/<id>.md``: the reader.

``docs/items.md`` describes the format. Front matter is YAML without any construction of Python objects; keys must be
known and may not occur twice. Opening the file as a notebook through Jupytext and saving it changes nothing that the
reader sees: the key ``jupyter``, which Jupytext adds, is ignored.
"""

import hashlib
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, cast, get_args

import msgspec
import yaml

from exam_bank.item import BLANK, SLUG, FillIn, Item, Question, Review, Sample, ShortAnswer, Status, Use
from exam_bank.item_sets import ItemSet, read_sets, unknown_set
from exam_bank.strict import SourceError, convert, known_keys, unknown_key

SCHEMA = 1
MAX_BYTES = 1024 * 1024

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")
_CODE_SECTIONS = {
    "Variant": "variant_code",
    "Check": "check_code",
    "Starter": "starter",
    "Reference": "reference",
    "Tests": "tests",
    "Hidden tests": "hidden_tests",
}
_FOR_EVERY_TYPE = {"variant_code", "check_code"}
_SECTIONS = ("Solution", *_CODE_SECTIONS)


class _Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The front matter that every type has."""

    title: str
    type: str
    skill: str
    status: Status
    points: Decimal
    minutes: float
    samples: tuple[Sample, ...] = ()
    enemies: tuple[str, ...] = ()
    set: str = ""
    topics: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    ranges: dict[str, tuple[Decimal, Decimal]] = {}
    author: str = ""
    reviewed_by: tuple[Review, ...] = ()
    angoff: dict[str, float] | tuple[dict[str, float], ...] = ()  # one round, or several in order
    use: Use = Use.EXAM  # an item stays secret unless its author says otherwise
    schema: int = SCHEMA

    def __post_init__(self) -> None:
        if self.points <= 0 or self.minutes <= 0:
            raise ValueError("points and minutes must be more than 0")
        for name, (low, high) in self.ranges.items():
            if not low <= high:
                raise ValueError(f"ranges: that of {name!r} must be [lowest, highest]")
        for rating in (rating for judges in self.rounds for rating in judges.values()):
            if not 0 <= rating <= 1:
                raise ValueError(f"angoff: a rating is a probability from 0 to 1, not {rating:g}")

    @property
    def rounds(self) -> tuple[dict[str, float], ...]:
        """The rounds of Angoff ratings, also where the author wrote a single one."""
        return (self.angoff,) if isinstance(self.angoff, dict) else self.angoff


@dataclass(frozen=True, kw_only=True)
class Bank:
    """The items of a course.

    Attributes:
        items: by reference ``<topic>/<id>``, in the order of the references.
        sets: by id, those that ``items/sets.toml`` describes.
    """

    items: Mapping[str, Item]
    sets: Mapping[str, ItemSet] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """``sha256:…`` of the exam items: which they are, their versions, and what decides whether one may be asked.

        Items of lessons have no part in it, so that mending one leaves the forms of an exam as they are.
        """
        exam = [each for _, each in sorted(self.items.items()) if each.use is Use.EXAM]
        rows = [self._row(each) for each in exam]
        return "sha256:" + hashlib.sha256(msgspec.json.encode(rows)).hexdigest()

    def _row(self, item: Item) -> tuple[object, ...]:
        """What of an item decides which form a seed gives."""
        tags = (item.every_topic, item.every_skill)
        return (item.ref, item.version, item.status, item.enemies, *tags, item.minutes, *self._of_set(item))

    def _of_set(self, item: Item) -> tuple[object, ...]:
        given = self.sets.get(item.set)
        return (item.set, *((given.together, given.at_most) if given else ())) if item.set else ()


def read_bank(root: Path) -> Bank:
    """Every item of the course in the folder ``root``; enemies hold both ways.

    Raises:
        SourceError: a file is not a valid item, lies at the wrong depth, or names an enemy that does not exist.
        TomlError: ``items/sets.toml`` is not valid.
    """
    sets = read_sets(root)
    items = {item.ref: item for item in (_read(path, root, sets) for path in item_paths(root))}
    for item in items.values():
        for enemy in item.enemies:
            if enemy not in items:
                raise SourceError(f"items/{item.ref}.md", "enemies", f"there is no item {enemy!r}")
    return Bank(items={ref: _with_mutual_enemies(item, items) for ref, item in sorted(items.items())}, sets=sets or {})


def item_paths(root: Path) -> list[Path]:
    """The item files of a course, sorted; hidden folders (Jupyter's check points) do not count.

    Raises:
        SourceError: a Markdown file is not in a topic's folder.
    """
    folder = root / "items"
    found = []
    for path in sorted(folder.rglob("*.md")):
        parts = path.relative_to(folder).parts
        if any(part.startswith(".") for part in parts) or parts == ("README.md",):
            continue
        if len(parts) != 2:
            raise SourceError(_named(path, root), "", "an item lies in items/<topic>/<id>.md; move the file")
        found.append(path)
    return found


def read_item(path: Path, root: Path) -> Item:
    """The item in the file ``path`` of the course folder ``root``.

    Raises:
        SourceError: it is not a valid item; the message names file, key and mend.
        TomlError: ``items/sets.toml`` is not valid.
    """
    return _read(path, root, read_sets(root))


def _read(path: Path, root: Path, sets: Mapping[str, ItemSet] | None) -> Item:
    file = _named(path, root)
    try:
        with path.open("rb") as handle:
            data = handle.read(MAX_BYTES + 1)
    except OSError as error:
        raise SourceError(file, "", f"the file cannot be read ({error.strerror})") from error
    if len(data) > MAX_BYTES:
        raise SourceError(file, "", "an item may have at most 1 MiB; move large data out of it")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(file, f"byte {error.start + 1}", "the file is not UTF-8; save it as UTF-8") from error
    item = parse_item(text, topic=path.parent.name, item_id=path.stem, file=file)
    if not item.set or sets is None:
        return item
    if item.set not in sets:
        raise SourceError(file, "set", unknown_set(item.set, sets))
    return msgspec.structs.replace(item, stimulus=sets[item.set].stimulus.strip())


def parse_item(text: str, *, topic: str, item_id: str, file: str) -> Item:
    """The item in ``text``, without the stimulus of its set; ``file`` is how errors call it.

    Raises:
        SourceError: it is not a valid item.
    """
    for name in (topic, item_id):
        if SLUG.fullmatch(name) is None:
            raise SourceError(file, "", f"the name {name!r} may hold a-z, 0-9 and hyphens only; rename it")
    front, body = _split(text.replace("\r\n", "\n"), file)
    stem, sections = _sections(body, file)
    header, question = _header_and_question(front, sections, file)
    item = Item(
        topic=topic,
        id=item_id,
        title=header.title,
        skill=header.skill,
        status=header.status,
        use=header.use,
        points=header.points,
        minutes=header.minutes,
        question=question,
        stem=stem,
        solution=sections.get("Solution", ""),
        variant_code=sections.get("Variant", ""),
        check_code=sections.get("Check", ""),
        samples=header.samples,
        enemies=header.enemies,
        set=header.set,
        topics=header.topics,
        skills=header.skills,
        ranges=header.ranges,
        author=header.author,
        reviewed_by=header.reviewed_by,
        angoff=header.rounds,
    )
    _check_whole(item, file)
    return item


def _named(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _with_mutual_enemies(item: Item, items: Mapping[str, Item]) -> Item:
    theirs = {ref for ref, other in items.items() if item.ref in other.enemies}
    return msgspec.structs.replace(item, enemies=tuple(sorted(theirs | set(item.enemies))))


# ---- front matter


class _NoDuplicates(yaml.SafeLoader):
    """YAML would silently keep the last of two equal keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} is not text", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _split(text: str, file: str) -> tuple[dict[str, Any], str]:
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        raise SourceError(file, "line 1", "an item begins with front matter between two lines '---'")
    try:
        end = next(number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---")
    except StopIteration:
        raise SourceError(file, "line 1", "the front matter has no closing line '---'") from None
    return _yaml("\n".join(lines[1:end]), file), "\n".join(lines[end + 1 :])


def _yaml(text: str, file: str) -> dict[str, Any]:
    try:
        data = yaml.load(text, _NoDuplicates)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 2}" if error.problem_mark else "front matter"
        raise SourceError(file, line, f"the front matter is not valid YAML ({error.problem})") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise SourceError(file, "front matter", "the front matter is not valid YAML") from error
    if not isinstance(data, dict):
        raise SourceError(file, "front matter", "the front matter must hold keys and values")
    data.pop("jupyter", None)
    return data


def _header_and_question(front: dict[str, Any], sections: dict[str, str], file: str) -> tuple[_Header, Question]:
    target = _question_type(front.get("type"), file)
    tag, common = str(target.__struct_config__.tag), known_keys(_Header, "")
    keys = [key for key in known_keys(target, "") if key not in _CODE_SECTIONS.values()]
    for key in front:
        if key not in (*common, *keys):
            raise SourceError(file, f"type {tag}", unknown_key(key, [*common, *keys]))
    header = convert({key: value for key, value in front.items() if key in common}, _Header, file=file)
    if header.schema != SCHEMA:
        newer = "is newer than this coursewright; update it" if header.schema > SCHEMA else "does not exist; write 1"
        raise SourceError(file, "schema", f"schema {header.schema} {newer}")
    programs = _programs(tag, sections, file)
    return header, convert({key: front[key] for key in keys if key in front} | programs, target, file=file)


def _question_type(name: object, file: str) -> type[Question]:
    by_tag = {str(each.__struct_config__.tag): each for each in get_args(Question)}
    if not isinstance(name, str) or name not in by_tag:
        given = "the key 'type' is missing" if name is None else f"there is no type {name!r}"
        raise SourceError(file, "type", f"{given}; known are {', '.join(by_tag)}")
    return cast("type[Question]", by_tag[name])


def _programs(tag: str, sections: dict[str, str], file: str) -> dict[str, str]:
    programs = {name: sections[title] for title, name in _CODE_SECTIONS.items() if title in sections}
    if tag != "code":
        if set(programs) - _FOR_EVERY_TYPE:
            raise SourceError(file, "", "the sections Starter, Reference and Tests belong to type code only")
        return {}
    for title in ("Variant", "Check"):
        if title in sections:
            raise SourceError(file, f"## {title}", "an item of type code has no variants; delete the section")
    for title in ("Starter", "Reference", "Tests"):
        if title not in sections:
            raise SourceError(file, f"## {title}", "an item of type code needs this section; add it")
    return programs


# ---- body


def _sections(body: str, file: str) -> tuple[str, dict[str, str]]:
    """The stem, and the text (or the program) of each ``##`` section."""
    parts: dict[str, list[str]] = {"": []}
    title = ""
    for line, in_code in _lines(body):
        if not in_code and line.startswith("## "):
            title = line[3:].strip()
            if title not in _SECTIONS:
                raise SourceError(file, f"## {title}", f"unknown section; known are {', '.join(_SECTIONS)}")
            if title in parts:
                raise SourceError(file, f"## {title}", "the section stands twice; join the two")
            parts[title] = []
        else:
            parts[title].append(line)
    stem = _tidy(parts.pop(""))
    if not stem:
        raise SourceError(file, "", "the stem is empty; write the question after the front matter")
    return stem, {name: _content(name, lines, file) for name, lines in parts.items()}


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it belongs to fenced code."""
    fence = ""
    for line in text.split("\n"):
        match = _FENCE.match(line)
        if fence:
            yield line, True
            if match and match[1].startswith(fence) and not match[2].strip():
                fence = ""
        else:
            fence = match[1] if match else ""
            yield line, bool(fence)


def _tidy(lines: list[str]) -> str:
    """Without blank lines at the ends and, outside code, runs of them: Jupytext may change these."""
    kept: list[str] = []
    for line, in_code in _lines("\n".join(lines)):
        if in_code or line.strip() or (kept and kept[-1].strip()):
            kept.append(line if in_code else line.rstrip("\r"))
    return "\n".join(kept).strip("\n").rstrip()


def _content(title: str, lines: list[str], file: str) -> str:
    text = _tidy(lines)
    if title not in _CODE_SECTIONS:
        return text
    code = text.split("\n")
    opening = _FENCE.match(code[0])
    if opening is None or not re.match(r"(python|ipython3)\b", opening[2].strip()):
        raise SourceError(file, f"## {title}", "the section must hold one block that begins with ```python")
    inside = [in_code for _, in_code in _lines(text)]
    closings = [number for number, line in enumerate(code) if number and line.strip() == opening[1]]
    if not all(inside) or closings != [len(code) - 1]:
        raise SourceError(file, f"## {title}", "the section must hold one ```python block and nothing else")
    return "\n".join(code[1:-1])


# ---- what one key alone cannot show


def _check_whole(item: Item, file: str) -> None:
    if not item.solution:
        raise SourceError(file, "## Solution", "the worked solution is missing; add the section")
    if isinstance(item.question, FillIn):
        _check_blanks(item, item.question, file)
    elif item.type != "code" and (blank := BLANK.search(item.stem)):
        raise SourceError(file, "", f"only type fill-in has blanks, and the stem holds {blank[0]!r}; delete it")
    if isinstance(item.question, ShortAnswer):
        total = sum(criterion.points for criterion in item.question.rubric)
        if total != item.points:
            raise SourceError(file, "rubric", f"its points add up to {total}, the item has {item.points}")
    if item.ref in item.enemies:
        raise SourceError(file, "enemies", "an item cannot be its own enemy; delete the entry")


def _check_blanks(item: Item, question: FillIn, file: str) -> None:
    in_stem, declared = BLANK.findall(item.stem), [blank.id for blank in question.blanks]
    if in_stem != declared:
        listed = ", ".join(in_stem) or "none"
        raise SourceError(file, "blanks", f"the stem has the blanks {listed}; list the same ones in the same order")
