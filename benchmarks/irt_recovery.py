"""Recovery and coverage: items are made up, responses are drawn from them, and calibration is to find them again.

Over many draws: bias (mean of estimate less truth), RMSE (root of the mean squared difference), and coverage, the share
of 95 % intervals (estimate plus and minus 1.96 standard errors) that hold the truth. Each is a mean over the items; for
coverage the item with the lowest is shown too. A draw without an estimate is counted, and in no other column; neither
is an item in a draw in which all or none had it right.

``python benchmarks/irt_recovery.py --write`` puts the table into docs/calibration.md.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from exam_bank import calibrate
from exam_bank.irt.calibrate import CalibrationError
from tests.exam_bank.irt.simulated import items, responses

PAGE = Path(__file__).parents[1] / "docs" / "calibration.md"
BEGIN, END = "<!-- benchmarks/irt_recovery.py writes this -->\n", "<!-- until here -->"
ITEMS, SEED, Z95 = 20, 2026, 1.959963984540054
HEADINGS = ("model", "learners", "draws", "no estimate", "", "bias", "RMSE", "coverage", "lowest of an item")


@dataclass(frozen=True)
class Case:
    """What is drawn, and how often."""

    model: str
    learners: int
    draws: int
    chance: float = 0.0
    missing: float = 0.0

    @property
    def name(self) -> str:
        """As the table calls it."""
        missing = f", {self.missing:.0%} not asked" if self.missing else ""
        return self.model.upper() + missing + (f", c {self.chance:g}" if self.chance else "")


CASES = (
    Case("1pl", 30, 300),
    Case("1pl", 100, 300),
    Case("2pl", 30, 300),
    Case("2pl", 100, 300),
    Case("2pl", 250, 300),
    Case("2pl", 500, 300),
    Case("2pl", 1000, 300),
    Case("2pl", 1000, 300, missing=0.3),
    Case("2pl", 4000, 150),
    Case("3pl", 1000, 100, chance=0.2),
    Case("3pl", 4000, 100, chance=0.2),
    Case("3pl", 4000, 100, chance=0.3),
)


def rows(case: Case) -> Iterator[tuple[object, ...]]:
    """A row of the table for each kind of parameter."""
    a, b = items(ITEMS, seed=SEED)
    if case.model == "1pl":
        a = np.full(ITEMS, 1.1)
    truth = {"a": a, "b": b} | ({"c": np.full(ITEMS, case.chance)} if case.chance else {})
    found, failed = [], 0
    for draw in range(case.draws):
        drawn = responses(case.learners, a, b, case.chance, seed=SEED + draw, missing=case.missing)
        try:
            found.append(calibrate(drawn, case.model))
        except CalibrationError:
            failed += 1
    for name, true in truth.items():
        off, errors = np.full((len(found), ITEMS), np.nan), np.full((len(found), ITEMS), np.nan)
        for row, each in enumerate(found):
            columns = list(each.columns)
            off[row, columns] = [getattr(item, name) for item in each.items] - true[columns]
            errors[row, columns] = [getattr(item, f"se_{name}") for item in each.items]
        held = np.where(np.isnan(off), np.nan, np.abs(off) <= Z95 * errors)
        cells = (f"{np.nanmean(off):+.3f}", f"{np.sqrt(np.nanmean(off**2)):.3f}", f"{np.nanmean(held):.1%}")
        lowest = np.nanmean(held, axis=0).min()
        yield case.name, f"{case.learners:,}", case.draws, failed, name, *cells, f"{lowest:.1%}"


def main() -> None:
    """Print the table, or write it into the page."""
    lines = [f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    for case in CASES:
        lines += [f"| {' | '.join(map(str, row))} |" for row in rows(case)]
        print(lines[-1], file=sys.stderr)
    table = "\n".join(lines) + "\n"
    print(table)
    if "--write" in sys.argv:
        before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
