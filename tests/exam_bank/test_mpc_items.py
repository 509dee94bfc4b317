"""The sample course's exam items: each key found again from the numbers on the page, by another way than the item's."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

from exam_bank.check import check_item, check_items
from exam_bank.item import Item, Status, Use
from exam_bank.item_file import read_bank
from exam_bank.variant import Code, Numeric, SingleChoice, Variant
from exam_bank.variant_maker import make_variants

pytestmark = pytest.mark.integration  # the whole chain on the sample course

COURSE = Path(__file__).parents[2] / "courses" / "mpc"
ITEMS = {ref: item for ref, item in read_bank(COURSE).items.items() if item.use is Use.EXAM}


def variants(ref: str, count: int = 40) -> list[Variant]:
    return make_variants([(ITEMS[ref], seed) for seed in range(count)])


def numbers(text: str) -> list[float]:
    plain = re.sub(r"\\[a-zA-Z]+|[_^]\{?[0-9]\}?|d_2|A_2", " ", text)
    return [float(each) for each in re.findall(r"-?[0-9]+(?:\.[0-9]+)?", plain)]


def answer(variant: Variant) -> float:
    assert isinstance(variant.key, Numeric)
    return float(variant.key.answer)


def relative_range_mean(size: int) -> float:
    """d2 by integrating over the range of ``size`` normal readings."""

    def tail(x: float) -> float:
        return float(1 - stats.norm.cdf(x) ** size - stats.norm.sf(x) ** size)

    return float(integrate.quad(tail, -10, 10)[0])


def test_there_are_twelve_of_all_types() -> None:
    assert len(ITEMS) == 12
    assert {item.type for item in ITEMS.values()} == {
        *("single-choice", "multiple-choice", "numeric", "fill-in"),
        *("short-answer", "matching", "ordering", "code"),
    }
    assert sum(bool(item.variant_code) for item in ITEMS.values()) >= 5
    assert {item.topic for item in ITEMS.values()} == {"variation-and-measurement", "control-charts"}


@pytest.mark.parametrize("ref", ITEMS)
def test_it_proves_itself(ref: str) -> None:
    assert list(check_item(ITEMS[ref], seeds=100)) == []


@pytest.mark.parametrize("ref", [ref for ref, item in ITEMS.items() if item.type.endswith("choice")])
def test_every_option_has_feedback_of_its_own(ref: str) -> None:
    feedback = [option.feedback for option in ITEMS[ref].question.options]  # type: ignore[union-attr]
    assert len(set(feedback)) == len(feedback)
    assert all(len(each) > 20 for each in feedback)


def test_a_better_gauge_by_simulation() -> None:
    rng = np.random.default_rng(1)
    for variant in variants("variation-and-measurement/better-gauge", 5):
        _, total, _, gauge = numbers(variant.stem)[:4]
        shafts = rng.normal(0, np.sqrt(total**2 - gauge**2), 400_000)
        readings = shafts + rng.normal(0, gauge / 2, shafts.size)
        assert answer(variant) == pytest.approx(readings.std(), rel=0.005)


def test_a_shared_set_up_by_simulation() -> None:
    rng = np.random.default_rng(2)
    for variant in variants("variation-and-measurement/shared-setup", 4):
        sigma, rho = re.search(r"sigma = ([\d.]+).*rho = ([\d.]+)", variant.stem, re.DOTALL).groups()  # type: ignore[union-attr]
        s, r, n = float(sigma), float(rho), 600
        subgroups = s * np.sqrt(r) * rng.standard_normal((8_000, 1)) + s * np.sqrt(1 - r) * rng.standard_normal(
            (8_000, n)
        )
        assert np.corrcoef(subgroups[:, 0], subgroups[:, 1])[0, 1] == pytest.approx(r, abs=0.04)
        assert isinstance(variant.key, SingleChoice)
        right = next(option.text for option in variant.key.options if option.correct)
        assert float(right.removesuffix(" µm")) == pytest.approx(subgroups.mean(axis=1).std(), rel=0.04)


def test_limits_for_another_size() -> None:
    seen = set()
    for variant in variants("control-charts/limits-for-a-new-size"):
        shown = re.search(
            r"n = (\d+)\$ welds.*x} = ([\d.]+).*R = ([\d.]+).*d_2 = ([\d.]+).*m = (\d+)", variant.stem, re.DOTALL
        )
        assert shown is not None
        n, mean, mean_range, d2, m = (float(each) for each in shown.groups())
        seen.add(n)
        assert d2 == pytest.approx(relative_range_mean(int(n)), abs=0.0006)
        deviation = mean_range / relative_range_mean(int(n)) / np.sqrt(m)
        assert answer(variant) == pytest.approx(stats.norm(mean, deviation).ppf(stats.norm.sf(3)), abs=0.01)
    assert seen == {3, 4, 5, 6}


def test_parts_until_a_signal_by_another_distribution() -> None:
    """A squared normal is chi-squared with one degree of freedom, off centre."""
    for variant in variants("control-charts/parts-until-a-signal"):
        shown = re.search(r"n = (\d+)\$ parts.*by \$([\d.]+)\\,", variant.stem, re.DOTALL)
        assert shown is not None
        n, shift = int(shown[1]), float(shown[2])
        signal = stats.ncx2(1, n * shift**2).sf(9)
        assert answer(variant) == pytest.approx(n / signal, rel=1e-6)


def test_which_rule_by_reading_the_stem() -> None:
    keys = []
    for variant in variants("control-charts/which-rule", 200):
        shown = re.search(
            r"mean is ([\d.]+) mm and the mean range\n([\d.]+) mm.*in order, are\n\n(.*)\.\n", variant.stem, re.DOTALL
        )
        assert shown is not None
        centre, reach = float(shown[1]), 0.577 * float(shown[2])
        means = np.array([float(each) for each in shown[3].split(", ")])
        assert len(means) == 16
        beyond = bool((np.abs(means - centre) > reach).any())
        sides = "".join("+" if mean > centre else "-" for mean in means)
        run = "+" * 8 in sides or "-" * 8 in sides
        expected = {(True, False): "beyond", (False, True): "run", (True, True): "both", (False, False): "neither"}
        assert isinstance(variant.key, SingleChoice)
        key = next(option.source for option in variant.key.options if option.correct)
        assert key == expected[beyond, run]
        assert not (np.abs(np.abs(means - centre) / reach * 3 - 3) < 0.25).any(), "too close to a limit to be fair"
        keys.append(key)
    assert all(keys.count(key) > 20 for key in ("beyond", "run", "both", "neither"))


def test_the_figures_in_the_solution_about_ranges() -> None:
    ranges = np.ptp(np.random.default_rng(3).standard_normal((400_000, 5)), axis=1)
    assert ranges.mean() == pytest.approx(2.326, abs=0.005)
    assert ranges.std() == pytest.approx(0.864, abs=0.005)
    for size, negative in [(5, True), (6, True), (7, False)]:
        ranges = np.ptp(np.random.default_rng(4).standard_normal((400_000, size)), axis=1)
        assert (ranges.mean() < 3 * ranges.std()) is np.bool_(negative)


def test_the_reference_program_passes_its_tests_and_the_starter_does_not() -> None:
    item: Item = ITEMS["control-charts/range-chart-limits"]
    assert item.status is Status.PILOT
    key = make_variants([(item, 0)])[0].key
    assert isinstance(key, Code)
    names: dict[str, object] = {}
    exec(key.reference, names)
    exec(key.tests, names)
    exec(key.hidden_tests, names)
    with pytest.raises(NotImplementedError):
        exec(f"{key.starter}\n{key.tests}", {})


def test_two_charts_by_their_limits() -> None:
    for variant in variants("control-charts/two-charts"):
        shown = re.search(r"means of (\d+) are .* means of (\d+)\.", " ".join(variant.stem.split()))
        assert shown is not None
        ratio = np.sqrt(float(shown[2]) / float(shown[1]))
        assert f"{ratio:g}" in variant.key.blanks[3].accept  # type: ignore[union-attr]


def test_every_item_of_the_course_over_a_thousand_seeds() -> None:
    assert check_items(COURSE) == []
