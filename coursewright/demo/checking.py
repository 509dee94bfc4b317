"""``coursewright check``, as far as a minute allows: every rule, but only what carries points is run, and once."""

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
    """Every version of some assignments, run once and side by side.

    The command runs the reference twice, one after the other, to see whether results differ.
    """

    def __init__(self, folders: Sequence[Path], workers: int) -> None:
        wanted = [(folder, version) for folder in folders for version in (Version.REFERENCE, Version.STUDENT)]
        with ThreadPoolExecutor(workers) as pool:  # the cells run in processes, which the threads wait for
            self._seen = dict(zip(wanted, pool.map(lambda each: run_trial(*each), wanted), strict=True))

    def __call__(self, assignment: Path, version: Version) -> Sequence[CellTrial]:
        return self._seen[assignment, version]
