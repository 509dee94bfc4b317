"""``coursewright check``, as far as a minute allows: every rule, but only problem sets are run, once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from authoring.check.finding import Finding
from authoring.check.run import check
from authoring.check.trial import CellTrial, Version
from autograder.trial import run_trial
from coursewright.demo.setting import Setting
from exam_bank.check import check_items
from exam_bank.embed import stale_items

SEEDS = 10  # of each item; the command tries 100


def findings(setting: Setting) -> list[Finding]:
    """What would embarrass an instructor."""
    folders = [setting.root / "source" / each.id for each in setting.problem_sets]
    trials = _Trials(folders, setting.workers)
    found = [*check(setting.root), *stale_items(setting.root), *check_items(setting.root, seeds=SEEDS)]
    for folder in folders:
        found += check(folder, trial=trials)
    return sorted(set(found))


class _Trials:
    """The reference solutions of some assignments, run once and side by side.

    The command runs them twice, to see whether results differ, and the student version, which here is an empty
    submission among the others.
    """

    def __init__(self, folders: Sequence[Path], workers: int) -> None:
        with ThreadPoolExecutor(workers) as pool:  # the cells run in processes, which the threads wait for
            ran = pool.map(lambda folder: run_trial(folder, Version.REFERENCE), folders)
            self._reference = dict(zip(folders, ran, strict=True))

    def __call__(self, assignment: Path, version: Version) -> Sequence[CellTrial]:
        return self._reference[assignment] if version is Version.REFERENCE else ()
