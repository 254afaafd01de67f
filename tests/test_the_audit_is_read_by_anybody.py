"""The audit says who did what to which, from what to what, in the reader's language; the JSON stays one click away."""

import re
from dataclasses import fields
from html import escape

import pytest
from cast import NOW, SYSTEM
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.base.access import system_actor
from bihuan.base.access.said import SYSTEM as ACTORS
from bihuan.base.access.said import actor_said
from bihuan.base.bus.facts import fact_class, fact_names
from bihuan.base.bus.fields import FIELDS
from bihuan.base.bus.models import OutboxFact
from bihuan.base.bus.said import told
from bihuan.know.accounts.actions import add_follow_up, change_account
from bihuan.know.staff.models import Staff

HAN = re.compile(r"[一-鿿]")


def test_a_change_reads_from_what_to_what(cast):
    change_account(account=cast.yunshan, tier="A", stage="renewal", by=cast.actor("mei"), at=NOW)
    client = cast.client("mei")
    text = client.get("/audit/?name=account_changed").content.decode()
    assert re.search(r"Account changed.*云杉仪器.*stage</span> Value → Renewal", text, re.DOTALL)
    assert "&quot;after&quot;: {" in text
    assert f'href="/accounts/{cast.yunshan.pk}/"' in text
    client.cookies["django_language"] = "zh-hans"
    chinese = client.get("/audit/?name=account_changed").content.decode()
    assert re.search(r"阶段</span> 成熟期 → 续约期", chinese)


def test_a_fact_about_thousands_of_rows_keeps_the_page_small(cast):
    held = {"chain_chainmember": {str(pk): {"stance": 1, "note": "x" * 40} for pk in range(5_000)}}
    OutboxFact.objects.create(name="chain_history_begun", at=NOW, actor_kind="system", actor_name="upgrade",
                              payload={"before": held})  # fmt: skip
    text = cast.client("mei").get("/audit/?name=chain_history_begun").content.decode()
    assert "Upgrade" in text and 20_000 < len(text) < 200_000 and "…</pre>" in text


def test_it_is_narrowed_by_person_kind_and_period(cast):
    change_account(account=cast.yunshan, tier="A", by=cast.actor("mei"), at=NOW)
    change_account(account=cast.songtao, tier="C", by=system_actor("plays"), at=NOW)
    client = cast.client("mei")
    rows = {
        "?actor_name=Mei&name=account_changed": (1, 0),
        "?actor_kind=system&name=account_changed": (0, 1),
        "?at_before=2026-11-17": (0, 0),
    }
    for query, (mine, automatic) in rows.items():
        text = client.get(f"/audit/{query}").content.decode()
        assert (text.count("云杉仪器</a>"), text.count("松涛软件</a>")) == (mine, automatic), query
    assert "Plays, automatically" in client.get("/audit/").content.decode()


def test_actors_of_the_platform_are_said_in_the_language_of_the_reader():
    with override("zh-hans"):
        assert actor_said("plays") == "策略自动执行"
        assert actor_said("worker") == "系统后台"
        assert actor_said("command line: asked by letter") == "命令行：asked by letter"
        assert actor_said("梅") == "梅"
        assert all(HAN.search(actor_said(name)) or name == "webhooks" for name in ACTORS)


def test_every_actor_of_the_platform_has_a_name_for_people():
    from pathlib import Path

    named = set()
    for path in Path("bihuan").rglob("*.py"):
        if "tests" not in path.parts:
            named |= set(re.findall(r'system_actor\("([^"]+)"\)', path.read_text(encoding="utf-8")))
    assert len(named) > 15
    assert named - set(ACTORS) == set()


def test_every_field_of_a_fact_has_a_name_for_people():
    names = {
        field.name
        for kind in map(fact_class, fact_names())
        if kind is not None and kind.__module__.startswith("bihuan.")
        for field in fields(kind)
    }
    told_elsewhere = {"before", "after"}
    assert {name for name in names if not name.endswith(("_id", "_ids"))} - told_elsewhere - set(
        FIELDS
    ) == set()


#: Moments that no other time zone has.
EDGES = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00")
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.just(10**400),
              st.text(max_size=8), st.sampled_from(["2026-01-01T08:00:00+08:00", "2026-13-01T08:00", "green", *EDGES])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)), max_leaves=6,
)  # fmt: skip


@settings(max_examples=200, deadline=None, database=None)
@given(
    payload=st.dictionaries(
        st.sampled_from(["before", "after", "minutes", "note", "account_id", "x_y"]), JSON
    )
)
def test_no_payload_breaks_the_page(payload):
    for language in ("en", "zh-hans"):
        with override(language):
            assert all(isinstance(str(one), str) for one in told(payload))


@pytest.mark.parametrize("text", [*EDGES, "<script>alert(1)</script>"])
def test_what_somebody_wrote_keeps_nobody_from_reading(cast, text):
    """Whoever may leave a note writes into the audit; it is shown as text, and hides nothing."""
    add_follow_up(account=cast.yunshan, kind="note", text=text, by=cast.actor("oli"), at=NOW)
    page = cast.client("mei").get("/audit/")
    assert page.status_code == 200
    assert escape(text) in page.content.decode()
    assert "<script>alert" not in page.content.decode()


def test_a_colleague_who_is_gone_is_no_danger(cast):
    change_account(account=cast.yunshan, tier="A", by=SYSTEM, at=NOW)
    Staff.objects.filter(pk=cast.an.pk).delete()
    assert cast.client("mei").get("/audit/").status_code == 200


@pytest.mark.parametrize(("payload", "words"), [
    ({"before": 0, "minutes": 26, "play": "x"}, ["minutes 0 → 26", "play x"]),
    ({"before": "green", "after": "red"}, ["Healthy → Endangered"]),
    ({"before": {"on": True}, "after": {"on": False}}, ["on yes → no"]),
    ({"account_id": 3, "shared": False, "note": ""}, []),
    ({"approved": False, "late": False}, ["agreed no"]), ({"paused": False}, ["paused no"]),
])  # fmt: skip
def test_what_a_fact_says(payload, words):
    found = [str(one) for one in told(payload)]
    assert found == words
