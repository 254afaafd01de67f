"""Group robots of 企业微信, 钉钉 and 飞书: what is posted, how it is signed, how much they take, how they answer."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

WECOM, DINGTALK, FEISHU = "wecom", "dingtalk", "feishu"
ROBOTS = (WECOM, DINGTALK, FEISHU)
#: Bytes of text that a robot takes at once.
MOST_BYTES = {WECOM: 2_048, DINGTALK: 20_000, FEISHU: 18_000}
#: So many posts in so many seconds.
WINDOWS = {WECOM: ((20, 60),), DINGTALK: ((20, 60),), FEISHU: ((100, 60), (5, 1))}
#: When a robot says that it was too much, it is left alone for so long.
PAUSE = {WECOM: timedelta(minutes=1), DINGTALK: timedelta(minutes=10), FEISHU: timedelta(minutes=1)}
TOO_MUCH = {WECOM: {45009}, DINGTALK: {130101, 660026, 410100}, FEISHU: {9499, 11232}}
#: Between two messages that are merged into one.
BETWEEN = "\n\n"
TOKEN = re.compile(r"[A-Za-z0-9_-]{8,200}")


@dataclass(frozen=True, kw_only=True)
class Posting:
    """What is sent where."""

    url: str
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a robot's answer means: taken; refused for good; or `again`, not now, with the pause that it wants."""

    ok: bool
    again: bool = False
    pause: timedelta | None = None
    why: str = ""


def feishu_sign(*, timestamp: str, secret: str) -> str:
    """The key is timestamp, line feed and secret; the message is empty."""
    key = f"{timestamp}\n{secret}".encode()
    return base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()


def dingtalk_sign(*, timestamp: str, secret: str) -> str:
    """The key is the secret; the message is timestamp, line feed and secret. Not yet encoded for an address."""
    signed = f"{timestamp}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def posting(*, kind: str, base: str, token: str, secret: str, text: str, at: datetime) -> Posting:
    """The request for a text; signed when there is a secret (WeCom's key is its secret)."""
    if kind == WECOM:
        body: dict[str, object] = {"msgtype": "text", "text": {"content": text}}
        return Posting(url=f"{base}/cgi-bin/webhook/send?key={quote(token)}", body=_json(body))
    if kind == DINGTALK:
        url = f"{base}/robot/send?access_token={quote(token)}"
        if secret:
            stamp = str(int(at.timestamp() * 1000))
            url += f"&timestamp={stamp}&sign={quote(dingtalk_sign(timestamp=stamp, secret=secret), safe='')}"
        return Posting(url=url, body=_json({"msgtype": "text", "text": {"content": text}}))
    body = {"msg_type": "text", "content": {"text": text}}
    if secret:
        stamp = str(int(at.timestamp()))
        body = {"timestamp": stamp, "sign": feishu_sign(timestamp=stamp, secret=secret), **body}
    return Posting(url=f"{base}/open-apis/bot/v2/hook/{quote(token)}", body=_json(body))


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def read_answer(*, kind: str, status: int, text: str) -> Verdict:
    """All three answer 200 and say in JSON whether they took it."""
    if status == 429 or status >= 500:
        return Verdict(
            ok=False, again=True, pause=PAUSE[kind] if status == 429 else None, why=f"answered {status}"
        )
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return Verdict(ok=False, why=f"answered {status} without saying whether it was taken")
    code = said.get("errcode", said.get("code", said.get("StatusCode")))
    if status == 200 and code == 0:
        return Verdict(ok=True)
    why = f"{code}: {str(said.get('errmsg', said.get('msg', '')))[:200]}"
    if code in TOO_MUCH[kind]:
        return Verdict(ok=False, again=True, pause=PAUSE[kind], why=why)
    return Verdict(ok=False, why=why)


def ready_at(*, kind: str, sent: Sequence[datetime], at: datetime) -> datetime:
    """When the robot takes the next post after those that were sent (in order): `at` when it does now. Feishu is left alone
    in the first minute of each half hour, when everybody's robots speak."""
    ready = at
    for most, seconds in WINDOWS[kind]:
        span = timedelta(seconds=seconds)
        inside = [one for one in sent if one > at - span]
        if len(inside) >= most:
            ready = max(ready, inside[-most] + span)
    if kind == FEISHU and ready.minute in (0, 30):
        ready = ready.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return ready


def room(*, kind: str, sent: Sequence[datetime], at: datetime) -> int:
    """How many posts it takes now."""
    if ready_at(kind=kind, sent=sent, at=at) > at:
        return 0
    return min(
        most - sum(one > at - timedelta(seconds=seconds) for one in sent) for most, seconds in WINDOWS[kind]
    )


def groups(texts: Sequence[str], *, kind: str, room: int) -> list[list[int]]:
    """Which texts (by position, in order) go out together: each alone while less than half of the room is asked for, else as
    many as fit into one post. At most `room` groups; what is left waits."""
    if room <= 0:
        return []
    if len(texts) * 2 <= room or len(texts) == 1:
        return [[n] for n in range(len(texts))]
    found: list[list[int]] = []
    size = 0
    for n, text in enumerate(texts):
        more = len(text.encode()) + (len(BETWEEN) if found else 0)
        if found and size + more <= MOST_BYTES[kind]:
            found[-1].append(n)
            size += more
        else:
            found.append([n])
            size = len(text.encode())
    return found[:room]
