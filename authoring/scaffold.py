"""Beginnings that are already right: a new course, week or item passes ``coursewright check`` as it is.

Everything comes from ``templates/``, where ``<<name>>`` stands for what is put in. Nothing that is there is
overwritten, and either all files of a call are written or none.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path

from authoring.course import AssignmentKind, Course
from authoring.course_file import FILE_NAME, load_course, parse_course
from authoring.errors import CoursewrightError
from authoring.samples import samples_path
from authoring.toml_file import TomlError
from authoring.toml_shape import nearest

_TEMPLATES = files("authoring") / "templates"
_PARTS = ("lesson", "practice", "problem-set")
_NOON = time(12, 0)
_LATE = time(23, 59)
_CATEGORY = "problem-sets"  # of the course template
_TITLE = "The precision of a mean"  # what the templates are about
_ITEM_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def new_course(
    folder: Path, *, course_id: str, title: str, starts: date, time_zone: str = "UTC", weeks: int = 8
) -> tuple[Path, ...]:
    """A course with its first week, in a new folder.

    Args:
        folder: where; it must not be there yet, or be empty.
        course_id: the course's id.
        title: what learners read.
        starts: the first day of the run, on which week 1 opens at noon.
        time_zone: the IANA name of the course's zone.
        weeks: how long the run is.

    Returns:
        The files that were written, sorted.

    Raises:
        CoursewrightError: the folder is not empty, or the arguments make no valid course.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CoursewrightError(f"{folder} is not empty; name a folder that is not there yet")
    if weeks < 1:
        raise CoursewrightError(f"a course of {weeks} weeks cannot be made; give it at least 1")
    opens = datetime.combine(starts, _NOON)
    text = _course_text(course_id, title, starts, time_zone, weeks) + _week_text(1, _TITLE, opens, _CATEGORY)
    course = parse_course(text, str(folder / FILE_NAME))
    made = {
        FILE_NAME: text.encode(),
        "nbgrader_config.py": _filled("nbgrader_config.txt", {"course_id": course.id}),
        ".gitignore": _filled("gitignore.txt", {}),
        **_week_files(1, _TITLE),
    }
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as temporary:
        whole = Path(temporary) / "course"
        _write(whole, made)
        whole.replace(folder)
    return tuple(sorted(folder / name for name in made))


def new_week(root: Path, number: int, *, title: str = _TITLE) -> tuple[Path, ...]:
    """A week with a lesson, a practice notebook and a problem set, added to the course at ``root``.

    It opens seven days after the week before it, at the same time, and its problem set is due six days later. What the
    author wrote in ``course.toml`` stays; the week is added at its end.

    Returns:
        The files that were written, sorted, ``course.toml`` among them.

    Raises:
        CoursewrightError: the course has this week, or files of that name; or it would end before the week does.
    """
    course = load_course(root)
    if any(week.number == number for week in course.weeks):
        raise CoursewrightError(f"{root / FILE_NAME}: the course has a week {number} already; choose another number")
    opens = _opening(course, number)
    before = (root / FILE_NAME).read_text("utf-8")
    text = before.rstrip("\n") + "\n" + _week_text(number, title, opens, _category(course))
    try:
        changed = parse_course(text, str(root / FILE_NAME))
    except TomlError as error:
        raise CoursewrightError(f"week {number} cannot be added at the end of {error}") from error
    due = max(assignment.due.date() for assignment in changed.weeks[-1].assignments if assignment.due)
    if not course.starts <= opens.date() <= due <= course.ends:
        run = f"the run goes from {course.starts} to {course.ends}"
        would = f"week {number} would go from {opens.date()} to {due}"
        raise CoursewrightError(f"{root / FILE_NAME}: {would}, and {run}; change `starts` or `ends`")
    made = _week_files(number, title)
    _add(root, made)
    _replace(root / FILE_NAME, text.encode())
    return tuple(sorted(root / name for name in (*made, FILE_NAME)))


def new_item(root: Path, topic: str, item_id: str, item_type: str) -> tuple[Path, ...]:
    """An item of the bank, ``items/<topic>/<item_id>.md``, with a question of that type to be replaced.

    Returns:
        The file that was written.

    Raises:
        CoursewrightError: there is no such type, a name is not made of small letters, digits and single hyphens, or the
            item is there already.
    """
    if item_type not in item_types():
        raise CoursewrightError(f"no type of item is called {item_type!r}{nearest(item_type, item_types())}")
    for name in (topic, item_id):
        if not _ITEM_NAME.fullmatch(name):
            raise CoursewrightError(f"{name!r} cannot name an item; use small letters, digits and single hyphens")
    title = item_id.replace("-", " ").capitalize()
    file = f"items/{topic}/{item_id}.md"
    _add(root, {file: _filled(f"items/{item_type}.md", {"title": _quoted(title)})})
    return (root / file,)


def item_types() -> tuple[str, ...]:
    """The types that :func:`new_item` knows, sorted."""
    return tuple(sorted(path.name.removesuffix(".md") for path in (_TEMPLATES / "items").iterdir()))


def _course_text(course_id: str, title: str, starts: date, time_zone: str, weeks: int) -> str:
    ends = starts + timedelta(weeks=weeks, days=-1)
    deadline = min(starts + timedelta(weeks=4), ends)
    facts = {
        "comment": f"{_one_line(title)}, run {starts:%Y-%m}.",
        "course_id": _inside_quotes(course_id),
        "title": _quoted(title),
        "run": f"{starts:%Y-%m}",
        "time_zone": _inside_quotes(time_zone),
        "starts": starts.isoformat(),
        "ends": ends.isoformat(),
        "verification_deadline": datetime.combine(deadline, _LATE).isoformat(),
    }
    return _filled("course.toml", facts).decode()


def _week_text(number: int, title: str, opens: datetime, category: str | None) -> str:
    due = datetime.combine(opens.date() + timedelta(days=6), _LATE)
    facts = {
        "number": str(number),
        "week": _week(number),
        "title": _quoted(title),
        "practice_title": _quoted(f"{title}: practice"),
        "problem_set_title": _quoted(f"{title}: problem set"),
        "opens": opens.isoformat(),
        "due": due.isoformat(),
        "category": f'category = "{category}"\n' if category else "",
    }
    return _filled("week.toml", facts).decode()


def _week_files(number: int, title: str) -> dict[str, bytes]:
    """The week's notebooks, sample answers and items, by path below the course's folder."""
    week = _week(number)
    facts = {"number": str(number), "week": week, "title": _inside_quotes(title)}
    notebooks = {f"source/{week}-{part}/{part}.ipynb": _filled(f"{part}.ipynb", facts) for part in _PARTS}
    samples = samples_path(Path(), f"{week}-problem-set").as_posix()
    item = f"items/{week}/four-times-the-readings.md"
    return notebooks | {samples: _filled("samples.toml", {}), item: _filled("concept-check.md", {})}


def _opening(course: Course, number: int) -> datetime:
    earlier = [week for week in course.weeks if week.number < number]
    if not earlier:
        return datetime.combine(course.starts, _NOON) + timedelta(weeks=number - 1)
    last = max(earlier, key=lambda week: week.number)
    return last.opens + timedelta(weeks=number - last.number)


def _category(course: Course) -> str | None:
    """Where the course's problem sets count, going by the last one."""
    counted = [
        each.category for each in course.assignments if each.kind is AssignmentKind.PROBLEM_SET and each.category
    ]
    return counted[-1] if counted else next((category.id for category in course.categories), None)


def _week(number: int) -> str:
    return f"week{number:02d}"


def _filled(template: str, facts: Mapping[str, str]) -> bytes:
    text = (_TEMPLATES / template).read_text("utf-8")
    for name, value in facts.items():
        text = text.replace(f"<<{name}>>", value)
    return text.encode()


def _one_line(text: str) -> str:
    """The text, if it has no line breaks or other control characters.

    Raises:
        CoursewrightError: it has some.
    """
    if not text.isprintable():
        raise CoursewrightError(f"{text!r} holds line breaks or control characters; write it in one line")
    return text


def _quoted(text: str) -> str:
    """As a string of TOML, YAML or JSON: what is printable needs the same escapes in all three."""
    return json.dumps(_one_line(text), ensure_ascii=False)


def _inside_quotes(text: str) -> str:
    return _quoted(text)[1:-1]


def _add(root: Path, made: Mapping[str, bytes]) -> None:
    """Put new files into a folder that has others.

    Raises:
        CoursewrightError: one of them is there already; nothing is written then.
    """
    for name in made:
        if (root / name).exists():
            raise CoursewrightError(f"{root / name} is there already; move it away, or choose another name")
    with tempfile.TemporaryDirectory(dir=root, prefix=".new-") as temporary:
        _write(Path(temporary), made)
        placed: list[Path] = []
        try:
            for name in made:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                placed.append((Path(temporary) / name).rename(root / name))
        except OSError:
            for path in placed:
                path.unlink()
            raise


def _write(folder: Path, made: Mapping[str, bytes]) -> None:
    for name, data in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(data)
    shutil.copymode(path, temporary)
    temporary.replace(path)
