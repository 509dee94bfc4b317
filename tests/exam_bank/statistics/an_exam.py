"""A simulated exam of four-option questions, with a wrong key, an idle option and one unfair question."""

import numpy as np

from exam_bank.statistics.answers import Answers, Options

OPTIONS = ("a", "b", "c", "d")


def an_exam(rng: np.random.Generator, learners: int, items: int = 12, asked: int | None = None) -> Answers:
    """Item 3 has a wrong key (a; right is b), nobody chooses d in item 5, item 7 is harder for every second learner."""
    ability = rng.standard_normal(learners)
    hard = np.linspace(-1.5, 1.5, items) + 1.6 * np.outer(np.arange(learners) % 2, np.arange(items) == 7)
    right = rng.random((learners, items)) < 1 / (1 + np.exp(1.3 * (hard - ability[:, None])))
    wrong = rng.integers(1, 4, (learners, items))
    wrong[:, 5] = rng.integers(1, 3, learners)
    chosen = np.where(right, 0, wrong)
    chosen[:, 3] = np.where(right[:, 3], 1, np.array([0, 2, 3])[rng.integers(0, 3, learners)])
    points = (chosen == 0).astype(float)
    if asked is not None:
        out = rng.random((learners, items)).argsort(axis=1) >= asked
        points[out], chosen[out] = np.nan, -1
    return Answers(
        learners=tuple(f"l{number:04}" for number in range(learners)),
        items=tuple(f"topic/item-{number}" for number in range(items)),
        max_points=(1.0,) * items,
        points=points,
        options=tuple(Options(OPTIONS, 0, chosen[:, item]) for item in range(items)),
        left_empty=(0,) * items,
        minutes=rng.normal(70, 15, learners).clip(10, 120),
    )


def groups_of(answers: Answers) -> dict[str, str]:
    """Every second learner is in the smaller group."""
    return {name: "odd" if number % 2 else "even" for number, name in enumerate(answers.learners[:-1])}
