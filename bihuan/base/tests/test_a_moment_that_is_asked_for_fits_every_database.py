"""A moment in a request is read in UTC: no offset that can be written reaches a database that does not take it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.utils.timezone import get_current_timezone
from hypothesis import given
from hypothesis import strategies as st

from bihuan.base.shapes import in_utc

ZONES = st.integers(-24 * 60 + 1, 24 * 60 - 1).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=ZONES))
def test_it_is_the_same_moment(moment) -> None:
    found = in_utc(moment)
    assert found == moment and found.utcoffset() == timedelta()


@given(st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1)))
def test_one_without_an_offset_is_ours(moment) -> None:
    assert in_utc(moment) == moment.replace(tzinfo=get_current_timezone())


def test_years_that_utc_does_not_have_are_refused() -> None:
    east = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    with pytest.raises(ValueError, match="year 1"):
        in_utc(east)
    assert in_utc(datetime(1, 1, 1, tzinfo=UTC)).year == 1


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["audit?since=", "instances?started_since="])
def test_an_operation_takes_every_offset(cast, path) -> None:
    for moment, status in (("0597-08-13T20:09:39-20:51", 200), ("0001-01-01T00:00:00%2B14:00", 422)):
        answer = cast.rest("root").get(f"/api/v1/{path}{moment}")
        assert answer.status_code == status, answer.content
