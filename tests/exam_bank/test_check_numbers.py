"""What `items check` says of numbers: ranges, suspicions, a second way to the answer, and the spread of variants."""

from collections.abc import Callable
from fractions import Fraction

import pytest

from authoring.check.finding import Finding, Severity
from exam_bank.check import ItemTrial, check_item, try_item
from exam_bank.item import Item
from exam_bank.variant_code import Failure, Job, Ran, run_jobs
from exam_bank.variant_worker import as_shown
from tests.exam_bank.conftest import MULTIPLE, SINGLE

pytestmark = pytest.mark.integration  # each starts a process

CHOSEN = (
    "samples:\n  - {response: right, score: 2}\n  - {response: far, score: 0}\n  - {response: x, score: malformed}\n"
)
MakeItem = Callable[..., Item]
SAMPLES = (
    'samples:\n  - {response: "{{ y }}", score: 2}\n  - {response: "{{ z }}", score: 0}\n'
    "  - {response: x, score: malformed}\n"
)


def numeric(make_item: MakeItem, code: str, *, check: str = "", stem: str = "{{ x }}", front: str = "") -> Item:
    """An item whose answer is ``y``; ``z`` is always wrong."""
    if "tolerance" not in front:
        front += "tolerance: {absolute: 0.01}\n"
    sections = f"\n## Variant\n\n```python\n{code}\nz = y + 1e6\n```\n"
    if check:
        sections += f"\n## Check\n\n```python\n{check}\n```\n"
    return make_item(front + SAMPLES + 'type: numeric\nanswer: "{{ y }}"\n', stem=stem, sections=sections)


def only(item: Item, seeds: int = 60) -> Finding:
    (finding,) = check_item(item, seeds=seeds)
    return finding


DRAWN = "x = int(rng.integers(1, 50))\ny = x * 0.5"


def test_a_sound_item_has_no_findings(make_item: MakeItem) -> None:
    assert list(check_item(numeric(make_item, DRAWN, check="answer = x / 2"))) == []


def test_numbers_outside_the_authors_ranges(make_item: MakeItem) -> None:
    assert only(numeric(make_item, DRAWN, front="ranges: {x: [1, 49], answer: [0.5, 20]}\n")).message.startswith(
        "ranges: 'answer' is "
    )
    assert list(check_item(numeric(make_item, DRAWN, front="ranges: {x: [1, 49]}\n"), seeds=60)) == []
    unknown = only(numeric(make_item, DRAWN, front="ranges: {w: [1, 49]}\n"))
    assert unknown.message == "ranges: there is no number called 'w'; known are answer, x, y, z"
    assert unknown.severity is Severity.ERROR


def test_a_range_holds_for_every_number_of_a_list(make_item: MakeItem) -> None:
    code = DRAWN + "\nmany = [1.0, 2.0, float(x)]"
    finding = only(numeric(make_item, code, front="ranges: {many: [1, 3]}\n"))
    assert "seeds are outside 1 to 3; it goes from 1 to " in finding.message


@pytest.mark.parametrize(
    ("code", "tolerance", "said"),
    [
        ("x = int(rng.integers(1, 50))\ny = 7.0", "absolute: 0.01", "the answer of all 60 variants is 7"),
        ("x = int(rng.integers(1, 50))\ny = x * 1e-17", "absolute: 0", "which nobody would give in this unit"),
        ("x = int(rng.integers(1, 50))\ny = x * 1e14", "relative: 0.01", "which nobody would give in this unit"),
        ("x = int(rng.integers(1, 50))\ny = x * 0.5", "absolute: 1", "so that 0 is right too"),
        ("x = int(rng.integers(1, 50))\ny = x / 7 + 1 / 3", "absolute: 0", "so that 8 digits are not enough"),
        ("x = int(rng.integers(1, 50)) / 7\ny = round(x, 2)", "absolute: 0.01", "a text shows "),
        ("x = -0.0 * int(rng.integers(1, 50))\ny = float(rng.integers(9)) + 1", "absolute: 0.1", "'x' is -0.0"),
    ],
)
def test_what_is_suspicious_without_any_range(make_item: MakeItem, code: str, tolerance: str, said: str) -> None:
    stem = "{{ x }} and {{ y }}" if "-0.0" in code else "{{ x }}"
    item = numeric(make_item, code, stem=stem, front=f"tolerance: {{{tolerance}}}\n")
    found = [each for each in check_item(item, seeds=60) if each.rule == "item-numbers"]
    assert said in found[0].message
    assert {each.severity for each in found} == {Severity.WARNING}


def test_an_answer_that_is_meant_to_be_always_the_same(make_item: MakeItem) -> None:
    item = numeric(make_item, "x = int(rng.integers(1, 50))\ny = 7.0", front="ranges: {answer: [7, 7]}\n")
    assert list(check_item(item, seeds=60)) == []


def test_a_key_of_zero_needs_an_absolute_tolerance(make_item: MakeItem) -> None:
    code = "x = int(rng.integers(0, 3))\ny = float(x)"
    finding = next(check_item(numeric(make_item, code, front="tolerance: {relative: 0.1}\n"), seeds=60))
    assert "the answer is 0, for which only an absolute tolerance has a meaning" in finding.message


def test_a_key_that_never_changes_although_it_could(make_item: MakeItem) -> None:
    front = SINGLE.replace("correct: true", 'correct: "{{ yes }}"').replace(
        "text: A near miss,", 'text: A near miss, correct: "{{ no }}",'
    )
    sections = "\n## Variant\n\n```python\nn = int(rng.integers(9))\nyes, no = True, False\n```\n"
    finding = only(make_item(CHOSEN + front, stem="{{ n }}", sections=sections))
    assert finding.message == "`correct` depends on the variant, and yet 'right' is correct in all 60"


# ---- a second way to the answer


def test_a_second_way_that_finds_something_else(make_item: MakeItem) -> None:
    finding = only(numeric(make_item, DRAWN, check="answer = x / 3"))
    assert finding.rule == "item-recomputed"
    assert finding.severity is Severity.ERROR
    assert finding.message.startswith("## Check finds ")
    assert finding.message.endswith("60 of 60 seeds)")


def test_the_second_way_sees_the_numbers_as_they_are_shown(make_item: MakeItem) -> None:
    """The key of an author who forgot to round what is shown cannot be found again from the page."""
    code = "x = float(rng.uniform(1, 2))\ny = 1000 * x"
    finding = only(numeric(make_item, code, stem="{{ x:.1f }}", check="answer = 1000 * x"))
    assert finding.mend.endswith("or compute the key from the numbers as they are shown")
    rounded = numeric(
        make_item, code.replace("\n", "\nx = round(x, 1)\n"), stem="{{ x:.1f }}", check="answer = 1000 * x"
    )
    assert list(check_item(rounded, seeds=60)) == []


def test_the_second_way_sees_nothing_else(make_item: MakeItem) -> None:
    finding = only(numeric(make_item, DRAWN, check="\nanswer = y"))
    assert "## Check, line 2: NameError: name 'y' is not defined (seed 0; 60 of 60 seeds)" in finding.message


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("result = x / 2", "the code must bind `answer`"),
        ("answer = print", "the code must bind `answer`"),
        ("answer = float('nan')", "## Check finds nan"),
        ("answer = 'half of x'", "## Check finds 'half of x'"),
        ("answer = x / (x - 7)", "ZeroDivisionError"),
    ],
)
def test_a_second_way_that_finds_nothing(make_item: MakeItem, check: str, said: str) -> None:
    messages = [each.message for each in check_item(numeric(make_item, DRAWN, check=check), seeds=60)]
    assert any(said in message for message in messages)


def test_a_second_way_that_never_ends_is_tried_once() -> None:
    jobs = [Job("x = 1", seed, "while True: pass") for seed in range(3)]
    ran = run_jobs(jobs, seconds=0.1)
    problems = [each.answer.problem for each in ran if isinstance(each, Ran)]
    assert problems == ["took longer than 0.1 s", *["not tried, because another seed took too long"] * 2]


def test_formats_are_read_as_learners_read_them() -> None:
    assert as_shown(2.0 / 3, ".2f") == 0.67
    assert as_shown(0.1234, ".1%") == pytest.approx(float(Fraction(123, 1000)))
    assert as_shown(12345.678, ",.1f") == 12345.7
    assert as_shown([1.26, 2.24], ".1f") == [1.3, 2.2]
    assert as_shown(7, "") == 7
    assert isinstance(as_shown(7, "d"), int)
    assert as_shown("a | b", "") == "a | b"
    assert as_shown(255, "#x") == "0xff"


def test_other_types_are_answered_with_the_authors_ids(make_item: MakeItem) -> None:
    samples = (
        "samples:\n  - {response: [p, q], score: 2}\n  - {response: [r], score: 0}\n  - {response: [p], score: 1.5}\n"
        "  - {response: x, score: malformed}\n  - {response: [r, s], score: 0}\n"
    )
    front = samples.replace("[r], score: 0", "[r], score: 0.5") + MULTIPLE.replace("SCORING", "number-right")
    sections = "\n## Check\n\n```python\nanswer = ['p', 'q']\n```\n"
    assert list(check_item(make_item(front, sections=sections))) == []
    wrong = make_item(front, sections=sections.replace("'p', 'q'", "'p'"))
    assert [each.rule for each in check_item(wrong)] == ["item-recomputed"]


# ---- processes


def test_a_program_that_ends_the_process_takes_only_itself_with_it(make_item: MakeItem) -> None:
    sound, fatal = "x = 1", "import os\nif seed_is_bad: os._exit(3)"
    jobs = [
        Job(sound, 0),
        Job("import os\nos._exit(3)", 0),
        Job(sound, 1),
        Job("import os\nos._exit(3)", 1),
        Job(fatal, 0),
    ]
    ran = run_jobs(jobs)
    assert [type(each) for each in ran] == [Ran, Failure, Ran, Failure, Failure]
    assert ran[1] == Failure("the process ended with status 3")
    assert isinstance(ran[4], Failure)
    assert "NameError" in ran[4].problem


# ---- spread


def trial(item: Item) -> ItemTrial:
    return try_item(item, seeds=200)


def test_the_spread_of_a_numeric_item(make_item: MakeItem) -> None:
    code = "x = [1, 10, 100][int(rng.integers(3))]\ny = float(x)"
    (spread,) = trial(numeric(make_item, code, check="answer = x + 0.005")).spreads
    assert (spread.variants, spread.distinct, spread.answers) == (200, 3, 3)
    assert (spread.lowest, spread.highest, spread.decades) == (1, 100, 2)
    assert spread.recomputed == pytest.approx(0.5)


def test_the_nearest_distractor_of_a_choice(make_item: MakeItem) -> None:
    front = SINGLE.replace("The right one", '"{{ a }} mm"').replace("A near miss", '"{{ b }} mm"')
    sections = "\n## Variant\n\n```python\na = int(rng.integers(1, 6))\nb = a + 1\n```\n"
    found = trial(make_item(CHOSEN + front, stem="{{ a }}", sections=sections))
    assert found.findings == ()
    assert found.spreads[0].nearest == pytest.approx(1 / 5)
    assert found.spreads[0].answers == 1


def test_an_item_without_variants_has_no_spread(make_item: MakeItem) -> None:
    assert trial(make_item(SINGLE)).spreads == ()
