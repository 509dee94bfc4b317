"""``course.toml`` on disk: read into a :class:`~authoring.course.Course`, or refused with the reason.

Refused is what would make the course mean something else than its author meant, or nothing at all: unknown keys, ids
that are doubled or unsafe, references to nothing, fractions beyond 0 to 1, times that are not local. What is only
unwise (weights that do not sum to 1, dates out of order) can be loaded, and :mod:`authoring.check` finds it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from authoring.course import Assignment, AssignmentKind, Category, Course, LatePolicy, LateRule, Week
from authoring.ids import RULE, is_safe_id
from authoring.toml_file import TomlError, load_toml, parse_toml
from authoring.toml_shape import nearest

FILE_NAME = "course.toml"
SCHEMA = 1

_Problem = tuple[str, str]  # the key path, and what is wrong there


def load_course(root: Path) -> Course:
    """The course whose folder is ``root``.

    Raises:
        TomlError: there is no ``course.toml``, or its first fault.
    """
    name = str(root / FILE_NAME)
    return _sane(load_toml(root / FILE_NAME, Course, schema=SCHEMA, name=name), name)


def parse_course(text: str, name: str = FILE_NAME) -> Course:
    """As :func:`load_course`, from the text of a file that errors call ``name``.

    Raises:
        TomlError: the text's first fault.
    """
    return _sane(parse_toml(text, Course, schema=SCHEMA, name=name), name)


def _sane(course: Course, name: str) -> Course:
    for key, problem in _problems(course):
        raise TomlError(name, key, problem)
    return course


def _problems(course: Course) -> Iterator[_Problem]:
    yield from _id_problems("id", course.id)
    yield from _time_zone_problems(course.time_zone)
    if course.starts > course.ends:
        yield "ends", f"the run ends on {course.ends}, before it starts on {course.starts}"
    yield from _fraction_problems("pass_mark", course.pass_mark)
    yield from _doubled("categories", "id", [category.id for category in course.categories])
    yield from _doubled("weeks", "number", [week.number for week in course.weeks])
    yield from _doubled("weeks.assignments", "id", [assignment.id for assignment in course.assignments])
    for category in course.categories:
        yield from _category_problems(f'categories[id = "{category.id}"]', category)
    known = [category.id for category in course.categories]
    for week in course.weeks:
        yield from _week_problems(week, known)


def _week_problems(week: Week, categories: list[str]) -> Iterator[_Problem]:
    for assignment in week.assignments:
        key = f'weeks[number = {week.number}].assignments[id = "{assignment.id}"]'
        yield from _id_problems(f"{key}.id", assignment.id)
        if assignment.category is not None and assignment.category not in categories:
            known = nearest(assignment.category, categories)
            yield f"{key}.category", f'there is no category with the id "{assignment.category}"{known}'
        if assignment.points is not None and assignment.points < 0:
            yield f"{key}.points", f"a number of at least 0 was expected, and {assignment.points} was found"
        yield from _blueprint_problems(f"{key}.blueprint", assignment)


def _category_problems(key: str, category: Category) -> Iterator[_Problem]:
    yield from _id_problems(f"{key}.id", category.id)
    yield from _fraction_problems(f"{key}.weight", category.weight)
    yield from _late_problems(f"{key}.late", category.late)


def _late_problems(key: str, late: LatePolicy) -> Iterator[_Problem]:
    yield from _fraction_problems(f"{key}.per_day", late.per_day)
    if late.rule is LateRule.PER_DAY and late.per_day == 0:
        yield f"{key}.per_day", 'the rule "per-day" takes a fraction of the points for each day; give one above 0'
    if late.rule is not LateRule.PER_DAY and late.per_day != 0:
        yield f"{key}.per_day", f'the rule "{late.rule}" knows no fraction per day; remove it, or use "per-day"'
    if late.rule is LateRule.CUT_OFF and late.cut_off_days is not None:
        yield (
            f"{key}.cut_off_days",
            'the rule "cut-off" cuts off at the due time; remove it, or use "per-day" or "none"',
        )


def _blueprint_problems(key: str, assignment: Assignment) -> Iterator[_Problem]:
    is_exam = assignment.kind is AssignmentKind.EXAM
    if is_exam and assignment.blueprint is None:
        yield key, "the key is missing; an exam needs the path of its blueprint, such as exam/final.toml"
    if not is_exam and assignment.blueprint is not None:
        yield key, f'an assignment of kind "{assignment.kind}" has no blueprint; remove it, or use the kind "exam"'
    if not is_exam and assignment.sittings is not None:
        yield (
            key.removesuffix("blueprint") + "sittings",
            f'an assignment of kind "{assignment.kind}" is not sat; remove it, or use the kind "exam"',
        )
    if assignment.blueprint is not None:
        path = PurePosixPath(assignment.blueprint)
        if path.is_absolute() or ".." in path.parts or "\\" in assignment.blueprint or not path.name:
            yield (
                key,
                f'a path below the course\'s folder was expected, and the text "{assignment.blueprint}" was found',
            )


def _time_zone_problems(name: str) -> Iterator[_Problem]:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        close = nearest(name, sorted(available_timezones())) if name else ""
        remark = close if close.startswith(" (did") else "; one such as Europe/Berlin was expected"
        yield "time_zone", f'no time zone is called "{name}"{remark}'


def _id_problems(key: str, found: str) -> Iterator[_Problem]:
    if not is_safe_id(found):
        yield key, f'an id is made of {RULE}, and the text "{found}" was found'


def _fraction_problems(key: str, found: Decimal) -> Iterator[_Problem]:
    if not 0 <= found <= 1:
        yield key, f"a fraction from 0 to 1 was expected, and {found} was found"


def _doubled(key: str, naming: str, found: Iterable[str | int]) -> Iterator[_Problem]:
    for value, times in Counter(found).items():
        if times > 1:
            shown = f'"{value}"' if isinstance(value, str) else value
            yield f"{key}[{naming} = {shown}]", f"{times} entries have this {naming}; give each its own"
