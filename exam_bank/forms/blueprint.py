"""What a form must be like: ``exam/<name>.toml``, as frozen types. ``docs/blueprints.md`` explains it to authors."""

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from authoring.toml_file import TomlError, load_toml
from exam_bank.item import SLUG

SCHEMA = 1
MAX_FORMS = 26  # parallel ones, a to z


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of everything that is read from TOML: frozen, and strict about unknown keys."""


class Row(_Record, frozen=True, kw_only=True):
    """How many items of a kind a section has. Filters that are given must all hold."""

    topic: str | None = None
    types: tuple[str, ...] = ()  # empty: any type
    skill: str | None = None
    count: int | None = None  # exactly so many
    at_least: int | None = None
    at_most: int | None = None
    points: Decimal | None = None  # of these items together


class Section(_Record, frozen=True, kw_only=True):
    """A part of the exam with its own time limit, which starts when the learner opens it."""

    id: str
    title: str
    minutes: int  # before accommodations, which multiply it in the sitting
    count: int  # items that count
    points: Decimal
    rows: tuple[Row, ...] = ()
    expected_minutes: Decimal | None = None  # of all its items together at most; by default ``minutes``
    pilots: int = 0  # further items that are on trial and do not count

    @property
    def budget(self) -> Decimal:
        """The minutes that the expected times of the items add up to at most."""
        return Decimal(self.minutes) if self.expected_minutes is None else self.expected_minutes


class Difficulty(_Record, frozen=True, kw_only=True):
    """How hard a form is: the share of its points that learners are expected to earn."""

    mean: Decimal
    tolerance: Decimal


class Information(_Record, frozen=True, kw_only=True):
    """The information of a form at an ability."""

    theta: Decimal
    value: Decimal
    tolerance: Decimal


class Exposure(_Record, frozen=True, kw_only=True):
    """How evenly the items are used in a class."""

    maximum: Decimal  # share of the class's forms that an item may be in, rounded up to a whole form


class Parallel(_Record, frozen=True, kw_only=True):
    """A few fixed forms, of which each learner gets one."""

    forms: int
    uses: int = 1  # of the forms that an item may be in


class Blueprint(_Record, frozen=True, kw_only=True):
    """What every form of an exam has in common."""

    schema: int
    title: str
    sections: tuple[Section, ...]
    parameters: str = ""  # the file in the course that has the items' parameters
    difficulty: Difficulty | None = None
    information: tuple[Information, ...] = ()
    exposure: Exposure | None = None
    parallel: Parallel | None = None

    @property
    def version(self) -> str:
        """``sha256:…`` of the content. Keys that came later have no part in it where they are not used."""
        content = _without_unused(msgspec.to_builtins(self))
        return "sha256:" + hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()

    @property
    def points(self) -> Decimal:
        """The points of every form."""
        return sum((section.points for section in self.sections), Decimal(0))


_LATER = ("parameters", "difficulty", "information", "exposure", "parallel", "expected_minutes", "pilots")


def _without_unused(table: Any) -> Any:
    if isinstance(table, list | tuple):
        return [_without_unused(each) for each in table]
    if isinstance(table, dict):
        return {key: _without_unused(value) for key, value in table.items() if value or key not in _LATER}
    return table


def read_blueprint(path: Path, *, name: str | None = None) -> Blueprint:
    """The blueprint in the file ``path``, called ``name`` (or its path) in errors.

    Raises:
        TomlError: it is no valid blueprint; the message names file, key and mend.
    """
    blueprint = load_toml(path, Blueprint, schema=SCHEMA, name=name)
    _check(blueprint, name or str(path))
    return blueprint


def _check(blueprint: Blueprint, name: str) -> None:
    ids = [section.id for section in blueprint.sections]
    if not ids:
        raise TomlError(name, "sections", "a blueprint needs at least one section; add `[[sections]]`")
    for section in blueprint.sections:
        place = f'sections[id = "{section.id}"]'
        if ids.count(section.id) > 1:
            raise TomlError(name, place, "two sections have this id; rename one")
        if problem := _section_problem(section):
            raise TomlError(name, place, problem)
        for number, row in enumerate(section.rows, 1):
            if problem := _row_problem(row):
                raise TomlError(name, f"{place}.rows[#{number}]", problem)
    for key, problem in _problems(blueprint):
        raise TomlError(name, key, problem)


def _section_problem(section: Section) -> str | None:
    if not SLUG.fullmatch(section.id):
        return "an id may hold a-z, 0-9 and hyphens only; rename it"
    if section.minutes <= 0 or section.count <= 0 or section.points <= 0:
        return "minutes, count and points must be more than 0; correct them"
    if not 0 < section.budget <= section.minutes:
        return f"expected_minutes must be more than 0 and at most the {section.minutes} minutes of the section"
    if section.pilots < 0:
        return "the number of pilots cannot be negative; correct it"
    return None


def _problems(blueprint: Blueprint) -> Iterator[tuple[str, str]]:
    """What is wrong with the keys that stand outside the sections."""
    yield from _target_problems(blueprint)
    if blueprint.parameters and not is_inside(blueprint.parameters):
        yield "parameters", "the file must lie in the course; write its path from there, such as exam/parameters.json"
    if blueprint.exposure and not 0 < blueprint.exposure.maximum <= 1:
        yield "exposure.maximum", "it is a share of the class's forms, more than 0 and at most 1; correct it"
    if blueprint.parallel:
        if blueprint.exposure:
            yield "parallel", "exposure is for forms of learners' own, parallel for a few fixed ones; leave out one"
        if not 1 <= blueprint.parallel.forms <= MAX_FORMS:
            yield "parallel.forms", f"there can be 1 to {MAX_FORMS} parallel forms; correct it"
        if not 1 <= blueprint.parallel.uses <= blueprint.parallel.forms:
            yield "parallel.uses", "an item is in one form at least and in all at most; correct it"


def _target_problems(blueprint: Blueprint) -> Iterator[tuple[str, str]]:
    places: list[tuple[str, Difficulty | Information]] = []
    if blueprint.difficulty:
        places.append(("difficulty", blueprint.difficulty))
    places += [(f"information[#{number}]", each) for number, each in enumerate(blueprint.information, 1)]
    for key, each in places:
        if each.tolerance < 0:
            yield f"{key}.tolerance", "a tolerance cannot be negative; correct it"
        if not blueprint.parameters:
            yield key, 'a target needs the items\' parameters; name their file: parameters = "exam/parameters.json"'
        if isinstance(each, Difficulty) and not 0 <= each.mean <= 1:
            yield f"{key}.mean", "it is a share of the points, from 0 to 1; correct it"
        if isinstance(each, Information) and each.value <= 0:
            yield f"{key}.value", "information must be more than 0; correct it"


def is_inside(path: str) -> bool:
    """Whether a path, written with slashes, leads from a folder to something within it."""
    parts = PurePosixPath(path).parts
    return bool(parts) and ".." not in parts and not path.startswith("/") and "\\" not in path


def _row_problem(row: Row) -> str | None:
    bounds = [row.at_least, row.at_most]
    if row.count is not None and bounds != [None, None]:
        return "give either count, or at_least and at_most"
    if row.count is None and row.points is None and bounds == [None, None]:
        return "the row asks for nothing; give count, at_least, at_most or points"
    if any(value is not None and value < 0 for value in (row.count, *bounds, row.points)):
        return "a count cannot be negative; correct it"
    return None
