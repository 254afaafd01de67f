"""People define metrics of their own, in a form and over REST; what is wrong is told at its field."""

from datetime import date, timedelta

import pytest
from cast import NOW, SYSTEM, TODAY
from events import happened, store_events

from bihuan.base.bus.models import OutboxFact
from bihuan.understand.metrics.models import OwnMetric

pytestmark = pytest.mark.django_db
LOGINS = {
    "title": "登录", "definition": "登录次数", "kind": "number",
    "question": {"kind": "trend", "event": "login"}, "how": "product", "drivers": ["active_people_total", "logins_per_person"],
}  # fmt: skip
PER_PERSON = {"title": "人均登录", "definition": "登录 ÷ 人", "formula": "logins / active_people_total"}


def put(client, key: str, fields: dict):
    return client.put(f"/api/v1/metrics/{key}", fields, content_type="application/json")


def facts(name: str) -> list[dict]:
    return [fact.payload for fact in OutboxFact.objects.filter(name=name).order_by("id")]


def test_a_tree_of_our_own_is_defined_over_rest_and_read(cast, event_home) -> None:
    client = cast.rest("an")
    assert put(client, "logins", LOGINS | {"drivers": []}).status_code == 200
    assert put(client, "logins_per_person", PER_PERSON).status_code == 200
    made = put(client, "logins", LOGINS)
    assert made.status_code == 200 and made.json()["own"] and made.json()["drivers"] == LOGINS["drivers"]
    then, now = NOW - timedelta(days=10), NOW - timedelta(days=3)
    store_events(
        happened("login", ts=then, account=cast.yunshan, person=cast.lin),
        *(
            happened("login", ts=now + timedelta(minutes=n), account=cast.yunshan, person=cast.lin)
            for n in range(2)
        ),
        *(
            happened("login", ts=now + timedelta(minutes=n), account=cast.songtao, person=cast.he)
            for n in range(2)
        ),
        happened("look", ts=now, account=cast.songtao, person=cast.he),
    )
    found = client.get("/api/v1/metrics/logins/tree?days=7&to=2026-11-17").json()
    assert [(node["key"], node["before"], node["value"]) for node in found] == [
        ("logins", 1, 4), ("active_people_total", 1, 2), ("logins_per_person", 1, 2)]  # fmt: skip
    assert [node["part"] for node in found] == pytest.approx([3, 1.5, 1.5])
    assert [fact["metric"] for fact in facts("metric_saved")] == ["logins", "logins_per_person", "logins"]
    assert facts("metric_saved")[2]["before"] == {"drivers": []}
    put(client, "logins", LOGINS)
    assert len(facts("metric_saved")) == 3, "nothing differs, nothing is told"


def test_a_metric_over_the_accounts_of_a_measure_counts_the_territory(cast, contracts, event_home) -> None:
    fields = {
        "title": "客单价",
        "definition": "付费客户的平均月度收入",
        "kind": "money",
        "measure": "mrr",
        "over": "mean",
    }
    assert put(cast.rest("mei"), "average_mrr", fields).status_code == 200
    day = "days=7&to=2026-11-17"
    everywhere = cast.rest("mei").get(f"/api/v1/metrics/average_mrr/tree?{day}").json()[0]["value"]
    south = cast.rest("song").get(f"/api/v1/metrics/average_mrr/tree?{day}").json()[0]["value"]
    assert (everywhere, south) == (22_500, 40_000)
    put(cast.rest("mei"), "average_mrr", fields | {"over": "share"})
    assert cast.rest("mei").get(f"/api/v1/metrics/average_mrr/tree?{day}").json()[0]["value"] == 1


def test_an_answer_as_of_a_day_gives_its_headline_number(cast, contracts, event_home) -> None:
    fields = {
        "title": "ARR",
        "definition": "年度经常性收入",
        "kind": "money",
        "question": {"kind": "revenue"},
    }
    assert put(cast.rest("mei"), "arr", fields | {"pick": "arr"}).status_code == 200
    found = cast.rest("mei").get("/api/v1/metrics/arr/tree?days=7&to=2026-11-17").json()
    assert found[0]["value"] == 540_000
    refused = put(cast.rest("mei"), "arr2", fields | {"pick": "profit"})
    assert refused.status_code == 422 and "accounts, arr, currency" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("key", "fields", "field"),
    [
        ("Logins", {}, "key"),
        ("events", {}, "key"),
        ("x", {"formula": "events * 2"}, "formula"),
        ("x", {"question": None}, "formula"),
        ("x", {"question": None, "formula": "events; drop"}, "formula"),
        ("x", {"question": None, "formula": "nowhere + 1"}, "formula"),
        ("x", {"question": None, "formula": "x + 1"}, "formula"),
        ("x", {"question": None, "measure": "nothing"}, "measure"),
        ("x", {"question": {"kind": "trend", "measure": "most"}}, "question"),
        ("x", {"question": {"kind": "nothing"}}, "question"),
        ("x", {"question": {"kind": "trend", "period": {"last": "7d"}}}, "question"),
        ("x", {"drivers": ["nowhere"]}, "drivers"),
        ("x", {"drivers": ["x"]}, "drivers"),
        ("x", {"drivers": ["events", "events"]}, "drivers"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(cast, event_home, key: str, fields: dict, field: str) -> None:
    refused = put(cast.rest("an"), key, LOGINS | {"drivers": []} | fields)
    assert refused.status_code == 422
    assert field in {error["field"] for error in refused.json()["errors"]}
    assert not OwnMetric.objects.exists()


def test_two_metrics_cannot_speak_of_each_other(cast, event_home) -> None:
    client = cast.rest("an")
    put(client, "a", {"title": "a", "definition": "a", "formula": "events + 0"})
    put(client, "b", {"title": "b", "definition": "b", "formula": "a + 0"})
    refused = put(client, "a", {"title": "a", "definition": "a", "formula": "b + 0"})
    assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == "formula"
    put(client, "b", {"title": "b", "definition": "b", "formula": "a + 0", "drivers": ["a"]})
    refused = put(client, "a", {"title": "a", "definition": "a", "formula": "events + 0", "drivers": ["b"]})
    assert refused.status_code == 422 and "a ← b ← a" in refused.json()["detail"]


def test_the_form_takes_yaml_and_keys_and_gives_them_back(cast, event_home) -> None:
    client = cast.client("an")
    fields = {
        "key": "logins", "title": "登录", "definition": "登录次数", "kind": "number", "layer": "person", "over": "sum",
        "how": "sum", "question": "kind: trend\nevent: login\n", "drivers": "active_accounts，events", "higher_is_better": "on",
    }  # fmt: skip
    made = client.post("/metrics/new/", fields)
    assert made.status_code == 302 and made["Location"] == "/metrics/of/logins/", made.content.decode()
    row = OwnMetric.objects.get()
    assert (row.question, row.drivers) == ({"kind": "trend", "event": "login"}, ["active_accounts", "events"])
    form = client.get("/metrics/of/logins/edit/").content.decode()
    assert "event: login" in form and "active_accounts, events" in form
    assert client.post("/metrics/of/logins/edit/", fields | {"title": "登录数"}).status_code == 302
    row.refresh_from_db()
    assert row.title == "登录数"
    wrong = client.post(
        "/metrics/of/logins/edit/", fields | {"question": "kind: trend\nmeasure: most\n"}
    ).content.decode()
    assert "is none of count, people, accounts" in wrong and "measure: most" in wrong, "what was typed stays"
    assert "not YAML" in client.post("/metrics/new/", fields | {"question": "{"}).content.decode()


def test_a_metric_is_removed_unless_others_are_made_of_it(cast, event_home) -> None:
    client = cast.rest("an")
    put(client, "logins", LOGINS | {"drivers": []})
    put(client, "logins_per_person", PER_PERSON)
    assert client.delete("/api/v1/metrics/logins").status_code == 422
    assert cast.client("an").post("/metrics/of/logins/remove/").status_code == 302
    assert OwnMetric.objects.filter(key="logins").exists()
    assert cast.client("an").post("/metrics/of/logins_per_person/remove/").status_code == 302
    assert client.delete("/api/v1/metrics/logins").status_code == 204
    assert not OwnMetric.objects.exists() and [f["metric"] for f in facts("metric_removed")] == [
        "logins_per_person",
        "logins",
    ]
    assert client.delete("/api/v1/metrics/events").status_code == 404, "what an app declares stays"


def test_a_target_counts_from_its_day_on_and_the_history_stays(cast, contracts, event_home) -> None:
    client = cast.client("mei")
    for value, from_day in (("44000", "2026-11-01"), ("60000", "2026-11-17"), ("", "2026-11-20")):
        made = client.post(
            "/metrics/of/mrr_total/target/", {"value": value, "from_day": from_day, "note": "年初计划"}
        )
        assert made.status_code == 302
    rest = cast.rest("mei")

    def told(last: date) -> tuple:
        node = rest.get(f"/api/v1/metrics/mrr_total/tree?days=7&to={last}").json()[0]
        return node["target"], node["met"]

    assert told(date(2026, 10, 31)) == (None, None)
    assert told(date(2026, 11, 16)) == (44_000, True)
    assert told(date(2026, 11, 17)) == (60_000, False)
    assert told(date(2026, 11, 20)) == (None, None)
    history = rest.get("/api/v1/metrics/mrr_total/targets").json()
    assert [row["value"] for row in history] == [None, 60_000, 44_000] and history[0]["set_by"] == "Mei"
    page = client.get("/metrics/of/mrr_total/?days=7&to=2026-11-17").content.decode()
    assert "¥60,000" in page and "not met" in page and page.count("年初计划") == 3
    assert [fact["value"] for fact in facts("metric_target_set")] == [44_000, 60_000, None]
    south = cast.rest("song").get("/api/v1/metrics/mrr_total/tree?days=7&to=2026-11-17").json()[0]
    assert south["target"] is None, "it is one for every account, not for the south"
    assert cast.rest("song").get("/api/v1/metrics/mrr_total/targets").status_code == 404


def test_of_two_targets_from_one_day_the_last_one_set_counts(cast, contracts, event_home) -> None:
    from bihuan.understand.metrics.actions import set_target
    from bihuan.understand.metrics.queries import targets_on

    for value in (5.0, 3.0):
        set_target(metric="events", value=value, from_day=TODAY, by=SYSTEM, at=NOW)
    assert targets_on(day=TODAY) == {"events": 3.0}
