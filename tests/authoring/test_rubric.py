"""Rubrics: what they say, and what is refused with the place in the file."""

from decimal import Decimal
from pathlib import Path

import pytest

from authoring import nbgrader_api
from authoring.build import build
from authoring.rubric import Rubric, load_rubric
from authoring.toml_file import TomlError
from tests.autograder import notebooks as make

CELLS = (("nb", "essay"), ("nb", "plan"), ("one", "same"), ("two", "same"))
GOOD = """schema = 1

[[questions]]
cell = "essay"
notes = "Read to the end."

[[questions.items]]
id = "right"
text = "It is right."
points = 2.5

[[questions.items]]
id = "long"
text = "It is too long."
points = -1

[[comments]]
id = "units"
text = "Where is the unit?"
"""


def load(root: Path, text: str) -> Rubric:
    (root / "rubrics").mkdir(exist_ok=True)
    (root / "rubrics/ps.toml").write_text(text)
    return load_rubric(root, "ps", CELLS)


def test_a_rubric_is_read_as_it_is_written(tmp_path: Path) -> None:
    rubric = load(tmp_path, GOOD)
    question = rubric.question("nb", "essay")
    assert question.notes == "Read to the end."
    assert [(item.id, item.points) for item in question.items] == [("right", Decimal("2.5")), ("long", Decimal(-1))]
    assert [comment.id for comment in rubric.comments] == ["units"]
    assert rubric.question("nb", "plan").items == ()


@pytest.mark.parametrize(
    ("chosen", "points"), [(["right"], "2"), (["right", "long"], "1.5"), (["long"], "0"), ([], "0")]
)
def test_points_are_summed_and_stay_between_nothing_and_the_maximum(
    tmp_path: Path, chosen: list[str], points: str
) -> None:
    assert load(tmp_path, GOOD).question("nb", "essay").points(chosen, 2.0) == Decimal(points)


def test_an_assignment_without_a_rubric_has_an_empty_one(tmp_path: Path) -> None:
    assert load_rubric(tmp_path, "ps", CELLS) == Rubric()


MANY = "".join(f'[[questions.items]]\nid = "i{n}"\ntext = "t"\npoints = 1\n' for n in range(8))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('cell = "essay"', 'cell = "esay"', '"esay" (did you mean `essay`?)'),
        (
            'cell = "essay"',
            'cell = "same"',
            '[cell = "same"].notebook`: the key is missing; the notebooks "one"',
        ),
        ('cell = "essay"', 'cell = "essay"\nnotebook = "bn"', 'no notebook "bn" with the cell (did you mean `nb`?)'),
        ("points = 2.5", 'points = "2"', 'items[id = "right"].points`: a number was expected, and the text "2"'),
        ("notes =", "note =", "there is no such key (did you mean `notes`?)"),
        ('id = "long"', 'id = "right"', '[id = "right"]`: 2 entries have this id'),
        ('id = "long"', 'id = "Too Long"', '[id = "Too Long"].id`: an id is made of small letters'),
        ("[[comments]]", MANY + "[[comments]]", "items`: 10 items are more than the 9 that have a key each"),
        ("[[comments]]", '[[questions]]\ncell = "essay"\n[[comments]]', "the cell has a rubric already"),
        ("schema = 1", "schema = 2", "newer than 1"),
    ],
)
def test_what_is_wrong_is_said_with_its_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(TomlError) as caught:
        load(tmp_path, GOOD.replace(old, new))
    assert str(caught.value).startswith("rubrics/ps.toml")
    assert said in str(caught.value)


@pytest.mark.integration
def test_nothing_of_a_rubric_reaches_learners(tmp_path: Path) -> None:
    make.write(tmp_path / "source/ps/nb.ipynb", make.notebook(make.essay("essay")))
    load(tmp_path, GOOD)
    (version,) = build(tmp_path)
    assert version.files == ()
    course = nbgrader_api.open_course(tmp_path)
    assert nbgrader_api.supporting_files(course, course.source("ps")) == ()
    released = b"".join(path.read_bytes() for path in (tmp_path / "release").rglob("*") if path.is_file())
    assert b"It is right." not in released
