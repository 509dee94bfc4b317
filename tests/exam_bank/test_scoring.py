"""Scores: every rule of partial credit, and what is no score."""

from collections.abc import Callable
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_bank.item import Item
from exam_bank.item_file import parse_item
from exam_bank.scoring import ItemScore, Outcome, score, share
from exam_bank.variant import Variant
from exam_bank.variant_maker import VariantError, make_variant, try_proofs
from tests.exam_bank.conftest import (
    CODE,
    CODE_SECTIONS,
    FILL_IN,
    MATCHING,
    MULTIPLE,
    NUMERIC,
    ORDERING,
    SHORT,
    SINGLE,
    item_text,
)

Make = Callable[..., Item]


def scored(item: Item, response: Any) -> ItemScore:
    """The score of a response in the author's ids."""
    import msgspec

    from exam_bank.item import Sample

    item = msgspec.structs.replace(item, samples=(Sample(response=response, score=0),))
    proof = try_proofs([(item, 11)])[0]
    assert not isinstance(proof, VariantError)
    return score(proof.variant, proof.responses[0])


def points(item: Item, response: Any) -> Decimal | None:
    result = scored(item, response)
    assert (result.points is None) == (result.outcome is not Outcome.SCORED)
    return result.points


def test_single_choice(make_item: Make) -> None:
    item = make_item(SINGLE)
    assert points(item, "right") == 2
    assert points(item, "near") == 0
    assert scored(item, "near").feedback == ("You forgot the root.",)


@pytest.mark.parametrize(
    ("scoring", "ticked", "earned"),
    [
        ("all-or-nothing", ["p", "q"], "2"),
        ("all-or-nothing", ["q", "p"], "2"),
        ("all-or-nothing", ["p"], "0"),
        ("all-or-nothing", ["p", "q", "r"], "0"),
        ("number-right", ["p", "q"], "2"),
        ("number-right", ["p"], "1.5"),
        ("number-right", ["p", "q", "r"], "1.5"),
        ("number-right", ["r", "s"], "0"),
        ("number-right", ["p", "q", "r", "s"], "1"),
        ("right-minus-wrong", ["p", "q"], "2"),
        ("right-minus-wrong", ["p"], "1"),
        ("right-minus-wrong", ["p", "q", "r"], "1"),
        ("right-minus-wrong", ["p", "r"], "0"),
        ("right-minus-wrong", ["r", "s"], "0"),
    ],
)
def test_multiple_choice(make_item: Make, scoring: str, ticked: list[str], earned: str) -> None:
    assert points(make_item(MULTIPLE.replace("SCORING", scoring)), ticked) == Decimal(earned)


@pytest.mark.parametrize("scoring", ["all-or-nothing", "right-minus-wrong"])
def test_ticking_everything_is_no_way_to_full_marks(make_item: Make, scoring: str) -> None:
    assert points(make_item(MULTIPLE.replace("SCORING", scoring)), ["p", "q", "r", "s"]) == 0


@pytest.mark.parametrize(
    ("typed", "earned"),
    [("12.5", 2), ("12.4 mm", 2), ("12.6", 2), ("12.61", 0), ("12.39", 0), (12.5, 2), ("-12.5", 0)],
)
def test_numeric(make_item: Make, typed: Any, earned: int) -> None:
    assert points(make_item(NUMERIC), typed) == earned


def test_feedback_on_a_number_is_for_wrong_ones(make_item: Make) -> None:
    assert scored(make_item(NUMERIC), "13").feedback == ("Divide by d2.",)
    assert scored(make_item(NUMERIC), "12.5").feedback == ()


@pytest.mark.parametrize(
    ("texts", "earned"),
    [
        ({"chart": "Range", "code": "X-bar"}, "2"),
        ({"chart": "  r   chart ", "code": "X - bar"}, "2"),
        ({"chart": "rchart", "code": "X-bar"}, "1"),
        ({"chart": "range", "code": "x-bar"}, "1"),
        ({"chart": "range", "code": "X\u2011bar"}, "2"),
        ({"chart": "range"}, "1"),
        ({"chart": "range", "code": ""}, "1"),
        ({"chart": "no", "code": "no"}, "0"),
    ],
)
def test_fill_in(make_item: Make, texts: dict[str, str], earned: str) -> None:
    item = make_item(FILL_IN.replace("SCORING", "number-right"), stem="[[chart]] [[code]]")
    assert points(item, texts) == Decimal(earned)
    strict = make_item(FILL_IN.replace("SCORING", "all-or-nothing"), stem="[[chart]] [[code]]")
    assert points(strict, texts) == (2 if earned == "2" else 0)


@pytest.mark.parametrize(
    ("answer", "earned"),
    [
        ({"one": "one", "two": "two"}, "2"),
        ({"one": "one", "two": "none"}, "1"),
        ({"one": "one"}, "1"),
        ({"one": "two", "two": "one"}, "0"),
    ],
)
def test_matching(make_item: Make, answer: dict[str, str], earned: str) -> None:
    assert points(make_item(MATCHING.replace("SCORING", "number-right")), answer) == Decimal(earned)
    assert points(make_item(MATCHING.replace("SCORING", "all-or-nothing")), answer) == (2 if earned == "2" else 0)


@pytest.mark.parametrize(
    ("scoring", "order", "earned"),
    [
        ("all-or-nothing", "choose measure compute act", "2"),
        ("all-or-nothing", "measure choose compute act", "0"),
        ("absolute-position", "measure choose compute act", "1"),
        ("absolute-position", "measure compute act choose", "0"),
        ("adjacent-pairs", "measure compute act choose", "1.3333"),
        ("adjacent-pairs", "act compute measure choose", "0"),
        ("adjacent-pairs", "choose measure compute act", "2"),
    ],
)
def test_ordering(make_item: Make, scoring: str, order: str, earned: str) -> None:
    assert points(make_item(ORDERING.replace("SCORING", scoring)), order.split()) == Decimal(earned)


@pytest.mark.parametrize("scoring", ["all-or-nothing", "absolute-position", "adjacent-pairs"])
def test_only_the_right_order_earns_everything(make_item: Make, scoring: str) -> None:
    item = make_item(ORDERING.replace("SCORING", scoring))
    right = ("choose", "measure", "compute", "act")
    for order in permutations(right):
        assert (points(item, list(order)) == 2) == (order == right)


def test_a_person_gives_the_points_of_a_short_answer_and_the_autograder_those_of_code(make_item: Make) -> None:
    assert scored(make_item(SHORT), "Because.").outcome is Outcome.MANUAL
    assert scored(make_item(CODE, sections=CODE_SECTIONS), "def limits(x): ...").outcome is Outcome.MANUAL


ALL = [
    SINGLE,
    MULTIPLE.replace("SCORING", "number-right"),
    NUMERIC,
    FILL_IN.replace("SCORING", "number-right"),
    SHORT,
    MATCHING.replace("SCORING", "number-right"),
    ORDERING.replace("SCORING", "adjacent-pairs"),
    CODE,
]


def variant_of(front: str) -> Variant:
    stem = "[[chart]] [[code]]" if "fill-in" in front else "What?"
    text = item_text(front, stem=stem, sections=CODE_SECTIONS if front == CODE else "")
    return make_variant(parse_item(text, topic="basics", item_id="x", file="x"), 0)


VARIANTS = [variant_of(front) for front in ALL]


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.type)
@pytest.mark.parametrize("nothing", [None, "", "  ", [], {}, {"1": ""}, {"1": None, "2": " "}])
def test_nothing_is_omitted_and_has_no_points(variant: Variant, nothing: Any) -> None:
    result = score(variant, nothing)
    assert (result.outcome, result.points) == (Outcome.OMITTED, None)


@pytest.mark.parametrize(
    ("kind", "response"),
    [
        (0, "z"),
        (0, ["a"]),
        (0, 1),
        (0, True),
        (1, "a"),
        (1, ["a", "a"]),
        (1, ["a", "z"]),
        (1, [["a"]]),
        (2, "twelve"),
        (2, {"1": 2}),
        (3, "range"),
        (3, {"3": "range"}),
        (3, {"1": 5}),
        (3, {"1": "x" * 1000}),
        (4, 5),
        (4, "x" * 20_001),
        (5, {"1": "z"}),
        (5, {"9": "a"}),
        (5, ["a", "b"]),
        (6, ["a", "b"]),
        (6, ["a", "a", "b", "c"]),
        (6, "abcd"),
        (7, ["print()"]),
    ],
)
def test_what_cannot_be_read_is_malformed_with_advice_and_has_no_points(kind: int, response: Any) -> None:
    result = score(VARIANTS[kind], response)
    assert (result.outcome, result.points) == (Outcome.MALFORMED, None)
    assert result.message.endswith(".")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["a", "b", "1", "12.5"]),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text() | st.sampled_from(["1", "2"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(JSON, st.sampled_from(VARIANTS))
def test_any_data_gets_an_outcome_and_at_most_the_points(response: Any, variant: Variant) -> None:
    result = score(variant, response)
    if result.outcome is Outcome.SCORED:
        assert result.points is not None
        assert 0 <= result.points <= variant.points
    else:
        assert result.points is None


@given(st.fractions(0, 1), st.decimals(min_value=Decimal("0.25"), max_value=100, places=2))
def test_a_share_is_within_half_a_step_of_the_fraction(fraction: Any, whole: Decimal) -> None:
    earned = share(whole, fraction)
    assert abs(earned - whole * fraction.numerator / fraction.denominator) <= Decimal("0.00005")
    assert "E" not in str(share(whole, fraction)) or earned < Decimal("0.000001")
