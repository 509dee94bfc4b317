"""At the marking desk the keywords of a rubric stand between brackets in the answer."""

import pytest

from authoring.rubric import Question as Rules
from autograder.questions import Question
from coursewright.marking_desk import Sheet, show_answer

QUESTION = Question("ps", "e", 3, "Why?", "Because.", is_task=False)


def shown(capsys: pytest.CaptureFixture[str], keywords: tuple[str, ...]) -> str:
    rules = Rules(cell="e", keywords=keywords)
    show_answer(Sheet(QUESTION, rules, (), "The gauge drifts.", "1 of 2"))
    return capsys.readouterr().out


def test_what_was_found_is_marked_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, ("gauge", "noise"))
    assert "The [gauge] drifts.\n(keywords: 1 of 2 (gauge); not found: noise)" in out


def test_without_keywords_the_answer_stands_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, ())
    assert "-- Answer 1 of 2 --\nThe gauge drifts.\n" in out
    assert "keywords" not in out
