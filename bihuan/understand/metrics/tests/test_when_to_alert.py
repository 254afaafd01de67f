"""Bounds, changes and what is unusual for a weekday."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.understand.metrics.rules import Alarm, alarm_of_change, alarm_of_season, alarm_of_threshold

PAST = [100, 104, 96, 101, 99, 103, 97, 100]


@pytest.mark.parametrize(
    ("value", "side"), [(9.9, "below"), (10, None), (15, None), (20, None), (20.1, "above"), (None, None)]
)
def test_a_bound_is_passed_not_touched(value: float | None, side: str | None) -> None:
    found = alarm_of_threshold(value=value, above=20, below=10)
    assert (found and found.side) == side


@pytest.mark.parametrize(
    ("before", "now", "side"),
    [
        (100, 121, "above"),
        (100, 79, "below"),
        (100, 120, None),
        (-100, -121, "below"),
        (0, 50, None),
        (None, 5, None),
    ],
)
def test_a_change_counts_against_the_size_before(before, now, side) -> None:
    found = alarm_of_change(before=before, now=now, share=0.2)
    assert (found and found.side) == side


def test_a_value_is_unusual_beyond_k_deviations_of_its_weekday() -> None:
    # median 100, MAD 2: 3 × 1.4826 × 2 = 8.8956
    assert alarm_of_season(value=108.8, past=PAST, k=3) is None
    assert alarm_of_season(value=109, past=PAST, k=3) == Alarm(
        side="above", value=109, bound=pytest.approx(108.8956)
    )
    assert alarm_of_season(value=91, past=PAST, k=3).side == "below"


def test_one_odd_week_does_not_hide_the_next() -> None:
    assert alarm_of_season(value=200, past=[1000, *PAST[1:]], k=3).side == "above"


def test_without_enough_weeks_nothing_is_unusual() -> None:
    assert alarm_of_season(value=10**9, past=[100, 100, None, 100, 100, None, None, None], k=3) is None


def test_a_metric_that_never_moved_alarms_only_at_more_than_noise() -> None:
    assert alarm_of_season(value=101, past=[100] * 8, k=3) is None
    assert alarm_of_season(value=107, past=[100] * 8, k=3).side == "above"


@given(st.lists(st.floats(-1e6, 1e6), min_size=5, max_size=8), st.floats(-1e6, 1e6), st.floats(0.5, 10))
def test_more_patience_never_alarms_more(past: list[float], value: float, k: float) -> None:
    if alarm_of_season(value=value, past=past, k=2 * k) is not None:
        assert alarm_of_season(value=value, past=past, k=k) is not None
