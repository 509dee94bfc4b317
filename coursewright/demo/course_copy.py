"""The demo's own copy of the course: the same, but later on with a shorter patience for cells that never end."""

import re
import shutil

from authoring.course_file import FILE_NAME
from coursewright.demo.setting import PROGRAM, Setting

CELL_SECONDS = 3.0  # every cell of an honest submission takes well below one

_MADE = shutil.ignore_patterns(
    "release",
    "submitted",
    "autograded",
    "feedback",
    "records",
    "superseded",
    "marks",
    "regrades",
    "arrangements.csv",
    "groups.csv",
    "gradebook.db*",
    ".ipynb_checkpoints",
)
_LIMITS = re.compile(r"^\[limits\].*\n", re.MULTILINE)
_CELL_SECONDS = re.compile(r"^cell_seconds\b.*\n", re.MULTILINE)
_FIRST_TABLE = re.compile(r"^\[", re.MULTILINE)


def copy_course(setting: Setting) -> None:
    """What instructors wrote, without what was ever made of it, and the program beside it."""
    shutil.copytree(setting.source, setting.root, ignore=_MADE)
    setting.program_file.parent.mkdir()
    shutil.copy(setting.source.parent / "programs" / f"{PROGRAM}.toml", setting.program_file)


def shorten_patience(setting: Setting) -> None:
    """Stop endless cells sooner, so that nobody waits for them."""
    path = setting.root / FILE_NAME
    path.write_text(with_cell_limit(path.read_text("utf-8"), CELL_SECONDS), "utf-8")


def with_cell_limit(text: str, seconds: float) -> str:
    """The text of a ``course.toml`` in which a cell may take that long."""
    table = _LIMITS.search(text)
    if table is None:
        place = _FIRST_TABLE.search(text)
        at = place.start() if place else len(text)
        return f"{text[:at]}[limits]\ncell_seconds = {seconds}\n\n{text[at:]}"
    following = _FIRST_TABLE.search(text, table.end())
    end = following.start() if following else len(text)
    rest = _CELL_SECONDS.sub("", text[table.end() : end])
    return f"{text[: table.end()]}cell_seconds = {seconds}\n{rest}{text[end:]}"
