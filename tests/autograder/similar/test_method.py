"""The steps: tokens that do not change, fingerprints with winnowing's guarantee, pairs, and pieces."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.similar.fragments import Text, side_by_side
from autograder.similar.pairs import similar_pairs
from autograder.similar.tokens import code_tokens, words
from autograder.similar.winnowing import run_hashes, winnow

pytestmark = pytest.mark.integration  # it takes long

CODE = 'def total(prices, rate=0.2):\n    """Sum."""\n    s = sum(prices)  # all\n    return round(s * (1 + rate), 2)\n'


def values(text: str, language: str = "python") -> list[str]:
    return [token.value for token in code_tokens(text, language)]


def test_names_numbers_texts_comments_and_layout_do_not_count() -> None:
    other = "def f(x ,\n      y=9):\n\n    z = sum(x)\n    # no\n    return round(z*(7+y), 3)"
    assert values(CODE) == values(other)


@pytest.mark.parametrize("other", [CODE.replace("sum", "max"), CODE.replace("*", "/"), CODE.replace("return", "yield")])
def test_built_in_names_operators_and_keywords_count(other: str) -> None:
    assert values(CODE) != values(other)


def test_methods_of_libraries_count_and_attributes_of_ones_own_do_not() -> None:
    assert values("a.append(1)") == values("b.append(2)") != values("a.remove(1)")
    assert values("self.total = 1") == values("self.sum = 1")


def test_broken_python_is_read_as_whole_python_is() -> None:
    broken = "if (" + CODE.replace('    """Sum."""\n', "")
    assert values(broken)[2:] == values(CODE.replace('    """Sum."""\n', ""))


@pytest.mark.parametrize("language", ["r", "julia"])
def test_other_languages_are_read_too(language: str) -> None:
    assert values("total = 1 + prices # a\n", language) == values("total_2  = 2 + x # b\n", language)


def test_a_language_that_nobody_knows_is_read_as_words() -> None:
    assert values("Move the Robot!", "karel-98") == ["move", "the", "robot"]


@given(st.text(max_size=60), st.sampled_from(["python", "r", ""]))
def test_tokens_stand_in_order_where_they_say(text: str, language: str) -> None:
    found = code_tokens(text, language) if language else words(text)
    assert all(one.start < one.end for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(text[one.start : one.end].strip() for one in found)


numbers = st.lists(st.integers(0, 30), max_size=40)


@given(numbers, numbers, numbers, numbers, st.lists(st.integers(0, 30), min_size=9, max_size=20))
def test_texts_that_share_a_long_run_share_a_fingerprint(a: list, b: list, c: list, d: list, run: list[int]) -> None:
    k, window = 5, 5  # so a run of 9 is long

    def fingerprints(listed: list[int]) -> set[int]:
        tokens = words(" ".join(f"w{number}" for number in listed))
        return set(winnow(run_hashes(tokens, k), window))

    assert fingerprints(a + run + b) & fingerprints(c + run + d)


def test_few_of_the_hashes_are_kept() -> None:
    chance = random.Random(1)
    hashes = [chance.randrange(2**60) for _ in range(3000)]
    kept = winnow(hashes, 5)
    assert 0.28 < len(kept) / len(hashes) < 0.39  # 2 / (window + 1) of random ones
    assert winnow([], 5) == ()
    assert winnow([3, 1, 2], 5) == (1,)


def test_what_two_wrote_weighs_more_than_what_a_few_wrote() -> None:
    answers = {f"l{number}": tuple(range(100 * number, 100 * number + 20)) for number in range(1, 41)}
    answers |= {"a": tuple(range(20)), "b": tuple(range(20))}
    answers |= {name: tuple(range(50, 70)) for name in ("c", "d", "e", "f")}
    found = similar_pairs({"q": answers})
    assert found[0].learners == ("a", "b")
    assert {pair.learners for pair in found[1:]} == {
        ("c", "d"),
        ("c", "e"),
        ("c", "f"),
        ("d", "e"),
        ("d", "f"),
        ("e", "f"),
    }
    assert all(pair.strength < found[0].strength for pair in found[1:])


def test_a_large_group_is_linked_without_comparing_everybody_with_everybody() -> None:
    answers = {f"l{number:03}": tuple(range(1000 * number, 1000 * number + 20)) for number in range(1, 400)}
    answers |= {f"m{number:03}": tuple(range(20)) for number in range(60)}
    found = similar_pairs({"q": answers})
    assert {learner for pair in found for learner in pair.learners} == {f"m{number:03}" for number in range(60)}
    assert len(found) == 59


texts = st.lists(st.sampled_from("abc"), max_size=30).map(" ".join)


@given(texts, texts)
def test_pieces_put_together_are_the_texts_and_alike_where_they_say_so(first: str, second: str) -> None:
    sides = side_by_side(Text(first, words(first)), Text(second, words(second)), 3)
    for side, text in zip(sides, (first, second), strict=True):
        assert "".join(piece.text for piece in side) == text
    one, other = ({piece.number: piece.text for piece in side if piece.number} for side in sides)
    assert one == other
    assert all(len(text.split()) >= 3 for text in one.values())
