"""``coursewright check``, as far as a minute allows: every rule, but only problem sets are run, once."""

from collections.abc import Mapping, Sequence
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
    # cells and variants run in processes, which the threads wait for
    with ThreadPoolExecutor(len(folders) + 1) as pool:
        items = pool.submit(check_items, setting.root, seeds=SEEDS)
        ran = pool.map(lambda folder: run_trial(folder, Version.REFERENCE), folders)
        found = [*check(setting.root), *stale_items(setting.root), *items.result()]
        reference = dict(zip(folders, ran, strict=True))
    for folder in folders:
        found += check(folder, trial=_Trials(reference))
    return sorted(set(found))


class _Trials:
    """What the reference solutions of some assignments did, each run once.

    The command runs them twice, to see whether results differ, and the student version, which here is an empty
    submission among the others.
    """

    def __init__(self, reference: Mapping[Path, Sequence[CellTrial]]) -> None:
        self._reference = reference

    def __call__(self, assignment: Path, version: Version) -> Sequence[CellTrial]:
        return self._reference[assignment] if version is Version.REFERENCE else ()
