"""A core metric is read with its drivers; each part of its change is told, in the page, its table and over REST."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from cast import NOW, SYSTEM
from django.utils import timezone
from events import happened, store_events

from bihuan.earn.contracts.actions import add_contract
from bihuan.know.staff.models import Staff
from bihuan.understand.annotations.actions import add_annotation
from bihuan.understand.metrics.queries import Period, cores, tree_of

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 17)
DAYS = "days=28&to=2026-11-17"


def use(cast) -> None:
    """The period before: Yunshan, one person, two events. Now: both accounts, two people, eight events."""
    then, now = NOW - timedelta(days=40), NOW - timedelta(days=5)
    store_events(
        *(
            happened("login", ts=then + timedelta(minutes=n), account=cast.yunshan, person=cast.lin)
            for n in range(2)
        ),
        *(
            happened("login", ts=now + timedelta(minutes=n), account=cast.yunshan, person=cast.lin)
            for n in range(6)
        ),
        *(
            happened("login", ts=now + timedelta(minutes=n), account=cast.songtao, person=cast.he)
            for n in range(2)
        ),
    )


def tree(cast, who: str, core: str):
    period = Period.of(days=28, last=LAST)
    return {
        node.metric.key: node for node in tree_of(core=core, period=period, actor=cast.actor(who), at=NOW)
    }


def test_use_is_divided_among_accounts_people_and_events(cast, event_home) -> None:
    use(cast)
    found = tree(cast, "mei", "events")
    assert {key: (node.pair.before, node.pair.now) for key, node in found.items()} == {
        "events": (2, 8), "active_accounts": (1, 2), "people_per_account": (1, 1), "events_per_person": (2, 4),
    }  # fmt: skip
    parts = {key: node.share.to_core for key, node in found.items()}
    assert parts == pytest.approx(
        {"events": 6, "active_accounts": 3, "people_per_account": 0, "events_per_person": 3}
    )


def test_a_seller_sees_the_numbers_of_the_own_territory(cast, event_home) -> None:
    use(cast)
    found = tree(cast, "bei", "events")
    assert (found["events"].pair.before, found["events"].pair.now) == (0, 2)
    assert found["people_per_account"].before.value is None, "no account was active: there is no mean"
    assert found["events"].share.division.reason == "missing"


def test_revenue_is_divided_among_accounts_and_what_they_pay(cast, contracts, event_home) -> None:
    add_contract(account=cast.songtao, key="C-9", name="增购", starts_on=date(2026, 11, 1),
                 lines=[{"name": "Pro", "seats": 10, "mrr": Decimal("5000")}], by=SYSTEM, at=NOW)  # fmt: skip
    found = tree(cast, "mei", "mrr_total")
    assert (found["mrr_total"].pair.before, found["mrr_total"].pair.now) == (45_000, 50_000)
    assert (found["paying_accounts"].share.to_core, found["mrr_per_account"].share.to_core) == pytest.approx(
        (0, 5_000)
    )


def test_the_page_draws_the_tree_and_says_what_drove_the_change(cast, event_home) -> None:
    use(cast)
    page = cast.client("mei").get(f"/metrics/?core=events&{DAYS}")
    text = page.content.decode()
    assert page.status_code == 200
    assert "Use changed by +6 events (+300.0%); most of it came from" in text
    assert text.count("metric-node") == 4 and "contributes +3 events" in text
    assert text.count("/metrics/of/active_accounts/") == 2, "in the drawing and in the table"
    assert "2026-10-21 to 2026-11-17, compared with 2026-09-23 to 2026-10-20." in text


def test_the_page_is_there_in_chinese(cast, event_home) -> None:
    use(cast)
    Staff.objects.filter(pk=cast.mei.pk).update(language="zh-hans")
    text = cast.client("mei").get(f"/metrics/?core=events&{DAYS}").content.decode()
    assert "指标体系" in text and "使用量变化 +6 次（+300.0%）" in text and "贡献 +3 次" in text


def test_what_the_address_cannot_mean_is_the_usual_period_or_nothing(cast, event_home) -> None:
    client = cast.client("mei")
    assert client.get("/metrics/?core=no_such").status_code == 404
    today = timezone.localdate()
    page = client.get("/metrics/?days=abc&to=0001-01-01").content.decode()
    assert f"{today - timedelta(days=28)} to {today - timedelta(days=1)}, compared with" in page


def test_a_number_leads_to_its_definition_and_to_the_accounts_behind_it(cast, contracts, event_home) -> None:
    page = cast.client("song").get(f"/metrics/of/mrr_total/?{DAYS}").content.decode()
    assert "Recurring revenue a month on the last day" in page and "¥40,000" in page
    assert "云杉仪器" in page and "松涛软件" not in page, "only the own territory"
    formula = cast.client("song").get(f"/metrics/of/mrr_per_account/?{DAYS}").content.decode()
    assert "mrr_total / paying_accounts" in formula and "/metrics/of/paying_accounts/" in formula
    asked = cast.client("song").get(f"/metrics/of/active_accounts/?{DAYS}").content.decode()
    assert "kind: trend" in asked and "2026-11-17" in asked
    assert cast.client("song").get("/metrics/of/no_such/").status_code == 404


def test_the_tree_is_read_over_rest_and_its_parts_add_up(cast, event_home) -> None:
    use(cast)
    found = cast.rest("an").get(f"/api/v1/metrics/events/tree?{DAYS}").json()
    assert [node["path"] for node in found] == [["events"], *(["events", k] for k in
            ("active_accounts", "people_per_account", "events_per_person"))]  # fmt: skip
    assert (
        sum(node["part"] for node in found[1:]) + found[0]["rest"] == pytest.approx(found[0]["change"]) == 6
    )
    assert cast.rest("an").get("/api/v1/metrics/no_such/tree").status_code == 404
    assert cast.rest("an").get("/api/v1/metrics/events/tree?days=0").status_code == 422


def test_who_may_not_see_contracts_is_told_so_and_learns_nothing(cast, contracts, event_home) -> None:
    from django.test import Client

    from bihuan.base.access.actions import create_token

    _row, secret = create_token(staff=cast.mei, name="narrow", scopes=["metrics.view"], by=SYSTEM, at=NOW)
    narrow = Client(headers={"Authorization": f"Bearer {secret}"})
    for core in ("mrr_total", "events"):
        found = narrow.get(f"/api/v1/metrics/{core}/tree?{DAYS}").json()
        assert {(node["value"], node["reason"]) for node in found} == {(None, "forbidden")}
    assert narrow.get("/api/v1/metrics/mrr_total/targets").status_code == 404


def test_every_declared_metric_has_words_and_a_place(cast, event_home) -> None:
    listed = cast.rest("mei").get("/api/v1/metrics").json()
    assert {one["key"] for one in listed} >= {"events", "mrr_total"} and not any(one["own"] for one in listed)
    assert all(one["title"] and one["definition"].endswith("。") for one in listed), (
        "in the language of the installation"
    )
    assert list(cores()) == ["events", "mrr_total"]
    page = cast.client("mei").get("/metrics/all/").content.decode()
    assert all(f"/metrics/of/{one['key']}/" in page for one in listed)


def test_a_metric_has_a_history_with_what_happened(cast, event_home) -> None:
    """Eight periods of 28 days; the value of each is that of the tree, within the territory."""
    use(cast)
    add_annotation(title="3.2", first_on=date(2026, 11, 3), by=SYSTEM, at=NOW)
    text = cast.client("mei").get(f"/metrics/of/events/history/?{DAYS}").content.decode()
    option = json.loads(re.search(r'<script type="application/json">(.*?)</script>', text, re.DOTALL)[1])
    assert option["series"][0]["data"] == [0, 0, 0, 0, 0, 0, 2, 8]
    assert option["xAxis"]["data"][-1] == "2026-10-21"
    assert [line["xAxis"] for line in option["series"][-1]["markLine"]["data"]] == ["2026-10-21"]
    mine = cast.client("bei").get(f"/metrics/of/events/history/?{DAYS}").content.decode()
    assert ">2 events" in mine and ">8 events" not in mine
    assert (
        "/metrics/of/events/history/?days=28&amp;to=2026-11-17"
        in cast.client("mei").get(f"/metrics/of/events/?{DAYS}").content.decode()
    )
    assert cast.client("mei").get("/metrics/of/nothing/history/").status_code == 404
