"""Answer-copying indices: how often pairs who worked alone are shown, and how often pairs of whom one copied.

Classes answer 40 questions with four options by the nominal response model; parameters and abilities are estimated from
the class as ``coursewright exam copying`` does. First single pairs drawn blindly, then whole classes with all pairs and
Holm's adjustment, then classes in which one learner took over a share of the answers of a better one. In the classes
"with a common habit" a fifth of the learners share a second ability that the model does not know.
"""

import platform
import time

import numpy as np

from exam_bank.statistics.copying.indices import (
    LEVEL,
    compare_all,
    generalized_binomial_tail,
    learner_curves,
    omega,
)
from exam_bank.statistics.copying.nominal import calibrate_nominal

ITEMS, OPTIONS = 40, 4
KEY = [0] * ITEMS
NUMBERS = [OPTIONS] * ITEMS
LEVELS = (0.05, 0.01, 0.001)


def answers(rng: np.random.Generator, learners: int, habit: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """A class that works alone: the options chosen, and the abilities."""
    slopes, intercepts = rng.normal(0, 0.35, (ITEMS, OPTIONS)), rng.normal(0, 0.6, (ITEMS, OPTIONS))
    slopes[:, 0], intercepts[:, 0] = rng.uniform(0.6, 1.6, ITEMS), rng.normal(0.8, 0.9, ITEMS)
    ability = rng.standard_normal(learners)
    logits = ability[:, None, None] * slopes + intercepts
    taught = rng.random(learners) < 0.2
    logits += habit * taught[:, None, None] * rng.standard_normal((ITEMS, OPTIONS))
    shares = np.exp(logits)
    shares = (shares / shares.sum(axis=2, keepdims=True)).cumsum(axis=2)
    return (rng.random((learners, ITEMS, 1)) > shares).sum(axis=2).clip(max=OPTIONS - 1), ability


def blind_pairs(rng: np.random.Generator, learners: int, classes: int, pairs: int) -> None:
    """The rate of p-values below a level, in pairs who worked alone."""
    found: dict[str, list[float]] = {"omega": [], "GBT": []}
    for _ in range(classes):
        choices, _ = answers(rng, learners)
        curves = learner_curves(calibrate_nominal(choices, NUMBERS, KEY), choices)
        for _ in range(pairs):
            one, other = rng.choice(learners, 2, replace=False)
            same, each = choices[one] == choices[other], np.arange(ITEMS)
            z = omega(same, curves[one, each, choices[other]])
            found["omega"].append(float(normal_tail(z)))
            found["GBT"].append(generalized_binomial_tail((curves[one] * curves[other]).sum(axis=1), int(same.sum())))
    for name, values in found.items():
        rates = "".join(f"{np.mean(np.array(values) < level):10.4f}" for level in LEVELS)
        print(f"{name:>8}{learners:8}{len(values):9,}{rates}")


def normal_tail(z: float) -> float:
    """The upper tail of the standard normal distribution."""
    from scipy.special import ndtr

    return float(ndtr(-z))


def whole_classes(rng: np.random.Generator, learners: int, classes: int, copied: int, habit: float = 0.0) -> None:
    """How many classes have a pair that is shown though nobody copied, and how many copies are shown."""
    false, hits = 0, 0
    for _ in range(classes):
        choices, ability = answers(rng, learners, habit)
        source, copier = (int(np.argsort(ability)[round(share * (learners - 1))]) for share in (0.8, 0.3))
        taken = rng.choice(ITEMS, copied, replace=False)
        choices[copier, taken] = choices[source, taken]
        shown = {each.learners for each in compare_all(choices, NUMBERS, KEY).pairs}
        true = {(min(source, copier), max(source, copier))} if copied else set()
        false += bool(shown - true)
        hits += bool(shown & true)
    what = "nobody, common habit" if habit else (f"{copied} of {ITEMS}" if copied else "nobody")
    found = f"{hits} of {classes}" if copied else ""
    print(f"{what:>24}{learners:10}{learners * (learners - 1) // 2:9,}{f'{false} of {classes}':>24}{found:>14}")


def main() -> None:
    """Print the tables."""
    rng = np.random.default_rng(2026)
    print(f"{platform.machine()}, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}, one core")
    print("\nPairs who worked alone, drawn blindly: share of p-values below")
    print(f"{'index':>8}{'class':>8}{'pairs':>9}" + "".join(f"{level:>10}" for level in LEVELS))
    for learners, classes in ((100, 12), (500, 10), (2000, 3)):
        blind_pairs(rng, learners, classes, 20_000 // classes)
    print(f"\nAll pairs of a class, adjusted (Holm), shown below {LEVEL:g}")
    print(f"{'copied':>24}{'learners':>10}{'pairs':>9}{'classes with a false one':>24}{'copies shown':>14}")
    for learners, classes, copied, habit in (
        (100, 40, 0, 0.0),
        (400, 20, 0, 0.0),
        (400, 10, 0, 0.8),
        (400, 10, 12, 0.0),
        (400, 10, 20, 0.0),
        (400, 10, 30, 0.0),
    ):
        whole_classes(rng, learners, classes, copied, habit)
    choices, _ = answers(rng, 4000)
    started = time.process_time()
    found = compare_all(choices, NUMBERS, KEY)
    print(f"\n4,000 learners, {found.compared:,} pairs: {time.process_time() - started:.1f} s of CPU")


if __name__ == "__main__":
    main()
