"""The CSV file of answers: what it may hold, and what is said of what it may not."""

from pathlib import Path

import numpy as np
import pytest

from exam_bank.statistics.answers import AnswerFileError, Answers, read_answers

GOOD = """learner,shaft,why
(key),b,
(points),1,4
ada,b,3.5
bea,a,0
cyd,-,
dan,,4
"""


def read(tmp_path: Path, text: str) -> Answers:
    path = tmp_path / "answers.csv"
    path.write_text(text, "utf-8")
    return read_answers(path)


def test_options_and_points_stand_in_one_file(tmp_path) -> None:
    found = read(tmp_path, GOOD)
    assert (found.learners, found.items, found.max_points) == (
        ("ada", "bea", "cyd", "dan"),
        ("shaft", "why"),
        (1.0, 4.0),
    )
    assert np.array_equal(found.points, [[1, 3.5], [0, 0], [0, np.nan], [np.nan, 4]], equal_nan=True)
    assert found.options[1] is None
    assert found.options[0] is not None
    assert (found.options[0].names, found.options[0].right) == (("a", "b"), 1)
    assert found.options[0].chosen.tolist() == [1, 0, -1, -1]
    assert found.left_empty == (1, None)
    assert found.right_or_wrong.tolist() == [True, False]
    assert not found.same_items


def test_the_score_on_the_rest_is_the_share_of_what_else_was_asked(tmp_path) -> None:
    found = read(tmp_path, GOOD)
    assert np.array_equal(found.rest(0), [3.5 / 4, 0, np.nan, 1], equal_nan=True)
    assert np.array_equal(found.rest(1), [1, 0, 0, np.nan], equal_nan=True)
    assert np.array_equal(found.shares, [4.5 / 5, 0, 0, 1], equal_nan=True)


def test_items_on_trial_count_in_no_score() -> None:
    points = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
    none = (None,) * 3
    found = Answers(
        learners=("a", "b"),
        items=("x", "y", "z"),
        max_points=(1.0,) * 3,
        points=points,
        options=none,
        left_empty=none,
        pilots=frozenset({2}),
    )
    assert found.shares.tolist() == [0.5, 0.5]
    assert found.rest(0).tolist() == [0, 1]
    assert found.rest(2).tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the first line must hold learner"),
        ("name,a\nada,1\n", "the first line must hold learner"),
        ("learner,a,a\nada,1,1\n", "two columns are named 'a'"),
        ("learner,a\nada,1,1\n", "line 2: there are 3 cells for 2 columns"),
        ("learner,a\nada,2\n", "line 2: '2' below 'a' must be points from 0 to 1"),
        ("learner,a\nada,nan\n", "must be points from 0 to 1"),
        ("learner,a\nada,b\n", "must be points from 0 to 1"),
        ("learner,a\nada,1\nada,0\n", "learner 'ada' has two rows"),
        ("learner,a\n(points),0\nada,0\n", "cannot be worth '0'"),
        ("learner,a\n(key),b\n(key),c\nada,b\n", "line 3: there are two rows (key)"),
        ("learner,a\n(key),b\n", "there is no learner's row"),
        ("learner,a\n,1\n", "line 2: the first cell must name the learner"),
    ],
)
def test_what_is_no_answer_is_named_with_its_place(tmp_path, text, said) -> None:
    with pytest.raises(AnswerFileError, match=r"answers\.csv") as caught:
        read(tmp_path, text)
    assert said in str(caught.value)


def test_what_cannot_be_read_is_said(tmp_path) -> None:
    with pytest.raises(AnswerFileError, match="cannot be read"):
        read_answers(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes(b"learner,a\n\xff,1\n")
    with pytest.raises(AnswerFileError, match="UTF-8"):
        read_answers(tmp_path / "latin.csv")
