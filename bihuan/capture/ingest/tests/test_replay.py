"""Rejected events are found, corrected and replayed; what ended where is counted."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from bihuan.capture.identity.actions import get_resolver
from bihuan.capture.ingest.actions import Arrived, commit, replay, store_batches
from bihuan.capture.ingest.actions.counts import get_counts
from bihuan.capture.ingest.models import RejectedEvent, StepCount
from bihuan.capture.ingest.queries import ended_at
from bihuan.capture.ingest.rules.draft import Request
from bihuan.capture.ingest.rules.formats import format_at
from bihuan.capture.ingest.rules.steps import take_steps
from bihuan.capture.sources.actions import add_source
from bihuan.capture.sources.queries import Sender
from bihuan.capture.store import get_store
from bihuan.know.products.actions import add_product
from tests.cast import NOW, SYSTEM

LATER = NOW + timedelta(days=2)


@pytest.fixture
def send(cast, event_home):
    get_resolver().forget()
    commit._seen.clear()
    get_counts().write(at=NOW)
    StepCount.objects.all().delete()
    product = add_product(name="Demo", by=SYSTEM, at=NOW)
    source, _key = add_source(code="web", product=product, by=SYSTEM, at=NOW)
    sender = Sender(source_id=source.pk, code="web", product_id=product.pk)

    def sent(*events: dict, path: str = "/batch/", **more):
        body = json.dumps({"api_key": "k", "batch": list(events)} | more).encode()
        found = format_at(path)
        assert found
        delivery = take_steps(found[1](body, Request(path=path)), new_id=uuid4)
        return store_batches([Arrived(sender=sender, delivery=delivery, received_at=NOW, path=path)])[0]

    return sent


def stored() -> list[dict]:
    groups = get_store().log.read(after=0, max_rows=10_000)
    return [
        row for group in groups if group.kind == 0 for row in group.events().to_pylist() if row["source_id"]
    ]


def test_a_corrected_event_is_stored_with_the_time_at_which_it_happened(send, cast) -> None:
    happened, sent_at = (
        NOW - timedelta(hours=5),
        NOW - timedelta(hours=2),
    )  # the sender's clock is two hours late
    send({"event": "", "distinct_id": "u", "timestamp": happened.isoformat()}, sent_at=sent_at.isoformat())
    reject = RejectedEvent.objects.get()
    client = cast.client("oli")
    address = f"/events/rejected/{reject.pk}/"
    assert client.get(address).status_code == client.get(address + "correct/").status_code == 200
    for wrong in ("nonsense", "[]"):
        assert client.post(address + "correct/", {"body": wrong}).status_code == 200
    client.post(address + "correct/", {"body": json.dumps({"event": "", "distinct_id": "u"})})
    assert RejectedEvent.objects.get().code == "no_event_name", "still wrong: it stays"
    right = {"event": "opened", "distinct_id": "u", "timestamp": happened.isoformat()}
    client.post(address + "correct/", {"body": json.dumps(right)})
    assert not RejectedEvent.objects.exists()
    [row] = stored()
    assert (row["name"], row["ts"]) == ("opened", NOW - timedelta(hours=3))
    assert row["received_at"] > NOW, "we know of it since the replay"


@pytest.mark.parametrize(
    ("path", "event"),
    [("/batch/", {"event": "a", "distinct_id": "guest"}),
     ("/v1/batch", {"type": "track", "event": "a", "userId": "guest"})],
)  # fmt: skip
def test_an_event_is_replayed_in_the_format_in_which_it_came(send, cast, path: str, event: dict) -> None:
    send(event, path=path)
    reject = RejectedEvent.objects.select_related("source").get()
    result = replay(rejects=[reject], by=SYSTEM, at=LATER)
    assert (result.stored, result.still_rejected) == (0, 1)
    reject.body = reject.body.replace("guest", "lin")
    assert replay(rejects=[reject], by=SYSTEM, at=LATER).stored == 1
    [row] = stored()
    assert (row["distinct_id"], row["ts"], row["received_at"]) == ("lin", NOW, LATER)


def test_many_are_replayed_from_the_list(send, cast) -> None:
    send(*({"event": "a", "distinct_id": "guest", "properties": {"n": n}} for n in range(5)))
    RejectedEvent.objects.update(body='{"event": "a", "distinct_id": "lin"}')
    ids = list(RejectedEvent.objects.values_list("pk", flat=True))
    client = cast.client("oli")
    assert client.get("/events/rejected/?step=identify&q=nobody").status_code == 200
    client.post("/events/rejected/", {"do": "batch", "action": "replay", "ids": ids})
    assert not RejectedEvent.objects.exists()
    assert len(stored()) == 5
    assert (
        cast.client("song")
        .post("/events/rejected/", {"do": "batch", "action": "replay", "ids": ids})
        .status_code
        == 403
    )


def test_what_ended_where_is_counted_for_the_page_and_for_metrics(send, cast) -> None:
    good = {"event": "a", "distinct_id": "u", "uuid": "1"}
    send(good, good, {"event": ""}, {"event": "a", "distinct_id": "guest"}, 7)
    get_counts().refuse(step="authenticate", status=401)
    get_counts().write(at=NOW)
    found = {(one.step, one.code): one.events for one in ended_at(since=NOW - timedelta(days=1))}
    assert found == {
        ("authenticate", "http_401"): 1, ("decode", "not_an_object"): 1, ("normalise", "no_event_name"): 1,
        ("identify", "refused_distinct_id"): 1, ("deduplicate", "duplicate"): 1, ("commit", "stored"): 1,
    }  # fmt: skip
    StepCount.objects.update(hour=NOW)
    page = cast.client("oli").get("/events/counts/")
    assert page.status_code == 200
    from bihuan.base.meters import exposition

    assert b'bihuan_capture_events_total{code="stored",source="web",step="commit"}' in exposition()
