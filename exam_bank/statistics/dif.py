"""Differential item functioning (DIF): is a question harder for one group than for equally able learners of another?

Learners are matched on their score, and within each score the two groups are compared. DIF is a question to the
author ("what in this item has to do with the group, and is it part of what we want to measure?"), never a verdict.

Sources:

* right-or-wrong items: Mantel and Haenszel, *Journal of the National Cancer Institute* 22, 1959, 719-748; for DIF,
  with the studied item in the matching score and purification: Holland and Thayer, in Wainer and Braun (eds.), *Test
  Validity*, 1988, 129-145.
* standard error of the log odds ratio: Robins, Breslow and Greenland, *Biometrics* 42, 1986, 311-323; the same number
  as Phillips and Holland, *Biometrics* 43, 1987, 425-431.
* classes A, B, C: Dorans and Holland, in Holland and Wainer (eds.), *Differential Item Functioning*, 1993, 35-66;
  Zwick, *A Review of ETS Differential Item Functioning Assessment Procedures*, ETS RR-12-08, 2012.
* items with partial credit: Mantel, *Journal of the American Statistical Association* 58, 1963, 690-700; for DIF:
  Zwick, Donoghue and Grima, *Journal of Educational Measurement* 30, 1993, 233-251. Standardized mean difference:
  Dorans and Schmitt, ETS RR-91-47, 1991. Its classes: Allen, Carlson and Zelenak, *The NAEP 1996 Technical Report*,
  1999.
* groups of neighbouring scores in place of single scores: Donoghue and Allen, *Journal of Educational Statistics* 18,
  1993, 131-154.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Flags = NDArray[np.bool_]

DELTA = -2.35  # ETS's delta scale: negative where the item is harder for the focal group
LEVEL = 0.05
ROUNDS = 10  # of purification
FEW = 100  # fewer learners than that in the smaller group: a large difference can pass unseen, a small one look large
MATCHED = 0.5  # of the learners, at least, must meet an equal of the other group
_GROUPS = 5  # of neighbouring scores, where single scores would leave too many learners without an equal
_ONE_SIDED = 1.6448536269514722  # standard normal quantile of 0.95
_TOLERANCE = 1e-9


@dataclass(frozen=True, kw_only=True)
class ItemDif:
    """What one item shows.

    Attributes:
        item: its name.
        partial_credit: the item has more scores than right and wrong, so Mantel's test was made.
        reference: learners of the reference group that were compared with an equal of the other.
        focal: the same of the focal group.
        strata: scores (or groups of scores) at which both groups were there.
        chi_square: Mantel-Haenszel's with continuity correction, or Mantel's; 1 degree of freedom. None if unknown.
        p_value: of chi_square.
        odds_ratio: common odds ratio, above 1 where the item is easier for the reference group; right-or-wrong only.
        delta: -2.35 times its logarithm (ETS's delta scale); below 0 where it is harder for the focal group.
        delta_error: standard error of delta.
        effect: standardized mean difference over the item's standard deviation; partial credit only, same sign.
        ets_class: A (negligible), B or C (large); empty if unknown.
        in_criterion: the item counts in the score on which learners were matched.
        why_not: why nothing can be said.
    """

    item: str
    partial_credit: bool
    reference: int = 0
    focal: int = 0
    strata: int = 0
    chi_square: float | None = None
    p_value: float | None = None
    odds_ratio: float | None = None
    delta: float | None = None
    delta_error: float | None = None
    effect: float | None = None
    ets_class: str = ""
    in_criterion: bool = True
    why_not: str = ""

    @property
    def harder_for_focal(self) -> bool | None:
        """Which way the difference goes; None if nothing is known."""
        size = self.effect if self.partial_credit else self.delta
        return None if size is None else size < 0


@dataclass(frozen=True, kw_only=True)
class Dif:
    """All items of a test.

    Attributes:
        items: in the order of the test.
        reference: learners of the reference group.
        focal: learners of the focal group.
        rounds: of purification that were made.
        settled: the last round removed the same items as the one before.
        matching: what learners were matched on, in words.
        advice: what cannot be said, in plain words.
    """

    items: tuple[ItemDif, ...]
    reference: int
    focal: int
    rounds: int
    settled: bool
    matching: str
    advice: tuple[str, ...]


def item_dif(item: "Numbers", matching: "Numbers", focal: "Flags", *, name: str = "", maximum: float = 1.0) -> ItemDif:
    """Compare two groups of equal learners on one item.

    Args:
        item: points, one for each learner; NaN where it was not asked.
        matching: what learners are equal in; every value is a stratum. NaN leaves the learner out.
        focal: who belongs to the focal group; the others are the reference group.
        name: the item's name.
        maximum: the item's points. An item with other scores than 0 and these has partial credit.

    Returns:
        Mantel-Haenszel for right-or-wrong items, Mantel (1963) for partial credit. A stratum in which a group is
        missing says nothing and is left out; all others count, however small, as the method foresees.
    """
    import numpy as np

    use = ~(np.isnan(item) | np.isnan(matching))
    item, focal = item[use], focal[use]
    place = np.unique(np.round(matching[use], 9), return_inverse=True)[1]
    sizes = np.array([np.bincount(place[group], minlength=int(use.sum())) for group in (~focal, focal)])
    both: Flags = np.logical_and(sizes[0] > 0, sizes[1] > 0)
    found = ItemDif(
        item=name,
        partial_credit=bool(np.any((item > _TOLERANCE) & (item < maximum - _TOLERANCE))),
        reference=int(sizes[0, both].sum()),
        focal=int(sizes[1, both].sum()),
        strata=int(both.sum()),
    )
    if not both.any():
        return replace(found, why_not="nobody has an equal in the other group")
    kept = both[place]
    item, focal, place = item[kept], focal[kept], np.unique(place[kept], return_inverse=True)[1]
    if found.partial_credit:
        return _mantel(found, item, focal, place)
    return _mantel_haenszel(found, (item > maximum / 2).astype(float), focal, place)


def _mantel_haenszel(found: ItemDif, right: "Numbers", focal: "Flags", place: "NDArray[np.intp]") -> ItemDif:
    """Mantel and Haenszel (1959). In every stratum a, b are the reference group's right and wrong, c, d the focal's.

    ``chi2 = (|sum a - sum E(a)| - 1/2)^2 / sum Var(a)`` with ``E(a) = n_r m_1 / n`` and
    ``Var(a) = n_r n_f m_1 m_0 / (n^2 (n - 1))``; ``alpha = sum(ad/n) / sum(bc/n)``.
    """
    import numpy as np
    from scipy.stats import chi2

    strata = int(place.max()) + 1
    a, c = (np.bincount(place[group], right[group], strata) for group in (~focal, focal))
    b, d = (np.bincount(place[group], 1 - right[group], strata) for group in (~focal, focal))
    n = a + b + c + d
    expected = (a + b) * (a + c) / n
    variance = float(((a + b) * (c + d) * (a + c) * (b + d) / (n**2 * np.maximum(n - 1, 1))).sum())
    if variance <= 0:
        return replace(found, why_not="equally good learners all answered alike")
    statistic = max(abs(float((a - expected).sum())) - 0.5, 0.0) ** 2 / variance
    found = replace(found, chi_square=statistic, p_value=float(chi2.sf(statistic, 1)))
    up, down = a * d / n, b * c / n
    if up.sum() == 0 or down.sum() == 0:
        return replace(found, why_not="the odds ratio is 0 or without bound")
    odds = float(up.sum() / down.sum())
    error = math.sqrt(_log_odds_variance(up, down, (a + d) / n, (b + c) / n))
    found = replace(found, odds_ratio=odds, delta=DELTA * math.log(odds), delta_error=-DELTA * error)
    return replace(found, ets_class=_class(found))


def _log_odds_variance(up: "Numbers", down: "Numbers", agree: "Numbers", differ: "Numbers") -> float:
    """Robins, Breslow and Greenland (1986): with R, S the sums of ad/n and bc/n, P = (a+d)/n and Q = (b+c)/n.

    ``sum PR / 2R^2 + sum (PS + QR) / 2RS + sum QS / 2S^2``
    """
    first, second = up.sum(), down.sum()
    return float(
        (agree * up).sum() / (2 * first**2)
        + (agree * down + differ * up).sum() / (2 * first * second)
        + (differ * down).sum() / (2 * second**2)
    )


def _class(found: ItemDif) -> str:
    """The published rule (Dorans and Holland 1993; Zwick 2012).

    A if delta is below 1 in size or does not differ from 0 at 5 %; C if it is at least 1.5 in size and significantly
    above 1 (one-sided, 5 %); else B.
    """
    assert found.delta is not None  # noqa: S101
    assert found.delta_error is not None  # noqa: S101
    assert found.p_value is not None  # noqa: S101
    size = abs(found.delta)
    if size < 1 or found.p_value >= LEVEL:
        return "A"
    return "C" if size >= 1.5 and size - 1 > _ONE_SIDED * found.delta_error else "B"


def _mantel(found: ItemDif, points: "Numbers", focal: "Flags", place: "NDArray[np.intp]") -> ItemDif:
    """Mantel (1963) on the focal group's points F, and the standardized mean difference (Dorans and Schmitt 1991).

    ``chi2 = (sum F - sum E(F))^2 / sum Var(F)`` with ``E(F) = n_f T / n`` and
    ``Var(F) = n_r n_f (n Q - T^2) / (n^2 (n - 1))``, where T and Q are the sums of all points and of their squares.
    The difference of the groups' means is weighted by the focal group's numbers.
    """
    import numpy as np
    from scipy.stats import chi2

    strata = int(place.max()) + 1
    n_r, n_f = (np.bincount(place[group], minlength=strata) for group in (~focal, focal))
    r, f = (np.bincount(place[group], points[group], strata) for group in (~focal, focal))
    squares, n = np.bincount(place, points**2, strata), n_r + n_f
    spread = n_r * n_f * (n * squares - (r + f) ** 2) / (n**2 * np.maximum(n - 1.0, 1))
    variance = float(spread.sum())
    if variance <= _TOLERANCE:
        return replace(found, why_not="equally good learners all earned the same")
    statistic = float((f - n_f * (r + f) / n).sum()) ** 2 / variance
    effect = float((n_f * (f / n_f - r / n_r)).sum() / n_f.sum() / points.std())
    p_value = float(chi2.sf(statistic, 1))
    large = "C" if abs(effect) > 0.25 else "B"
    name = "A" if abs(effect) <= 0.17 or p_value >= LEVEL else large
    return replace(found, chi_square=statistic, p_value=p_value, effect=effect, ets_class=name)


def dif(
    points: "Numbers", max_points: Sequence[float], names: Sequence[str], focal: "Flags", *, purify: bool = True
) -> Dif:
    """Look at every item of a test.

    Learners who were asked the same items are matched on their total score; learners with forms of their own on the
    share of the points that they earned, in groups of neighbouring shares. Groups of neighbours are also taken where
    more than half of the learners would find no equal. The studied item always counts in the score (Holland and Thayer
    1988). With ``purify``, items that differ at 5 % leave the score, and all is done again until the same items leave
    twice, at most ten times.

    Args:
        points: learners by items; NaN where an item was not asked.
        max_points: of each item.
        names: of the items.
        focal: who belongs to the focal group.
        purify: remove items with DIF from the score on which learners are matched.

    Raises:
        ValueError: a group is empty, or the shapes do not agree.
    """
    import numpy as np

    points, top, focal = np.asarray(points, float), np.asarray(max_points, float), np.asarray(focal, bool)
    if points.shape != (len(focal), len(top)) or len(names) != len(top):
        raise ValueError(f"points are {points.shape}; they must be {len(focal)} learners by {len(names)} items")
    if focal.all() or not focal.any():
        raise ValueError("both groups need a learner")
    grouped = bool(np.isnan(points).any()) or _matched(points.sum(axis=1), focal) < MATCHED
    removed: frozenset[int] = frozenset()
    seen, settled, rounds = {removed}, not purify, 0
    items = _round(points, top, names, focal, removed, grouped)
    while purify and rounds < ROUNDS:
        found = frozenset(place for place, each in enumerate(items) if _differs(each))
        if found == removed:
            settled = True
            break
        if found in seen or len(found) > len(top) - 2:
            break
        removed, rounds = found, rounds + 1
        seen.add(removed)
        items = _round(points, top, names, focal, removed, grouped)
    n = (int((~focal).sum()), int(focal.sum()))
    words = f"{_GROUPS} groups by the share of the points earned" if grouped else "the total score"
    return Dif(
        items=tuple(items),
        reference=n[0],
        focal=n[1],
        rounds=rounds,
        settled=settled,
        matching=words,
        advice=_advice(n, settled=settled),
    )


def _differs(found: ItemDif) -> bool:
    return found.p_value is not None and found.p_value < LEVEL


def _matched(scores: "Numbers", focal: "Flags") -> float:
    """The share of the learners whose score somebody of the other group has too."""
    import numpy as np

    common = np.intersect1d(np.round(scores[focal], 9), np.round(scores[~focal], 9))
    return float(np.isin(np.round(scores, 9), common).mean())


def _round(
    points: "Numbers", top: "Numbers", names: Sequence[str], focal: "Flags", removed: frozenset[int], grouped: bool
) -> list[ItemDif]:
    import numpy as np

    kept = np.array([place not in removed for place in range(len(top))])
    own, worth = np.nan_to_num(points), ~np.isnan(points) * top
    earned, possible = own[:, kept].sum(axis=1), worth[:, kept].sum(axis=1)
    found = []
    for place, name in enumerate(names):
        back = 0.0 if kept[place] else 1.0  # the studied item always counts in the score
        matching = earned + back * own[:, place]
        if grouped:
            most = possible + back * worth[:, place]
            matching = _in_groups(np.divide(matching, most, out=np.full(len(points), np.nan), where=most > 0))
        each = item_dif(points[:, place], matching, focal, name=name, maximum=float(top[place]))
        found.append(replace(each, in_criterion=place not in removed))
    return found


def _in_groups(shares: "Numbers") -> "Numbers":
    """The number of the group of neighbouring shares; equal shares are never separated."""
    import numpy as np

    shares = np.round(shares, 9)
    edges = np.unique(np.nanquantile(shares, np.linspace(0, 1, _GROUPS + 1)[1:-1]))
    return np.where(np.isnan(shares), np.nan, np.searchsorted(edges, shares, side="left"))


def _advice(n: tuple[int, int], *, settled: bool) -> tuple[str, ...]:
    advice = []
    if min(n) < FEW:
        advice.append(
            f"The smaller group has {min(n)} learners; below {FEW} a large difference can pass unseen and a small one "
            "look large. Read these figures as questions, and collect another year."
        )
    if not settled:
        advice.append(
            "Taking out items that differ did not come to rest: so many differ that there is little left to match on."
        )
    return tuple(advice)
