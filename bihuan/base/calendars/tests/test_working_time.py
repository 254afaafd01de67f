"""Working time and deadlines: the worked examples, and any calendar against a count of minutes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.base.calendars import Calendar, CalendarError, NeverOpen, read_calendar

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def office(zone="Asia/Shanghai", **raw):
    return read_calendar({"hours": ["09:00-17:00"]} | raw, zone=zone, years=[2026])


def at(text, zone=SHANGHAI):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def test_friday_half_past_four_and_an_hour_is_monday_half_past_nine():
    friday = at("2026-11-06T16:30")
    assert office().deadline(friday, HOUR) == at("2026-11-09T09:30")
    assert office().working(friday, at("2026-11-09T09:30")) == HOUR
    assert office().deadline(friday, HOUR / 2) == at("2026-11-06T17:00"), (
        "the earliest moment, not the next morning"
    )


def test_lunch_is_no_working_time():
    calendar = office(hours=["09:00-12:00", "13:30-18:00"])
    assert calendar.working(at("2026-11-04T11:00"), at("2026-11-04T14:00")) == 1.5 * HOUR
    assert calendar.deadline(at("2026-11-04T11:00"), 1.5 * HOUR) == at("2026-11-04T14:00")


def test_chinese_holidays_are_off_and_make_up_workdays_are_worked():
    calendar = office(holidays="CN")
    before, after = at("2026-02-13T17:00"), at("2026-02-24T09:00")
    assert calendar.working(before, after) == 8 * HOUR, "Saturday the 14th is worked, the festival is not"
    assert calendar.hours(date(2026, 2, 17)) == () and calendar.hours(date(2026, 2, 14))
    assert not office(holidays="CN", closed=["2026-02-14"]).hours(date(2026, 2, 14)), "a single day says more"
    assert office(open=["2026-11-07"]).hours(date(2026, 11, 7)) == ((540, 1020),)


def test_a_calendar_may_be_a_text_of_spans_and_a_country():
    written = {"hours": ["09:00-12:00", "13:00-18:00"], "holidays": "CN"}
    assert office(**written) == read_calendar(
        "09:00-12:00 13:00-18:00 CN", zone="Asia/Shanghai", years=[2026]
    )
    assert read_calendar("CN", zone="UTC", years=[2026]).hours(date(2026, 11, 4)) == ((540, 1080),)


def test_a_night_on_which_the_clock_is_changed_is_an_hour_shorter_or_longer():
    night = read_calendar({"days": ["sun"], "hours": ["00:00-06:00"]}, zone="Europe/Berlin", years=[])
    spring, autumn = at("2026-03-29T00:00", BERLIN), at("2026-10-25T00:00", BERLIN)
    for sunday, hours in ((spring, 5), (autumn, 7)):
        assert night.working(sunday, sunday + timedelta(hours=12)) == hours * HOUR
        assert night.deadline(sunday, hours * HOUR) == at(f"{sunday:%Y-%m-%d}T06:00", BERLIN)


def test_a_calendar_that_is_never_open_has_no_deadline():
    with pytest.raises(NeverOpen):
        Calendar(week=((),) * 7).deadline(at("2026-11-04T11:00"), HOUR)


@pytest.mark.parametrize(("raw", "field"), [
    (3, ""), ("", ""), ("CN DE", ""), ("9 to 5", ""), ("Utopia", "holidays"), ({"day": 1}, "day"), ({"days": ["monday"]}, "days"), ({"days": []}, "days"), ({"hours": "9-5"}, "hours"),
    ({"hours": ["9-5"]}, "hours"), ({"hours": ["17:00-09:00"]}, "hours"), ({"hours": ["09:00-25:00"]}, "hours"),
    ({"hours": ["09:00-12:00", "11:00-13:00"]}, "hours"), ({"holidays": "Utopia"}, "holidays"), ({"closed": ["soon"]}, "closed"),
])  # fmt: skip
def test_a_wrong_calendar_names_the_field(raw, field):
    with pytest.raises(CalendarError) as refused:
        read_calendar(raw, zone="UTC", years=[2026])
    assert refused.value.field == field


def test_spans_that_overlap_are_refused():
    with pytest.raises(ValueError, match="follow each other"):
        Calendar(week=(((540, 720), (700, 800)), *((),) * 6))


spans = st.lists(st.integers(0, 48), min_size=0, max_size=6, unique=True).map(sorted).map(
    lambda bounds: tuple((30 * a, 30 * b) for a, b in zip(bounds[::2], bounds[1::2], strict=False)))  # fmt: skip
calendars = st.builds(
    Calendar, week=st.tuples(*[spans] * 7), zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "UTC"]),
    special=st.lists(st.tuples(st.dates(date(2026, 3, 23), date(2026, 4, 3)), spans), max_size=3).map(tuple),
)  # fmt: skip
#: Around the night of 29 March 2026, on which clocks in Berlin are put forward.
moments = st.integers(-4 * 24 * 60, 6 * 24 * 60).map(
    lambda n: datetime(2026, 3, 27, tzinfo=UTC) + timedelta(minutes=n)
)


def counted(calendar, start, end):
    """Minutes of working time, each looked at by the wall clock."""
    zone, n, minute = ZoneInfo(calendar.zone), 0, start
    while minute < end:
        wall = minute.astimezone(zone)
        clock = 60 * wall.hour + wall.minute
        n += any(
            begin <= clock < until
            for begin, until in dict(calendar.special).get(wall.date(), calendar.week[wall.weekday()])
        )
        minute += timedelta(minutes=1)
    return timedelta(minutes=n)


@given(calendar=calendars, start=moments, minutes=st.integers(0, 3 * 24 * 60))
def test_working_time_agrees_with_a_count_of_minutes(calendar, start, minutes):
    end = start + timedelta(minutes=minutes)
    assert calendar.working(start, end) == counted(calendar, start, end)
    assert calendar.working(end, start) == timedelta(0) or not minutes


@given(calendar=calendars, found=st.tuples(moments, moments, moments).map(sorted))
def test_working_time_adds_up_and_is_never_more_than_the_time_that_passed(calendar, found):
    a, b, c = found
    assert calendar.working(a, b) + calendar.working(b, c) == calendar.working(a, c)
    assert calendar.working(a, c) <= c - a


@given(calendar=calendars, start=moments, minutes=st.integers(0, 30 * 60))
def test_a_deadline_is_the_earliest_moment_with_so_much_working_time(calendar, start, minutes):
    if not any(calendar.week):
        return
    span = timedelta(minutes=minutes)
    end = calendar.deadline(start, span)
    assert calendar.working(start, end) == span
    assert end == start or calendar.working(start, end - timedelta(seconds=1)) < span
