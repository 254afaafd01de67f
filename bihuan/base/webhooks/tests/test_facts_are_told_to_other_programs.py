"""A chosen fact arrives at least once, signed and under one id; what is refused is tried again, and at last given up."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from cast import NOW, SYSTEM
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from bihuan.base.bus import publish
from bihuan.base.bus.models import OutboxFact
from bihuan.base.calendars.events import CalendarRemoved, CalendarRenamed
from bihuan.base.jobs.models import Job
from bihuan.base.notices.models import Notice
from bihuan.base.webhooks import actions
from bihuan.base.webhooks.actions.sending import LEASE, OFF_AFTER, send_due
from bihuan.base.webhooks.models import Delivery, Endpoint
from bihuan.base.webhooks.signing import key_of, signature
from bihuan.base.webhooks.tests.receivers import receiver
from bihuan.base.webhooks.watching import forget

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(settings):
    forget()
    settings.WEBHOOK_NETWORKS = "127.0.0.1"
    with receiver() as one:
        yield one
    forget()


@pytest.fixture
def endpoint(there) -> Endpoint:
    return actions.add_endpoint(name="ERP", url=there.url, facts=["calendar_removed"], by=SYSTEM, at=NOW)


def tell(code: str = "e", at: datetime | None = None) -> None:
    with transaction.atomic():
        publish(CalendarRemoved(calendar_id=1, called=code), by=SYSTEM, at=at or timezone.now())


def send(at: datetime | None = None) -> int:
    return send_due(at=at or timezone.now())[0]


def test_it_works(there, endpoint) -> None:
    tell("东")
    assert send() == 1
    ((headers, body),) = there.got
    row, fact = Delivery.objects.get(), OutboxFact.objects.get(name="calendar_removed")
    assert Webhook(endpoint.secret).verify(body, headers) == {
        "id": headers["webhook-id"], "type": "calendar_removed", "timestamp": fact.at.isoformat(),
        "actor": {"kind": "system", "name": "test"}, "data": {"calendar_id": 1, "called": "东"},
    }  # fmt: skip
    assert headers["webhook-id"] == f"msg_{fact.uid.hex}" and headers["content-type"] == "application/json"
    assert (row.state, row.attempts, row.status) == ("done", 1, 204)
    assert send() == 0 and len(there.got) == 1


def test_a_body_that_was_changed_is_not_verified(there, endpoint) -> None:
    tell()
    send()
    ((headers, body),) = there.got
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(body.replace(b'"e"', b'"f"'), headers)


def test_the_signature_is_that_of_the_standard() -> None:
    """The vector of the specification's own libraries."""
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, tz=UTC)
    found = signature(key=key, message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=at, body=b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_only_chosen_facts_and_only_while_it_is_on(there, endpoint) -> None:
    with transaction.atomic():
        publish(CalendarRenamed(calendar_id=1, before="a", after="b"), by=SYSTEM, at=NOW)
    assert not Delivery.objects.exists()
    actions.change_endpoint(
        endpoint=endpoint,
        name="ERP",
        url=there.url,
        facts=["calendar_removed"],
        active=False,
        by=SYSTEM,
        at=NOW,
    )
    tell()
    assert not Delivery.objects.exists()


def test_what_is_rolled_back_is_not_told(there, endpoint) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell()
        raise ZeroDivisionError
    assert not Delivery.objects.exists()


def test_what_fails_is_sent_again_under_the_same_id(there, endpoint) -> None:
    there.answers = [500]
    tell()
    now = timezone.now()
    assert send(now) == 1
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.status, row.answer) == ("waiting", 1, 500, "nope")
    assert send(now + timedelta(seconds=4)) == 0
    assert send(now + timedelta(seconds=10)) == 1
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("done", 2)
    (first, second) = there.got
    assert first[0]["webhook-id"] == second[0]["webhook-id"] and first[1] == second[1]
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since, endpoint.retry_at) == (0, None, None)


def test_an_endpoint_that_is_away_is_asked_once_for_all_that_waits(there, endpoint) -> None:
    there.answers = [503]
    for code in "abc":
        tell(code)
    assert send() == 1 and len(there.got) == 1
    assert Delivery.objects.filter(state="waiting").count() == 3
    assert send(timezone.now() + timedelta(minutes=1)) == 3
    assert [json.loads(body)["data"]["called"] for _h, body in there.got[1:]] == ["a", "b", "c"]


def test_a_fact_that_is_refused_does_not_hold_up_the_others(there, endpoint) -> None:
    there.answers = [422]
    tell("bad")
    tell("good")
    assert send() == 2
    assert sorted(Delivery.objects.values_list("state", "status")) == [("done", 204), ("waiting", 422)]


def test_an_endpoint_that_takes_some_is_not_said_to_take_nothing(there, endpoint) -> None:
    """Days ago it failed; now it takes one and refuses the next: it has taken nothing since now, not since then."""
    Endpoint.objects.filter(pk=endpoint.pk).update(failing_since=timezone.now() - OFF_AFTER, failures=40)
    there.answers = [204, 422]
    tell("good")
    tell("bad")
    assert send() == 2
    endpoint.refresh_from_db()
    assert endpoint.active and endpoint.failures == 1
    assert timezone.now() - endpoint.failing_since < timedelta(minutes=1)


def test_one_endpoint_that_is_away_does_not_hold_up_another(there, endpoint) -> None:
    with receiver() as other:
        actions.add_endpoint(name="CRM", url=other.url, facts=["calendar_removed"], by=SYSTEM, at=NOW)
        there.answers = [503]
        tell()
        assert send() == 2
        assert len(other.got) == 1
    assert Delivery.objects.get(endpoint__name="CRM").state == "done"


def test_a_sender_that_was_killed_sends_it_again(there, endpoint, monkeypatch) -> None:
    """Killed after the request went out and before it was written down: it goes out again, under the same id."""
    from bihuan.base.webhooks.actions import sending

    def killed(*_args, **_options):
        raise SystemExit

    tell()
    now = timezone.now()
    with monkeypatch.context() as patch:
        patch.setattr(sending, "_write_down", killed)
        with pytest.raises(SystemExit):
            send(now)
    assert Delivery.objects.get().state == "waiting" and len(there.got) == 1
    assert send(now + LEASE - timedelta(seconds=1)) == 0, "somebody may still be sending it"
    assert send(now + LEASE + timedelta(seconds=1)) == 1
    assert there.got[0][0]["webhook-id"] == there.got[1][0]["webhook-id"]


def test_after_a_day_it_is_given_up_and_can_be_sent_once_more(there, endpoint) -> None:
    there.answers = [500] * 100
    tell()
    row, at = Delivery.objects.get(), timezone.now()
    while row.state == "waiting":
        at += timedelta(minutes=30)
        send(at)
        row.refresh_from_db()
    assert row.state == "given_up" and timedelta(hours=22) < at - row.at < timedelta(hours=25)
    there.answers = []
    actions.replay(delivery=row, by=SYSTEM, at=at)
    assert send(at) == 1
    row.refresh_from_db()
    assert row.state == "done"
    assert len({headers["webhook-id"] for headers, _body in there.got}) == 1


def test_an_endpoint_that_fails_for_long_is_switched_off_and_told(there, endpoint, cast) -> None:
    there.answers = [500] * 500
    at = timezone.now()
    endpoint.refresh_from_db()
    for day in range(5):
        tell(at=at + timedelta(days=day))
        send(at + timedelta(days=day, minutes=1))
    endpoint.refresh_from_db()
    assert not endpoint.active and endpoint.off_why == "answered 500"
    assert Notice.objects.get(user=cast.root).kind == "webhooks.off"
    assert OutboxFact.objects.filter(name="webhook_switched_off").count() == 1
    assert at + OFF_AFTER <= OutboxFact.objects.get(name="webhook_switched_off").at
    there.answers = []
    actions.change_endpoint(
        endpoint=endpoint,
        name="ERP",
        url=there.url,
        facts=["calendar_removed"],
        active=True,
        by=SYSTEM,
        at=at,
    )
    waiting = Delivery.objects.filter(state="waiting").count()
    assert waiting and send(at + timedelta(days=5)) == waiting


def test_an_endpoint_that_is_gone_is_switched_off_at_once(there, endpoint) -> None:
    there.answers = [410]
    tell()
    send()
    endpoint.refresh_from_db()
    assert not endpoint.active


def test_while_a_secret_is_changed_both_verify(there, endpoint) -> None:
    old = endpoint.secret
    now = timezone.now()
    new = actions.change_secret(endpoint=endpoint, by=SYSTEM, at=now).secret
    assert old != new
    tell()
    send()
    for secret in (old, new):
        Webhook(secret).verify(there.got[0][1], there.got[0][0])
    Endpoint.objects.update(old_until=now - timedelta(seconds=1))
    tell()
    send()
    Webhook(new).verify(there.got[1][1], there.got[1][0])
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(there.got[1][1], there.got[1][0])


def test_the_database_alone_does_not_hold_the_secret(there, endpoint, settings) -> None:
    before = endpoint.secret
    assert before not in json.dumps(Endpoint.objects.values().get(), default=str)
    settings.SECRET_KEY = "another installation"
    assert endpoint.secret != before


def test_a_fact_whose_record_was_cleared_is_given_up_and_blames_nobody(there, endpoint) -> None:
    tell()
    OutboxFact.objects.filter(name="calendar_removed").delete()
    send()
    endpoint.refresh_from_db()
    assert Delivery.objects.get().state == "given_up" and endpoint.active and not there.got


@pytest.mark.django_db(transaction=True)
def test_the_worker_is_woken_when_the_fact_is_true(there, endpoint) -> None:
    tell()
    assert Job.objects.filter(name="webhooks.send", state="queued").count() == 1


def test_administrators_manage_them_on_pages_and_others_do_not(cast, there) -> None:
    root = cast.client("root")
    assert cast.client("mei").get("/webhooks/").status_code == 403
    form = root.get("/webhooks/new/").content.decode()
    assert "Process started" in form
    refused = root.post(
        "/webhooks/new/", {"name": "ERP", "url": "ftp://x", "active": "on", "processes": ["step_done"]}
    )
    assert "begins with https" in refused.content.decode()
    made = root.post("/webhooks/new/", {"name": "ERP", "url": there.url, "active": "on", "processes": ["step_done"],
                                        "others": ["calendar_removed"]})  # fmt: skip
    row = Endpoint.objects.get()
    assert made["Location"] == f"/webhooks/{row.pk}/" and row.facts == ["calendar_removed", "step_done"]
    shown = root.post(f"/webhooks/{row.pk}/secret/").content.decode()
    row.refresh_from_db()
    assert row.secret in shown and row.secret not in root.get(f"/webhooks/{row.pk}/").content.decode()
    root.post(f"/webhooks/{row.pk}/test/")
    send()
    assert json.loads(there.got[0][1])["type"] == "webhook_test"
    page = root.get(f"/webhooks/{row.pk}/").content.decode()
    assert "Delivered" in page and "204" in page
    delivery = Delivery.objects.get()
    root.post(f"/webhook-deliveries/{delivery.pk}/replay/")
    assert send() == 1
    assert root.get("/webhooks/").status_code == root.get(f"/webhooks/{row.pk}/edit/").status_code == 200
    root.post(f"/webhooks/{row.pk}/edit/", {"name": "SAP", "url": there.url, "processes": ["step_done"]})
    row.refresh_from_db()
    assert (row.name, row.active, row.facts) == ("SAP", False, ["step_done"])
    assert "Switch the webhook on" in root.post(f"/webhooks/{row.pk}/test/", follow=True).content.decode()
    root.post(f"/webhooks/{row.pk}/remove/")
    assert root.get(f"/webhooks/{row.pk}/").status_code == 404


def test_programs_do_the_same_over_rest(cast, there) -> None:
    root, json_ = cast.rest("root"), {"content_type": "application/json"}
    said = {"name": "ERP", "url": there.url, "facts": ["calendar_removed"]}
    made = root.post("/api/v1/webhooks", said, **json_)
    assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
    where = f"/api/v1/webhooks/{made.json()['id']}"
    assert root.post("/api/v1/webhooks", said | {"facts": ["no_such"]}, **json_).status_code == 422
    assert "secret" not in root.get("/api/v1/webhooks").json()["items"][0]
    tell()
    send()
    (row,) = root.get(f"{where}/deliveries?state=done").json()["items"]
    assert row["message_id"] == there.got[0][0]["webhook-id"]
    assert root.post(f"/api/v1/webhook-deliveries/{row['id']}/replay").status_code == 202
    assert root.post(f"{where}/test").status_code == 202
    assert root.post(f"{where}/secret").json()["secret"] != made.json()["secret"]
    assert root.patch(where, {"active": False}, **json_).json()["active"] is False
    assert root.post(f"{where}/test").status_code == 422
    assert root.delete(where).status_code == 204 and root.delete(where).status_code == 404
    assert cast.rest("mei").get("/api/v1/webhooks").status_code == 403


def test_an_address_without_tls_is_refused_when_no_network_is_listed(cast, settings) -> None:
    """It would never be called: said at once, not in the log of its first delivery."""
    settings.WEBHOOK_NETWORKS = ""
    with pytest.raises(ValidationError, match="begins with https"):
        actions.add_endpoint(
            name="ERP", url="http://erp.example.com/", facts=["calendar_removed"], by=SYSTEM, at=NOW
        )
