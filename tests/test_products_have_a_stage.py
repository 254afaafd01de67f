"""A product's stage is read on its page, on the metric tree and over REST; an operator may know better, with a reason."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from cast import NOW, SYSTEM, undo_from
from django.utils import timezone
from events import happened, store_events

from bihuan.base.bus.models import OutboxFact
from bihuan.base.jobs import Run
from bihuan.base.jobs.models import Job
from bihuan.capture.store import get_store
from bihuan.earn.contracts.actions import add_contract
from bihuan.know.accounts.actions import add_account
from bihuan.know.products.actions import add_product
from bihuan.know.staff.models import Staff
from bihuan.understand.metrics import jobs
from bihuan.understand.metrics.actions import keep_stages
from bihuan.understand.metrics.models import KeptStage, StageOverride
from bihuan.understand.metrics.queries import stages_on, to_count

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def last_day():
    """The day that pages are about."""
    return timezone.localdate() - DAY


@pytest.fixture
def product(cast, event_home):
    """Yuntai is two years old; twelve accounts used it a quarter ago, fifteen do now, three of the month before went."""
    now = timezone.now() - DAY
    product = add_product(name="云台", by=SYSTEM, at=NOW - 700 * DAY)
    accounts = [
        add_account(key=f"a{n}", name=f"客户{n}", region=cast.yunshan.region, by=SYSTEM, at=NOW)
        for n in range(20)
    ]

    def used(days: int, whose) -> list:
        return [happened("login", ts=now - days * DAY, account=one, product_id=product.pk) for one in whose]

    store_events(
        *used(600, accounts[:3]), *used(90, accounts[:12]), *used(40, accounts[:12]), *used(5, accounts[3:18])
    )
    add_contract(
        account=accounts[4], key="C-77", starts_on=last_day() - 200 * DAY, by=SYSTEM, at=NOW,
        lines=[{"name": "Pro", "mrr": Decimal("3000"), "product": product}],
    )  # fmt: skip
    return product


def test_its_numbers_are_counted_as_of_the_day(product) -> None:
    (found,) = [one for one in stages_on(day=last_day()) if one.product == product]
    n = found.numbers
    assert (n.age_days, n.active, n.last, n.lost) == (600, 15, 12, 3)
    assert (n.active_before, n.last_before, n.lost_before) == (12, 0, 0)
    assert (n.revenue, n.revenue_before) == (3000.0, 3000.0)
    assert (found.computed.stage, found.computed.why) == ("growth", "growing_use")
    (earlier,) = [one for one in stages_on(day=last_day() - 60 * DAY) if one.product == product]
    assert earlier.numbers.active == 0, "what came later is not known yet"


def test_the_page_says_the_stage_why_and_the_core_metric(cast, product) -> None:
    text = cast.client("mei").get(f"/products/{product.pk}/").content.decode()
    assert "Growth" in text and "Active accounts went from 12 to 15 within a quarter (+25.0%)." in text
    assert "Core metric of the stage" in text and "It is 15, a quarter ago it was 12." in text
    assert "¥3,000" in text
    tree = cast.client("mei").get(f"/metrics/?core=events&to={last_day()}").content.decode()
    assert "Products and their stage" in tree and f"/products/{product.pk}/" in tree and "(+25.0%)" in tree
    assert f"/products/{product.pk}/" in cast.client("mei").get("/products/").content.decode()


def test_it_is_told_in_chinese(cast, product) -> None:
    Staff.objects.filter(pk=cast.mei.pk).update(language="zh-hans")
    text = cast.client("mei").get(f"/products/{product.pk}/").content.decode()
    assert "成长期" in text and "一个季度内活跃客户由 12 个增至 15 个（+25.0%）。" in text


def test_who_sees_a_part_of_the_accounts_sees_the_stage_and_no_numbers(cast, product) -> None:
    text = cast.client("song").get(f"/products/{product.pk}/").content.decode()
    assert "Growth" in text and "+25.0%" not in text and "¥3,000" not in text
    found = cast.rest("song").get(f"/api/v1/products/{product.pk}/stage").json()
    assert (found["stage"], found["reason"], found["numbers"], found["core_now"]) == (
        "growth",
        "",
        None,
        None,
    )
    partner = cast.client("pan").get(f"/products/{product.pk}/")
    assert partner.status_code == 200 and "Growth" not in partner.content.decode()


def test_the_reason_of_a_judgement_is_read_by_those_who_may_see_the_numbers(cast, product) -> None:
    page, tree = f"/products/{product.pk}/", f"/metrics/?core=events&to={last_day()}"
    cast.client("oli").post(f"{page}stage/", {"stage": "decline", "reason": "只剩三家付费"})
    for who, told in (("mei", True), ("song", False)):
        for address in (page, tree):
            text = cast.client(who).get(address).content.decode()
            assert "Decline" in text and "Oli" in text and ("只剩三家付费" in text) is told, (who, address)
        for found in (
            cast.rest(who).get(f"/api/v1{page}stage").json(),
            cast.rest(who).get("/api/v1/product-stages").json()[0],
        ):
            assert found["stage"] == "decline" and found["overridden_by"] == "Oli"
            assert (found["overridden_because"] == "只剩三家付费") is told


def test_an_operator_may_know_better_and_take_it_back(cast, product) -> None:
    client, page = cast.client("oli"), f"/products/{product.pk}/"
    assert (
        "what you typed is kept"
        in client.post(f"{page}stage/", {"stage": "decline", "reason": ""}).content.decode()
    )
    client.post(f"{page}stage/", {"stage": "decline", "reason": "下月停售"})
    text = client.get(page).content.decode()
    assert "下月停售" in text and "The numbers say: Growth." in text and "Accounts lost" in text
    client.post(f"{page}stage/", {"stage": "maturity", "reason": "改为维护"})
    assert StageOverride.objects.filter(ended_at=None).count() == 1, "the later one counts"
    ended = client.post(f"{page}stage/end/", follow=True).content.decode()
    assert "The numbers count again." in ended and not StageOverride.objects.filter(ended_at=None).exists()
    undo_from(client, ended)
    assert StageOverride.objects.get(ended_at=None).reason == "改为维护"
    told = [
        fact.payload["stage"]
        for fact in OutboxFact.objects.filter(name="product_stage_overridden").order_by("pk")
    ]
    assert told == ["decline", "maturity", "maturity"]
    assert OutboxFact.objects.filter(name="product_stage_override_ended").count() == 1


def test_rest_reads_and_sets_it(cast, product) -> None:
    rest, address = cast.rest("oli"), f"/api/v1/products/{product.pk}/stage"
    assert [one["product"] for one in rest.get("/api/v1/product-stages").json()] == ["云台"]
    found = rest.get(address).json()
    assert (found["stage"], found["why"], found["core"], found["core_now"]) == (
        "growth",
        "growing_use",
        "active",
        15.0,
    )
    assert found["numbers"]["active_before"] == 12 and "15" in found["reason"]
    body = json.dumps({"stage": "decline", "reason": "停售"})
    assert rest.put(address, body, content_type="application/json").status_code == 204
    found = rest.get(address).json()
    assert (found["stage"], found["computed"], found["overridden_because"], found["overridden_by"]) == (
        "decline", "growth", "停售", "Oli",
    )  # fmt: skip
    assert (
        rest.put(
            address, json.dumps({"stage": "x", "reason": "y"}), content_type="application/json"
        ).status_code
        == 422
    )
    assert rest.delete(address).status_code == 204
    assert rest.get(address).json()["stage"] == "growth"
    assert cast.rest("an").put(address, body, content_type="application/json").status_code == 403
    assert rest.get("/api/v1/products/999999/stage").status_code == 404


def test_a_product_that_nothing_tells_of_has_no_stage(cast, event_home) -> None:
    product = add_product(name="新品", by=SYSTEM, at=NOW)
    text = cast.client("mei").get(f"/products/{product.pk}/").content.decode()
    assert "No event of it has arrived" in text
    assert cast.rest("mei").get(f"/api/v1/products/{product.pk}/stage").json()["stage"] is None


def keep(product):
    """As the job does, of yesterday."""
    keep_stages(day=last_day(), products=[product], by=SYSTEM, at=timezone.now())


def counted() -> dict:
    """What the hourly job says it did."""
    job = Job.objects.create(name="metrics.stages", run_at=timezone.now(), created_at=timezone.now())
    jobs.stages(Run(row=job, at=timezone.now()))
    return job.result


def test_a_kept_stage_answers_without_reading_events(cast, product, monkeypatch) -> None:
    page = f"/products/{product.pk}/"
    assert "within an hour it is kept" in cast.client("mei").get(page).content.decode(), (
        "the first look answers too"
    )
    keep(product)
    monkeypatch.setattr(
        type(get_store()), "execute", lambda *_args, **_named: pytest.fail("events were read")
    )
    text = cast.client("mei").get(page).content.decode()
    assert "within an hour" not in text and "from 12 to 15 within a quarter (+25.0%)" in text
    found = cast.rest("mei").get(f"/api/v1{page}stage").json()
    assert found["counted_at"] and found["numbers"]["active"] == 15 and found["numbers"]["revenue"] == 3000.0


def test_it_is_counted_again_when_events_rules_or_revenue_change(cast, product, monkeypatch) -> None:
    assert to_count(day=last_day()) == [product], "nothing is kept yet"
    keep(product)
    assert to_count(day=last_day()) == []
    store_events(happened("login", ts=timezone.now(), account=cast.yunshan, product_id=product.pk))
    assert to_count(day=last_day()) == [], "an event of today says nothing of yesterday"
    store_events(happened("login", ts=timezone.now() - 3 * DAY, account=cast.yunshan, product_id=product.pk))
    assert to_count(day=last_day()) == [product]
    keep(product)
    assert to_count(day=last_day()) == []
    add_contract(
        account=cast.yunshan, key="C-78", starts_on=last_day() - 10 * DAY, by=SYSTEM, at=NOW,
        lines=[{"name": "Pro", "mrr": Decimal("500"), "product": product}],
    )  # fmt: skip
    assert to_count(day=last_day()) == [product]
    keep(product)
    monkeypatch.setattr("bihuan.understand.metrics.queries.staged.RULES", 999)
    assert to_count(day=last_day()) == [product]
    (found,) = stages_on(day=last_day())
    assert found.kept_at is None, "what other rules said is not shown"


def test_the_job_counts_what_changed_and_tells_of_a_product_that_moved(cast, product) -> None:
    KeptStage.objects.create(
        product=product, day=last_day() - DAY, stage="maturity", why="steady", counts={}, rules=1, log="", seq=0,
        counted_at=NOW,
    )  # fmt: skip
    assert counted() == {"products": 1, "day": last_day().isoformat()}
    assert counted()["products"] == 0
    (moved,) = OutboxFact.objects.filter(name="product_stage_moved")
    assert (moved.payload["before"], moved.payload["stage"], moved.payload["why"]) == (
        "maturity",
        "growth",
        "growing_use",
    )
    keep(product)
    assert OutboxFact.objects.filter(name="product_stage_moved").count() == 1, "the same stage is told once"


def test_it_is_counted_again_on_demand(cast, product) -> None:
    page = f"/products/{product.pk}/"
    keep(product)
    store_events(happened("login", ts=timezone.now() - 3 * DAY, account=cast.yunshan, product_id=product.pk))
    text = cast.client("mei").get(page).content.decode()
    assert "from 12 to 15" in text and "Count again" in text
    text = cast.client("mei").post(f"{page}stage/count/", follow=True).content.decode()
    assert "Counted again." in text and "from 12 to 16" in text
    store_events(happened("login", ts=timezone.now() - 3 * DAY, account=cast.songtao, product_id=product.pk))
    assert cast.rest("mei").post(f"/api/v1{page}stage/count").json()["numbers"]["active"] == 17
    assert cast.rest("song").post(f"/api/v1{page}stage/count").status_code == 403
