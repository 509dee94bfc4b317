"""How far one form's score can be trusted when every learner was asked different questions."""

from collections.abc import Sequence

from exam_bank.statistics.classical import Estimate


def reliability(shares: Sequence[Sequence[float]]) -> Estimate:
    """The reliability of the mean of each learner's questions, with a 95 % interval.

    Questions are taken as drawn anew for each learner, so that a learner who got the harder ones counts as error: with
    the mean squares between learners ``MSB`` and within them ``MSW``, the estimate is ``(MSB - MSW) / MSB``, which is
    ICC(1, k) of Shrout and Fleiss, *Psychological Bulletin* 86, 1979, 420-428, and the generalizability coefficient of
    questions nested in persons (Brennan, *Generalizability Theory*, 2001). The interval is exact for normal scores.

    Args:
        shares: for each learner the fraction of the points of each question; the same number of questions for all.

    Raises:
        ValueError: learners were asked different numbers of questions.
    """
    import numpy as np
    from scipy import stats

    n, lengths = len(shares), {len(each) for each in shares}
    if len(lengths) > 1:
        raise ValueError("every learner must have been asked the same number of questions")
    k = lengths.pop() if lengths else 0
    if n < 3 or k < 2:
        return Estimate(value=None, n=n, why_not="it needs three learners and two questions")
    scores = np.asarray(shares, dtype=float)
    between = k * float(scores.mean(axis=1).var(ddof=1))
    within = float(scores.var(axis=1, ddof=1).mean())
    if between == 0:
        return Estimate(value=None, n=n, why_not="everybody earned the same")
    if within == 0:
        return Estimate(value=1.0, n=n)
    ratio = between / within
    low = 1 - float(stats.f.ppf(0.975, n - 1, n * (k - 1))) / ratio
    high = 1 - 1 / (ratio * float(stats.f.ppf(0.975, n * (k - 1), n - 1)))
    return Estimate(value=1 - 1 / ratio, n=n, low=low, high=high)
