"""A person asks what is kept of them, and asks that it goes: records, events, rejected events, exports, files on disk."""

import json
import sqlite3
from contextlib import closing

import pytest
from django.utils import timezone

from bihuan.base.bus.models import OutboxFact
from bihuan.base.jobs.worker import drain
from bihuan.capture.identity.models import Identity
from bihuan.capture.ingest.models import RejectedEvent
from bihuan.capture.sources.actions import add_source
from bihuan.capture.store import get_store
from bihuan.know.accounts.actions import start_membership
from bihuan.know.accounts.models import Membership, Person
from bihuan.know.chain.actions import set_chain_member
from bihuan.know.chain.models import ChainMember
from bihuan.know.products.actions import add_product
from bihuan.serve.tickets.actions import open_ticket
from tests.cast import NOW, SYSTEM, TODAY
from tests.events import happened, store_events

MARK = "zq9-lin-yun-7734"


@pytest.fixture
def known(cast, event_home):
    """Lin Yun: events, a product's id, a rejected event, a place in the chain, a ticket. He Song has events too."""
    product = add_product(name="Demo", by=SYSTEM, at=NOW)
    source, _key = add_source(code="web", name="Web", product=product, by=SYSTEM, at=NOW)
    Identity.objects.create(product=product, distinct_id=MARK, person=cast.lin, created_at=NOW)
    RejectedEvent.objects.create(
        source=source, at=NOW, step="decode", code="x", reason="x", position=0, distinct_id=MARK
    )
    RejectedEvent.objects.create(source=source, at=NOW, step="decode", code="x", reason="x", position=1,
                                 body='{"email": "lin@yunshan.example"}')  # fmt: skip
    RejectedEvent.objects.create(
        source=source, at=NOW, step="decode", code="x", reason="x", position=2, body="{}"
    )
    set_chain_member(account=cast.yunshan, person=cast.lin, role="user", stance=1, influence=2, last_contact_on=TODAY,
                     note=MARK, by=SYSTEM, at=NOW)  # fmt: skip
    cast.ticket = open_ticket(account=cast.yunshan, subject="报表为空", person=cast.lin, by=SYSTEM, at=NOW)
    store_events(
        *(
            happened("opened", ts=NOW, account=cast.yunshan, person=cast.lin, props={"note": MARK})
            for _n in range(30)
        ),
        *(
            happened("opened", ts=NOW, account=cast.songtao, person=cast.he, props={"note": "other"})
            for _n in range(20)
        ),
    )
    get_store().wait_applied(get_store().log.head())
    return cast


def test_a_manager_takes_a_copy_of_everything(known):
    page = known.client("mei").get(f"/people/{known.lin.pk}/data/")
    assert 'filename="person-' in page["Content-Disposition"]
    told = json.loads(page.content)
    assert (told["record"]["name"], told["record"]["memberships"][0]["account__name"]) == ("林云", "云杉仪器")
    assert told["identities"][0]["distinct_id"] == MARK
    assert sum(MARK in event["props"] for event in told["events"]) == 30
    assert len(told["rejected_events"]) == 2
    assert told["decision_chain"][0]["role"] == "user"
    assert told["tickets"][0]["subject"] == "报表为空"
    assert [fact["name"] for fact in told["facts"]][-2:] == ["chain_member_set", "ticket_opened"]
    assert told["facts"][-2]["payload"]["after"]["note"] == MARK
    assert known.rest("mei").get(f"/api/v1/people/{known.lin.pk}/data").json()["record"]["name"] == "林云"
    assert known.client("song").get(f"/people/{known.lin.pk}/data/").status_code == 403


def test_after_erasure_nothing_of_the_person_is_left_and_the_others_stay(known, event_home):
    form = f"/people/{known.lin.pk}/erase/"
    wrong = known.client("mei").post(form, {"reason": "asked", "number": known.lin.pk + 1}).content.decode()
    assert "not the number of this person" in wrong
    assert known.client("mei").post(form, {"reason": "asked", "number": known.lin.pk}).status_code == 302
    drain(at=timezone.now())
    assert not Person.objects.filter(pk=known.lin.pk).exists()
    assert not Membership.objects.filter(person_id=known.lin.pk).exists()
    assert not Identity.objects.filter(distinct_id=MARK).exists()
    assert not ChainMember.objects.exists()
    known.ticket.refresh_from_db()
    assert known.ticket.person is None
    assert [row.position for row in RejectedEvent.objects.all()] == [2]
    store = get_store()
    store.wait_applied(store.log.head())
    left = store.execute("SELECT name, props FROM events WHERE source_id <> 0").to_pylist()
    assert len(left) == 20
    assert not store.execute(f"SELECT 1 AS n FROM events WHERE person_id = {known.lin.pk}").num_rows
    assert not OutboxFact.objects.filter(person_id=known.lin.pk).exists()
    assert MARK not in str(list(OutboxFact.objects.values_list("payload", flat=True)))
    assert OutboxFact.objects.get(name="chain_member_set").account_id == known.yunshan.pk
    fact = OutboxFact.objects.get(name="person_erased")
    assert (fact.payload["rows"]["events"] >= 30, fact.payload["account_ids"]) == (True, [known.yunshan.pk])
    asked = OutboxFact.objects.get(name="person_erasure_asked")
    assert (asked.actor_name, asked.payload["reason"]) == ("Mei", "asked")


def test_after_erasure_the_mark_is_in_no_file_of_the_store(known, event_home):
    """Searched as bytes, and in every group of the log unpacked: compressed rows hide a text from a plain search."""
    assert found_in_files(event_home) or found_in_log(event_home), "the search must be able to find it before"
    assert found_in_log(event_home) == 30
    from bihuan.know.accounts.actions import erase_person

    erase_person(person_id=known.lin.pk, by=SYSTEM, at=NOW)
    store = get_store()
    store.wait_applied(store.log.head())
    store.compact()
    assert found_in_log(event_home) == 0
    store.close()
    assert found_in_files(event_home) == []


def test_erasing_twice_does_no_harm_and_a_reason_is_needed(known):
    from bihuan.know.accounts.actions import erase_person

    rest = known.rest("mei")
    assert (
        rest.post(f"/api/v1/people/{known.lin.pk}/erase", {"reason": " "}, "application/json").status_code
        == 422
    )
    asked = rest.post(f"/api/v1/people/{known.lin.pk}/erase", {"reason": "asked"}, "application/json")
    assert (asked.status_code, asked.json()["job_id"] > 0) == (202, True)
    drain(at=timezone.now())
    gone = erase_person(person_id=known.lin.pk, by=SYSTEM, at=NOW)
    assert sum(gone.values()) <= 2  # the facts of the first erasure, told as events, may name its number


def test_a_rejected_event_that_writes_their_id_as_json_does_is_theirs(known):
    product = Identity.objects.get(distinct_id=MARK).product
    Identity.objects.create(product=product, distinct_id="林云七七三四", person=known.lin, created_at=NOW)
    RejectedEvent.objects.filter(position=2).update(body=json.dumps({"userId": "林云七七三四"}))
    told = json.loads(known.client("mei").get(f"/people/{known.lin.pk}/data/").content)
    assert len(told["rejected_events"]) == 3
    known.client("mei").post(f"/people/{known.lin.pk}/erase/", {"reason": "asked", "number": known.lin.pk})
    drain(at=timezone.now())
    assert not RejectedEvent.objects.exists()


def test_who_was_merged_into_the_person_is_told_and_erased_with_them(known):
    twin = Person.objects.create(name="林云（旧）", created_at=NOW)
    set_chain_member_of(known, twin)
    Person.objects.filter(pk=twin.pk).update(merged_into=known.lin)
    told = json.loads(known.client("mei").get(f"/people/{known.lin.pk}/data/").content)
    assert [one["record"]["name"] for one in told["merged"]] == ["林云（旧）"]
    assert [fact["name"] for fact in told["merged"][0]["facts"]] == ["membership_started", "chain_member_set"]
    known.client("mei").post(f"/people/{known.lin.pk}/erase/", {"reason": "asked", "number": known.lin.pk})
    drain(at=timezone.now())
    assert not Person.objects.filter(pk__in=[known.lin.pk, twin.pk]).exists()
    assert not OutboxFact.objects.filter(person_id=twin.pk).exists()
    assert "of the twin" not in str(list(OutboxFact.objects.values_list("payload", flat=True)))


def set_chain_member_of(known, person):
    start_membership(person=person, account=known.yunshan, starts_on=TODAY, by=SYSTEM, at=NOW)
    set_chain_member(account=known.yunshan, person=person, role="signer", stance=0, influence=1, note="of the twin",
                     by=SYSTEM, at=NOW)  # fmt: skip


def test_an_export_that_may_hold_the_person_goes_too(known, event_home):
    from bihuan.base.ui.actions import folder_of_exports
    from bihuan.base.ui.models import Export
    from bihuan.know.accounts.actions import erase_person

    folder_of_exports().mkdir(parents=True, exist_ok=True)
    (folder_of_exports() / "a.csv").write_text(MARK)
    Export.objects.create(
        owner=known.mei, page="people", title="x", format="csv", path="a.csv", created_at=NOW, done_at=NOW
    )
    erase_person(person_id=known.lin.pk, by=SYSTEM, at=NOW)
    assert not Export.objects.exists() and not (folder_of_exports() / "a.csv").exists()


def test_everyone_who_keeps_a_link_to_people_says_how_to_erase_it():
    """A model that points at a person must be known to `base.personal`, or be erased with the record (cascade)."""
    from django.apps import apps
    from django.db.models import CASCADE, ForeignKey

    known = {
        "tickets.Ticket",
        "chain.ChainMember",
        "identity.Identity",
        "accounts.Membership",
        "plays.PlayRun",
    }
    found = {
        f"{model._meta.app_label}.{model.__name__}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey)
        and field.related_model is Person
        and field.remote_field.on_delete is not CASCADE
    }
    assert found <= known


def found_in_files(home):
    return [
        path.name
        for path in (home / "events").rglob("*")
        if path.is_file() and MARK.encode() in path.read_bytes()
    ]


def found_in_log(home):
    log = get_store().log
    groups = [group for group in log.read(after=0, max_rows=10**9) if group.kind == 0]
    return sum(
        MARK in row["props"] or MARK in row["distinct_id"]
        for group in groups
        for row in group.events().to_pylist()
    )


def test_the_command_tells_and_erases(tmp_path):
    from tests.installation import Installation

    own = Installation(tmp_path / "home", ready=True)
    (tmp_path / "people.csv").write_text(
        "key,name,email\nlin,林云,lin@yunshan.example\nhe,何松,lin@yunshan.example\n"
    )
    mapping = {"name": "m", "tables": [{"noun": "people", "file": "people.csv",
               "fields": {"key": "key", "name": "name", "email": "email"}}]}  # fmt: skip
    (tmp_path / "mapping.yaml").write_text(json.dumps(mapping))
    imported = own.run("import", str(tmp_path / "mapping.yaml"))
    assert imported.returncode == 0, imported.stderr
    assert json.loads(own.out("person", "export", "lin"))["record"]["name"] == "林云"
    assert "more than one" in own.run("person", "export", "lin@yunshan.example").stderr
    assert "is nobody here" in own.run("person", "erase", "nobody", "--reason", "x", "--yes").stderr
    assert "Erased:" in own.run("person", "erase", "lin", "--reason", "asked", "--yes").stderr
    with closing(sqlite3.connect(own.home / "records.sqlite3")) as db:
        assert db.execute("SELECT key FROM accounts_person").fetchall() == [("he",)]
