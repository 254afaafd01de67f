"""What is forgotten is as old as events say, not only as the clock says."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bihuan.capture.ingest.rules.keeping import PROVEN_FOR, believed, last_proof

NOW = datetime(2026, 11, 18, 3, 40, tzinfo=UTC)
DAY = timedelta(days=1)
spans = st.timedeltas(timedelta(0), timedelta(days=9_000))


def test_a_clock_that_events_agree_with_is_believed() -> None:
    assert believed(at=NOW, received=last_proof(at=NOW)) == NOW
    assert believed(at=NOW, received=NOW - DAY) == NOW


def test_a_clock_that_is_far_ahead_of_the_newest_event_is_believed_for_a_day() -> None:
    assert believed(at=NOW + 400 * DAY, received=NOW) == NOW + DAY


def test_with_nothing_received_no_clock_is_believed() -> None:
    assert believed(at=NOW, received=None) is None


@given(quiet=spans)
def test_no_moment_is_believed_that_lies_after_the_clock_or_a_day_after_the_proof(quiet: timedelta) -> None:
    found = believed(at=NOW, received=NOW - quiet)
    assert found is not None
    assert found == NOW or (found < NOW and found - (NOW - quiet) == PROVEN_FOR)


@given(jump=spans)
def test_what_arrives_by_a_clock_that_has_just_jumped_is_no_proof_of_it(jump: timedelta) -> None:
    """Either it jumped by less than half a day, or what came right after it is no proof."""
    wrong = NOW + jump
    assert last_proof(at=wrong) < wrong
    assert jump < timedelta(hours=12) or last_proof(at=wrong) >= NOW
