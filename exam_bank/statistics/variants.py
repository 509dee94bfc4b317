"""Whether the variants of an item are equally hard.

Learners' variants are drawn at random, so that with equal variants only chance makes the means differ. With ``B`` the
sum of squares between the variants' means and ``T`` that of all learners' points, ``(n - 1) B / T`` has a mean of
(number of variants - 1) over all ways in which the same answers could have fallen to the variants, and is close to
chi-squared (for right-or-wrong items it is ``(n - 1) / n`` times Pearson's statistic: E. S. Pearson, *Biometrika* 34,
1947, 139-167). It is used where Cochran (*Biometrics* 10, 1954, 417-451) allows it: no expected number below 1, and at
most a fifth of them below 5.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exam_bank.statistics.classical import difficulty
from exam_bank.statistics.estimate import Estimate, correlation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Column = NDArray[np.float64]

FEWEST = 5  # learners: a variant that fewer were asked says next to nothing
SMALL = 30


@dataclass(frozen=True, kw_only=True)
class VariantStatistics:
    """One variant: what :class:`~exam_bank.statistics.classical.ItemStatistics` says of an item."""

    variant: str
    difficulty: Estimate
    discrimination: Estimate


@dataclass(frozen=True, kw_only=True)
class Homogeneity:
    """Whether the variants may be equally hard; numbers are None where it cannot be known, and ``why_not`` says why.

    Attributes:
        n: learners whose variants could be compared.
        variants: how many variants those are.
        chi2: the statistic.
        df: its degrees of freedom.
        p: probability of a larger one if all variants are equally hard.
    """

    n: int
    variants: int
    chi2: float | None = None
    df: int | None = None
    p: float | None = None
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class Variants:
    """An item's variants, the most asked first, and whether they are equally hard."""

    table: tuple[VariantStatistics, ...]
    homogeneity: Homogeneity
    advice: tuple[str, ...]


def by_variant(points: "Column", maximum: float, variants: Sequence[str], rest: "Column") -> Variants:
    """Compare the variants of one item.

    Args:
        points: of each learner on the item; NaN where it was not asked or waits for a person.
        maximum: the item's points.
        variants: for each learner what their variant is called.
        rest: for each learner the fraction of points earned on the rest of the test; NaN for none.
    """
    import numpy as np

    asked = ~np.isnan(points)
    given, rests = points[asked], rest[asked]
    names = np.array([str(name) for name, good in zip(variants, asked, strict=True) if good], dtype=object)
    order = sorted(set(names), key=lambda name: (-int((names == name).sum()), name))
    table = tuple(_one(name, given[names == name], maximum, rests[names == name]) for name in order)
    many = [each.variant for each in table if each.difficulty.n >= FEWEST]
    use = np.isin(names, many)
    homogeneity = _homogeneity([given[names == name] / maximum for name in many], int(use.sum()))
    return Variants(table=table, homogeneity=homogeneity, advice=_advice(table))


def _one(name: str, points: "Column", maximum: float, rest: "Column") -> VariantStatistics:
    import numpy as np

    known = ~np.isnan(rest)
    return VariantStatistics(
        variant=name,
        difficulty=difficulty(points, maximum),
        discrimination=correlation(points[known] / maximum, rest[known]),
    )


def _homogeneity(groups: "Sequence[Column]", n: int) -> Homogeneity:
    import numpy as np
    from scipy import stats

    if len(groups) < 2:
        return Homogeneity(
            n=n, variants=len(groups), why_not=f"there are no two variants that {FEWEST} learners or more were asked"
        )
    every = np.concatenate(groups)
    mean, total = float(every.mean()), float(((every - every.mean()) ** 2).sum())
    if total <= 0:
        return Homogeneity(n=n, variants=len(groups), why_not="everybody earned the same")
    sizes = np.array([len(group) for group in groups])
    expected = np.concatenate([sizes * mean, sizes * (1 - mean)])
    if expected.min() < 1 or np.mean(expected < 5) > 0.2:
        return Homogeneity(n=n, variants=len(groups), why_not="too few right or wrong answers for each variant")
    between = sum(len(group) * (float(group.mean()) - mean) ** 2 for group in groups)
    chi2, df = float((n - 1) * between / total), len(groups) - 1
    return Homogeneity(n=n, variants=len(groups), chi2=chi2, df=df, p=float(stats.chi2.sf(chi2, df)))


def _advice(table: Sequence[VariantStatistics]) -> tuple[str, ...]:
    thin = [each for each in table if each.difficulty.n < SMALL]
    if len(table) < 2 or not thin:
        return ()
    told = f"{len(thin)} of {len(table)} variants were asked of fewer than {SMALL} learners"
    return (f"{told}: differences between them are mostly chance (see the intervals).",)
