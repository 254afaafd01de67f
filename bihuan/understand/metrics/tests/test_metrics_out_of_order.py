"""Every night the metrics are looked at; what is out of order is told once, and the alert is quiet for its days."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from cast import NOW, SYSTEM, TODAY
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from events import happened, store_events

from bihuan.base.bus.models import OutboxFact
from bihuan.base.jobs.queue import enqueue
from bihuan.base.jobs.worker import drain
from bihuan.understand.metrics.actions import look_for_alarms, save_alert
from bihuan.understand.metrics.models import MetricAlarm, MetricAlert

pytestmark = pytest.mark.django_db
YESTERDAY = TODAY - timedelta(days=1)


def alert(**fields) -> MetricAlert:
    return save_alert(alert=MetricAlert(**{"metric": "events", **fields}), by=SYSTEM, at=NOW)


def use(cast, events: int, *, days_ago: int) -> None:
    noon = datetime.combine(
        YESTERDAY - timedelta(days=days_ago), time(12), tzinfo=ZoneInfo(settings.TIME_ZONE)
    )
    store_events(*(happened("look", ts=noon + timedelta(seconds=n), account=cast.yunshan, person=cast.lin)
                   for n in range(events)))  # fmt: skip


def look(day=YESTERDAY) -> list[tuple]:
    before = set(MetricAlarm.objects.values_list("pk", flat=True))
    look_for_alarms(day=day, by=SYSTEM, at=NOW)
    return list(
        MetricAlarm.objects.exclude(pk__in=before).values_list("alert__rule", "side", "value", "bound")
    )


def test_a_bound_that_is_passed_is_told_once_a_day(cast, event_home) -> None:
    use(cast, 3, days_ago=0)
    row = alert(rule="threshold", below=5, days=7, cooldown_days=0)
    assert look() == [("threshold", "below", 3, 5)]
    assert look() == [], "the same day is not told twice"
    fact = OutboxFact.objects.get(name="metric_alerted").payload
    assert fact == {"alert_id": row.pk, "metric": "events", "rule": "threshold", "day": YESTERDAY.isoformat(), "side": "below",
                    "value": 3, "bound": 5}  # fmt: skip
    assert len(look(YESTERDAY + timedelta(days=1))) == 1, (
        "without days of quiet it is told again the next day"
    )


def test_after_an_alarm_it_is_quiet_for_its_days(cast, event_home) -> None:
    alert(rule="threshold", below=5, days=1, cooldown_days=3)
    told = [bool(look(YESTERDAY + timedelta(days=n))) for n in range(9)]
    assert told == [True, False, False, False, True, False, False, False, True]


def test_a_change_is_against_the_period_before(cast, event_home) -> None:
    use(cast, 10, days_ago=8)
    use(cast, 13, days_ago=1)
    alert(rule="change", change=25, days=7)
    alert(rule="change", change=35, days=7)
    assert look() == [("change", "above", 13, 12.5)]


def test_a_day_is_unusual_for_its_weekday_not_for_the_week(cast, event_home) -> None:
    for week in range(1, 9):
        use(cast, 20 + week % 3, days_ago=7 * week)
        use(cast, 2, days_ago=7 * week - 1)
    use(cast, 21, days_ago=0)
    alert(rule="season", k=4)
    assert look() == [], "as many as on the same weekday of other weeks, though ten times the other days"
    use(cast, 30, days_ago=0)
    assert [found[:3] for found in look()] == [("season", "above", 51)]


def test_a_paused_alert_and_one_of_a_metric_that_is_gone_say_nothing(cast, event_home) -> None:
    alert(rule="threshold", below=5, active=False)
    row = alert(rule="threshold", below=5)
    MetricAlert.objects.filter(pk=row.pk).update(metric="gone")
    assert look() == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"rule": "threshold"}, "above"),
        ({"rule": "threshold", "above": 1, "below": 2}, "above"),
        ({"rule": "change"}, "change"),
        ({"rule": "season", "k": 0}, "k"),
        ({"rule": "season", "metric": "nowhere"}, "metric"),
        ({"rule": "sometimes"}, "rule"),
    ],
)
def test_an_alert_that_means_nothing_is_refused(cast, fields: dict, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        alert(**fields)
    assert field in refused.value.message_dict and not MetricAlert.objects.exists()


def test_the_job_looks_at_yesterday(cast, event_home) -> None:
    alert(rule="threshold", below=5)
    enqueue(name="metrics.alerts", by=SYSTEM, at=NOW)
    drain(at=NOW)
    assert MetricAlarm.objects.get().day == timezone.localdate() - timedelta(days=1)


def test_it_is_set_in_the_page_and_shown_to_those_who_see_every_account(cast, event_home) -> None:
    client = cast.client("an")
    fields = {"rule": "threshold", "below": "5", "k": "4", "days": "7", "cooldown_days": "7", "active": "on"}
    assert client.post("/metrics/of/events/alert/", fields).status_code == 302
    row = MetricAlert.objects.get()
    assert (
        "upper bound" in client.post(f"/metrics/alerts/{row.pk}/", fields | {"above": "1"}).content.decode()
    )
    look()
    for address in ("/metrics/", "/metrics/of/events/"):
        assert "0 events, below 5 events" in client.get(address).content.decode()
        assert "below 5 events" not in cast.client("song").get(address).content.decode()
    assert [one["side"] for one in cast.rest("an").get("/api/v1/metric-alarms").json()["items"]] == ["below"]
    assert cast.rest("song").get("/api/v1/metric-alarms").json()["items"] == []
    fields.pop("active")
    client.post(f"/metrics/alerts/{row.pk}/", fields)
    assert "paused" in client.get("/metrics/of/events/").content.decode()


def test_it_is_set_and_changed_over_rest(cast, event_home) -> None:
    client = cast.rest("an")
    body = {"metric": "events", "rule": "change", "change": 20}
    made = client.post("/api/v1/metric-alerts", body, content_type="application/json")
    assert made.status_code == 201 and made.json()["cooldown_days"] == 7
    address = f"/api/v1/metric-alerts/{made.json()['id']}"
    assert (
        client.put(address, body | {"active": False}, content_type="application/json").json()["active"]
        is False
    )
    assert client.put(address, body | {"change": None}, content_type="application/json").status_code == 422
    assert [one["change"] for one in client.get("/api/v1/metric-alerts").json()["items"]] == [20]
