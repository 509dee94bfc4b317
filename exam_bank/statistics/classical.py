"""Classical item statistics, each with the number of learners it rests on.

Scores are a matrix with one row for each learner and one column for each item; an entry is points, or NaN where the
learner was not asked that item (forms differ). An item that was asked and left empty has 0 points there, not NaN.

Sources:

* difficulty and corrected item-total correlation: Crocker and Algina, *Introduction to Classical and Modern Test
  Theory*, 1986, chapter 14; Henrysson, *Psychometrika* 28, 1963, 211-218, for taking the item out of the total.
* alpha: Cronbach, *Psychometrika* 16, 1951, 297-334; its standard error for normal scores with any covariance matrix:
  van Zyl, Neudecker and Nel, *Psychometrika* 65, 2000, 271-280.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exam_bank.statistics.estimate import ROUNDING, Z95, Estimate, correlation, wilson_interval
from exam_bank.statistics.measurement_error import measurement_error

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Scores = NDArray[np.float64]

__all__ = [
    "Chosen",
    "Estimate",
    "ExamStatistics",
    "ItemStatistics",
    "corrected_item_total",
    "cronbach_alpha",
    "difficulty",
    "distractors",
    "item_statistics",
    "wilson_interval",
]

SMALL = 30  # below this even the sign of a correlation is a guess: see the width of its interval
ENOUGH = 100


@dataclass(frozen=True, kw_only=True)
class ItemStatistics:
    """One item.

    Attributes:
        difficulty: mean fraction of the points earned, 0 to 1; the interval is Wilson's.
        discrimination: correlation of the item's points with the points of the learner's other items.
    """

    item: str
    difficulty: Estimate
    discrimination: Estimate


@dataclass(frozen=True, kw_only=True)
class ExamStatistics:
    """An exam with its items.

    Attributes:
        alpha: Cronbach's alpha; only where all learners were asked the same items.
        sem: standard error of measurement of the total, in points; the same.
        advice: what the size of the class does not allow to say, in plain words.
    """

    n: int
    items: tuple[ItemStatistics, ...]
    alpha: Estimate
    sem: Estimate
    advice: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """How often an option was chosen, and how good the learners were who chose it.

    Attributes:
        n: how many choices were counted, of this option and all others.
        share: ``count`` of ``n``.
        share_low: 95 % interval of the share, Wilson's.
        share_high: the same.
        mean_total: mean fraction of the points that they earned in the rest of the test; None if nobody chose it.
        correlation: of choosing it with the rest of the test. Above 0 for a wrong option means that the better learners
            chose it.
    """

    option: str
    correct: bool
    count: int
    n: int
    share: float
    share_low: float
    share_high: float
    mean_total: float | None
    correlation: Estimate


def item_statistics(
    scores: "Scores", max_points: Sequence[float], names: Sequence[str], *, pilots: Sequence[int] = ()
) -> ExamStatistics:
    """The statistics of a test.

    Args:
        scores: points, learners by items; NaN where an item was not asked.
        max_points: the points of each item.
        names: what to call the items.
        pilots: the columns of items on trial: they have statistics of their own, and no part in anybody's total.

    Raises:
        ValueError: the shapes do not agree, or points are outside 0 to the maximum.
    """
    import numpy as np

    points = np.asarray(scores, dtype=float)
    top = np.asarray(max_points, dtype=float)
    if points.ndim != 2 or points.shape[1] != len(top) or len(top) != len(names):
        raise ValueError(f"scores are {points.shape}; they must be learners by {len(names)} items")
    if np.any(points < 0) or np.any(points > top + 1e-9):
        raise ValueError("points must be between 0 and the item's maximum")
    items = tuple(
        ItemStatistics(
            item=name,
            difficulty=difficulty(points[:, index], float(top[index])),
            discrimination=corrected_item_total(points, top, index, pilots=pilots),
        )
        for index, name in enumerate(names)
    )
    scored = np.delete(points, list(pilots), axis=1)
    return ExamStatistics(
        n=len(points),
        items=items,
        alpha=cronbach_alpha(scored),
        sem=measurement_error(scored),
        advice=_advice(items, len(points)),
    )


def difficulty(points: "Scores", maximum: float) -> Estimate:
    """The mean fraction of the points earned (the proportion right for right-or-wrong items), 0 to 1.

    The interval is Wilson's, which for partial credit is wider than needed and never too narrow, since a fraction
    between 0 and 1 varies at most as much as a right-or-wrong score with the same mean.
    """
    import numpy as np

    given = points[~np.isnan(points)] / maximum
    n = len(given)
    if n == 0:
        return Estimate(value=None, n=0, why_not="nobody was asked")
    p = float(given.mean())
    low, high = wilson_interval(p, n)
    error = float(given.std(ddof=1)) / math.sqrt(n) if n > 1 else None
    return Estimate(value=p, n=n, standard_error=error, low=low, high=high)


def corrected_item_total(points: "Scores", maximum: "Scores", item: int, *, pilots: Sequence[int] = ()) -> Estimate:
    """Pearson's correlation of an item's points with the fraction of points earned on the learner's *other* items.

    Only learners who were asked the item and at least one other count. For learners who were all asked the same items
    it is the correlation with the total less the item. Items on trial (``pilots``) are in nobody's total. The interval
    is Fisher's.
    """
    import numpy as np

    out = sorted({item, *pilots})
    others = np.delete(points, out, axis=1)
    asked = ~np.isnan(others)
    possible = (asked * np.delete(maximum, out)).sum(axis=1)
    use = ~np.isnan(points[:, item]) & (possible > 0)
    return correlation(points[use, item] / maximum[item], np.nansum(others[use], axis=1) / possible[use])


def cronbach_alpha(points: "Scores") -> Estimate:
    """Cronbach's alpha of learners who were all asked the same items.

    The standard error is van Zyl, Neudecker and Nel's (2000): with ``S`` the covariance matrix of ``k`` items and ``j``
    a vector of ones,

    ``Q = 2 k^2 / ((k-1)^2 (j'Sj)^3) * [(j'Sj)(tr S^2 + (tr S)^2) - 2 (tr S)(j'S^2 j)]``, ``SE = sqrt(Q / n)``.
    """
    import numpy as np

    n, k = points.shape
    if np.isnan(points).any():
        return Estimate(value=None, n=n, why_not="learners were asked different items")
    if k < 2 or n < 3:
        return Estimate(value=None, n=n, why_not="alpha needs two items and three learners")
    covariance = np.cov(points, rowvar=False)
    total, trace = float(covariance.sum()), float(np.trace(covariance))
    if total <= ROUNDING * trace:
        return Estimate(value=None, n=n, why_not="the total does not vary")
    alpha = k / (k - 1) * (1 - trace / total)
    squared = covariance @ covariance
    bracket = total * (float(np.trace(squared)) + trace**2) - 2 * trace * float(squared.sum())
    error = math.sqrt(2 * k**2 / ((k - 1) ** 2 * total**3) * max(bracket, 0.0) / n)  # rounding can leave a hair below 0
    return Estimate(value=alpha, n=n, standard_error=error, low=alpha - Z95 * error, high=alpha + Z95 * error)


def distractors(
    choices: Sequence[str | None], totals: Sequence[float], options: Mapping[str, bool]
) -> tuple[Chosen, ...]:
    """Who chose which option.

    Args:
        choices: for each learner the option's id in the author's file, or None for no answer.
        totals: for each learner the fraction of points earned on the rest of the test.
        options: for each option whether it is correct, in the author's order.

    Returns:
        A row for each option, and one named ``(none)`` for no answer if there was any.
    """
    rows: list[tuple[str, str | None, bool]] = [(option, option, correct) for option, correct in options.items()]
    if None in choices:
        rows.append(("(none)", None, False))
    return tuple(_chosen(name, choice, choices, totals, correct=correct) for name, choice, correct in rows)


def _chosen(
    name: str, choice: str | None, choices: Sequence[str | None], totals: Sequence[float], *, correct: bool
) -> Chosen:
    import numpy as np

    chose = np.array([each == choice for each in choices], dtype=float)
    rest = np.asarray(totals, dtype=float)
    n, count = len(chose), int(chose.sum())
    low, high = wilson_interval(count / n, n) if n else (0.0, 1.0)
    return Chosen(
        option=name,
        correct=correct,
        count=count,
        n=n,
        share=count / n if n else 0.0,
        share_low=low,
        share_high=high,
        mean_total=float(rest[chose == 1].mean()) if count else None,
        correlation=correlation(chose, rest),
    )


def _advice(items: Sequence[ItemStatistics], n: int) -> tuple[str, ...]:
    advice = []
    if n < SMALL:
        advice.append(
            f"{n} learners are too few to judge items by; read their answers. Correlations could have either sign."
        )
    elif n < ENOUGH:
        advice.append(f"With {n} learners difficulties are rough (see the intervals) and correlations only hints.")
    thin = [each.item for each in items if each.difficulty.n < SMALL <= n]
    if thin:
        advice.append(f"Fewer than {SMALL} learners were asked {', '.join(thin)}: do not judge by these figures.")
    return tuple(advice)
