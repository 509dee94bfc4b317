"""Classical item statistics, each with the number of learners it rests on.

Scores are a matrix with one row for each learner and one column for each item; an entry is points, or NaN where the
learner was not asked that item (forms differ). An item that was asked and left empty has 0 points there, not NaN.

Sources:

* difficulty and corrected item-total correlation: Crocker and Algina, *Introduction to Classical and Modern Test
  Theory*, 1986, chapter 14; Henrysson, *Psychometrika* 28, 1963, 211-218, for taking the item out of the total.
* Wilson interval: Wilson, *Journal of the American Statistical Association* 22, 1927, 209-212.
* Fisher's z interval of a correlation: Fisher, *Metron* 1, 1921, 3-32.
* alpha: Cronbach, *Psychometrika* 16, 1951, 297-334; its standard error for normal scores with any covariance matrix:
  van Zyl, Neudecker and Nel, *Psychometrika* 65, 2000, 271-280.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Scores = NDArray[np.float64]

Z95 = 1.959963984540054  # standard normal quantile of 0.975
ROUNDING = 1e-12  # fractions of points that differ by less are the same
SMALL = 30  # below this even the sign of a correlation is a guess: see the width of its interval
ENOUGH = 100


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number with what it rests on. ``value`` is None where it cannot be known, and ``why_not`` says why."""

    value: float | None
    n: int
    standard_error: float | None = None
    low: float | None = None  # 95 % interval
    high: float | None = None
    why_not: str = ""


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
        advice: what the size of the class does not allow to say, in plain words.
    """

    n: int
    items: tuple[ItemStatistics, ...]
    alpha: Estimate
    advice: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """How often an option was chosen, and how good the learners were who chose it.

    Attributes:
        mean_total: mean fraction of the points that they earned in the rest of the test; None if nobody chose it.
    """

    option: str
    correct: bool
    count: int
    share: float
    mean_total: float | None


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
    alpha = cronbach_alpha(np.delete(points, list(pilots), axis=1))
    return ExamStatistics(n=len(points), items=items, alpha=alpha, advice=_advice(items, len(points)))


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


def wilson_interval(p: float, n: int) -> tuple[float, float]:
    """Wilson's (1927) 95 % interval of a proportion ``p`` of ``n``."""
    middle, spread = p + Z95**2 / (2 * n), Z95 * math.sqrt(p * (1 - p) / n + Z95**2 / (4 * n**2))
    scale = 1 + Z95**2 / n
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


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
    n = int(use.sum())
    if n < 3:
        return Estimate(value=None, n=n, why_not="fewer than three learners were asked")
    own = points[use, item]
    rest = np.nansum(others[use], axis=1) / possible[use]
    if np.ptp(own) <= ROUNDING * maximum[item] or np.ptp(rest) <= ROUNDING:
        return Estimate(value=None, n=n, why_not="everybody earned the same")
    r = float(np.corrcoef(own, rest)[0, 1])
    low, high = _fisher_interval(r, n)
    return Estimate(value=r, n=n, standard_error=(1 - r**2) / math.sqrt(n - 1), low=low, high=high)


def _fisher_interval(r: float, n: int) -> tuple[float | None, float | None]:
    if n <= 3 or abs(r) >= 1:
        return None, None
    z, error = math.atanh(r), 1 / math.sqrt(n - 3)
    return math.tanh(z - Z95 * error), math.tanh(z + Z95 * error)


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
    if total <= 0:
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
    counts = Counter(choices)
    rows: list[tuple[str, str | None, bool]] = [(option, option, correct) for option, correct in options.items()]
    if counts[None]:
        rows.append(("(none)", None, False))
    table = []
    for name, choice, correct in rows:
        mine = [total for each, total in zip(choices, totals, strict=True) if each == choice]
        mean = sum(mine) / len(mine) if mine else None
        share = len(mine) / len(choices) if choices else 0.0
        table.append(Chosen(option=name, correct=correct, count=len(mine), share=share, mean_total=mean))
    return tuple(table)


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
