"""What pages read: the tail, one account's events, its use; and facts among them."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest

from bihuan.capture.identity.actions import get_resolver
from bihuan.capture.ingest import queries
from bihuan.capture.ingest.actions import Arrived, FactRecord, commit, record_facts, store_batches
from bihuan.capture.ingest.models import RejectedEvent
from bihuan.capture.ingest.rules.posthog import decode
from bihuan.capture.ingest.rules.steps import take_steps
from bihuan.capture.sources.actions import add_source
from bihuan.capture.sources.models import Source
from bihuan.capture.sources.queries import Sender
from bihuan.capture.store import get_store
from bihuan.know.products.actions import add_product
from tests.cast import NOW, SYSTEM, TODAY


@pytest.fixture
def sender(cast, event_home) -> Sender:
    get_resolver().forget()
    commit._seen.clear()
    product = add_product(name="Demo", by=SYSTEM, at=NOW)
    source, _key = add_source(code="web", product=product, by=SYSTEM, at=NOW)
    yield Sender(source_id=source.pk, code="web", product_id=product.pk)
    get_resolver().forget()


def arrived(sender: Sender, *events: dict, at=NOW) -> Arrived:
    body = json.dumps({"api_key": "k", "batch": list(events)}).encode()
    delivery = take_steps(decode(body), new_id=uuid4)
    return Arrived(sender=sender, delivery=delivery, received_at=at)


@pytest.fixture
def stored(sender) -> None:
    """Lin opens four files on four days at Yunshan; He opens one at Songtao; someone does x nowhere."""
    lin = [
        {"event": f"open_{day}", "distinct_id": "lin", "timestamp": (NOW - timedelta(days=day)).isoformat()}
        for day in range(4)
    ]
    he = {"event": "open_0", "distinct_id": "he", "properties": {"n": 1}}
    outcomes = store_batches(
        [arrived(sender, *lin, {"event": ""}), arrived(sender, he, {"event": "x", "distinct_id": "y"})]
    )
    assert [(one.stored, one.duplicates) for one in outcomes] == [(4, 0), (2, 0)]
    get_store().wait_applied(get_store().log.head())


def test_the_tail_shows_the_newest_of_the_territory(cast, stored) -> None:
    everything = queries.latest_events(actor=cast.actor("mei"))
    assert len(everything) == 6
    assert everything[0].received_at == NOW
    assert {one.account_id for one in queries.latest_events(actor=cast.actor("song"))} == {cast.yunshan.pk}
    assert queries.latest_events(actor=cast.actor("song"), account_id=cast.songtao.pk) == []
    assert len(queries.latest_events(actor=cast.actor("song"), name="open_1")) == 1
    assert len(queries.latest_events(actor=cast.actor("mei"), limit=2)) == 2
    assert [one.props for one in queries.latest_events(actor=cast.actor("bei"))] == [{"n": 1}]


def test_the_events_of_an_account_come_newest_first_and_page_on(cast, stored) -> None:
    first = queries.events_of_account(account_id=cast.yunshan.pk, limit=2)
    rest = queries.events_of_account(account_id=cast.yunshan.pk, before=first[-1].ts)
    assert [one.name for one in first + rest] == ["open_0", "open_1", "open_2", "open_3"]
    named = queries.events_of_account(account_id=cast.yunshan.pk, names=["open_3"])
    assert [one.ts for one in named] == [NOW - timedelta(days=3)]


def test_use_is_counted_by_the_organisations_days(cast, stored) -> None:
    days = queries.usage_by_day(account_id=cast.yunshan.pk, since=TODAY - timedelta(days=2))
    assert [(one.day, one.events, one.people) for one in days] == [
        (TODAY - timedelta(days=back), 1, 1) for back in (2, 1, 0)
    ]
    assert queries.active_people(account_id=cast.yunshan.pk, since=date(2020, 1, 1)) == {
        cast.lin.pk: (4, NOW)
    }
    assert queries.without_account(since=date(2020, 1, 1)) == 1


def test_facts_of_staff_are_events_once_and_no_use(cast, stored) -> None:
    fact = FactRecord(uid=str(uuid4()), name="note_added", at=NOW + timedelta(hours=1), actor_name="Song",
                      payload={"account_id": cast.yunshan.pk, "text": "called"})  # fmt: skip
    assert [record_facts(facts=[fact]), record_facts(facts=[fact]), record_facts(facts=[])] == [1, 0, 0]
    get_store().wait_applied(get_store().log.head())
    newest = queries.events_of_account(account_id=cast.yunshan.pk)[0]
    assert (newest.by_staff, newest.name, newest.distinct_id, newest.props["text"]) == (
        True, "note_added", "Song", "called")  # fmt: skip
    assert sum(one.events for one in queries.usage_by_day(account_id=cast.yunshan.pk, since=TODAY)) == 1
    assert "note_added" not in queries.event_names()
    assert "note_added" in queries.event_names(staff=True)
    assert len(queries.latest_events(actor=cast.actor("mei"))) == 6
    assert len(queries.latest_events(actor=cast.actor("mei"), staff=True)) == 7


def test_rejected_events_are_kept_and_counted(cast, sender, stored) -> None:
    row = RejectedEvent.objects.get()
    assert (row.code, row.position, row.source_id, row.at) == ("no_event_name", 4, sender.source_id, NOW)
    assert queries.rejected_by_reason(since=NOW) == {(sender.source_id, "no_event_name"): 1}


def test_a_source_knows_when_it_was_last_heard(stored) -> None:
    assert Source.objects.get(code="web").last_seen_at == NOW


def test_what_a_sender_names_is_stored_without_breaking_the_database(sender) -> None:
    odd = {"event": "\u0000x", "distinct_id": "a\u0000b", "properties": {"t": "\u0000"}}
    assert store_batches([arrived(sender, odd)])[0].stored == 0
    assert RejectedEvent.objects.get().code == "bad_event_name"


def test_the_fact_of_an_action_reaches_the_store_through_the_bus(
    cast, event_home, django_capture_on_commit_callbacks
):
    from bihuan.base.bus.models import OutboxFact
    from bihuan.base.bus.outbox import deliver
    from bihuan.know.accounts.actions import start_membership

    start_membership(person=cast.he, account=cast.yunshan, starts_on=TODAY, by=cast.actor("song"), at=NOW)
    fact = OutboxFact.objects.filter(name="membership_started").latest("pk")
    for attempt in (1, 2):
        deliver(name="bihuan.capture.ingest.reactions.record", fact_id=fact.pk, attempt=attempt)
    get_store().wait_applied(get_store().log.head())
    [seen] = [
        one
        for one in queries.events_of_account(account_id=cast.yunshan.pk)
        if one.name == "membership_started"
    ]
    assert (seen.event_id, seen.person_id, seen.distinct_id) == (
        str(fact.uid),
        cast.he.pk,
        cast.actor("song").name,
    )
