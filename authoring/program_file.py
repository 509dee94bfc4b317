"""Reads ``courses/programs/<id>.toml`` into a :class:`~authoring.program.Program`, strictly."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import combinations
from pathlib import Path

from authoring.program import (
    AllOf,
    AnyOf,
    CombinedPass,
    CoursePass,
    Era,
    ExamPass,
    NOf,
    Program,
    Requirement,
    Unknown,
)
from authoring.toml_file import TomlError, load_toml, parse_toml

SCHEMA = 1


def read_program(path: Path) -> Program:
    """The program in a TOML file.

    Raises:
        TomlError: it cannot be read, a key is unknown, missing or of the wrong type, the id is not the file's name, a
            list of requirements is empty or names one twice, one course would count twice, eras overlap or do not say
            how parts make a grade, or a number or a day lies outside its range.
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
    for key, message in (*_mistakes_of_eras(program), *_mistakes(program.requirement, "requirement")):
        raise TomlError(file, key, message)
    return program


def _mistakes(requirement: Requirement, key: str) -> Iterator[tuple[str, str]]:
    match requirement:
        case CoursePass():
            yield from _outside(requirement.minimum_grade, f"{key}.minimum_grade")
            yield from _backwards(requirement.since, requirement.until, key)
            for index, each in enumerate(requirement.substitutes):
                yield from _backwards(each.since, each.until, f"{key}.substitutes[#{index + 1}]")
        case ExamPass():
            yield from _outside(requirement.minimum_score, f"{key}.minimum_score")
            yield from _backwards(requirement.since, requirement.until, key)
            yield from _mistakes_of_validity(requirement, key)
        case AllOf() | NOf() | AnyOf():
            yield from _mistakes_of_a_list(requirement, key)
        case CombinedPass() | Unknown():
            pass


def _outside(fraction: Decimal | None, key: str) -> Iterator[tuple[str, str]]:
    if fraction is not None and not 0 < fraction <= 1:
        yield key, f"a fraction above 0 and at most 1 was expected, and {fraction} was found"


def _backwards(since: date | None, until: date | None, key: str) -> Iterator[tuple[str, str]]:
    if since is not None and until is not None and until < since:
        yield f"{key}.until", f"a day from {since} on was expected, as `since` has it, and {until} was found"


def _mistakes_of_validity(requirement: ExamPass, key: str) -> Iterator[tuple[str, str]]:
    years = requirement.valid_years
    if years is not None and years < 1:
        yield (
            f"{key}.valid_years",
            f"a whole number of at least 1 was expected, and {years} was found",
        )
    if requirement.attempts is not None and requirement.attempts < 1:
        yield f"{key}.attempts", f"a whole number of at least 1 was expected, and {requirement.attempts} was found"
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
    if not isinstance(requirement, AnyOf) and (not isinstance(requirement, NOf) or requirement.n > 1):
        yield from _counted_twice(requirement, key)


def _counted_twice(requirement: AllOf | NOf, key: str) -> Iterator[tuple[str, str]]:
    """A course that would meet two requirements of one list at once."""
    for (_, one), (index, other) in combinations(enumerate(requirement.of), 2):
        if shared := sorted(set(_courses(one)) & set(_courses(other))):
            yield (
                f"{key}.of[#{index + 1}]",
                f"{shared[0]} would count for this and for one before it; a course counts once, so name it once",
            )


def _courses(requirement: Requirement) -> Iterator[str]:
    """The courses whose grade counts for a requirement; exams are asked for beside them."""
    match requirement:
        case CoursePass():
            yield requirement.course
            yield from (each.course for each in requirement.substitutes)
        case CombinedPass():
            yield requirement.course
        case AllOf() | NOf() | AnyOf():
            for part in requirement.of:
                yield from _courses(part)
        case ExamPass() | Unknown():
            pass


def _mistakes_of_eras(program: Program) -> Iterator[tuple[str, str]]:
    for index, era in enumerate(program.eras):
        key = f"eras[#{index + 1}]"
        yield from _backwards(era.since, era.until, key)
        yield from _outside(era.minimum, f"{key}.minimum")
        yield from _mistakes_of_weights(era, key)
        if any(_overlap(era, earlier) for earlier in program.eras[:index]):
            yield f"{key}.since", "its days are also those of an era before it, so two rules would be in force at once"
    if not program.eras and _combines(program.requirement):
        yield "eras", 'the key is missing; a requirement of kind "course-and-exam" is judged by eras'


def _mistakes_of_weights(era: Era, key: str) -> Iterator[tuple[str, str]]:
    weights = (era.course_weight, era.exam_weight)
    if era.exam_inside:
        if weights != (None, None) or era.earlier_parts:
            yield f"{key}.exam_inside", "the exam is part of the course, so the parts have no weights of their own"
    elif era.course_weight is None or era.exam_weight is None or era.course_weight + era.exam_weight != 1:
        yield f"{key}.course_weight", "`course_weight` and `exam_weight` that sum to 1 were expected, or `exam_inside`"
    elif min(era.course_weight, era.exam_weight) < 0:
        yield f"{key}.course_weight", "weights of at least 0 were expected"


def _overlap(one: Era, other: Era) -> bool:
    first, last = date.min, date.max
    return (one.since or first) <= (other.until or last) and (other.since or first) <= (one.until or last)


def _combines(requirement: Requirement) -> bool:
    match requirement:
        case CombinedPass():
            return True
        case AllOf() | NOf() | AnyOf():
            return any(map(_combines, requirement.of))
    return False
