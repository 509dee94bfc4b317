"""`coursewright items check`: what would go wrong is found before learners meet it."""

from pathlib import Path

import pytest

from authoring.check.finding import Finding, Severity
from exam_bank.check import check_items
from exam_bank.item_file import read_bank
from exam_bank.scoring import Outcome, score
from exam_bank.variant_maker import make_variants
from tests.exam_bank.conftest import CODE, CODE_SECTIONS, MULTIPLE, NUMERIC, ORDERING, SHORT, SINGLE, item_text

pytestmark = pytest.mark.integration  # slow: it starts processes, signs or draws again and again

SAMPLES = (
    "samples:\n  - {response: 12.5, score: 2}\n  - {response: 13, score: 0}\n  - {response: x, score: malformed}\n"
)


def findings(root: Path, text: str, *, seeds: int = 50) -> list[Finding]:
    folder = root / "items" / "basics"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "x.md").write_text(text)
    return check_items(root, seeds=seeds)


def only(root: Path, text: str) -> Finding:
    (finding,) = findings(root, text)
    assert finding.file == "items/basics/x.md"
    return finding


def test_a_sound_item_has_no_findings(tmp_path: Path) -> None:
    assert findings(tmp_path, item_text(SAMPLES + NUMERIC)) == []
    assert findings(tmp_path, item_text(CODE, sections=CODE_SECTIONS)) == []


def test_a_file_that_is_no_item(tmp_path: Path) -> None:
    finding = only(tmp_path, item_text(SAMPLES + NUMERIC).replace("minutes", "minuts"))
    assert (finding.rule, finding.severity) == ("item-schema", Severity.ERROR)
    assert "did you mean 'minutes'?" in finding.message


def test_a_key_that_is_not_what_the_samples_promise(tmp_path: Path) -> None:
    finding = only(tmp_path, item_text(SAMPLES + NUMERIC.replace("12.5", "12.75")))
    assert finding.rule == "item-samples"
    assert "samples[0]: the response 12.5 gets 0, promised is 2 (seed 0; 20 of 20 seeds)" in finding.message


def test_malformed_is_not_the_same_as_wrong(tmp_path: Path) -> None:
    found = findings(tmp_path, item_text(SAMPLES.replace("score: 0", "score: malformed") + NUMERIC))
    assert "the response 13 gets 0, promised is malformed" in found[0].message


@pytest.mark.parametrize(
    ("line", "missing"),
    [("12.5, score: 2", "right"), ("13, score: 0", "wrong"), ("x, score: malformed", "malformed")],
)
def test_a_missing_kind_of_sample_is_a_warning(tmp_path: Path, line: str, missing: str) -> None:
    text = item_text(SAMPLES.replace(f"  - {{response: {line}}}\n", "") + NUMERIC)
    (finding, *others) = findings(tmp_path, text)
    assert finding.severity is Severity.WARNING
    assert f"there is no {missing} sample" in finding.message
    assert not [other for other in others if other.severity is Severity.ERROR]


def test_a_short_answer_needs_a_sample_that_waits_for_a_person(tmp_path: Path) -> None:
    assert "there is no sample answer" in only(tmp_path, item_text(SHORT)).message


def test_a_rare_failure_of_a_template_is_found_with_its_seed(tmp_path: Path) -> None:
    code = "\n## Variant\n\n```python\nx = 1 / int(rng.integers(20))\n```\n"
    text = item_text("ranges: {answer: [12.5, 12.5]}\n" + SAMPLES + NUMERIC, stem="{{ x:.2f }}", sections=code)
    (finding,) = findings(tmp_path, text, seeds=200)
    assert finding.rule == "item-variants"
    assert finding.message.startswith("## Variant, line 1: ZeroDivisionError: division by zero (seed ")
    assert finding.message.endswith(" of 200 seeds fail here)")


def test_a_mistake_that_lands_on_the_key_is_found(tmp_path: Path) -> None:
    """The diameter taken for the radius gives the right answer if the learner's formula forgives it."""
    front = (
        'samples:\n  - {response: "{{ area }}", score: 2}\n  - {response: "{{ wrong }}", score: 0}\n'
        "  - {response: x, score: malformed}\n" + NUMERIC.replace("12.5", "'{{ area }}'")
    )
    code = "\n## Variant\n\n```python\na = int(rng.integers(1, 9))\narea = a * a\nwrong = 2 * a\n```\n"
    (finding,) = findings(tmp_path, item_text(front, stem="{{ a }}", sections=code), seeds=50)
    assert "samples[1]: the response '4' gets 2, promised is 0" in finding.message


def test_a_distractor_that_becomes_the_key_is_found(tmp_path: Path) -> None:
    samples = SAMPLES.replace("12.5", "right").replace("13", "far")
    front = samples + SINGLE.replace("The right one", "'{{ a * 1 }}'").replace("a * 1", "a").replace(
        "A near miss", "'{{ b }}'"
    )
    code = "\n## Variant\n\n```python\na = int(rng.integers(5))\nb = int(rng.integers(5))\n```\n"
    (finding,) = findings(tmp_path, item_text(front, sections=code, stem="{{ a }}"))
    assert (finding.rule, finding.severity) == ("item-variants", Severity.ERROR)
    assert "two of them read the same" in finding.message


def test_a_value_that_is_not_finite_is_found_even_if_nothing_shows_it(tmp_path: Path) -> None:
    code = "\n## Variant\n\n```python\nn = int(rng.integers(9))\nunused = [1.0, float('inf')]\n```\n"
    finding = only(tmp_path, item_text(SAMPLES + NUMERIC, stem="{{ n }}", sections=code))
    assert "the value of 'unused' is inf, and must be finite" in finding.message


def test_variant_code_that_changes_nothing_is_a_warning(tmp_path: Path) -> None:
    code = "\n## Variant\n\n```python\nn = int(rng.integers(9))\n```\n"
    finding = only(tmp_path, item_text(SAMPLES + NUMERIC, sections=code))
    assert "all 50 variants have the same stem" in finding.message


def test_a_program_that_is_not_python(tmp_path: Path) -> None:
    sections = CODE_SECTIONS.replace("return 1, 2", "return 1,, 2")
    finding = only(tmp_path, item_text(CODE, sections=sections))
    assert finding.rule == "item-code"
    assert finding.message.startswith("## Reference, line 2: this is not Python")


def test_an_enemy_that_does_not_exist(tmp_path: Path) -> None:
    finding = only(tmp_path, item_text("enemies: [basics/y]\n" + SAMPLES + NUMERIC))
    assert finding.message == "enemies: there is no item 'basics/y'"


def test_a_key_that_cannot_be_typed_is_found(tmp_path: Path) -> None:
    """The answer is a number, but so long that learners cannot enter it."""
    code = "\n## Variant\n\n```python\nn = int(rng.integers(9)) + 10**120\n```\n"
    front = SAMPLES.replace("12.5, score: 2", "'{{ n }}', score: malformed") + NUMERIC.replace("12.5", "'{{ n }}'")
    found = findings(tmp_path, item_text(front, stem="{{ n }}", sections=code))
    assert any("does not earn all points" in finding.message for finding in found)


@pytest.mark.parametrize(
    ("front", "samples", "missing"),
    [
        (MULTIPLE.replace("SCORING", "number-right"), "[p, q]: 2, [r, s]: 0", ["partly right"]),
        (MULTIPLE.replace("SCORING", "number-right"), "[p, q]: 2, [p]: 1.5", ["wrong"]),
        (MULTIPLE.replace("SCORING", "number-right"), "[p, q]: 2, [p]: 1.5, [r, s]: 0", []),
        (MULTIPLE.replace("SCORING", "all-or-nothing"), "[p, q]: 2, [p]: 0", []),
        (
            ORDERING.replace("SCORING", "adjacent-pairs"),
            "[choose, measure, compute, act]: 2",
            ["wrong", "partly right"],
        ),
    ],
)
def test_partial_credit_needs_a_partly_right_sample(
    tmp_path: Path, front: str, samples: str, missing: list[str]
) -> None:
    lines = "".join(f"  - {{response: {each.replace(':', ', score:')}}}\n" for each in samples.split(", ["))
    lines = lines.replace("response: [", "response: ").replace("response: ", "response: [")
    found = findings(tmp_path, item_text("samples:\n" + lines + "  - {response: x, score: malformed}\n" + front))
    assert sorted(each.message for each in found) == sorted(f"samples: there is no {kind} sample" for kind in missing)


def test_what_costs_no_attempt_says_how_to_mend_it(tmp_path: Path) -> None:
    """Whatever is malformed has no points and a message, for every type that a key scores."""
    course = Path(__file__).parents[2] / "courses" / "mpc"
    items = [item for item in read_bank(course).items.values() if item.type != "code"]
    assert len({item.type for item in items}) == 7
    for variant in make_variants([(item, 1) for item in items]):
        for response in ({"no": ["such"]}, ["no such"], 1e999, True, "\0" * 30_000, {"1": {"2": "3"}}, [[]]):
            result = score(variant, response)
            assert (result.outcome, result.points) == (Outcome.MALFORMED, None), (variant.ref, response)
            assert result.message.endswith((".", "?")), result.message
