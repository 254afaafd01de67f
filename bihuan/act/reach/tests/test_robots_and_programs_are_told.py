"""Group robots and other programs: exact bytes and signatures, limits that merge, places that are not called."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cast import NOW, SYSTEM
from django.core.exceptions import ValidationError
from standardwebhooks.webhooks import Webhook

from bihuan.act.reach.actions import change_limits, remove_channel, send_due
from bihuan.act.reach.models import Channel, State, Why
from bihuan.act.reach.rules.robots import dingtalk_sign, feishu_sign
from bihuan.base.webhooks.signing import secret_text

pytestmark = pytest.mark.django_db
TOKEN = "0123456789abcdef"


@pytest.fixture(autouse=True)
def at_any_hour(cast):
    change_limits(person_week=0, account_week=0, business_hours=False, count_opens=False, by=SYSTEM, at=NOW)


def states(rows):
    for row in rows:
        row.refresh_from_db()
    return [row.state for row in rows]


def test_wecom_gets_the_text_and_the_key(there, channel, send):
    row = send(channel("wecom", token=TOKEN))
    send_due(at=NOW)
    (headers, body), (path,) = there.got[0], there.paths
    assert path == f"/cgi-bin/webhook/send?key={TOKEN}" and headers["content-type"].startswith(
        "application/json"
    )
    said = json.loads(body)["text"]["content"]
    assert said.startswith("林云，合同快到期了\n云杉仪器 的合同还有 30 天到期。") and said.endswith(
        "https://app.example/renew"
    )
    assert states([row]) == [State.SENT] and row.person is None, "a group is no person"


def test_dingtalk_and_feishu_get_a_signature_of_their_own_kind(there, channel, send):
    first = send(channel("dingtalk", token=TOKEN, secret="SECabc"))
    send(channel("feishu", token=TOKEN, secret="s3cret"), key="2", template=first.template)
    at = NOW.replace(minute=31)
    send_due(at=at)
    by_path = {
        urlsplit(path).path: (path, body)
        for path, (_headers, body) in zip(there.paths, there.got, strict=True)
    }
    asked = parse_qs(urlsplit(by_path["/robot/send"][0]).query)
    assert asked["sign"] == [dingtalk_sign(timestamp=asked["timestamp"][0], secret="SECabc")]
    assert abs(int(asked["timestamp"][0]) / 1000 - at.timestamp()) < 30
    said = json.loads(by_path[f"/open-apis/bot/v2/hook/{TOKEN}"][1])
    assert said["sign"] == feishu_sign(timestamp=said["timestamp"], secret="s3cret")


def test_many_messages_are_merged_and_none_is_lost(there, channel, send, template):
    to, text = (
        channel("wecom", token=TOKEN),
        template(subject_zh="第{{ data.n }}条", body_zh="x" * 300, link="", link_zh=""),
    )
    rows = [send(to, key=str(n), template=text, data={"n": n}) for n in range(60)]
    at = NOW
    for _ in range(6):
        send_due(at=at)
        at += timedelta(minutes=1)
    assert set(states(rows)) == {State.SENT}
    told = [json.loads(body)["text"]["content"] for _headers, body in there.got]
    assert all(len(one.encode()) <= 2048 for one in told) and 10 <= len(told) <= 30
    assert [f"第{n}条" for n in range(60)] == [
        line for one in told for line in one.split("\n") if line.startswith("第")
    ]


def test_a_robot_that_had_too_much_is_left_alone_and_then_told(there, channel, send):
    there.text = '{"errcode":130101,"errmsg":"send too fast"}'
    to = channel("dingtalk", token=TOKEN)
    row = send(to)
    send_due(at=NOW)
    assert states([row]) == [State.QUEUED]
    there.text = '{"errcode":0}'
    send_due(at=NOW + timedelta(minutes=9))
    assert states([row]) == [State.QUEUED] and len(there.got) == 1
    send_due(at=NOW + timedelta(minutes=11))
    assert states([row]) == [State.SENT]


def test_a_robot_that_says_no_fails_with_its_words(there, channel, send):
    there.text = '{"errcode":93000,"errmsg":"invalid webhook url"}'
    row = send(channel("wecom", token=TOKEN))
    send_due(at=NOW)
    assert states([row]) == [State.FAILED] and "invalid webhook url" in row.error


def test_a_robot_that_takes_it_and_says_nothing_is_asked_about(there, channel, send):
    there.answers = [2]
    row = send(channel("wecom", token=TOKEN))
    send_due(at=NOW)
    assert states([row]) == [State.HELD] and row.reason == Why.UNCLEAR
    send_due(at=NOW + timedelta(days=2))
    assert len(there.got) == 1


def test_a_robot_in_a_customers_group_hears_nothing_of_others(there, channel, send, cast):
    to = channel("wecom", token=TOKEN, account=cast.songtao)
    assert send(to).reason == Why.NOT_THEIRS
    assert send(channel("wecom", token=TOKEN), key="ours").state == State.QUEUED


def test_what_is_longer_than_a_robot_takes_is_skipped_whole(there, channel, send, template):
    row = send(channel("wecom", token=TOKEN), template=template(body_zh="长" * 700))
    assert (row.state, row.reason) == (State.SKIPPED, Why.TOO_LONG)


def test_a_program_verifies_what_it_gets(there, channel, send, cast):
    to = channel("webhook", url=there.url)
    there.answers = [503]
    row = send(to)
    send_due(at=NOW)
    assert states([row]) == [State.QUEUED]
    send_due(at=NOW + timedelta(minutes=1))
    assert states([row]) == [State.SENT]
    (first, body), (second, again) = there.got
    assert first["webhook-id"] == second["webhook-id"] == f"msg_{row.uid.hex}" and body == again
    hook = Webhook(secret_text(to.key))
    import standardwebhooks.webhooks as lib

    class Then(lib.datetime):
        @classmethod
        def now(cls, tz=None):
            return NOW

    before, lib.datetime = lib.datetime, Then
    try:
        said = hook.verify(body, first)
    finally:
        lib.datetime = before
    assert said["data"]["account"] == {"id": cast.yunshan.pk, "key": "yunshan", "name": "云杉仪器"}


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://169.254.169.254/latest", "https://[::ffff:10.0.0.1]/",
                                 "https://2130706433/"])  # fmt: skip
def test_inner_addresses_are_not_called(there, settings, channel, send, url):
    settings.WEBHOOK_NETWORKS = ""
    row = send(channel("webhook", url=url))
    send_due(at=NOW)
    assert states([row]) == [State.QUEUED] and there.got == [] and "not a public address" in row.error


@pytest.mark.parametrize("token", ["", "a b", "abc?key=x", "../../x", "x" * 300])
def test_a_key_that_is_none_is_refused(there, channel, token):
    with pytest.raises(ValidationError) as found:
        channel("wecom", token=token)
    assert "token" in found.value.message_dict


def test_what_others_gave_us_lies_sealed_in_the_database(there, channel, settings):
    row = Channel.objects.get(pk=channel("dingtalk", token=TOKEN, secret="SECabc").pk)
    assert TOKEN not in row.hidden and "SECabc" not in row.hidden
    assert row.credentials == {"token": TOKEN, "secret": "SECabc"}
    settings.SECRET_KEY = "another"
    assert row.credentials == {}


def test_a_channel_that_is_removed_sends_nothing_more(there, channel, send):
    row = send(channel("wecom", token=TOKEN))
    remove_channel(channel=row.channel, by=SYSTEM, at=NOW)
    send_due(at=NOW)
    assert states([row]) == [State.CANCELLED] and there.got == []
    assert Channel.objects.get().credentials == {}
