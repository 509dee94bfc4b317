"""Variants of one item: each with its own figures, and whether they are equally hard."""

import math
from decimal import Decimal

import numpy as np
import pytest
from scipy import stats

from exam_bank.forms.form import Form, FormSection, Question
from exam_bank.item import Tolerance
from exam_bank.scoring import Outcome
from exam_bank.sittings.grade import QuestionGrade, SittingGrade
from exam_bank.sittings.result import SittingResult, SittingState
from exam_bank.statistics.attempts import answers_of_attempts, variants_of_attempts
from exam_bank.statistics.variants import by_variant
from exam_bank.variant import Numeric, Variant

NAN = math.nan


def test_each_variant_has_its_difficulty_with_an_interval_and_the_number_of_learners():
    points = np.array([2.0, 0, 2, 2, 1, NAN, 0])
    rest = np.array([0.9, 0.1, 0.8, 0.7, 0.5, 0.5, NAN])
    found = by_variant(points, 2.0, ["x", "x", "x", "y", "y", "y", "y"], rest)
    x, y = found.table
    assert (x.variant, x.difficulty.n, x.difficulty.value) == ("x", 3, pytest.approx(2 / 3))
    assert (y.variant, y.difficulty.n, y.difficulty.value) == ("y", 3, pytest.approx(0.5))
    assert x.difficulty.low < 2 / 3 < x.difficulty.high
    assert x.discrimination.value == pytest.approx(np.corrcoef([1, 0, 1], [0.9, 0.1, 0.8])[0, 1])
    assert (y.discrimination.n, y.discrimination.value) == (2, None)
    assert found.homogeneity.why_not == "there are no two variants that 5 learners or more were asked"
    assert "2 of 2 variants were asked of fewer than 30 learners" in found.advice[0]


def test_the_test_is_pearsons_for_right_or_wrong():
    right, n = np.array([40, 25, 33]), np.array([60, 50, 45])
    points = np.concatenate([np.repeat([1.0, 0.0], [r, m - r]) for r, m in zip(right, n, strict=True)])
    names = np.repeat(["a", "b", "c"], n)
    found = by_variant(points, 1.0, list(names), np.linspace(0, 1, 155)).homogeneity
    pearson = stats.chi2_contingency([right, n - right], correction=False)
    assert (found.n, found.variants, found.df) == (155, 3, 2)
    assert found.chi2 == pytest.approx(pearson.statistic * 154 / 155)
    assert found.p == pytest.approx(stats.chi2.sf(found.chi2, 2))


def test_few_learners_are_told_and_not_tested():
    names = ["a"] * 8 + ["b"] * 8 + ["c"] * 2
    points = np.array([1.0] * 15 + [0] * 3)
    found = by_variant(points, 1.0, names, np.linspace(0, 1, 18)).homogeneity
    assert (found.n, found.variants, found.p) == (16, 2, None)
    assert found.why_not == "too few right or wrong answers for each variant"
    assert by_variant(np.ones(18), 1.0, names, np.ones(18)).homogeneity.why_not == "everybody earned the same"
    alone = by_variant(np.ones(3), 1.0, ["a", "b", "c"], np.ones(3))
    assert alone.homogeneity.variants == 0


@pytest.mark.integration  # it takes long
def test_equal_variants_are_called_different_as_often_as_the_test_says():
    rng = np.random.default_rng(13)
    names = [f"v{at}" for at in range(6)] * 20
    values = []
    for _ in range(600):
        points = rng.choice([0.0, 1.0, 2.0], 120, p=[0.3, 0.3, 0.4])  # partial credit
        values.append(by_variant(points, 2.0, names, points).homogeneity.p)
    assert np.mean(np.array(values) < 0.05) == pytest.approx(0.05, abs=0.02)
    assert np.mean(values) == pytest.approx(0.5, abs=0.03)


def test_a_harder_variant_is_found():
    rng = np.random.default_rng(14)
    names = ["easy", "easy too", "hard"] * 60
    points = (rng.random(180) < np.tile([0.8, 0.8, 0.4], 60)).astype(float)
    assert by_variant(points, 1.0, names, rng.random(180)).homogeneity.p < 1e-4


def attempt(learner: int, stem: str, points: int | None) -> tuple[Form, SittingGrade]:
    """A form of two questions, the second of which everybody has right that has an even number."""
    asked, graded = [], []
    for at, (ref, text, earned) in enumerate((("t/item", stem, points), ("t/other", "Other.", 1 - learner % 2)), 1):
        key = Numeric(answer=Decimal(1), tolerance=Tolerance(absolute=Decimal(0)))
        common = {"ref": ref, "points": Decimal(1)}
        variant = Variant(**common, version="sha256:1", seed=learner, minutes=1, stem=text, solution="", key=key)
        asked.append(Question(id=f"q{at:02}", variant=variant))
        grade = None if earned is None else Decimal(earned)
        outcome = Outcome.MALFORMED if earned is None else Outcome.SCORED
        graded.append(
            QuestionGrade(
                question=f"q{at:02}",
                ref=ref,
                item_version="sha256:1",
                response="1",
                outcome=outcome,
                points=grade,
                max_points=Decimal(1),
            )
        )
    section = FormSection(id="s", title="S", minutes=10, questions=tuple(asked))
    form = Form(title="E", learner=str(learner), attempt=1, bank="b", blueprint="p", sections=(section,))
    state = SittingState.SUBMITTED
    result = SittingResult(
        learner=str(learner), course="c", exam="e", attempt=1, state=state, score=None, max_score=Decimal(2)
    )
    return form, SittingGrade(questions=tuple(graded), result=result)


def test_whose_question_reads_the_same_has_the_same_variant():
    """However different their seeds are."""
    attempts = [attempt(at, "1 + 1?" if at < 6 else "2 + 2?", 1 if at % 3 else 0) for at in range(12)]
    attempts.append(attempt(12, "2 + 2?", None))  # waits for a person
    (found,) = variants_of_attempts(answers_of_attempts(attempts), attempts).values()
    first, second = found.table
    assert [(each.variant, each.difficulty.n) for each in (first, second)] == [("1 + 1?", 6), ("2 + 2?", 6)]
    rest = [1 - at % 2 for at in range(6)]
    expected = np.corrcoef([1 if at % 3 else 0 for at in range(6)], rest)[0, 1]
    assert first.discrimination.value == pytest.approx(expected, abs=1e-12)
    assert variants_of_attempts(answers_of_attempts(attempts[:8]), attempts[:8]) == {}  # two share the second
