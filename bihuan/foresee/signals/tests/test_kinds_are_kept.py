"""Kinds of signals are described, previewed and changed; one open signal a subject; people say how much use they were."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from cast import NOW, SYSTEM, TODAY
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from events import happened, store_events

from bihuan.base.bus.models import OutboxFact
from bihuan.base.notices.models import Notice
from bihuan.foresee.signals.actions import (
    add_kind,
    change_kind,
    dismiss_signal,
    ensure_kinds,
    handle_signal,
    look_for_signals,
    raise_signal,
    remove_kind,
    reopen_signal,
)
from bihuan.foresee.signals.models import KindOfSignal, Signal
from bihuan.foresee.signals.queries import HEALTH_FELL, precision_of, previewed, told
from bihuan.foresee.signals.rules import KindError, read_kind

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}
BIG = {"key": "big", "title": "Big", "rule": "account.size > 100", "sentence": "{account.size} employees"}


def noon(days_ago: int) -> datetime:
    return datetime.combine(TODAY - timedelta(days=days_ago), time(12), tzinfo=ZoneInfo(settings.TIME_ZONE))


def look(day=TODAY, at=NOW):
    return look_for_signals(day=day, by=SYSTEM, at=at, keys=["big"])


@pytest.fixture
def big(cast, event_home) -> KindOfSignal:
    """A kind about customers with more than a hundred employees: Yunshan is one."""
    return add_kind(**BIG, cooldown=7, by=cast.actor("mei"), at=NOW)


def test_a_repeat_brings_the_open_one_up_to_date(cast, big) -> None:
    first = look()
    assert (first.raised, first.repeated) == (1, 0)
    again = look()
    assert (again.raised, again.repeated, Signal.objects.get().times) == (0, 1, 1)
    cast.yunshan.size = 1300
    cast.yunshan.save()
    look(TODAY + timedelta(days=1), NOW + timedelta(days=1))
    row = Signal.objects.get()
    assert (row.day, row.last_seen, row.times, row.seen["account.size"]) == (
        TODAY,
        TODAY + timedelta(days=1),
        2,
        1300,
    )
    assert told([row])[0].said == "1,300 employees"
    assert OutboxFact.objects.filter(name="signal_raised").count() == 1


def test_the_same_rests_after_it_was_settled(cast, big) -> None:
    look()
    dismiss_signal(signal=Signal.objects.get(), reason="x", by=SYSTEM, at=NOW)
    for days, raised in ((0, 0), (3, 0), (6, 0), (7, 1)):
        assert look(TODAY + timedelta(days=days), NOW + timedelta(days=days)).raised == raised, days
    old = Signal.objects.order_by("pk").first()
    with pytest.raises(ValidationError, match="newer signal"):
        reopen_signal(signal=old, by=SYSTEM, at=NOW)


def test_the_database_keeps_one_open_signal_a_subject(cast, big) -> None:
    look()
    row = Signal.objects.get()
    row.pk, row.origin = None, "another"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_its_owner_is_told_and_the_fact_says_how_grave_it_is(cast, big) -> None:
    change_kind(kind=big, severity=3, by=cast.actor("mei"), at=NOW)
    look()
    row = Signal.objects.get()
    notice = Notice.objects.get()
    assert (row.owner, notice.user, notice.url) == (cast.song, cast.song, f"/signals/{row.pk}/")
    payload = OutboxFact.objects.get(name="signal_raised").payload
    assert {
        "severity": "critical",
        "account_id": cast.yunshan.pk,
        "kind": "big",
        "owner_id": cast.song.pk,
    }.items() <= payload.items()


def test_one_person_or_a_role_of_the_team_is_told(cast, big) -> None:
    change_kind(kind=big, owner_rule="staff", staff=cast.an, by=cast.actor("mei"), at=NOW)
    look()
    assert Signal.objects.get().owner == cast.an
    Signal.objects.all().delete()
    change_kind(kind=big, owner_rule="operations", staff=None, by=cast.actor("mei"), at=NOW)
    look()
    assert Signal.objects.get().owner is None, "a partner may not see signals, so nobody is told"
    with pytest.raises(ValidationError, match="Choose the person"):
        change_kind(kind=big, owner_rule="staff", by=cast.actor("mei"), at=NOW)


def test_many_at_once_are_told_in_one_sentence(cast, big) -> None:
    from bihuan.know.accounts import actions

    for number in range(4):
        account = actions.add_account(key=f"n{number}", name=f"客户 {number}", size=500, by=SYSTEM, at=NOW)
        actions.change_team(account=account, members=[(cast.song, "sales", True)], by=SYSTEM, at=NOW)
    look()
    notice = Notice.objects.get()
    assert (notice.args["number"], notice.url) == (5, "/signals/?state=open&kind=big")
    assert "5 new signals: Big" in cast.client("song").get("/notices/").content.decode()


def test_a_kind_that_cannot_be_computed_says_why_and_stops_no_other(cast, big) -> None:
    KindOfSignal.objects.create(
        key="odd", title="Odd", rule="m.nothing > 1.0", created_at=NOW, updated_at=NOW
    )
    looked = look_for_signals(day=TODAY, by=SYSTEM, at=NOW, keys=["big", "odd"])
    assert looked.raised == 1 and "nothing" in looked.failed["odd"]
    assert "nothing" in cast.client("mei").get("/signals/kinds/odd/").content.decode()


@pytest.mark.parametrize(
    ("fields", "field", "word"),
    [({"rule": ""}, "rule", "write a rule"), ({"rule": "m.x >"}, "rule", "cannot be read"),
     ({"rule": "person.name == 'x'"}, "rule", "account.<name>"), ({"rule": "behaviour.x > 1"}, "rule", "not described"),
     ({"rule": "m.x > 1.0", "against": 0}, "against", "1 to 365"), ({"rule": "m.x > 1.0", "about": "x"}, "about", "none of"),
     ({"rule": "m.x > 1.0", "sentence": "{nobody}"}, "sentence", "unknown name"),
     ({"rule": "m.x > 1.0", "behaviour": {"a": {"last": "x"}}}, "behaviour", "number of days"),
     ({"rule": "region.size > 1.0", "about": "region"}, "rule", "region.accounts"),
     ({"rule": "before.x > 1.0", "about": "feature"}, "rule", "not described")],
)  # fmt: skip
def test_what_cannot_be_looked_for_is_refused_by_field(fields, field, word) -> None:
    with pytest.raises(KindError, match=word) as error:
        read_kind(**{"about": "account", "rule": "m.x > 1.0"} | fields)
    assert error.value.field == field


def test_a_preview_says_who_today_and_how_many_a_week(cast, event_home) -> None:
    fell = {"about": "account", "rule": "before.used >= 10.0 && behaviour.used <= 0.5 * before.used",
            "behaviour": {"used": {"last": "7d"}}, "against": 7}  # fmt: skip
    rows = [happened("look", ts=noon(24) + timedelta(seconds=n), account=cast.yunshan) for n in range(20)]
    rows += [happened("look", ts=noon(9) + timedelta(seconds=n), account=cast.songtao) for n in range(20)]
    store_events(*rows)
    found = previewed(read_kind(**fell), day=TODAY, actor=cast.actor("mei"))
    assert [one.unit for one in found.today] == [cast.songtao.pk]
    assert [day for day, _held, _new in found.weeks] == [
        TODAY - timedelta(weeks=back) for back in range(11, -1, -1)
    ]
    assert [(held, new) for _day, held, new in found.weeks[-4:]] == [(0, 0), (1, 1), (0, 0), (1, 1)]
    assert previewed(read_kind(**fell), day=TODAY, actor=cast.actor("song")).today == [], (
        "within the territory"
    )


def test_measures_are_compared_with_their_own_past(cast, event_home) -> None:
    rows = [happened("look", ts=noon(40), account=cast.yunshan, person=cast.lin),
            happened("look", ts=noon(40), account=cast.yunshan, person=cast.he)]  # fmt: skip
    store_events(*rows, happened("look", ts=noon(2), account=cast.yunshan, person=cast.lin))
    kind = read_kind(about="account", rule="m.active_people < 0.8 * before.active_people")
    (one,) = previewed(kind, day=TODAY, actor=SYSTEM, weeks=1).today
    assert (one.unit, one.numbers) == (cast.yunshan.pk, {"m.active_people": 1.0, "before.active_people": 2.0})


def test_managers_describe_kinds_on_pages(cast, event_home) -> None:
    client = cast.client("mei")
    page = client.get("/signals/kinds/").content.decode()
    assert "Seats unused before renewal" in page and "Metric out of order" in page
    form = BIG | {
        "about": "account",
        "severity": 3,
        "cooldown": 5,
        "owner_rule": "owner",
        "against": 28,
        "on": "on",
    }
    preview = client.post("/signals/kinds/preview/", form).content.decode()
    assert "云杉仪器" in preview and "1,200 employees" in preview and "松涛" not in preview
    assert (
        "size" in client.post("/signals/kinds/preview/", form | {"rule": "person.size > 1"}).content.decode()
    )
    wrong = client.post("/signals/kinds/new/", form | {"rule": "m.x >"})
    assert "cannot be read" in wrong.content.decode()
    client.post("/signals/kinds/new/", form)
    kind = KindOfSignal.objects.get(key="big")
    assert (kind.severity, kind.cooldown, kind.on) == (3, 5, True)
    done = client.post("/signals/look/", follow=True).content.decode()
    assert "1 signal raised, 0 open ones seen again." in done and "1,200 employees" in done
    client.post("/signals/kinds/big/edit/", form | {"title": "Very big"})
    assert "Very big" in client.get("/signals/kinds/big/").content.decode()
    client.post("/signals/kinds/big/switch/")
    kind.refresh_from_db()
    assert not kind.on
    client.post("/signals/kinds/big/remove/")
    assert not KindOfSignal.objects.filter(key="big").exists() and Signal.objects.count() == 1
    for name in ("oli", "song"):
        assert cast.client(name).get("/signals/kinds/new/").status_code == 403
        assert cast.client(name).post("/signals/look/").status_code == 403


def test_what_ships_or_is_raised_by_rooms_is_switched_off_not_removed(cast, event_home) -> None:
    ensure_kinds(at=NOW)
    ensure_kinds(at=NOW)
    shipped, raised = (KindOfSignal.objects.get(key=key) for key in ("usage_fell", HEALTH_FELL))
    for kind in (shipped, raised):
        with pytest.raises(ValidationError, match="switch it off"):
            remove_kind(kind=kind, by=SYSTEM, at=NOW)
    with pytest.raises(ValidationError, match="only its settings"):
        change_kind(kind=raised, rule="account.size > 1", by=SYSTEM, at=NOW)
    change_kind(kind=raised, on=False, by=SYSTEM, at=NOW)
    fields = {
        "kind": HEALTH_FELL,
        "day": TODAY,
        "seen": {},
        "about": "x",
        "account": cast.yunshan,
        "by": SYSTEM,
        "at": NOW,
    }
    assert raise_signal(origin="a", **fields) is None
    change_kind(kind=raised, on=True, severity=1, by=SYSTEM, at=NOW)
    assert raise_signal(origin="a", **fields).severity == 1


def test_a_shipped_kind_keeps_its_words_in_both_languages_until_they_are_written_anew(
    cast, event_home
) -> None:
    ensure_kinds(at=NOW)
    kind = KindOfSignal.objects.get(key="no_use")
    from django.utils import translation

    with translation.override("zh-hans"):
        kind = change_kind(kind=kind, title=translation.gettext("No use"), cooldown=3, by=SYSTEM, at=NOW)
    assert (kind.shipped, kind.title, kind.cooldown) == (True, "No use", 3)
    kind = change_kind(kind=kind, title="Asleep", by=SYSTEM, at=NOW)
    assert (kind.shipped, kind.title) == (False, "Asleep")


def test_precision_is_what_people_did(cast, big) -> None:
    from bihuan.know.accounts import actions

    for number in range(4):
        actions.add_account(key=f"n{number}", name=f"客户 {number}", size=500, by=SYSTEM, at=NOW)
    look()
    rows = list(Signal.objects.order_by("pk"))
    for row in rows[:3]:
        handle_signal(signal=row, by=SYSTEM, at=NOW + timedelta(hours=2))
    dismiss_signal(signal=rows[3], reason="x", by=SYSTEM, at=NOW + timedelta(hours=4))
    found = precision_of(actor=SYSTEM, since=NOW, until=NOW + timedelta(days=1))["big"]
    assert (found.raised, found.open, found.handled, found.dismissed, found.settled) == (5, 1, 3, 1, 4)
    assert (found.share, found.hours) == (0.75, 2.5)
    # Wilson's interval of 3 of 4 at 95 %, from the formula.
    assert found.interval == pytest.approx((0.3006, 0.9544), abs=1e-4)
    assert precision_of(actor=SYSTEM, since=NOW, until=NOW + timedelta(hours=1))["big"].share is None
    assert precision_of(actor=cast.actor("bei"), since=NOW, until=NOW + timedelta(days=1)) == {}


def test_programs_describe_look_and_read(cast, event_home) -> None:
    rest = cast.rest("mei")
    made = rest.post(
        "/api/v1/signal-kinds", BIG | {"severity": "critical", "needs": "contracts.view"}, **JSON
    )
    assert (made.status_code, made.json()["severity"]) == (201, "critical")
    assert rest.post("/api/v1/signal-kinds", BIG, **JSON).status_code == 422
    rule = {"rule": BIG["rule"], "sentence": BIG["sentence"]}
    preview = rest.post("/api/v1/signal-kinds/preview", rule, **JSON).json()
    assert (preview["number"], preview["today"][0]["said"], len(preview["weeks"])) == (
        1,
        "1200 employees",
        12,
    )
    assert rest.post("/api/v1/signal-kinds/preview", {"rule": "m.x >"}, **JSON).status_code == 422
    assert rest.post("/api/v1/signals/look").json() == {
        "raised": 1,
        "repeated": 0,
        "waiting": 0,
        "failed": {},
    }
    (one,) = rest.get("/api/v1/signals", {"severity": "critical"}).json()["items"]
    assert (one["kind"], one["said"], one["times"]) == ("big", "1200 employees", 1)
    rest.post(f"/api/v1/signals/{one['id']}/handle", {}, **JSON)
    (found,) = rest.get("/api/v1/signal-kinds/precision").json()
    assert (found["kind"], found["open"], found["settled"], found["share"]) == ("big", 0, 1, 1.0)
    patched = rest.patch("/api/v1/signal-kinds/big", {"severity": "info", "on": False}, **JSON).json()
    assert (patched["severity"], patched["on"]) == ("info", False)
    assert (
        rest.patch(
            "/api/v1/signal-kinds/big", {"staff_id": 999_999, "owner_rule": "staff"}, **JSON
        ).status_code
        == 422
    )
    assert rest.delete("/api/v1/signal-kinds/usage_fell").status_code == 422
    assert rest.delete("/api/v1/signal-kinds/big").status_code == 204
    assert cast.rest("oli").post("/api/v1/signals/look").status_code == 403


def test_health_that_fell_is_a_signal(cast, event_home) -> None:
    from bihuan.base.bus import publish
    from bihuan.base.jobs.worker import drain
    from bihuan.foresee.health.events import HealthBandChanged

    with transaction.atomic():
        for account, after in ((cast.yunshan, "red"), (cast.songtao, "green")):
            publish(
                HealthBandChanged(account_id=account.pk, before="amber", after=after, score=31.0),
                by=SYSTEM,
                at=NOW,
            )
    drain(at=NOW)
    row = Signal.objects.get()
    assert (row.kind, row.account, row.severity) == (HEALTH_FELL, cast.yunshan, 3)
    assert told([row])[0].said == "Health fell to 31: endangered."


def test_the_page_of_a_customer_shows_its_signals(cast, big) -> None:
    look()
    panel = cast.client("song").get(f"/accounts/{cast.yunshan.pk}/panels/account-signals/").content.decode()
    assert "1,200 employees" in panel and "Warning" in panel


def test_a_person_is_told_and_forgotten(cast, event_home) -> None:
    from bihuan.foresee.signals.personal import erase, tell

    add_kind(key="lin", title="Lin", about="person", rule="person.key == 'lin'", by=SYSTEM, at=NOW)
    look_for_signals(day=TODAY, by=SYSTEM, at=NOW, keys=["lin"])
    assert [row["kind"] for row in tell(cast.lin.pk)] == ["lin"]
    assert (erase(cast.lin.pk), erase(cast.lin.pk)) == (1, 0)
