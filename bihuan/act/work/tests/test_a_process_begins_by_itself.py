"""A timer at the start: every due moment starts one instance, once, also after a stop of hours, and by two workers at once."""

from datetime import UTC, datetime, timedelta

import pytest
from cast import NOW, SYSTEM
from django.core.exceptions import ValidationError
from drawings import END, chain, drawn, field, user
from hypothesis import given
from hypothesis import strategies as st

from bihuan.act.bpmn import Timer
from bihuan.act.bpmn.beginning import last_due
from bihuan.act.bpmn.spans import SpanError
from bihuan.act.processes.actions import create_process, publish_draft, retire_process, save_draft
from bihuan.act.processes.queries import forget, problems_of
from bihuan.act.work.actions.beginning import begin_due
from bihuan.act.work.models import Instance
from bihuan.base.calendars.actions import add_calendar, use_calendar

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def starting(kind: str, text: str, inside: str = "", calendar: str = "wall") -> str:
    timer = f'<timerEventDefinition x:calendar="{calendar}"><{kind}>{text}</{kind}></timerEventDefinition>'
    start = f'<startEvent id="start">{inside}{timer}</startEvent>'
    return drawn("report", start, user("write"), END, chain("start", "write", "end"))


def published(xml: str, at: datetime = NOW):
    forget()
    process = create_process(key="report", kind="process", name="Report", xml=xml, by=SYSTEM, at=at)
    publish_draft(process=process, by=SYSTEM, at=at)
    return process


def begun(at: datetime) -> int:
    """How many are started by one look at this moment."""
    started, failed = begin_due(by=SYSTEM, at=at)
    assert failed == {}
    return len(started)


@pytest.mark.django_db
def test_it_works(cast) -> None:
    published(starting("timeCycle", "R/PT4H"))
    assert [
        begun(NOW + span) for span in (MINUTE, 4 * HOUR - MINUTE, 4 * HOUR, 4 * HOUR + MINUTE, 8 * HOUR)
    ] == [0, 0, 1, 0, 1]
    instance = Instance.objects.first()
    assert instance.state == "running" and instance.items.get().element == "write"


@pytest.mark.django_db
def test_after_a_stop_the_latest_missed_moment_starts_one_and_the_next_ones_go_on(cast) -> None:
    published(starting("timeCycle", "R/2026-11-18T03:00:00+00:00/PT1H"))
    assert begun(NOW + 30 * MINUTE) == 1
    assert begun(NOW + 9 * HOUR) == 1
    assert begun(NOW + 9 * HOUR + MINUTE) == 0
    assert begun(NOW + 9 * HOUR + 30 * MINUTE) == 1
    assert Instance.objects.count() == 3


def kept_by(cast, hours: str, **use) -> None:
    """A calendar with the same hours every day, for a role, a customer or everybody."""
    row = add_calendar(
        key=f"c{hours[:2]}",
        name=hours,
        zone="Asia/Shanghai",
        definition={"hours": [hours]},
        by=cast.actor("root"),
        at=NOW,
    )
    use_calendar(calendar=row, by=cast.actor("root"), at=NOW, **use)


@pytest.mark.django_db
def test_by_the_calendar_that_ships_weekends_begin_nothing_and_a_stop_over_them_misses_nothing(cast) -> None:
    """NOW is a Wednesday, 10:30 in Shanghai."""
    published(starting("timeCycle", "R/2026-11-18T09:00:00+08:00/P1D", calendar=""))
    looks = [begun(NOW + number * HOUR) for number in range(1, 24 * 7)]
    assert sum(looks) == 5 and Instance.objects.count() == 5
    assert begun(NOW + 11 * DAY) == 1, "on Sunday evening, after a stop of four days, Friday's begins"
    assert begun(NOW + 11 * DAY + HOUR) == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("named", "opens"), [("", 9), ("role:sales", 10), ("account:yunshan", 11), ("role:service", 9)]
)
def test_the_calendar_that_the_process_names_is_kept(cast, named: str, opens: int) -> None:
    kept_by(cast, "10:00-15:00", role="sales")
    kept_by(cast, "11:00-15:00", account_id=cast.yunshan.pk)
    published(starting("timeDate", "2026-11-19T07:00:00+08:00", calendar=named))
    due = datetime(2026, 11, 19, opens - 8, tzinfo=UTC)
    assert [begun(due - MINUTE), begun(due), begun(due + MINUTE)] == [0, 1, 0]


@pytest.mark.django_db
def test_a_calendar_that_is_changed_after_the_start_starts_no_round_again(cast) -> None:
    published(starting("timeCycle", "R/2026-11-19T07:00:00+08:00/P7D", calendar=""))
    assert begun(datetime(2026, 11, 19, 2, tzinfo=UTC)) == 1
    kept_by(cast, "16:00-18:00")
    assert [begun(datetime(2026, 11, 19, hour, tzinfo=UTC)) for hour in (3, 8, 12)] == [0, 0, 0]


@pytest.mark.django_db
def test_rounds_end_and_a_moment_comes_once(cast) -> None:
    process = published(starting("timeCycle", "R2/P1D"))
    assert sum(begun(NOW + number * HOUR) for number in range(24 * 5)) == 2
    save_draft(
        process=process, xml=starting("timeDate", "2026-12-01T09:00:00+08:00"), by=SYSTEM, at=NOW + 6 * DAY
    )
    publish_draft(process=process, by=SYSTEM, at=NOW + 6 * DAY)
    forget()
    due = datetime(2026, 12, 1, 1, tzinfo=UTC)
    assert [begun(due - MINUTE), begun(due), begun(due + DAY)] == [0, 1, 0]


@pytest.mark.django_db
def test_what_was_put_away_or_published_after_the_moment_does_not_begin(cast) -> None:
    process = published(starting("timeDate", "2026-11-18T02:00:00+00:00"))
    assert begun(NOW + DAY) == 0
    save_draft(process=process, xml=starting("timeDuration", "PT1H"), by=SYSTEM, at=NOW + DAY)
    publish_draft(process=process, by=SYSTEM, at=NOW + DAY)
    forget()
    retire_process(process=process, by=SYSTEM, at=NOW + DAY)
    assert begun(NOW + 2 * DAY) == 0


@pytest.mark.django_db
def test_one_that_cannot_begin_keeps_no_other_from_it(cast) -> None:
    way = '<exclusiveGateway id="g"/><sequenceFlow id="f" sourceRef="g" targetRef="write"><conditionExpression>nowhere.at.all == 1'
    way += "</conditionExpression></sequenceFlow>"
    first = '<startEvent id="start"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></startEvent>'
    bad = drawn("bad", first, way, user("write"), END, chain("start", "g"), chain("write", "end"))
    process = create_process(key="bad", kind="process", name="Bad", xml=bad, by=SYSTEM, at=NOW)
    publish_draft(process=process, by=SYSTEM, at=NOW)
    published(starting("timeDuration", "PT1H"))
    started, failed = begin_due(by=SYSTEM, at=NOW + HOUR)
    assert len(started) == 1 and list(failed) == ["bad"]
    assert Instance.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (starting("timeCycle", "every monday"), "start_time"),
        (starting("timeCycle", "R/PT5S"), "start_time"),
        (starting("timeDate", "due_on"), "start_time"),
        (starting("timeDuration", "PT4H", calendar="role:nobody"), "calendar_role"),
        (starting("timeDuration", "PT4H", calendar="account:nobody"), "calendar_account"),
        (starting("timeDuration", "PT4H", inside=f"<extensionElements><x:form>{field('amount')}</x:form></extensionElements>"),
         "start_asks"),
    ],
)  # fmt: skip
def test_a_start_that_names_no_moment_or_asks_is_refused(cast, xml: str, code: str) -> None:
    forget()
    found = problems_of(kind="process", key="report", xml=xml)
    assert [(one.code, one.element) for one in found if one.level == "error"] == [(code, "start")]
    process = create_process(key="report", kind="process", name="Report", xml=xml, by=SYSTEM, at=NOW)
    with pytest.raises(ValidationError):
        publish_draft(process=process, by=SYSTEM, at=NOW)


@given(
    st.integers(1, 5_000), st.integers(0, 60) | st.none(), st.integers(-3_000, 3_000) | st.none(), st.integers(0, 10_000)
)  # fmt: skip
def test_the_latest_moment_is_that_of_counting_them_one_by_one(
    span: int, rounds: int | None, first: int | None, after: int
) -> None:
    begin = "" if first is None else f"{(NOW + first * MINUTE).isoformat()}/"
    timer = Timer(kind="cycle", text=f"R{'' if rounds is None else rounds}/{begin}PT{span}M")
    moment = NOW + (span if first is None else first) * MINUTE
    due, at, number = None, NOW + after * MINUTE, 0
    while moment <= at and (rounds is None or number < rounds):
        due = moment if moment > NOW else due
        moment, number = moment + span * MINUTE, number + 1
    found = last_due(timer, since=NOW, at=at)
    assert (None if found is None else found.at) == due


def test_what_names_no_moment_is_told() -> None:
    for kind, text in (("cycle", "R"), ("cycle", "R/PT1S"), ("date", "soon"), ("duration", "soon")):
        with pytest.raises(SpanError):
            last_due(Timer(kind=kind, text=text), since=NOW, at=NOW + DAY)
