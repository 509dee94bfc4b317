"""What learners see, and above all what they do not see."""

import json
from collections.abc import Callable
from decimal import Decimal

import pytest

from exam_bank.item import Item, Role, Tolerance
from exam_bank.render import exam_metadata, inline_html, item_metadata, markdown, shown_answer
from exam_bank.scoring import score
from exam_bank.variant import Numeric
from exam_bank.variant_maker import make_variant
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
)

Make = Callable[..., Item]

SECRETS = {
    "single-choice": (SINGLE, "", ["So it is.", "You forgot", "correct", "source", '"near"', '"far"']),
    "multiple-choice": (MULTIPLE.replace("SCORING", "number-right"), "", ["P does hold", "R does not", "correct"]),
    "numeric": (NUMERIC, "", ["12.5", "12.4", "12.6", "Divide by", "0.1"]),
    "fill-in": (
        FILL_IN.replace("SCORING", "number-right"),
        "[[chart]] [[code]]",
        ["range", "R chart", "X-bar", "chart"],
    ),
    "short-answer": (SHORT, "", ["Names the", "subgroup"]),
    "matching": (MATCHING.replace("SCORING", "number-right"), "", ["Alpha comes first", "one", "two", "none"]),
    "ordering": (ORDERING.replace("SCORING", "adjacent-pairs"), "", ["Measure before", "act"]),
    "code": (CODE, "", ["return 1, 2", "(1, 2)"]),
}


def build(make_item: Make, kind: str) -> Item:
    front, stem, _ = SECRETS[kind]
    sections = CODE_SECTIONS if kind == "code" else ""
    return make_item(front, stem=stem or "What is asked?", sections=sections, item_id="telling-name")


@pytest.mark.parametrize("kind", SECRETS)
def test_an_exam_cell_holds_no_key_no_feedback_no_solution_and_no_name(make_item: Make, kind: str) -> None:
    variant = make_variant(build(make_item, kind), 3)
    metadata = exam_metadata(variant, question="q01", form="sha256:0")
    shown = json.dumps(metadata) + markdown(variant, Role.EXAM)
    for secret in [*SECRETS[kind][2], "Because.", "telling-name", "basics", "A title", '"key"', "feedback", "solution"]:
        assert secret not in shown, secret
    assert "seed" not in metadata
    assert "version" not in metadata


PUBLIC = {"type", "points", "minutes", "stem"}
PARTS = {
    "single-choice": {"options"},
    "multiple-choice": {"options"},
    "numeric": {"unit"},
    "fill-in": {"blanks"},
    "short-answer": set(),
    "matching": {"prompts", "choices"},
    "ordering": {"steps"},
    "code": {"starter", "tests"},
}


@pytest.mark.parametrize("kind", SECRETS)
def test_an_exam_cell_holds_exactly_what_a_form_control_needs(make_item: Make, kind: str) -> None:
    metadata = exam_metadata(make_variant(build(make_item, kind), 3), question="q01", form="sha256:0")
    assert set(metadata) == PUBLIC | PARTS[kind] | {"id", "role", "form"}
    for part in PARTS[kind] - {"unit", "starter", "tests"}:
        for entry in metadata[part]:
            assert set(entry) <= {"label", "text"}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_graded_cell_holds_no_key_either(make_item: Make, kind: str) -> None:
    variant = make_variant(build(make_item, kind), 3)
    metadata = item_metadata(variant, Role.GRADED)
    assert set(metadata) == PUBLIC | PARTS[kind] | {"ref", "role", "seed", "version"}
    shown = json.dumps({key: metadata[key] for key in PUBLIC | PARTS[kind]}) + markdown(variant, Role.GRADED)
    for secret in [*SECRETS[kind][2], "Because."]:
        assert secret not in shown, secret


def test_a_lessons_cell_never_has_the_role_of_an_exam(make_item: Make) -> None:
    with pytest.raises(ValueError, match="must not name its item"):
        item_metadata(make_variant(make_item(NUMERIC), 0), Role.EXAM)


def test_a_concept_check_answers_by_itself(make_item: Make) -> None:
    variant = make_variant(make_item(SINGLE), 3)
    text = markdown(variant, Role.CONCEPT_CHECK)
    assert text.count("<details>") == text.count("</details>") == 4  # three options and the solution
    for said in ("✓ **Right.** So it is.", "✗ **Not right.** You forgot the root.", "Because."):
        assert said in text


def test_the_key_of_a_concept_check_is_the_one_that_scores(make_item: Make) -> None:
    single = make_variant(make_item(SINGLE), 3)
    assert score(single, item_metadata(single, Role.CONCEPT_CHECK)["key"][0]).points == 2
    multiple = make_variant(make_item(MULTIPLE.replace("SCORING", "all-or-nothing")), 3)
    assert score(multiple, item_metadata(multiple, Role.CONCEPT_CHECK)["key"]).points == 2
    matching = make_variant(make_item(MATCHING.replace("SCORING", "all-or-nothing")), 3)
    assert score(matching, item_metadata(matching, Role.CONCEPT_CHECK)["key"]).points == 2
    ordering = make_variant(make_item(ORDERING.replace("SCORING", "all-or-nothing")), 3)
    assert score(ordering, item_metadata(ordering, Role.CONCEPT_CHECK)["key"]).points == 2
    numeric = make_variant(make_item(NUMERIC), 3)
    key = item_metadata(numeric, Role.CONCEPT_CHECK)["key"]
    assert [score(numeric, key[end]).points for end in ("low", "high")] == [2, 2]
    assert key == {"low": "12.4", "high": "12.6", "shown": "12.5 mm", "units": ["mm"]}


def test_metadata_is_sorted_as_jupyter_saves_it(make_item: Make) -> None:
    metadata = item_metadata(make_variant(make_item(SINGLE), 3), Role.CONCEPT_CHECK)
    assert json.dumps(metadata) == json.dumps(metadata, sort_keys=True)


def test_points_and_penalties_are_said(make_item: Make) -> None:
    text = markdown(
        make_variant(make_item(MULTIPLE.replace("SCORING", "right-minus-wrong")), 0), Role.EXAM, heading="Question 3"
    )
    assert text.startswith("**Question 3** (2 points)")
    assert "A wrong choice takes back a right one." in text


def test_blanks_are_numbered_lines(make_item: Make) -> None:
    item = make_item(FILL_IN.replace("SCORING", "number-right"), stem="The [[chart]] chart, [[code]].")
    assert markdown(make_variant(item, 0), Role.EXAM).split("\n\n")[1].startswith("The **(1)** \\_\\_")


def test_a_summary_is_html_with_its_maths_left_to_the_page() -> None:
    assert inline_html("*n* is $a_1<b_2$, <b>& so on</b>") == (
        r"<em>n</em> is $a_1\lt b_2$, &lt;b&gt;&amp; so on&lt;/b&gt;"
    )


@pytest.mark.parametrize(
    ("answer", "tolerance", "shown"),
    [
        ("9.973082", Tolerance(absolute=Decimal("0.002")), "9.9731"),
        ("12.5", Tolerance(absolute=Decimal("0.1")), "12.5"),
        ("0.3333333333333333", Tolerance(relative=Decimal("0.01")), "0.3333"),
        ("12345.678", Tolerance(significant_figures=3), "12346"),
        ("3", Tolerance(absolute=Decimal(0)), "3"),
    ],
)
def test_an_answer_is_shown_with_sensible_digits(answer: str, tolerance: Tolerance, shown: str) -> None:
    assert shown_answer(Numeric(answer=Decimal(answer), tolerance=tolerance)) == shown
