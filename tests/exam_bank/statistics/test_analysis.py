"""The review says what is wrong with an exam in which we know what is wrong, and nothing of sound questions."""

import numpy as np
import pytest

from exam_bank.statistics.analysis import analyse
from exam_bank.statistics.answers import Answers, Options
from exam_bank.statistics.item_review import Urgency
from exam_bank.statistics.variants import by_variant
from tests.exam_bank.statistics.an_exam import an_exam, groups_of


def sentences(analysis, item: int) -> str:
    return " ".join(each.what for each in analysis.remarks if each.item == item)


@pytest.mark.integration  # it takes long
def test_a_wrong_key_is_said_first_and_in_words() -> None:
    found = analyse(an_exam(np.random.default_rng(1), 200))
    assert (found.remarks[0].item, found.remarks[0].urgency) == (3, Urgency.KEY)
    assert "Option b is chosen by stronger learners than the key" in sentences(found, 3)
    assert "Check the key" in found.remarks[0].mend
    assert {each.item for each in found.remarks if each.urgency is Urgency.KEY} == {3}


@pytest.mark.integration  # it takes long
def test_an_idle_option_and_an_unfair_question_are_said() -> None:
    answers = an_exam(np.random.default_rng(2), 1000)
    found = analyse(answers, groups_of(answers))
    assert "Option d is chosen by fewer than 2% of 1000 learners" in sentences(found, 5)
    assert "much harder for the group odd" in sentences(found, 7)
    assert found.reference == "even"
    assert (found.difs["odd"].reference, found.difs["odd"].focal) == (500, 499)  # the last learner has no group


def test_variants_that_are_not_equally_hard_are_said() -> None:
    answers = an_exam(np.random.default_rng(3), 200)
    names = ["hard" if number % 2 else "easy" for number in range(200)]
    points = np.where(np.array(names) == "hard", answers.points[:, 0] * (np.arange(200) % 4 == 1), answers.points[:, 0])
    unequal = by_variant(points, 1.0, names, answers.rest(0))
    found = analyse(answers, variants={answers.items[0]: unequal})
    assert "Its 2 variants are not equally hard" in sentences(found, 0)


def test_of_five_learners_nothing_is_said_but_that_they_are_few() -> None:
    answers = an_exam(np.random.default_rng(4), 5)
    found = analyse(answers, groups_of(answers))
    assert found.remarks == ()
    assert "5 learners are too few" in found.advice[0]
    assert any(line.startswith("odd: The smaller group has 2") for line in found.advice)
    assert found.scale.calibration is None


def test_a_few_strong_learners_who_chose_an_option_by_chance_say_nothing() -> None:
    rest = np.array([1, 0, 1, 0, 1, 1] + [1, 0] * 17, float)  # of those who chose b a mean of 0.67, of the key's 0.5
    chosen = np.array([1] * 6 + [0] * 34)
    answers = Answers(
        learners=tuple(map(str, range(40))),
        items=("x", "rest"),
        max_points=(1.0, 1.0),
        points=np.stack([chosen == 0, rest], axis=1).astype(float),
        options=(Options(("a", "b"), 0, chosen), None),
        left_empty=(0, 0),
    )
    assert analyse(answers).remarks == ()


@pytest.mark.integration  # it simulates
def test_sound_questions_are_left_alone() -> None:
    rng = np.random.default_rng(5)
    noted = 0
    for _ in range(30):
        answers = an_exam(rng, 60)
        noted += len({each.item for each in analyse(answers).remarks if each.urgency is Urgency.KEY} - {3})
    assert noted <= 4  # of 330 sound questions


@pytest.mark.parametrize(("learners", "model"), [(40, None), (150, "Rasch model"), (600, "two-parameter")])
def test_the_model_is_the_one_that_so_many_learners_bear(learners, model) -> None:
    found = analyse(an_exam(np.random.default_rng(6), learners))
    if model is None:
        assert found.scale.calibration is None
        assert "of 12 there are 0" in found.scale.said
    else:
        assert model in found.scale.said
        assert len(found.scale.abilities) == learners


@pytest.mark.integration  # it takes long
def test_forms_of_their_own_have_a_reliability_from_the_calibration() -> None:
    found = analyse(an_exam(np.random.default_rng(7), 2000, items=40, asked=15))
    assert found.reliability_of == "reliability of the estimated abilities"
    assert 0.6 < (found.reliability.value or 0) < 0.85  # 15 of these items; 40 would have about 0.9
    assert found.error is not None
