"""``coursewright check``, as far as a minute allows: every rule, but only what carries points is run, and once."""

from collections.abc import Sequence
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
    found = [*check(setting.root), *stale_items(setting.root), *check_items(setting.root, seeds=SEEDS)]
    for assignment in setting.problem_sets:
        found += check(setting.root / "source" / assignment.id, trial=_Once(setting))
    return sorted(set(found))


class _Once:
    """Runs each version of an assignment once. The command runs the reference twice, to see whether results differ."""

    def __init__(self, setting: Setting) -> None:
        self._limits = setting.course.limits
        self._seen: dict[tuple[Path, Version], Sequence[CellTrial]] = {}

    def __call__(self, assignment: Path, version: Version) -> Sequence[CellTrial]:
        key = (assignment, version)
        if key not in self._seen:
            self._seen[key] = run_trial(assignment, version)
        return self._seen[key]
