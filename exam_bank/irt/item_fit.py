"""Whether single items fit a calibrated model: S-X2.

For learners with the same number of right answers the proportion that has the item right is compared with what the
model expects (Orlando and Thissen, *Applied Psychological Measurement* 24, 2000, 50-64):

``S-X2 = sum_k N_k (O_k - E_k)^2 / (E_k (1 - E_k))``, ``k`` from 1 to all items but one,

where ``E_k`` follows from Lord and Wingersky's recursion with and without the item. Neighbouring scores are taken
together until at least one right and one wrong answer is expected in each. Degrees of freedom are the groups less the
item's parameters, the common slope of 1pl being one of each. Only learners who were asked every item can be grouped so.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from exam_bank.irt.calibrate import Calibration
from exam_bank.irt.models import Model
from exam_bank.irt.quadrature import normal_grid
from exam_bank.irt.score_distribution import score_distribution, without_each

Floats = NDArray[np.float64]

FEWEST_EXPECTED = 1.0


@dataclass(frozen=True, kw_only=True)
class ItemFit:
    """How well an item fits. Numbers are None where they cannot be known, and ``why_not`` says why.

    Attributes:
        item: its name.
        n: learners that it rests on, all of whom were asked every item.
        s_x2: the statistic.
        df: its degrees of freedom.
        p: probability of a larger one if the model holds; with many items a few are small by chance.
    """

    item: str
    n: int
    s_x2: float | None = None
    df: int | None = None
    p: float | None = None
    why_not: str = ""


def item_fit(calibration: Calibration, responses: ArrayLike) -> tuple[ItemFit, ...]:
    """S-X2 of each item of a calibration, on the responses that it was made from.

    Raises:
        ValueError: the responses do not fit the calibration.
    """
    data, grid = calibration.responses(responses), normal_grid(calibration.points)
    asked_all = data.asked.all(axis=1)
    right, count = data.right[asked_all], data.count[asked_all]
    n = round(float(count.sum()))
    if n == 0:
        why = "nobody was asked every item, so that learners cannot be grouped by their number of right answers"
        return tuple(ItemFit(item=each.item, n=0, why_not=why) for each in calibration.items)
    score, items = right.sum(axis=1).astype(int), len(calibration.items)
    learners: Floats = np.bincount(score, count, items + 1).astype(float)
    p = calibration.curves.probability(grid.theta)
    whole = score_distribution(p) @ grid.weight
    others = without_each(p)
    found = []
    for at, item in enumerate(calibration.items):
        expected = np.append(0.0, (others[at] * p[at]) @ grid.weight) / whole
        correct: Floats = np.bincount(score, count * right[:, at], items + 1).astype(float)
        groups = _together(learners[1:items], correct[1:items], (learners * expected)[1:items])
        found.append(_statistic(item.item, n, groups, _parameters(calibration.model)))
    return tuple(found)


def _parameters(model: Model) -> int:
    return model.parameters_an_item + (model is Model.ONE)


def _statistic(item: str, n: int, groups: Floats, parameters: int) -> ItemFit:
    df = len(groups) - parameters
    if df < 1:
        return ItemFit(item=item, n=n, why_not="too few groups of learners with different numbers of right answers")
    learners, correct, expected = groups.T
    s_x2 = float((learners * (correct - expected) ** 2 / (expected * (learners - expected))).sum())
    return ItemFit(item=item, n=n, s_x2=s_x2, df=df, p=float(stats.chi2.sf(s_x2, df)))


def _together(learners: Floats, correct: Floats, expected: Floats) -> Floats:
    """Rows of (learners, right, expected right), neighbours added up until enough of both answers are expected."""
    groups: list[Floats] = []
    open_group = np.zeros(3)
    for row in np.column_stack([learners, correct, expected]):
        open_group = open_group + row
        if min(open_group[2], open_group[0] - open_group[2]) >= FEWEST_EXPECTED:
            groups.append(open_group)
            open_group = np.zeros(3)
    if groups:
        groups[-1] = groups[-1] + open_group  # what is left over at the top
    return np.array(groups).reshape(-1, 3)
