"""When a process begins by a business calendar: closed days move on, nothing begins twice, nothing is missed, also when the
clock is changed."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.act.bpmn import Timer
from bihuan.act.bpmn.beginning import Due, last_due
from bihuan.base.calendars import Calendar, Day, read_calendar, service_time_between

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OFFICE: Day = ((540, 720), (780, 1080))
WEEK = (OFFICE, OFFICE, OFFICE, OFFICE, OFFICE, (), ())
CHINA = read_calendar(
    {"hours": ["09:00-12:00", "13:00-18:00"], "holidays": "CN"}, zone="Asia/Shanghai", years=range(2026, 2027)
)
BERLIN = Calendar(week=WEEK, zone="Europe/Berlin")
NEVER = Calendar(week=((), (), (), (), (), (), ()), zone="Asia/Shanghai")


def local(text: str, zone: str = "Asia/Shanghai") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def begun(
    text: str, *, since: datetime, days: int, calendar: Calendar = CHINA, kind: str = "cycle", every: timedelta = 30 * MINUTE,
) -> list[str]:  # fmt: skip
    """When it begins, by the calendar's clock, looked at every half hour; each round once."""
    timer, seen, found = Timer(kind=kind, text=text, calendar=""), set(), []
    for number in range(1, days * DAY // every + 1):
        due = last_due(timer, since=since, at=since + number * every, calendar=calendar)
        if due is not None and due.name not in seen:
            seen.add(due.name)
            found.append(f"{due.at.astimezone(ZoneInfo(calendar.zone)):%m-%d %H:%M}")
    return found


def test_every_working_day_at_nine_leaves_out_weekends_and_holidays_and_knows_make_up_days() -> None:
    found = begun("R/2026-09-29T09:00:00+08:00/P1D", since=local("2026-09-28T12:00"), days=15)
    assert found == ["09-29 09:00", "09-30 09:00", "10-08 09:00", "10-09 09:00", "10-10 09:00", "10-12 09:00",
                     "10-13 09:00"]  # fmt: skip


def test_the_first_working_day_of_the_month() -> None:
    found = begun(
        "R/2026-08-01T09:00:00+08:00/P1M", since=local("2026-07-28T12:00"), days=120, every=3 * HOUR
    )
    assert found == ["08-03 09:00", "09-01 09:00", "10-08 09:00", "11-02 09:00"]


def test_a_weekly_round_on_a_closed_day_begins_at_its_time_on_the_next_open_one() -> None:
    found = begun("R/2026-11-07T14:00:00+08:00/P7D", since=local("2026-11-06T12:00"), days=18)
    assert found == ["11-09 14:00", "11-16 14:00", "11-23 14:00"]


def test_a_closed_hour_moves_to_the_next_opening() -> None:
    assert begun("2026-11-10T12:30:00+08:00", kind="date", since=local("2026-11-09T12:00"), days=3) == [
        "11-10 13:00"
    ]
    assert begun("2026-11-13T20:00:00+08:00", kind="date", since=local("2026-11-13T12:00"), days=5) == [
        "11-16 09:00"
    ]
    assert begun("R/2026-11-13T20:00:00+08:00/P1D", since=local("2026-11-13T12:00"), days=4) == [
        "11-16 09:00", "11-17 09:00"]  # fmt: skip


def test_spans_with_hours_count_service_time() -> None:
    friday = local("2026-11-13T16:00")
    assert begun("PT4H", kind="duration", since=friday, days=5) == ["11-16 11:00"]
    assert begun("2d", kind="duration", since=friday, days=6) == ["11-17 16:00"]
    assert begun("R3/PT4H", since=friday, days=7) == ["11-16 11:00", "11-16 16:00", "11-17 11:00"]
    assert begun("R2/2026-11-14T10:00:00+08:00/PT4H", since=friday, days=7) == ["11-16 10:00", "11-16 15:00"]


def test_nine_stays_nine_when_the_clock_is_changed() -> None:
    """In Berlin the clock goes back on 25 October 2026 and forward on 29 March."""
    found = begun(
        "R/2026-10-22T09:00:00+02:00/P1D",
        since=local("2026-10-21T12:00", "Europe/Berlin"),
        days=8,
        calendar=BERLIN,
    )
    assert found == [f"10-{day} 09:00" for day in (22, 23, 26, 27, 28, 29)]
    found = begun(
        "R/2026-03-25T09:00:00+01:00/P1D",
        since=local("2026-03-24T12:00", "Europe/Berlin"),
        days=8,
        calendar=BERLIN,
    )
    assert found == [
        f"0{month}-{day:02} 09:00" for month, day in ((3, 25), (3, 26), (3, 27), (3, 30), (3, 31), (4, 1))
    ]


def test_an_hour_that_the_clock_leaps_over_or_tells_twice_begins_once() -> None:
    night = Calendar(week=(((0, 1440),),) * 7, zone="Europe/Berlin")
    found = begun(
        "R/2026-03-27T02:30:00+01:00/P1D",
        since=local("2026-03-26T12:00", "Europe/Berlin"),
        days=4,
        calendar=night,
    )
    assert found == ["03-27 02:30", "03-28 02:30", "03-29 03:30", "03-30 02:30"]
    found = begun(
        "R/2026-10-24T02:30:00+02:00/P1D",
        since=local("2026-10-23T12:00", "Europe/Berlin"),
        days=3,
        calendar=night,
    )
    assert found == ["10-24 02:30", "10-25 02:30", "10-26 02:30"]


def test_the_end_of_a_month_is_the_last_day_of_a_shorter_one_also_by_the_wall_clock() -> None:
    timer, since = (
        Timer(kind="cycle", text="R/2026-01-31T01:00:00+00:00/P1M"),
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    found = [
        last_due(timer, since=since, at=datetime(2026, month, day, tzinfo=UTC))
        for month, day in ((3, 1), (4, 1), (5, 1))
    ]
    assert [one.at.day if one else 0 for one in found] == [28, 31, 30]


def test_a_calendar_that_is_never_open_begins_nothing() -> None:
    for kind, text in (
        ("cycle", "R/P1D"),
        ("cycle", "R/PT1H"),
        ("date", "2026-11-20T09:00"),
        ("duration", "PT1H"),
    ):
        timer = Timer(kind=kind, text=text, calendar="")
        assert (
            last_due(timer, since=local("2026-11-18T09:00"), at=local("2026-12-18T09:00"), calendar=NEVER)
            is None
        )


def test_a_round_keeps_its_name_when_the_calendar_is_changed_later() -> None:
    closed = Calendar(week=WEEK, special=((date(2026, 11, 16), ()),), zone="Asia/Shanghai")
    timer, since = (
        Timer(kind="cycle", text="R/2026-11-14T09:00:00+08:00/P7D", calendar=""),
        local("2026-11-13T12:00"),
    )
    first = last_due(timer, since=since, at=local("2026-11-16T10:00"), calendar=CHINA)
    again = last_due(timer, since=since, at=local("2026-11-17T10:00"), calendar=closed)
    assert first is not None and again is not None and first.name == again.name


TEXTS = st.one_of(
    st.builds(lambda n, h: f"R/2026-10-{n:02}T{h:02}:15:00+08:00/P1D", st.integers(1, 28), st.integers(0, 23)),
    st.builds(lambda n, days: f"R/2026-10-{n:02}T10:00:00+08:00/P{days}D", st.integers(1, 28), st.integers(1, 9)),
    st.builds(lambda n: f"R/2026-10-{n:02}T10:00:00+08:00/P1M", st.integers(1, 31)),
    st.builds(lambda n: f"R/PT{n}M", st.integers(30, 900)),
    st.builds(lambda n, m: f"R{n}/P{m}D", st.integers(1, 9), st.integers(1, 3)),
)  # fmt: skip
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
DAYS = st.sampled_from([(), OFFICE, ((0, 1440),), ((480, 700),), ((1000, 1440),)])
CALENDARS = st.builds(
    Calendar, zone=ZONES, week=st.tuples(*[DAYS] * 7),
    special=st.dictionaries(st.dates(date(2026, 10, 1), date(2026, 11, 30)), DAYS, max_size=5).map(lambda one: tuple(one.items())),
)  # fmt: skip
SINCE = datetime(2026, 10, 5, tzinfo=UTC)


@given(TEXTS, CALENDARS, st.lists(st.integers(0, 60 * 24 * 50), min_size=2, max_size=8).map(sorted))
def test_whenever_it_is_looked_at_the_moments_rise_lie_in_open_hours_and_have_come(
    text: str, calendar: Calendar, looks: list[int]
) -> None:
    timer, found = Timer(kind="cycle", text=text, calendar=""), list[Due]()
    for minutes in looks:
        at = SINCE + minutes * MINUTE
        due = last_due(timer, since=SINCE, at=at, calendar=calendar)
        assert due is not None or not found, "what was due once stays due until the next is"
        if due is None:
            continue
        assert SINCE < due.at <= at
        assert calendar.is_open(due.at) or service_time_between(
            calendar=calendar, start=due.at - MINUTE, end=due.at
        )
        assert not found or (due.at, due.name) == (found[-1].at, found[-1].name) or (
            due.at >= found[-1].at and due.name != found[-1].name
        )  # fmt: skip
        found.append(due)


@given(st.integers(1, 28), st.integers(0, 23), CALENDARS, st.integers(0, 60 * 24 * 40))
def test_a_stop_of_any_length_ends_with_the_round_that_counting_days_one_by_one_finds(
    day: int, hour: int, calendar: Calendar, minutes: int
) -> None:
    zone, at = ZoneInfo(calendar.zone), SINCE + minutes * MINUTE
    first = datetime(2026, 10, day, hour, 15, tzinfo=zone)
    timer = Timer(kind="cycle", text=f"R/{first.isoformat()}/P1D", calendar="")
    opened = [span for number in range(-40, 90) for span in calendar.open_on(SINCE.date() + number * DAY)]
    moments = []
    for number in range(50):
        moved = (first + number * DAY).astimezone(UTC)
        later = moved.astimezone(zone)
        if not calendar.open_on(later.date()):
            days = (begin.astimezone(zone).date() for begin, _end in opened if begin > moved)
            following = next((one for one in days if one > later.date()), date(2027, 9, 1))
            moved = datetime.combine(following, later.time(), tzinfo=zone).astimezone(UTC)
        moments += [max(moved, begin) for begin, end in opened if moved < end][:1]
    moments = [one for one in moments if SINCE < one <= at]
    found = last_due(timer, since=SINCE, at=at, calendar=calendar)
    assert (None if found is None else found.at) == (moments[-1] if moments else None)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("date", "0001-01-01T00:00:00+00:00"), ("date", "9999-12-31T23:59:59"), ("cycle", "R/9999-12-31T23:59/P1D"),
        ("cycle", "R/9999-12-31T23:59/PT4H"), ("cycle", "R/P99Y"), ("cycle", "R0/P1D"), ("cycle", "R0/PT1H"),
        ("duration", "3650d"),
    ],
)  # fmt: skip
def test_a_moment_outside_of_time_begins_nothing(zone: str, kind: str, text: str) -> None:
    timer, calendar = Timer(kind=kind, text=text, calendar=""), Calendar(week=WEEK, zone=zone)
    for kept in (calendar, None):
        assert last_due(timer, since=SINCE, at=SINCE + 400 * DAY, calendar=kept) is None


@pytest.mark.parametrize("text", ["R/P0M", "R/PT30S", "R/P1Y2D", "R/x/P1M"])
def test_rounds_that_name_no_moment_are_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|at least a minute"):
        last_due(Timer(kind="cycle", text=text, calendar=""), since=SINCE, at=SINCE + DAY, calendar=CHINA)
