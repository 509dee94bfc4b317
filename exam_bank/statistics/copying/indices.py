"""Two indices of answer copying: omega and the generalized binomial test (GBT).

Both ask how many of the same options two learners would have chosen anyway, given their abilities and the model of
:mod:`exam_bank.statistics.copying.nominal`, and compare that with how many they did choose.

* omega: Wollack, *Applied Psychological Measurement* 21, 1997, 307-320. The answers of the source are taken as given.
  With p_i the probability that the other learner chooses what the source chose in item i, and h the number of items
  with the same option, ``omega = (h - sum p_i) / sqrt(sum p_i (1 - p_i))``, compared with the standard normal. It has a
  direction; the larger of a pair's two is kept and its p-value doubled.
* GBT: van der Linden and Sotaridona, *Journal of Educational and Behavioral Statistics* 31, 2006, 283-304. Nothing is
  taken as given: ``m_i = sum_k P_1i(k) P_2i(k)``, and h is compared with the exact distribution of the sum of
  independent items with probabilities m_i (the generalized binomial distribution, by their recursion).

What is known only as right or wrong can be compared too: "right" and "wrong" are then the options, as in the response
model with two categories. That is a substitution, and far weaker: the same *wrong option* is what tells.

All pairs: p-values are adjusted by Holm (*Scandinavian Journal of Statistics* 6, 1979, 65-70) over all pairs compared,
which holds whatever the dependence between them; a pair's p-value is twice the smaller of its two indices'.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from exam_bank.statistics.copying.nominal import Nominal, calibrate_nominal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Choices = NDArray[np.int64]

LEVEL = 0.01  # that anybody at all is shown by chance, over all pairs of an exam
LEAST_ITEMS = 10  # in common; with fewer no agreement is rare enough to say anything
LEAST_LEARNERS = 50  # below, the options' probabilities are not known well enough
_PERSON = (
    "Agreement has many causes: the same teacher, the same notes, the same mistake in the course. Whether anything "
    "happened is decided by a person who knows the seating, the recording and the answers, never by this list."
)
_BLOCK = 256  # learners whose pairs are worked on at a time
_SCREEN = 0.001  # pairs whose approximate p-value is above are far from any level that counts over all pairs


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two learners whose answers agree more than expected.

    Attributes:
        learners: both, by number.
        items: that both answered.
        same: items where both chose the same option.
        same_wrong: of these, the ones where it was not the right one.
        expected: how many of the same would be expected (GBT).
        omega: the larger of the two directions.
        source: the learner whose answers are taken as given in it. It does not tell who copied from whom.
        omega_p: of both directions together, from the normal distribution.
        gbt_p: from the exact distribution.
        p_value: of the pair.
        adjusted_p: the same over all pairs (Holm).
    """

    learners: tuple[int, int]
    items: int
    same: int
    same_wrong: int
    expected: float
    omega: float
    source: int
    omega_p: float
    gbt_p: float
    p_value: float
    adjusted_p: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Every pair of an exam.

    Attributes:
        pairs: those with an adjusted p-value below the level, the rarest first.
        compared: pairs with enough items in common.
        learners: who were compared.
        advice: what cannot be said, in plain words.
    """

    pairs: tuple[Pair, ...]
    compared: int
    learners: int
    advice: tuple[str, ...]


def compare_all(
    choices: "Choices",
    options: Sequence[int],
    right: Sequence[int],
    *,
    level: float = LEVEL,
    only: Sequence[tuple[int, int]] | None = None,
) -> Comparison:
    """Compare every learner with every other.

    Args:
        choices: learners by items, the number of the option chosen, from 0; -1 where an item was not asked or left
            empty. What both left empty counts neither for nor against them.
        options: how many options each item has.
        right: the number of the right one.
        level: of the adjusted p-value.
        only: compare no other pairs than these, which somebody named before the answers were looked at; all of them are
            in the result, whatever their p-value.

    Raises:
        ValueError: fewer learners than the model needs, or the shapes do not agree.
    """
    import numpy as np

    choices = np.asarray(choices)
    if len(choices) < LEAST_LEARNERS:
        raise ValueError(
            f"{len(choices)} learners are too few: how common each option is must be known, which takes "
            f"at least {LEAST_LEARNERS}"
        )
    model = calibrate_nominal(choices, options, right)
    curves = learner_curves(model, choices)
    blocks: Iterable[tuple[int, list[tuple[int, int]]]]
    blocks = _screened(choices, curves) if only is None else [_named(choices, only)]
    compared, found = 0, []
    for block, pairs in blocks:
        compared += block
        found += [_pair(one, other, choices, curves, right) for one, other in pairs]
    shown = _holm(found, compared, 1.0 + LEVEL if only is not None else level)
    return Comparison(pairs=shown, compared=compared, learners=len(choices), advice=_advice(choices, options))


def _named(choices: "Choices", only: Sequence[tuple[int, int]]) -> tuple[int, list[tuple[int, int]]]:
    enough = [
        (min(pair), max(pair))
        for pair in only
        if int(((choices[pair[0]] >= 0) & (choices[pair[1]] >= 0)).sum()) >= LEAST_ITEMS
    ]
    return len(enough), enough


def _holm(found: Sequence[Pair], compared: int, level: float) -> tuple[Pair, ...]:
    """The rarest pairs with their adjusted p-values, as long as these are below the level."""
    adjusted: list[Pair] = []
    floor = 0.0
    for place, each in enumerate(sorted(found, key=lambda each: (each.p_value, each.learners))):
        floor = max(floor, min(1.0, each.p_value * (compared - place)))
        if floor >= level:
            break
        adjusted.append(replace(each, adjusted_p=floor))
    return tuple(adjusted)


def learner_curves(model: Nominal, choices: "Choices") -> "Numbers":
    """How probable each option of each item is for each learner: learners by items by options, 0 beyond the last."""
    import numpy as np

    abilities = np.nan_to_num(model.abilities(choices))
    most = max(len(each) for each in model.slopes)
    curves = np.zeros((len(choices), choices.shape[1], most))
    for item, slopes in enumerate(model.slopes):
        curves[:, item, : len(slopes)] = model.probabilities(item, abilities)
    return curves


def _screened(choices: "Choices", curves: "Numbers") -> "Iterator[tuple[int, list[tuple[int, int]]]]":
    """Blocks of pairs: how many have enough in common, and those that deserve exact numbers.

    Both indices' normal approximations come from products of matrices; a pair goes on if either could be rare.
    """
    import numpy as np
    from scipy.special import ndtr

    n, _, options = curves.shape
    answered = (choices >= 0).astype(float)
    chosen = (np.arange(options) == choices[:, :, None]).astype(float).reshape(n, -1)
    mine = (curves * answered[:, :, None]).reshape(n, -1)
    products = (curves[:, :, :, None] * curves[:, :, None, :] * answered[:, :, None, None]).reshape(n, -1)
    for start in range(0, n, _BLOCK):
        rows = slice(start, start + _BLOCK)
        common, same = answered[rows] @ answered.T, chosen[rows] @ chosen.T
        gbt = _z(same, mine[rows] @ mine.T, products[rows] @ products.T)
        forward = _z(same, mine[rows] @ chosen.T, mine[rows] ** 2 @ chosen.T)
        backward = _z(same, chosen[rows] @ mine.T, chosen[rows] @ (mine**2).T)
        later = np.arange(n)[None, :] > np.arange(n)[rows, None]
        use = later & (common >= LEAST_ITEMS)
        rare = use & (ndtr(-np.maximum.reduce([gbt, forward, backward])) < _SCREEN)
        yield int(use.sum()), [(start + int(one), int(other)) for one, other in zip(*np.nonzero(rare), strict=True)]


def _z(same: "Numbers", expected: "Numbers", squares: "Numbers") -> "Numbers":
    import numpy as np

    return (same - expected) / np.sqrt(np.maximum(expected - squares, 1e-12))


def _pair(one: int, other: int, choices: "Choices", curves: "Numbers", right: Sequence[int]) -> Pair:
    import numpy as np
    from scipy.special import ndtr

    both = np.flatnonzero((choices[one] >= 0) & (choices[other] >= 0))
    same = choices[one, both] == choices[other, both]
    omegas = {
        other: omega(same, curves[one, both, choices[other, both]]),
        one: omega(same, curves[other, both, choices[one, both]]),
    }
    source = max(omegas, key=lambda each: (omegas[each], -each))
    matching = (curves[one, both] * curves[other, both]).sum(axis=1)
    omega_p = min(1.0, 2 * float(ndtr(-omegas[source])))
    gbt_p = generalized_binomial_tail(matching, int(same.sum()))
    return Pair(
        learners=(one, other),
        items=len(both),
        same=int(same.sum()),
        same_wrong=int((same & (choices[one, both] != np.asarray(right)[both])).sum()),
        expected=float(matching.sum()),
        omega=omegas[source],
        source=source,
        omega_p=omega_p,
        gbt_p=gbt_p,
        p_value=min(1.0, 2 * min(omega_p, gbt_p)),
        adjusted_p=1.0,
    )


def omega(same: "NDArray[np.bool_]", probabilities: "Numbers") -> float:
    """Wollack's (1997) omega.

    Args:
        same: for each item whether both chose the same option.
        probabilities: for each item that the examined learner chooses what the source chose.
    """
    spread = float((probabilities * (1 - probabilities)).sum()) ** 0.5
    return float((float(same.sum()) - float(probabilities.sum())) / max(spread, 1e-9))


def generalized_binomial_tail(probabilities: "Numbers", count: int) -> float:
    """The probability of at least ``count`` successes in independent trials with these probabilities.

    The recursion of van der Linden and Sotaridona (2006), which Lord and Wingersky (*Applied Psychological Measurement*
    8, 1984, 453-461) have for number-right scores.
    """
    import numpy as np

    shares = np.zeros(len(probabilities) + 1)
    shares[0] = 1.0
    for place, p in enumerate(probabilities):
        shares[1 : place + 2] = shares[1 : place + 2] * (1 - p) + shares[: place + 1] * p
        shares[0] *= 1 - p
    return float(min(1.0, shares[count:].sum()))


def _advice(choices: "Choices", options: Sequence[int]) -> tuple[str, ...]:
    advice = [_PERSON]
    if len(choices) < 200:
        advice.append(
            f"How common each option is was estimated from {len(choices)} learners; below 200 a pair that agrees on "
            "rare options can look rarer than it is."
        )
    if max(options) == 2:
        advice.append(
            "Only right and wrong were known. Two good learners agree on what is right anyway, so little can be seen; "
            "with the options chosen much more could."
        )
    return tuple(advice)
