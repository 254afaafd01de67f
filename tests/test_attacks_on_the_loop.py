"""What attackers and strangers to a territory try with messages, signals, tiers and the early warning."""

import json
from datetime import date

import pytest
from cast import NOW, SYSTEM, TODAY
from django.test import Client

from bihuan.act.reach.rules.identity import subject_of
from bihuan.act.reach.tests.test_the_inbox_in_a_product import jwt

pytestmark = pytest.mark.django_db


def made(kind, **more):
    from bihuan.act.reach.actions import add_channel

    return add_channel(kind=kind, name="x", by=SYSTEM, at=NOW, **more)


@pytest.fixture
def text(cast):
    from bihuan.act.reach.actions import save_template

    values = {
        "name": "x",
        "kinds": ["call"],
        "subject_zh": "{{ person.name }}",
        "body_zh": "{{ account.name }}",
    }
    return save_template(values=values, by=SYSTEM, at=NOW)


@pytest.mark.parametrize("body", [
    b'{"channel": "\\ud800"}', b'{"channel": "x", "id": "\\udfff"}', b'{"channel": NaN}', b"\xff\xfe", b"1" * 5000,
])  # fmt: skip
@pytest.mark.parametrize("where", ["inbox", "seen"])
def test_strangers_break_no_inbox(cast, where, body):
    client = Client(raise_request_exception=False)
    assert client.post(f"/r/{where}", body, content_type="text/plain").status_code in (400, 404)


def test_a_body_is_read_as_far_as_it_may_be_long_whatever_its_length_is_said_to_be(cast):
    client = Client(raise_request_exception=False)
    for said in ("x", "-1", "1e3", ""):
        answer = client.generic(
            "POST", "/r/inbox", b" " * 9000, content_type="text/plain", CONTENT_LENGTH=said
        )
        assert answer.status_code == 400, said


@pytest.mark.parametrize("claims", [
    {"exp": float("nan")}, {"exp": float("inf")}, {"exp": 10**400}, {"exp": True}, {"sub": "\ud800"}, {"sub": "a\0"},
    {"nbf": float("nan")},
])  # fmt: skip
def test_a_proof_with_an_odd_claim_is_none(claims):
    good = {"sub": "lin", "exp": NOW.timestamp() + 60}
    assert subject_of(jwt("s", good), secret="s", at=NOW) == "lin"
    assert subject_of(jwt("s", good | claims), secret="s", at=NOW) is None


def test_one_person_is_told_of_their_territory_only(cast):
    from bihuan.base.notices.models import Notice
    from bihuan.foresee.signals.actions import add_kind, raise_signal

    add_kind(
        key="mine", title="x", rule="m.mrr > 1.0", owner_rule="staff", staff=cast.song, by=SYSTEM, at=NOW
    )
    owners = [
        raise_signal(kind="mine", day=TODAY, seen={}, origin=one.key, about=one.name, account=one, by=SYSTEM, at=NOW).owner
        for one in (cast.songtao, cast.yunshan)
    ]  # fmt: skip
    assert owners == [None, cast.song]
    assert [one.args["about"] for one in Notice.objects.filter(user=cast.song)] == ["云杉仪器"]


def test_what_is_about_no_account_is_told_to_those_who_see_it(cast):
    from bihuan.foresee.signals.actions import add_kind, raise_signal

    add_kind(
        key="mine", title="x", rule="m.mrr > 1.0", owner_rule="staff", staff=cast.song, by=SYSTEM, at=NOW
    )
    for region, owner in ((cast.songtao.region, None), (cast.yunshan.region, cast.song)):
        row = raise_signal(
            kind="mine", day=TODAY, seen={}, origin=region.code, about="x", region=region, by=SYSTEM, at=NOW
        )
        assert row.owner == owner


@pytest.mark.parametrize(("says", "kept"), [
    ("m.mrr / 0.0", None), ("0.0 / 0.0", None), ("account.signed_up_on", "2024-03-01"), ("'\\x00a'", "a"),
    ("timestamp('2026-01-02T00:00:00Z') - timestamp('2026-01-01T00:00:00Z')", 86400.0), ("[double('inf'), 1.0]", [None, 1.0]),
])  # fmt: skip
def test_no_sentence_of_one_kind_stops_the_look_at_all(cast, contracts, event_home, says, kept):
    from bihuan.foresee.signals.actions import add_kind, look_for_signals
    from bihuan.foresee.signals.models import Signal

    add_kind(key="mine", title="x", rule="m.mrr > 9000.0", sentence=f"{{{says}}}", by=SYSTEM, at=NOW)
    assert look_for_signals(day=TODAY, by=SYSTEM, at=NOW, keys=["mine"]).raised == 1
    assert Signal.objects.get().seen[says] == kept
    said = {"rule": "m.mrr > 9000.0", "sentence": f"{{{says}}}"}
    asked = cast.rest("mei").post(
        "/api/v1/signal-kinds/preview", json.dumps(said), content_type="application/json"
    )
    assert asked.json()["today"][0]["numbers"][says] == kept and b"NaN" not in asked.content


@pytest.mark.parametrize("days", ["9" * 5000, "²", "٣", "-1", ""])
def test_a_period_that_is_none_is_the_usual_one(cast, event_home, days):
    assert cast.client("mei").get("/signals/kinds/", {"days": days}).status_code == 200


TEN = ", ".join(["*a"] * 10)


@pytest.mark.parametrize("text", [
    "x: {event: y, last: [&a [z], &b [" + TEN + "], &c [" + TEN.replace("a", "b") + "]]}", "x: {event: *nobody}",
    "x: {event: " + "9" * 5000 + "}", "x: 2026-99-99", "[" * 5000,
])  # fmt: skip
@pytest.mark.parametrize(("where", "field"), [
    ("/signals/kinds/preview/", "behaviour"), ("/segments/new/", "behaviour"), ("/metrics/new/", "question"),
])  # fmt: skip
def test_yaml_that_grows_or_means_nothing_is_refused(cast, event_home, where, field, text):
    answer = cast.client("mei").post(where, {"about": "account", "rule": "m.mrr > 1.0", field: text})
    page = answer.content.decode()
    assert answer.status_code in (200, 422) and "This is not YAML" in page
    assert "[&#x27;z&#x27;]" not in page


def test_a_table_of_rules_with_an_odd_place_is_drawn(cast, event_home):
    answer = cast.client("mei").post("/tiers/preview/", {"tier_²": "S", "column_" + "9" * 900: "m.mrr"})
    assert answer.status_code in (200, 422)


def test_who_declined_is_not_written_to_as_the_person_they_became_part_of(cast, text):
    from bihuan.act.reach.actions import opt_out, send_message
    from bihuan.act.reach.queries import audience_of
    from bihuan.capture.identity.actions import merge_by_hand

    calls = made("call")
    opt_out(person=cast.he, kind="call", how="staff", by=SYSTEM, at=NOW)
    merge_by_hand(stays=cast.lin, gone=cast.he, by=SYSTEM, at=NOW)
    cast.he.refresh_from_db()
    for person in (cast.he, cast.lin):
        row = send_message(
            key=person.key,
            channel=calls,
            template=text,
            account=cast.yunshan,
            person=person,
            by=SYSTEM,
            at=NOW,
        )
        assert (row.state, row.reason) == ("skipped", "opted_out"), person
    assert audience_of(actor=SYSTEM, channel=calls, at=NOW).chosen == ()


@pytest.fixture
def south(cast):
    """A manager of the south only."""
    from bihuan.know.staff.actions import add_staff

    cast.people["sui"] = add_staff(
        username="sui", name="Sui", roles=["manager"], reach="region", regions=[cast.yunshan.region], by=SYSTEM, at=NOW
    )  # fmt: skip
    return cast


def test_who_sees_some_accounts_takes_no_channel_of_all(south):
    web = made("webhook", url="https://hooks.example/x")
    group = made("wecom", token="0123456789", account=south.yunshan)
    page, rest = south.client("sui"), south.rest("sui")
    for one, found in ((web, 404), (group, 422)):
        assert rest.post(f"/api/v1/reach/channels/{one.pk}/secret").status_code == found
    said = json.dumps({"url": "https://evil.example/x"})
    assert (
        rest.patch(f"/api/v1/reach/channels/{web.pk}", said, content_type="application/json").status_code
        == 404
    )
    assert rest.delete(f"/api/v1/reach/channels/{web.pk}").status_code == 404
    assert page.post(f"/reach/channels/{web.pk}/secret/").status_code == 404
    assert page.post(f"/reach/channels/{web.pk}/edit/", {"name": "x"}).status_code == 404
    assert page.post(f"/reach/channels/{web.pk}/remove/").status_code == 404
    assert "/edit/" not in page.get(f"/reach/channels/{web.pk}/").content.decode()
    assert f"/reach/channels/{group.pk}/edit/" in page.get(f"/reach/channels/{group.pk}/").content.decode()
    web.refresh_from_db()
    assert web.url == "https://hooks.example/x" and web.removed_at is None


def test_nobody_reads_of_an_account_that_they_were_never_at(cast, text):
    said = {"key": "k", "channel_id": made("call").pk, "template_id": text.pk, "person_id": cast.lin.pk}
    for account, status in ((cast.songtao, 422), (cast.yunshan, 201)):
        body = json.dumps(said | {"account_id": account.pk})
        answer = cast.rest("mei").post("/api/v1/reach/messages", body, content_type="application/json")
        assert answer.status_code == status, account


def test_a_name_calls_no_group(cast):
    from bihuan.act.reach.rules.placeholders import filled

    name = '<at user_id="all">a</at> <AT x> <b> 3 <attic'
    assert filled("<at>{{ person.name }}", {"person.name": name}) == (
        '<at>＜at user_id="all">a＜/at> ＜AT x> <b> 3 <attic'
    )


def test_a_message_speaks_of_the_senders_territory(cast, text):
    from bihuan.act.reach.models import Message
    from bihuan.know.accounts.models import Membership

    for day in (date(2023, 1, 1), date(2025, 1, 1)):
        Membership.objects.create(person=cast.lin, account=cast.songtao, starts_on=day)
    said = {"key": "k", "channel_id": made("call").pk, "template_id": text.pk, "person_id": cast.lin.pk}
    answer = cast.rest("song").post(
        "/api/v1/reach/messages", json.dumps(said), content_type="application/json"
    )
    assert answer.status_code == 201 and answer.json()["body"] == "云杉仪器"
    assert Message.objects.get().account == cast.yunshan


def test_what_a_kind_needs_holds_for_what_it_raised_before(cast):
    from bihuan.foresee.signals.actions import add_kind, change_kind, raise_signal

    kind = add_kind(key="mine", title="x", rule="m.mrr > 1.0", by=SYSTEM, at=NOW)
    raise_signal(
        kind="mine", day=TODAY, seen={}, origin="x", about="x", account=cast.yunshan, by=SYSTEM, at=NOW
    )
    numbers = []
    for needs in ("", "mining.view", ""):
        change_kind(kind=kind, needs=needs, by=cast.actor("mei"), at=NOW)
        numbers.append(len(cast.rest("song").get("/api/v1/signals").json()["items"]))
    assert numbers == [1, 0, 1]
