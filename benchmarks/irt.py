"""Calibration: 50 items by 10,000 learners, 2PL with standard errors, on one core, and the same with mirt.

Each is timed from the matrix of responses to parameters and standard errors; what is shown is the best and the median
of several runs. Both integrate over 61 abilities; mirt runs with its compiled part and its default tolerance.
"""

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["RAYON_NUM_THREADS"] = "1"

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from exam_bank import calibrate
from exam_bank.irt.fit import model_fit
from exam_bank.irt.item_fit import item_fit
from exam_bank.irt.scores import abilities
from tests.exam_bank.irt.simulated import items, responses

LEARNERS, ITEMS, RUNS = 10_000, 50, 7


def seconds(what: Callable[[], object], runs: int = RUNS) -> str:
    """The best and the median time of several runs."""
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        what()
        taken.append(time.perf_counter() - started)
    return f"{min(taken):8.3f} s{statistics.median(taken):10.3f} s"


def main() -> None:
    """Print the table."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    a, b = items(ITEMS, seed=1)
    full, gaps, guessed = (
        responses(LEARNERS, a, b, seed=2),
        responses(LEARNERS, a, b, seed=2, missing=0.2),
        responses(LEARNERS, a, b, 0.2, seed=2),
    )
    found = calibrate(full)
    print(
        f"{platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}, {time.strftime('%Y-%m-%d')}"
    )
    print(f"{ITEMS} items by {LEARNERS:,} learners, one core{'best':>16}{'median':>12}")
    for model, drawn, name in (
        ("rasch", full, "Rasch"),
        ("1pl", full, "1PL"),
        ("2pl", full, "2PL"),
        ("2pl", gaps, "2PL, a fifth not asked"),
        ("3pl", guessed, "3PL"),
    ):
        told = f"{name} with standard errors"
        print(f"{told:42}{seconds(lambda model=model, drawn=drawn: calibrate(drawn, model))}")
    print(f"{'M2':42}{seconds(lambda: model_fit(found, full), 3)}")
    print(f"{'S-X2 of every item':42}{seconds(lambda: item_fit(found, full), 3)}")
    print(f"{'abilities (EAP)':42}{seconds(lambda: abilities(found, full), 3)}")
    import mirt

    theirs = seconds(lambda: mirt.fit_mirt(full.astype(int), model="2PL", n_quadpts=61), 3)
    print(f"{'2PL with standard errors, mirt':42}{theirs}")


if __name__ == "__main__":
    main()
