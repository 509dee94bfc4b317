"""Keywords in a short answer, for whoever reads it."""

import pytest

from exam_bank.keywords import keyword_hints, marked, summary


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("Subgroups were mixed.", "[Subgroup]s were mixed."),
        ("The gauge  error, the gauge-error.", "The [gauge  error], the [gauge-error]."),
        ("a superb gauge", "a superb gauge"),
        ("presubgroup", "presubgroup"),
        ("", ""),
    ],
)
def test_a_keyword_is_found_where_a_word_begins(answer: str, shown: str) -> None:
    assert marked(answer, ["subgroup", "gauge error"]) == shown


def test_overlapping_keywords_are_marked_once() -> None:
    assert marked("range chart", ["range", "range chart", "chart"]) == "[range chart]"


def test_what_was_found_and_what_was_not() -> None:
    assert summary("The range chart", ["range", "mean"]) == "keywords: 1 of 2 (range); not found: mean"
    assert summary("The range chart", []) == ""


def test_a_keyword_is_no_pattern_and_places_count_characters() -> None:
    (hint,) = keyword_hints("a.b axb A.B", ["a.b"])
    assert hint.places == ((0, 3), (8, 11))
    assert keyword_hints("x", ["  "])[0].places == ()
