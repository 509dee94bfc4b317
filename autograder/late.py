"""What lateness costs, in points."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil

from authoring.course import LatePolicy, LateRule

_DAY = timedelta(days=1)


def late_penalty(policy: LatePolicy, score: float, due: datetime | None, submitted: datetime | None) -> float:
    """The points that a late submission loses, between 0 and ``score``.

    Lateness counts from the due time; within the grace it costs nothing. Per-day: each started day takes the policy's
    fraction of the points earned. Without a due or a submission time nothing is late.
    """
    if due is None or submitted is None or submitted - due <= timedelta(minutes=policy.grace_minutes):
        return 0.0
    days = ceil((submitted - due) / _DAY)
    if policy.rule is LateRule.CUT_OFF or (policy.cut_off_days is not None and days > policy.cut_off_days):
        return score
    if policy.rule is LateRule.PER_DAY:
        return round(min(score, score * float(policy.per_day) * days), 6)
    return 0.0


def shared(penalty: float, points: Mapping[str, float]) -> dict[str, float]:
    """A penalty divided among the notebooks of an assignment, in proportion to their points."""
    total = sum(points.values())
    return {name: round(penalty * own / total, 9) for name, own in points.items()} if penalty and total else {}
