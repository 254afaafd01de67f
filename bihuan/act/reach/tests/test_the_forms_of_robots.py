"""Robots are spoken to in their exact forms; they are given no more than they take, and nothing is lost."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.act.reach.rules import robots

AT = datetime(2026, 11, 18, 2, 31, tzinfo=UTC)


def test_feishu_is_signed_with_time_and_secret_as_the_key() -> None:
    wanted = "wSds2BzzFIIGf/WrhUO+NI1q/9j+FRJd3JNHKAq0NZY="
    assert robots.feishu_sign(timestamp="1599360473", secret="test-secret") == wanted


def test_dingtalk_is_signed_with_the_secret_as_the_key() -> None:
    wanted = "bwOSU6XMEexAHKuyN31krxa2lbNEg4trOnn0f+E2pPs="
    assert robots.dingtalk_sign(timestamp="1599360473", secret="test-secret") == wanted


def made(kind, secret="s3cret"):
    return robots.posting(
        kind=kind, base="https://there", token="abcdefgh", secret=secret, text="你好", at=AT
    )


def test_wecom_takes_the_key_in_the_address() -> None:
    found = made("wecom")
    assert found.url == "https://there/cgi-bin/webhook/send?key=abcdefgh"
    assert json.loads(found.body) == {"msgtype": "text", "text": {"content": "你好"}}


def test_dingtalk_takes_milliseconds_and_a_signature_in_the_address() -> None:
    found = made("dingtalk")
    asked = parse_qs(urlsplit(found.url).query)
    stamp = str(int(AT.timestamp() * 1000))
    assert found.url.startswith("https://there/robot/send?access_token=abcdefgh&timestamp=")
    assert asked["timestamp"] == [stamp]
    assert asked["sign"] == [robots.dingtalk_sign(timestamp=stamp, secret="s3cret")]
    assert "sign" not in made("dingtalk", secret="").url


def test_feishu_takes_seconds_and_a_signature_in_the_body() -> None:
    found = made("feishu")
    stamp = str(int(AT.timestamp()))
    assert found.url == "https://there/open-apis/bot/v2/hook/abcdefgh"
    assert json.loads(found.body) == {
        "timestamp": stamp, "sign": robots.feishu_sign(timestamp=stamp, secret="s3cret"), "msg_type": "text",
        "content": {"text": "你好"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "status", "text", "ok", "again"),
    [
        ("wecom", 200, '{"errcode":0,"errmsg":"ok"}', True, False),
        ("wecom", 200, '{"errcode":45009,"errmsg":"api freq out of limit"}', False, True),
        ("wecom", 200, '{"errcode":93000,"errmsg":"invalid webhook url"}', False, False),
        ("dingtalk", 200, '{"errcode":0}', True, False),
        ("dingtalk", 200, '{"errcode":310000,"errmsg":"sign not match"}', False, False),
        ("dingtalk", 200, '{"errcode":130101,"errmsg":"send too fast"}', False, True),
        ("feishu", 200, '{"StatusCode":0,"StatusMessage":"success"}', True, False),
        ("feishu", 200, '{"code":0,"msg":"success"}', True, False),
        ("feishu", 200, '{"code":19021,"msg":"sign match fail"}', False, False),
        ("feishu", 200, '{"code":11232,"msg":"frequency limited"}', False, True),
        ("feishu", 503, "busy", False, True),
        ("feishu", 200, "<html>", False, False),
    ],
)
def test_a_robot_says_whether_it_took_it(kind, status, text, ok, again) -> None:
    found = robots.read_answer(kind=kind, status=status, text=text)
    assert (found.ok, found.again) == (ok, again)


def test_dingtalk_is_left_alone_for_ten_minutes_when_it_was_too_much() -> None:
    found = robots.read_answer(kind="dingtalk", status=200, text='{"errcode":130101}')
    assert found.pause == timedelta(minutes=10)


def test_the_twenty_first_post_of_a_minute_waits_until_the_first_is_a_minute_old() -> None:
    sent = [AT - timedelta(seconds=50 - n) for n in range(20)]
    assert robots.ready_at(kind="wecom", sent=sent, at=AT) == sent[0] + timedelta(minutes=1)
    assert robots.room(kind="wecom", sent=sent, at=AT) == 0
    assert robots.room(kind="wecom", sent=sent[1:], at=AT) == 1


def test_feishu_takes_five_a_second_and_is_spared_each_half_hour() -> None:
    assert robots.room(kind="feishu", sent=[AT] * 5, at=AT) == 0
    assert robots.room(kind="feishu", sent=[], at=AT) == 5
    half = AT.replace(minute=30, second=3)
    assert robots.ready_at(kind="feishu", sent=[], at=half) == half.replace(minute=31, second=0)


@given(st.lists(st.text(max_size=900), max_size=60), st.sampled_from(robots.ROBOTS), st.integers(0, 20))
def test_merging_keeps_the_order_loses_nothing_and_fits(texts, kind, room) -> None:
    together = robots.groups(texts, kind=kind, room=room)
    flat = [n for group in together for n in group]
    assert flat == list(range(len(flat))) and len(together) <= room
    for group in together:
        size = len(robots.BETWEEN.join(texts[n] for n in group).encode())
        assert len(group) == 1 or size <= robots.MOST_BYTES[kind]
    if room and len(texts) * 2 <= room:
        assert all(len(group) == 1 for group in together)
