"""What lateness costs."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring.course import LatePolicy, LateRule
from autograder.late import late_penalty, shared

DUE = datetime(2026, 9, 14, 12, tzinfo=UTC)
NONE = LatePolicy()
DAILY = LatePolicy(rule=LateRule.PER_DAY, per_day=Decimal("0.1"), grace_minutes=30, cut_off_days=5)
CUT_OFF = LatePolicy(rule=LateRule.CUT_OFF, grace_minutes=15)


@pytest.mark.parametrize(
    ("policy", "late", "penalty"),
    [
        (NONE, timedelta(days=30), 0.0),
        (DAILY, timedelta(0), 0.0),
        (DAILY, timedelta(minutes=30), 0.0),
        (DAILY, timedelta(minutes=30, microseconds=1), 1.0),
        (DAILY, timedelta(days=1), 1.0),
        (DAILY, timedelta(days=1, seconds=1), 2.0),
        (DAILY, timedelta(days=5), 5.0),
        (DAILY, timedelta(days=5, seconds=1), 10.0),
        (CUT_OFF, timedelta(minutes=15), 0.0),
        (CUT_OFF, timedelta(minutes=16), 10.0),
        (LatePolicy(rule=LateRule.PER_DAY, per_day=Decimal("0.4")), timedelta(days=4), 10.0),
        (LatePolicy(cut_off_days=2), timedelta(days=2), 0.0),
        (LatePolicy(cut_off_days=2), timedelta(days=2, seconds=1), 10.0),
    ],
)
def test_ten_points_handed_in_late(policy: LatePolicy, late: timedelta, penalty: float) -> None:
    assert late_penalty(policy, 10.0, DUE, DUE + late) == penalty
    assert late_penalty(policy, 10.0, DUE, DUE - late) == 0


def test_without_a_due_time_or_a_submission_time_nothing_is_late() -> None:
    assert late_penalty(CUT_OFF, 10.0, None, DUE) == 0
    assert late_penalty(CUT_OFF, 10.0, DUE, None) == 0


@given(
    st.floats(0, 1000), st.timedeltas(timedelta(0), timedelta(days=20)), st.timedeltas(timedelta(0), timedelta(days=5))
)
def test_later_never_costs_less_and_never_more_than_there_is(score: float, late: timedelta, more: timedelta) -> None:
    first, second = (late_penalty(DAILY, score, DUE, DUE + by) for by in (late, late + more))
    assert 0 <= first <= second <= score or second == pytest.approx(score, abs=1e-6)


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 100)), st.floats(0, 1))
def test_a_penalty_is_shared_by_points_and_nothing_of_it_is_lost(points: dict[str, float], part: float) -> None:
    penalty = sum(points.values()) * part
    parts = shared(penalty, points)
    assert sum(parts.values()) == pytest.approx(penalty, abs=1e-6)
    assert all(parts[name] <= points[name] + 1e-6 for name in parts)
