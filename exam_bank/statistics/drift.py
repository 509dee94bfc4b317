"""Drift: anchors that became easier or harder since they were calibrated, because they leaked or were taught.

An anchor that drifted pulls the whole link. The one that stands out most is taken out, the link is made anew from the
others, and so on, until none stands out or too few would be left.

Sources:

* robust z of difficulties and of the logarithms of discriminations: Huynh and Meyer, *Practical Assessment, Research &
  Evaluation* 15 (2), 2010. The bound of 2.7 (below 1 % of normal differences) in place of theirs of 1.645 keeps an
  honest set of anchors whole.
* signed and unsigned area between two curves: Raju, *Psychometrika* 53, 1988, 495-502.
* D2, the mean squared distance of the curves over ability: Wells, Hambleton, Kirkpatrick and Meng, *Applied
  Psychological Measurement* 38, 2014, 333-350, with weights of a standard normal ability. A shift that moves the curve
  by less than 0.05 in probability is left alone, however sure it is: it moves nobody's score.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exam_bank.statistics.linking import Link, LinkMethod, Parameters, link

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

BOUND = 2.7  # of robust z
NOTICEABLE = 0.05  # of probability, as the root of D2
LEAST = 0.5  # of the anchors, at least, must stay
_REACH = 4.0  # of ability, each way
_NORMAL_IQR = 0.74  # standard deviation of a normal distribution per interquartile range, as Huynh and Meyer round it


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """One anchor, compared on the old scale by the final link.

    Attributes:
        item: its name.
        shift: new minus old difficulty; above 0 it became harder.
        robust_z: the shift from the median shift, in robust standard deviations of the anchors that stayed.
        slope_z: the same for the logarithm of the discrimination, new over old.
        signed_area: between the curves, new minus old; below 0 where the item became harder. None if c differs.
        unsigned_area: the same without sign. None if c differs (then it is without bound).
        distance: root of D2, in probability.
        removed: it took no part in the final link.
    """

    item: str
    shift: float
    robust_z: float
    slope_z: float
    signed_area: float | None
    unsigned_area: float | None
    distance: float
    removed: bool


@dataclass(frozen=True, kw_only=True)
class Drift:
    """What became of the anchors.

    Attributes:
        link: from those that stayed.
        anchors: all, in their order.
        removed: names, in the order in which they went.
        exhausted: more stand out, but too few would be left.
    """

    link: Link
    anchors: tuple[Anchor, ...]
    removed: tuple[str, ...]
    exhausted: bool


def find_drift(
    new: Parameters, old: Parameters, names: Sequence[str], method: LinkMethod = LinkMethod.STOCKING_LORD
) -> Drift:
    """Link two calibrations without the anchors that drifted.

    Args:
        new: the anchors as the new calibration has them, on its own scale.
        old: the same items, in the same order, as the old one has them.
        names: of the anchors.
        method: of linking.

    Raises:
        ValueError: fewer than four anchors, too few to say which of them stands out.
    """
    import numpy as np

    if len(names) < 4:
        raise ValueError("with fewer than four anchors nobody can say which of them drifted")
    kept = np.ones(len(names), dtype=bool)
    removed: list[str] = []
    while True:
        found = link(new.only(kept), old.only(kept), method)
        anchors = _compared(found.applied(new), old, names, kept)
        standing = [max(abs(each.robust_z), abs(each.slope_z)) for each in anchors]
        flagged = [
            place
            for place, each in enumerate(anchors)
            if kept[place] and standing[place] > BOUND and each.distance >= NOTICEABLE
        ]
        exhausted = bool(flagged) and kept.sum() - 1 < max(3, LEAST * len(names))
        if not flagged or exhausted:
            return Drift(link=found, anchors=anchors, removed=tuple(removed), exhausted=exhausted)
        worst = max(flagged, key=lambda place: standing[place])
        kept[worst] = False
        removed.append(names[worst])


def _compared(
    moved: Parameters, old: Parameters, names: Sequence[str], kept: "NDArray[np.bool_]"
) -> tuple[Anchor, ...]:
    import numpy as np

    shifts = moved.b - old.b
    z, slope_z = robust_z(shifts, kept), robust_z(np.log(moved.a / old.a), kept)
    theta = np.linspace(-_REACH, _REACH, 81)
    weights = np.exp(-(theta**2) / 2)
    gaps = moved.probabilities(theta) - old.probabilities(theta)
    distances = np.sqrt((gaps**2 * weights).sum(axis=1) / weights.sum())
    anchors = []
    for place, name in enumerate(names):
        one, other = ((float(each.a[place]), float(each.b[place]), float(each.c[place])) for each in (moved, old))
        signed, unsigned = raju_areas(one, other) if abs(one[2] - other[2]) < 1e-9 else (None, None)
        anchor = Anchor(
            item=name,
            shift=float(shifts[place]),
            robust_z=float(z[place]),
            slope_z=float(slope_z[place]),
            signed_area=signed,
            unsigned_area=unsigned,
            distance=float(distances[place]),
            removed=not bool(kept[place]),
        )
        anchors.append(anchor)
    return tuple(anchors)


def robust_z(shifts: "Numbers", kept: "NDArray[np.bool_]") -> "Numbers":
    """``(d - median) / (0.74 IQR)``, where median and interquartile range are those of the anchors that stayed."""
    import numpy as np

    low, middle, high = np.percentile(shifts[kept], [25, 50, 75])
    scores: Numbers = (shifts - middle) / max(_NORMAL_IQR * (high - low), 1e-9)
    return scores


def raju_areas(new: tuple[float, float, float], old: tuple[float, float, float]) -> tuple[float, float]:
    """Raju's (1988) signed and unsigned area between two curves with the same c, new minus old.

    ``(1 - c)(b_old - b_new)`` and, with unequal a,
    ``(1 - c) |2 (a2 - a1) / (a1 a2) ln(1 + exp(a1 a2 (b2 - b1) / (a2 - a1))) - (b2 - b1)|``.
    """
    import numpy as np

    (a1, b1, c), (a2, b2, _) = new, old
    signed = (1 - c) * (b2 - b1)
    if abs(a2 - a1) < 1e-9:
        return signed, abs(signed)
    soft = float(np.logaddexp(0.0, a1 * a2 * (b2 - b1) / (a2 - a1)))
    return signed, (1 - c) * abs(2 * (a2 - a1) / (a1 * a2) * soft - (b2 - b1))
