"""Questions about events through the one door: territory, segments, what is known of accounts, names, REST."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import jsonschema_rs
import pytest
from cast import NOW, SYSTEM

from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.kinds import KINDS
from bihuan.understand.explore.queries import ask
from tests.events import happened, store_events

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 2, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
PERIOD = {"from": "2026-11-01", "to": "2026-11-17"}
FUNNEL = {"kind": "funnel", "unit": "account", "steps": ["look", "buy"], "period": PERIOD}


@pytest.fixture
def used(cast, event_home):
    """Yunshan (tier S, Lin) looks and buys; Songtao (He) only looks; somebody unknown looks."""
    store_events(
        happened("look", ts=START, account=cast.yunshan, person=cast.lin),
        happened(
            "buy", ts=START + timedelta(hours=1), account=cast.yunshan, person=cast.lin, props={"amount": 7}
        ),
        happened("look", ts=START, account=cast.songtao, person=cast.he),
        happened("look", ts=START),
    )
    return cast


def summary(actor=SYSTEM, **more):
    found = ask(question=FUNNEL | more, actor=actor, at=NOW)
    return found.summary["entered"], found.summary["converted"]


def test_the_territory_and_the_segment_are_the_limit(used):
    assert summary() == (2, 1)
    assert summary(segment="account.tier == 'S'") == (1, 1)
    assert summary(segment="account.tier == 'S'", unit="person") == (1, 1)
    assert summary(actor=used.actor("bei")) == (1, 0)
    assert summary(actor=used.actor("bei"), segment="account.tier == 'S'") == (0, 0)
    found = ask(question=FUNNEL | {"list": {"reached": 1}}, actor=used.actor("bei"), at=NOW)
    assert [row[0] for row in found.rows] == [used.songtao.pk]
    assert ask(question=FUNNEL, actor=SYSTEM, at=NOW).left_out == {"no account": 1}


def test_a_breakdown_may_be_what_is_known_of_the_account_or_the_person(used):
    used.yunshan.props = {"channel": "fair"}
    used.yunshan.save()
    for by, expected in (("account.tier", used.yunshan.tier), ("account.channel", "fair"), ("account", "云杉仪器"),
                         ("person.name", used.lin.name)):  # fmt: skip
        found = ask(question=FUNNEL | {"by": by}, actor=SYSTEM, at=NOW)
        assert [row[3] for row in found.rows if row[0] == expected] == [1, 1], by
    with pytest.raises(QuestionError, match=r"by: no account has 'colour'; there is: name, tier"):
        ask(question=FUNNEL | {"by": "account.colour"}, actor=SYSTEM, at=NOW)
    trend = {"kind": "trend", "by": "account.name", "every": "all", "period": PERIOD}
    found = ask(question=trend, actor=used.actor("bei"), at=NOW)
    assert found.rows == (("all", "松涛软件", 1),)


def test_paths_and_life_cycles_are_broken_down_by_what_is_known_and_add_up(used):
    """And who is behind each value is the account it belongs to."""
    lived = {"kind": "lifecycle", "unit": "account", "every": "week", "period": PERIOD}
    whole = ask(question=lived, actor=SYSTEM, at=NOW)
    for by, values in (
        ("account.tier", {"S": used.yunshan, "B": used.songtao}),
        ("account.industry", {"制造": used.yunshan, "软件": used.songtao}),
    ):
        parts = ask(question=lived | {"by": by}, actor=SYSTEM, at=NOW)
        for row in whole.rows:
            own = [part[2:7] for part in parts.rows if part[0] == row[0]]
            assert tuple(map(sum, zip(*own, strict=True))) == row[1:6]
        for value, account in values.items():
            cell = {"bucket": "2026-11-02", "state": "new", "series": value}
            found = ask(question=lived | {"by": by, "list": cell}, actor=SYSTEM, at=NOW)
            assert [row[0] for row in found.rows] == [account.pk]
    walked = {"kind": "path", "from": "look", "period": PERIOD}
    found = ask(question=walked | {"by": "account.tier"}, actor=SYSTEM, at=NOW)
    assert [row[:5] for row in found.rows] == [
        ("B", 1, "look", "(end)", 1),
        ("S", 1, "look", "buy", 1),
        ("S", 2, "buy", "(end)", 1),
    ]
    by_person = ask(question=walked | {"by": "person.name"}, actor=SYSTEM, at=NOW)
    assert {row[0] for row in by_person.rows} == {used.lin.name, used.he.name}
    only = ask(question=walked | {"by": "account.tier"}, actor=used.actor("bei"), at=NOW)
    assert {row[0] for row in only.rows} == {"B"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_answers_when_nothing_happened_and_within_a_territory(used, kind):
    import yaml

    question = yaml.safe_load(kind.example) | {"period": {"from": "2020-01-01", "to": "2020-01-31"}}
    for actor in (SYSTEM, used.actor("bei")):
        document = ask(question=question, actor=actor, at=NOW).document()
        assert document["definition"]
        assert "SELECT" in document["sql"]
        assert all(len(row) == len(document["columns"]) for row in document["rows"])


def test_numbers_of_the_other_kinds_come_through_the_same_door(used):
    def asked(**question):
        return ask(question={"period": PERIOD} | question, actor=SYSTEM, at=NOW)

    assert asked(kind="retention", unit="account", periods=1).summary["units"] == 2
    assert asked(kind="stickiness").summary == {"units": 2, "mean": 1, "stickiness": pytest.approx(1 / 17)}
    lived = asked(kind="lifecycle", unit="account")
    assert [row[1:3] for row in lived.rows if row[0] == date(2026, 11, 2)] == [(2, 2)]
    assert asked(kind="path", **{"from": "look"}).rows[0][1:4] == ("look", "(end)", 1)
    assert asked(kind="process", unit="account").summary["variants"] == 2
    owed = asked(kind="attribution", touch="look", conversion="buy", value="props.amount")
    assert owed.rows == (("look", 1, 1, 1, 7),)


def test_rest_tells_the_schema_of_each_kind(used):
    client = used.rest("an")
    told = client.get("/api/v1/ask/kinds").json()
    for kind in KINDS:
        schema = told[kind.name]["question_schema"]
        assert set(kind.required) < set(schema["required"])
        jsonschema_rs.meta.validate(schema)
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(told["funnel"]["question_schema"], {"kind": "funnel", "steps": ["a"]})
    jsonschema_rs.validate(told["funnel"]["question_schema"], FUNNEL)
    answer = client.post("/api/v1/ask", FUNNEL, content_type="application/json").json()
    assert answer["summary"]["converted"] == 1
    body = client.get("/api/v1/openapi.json").json()["paths"]["/api/v1/ask"]["post"]["requestBody"]
    kinds = [
        one["properties"]["kind"].get("const")
        for one in body["content"]["application/json"]["schema"]["anyOf"]
    ]
    assert {kind.name for kind in KINDS} <= set(kinds)
