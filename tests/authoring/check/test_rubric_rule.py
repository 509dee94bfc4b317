"""Rubrics that do not fit their assignment are found, and one that does is left alone."""

import pytest

from authoring.check.finding import Finding
from authoring.check.run import check
from tests.authoring.check.builder import Built, FakeTrial

RUBRIC = """schema = 1
[[questions]]
cell = "m_why"
[[questions.items]]
id = "reason"
text = "It gives a reason."
points = 1
[[questions.items]]
id = "machines"
text = "It names the machines."
points = 2
"""


def findings(course: Built, rubric: str) -> list[Finding]:
    root = course.write()
    (root / "rubrics").mkdir()
    (root / "rubrics/ps1.toml").write_text(rubric)
    return list(check(root, trial=FakeTrial()))


def test_a_rubric_that_fits_is_left_alone(course: Built) -> None:
    assert findings(course, RUBRIC) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("m_why", "m_wyh", '"m_wyh" (did you mean `m_why`?)'),
        ("points = 1", "points = 7", "the items of m_why make up 9 points, and the cell carries 3"),
        ("points = 1", "points = -1", "the items of m_why make up 2 points, and the cell carries 3"),
        ("schema = 1", "schema = 9", "newer than 1"),
    ],
)
def test_one_that_does_not_is_found(course: Built, old: str, new: str, said: str) -> None:
    (found,) = findings(course, RUBRIC.replace(old, new))
    assert (found.rule, found.file) == ("rubric", "rubrics/ps1.toml")
    assert said in found.message
