"""What a form must be like: ``exam/<name>.toml``, as frozen types. ``docs/exams.md`` explains it to authors."""

import hashlib
from decimal import Decimal
from pathlib import Path

import msgspec

from authoring.toml_file import TomlError, load_toml

SCHEMA = 1


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
    minutes: int
    count: int
    points: Decimal
    rows: tuple[Row, ...] = ()


class Blueprint(_Record, frozen=True, kw_only=True):
    """What every form of an exam has in common."""

    schema: int
    title: str
    sections: tuple[Section, ...]

    @property
    def version(self) -> str:
        """``sha256:…`` of the content."""
        return "sha256:" + hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()

    @property
    def points(self) -> Decimal:
        """The points of every form."""
        return sum((section.points for section in self.sections), Decimal(0))


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
        if section.minutes <= 0 or section.count <= 0 or section.points <= 0:
            raise TomlError(name, place, "minutes, count and points must be more than 0; correct them")
        for number, row in enumerate(section.rows, 1):
            if problem := _row_problem(row):
                raise TomlError(name, f"{place}.rows[#{number}]", problem)


def _row_problem(row: Row) -> str | None:
    bounds = [row.at_least, row.at_most]
    if row.count is not None and bounds != [None, None]:
        return "give either count, or at_least and at_most"
    if row.count is None and row.points is None and bounds == [None, None]:
        return "the row asks for nothing; give count, at_least, at_most or points"
    if any(value is not None and value < 0 for value in (row.count, *bounds, row.points)):
        return "a count cannot be negative; correct it"
    return None
