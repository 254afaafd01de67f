"""A plan is drafted, filled, edited, and held against what arrives."""

import json
from uuid import uuid4

import pytest
import yaml

from bihuan.base.bus.models import OutboxFact
from bihuan.capture.identity.actions import get_resolver
from bihuan.capture.ingest.actions import Arrived, commit, store_batches
from bihuan.capture.ingest.models import RejectedEvent
from bihuan.capture.ingest.rules.posthog import decode
from bihuan.capture.ingest.rules.steps import take_steps
from bihuan.capture.plan.actions import get_guard, import_plan, set_blocking
from bihuan.capture.plan.models import BlockingSource, PlanBreach, PlannedEvent
from bihuan.capture.plan.queries import plan_of
from bihuan.capture.sources.actions import add_source
from bihuan.capture.sources.queries import Sender
from bihuan.capture.store import get_store
from bihuan.know.products.actions import add_product
from tests.cast import NOW, SYSTEM

DOCUMENT = {"events": [
    {"name": "paid", "owner": "Mei", "properties": [{"name": "amount", "type": "number", "required": True}]},
    {"name": "old", "state": "deprecated"},
]}  # fmt: skip


class Scene:
    def __init__(self, cast) -> None:
        self.cast = cast
        self.product = add_product(name="Demo", by=SYSTEM, at=NOW)
        self.source, _key = add_source(code="web", product=self.product, by=SYSTEM, at=NOW)

    def send(self, *events: dict):
        body = json.dumps(
            {"api_key": "k", "batch": [{"distinct_id": "u", "uuid": str(uuid4())} | e for e in events]}
        )
        delivery = take_steps(decode(body.encode()), new_id=uuid4)
        sender = Sender(source_id=self.source.pk, code="web", product_id=self.product.pk)
        get_guard().forget()
        [outcome] = store_batches([Arrived(sender=sender, delivery=delivery, received_at=NOW)])
        get_guard().write(at=NOW)
        return outcome, [(one.index, one.step, one.code) for one in delivery.rejections]

    def breaches(self) -> dict:
        return {(b.kind, b.name, b.property): b.events for b in PlanBreach.objects.all()}


@pytest.fixture
def scene(cast, event_home) -> Scene:
    get_resolver().forget()
    get_guard().forget()
    commit._seen.clear()
    return Scene(cast)


def paid(**props) -> dict:
    return {"event": "paid", "properties": props}


def test_it_works(scene) -> None:
    assert import_plan(product=scene.product, document=DOCUMENT, by=SYSTEM, at=NOW) == (2, 0)
    outcome, rejections = scene.send(
        paid(amount=1), {"event": "nice"}, {"event": "nice"}, {"event": "old"}, {"event": "$set"}
    )
    assert (outcome.stored, rejections) == (5, []), "a source that does not block stores what it counts"
    assert scene.breaches() == {("unplanned_event", "nice", ""): 2, ("deprecated_event", "old", ""): 1}
    scene.send({"event": "nice"})
    assert scene.breaches()["unplanned_event", "nice", ""] == 3


def test_a_product_without_a_plan_breaches_nothing(scene) -> None:
    assert scene.send({"event": "nice"})[0].stored == 1
    assert scene.breaches() == {}


def test_a_source_that_blocks_rejects_what_breaches(scene) -> None:
    import_plan(product=scene.product, document=DOCUMENT, by=SYSTEM, at=NOW)
    set_blocking(source=scene.source, blocks=True, by=SYSTEM, at=NOW)
    outcome, rejections = scene.send(
        paid(amount=1), {"event": "nice"}, paid(amount="1"), paid(), paid(amount=2), {"event": "old"}
    )
    assert outcome.stored == 2
    assert rejections == [(1, "plan", "unplanned_event"), (2, "plan", "wrong_type"), (3, "plan", "missing_property"),
                          (5, "plan", "deprecated_event")]  # fmt: skip
    assert RejectedEvent.objects.filter(step="plan").count() == 4
    set_blocking(source=scene.source, blocks=False, by=SYSTEM, at=NOW)
    set_blocking(source=scene.source, blocks=False, by=SYSTEM, at=NOW)
    assert scene.send({"event": "nice"})[0].stored == 1
    assert OutboxFact.objects.filter(name__icontains="blocking").count() == 2


def test_properties_of_a_source_that_does_not_block_are_a_sample(scene) -> None:
    import_plan(product=scene.product, document=DOCUMENT, by=SYSTEM, at=NOW)
    scene.send(*(paid(amount="1") for _ in range(10)))
    assert scene.breaches() == {("wrong_type", "paid", "amount"): 1}


def test_a_first_plan_is_drafted_from_what_arrived(scene) -> None:
    scene.send(paid(amount=1, note="x"), paid(amount=2), {"event": "$pageview"}, {"event": "opened"})
    get_store().wait_applied(get_store().log.head())
    client = scene.cast.client("oli")
    assert client.get("/tracking-plan/draft/").status_code == 200
    client.post("/tracking-plan/draft/", {"product": scene.product.pk})
    paid_, opened = sorted(plan_of(product_id=scene.product.pk), key=lambda e: e.name, reverse=True)
    assert (opened.name, paid_.name) == ("opened", "paid")
    assert [(p.name, p.type, p.required) for p in paid_.properties] == [
        ("amount", "number", True),
        ("note", "text", False),
    ]
    client.post("/tracking-plan/draft/", {"product": scene.product.pk})
    assert PlannedEvent.objects.count() == 2


def test_the_plan_goes_out_and_in_as_yaml_and_over_rest(scene) -> None:
    client = scene.cast.client("oli")
    form = {"product": scene.product.pk, "document": "events: ["}
    assert "YAML" in client.post("/tracking-plan/import/", form).content.decode()
    client.post("/tracking-plan/import/", form | {"document": yaml.safe_dump(DOCUMENT)})
    assert PlannedEvent.objects.count() == 2
    told = yaml.safe_load(client.get(f"/tracking-plan/document/?product={scene.product.pk}").content)
    over_rest = client.get(f"/api/v1/tracking-plan/{scene.product.code}").json()
    assert told == over_rest
    assert {event["name"] for event in told["events"]} == {"paid", "old"}
    client = scene.cast.rest("oli")
    body = {"events": [{"name": "paid", "state": "planned"}, {"name": "new"}]}
    answer = client.put(f"/api/v1/tracking-plan/{scene.product.code}", body, content_type="application/json")
    assert answer.json() == {"added": 1, "changed": 1}
    wrong = client.put(
        f"/api/v1/tracking-plan/{scene.product.code}", {"events": [{}]}, content_type="application/json"
    )
    assert wrong.status_code == 422


def test_an_operator_edits_the_plan(scene) -> None:
    client = scene.cast.client("oli")
    client.post("/tracking-plan/new/", {"product": scene.product.pk, "name": "opened", "state": "planned"})
    event = PlannedEvent.objects.get()
    client.post(
        f"/tracking-plan/{event.pk}/properties/new/",
        {"name": "n", "type": "number", "state": "live", "required": "on"},
    )
    [row] = event.properties.all()
    assert (row.type, row.required) == ("number", True)
    client.post(f"/tracking-plan/properties/{row.pk}/", {"name": "n", "type": "text", "state": "live"})
    client.post(
        f"/tracking-plan/{event.pk}/edit/", {"product": scene.product.pk, "name": "opened", "state": "live"}
    )
    page = client.get(f"/tracking-plan/{event.pk}/").content.decode()
    assert "opened" in page
    assert "Text" in page
    client.post("/tracking-plan/sources/block/", {"source": scene.source.pk, "blocks": "on"})
    assert BlockingSource.objects.count() == 1
    for address in ("", "breaches/", "sources/"):
        assert client.get(f"/tracking-plan/{address}").status_code == 200
    client.post(f"/tracking-plan/properties/{row.pk}/remove/")
    client.post(f"/tracking-plan/{event.pk}/remove/")
    assert PlannedEvent.objects.count() == 0
    assert scene.cast.client("song").post("/tracking-plan/new/").status_code == 403
