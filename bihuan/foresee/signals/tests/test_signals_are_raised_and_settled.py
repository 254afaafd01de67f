"""A metric out of order raises a signal once; whom it concerns sees it, and somebody handles or dismisses it."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from cast import NOW, SYSTEM, TODAY, undo_from
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from events import happened, store_events

from bihuan.base.bus.models import OutboxFact
from bihuan.base.jobs.worker import drain
from bihuan.foresee.signals.actions import dismiss_signal, handle_signal, raise_signal, reopen_signal
from bihuan.foresee.signals.models import Signal
from bihuan.foresee.signals.queries import METRIC_ALERT, SignalKind, kinds, open_for, register_kind, told
from bihuan.know.staff.models import Staff
from bihuan.understand.metrics.actions import look_for_alarms, save_alert
from bihuan.understand.metrics.models import MetricAlert

pytestmark = pytest.mark.django_db
YESTERDAY = TODAY - timedelta(days=1)
JSON = {"content_type": "application/json"}


@pytest.fixture
def alarmed(cast, event_home) -> Signal:
    """Three events a week are below five: the alert's fact has been delivered."""
    noon = datetime.combine(YESTERDAY, time(12), tzinfo=ZoneInfo(settings.TIME_ZONE))
    store_events(*(happened("look", ts=noon + timedelta(seconds=n), account=cast.yunshan) for n in range(3)))
    save_alert(alert=MetricAlert(metric="events", rule="threshold", below=5, days=7), by=SYSTEM, at=NOW)
    assert look_for_alarms(day=YESTERDAY, by=SYSTEM, at=NOW) == 1
    drain(at=NOW)
    return Signal.objects.get()


@pytest.fixture
def silent():
    """A kind about accounts, as rules on their behaviour will have."""
    if "went_silent" not in kinds():
        register_kind(SignalKind(name="went_silent", title="Went silent", icon="bell",
                                 say=lambda signal, _metrics: f"{signal.seen['days']} days"))  # fmt: skip

    def raised(whose, **more) -> Signal:
        fields = {"kind": "went_silent", "day": YESTERDAY, "seen": {"days": 34}, "origin": f"silent:{whose.pk}",
                  "about": whose.name, "account": whose, "by": SYSTEM, "at": NOW}  # fmt: skip
        row = raise_signal(**fields | more)
        assert row is not None
        return row

    return raised


def test_an_alert_raises_one_signal_however_often_its_fact_comes(cast, alarmed) -> None:
    assert (alarmed.kind, alarmed.metric, alarmed.day, alarmed.state) == (
        METRIC_ALERT,
        "events",
        YESTERDAY,
        "open",
    )
    assert alarmed.seen == {"rule": "threshold", "side": "below", "value": 3.0, "bound": 5.0}
    (one,) = told([alarmed])
    assert (one.title, one.said, one.subject) == ("Metric out of order", "3 events, below 5 events", "Use")
    from bihuan.base.bus.outbox import deliver

    fact = OutboxFact.objects.get(name="metric_alerted")
    deliver(name="bihuan.foresee.signals.reactions.signal_a_metric_out_of_order", fact_id=fact.pk, attempt=2)
    assert Signal.objects.count() == 1 and OutboxFact.objects.filter(name="signal_raised").count() == 1


def test_the_list_and_the_page_say_what_was_seen(cast, alarmed) -> None:
    client = cast.client("mei")
    text = client.get("/signals/").content.decode()
    assert (
        "3 events, below 5 events" in text
        and f"/signals/{alarmed.pk}/" in text
        and "/metrics/of/events/" in text
    )
    assert f"/signals/{alarmed.pk}/" in client.get("/signals/?q=events").content.decode()
    assert f"/signals/{alarmed.pk}/" not in client.get("/signals/?state=handled").content.decode()
    assert f"/signals/{alarmed.pk}/" not in client.get("/signals/?q=nothing").content.decode()
    page = client.get(f"/signals/{alarmed.pk}/").content.decode()
    assert "3 events, below 5 events" in page and "Handled" in page
    Staff.objects.filter(pk=cast.mei.pk).update(language="zh-hans")
    chinese = client.get(f"/signals/{alarmed.pk}/").content.decode()
    assert "待处理" in chinese and "3 次，低于 5 次" in chinese
    csv = client.post("/signals/", {"do": "export", "format": "csv"}).content.decode("utf-8-sig")
    assert "3 次，低于 5 次" in csv


def test_what_is_about_every_account_is_for_those_who_see_all(cast, alarmed, silent) -> None:
    mine, foreign = silent(cast.yunshan), silent(cast.songtao)
    song = cast.client("song")
    text = song.get("/signals/").content.decode()
    assert "云杉仪器" in text and "松涛软件" not in text and "below 5" not in text
    for row, status in ((mine, 200), (foreign, 404), (alarmed, 404)):
        assert song.get(f"/signals/{row.pk}/").status_code == status
        assert cast.rest("song").get(f"/api/v1/signals/{row.pk}").status_code == status
    listed = cast.rest("song").get("/api/v1/signals").json()["items"]
    assert [(one["id"], one["said"]) for one in listed] == [(mine.pk, "34 days")]
    assert cast.client("pan").get("/signals/").status_code == 403


def test_a_signal_that_needs_a_permission_is_hidden_without_it(cast, silent) -> None:
    from django.test import Client

    from bihuan.base.access.actions import create_token

    row = silent(cast.yunshan, needs="contracts.view")
    assert cast.rest("mei").get(f"/api/v1/signals/{row.pk}").status_code == 200
    _row, secret = create_token(staff=cast.mei, name="narrow", scopes=["signals.view"], by=SYSTEM, at=NOW)
    assert (
        Client(headers={"Authorization": f"Bearer {secret}"}).get(f"/api/v1/signals/{row.pk}").status_code
        == 404
    )


def test_the_workbench_shows_those_that_concern_the_reader(cast, alarmed, silent) -> None:
    mine, foreign = silent(cast.yunshan), silent(cast.songtao)
    assert [row.pk for row in open_for(cast.actor("song"), most=5)[0]] == [mine.pk]
    assert {row.pk for row in open_for(cast.actor("mei"), most=5)[0]} == {alarmed.pk, mine.pk, foreign.pk}, (
        "who serves no account is concerned by all that they see"
    )
    handle_signal(signal=mine, by=SYSTEM, at=NOW)
    assert open_for(cast.actor("song"), most=5) == ([], 0)
    panel = cast.client("mei").get("/panels/signals/").content.decode()
    assert "below 5 events" in panel and "松涛软件" in panel and "All 2 open signals" in panel
    assert "No open signal concerns you." in cast.client("song").get("/panels/signals/").content.decode()


def test_it_is_handled_and_the_undo_opens_it_again(cast, alarmed) -> None:
    client, page = cast.client("oli"), f"/signals/{alarmed.pk}/"
    done = client.post(f"{page}handle/", {"note": "发版回滚"}, follow=True).content.decode()
    alarmed.refresh_from_db()
    assert (alarmed.state, alarmed.note, alarmed.settled_by_name) == ("handled", "发版回滚", "Oli")
    assert "发版回滚" in done
    assert "It is settled already." in client.post(f"{page}handle/", follow=True).content.decode()
    undo_from(client, done)
    alarmed.refresh_from_db()
    assert (alarmed.state, alarmed.note, alarmed.settled_at) == ("open", "", None)
    names = ["signal_raised", "signal_handled", "signal_reopened"]
    assert [OutboxFact.objects.filter(name=name).count() for name in names] == [1, 1, 1]


def test_it_is_dismissed_with_a_reason_only(cast, alarmed) -> None:
    client, page = cast.client("oli"), f"/signals/{alarmed.pk}/"
    assert "what you typed is kept" in client.post(f"{page}dismiss/", {"reason": " "}).content.decode()
    client.post(f"{page}dismiss/", {"reason": "春节"})
    alarmed.refresh_from_db()
    assert (alarmed.state, alarmed.note) == ("dismissed", "春节")
    client.post(f"{page}reopen/")
    with pytest.raises(ValidationError, match="Say why"):
        dismiss_signal(signal=alarmed, reason=" ", by=SYSTEM, at=NOW)
    with pytest.raises(ValidationError, match="It is open"):
        reopen_signal(signal=alarmed, by=SYSTEM, at=NOW)
    assert client.post(f"{page}reopen/", follow=True).content.decode().count("It is open.") == 1


def test_many_are_settled_at_once(cast, silent) -> None:
    rows = [silent(cast.yunshan), silent(cast.songtao)]
    ids = [row.pk for row in rows]
    client = cast.client("oli")
    client.post("/signals/", {"do": "batch", "action": "handle", "ids": ids})
    assert set(Signal.objects.values_list("state", flat=True)) == {"handled"}
    for row in Signal.objects.all():
        reopen_signal(signal=row, by=SYSTEM, at=NOW)
    client.post(
        "/signals/", {"do": "batch", "action": "dismiss", "ids": ids, "reason": "演练", "confirmed": "1"}
    )
    assert set(Signal.objects.values_list("state", "note")) == {("dismissed", "演练")}


def test_programs_settle_them_too(cast, alarmed) -> None:
    rest, address = cast.rest("oli"), f"/api/v1/signals/{alarmed.pk}"
    assert rest.get("/api/v1/signals", {"state": "open", "metric": "events"}).json()["count"] == 1
    assert rest.get("/api/v1/signals", {"kind": "went_silent"}).json()["count"] == 0
    assert rest.post(f"{address}/handle", {"note": "ok"}, **JSON).json()["state"] == "handled"
    assert rest.post(f"{address}/handle", {}, **JSON).status_code == 422
    assert rest.post(f"{address}/reopen").json()["state"] == "open"
    assert rest.post(f"{address}/dismiss", {"reason": ""}, **JSON).status_code == 422
    assert rest.post(f"{address}/dismiss", {"reason": "x"}, **JSON).json()["note"] == "x"
    assert cast.rest("mark").post(f"{address}/reopen").status_code == 403


def test_a_signal_is_about_one_thing_of_a_kind_that_is_known(cast, silent) -> None:
    with pytest.raises(ValueError, match="no kind of signal"):
        silent(cast.yunshan, kind="unheard_of")
    with pytest.raises(IntegrityError), transaction.atomic():
        silent(cast.yunshan, metric="events")
    with pytest.raises(IntegrityError), transaction.atomic():
        silent(cast.yunshan, account=None)
    with pytest.raises(ValueError, match="registered twice"):
        register_kind(kinds()[METRIC_ALERT])
