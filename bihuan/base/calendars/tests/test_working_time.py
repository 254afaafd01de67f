"""Working time and deadlines: the worked examples, and any calendar against a count of minutes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.base.calendars import (
    Calendar,
    CalendarError,
    NeverOpen,
    Version,
    Versions,
    add_service_time,
    announced_until,
    read_calendar,
    service_time_between,
)

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def office(zone="Asia/Shanghai", **raw):
    return read_calendar({"hours": ["09:00-17:00"]} | raw, zone=zone, years=[2026])


def deadline(calendar, start, span):
    return add_service_time(calendar=calendar, start=start, span=span)


def worked(calendar, start, end):
    return service_time_between(calendar=calendar, start=start, end=end)


def at(text, zone=SHANGHAI):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def test_friday_half_past_four_and_an_hour_is_monday_half_past_nine():
    friday = at("2026-11-06T16:30")
    assert deadline(office(), friday, HOUR) == at("2026-11-09T09:30")
    assert worked(office(), friday, at("2026-11-09T09:30")) == HOUR
    assert deadline(office(), friday, HOUR / 2) == at("2026-11-06T17:00"), (
        "the earliest moment, not the next morning"
    )


def test_lunch_is_no_working_time():
    calendar = office(hours=["09:00-12:00", "13:30-18:00"])
    assert worked(calendar, at("2026-11-04T11:00"), at("2026-11-04T14:00")) == 1.5 * HOUR
    assert deadline(calendar, at("2026-11-04T11:00"), 1.5 * HOUR) == at("2026-11-04T14:00")


def test_chinese_holidays_are_off_and_make_up_workdays_are_worked():
    calendar = office(holidays="CN")
    before, after = at("2026-02-13T17:00"), at("2026-02-24T09:00")
    assert worked(calendar, before, after) == 8 * HOUR, "Saturday the 14th is worked, the festival is not"
    assert calendar.hours(date(2026, 2, 17)) == () and calendar.hours(date(2026, 2, 14))
    assert not office(holidays="CN", closed=["2026-02-14"]).hours(date(2026, 2, 14)), "a single day says more"
    assert office(open=["2026-11-07"]).hours(date(2026, 11, 7)) == ((540, 1020),)


def test_the_weekend_in_the_middle_of_a_chinese_holiday_is_off_for_those_who_work_on_weekends_too():
    calendar = office(holidays="CN", days=["mon", "sat", "sun"])
    assert not any(calendar.hours(date(2026, 2, day)) for day in (21, 22, 23)), (
        "between the 20th and the 23rd"
    )
    assert calendar.hours(date(2026, 2, 8)) and calendar.hours(date(2026, 2, 28)), (
        "a Sunday; a make-up Saturday"
    )


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
        assert worked(night, sunday, sunday + timedelta(hours=12)) == hours * HOUR
        assert deadline(night, sunday, hours * HOUR) == at(f"{sunday:%Y-%m-%d}T06:00", BERLIN)


def test_a_calendar_that_is_never_open_has_no_deadline():
    with pytest.raises(NeverOpen):
        deadline(Calendar(week=((),) * 7), at("2026-11-04T11:00"), HOUR)


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
days = st.dates(date(2026, 3, 23), date(2026, 4, 3))
zones = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "UTC"])


def of_zone(zone):
    return st.builds(Calendar, week=st.tuples(*[spans] * 7), zone=st.just(zone),
                     special=st.lists(st.tuples(days, spans), max_size=3).map(tuple))  # fmt: skip


def versions_of_zone(zone):
    later = st.dictionaries(days, of_zone(zone), max_size=2)
    return st.builds(
        lambda first, others: Versions(versions=(
            Version(valid_from=None, calendar=first), *(Version(valid_from=day, calendar=one) for day, one in others.items()))),
        of_zone(zone), later)  # fmt: skip


calendars = zones.flatmap(lambda zone: st.one_of(of_zone(zone), versions_of_zone(zone)))


def ever_open(calendar):
    last = calendar.valid_on(date(2027, 1, 1)) if isinstance(calendar, Versions) else calendar
    first = calendar.valid_on(date(2025, 1, 1)) if isinstance(calendar, Versions) else calendar
    return any(last.week) and any(first.week)


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
        n += any(begin <= clock < until for begin, until in calendar.hours(wall.date()))
        minute += timedelta(minutes=1)
    return timedelta(minutes=n)


@given(calendar=calendars, start=moments, minutes=st.integers(0, 3 * 24 * 60))
def test_working_time_agrees_with_a_count_of_minutes(calendar, start, minutes):
    end = start + timedelta(minutes=minutes)
    assert worked(calendar, start, end) == counted(calendar, start, end)


@given(calendar=calendars, found=st.tuples(moments, moments, moments))
def test_service_time_adds_up_in_any_order_and_never_exceeds_the_time_that_passed(calendar, found):
    a, b, c = found
    assert worked(calendar, a, b) + worked(calendar, b, c) == worked(calendar, a, c)
    assert worked(calendar, a, c) == -worked(calendar, c, a)
    assert timedelta(0) <= worked(calendar, *sorted((a, c))) <= abs(c - a), (
        "more time is never less service time"
    )


@given(calendar=calendars, start=moments, minutes=st.integers(0, 30 * 60))
def test_a_deadline_is_the_earliest_moment_with_so_much_service_time(calendar, start, minutes):
    if not ever_open(calendar):
        return
    span = timedelta(minutes=minutes)
    end = deadline(calendar, start, span)
    assert worked(calendar, start, end) == span
    assert end == start or worked(calendar, start, end - timedelta(microseconds=1)) < span


@given(calendar=calendars, start=moments, minutes=st.integers(1, 30 * 60))
def test_going_back_gives_the_latest_moment_with_so_much_service_time_before(calendar, start, minutes):
    if not ever_open(calendar):
        return
    span = timedelta(minutes=minutes)
    begin = deadline(calendar, start, -span)
    assert worked(calendar, begin, start) == span
    assert worked(calendar, begin + timedelta(microseconds=1), start) < span


@given(calendar=calendars, start=moments, found=st.tuples(st.integers(0, 900), st.integers(0, 900)))
def test_deadlines_add_up_and_a_longer_span_is_never_due_earlier(calendar, start, found):
    if not ever_open(calendar):
        return
    a, b = (timedelta(minutes=one) for one in found)
    assert deadline(calendar, deadline(calendar, start, a), b) == deadline(calendar, start, a + b)
    assert deadline(calendar, start, a) <= deadline(calendar, start, a + b)
    assert deadline(calendar, start, a) <= deadline(calendar, max(start, start + b), a)


@given(calendar=calendars, start=moments)
def test_open_is_where_service_time_passes_and_the_next_opening_is_the_first_such_moment(calendar, start):
    tick = timedelta(microseconds=1)
    assert calendar.is_open(start) == (worked(calendar, start, start + tick) > timedelta(0))
    if ever_open(calendar):
        opening = calendar.next_opening(start)
        assert calendar.is_open(opening)
        assert worked(calendar, start, opening) == timedelta(0)


def test_a_version_counts_from_its_day_on_by_the_clock_of_its_zone():
    before, after = office(), office(hours=["10:00-16:00"])
    both = Versions(
        versions=(
            Version(valid_from=date(2026, 11, 9), calendar=after),
            Version(valid_from=None, calendar=before),
        )
    )
    assert deadline(both, at("2026-11-06T16:30"), HOUR) == at("2026-11-09T10:30"), (
        "Monday is the new version's"
    )
    assert worked(both, at("2026-11-06T00:00"), at("2026-11-10T00:00")) == 14 * HOUR
    assert both.valid_on(date(2026, 11, 8)) == before and both.valid_on(date(2026, 11, 9)) == after


def test_versions_are_of_one_zone_and_of_different_days():
    for pairs in ([], [(None, "UTC"), (date(2026, 1, 1), "Asia/Shanghai")], [(None, "UTC"), (None, "UTC")]):
        with pytest.raises(ValueError, match="version"):
            Versions(versions=tuple(Version(valid_from=day, calendar=office(zone)) for day, zone in pairs))


def test_hours_may_differ_by_weekday_and_on_a_single_open_day():
    calendar = office(
        hours={"mon": ["09:00-17:00"], "sat": ["09:00-12:00"]}, open=["2026-11-08 20:00-22:00", "2026-11-11"]
    )
    assert [calendar.hours(date(2026, 11, day)) for day in (7, 8, 9, 10, 11)] == [
        ((540, 720),), ((1200, 1320),), ((540, 1020),), (), ((540, 1020),)]  # fmt: skip


def test_a_wall_time_that_the_clock_leaps_over_is_the_moment_of_the_leap():
    night = read_calendar(
        {"days": ["sun"], "hours": ["00:00-02:30", "03:00-06:00"]}, zone="Europe/Berlin", years=[]
    )
    spring = at("2026-03-29T00:00", BERLIN)
    assert worked(night, spring, spring + timedelta(hours=12)) == 5 * HOUR, (
        "2:00 is 3:00, and nothing counts twice"
    )


def test_a_moment_without_a_zone_is_refused():
    for question in (office().is_open, lambda moment: deadline(office(), moment, HOUR * 0)):
        with pytest.raises(ValueError, match="zone"):
            question(datetime(2026, 11, 6, 12))


def test_the_years_whose_make_up_workdays_are_announced_are_known_for_china_only():
    assert announced_until("CN") >= 2026 and announced_until("DE") is None
