"""What is said of an exam's answers, put together: classical figures, a calibration, fairness, what to mend."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from exam_bank.statistics.answers import Answers
from exam_bank.statistics.classical import Estimate, ExamStatistics, cronbach_alpha, item_statistics
from exam_bank.statistics.dif import Dif, dif
from exam_bank.statistics.item_review import Remark, review
from exam_bank.statistics.variants import Variants

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from exam_bank.irt.calibrate import Calibration

    Numbers = NDArray[np.float64]

FOR_RASCH = 100  # learners an item, from which a curve is fitted
FOR_2PL = 500
FEWEST_ITEMS = 3  # right-or-wrong ones, for a curve


@dataclass(frozen=True, kw_only=True)
class Scale:
    """The items on the scale of ability.

    Attributes:
        calibration: None if there is none.
        abilities: of the learners; NaN where unknown. Empty without a calibration.
        places: for each item its place in the calibration, or None.
        said: which model, or why there is none, in a sentence.
    """

    calibration: "Calibration | None"
    abilities: "Numbers"
    places: tuple[int | None, ...]
    said: str


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """An analysed exam.

    Attributes:
        answers: what it rests on.
        statistics: classical figures.
        reliability: of a score on one form: alpha where all were asked the same, else from the calibration.
        reliability_of: what that is, in words.
        error: standard error of measurement, in per cent of the points; None if the reliability is unknown.
        scale: the calibration.
        difs: by the name of the focal group.
        reference: the name of the reference group; empty without groups.
        remarks: the most urgent first.
        variants: of items that have some, by the item.
        advice: what cannot be said, in plain words.
    """

    answers: Answers
    statistics: ExamStatistics
    reliability: Estimate
    reliability_of: str
    error: float | None
    scale: Scale
    difs: Mapping[str, Dif]
    reference: str
    remarks: tuple[Remark, ...]
    variants: Mapping[str, Variants]
    advice: tuple[str, ...]


def analyse(
    answers: Answers, groups: Mapping[str, str] | None = None, variants: Mapping[str, Variants] | None = None
) -> Analysis:
    """Analyse an exam.

    Args:
        answers: of the class.
        groups: for each learner a group; every group is compared with the largest. Learners without one are left out of
            that comparison.
        variants: of items that have some, by the item.
    """
    statistics = item_statistics(answers.points, answers.max_points, answers.items, pilots=sorted(answers.pilots))
    difficulty = [each.difficulty for each in statistics.items]
    scale, known = _scale(answers), dict(variants or {})
    reliability, words = _reliability(answers, scale)
    reference, difs = _by_groups(answers, groups or {})
    said = [f"{group}: {line}" for group, result in difs.items() for line in result.advice]
    return Analysis(
        answers=answers,
        statistics=statistics,
        reliability=reliability,
        reliability_of=words,
        error=_error(answers, reliability),
        scale=scale,
        difs=difs,
        reference=reference,
        remarks=review(answers, difficulty, [each.discrimination for each in statistics.items], difs, known),
        variants=known,
        advice=(*statistics.advice, *said),
    )


def _error(answers: Answers, reliability: Estimate) -> float | None:
    """``sd sqrt(1 - reliability)`` (Lord and Novick, *Statistical Theories of Mental Test Scores*, 1968, 3.8)."""
    import numpy as np

    shares = answers.shares[~np.isnan(answers.shares)]
    if reliability.value is None or len(shares) < 2:
        return None
    return float(shares.std(ddof=1) * (1 - min(max(reliability.value, 0.0), 1.0)) ** 0.5)


def _reliability(answers: Answers, scale: Scale) -> tuple[Estimate, str]:
    counting = [place for place in range(len(answers.items)) if place not in answers.pilots]
    alpha = cronbach_alpha(answers.points[:, counting])
    if alpha.value is not None or answers.same_items or scale.calibration is None:
        high = None if alpha.high is None else min(1.0, alpha.high)
        return replace(alpha, high=high), "Cronbach's alpha"
    return _empirical(scale), "reliability of the estimated abilities"


def _empirical(scale: Scale) -> Estimate:
    """The variance of the expected abilities over itself plus the mean error variance.

    Reliability of abilities estimated as posterior means (Bock and Mislevy, *Applied Psychological Measurement* 6,
    1982, 431-444): in a population with variance 1 both add up to 1.
    """
    import numpy as np

    known = scale.abilities[~np.isnan(scale.abilities)]
    return Estimate(value=float(min(1.0, known.var())), n=len(known))


def _scale(answers: Answers) -> Scale:
    """Fit the richest model that the number of learners bears to the right-or-wrong items."""
    import numpy as np

    nothing = (None,) * len(answers.items)
    asked = (~np.isnan(answers.points)).sum(axis=0)
    fit = answers.right_or_wrong & (asked >= FOR_RASCH)
    if fit.sum() < FEWEST_ITEMS:
        why = (
            f"Curves are fitted to right-or-wrong items that at least {FOR_RASCH} learners were asked; "
            f"of {len(answers.items)} there are {int(fit.sum())}, so the points stand alone."
        )
        return Scale(calibration=None, abilities=np.zeros(0), places=nothing, said=why)
    return _fitted(answers, np.flatnonzero(fit), "2pl" if asked[fit].min() >= FOR_2PL else "rasch")


def _fitted(answers: Answers, columns: "NDArray[np.intp]", model: str) -> Scale:
    import numpy as np

    from exam_bank.irt.calibrate import CalibrationError, calibrate
    from exam_bank.irt.scores import abilities

    right = answers.points[:, columns] / np.asarray(answers.max_points)[columns]
    right = np.where(np.isnan(right), np.nan, np.round(right))
    try:
        found = calibrate(right, model, names=[answers.items[each] for each in columns])
    except CalibrationError as error:
        nothing = (None,) * len(answers.items)
        return Scale(calibration=None, abilities=np.zeros(0), places=nothing, said=f"No curve was fitted: {error}")
    places: list[int | None] = [None] * len(answers.items)
    for place, column in enumerate(found.columns):
        places[int(columns[column])] = place
    words = {"2pl": "two-parameter logistic model", "rasch": "Rasch model"}[model]
    left = len(answers.items) - len(found.items)
    rest = f" {left} items are not in it: partial credit, too few learners, or nothing to estimate." if left else ""
    return Scale(
        calibration=found,
        abilities=abilities(found, right).theta,
        places=tuple(places),
        said=f"Curves are those of the {words}, fitted to {len(found.items)} items and {found.n} learners.{rest}",
    )


def _by_groups(answers: Answers, groups: Mapping[str, str]) -> tuple[str, dict[str, Dif]]:
    import numpy as np

    of = np.array([groups.get(each, "") for each in answers.learners])
    names, counts = np.unique(of[of != ""], return_counts=True)
    if len(names) < 2:
        return "", {}
    reference = str(names[np.argmax(counts)])
    found = {}
    for name in map(str, names):
        if name != reference:
            use = (of == name) | (of == reference)
            found[name] = dif(answers.points[use], answers.max_points, answers.items, of[use] == name)
    return reference, found
