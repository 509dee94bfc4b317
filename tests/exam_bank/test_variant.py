"""Variants: an item and a seed give one concrete question."""

import os
import re
from collections.abc import Callable
from decimal import Decimal

import pytest

from exam_bank.item import Item, Tolerance
from exam_bank.variant import FillIn, Matching, Numeric, Ordering, SingleChoice, margin
from exam_bank.variant_code import Failure, run_variant_code
from exam_bank.variant_maker import VariantError, make_variant, make_variants, try_proofs
from tests.exam_bank.conftest import FILL_IN, MATCHING, NUMERIC, ORDERING, SINGLE

pytestmark = pytest.mark.integration  # slow: it starts processes, signs or draws again and again

Make = Callable[..., Item]


def code(text: str) -> str:
    return f"\n## Variant\n\n```python\n{text}\n```\n"


def test_a_seed_gives_the_same_question_whenever_and_with_whatever_else_it_is_made(documented_item: Item) -> None:
    alone = make_variant(documented_item, 7)
    assert make_variants([(documented_item, seed) for seed in (3, 7)])[1] == alone
    assert make_variant(documented_item, 8) != alone


def test_the_key_follows_from_the_numbers_on_the_page(documented_item: Item) -> None:
    a2 = {4: Decimal("0.729"), 5: Decimal("0.577"), 6: Decimal("0.483")}
    for variant in make_variants([(documented_item, seed) for seed in range(20)]):
        size, mean, mean_range = (
            Decimal(number) for number in re.findall(r"(?<!\{)[0-9][0-9.]*[0-9]|[0-9]+", variant.stem)
        )
        assert isinstance(variant.key, Numeric)
        assert abs(variant.key.answer - (mean + a2[int(size)] * mean_range)) < Decimal("1e-12")


def test_values_keep_all_their_digits_without_a_format(make_item: Make) -> None:
    item = make_item(NUMERIC.replace("12.5", "'{{ x }}'"), sections=code("x = 1 / 3"))
    key = make_variant(item, 0).key
    assert isinstance(key, Numeric)
    assert key.answer == Decimal("0.3333333333333333")


@pytest.mark.parametrize(
    ("binding", "place", "text"),
    [
        ("x = 2.0", "{{ x:.3f }}", "2.000"),
        ("x = [1.25, 2.5]", "{{x:.1f}}", "1.2, 2.5"),
        ("import numpy as np; x = np.float64(1.5)", "{{ x }}", "1.5"),
        ("import numpy as np; x = np.arange(3)", "{{ x }}", "0, 1, 2"),
        ("import numpy as np; x = np.bool_(True)", "{{ x }}", "True"),
        ("x = -0.0001", "{{ x:.2f }}", "0.00"),
        ("x = 'a | b'", "{{ x }}", "a | b"),
    ],
)
def test_a_place_shows_what_the_code_bound(make_item: Make, binding: str, place: str, text: str) -> None:
    variant = make_variant(make_item(NUMERIC, stem=f"See {place}.", sections=code(binding)), 0)
    assert variant.stem == f"See {text}."


def test_latex_braces_are_no_places(make_item: Make) -> None:
    stem = r"$\frac{\bar{x}}{s^{2}} = {{}}$"
    assert make_variant(make_item(NUMERIC, stem=stem), 0).stem == stem


@pytest.mark.parametrize(
    ("binding", "message"),
    [
        ("y = 1", r"items/basics/x.md: the stem: the name 'x' is not bound under ## Variant.*\(seed 5\)"),
        ("xs = 1", "did you mean 'xs'"),
        ("x = float('nan')", "the value of 'x' is nan, and must be finite"),
        ("x = {}", "the name 'x' is not bound"),
        ("x = 'word'", "the format '.2f' does not suit 'x'"),
        ("a = 1\nx = a / 0", r"## Variant, line 2: ZeroDivisionError: division by zero \(seed 5\)"),
        ("x = (", "## Variant, line 1: SyntaxError"),
        ("raise SystemExit", "SystemExit"),
    ],
)
def test_what_is_wrong_with_a_variant_is_named_with_its_seed(make_item: Make, binding: str, message: str) -> None:
    item = make_item(NUMERIC, stem="{{ x:.2f }}", sections=code(binding))
    with pytest.raises(VariantError, match=message):
        make_variant(item, 5)


def test_the_number_of_correct_options_is_judged_in_each_variant(make_item: Make) -> None:
    front = SINGLE.replace("correct: true", "correct: '{{ low }}'").replace(
        "id: near,", "id: near, correct: '{{ high }}',"
    )
    item = make_item(front, sections=code("v = rng.integers(3)\nlow = v < 1\nhigh = v < 2"))
    outcomes = {
        str(proof.problem) if isinstance(proof, VariantError) else ""
        for proof in try_proofs([(item, s) for s in range(20)])
    }
    assert outcomes == {"", "exactly one option must be correct, not 2", "exactly one option must be correct, not 0"}


def test_a_distractor_may_not_land_on_the_key(make_item: Make) -> None:
    front = SINGLE.replace("The right one", "0.50 mm").replace("A near miss", "'{{ x }} mm'")
    assert isinstance(make_variant(make_item(front, sections=code("x = 0.51")), 0).key, SingleChoice)
    with pytest.raises(VariantError, match=r"option near: '0.5 mm' equals the key '0.50 mm'"):
        make_variant(make_item(front, sections=code("x = 0.5")), 0)
    with pytest.raises(VariantError, match=r"option near: '0.51 mm' equals the key"):
        make_variant(make_item(front + "tolerance: {relative: 0.05}\n", sections=code("x = 0.51")), 0)


def test_options_that_read_the_same_are_refused(make_item: Make) -> None:
    with pytest.raises(VariantError, match="two of them read the same"):
        make_variant(make_item(SINGLE.replace("A near miss", "a FAR  miss")), 0)


def test_labels_tell_nothing_of_the_authors_order(make_item: Make) -> None:
    item = make_item(SINGLE)
    keys = []
    for variant in make_variants([(item, seed) for seed in range(300)]):
        assert isinstance(variant.key, SingleChoice)
        assert [option.label for option in variant.key.options] == ["a", "b", "c"]
        keys += [option.label for option in variant.key.options if option.correct]
    assert all(70 < keys.count(label) < 130 for label in "abc")


def test_a_fixed_order_stays(make_item: Make) -> None:
    for variant in make_variants([(make_item(SINGLE + "shuffle: false\n"), seed) for seed in range(10)]):
        assert isinstance(variant.key, SingleChoice)
        assert [option.source for option in variant.key.options] == ["right", "near", "far"]


def test_an_ordering_is_never_shown_in_the_right_order(make_item: Make) -> None:
    item = make_item(ORDERING.replace("SCORING", "all-or-nothing"))
    for variant in make_variants([(item, seed) for seed in range(100)]):
        assert isinstance(variant.key, Ordering)
        assert [step.label for step in variant.key.steps] == ["a", "b", "c", "d"]
        assert variant.key.key != ("a", "b", "c", "d")
        by_label = {step.label: step.source for step in variant.key.steps}
        assert [by_label[label] for label in variant.key.key] == ["choose", "measure", "compute", "act"]


def test_sample_answers_are_told_in_the_variants_labels(make_item: Make) -> None:
    samples = "samples:\n  - {response: {one: two, two: none, three: one}, score: malformed}\n"
    proof = try_proofs([(make_item(samples + MATCHING.replace("SCORING", "number-right")), 4)])[0]
    assert not isinstance(proof, VariantError)
    assert isinstance(proof.variant.key, Matching)
    labels = {choice.source: choice.label for choice in proof.variant.key.choices}
    assert proof.responses == ({"1": labels["two"], "2": labels["none"], "three": labels["one"]},)


def test_blanks_are_numbered(make_item: Make) -> None:
    variant = make_variant(make_item(FILL_IN.replace("SCORING", "number-right"), stem="[[chart]] or [[code]]"), 0)
    assert variant.stem == "[[1]] or [[2]]"
    assert isinstance(variant.key, FillIn)
    assert [(blank.label, blank.source) for blank in variant.key.blanks] == [("1", "chart"), ("2", "code")]


def test_an_answer_of_zero_needs_an_absolute_tolerance(make_item: Make) -> None:
    item = make_item(NUMERIC.replace("12.5", "0").replace("absolute: 0.1", "relative: 0.1"))
    with pytest.raises(VariantError, match="the answer is 0, for which only an absolute tolerance has a meaning"):
        make_variant(item, 0)


@pytest.mark.parametrize(
    ("tolerance", "answer", "expected"),
    [
        (Tolerance(absolute=Decimal("0.1")), "12", "0.1"),
        (Tolerance(relative=Decimal("0.01")), "-200", "2"),
        (Tolerance(significant_figures=3), "12345", "50"),  # 12300 to 12400 in steps of 100
        (Tolerance(significant_figures=2), "0.0314", "0.0005"),
        (Tolerance(significant_figures=1), "-9.9", "0.5"),
    ],
)
def test_margins(tolerance: Tolerance, answer: str, expected: str) -> None:
    assert margin(tolerance, Decimal(answer)) == Decimal(expected)


# ---- the process that runs the code


def test_an_endless_loop_ends_with_a_message_and_costs_one_time_limit_only() -> None:
    loop = "try:\n    while True: pass\nexcept Exception: pass"
    answers = run_variant_code([(loop, 0), (loop, 1), ("n = 1", 2)], seconds=0.2)
    assert answers == [
        Failure("took longer than 0.2 s"),
        Failure("not tried, because another seed took too long"),
        {"n": 1},
    ]


def test_a_crash_of_the_process_is_told_and_takes_nothing_with_it() -> None:
    answers = run_variant_code([("n = 1", 0), ("import os; os._exit(3)", 0), ("n = 1", 0)])
    assert answers == [{"n": 1}, Failure("the process ended with status 3"), {"n": 1}]


def test_what_the_code_prints_does_not_disturb() -> None:
    noisy = 'import os; print(\'{"bindings": {"n": 9}}\'); os.system("echo noise"); n = 1'
    assert run_variant_code([(noisy, 0)]) == [{"n": 1}]


def test_the_code_sees_neither_the_parents_environment_nor_its_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSEWRIGHT_SECRET", "a secret")
    seen = run_variant_code([("import os; names = sorted(os.environ); here = os.listdir()", 0)])[0]
    assert not isinstance(seen, Failure)
    assert "COURSEWRIGHT_SECRET" not in seen["names"]
    assert seen["here"] == []
    assert "COURSEWRIGHT_SECRET" in os.environ


def test_the_generator_is_numpys_own() -> None:
    import numpy as np

    seed = 2**200 + 1
    answer = run_variant_code([("n = int(rng.integers(10**9))", seed)])
    assert answer == [{"n": int(np.random.default_rng(seed).integers(10**9))}]


def test_a_thousand_seeds_take_one_process(documented_item: Item) -> None:
    assert len(make_variants([(documented_item, seed) for seed in range(1000)])) == 1000
