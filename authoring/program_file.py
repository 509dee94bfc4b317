"""Reads ``courses/programs/<id>.toml`` into a :class:`~authoring.program.Program`, strictly."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from authoring.program import AllOf, AnyOf, CoursePass, ExamPass, NOf, Program, Requirement, Unknown
from authoring.toml_file import TomlError, load_toml, parse_toml

SCHEMA = 1


def read_program(path: Path) -> Program:
    """The program in a TOML file.

    Raises:
        TomlError: it cannot be read, a key is unknown, missing or of the wrong type, the id is not the file's name, a
            list of requirements is empty or names one twice, or a number lies outside its range.
    """
    program = load_toml(path, Program, schema=SCHEMA)
    if program.id != path.stem:
        raise TomlError(
            str(path), "id", f'"{path.stem}" was expected, as in the file\'s name, and "{program.id}" was found'
        )
    return _checked(program, str(path))


def parse_program(text: str, *, name: str) -> Program:
    """As :func:`read_program`, from the text of a file that errors call ``name``."""
    return _checked(parse_toml(text, Program, schema=SCHEMA, name=name), name)


def _checked(program: Program, file: str) -> Program:
    for key, message in _mistakes(program.requirement, "requirement"):
        raise TomlError(file, key, message)
    return program


def _mistakes(requirement: Requirement, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(requirement, CoursePass):
        yield from _outside(requirement.minimum_grade, f"{key}.minimum_grade")
    elif isinstance(requirement, ExamPass):
        yield from _outside(requirement.minimum_score, f"{key}.minimum_score")
        yield from _mistakes_of_validity(requirement, key)
    elif not isinstance(requirement, Unknown):
        yield from _mistakes_of_a_list(requirement, key)


def _outside(fraction: Decimal | None, key: str) -> Iterator[tuple[str, str]]:
    if fraction is not None and not 0 < fraction <= 1:
        yield key, f"a fraction above 0 and at most 1 was expected, and {fraction} was found"


def _mistakes_of_validity(requirement: ExamPass, key: str) -> Iterator[tuple[str, str]]:
    years = requirement.valid_years
    if years is not None and years < 1:
        yield (
            f"{key}.valid_years",
            f"a whole number of at least 1 was expected, and {years} was found",
        )
    if bool(requirement.valid_courses) != (years is not None):
        missing = "valid_years" if requirement.valid_courses else "valid_courses"
        yield f"{key}.{missing}", "the key is missing; `valid_courses` and `valid_years` go together"


def _mistakes_of_a_list(requirement: AllOf | NOf | AnyOf, key: str) -> Iterator[tuple[str, str]]:
    if not requirement.of:
        yield f"{key}.of", "the list is empty, and a program with no requirements would be met by everybody; list some"
    for index, part in enumerate(requirement.of):
        yield from _mistakes(part, f"{key}.of[#{index + 1}]")
        if part in requirement.of[:index]:
            yield f"{key}.of[#{index + 1}]", "it asks for the same as one before it; remove it"
    if isinstance(requirement, NOf) and not 1 <= requirement.n <= len(requirement.of):
        yield (
            f"{key}.n",
            f"1 to {len(requirement.of)} was expected, the number of requirements, and {requirement.n} was found",
        )
