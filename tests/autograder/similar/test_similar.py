"""Copies are found however they were dressed up; what was written independently is not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from authoring.errors import CoursewrightError
from autograder.similar.assignment import Similar, find_similar
from tests.autograder.similar.classroom import (
    EASY,
    ESSAYS,
    INDEPENDENT,
    SOLUTION,
    hand_in,
    honest_class,
    in_another_order,
    with_other_comments_and_literals,
    with_other_names,
)

pytestmark = pytest.mark.integration  # an assignment is loaded by nbgrader's code


@pytest.fixture
def course(tmp_path: Path) -> Path:
    honest_class(tmp_path)
    return tmp_path


def pairs(found: Similar) -> list[tuple[str, str]]:
    return [pair.learners for pair in found.pairs]


def test_answers_that_were_written_independently_are_not_alike(course: Path) -> None:
    found = find_similar(course, "words", limit=50)
    assert (found.compared, found.found, found.pairs, found.unread) == (12, 0, (), ())


DRESSES: dict[str, Callable[[str], str]] = {
    "nothing": lambda code: code,
    "names": with_other_names,
    "comments": with_other_comments_and_literals,
    "order": in_another_order,
    "all": lambda code: in_another_order(with_other_comments_and_literals(with_other_names(code))),
    "broken": lambda code: code.replace("return", "retrun (", 1),
}


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("original", ["cat", "hal", "jon"])
def test_a_copy_is_found_whatever_was_changed_about_it(course: Path, dress: str, original: str) -> None:
    hand_in(course, "zoe", words=DRESSES[dress](INDEPENDENT[original]), easy=EASY["bob"])
    found = find_similar(course, "words", limit=50)
    assert pairs(found) == [(original, "zoe")]
    (answer,) = found.pairs[0].answers
    assert answer.question == "words: words"
    assert answer.likeness.share > 0.7


def test_several_copies_stand_in_the_order_of_what_they_share(course: Path) -> None:
    hand_in(course, "zoe", words=INDEPENDENT["hal"])
    hand_in(course, "yan", words=INDEPENDENT["amy"], why=ESSAYS["bob"])
    hand_in(course, "xav", words=INDEPENDENT["lou"])
    found = find_similar(course, "words", limit=2)
    assert pairs(found) == [("hal", "zoe"), ("amy", "yan")]
    assert found.found == 4
    assert [pair.strength for pair in found.pairs] == sorted((pair.strength for pair in found.pairs), reverse=True)


def test_an_essay_with_other_punctuation_is_alike(course: Path) -> None:
    hand_in(course, "zoe", words="", why="i think: " + ESSAYS["cat"].replace(",", " -").upper())
    (pair,) = find_similar(course, "words", limit=9).pairs
    assert (pair.learners, [answer.question for answer in pair.answers]) == (("cat", "zoe"), ["words: why"])


def test_what_the_author_gave_or_wrote_is_nobodys(course: Path) -> None:
    for learner in ("yan", "zoe"):
        hand_in(course, learner, words=SOLUTION, why="How long does it take?")
    assert find_similar(course, "words", limit=9).found == 0


def test_what_a_third_of_the_class_wrote_is_no_sign_of_anything(course: Path) -> None:
    for number in range(6):
        hand_in(course, f"z{number}", words=INDEPENDENT["kim"])
    assert find_similar(course, "words", limit=9).found == 0


def test_the_same_parts_have_the_same_number_and_nothing_is_lost(course: Path) -> None:
    other = in_another_order(with_other_names(INDEPENDENT["hal"]))
    hand_in(course, "zoe", words=other)
    (answer,) = find_similar(course, "words", limit=9).pairs[0].answers
    assert "".join(piece.text for piece in answer.first) == INDEPENDENT["hal"]
    assert "".join(piece.text for piece in answer.second) == other
    first, second = (
        {piece.number: piece.text for piece in side if piece.number} for side in (answer.first, answer.second)
    )
    assert first.keys() == second.keys() == {1, 2, 3}
    assert [piece.number for piece in answer.second if piece.number] == [3, 2, 1]
    assert first[2].startswith("def count(text)")
    assert second[2].startswith("def count(text)")


def test_who_cannot_be_read_is_named_and_stops_nobody(course: Path) -> None:
    folder = course / "submitted" / "yan" / "words"
    folder.mkdir(parents=True)
    (folder / "words.ipynb").write_text("{")
    found = find_similar(course, "words", limit=9)
    assert (found.compared, found.unread) == (12, ("yan",))


def test_the_same_class_gives_the_same_whenever_it_is_asked(course: Path) -> None:
    hand_in(course, "zoe", words=with_other_names(INDEPENDENT["cat"]))
    assert find_similar(course, "words", limit=9) == find_similar(course, "words", limit=9)


def test_an_assignment_that_is_not_there_is_named(course: Path) -> None:
    with pytest.raises(CoursewrightError, match="has no assignment letters: name one of the course's assignments"):
        find_similar(course, "letters", limit=9)
