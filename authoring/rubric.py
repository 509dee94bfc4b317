"""What a person marks by: points and comments that can be used again, in ``rubrics/<assignment>.toml`` of a course.

The file lies beside ``source/``, not in it: nbgrader copies whatever lies beside a notebook to the learners.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import msgspec

from authoring.ids import RULE, is_safe_id
from authoring.toml_file import TomlError, load_toml
from authoring.toml_shape import nearest

FOLDER = "rubrics"
SCHEMA = 1
MOST_ITEMS = 9
"""So many items a question has at most: each has a key from 1 to 9 where it is marked."""


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of what is read from a rubric."""


class Item(_Record, frozen=True):
    """Something that an answer has or has not."""

    id: str
    text: str
    points: Decimal  # below 0: taken off


class Comment(_Record, frozen=True):
    """A remark that many answers need."""

    id: str
    text: str


class Question(_Record, frozen=True):
    """How the answers to one question are marked."""

    cell: str  # its grade id
    notebook: str = ""  # only needed where two notebooks of the assignment share the grade id
    notes: str = ""  # for whoever marks
    items: tuple[Item, ...] = ()
    comments: tuple[Comment, ...] = ()
    keywords: tuple[str, ...] = ()  # marked in answers for whoever reads them; they give no points

    def points(self, chosen: Sequence[str], maximum: float) -> Decimal:
        """The points of the chosen items, at least 0 and at most the maximum."""
        total = sum((item.points for item in self.items if item.id in chosen), Decimal(0))
        return min(max(total, Decimal(0)), Decimal(str(maximum)))


class Rubric(_Record, frozen=True):
    """How the answers of one assignment are marked."""

    schema: int = SCHEMA
    questions: tuple[Question, ...] = ()
    comments: tuple[Comment, ...] = ()  # for every question

    def question(self, notebook: str, cell: str) -> Question:
        """What is said of a question; an empty one where nothing is."""
        found = (each for each in self.questions if each.cell == cell and each.notebook in {"", notebook})
        return next(found, Question(cell=cell, notebook=notebook))


def rubric_path(root: Path, assignment: str) -> Path:
    """Where the rubric of an assignment is."""
    return root / FOLDER / f"{assignment}.toml"


def load_rubric(root: Path, assignment: str, cells: Sequence[tuple[str, str]]) -> Rubric:
    """The rubric of an assignment; an empty one if there is no such file.

    Args:
        root: the course's folder.
        assignment: a folder below its ``source/``.
        cells: notebook and grade id of everything that a person marks in it.

    Raises:
        TomlError: the file's first fault; a question that nobody marks is one.
    """
    path = rubric_path(root, assignment)
    if not path.is_file():
        return Rubric()
    name = str(path.relative_to(root))
    rubric = load_toml(path, Rubric, schema=SCHEMA, name=name)
    for key, problem in _problems(rubric, cells):
        raise TomlError(name, key, problem)
    return rubric


def _problems(rubric: Rubric, cells: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    yield from _id_problems("comments", [each.id for each in rubric.comments])
    seen: set[tuple[str, str]] = set()
    for question in rubric.questions:
        key = f'questions[cell = "{question.cell}"]'
        places = [place for place in cells if _meant(question, place)]
        if not places:
            yield f"{key}.{_wrong_key(question, cells)}", _unknown(question, cells)
        elif len(places) > 1:
            names = ", ".join(f'"{notebook}"' for notebook, _ in places)
            yield f"{key}.notebook", f"the key is missing; the notebooks {names} all have this cell"
        elif places[0] in seen:
            yield key, "the cell has a rubric already; make one of the two"
        seen.update(places)
        if len(question.items) > MOST_ITEMS:
            yield f"{key}.items", f"{len(question.items)} items are more than the {MOST_ITEMS} that have a key each"
        yield from _id_problems(f"{key}.items", [item.id for item in question.items])
        yield from _id_problems(f"{key}.comments", [each.id for each in (*rubric.comments, *question.comments)])


def _meant(question: Question, place: tuple[str, str]) -> bool:
    return question.cell == place[1] and question.notebook in {"", place[0]}


def _wrong_key(question: Question, cells: Sequence[tuple[str, str]]) -> str:
    return "notebook" if any(question.cell == cell for _, cell in cells) else "cell"


def _unknown(question: Question, cells: Sequence[tuple[str, str]]) -> str:
    if _wrong_key(question, cells) == "notebook":
        known = nearest(question.notebook, [notebook for notebook, cell in cells if cell == question.cell])
        return f'there is no notebook "{question.notebook}" with the cell{known}'
    known = nearest(question.cell, [cell for _, cell in cells])
    return f'no cell that a person marks is called "{question.cell}"{known}'


def _id_problems(key: str, ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    for found, times in Counter(ids).items():
        if not is_safe_id(found):
            yield f'{key}[id = "{found}"].id', f"an id is made of {RULE}"
        if times > 1:
            yield f'{key}[id = "{found}"]', f"{times} entries have this id; give each its own"
