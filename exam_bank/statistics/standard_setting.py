"""Where the pass mark is: Angoff ratings of a panel, and how much the cut score would differ with another panel.

Every judge says of every item how probable it is that a learner who just about deserves to pass answers it right. The
sum over the items, each times its points, is that judge's cut score; the panel's is the mean over the judges.

Sources:

* the method: Angoff, in Thorndike (ed.), *Educational Measurement*, 2nd ed., 1971, 508-600 (footnote on page 515).
* variance components of judges crossed with items, and the error of the cut score: Brennan and Lockwood, *Applied
  Psychological Measurement* 4, 1980, 219-240; Brennan, *Generalizability Theory*, 2001, chapters 2 and 3. The formulas
  for mean squares: Cornfield and Tukey, *Annals of Mathematical Statistics* 27, 1956, 907-949.
* whether a judge orders the items as learners do: Shepard, *Educational Measurement: Issues and Practice* 14 (4), 1995;
  Brandon, *Applied Measurement in Education* 17, 2004, 59-88.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exam_bank.statistics.classical import Estimate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from exam_bank.item import Item

    Numbers = NDArray[np.float64]

Round = Mapping[str, float]  # judge -> probability
FEW_JUDGES = 5  # fewer, and the interval is wide whatever they say (Brandon 2004 finds 10 and more advised)


@dataclass(frozen=True, kw_only=True)
class Components:
    """Variance components of ratings on the scale of the share of the points, judges crossed with items.

    Attributes:
        judges: how much judges differ in severity.
        items: how much items differ in difficulty.
        residual: what is left: a judge's own view of an item, and chance. One that comes out below 0 is 0.
    """

    judges: float
    items: float
    residual: float


@dataclass(frozen=True, kw_only=True)
class Judge:
    """One judge, in the last round.

    Attributes:
        name: as in the items.
        cut: in points; None if an item is not rated.
        severity: mean rating less the panel's, in probability, over the items that the judge rated.
        with_panel: correlation of the ratings with the mean of the other judges'.
        with_learners: correlation of the ratings with the items' difficulty in the exam.
    """

    name: str
    cut: float | None
    severity: float
    with_panel: Estimate
    with_learners: Estimate


@dataclass(frozen=True, kw_only=True)
class RoundCut:
    """The panel in one round.

    Attributes:
        cut: mean over the judges, in points.
        spread: standard deviation of the judges' cuts, in points; None of a single judge.
        judges: how many rated every item.
    """

    cut: float
    spread: float | None
    judges: int


@dataclass(frozen=True, kw_only=True)
class Standard:
    """A cut score with its error.

    Attributes:
        cut: in points, of the last round; its standard error and interval are over judges (items as they are).
        points: of all items.
        over_items: the same cut with the standard error over other judges and other items of the same kind.
        components: None where the ratings have gaps or there is a single judge.
        rounds: from the first to the last.
        judges: each, in the last round.
        items: how many.
        advice: what cannot be said, in plain words.
    """

    cut: Estimate
    points: float
    over_items: Estimate
    components: Components | None
    rounds: tuple[RoundCut, ...]
    judges: tuple[Judge, ...]
    items: int
    advice: tuple[str, ...]


def angoff_rounds(item: "Item") -> tuple[Round, ...]:
    """The ratings that stand in an item's file, from the first round to the last; none if it was not rated."""
    found = getattr(item, "angoff", None)
    if not found:
        return ()
    return tuple(found) if isinstance(found, list | tuple) else (found,)


def angoff(
    ratings: Sequence[Sequence[Round]], points: Sequence[float], difficulty: Sequence[float | None] | None = None
) -> Standard:
    """The cut score of a panel.

    Args:
        ratings: for each item its rounds, each a probability (0 to 1) for each judge. An item with fewer rounds than
            others keeps its last one in the later rounds.
        points: of each item.
        difficulty: of each item the mean share of the points that learners earned, where it is known.

    Raises:
        ValueError: no item, an item without ratings, or a rating outside 0 to 1.
    """
    import numpy as np

    if not ratings or any(not rounds or not rounds[-1] for rounds in ratings):
        raise ValueError("every item needs ratings")
    if any(not 0 <= value <= 1 for rounds in ratings for each in rounds for value in each.values()):
        raise ValueError("a rating is a probability from 0 to 1")
    judges = sorted({name for rounds in ratings for each in rounds for name in each})
    number = max(len(rounds) for rounds in ratings)
    tables = [_table(ratings, judges, round_number) for round_number in range(number)]
    top, last = np.asarray(points, float), tables[-1]
    cut, over_items, components = _cut(last, top)
    found = tuple(_judge(name, place, last, top, difficulty) for place, name in enumerate(judges))
    return Standard(
        cut=cut,
        points=float(top.sum()),
        over_items=over_items,
        components=components,
        rounds=tuple(_round_cut(table, top) for table in tables),
        judges=found,
        items=len(top),
        advice=_advice(last, found),
    )


def _table(ratings: Sequence[Sequence[Round]], judges: Sequence[str], round_number: int) -> "Numbers":
    """Judges by items; NaN where a judge gave no rating."""
    import numpy as np

    rows = [rounds[min(round_number, len(rounds) - 1)] for rounds in ratings]
    return np.array([[each.get(name, np.nan) for each in rows] for name in judges], float)


def _cut(table: "Numbers", top: "Numbers") -> tuple[Estimate, Estimate, Components | None]:
    """The cut in points: ``sum over items of (mean over judges) * points``.

    Its error over judges is ``sd(cuts of the judges) / sqrt(J)``, with Student's t of J - 1 degrees of freedom for the
    interval. Over judges and items it is the root of ``v_j / J + v_i / I + v_ji / (J I)``, times the points.
    """
    import numpy as np

    value = float((np.nanmean(table, axis=0) * top).sum())
    complete = ~np.isnan(table).any(axis=1)
    n = int(complete.sum())
    if n < 2:
        why = "one judge has no spread" if len(table) < 2 else "fewer than two judges rated every item"
        bare = Estimate(value=value, n=n, why_not=why)
        return bare, bare, None
    shares = table[complete] * (top * len(top) / top.sum())
    components = variance_components(shares)
    cuts = (table[complete] * top).sum(axis=1)
    over_judges = float(cuts.std(ddof=1)) / n**0.5
    spread = components.judges / n + components.items / len(top) + components.residual / (n * len(top))
    return (
        _interval(value, n, over_judges, float(top.sum())),
        _interval(value, n, spread**0.5 * float(top.sum()), float(top.sum())),
        components,
    )


def _interval(value: float, n: int, error: float, most: float) -> Estimate:
    from scipy.stats import t

    reach = float(t.ppf(0.975, n - 1)) * error
    return Estimate(value=value, n=n, standard_error=error, low=max(0.0, value - reach), high=min(most, value + reach))


def variance_components(table: "Numbers") -> Components:
    """Of a complete table of judges by items, from the mean squares of the two-way analysis of variance.

    ``v_ji = MS_ji``, ``v_j = (MS_j - MS_ji) / I``, ``v_i = (MS_i - MS_ji) / J`` (Brennan 2001, section 3.2).

    Raises:
        ValueError: gaps, or fewer than two judges or items.
    """
    import numpy as np

    judges, items = table.shape
    if np.isnan(table).any() or judges < 2 or items < 2:
        raise ValueError("variance components need two judges and two items, and every rating")
    rows, columns, middle = table.mean(axis=1), table.mean(axis=0), table.mean()
    of_judges = items * ((rows - middle) ** 2).sum() / (judges - 1)
    of_items = judges * ((columns - middle) ** 2).sum() / (items - 1)
    rest = ((table - rows[:, None] - columns + middle) ** 2).sum() / ((judges - 1) * (items - 1))
    return Components(
        judges=max(0.0, float(of_judges - rest) / items),
        items=max(0.0, float(of_items - rest) / judges),
        residual=float(rest),
    )


def _judge(name: str, place: int, table: "Numbers", top: "Numbers", difficulty: Sequence[float | None] | None) -> Judge:
    import numpy as np

    own, others = table[place], np.delete(table, place, axis=0)
    rated = ~np.isnan(own)
    panel = np.full(len(own), np.nan)
    known = ~np.isnan(others).all(axis=0) if len(others) else np.zeros(len(own), dtype=bool)
    panel[known] = np.nanmean(others[:, known], axis=0)
    learners = np.array([np.nan if each is None else each for each in difficulty or [None] * len(own)], float)
    return Judge(
        name=name,
        cut=float((own * top).sum()) if rated.all() else None,
        severity=float(own[rated].mean() - np.nanmean(table[:, rated], axis=0).mean()),
        with_panel=_correlation(own, panel),
        with_learners=_correlation(own, learners),
    )


def _correlation(one: "Numbers", other: "Numbers") -> Estimate:
    """Pearson's, with Fisher's interval, over the items that both know."""
    import numpy as np
    from scipy.stats import pearsonr

    use = ~(np.isnan(one) | np.isnan(other))
    one, other, n = one[use], other[use], int(use.sum())
    if n < 4:
        return Estimate(value=None, n=n, why_not="fewer than four items can be compared")
    if np.ptp(one) < 1e-9 or np.ptp(other) < 1e-9:
        return Estimate(value=None, n=n, why_not="all items are the same to one of them")
    found = pearsonr(one, other)
    low, high = found.confidence_interval()
    return Estimate(value=float(found.statistic), n=n, low=float(low), high=float(high))


def _round_cut(table: "Numbers", top: "Numbers") -> RoundCut:
    import numpy as np

    complete = ~np.isnan(table).any(axis=1)
    cuts = (table[complete] * top).sum(axis=1)
    return RoundCut(
        cut=float((np.nanmean(table, axis=0) * top).sum()),
        spread=float(cuts.std(ddof=1)) if len(cuts) > 1 else None,
        judges=int(complete.sum()),
    )


def _advice(table: "Numbers", judges: Sequence[Judge]) -> tuple[str, ...]:
    import numpy as np

    advice = []
    if len(table) < FEW_JUDGES:
        advice.append(f"{len(table)} judges say little about what another panel would say; ask at least {FEW_JUDGES}.")
    if np.isnan(table).any():
        gaps = int(np.isnan(table).sum())
        advice.append(f"{gaps} ratings are missing; errors are those of the judges who rated every item.")
    unlike = [each.name for each in judges if each.with_learners.high is not None and each.with_learners.high < 0.3]
    if unlike:
        advice.append(f"{', '.join(unlike)}: the ratings do not follow how hard the items were; discuss them.")
    return tuple(advice)
