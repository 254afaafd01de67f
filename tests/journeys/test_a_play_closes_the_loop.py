"""The loop, once around: use of an account falls, a signal is raised, a play is proposed on its owner's bench and confirmed there,
a reader sees the message in the product, comes back, the goal is reached, and the outcome counts it."""

import hashlib
import hmac
import re
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.installation import Installation
from tests.journeys.conftest import PHONE, WIDE
from tests.journeys.test_a_message_in_a_product import Set, made, opened, product
from tests.journeys.test_every_page import findings

__all__ = ["product"]
pytestmark = pytest.mark.browser

PLAY = {
    "key": "come_back", "name": "Come back", "name_zh": "回来看看", "about": "Use fell: show what is new.",
    "about_zh": "使用量下降：介绍新功能。", "trigger": {"kind": "signal", "signals": ["usage_fell"]}, "audience": "account.stage != 'lost'",
    "mode": "asked", "goal": {"event": ["report_opened"], "title": "Opens a report again", "title_zh": "重新打开报表"},
    "window": 14, "rest": 30, "per_week": 3, "hold_out": 0, "assumed_effect": "0.1", "worth": "0.3", "minutes": {"admin": 10},
    "steps": [{"kind": "message", "channel": "in_app", "to": "everybody", "title": "Reports are twice as fast",
               "title_zh": "报表快了一倍", "text": "Have a look, {{ person.name }}.", "text_zh": "{{ person.name }}，来看看。"}],
}  # fmt: skip


def until(found: Any, *, what: str, seconds: float = 90) -> Any:
    end = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < end, what
        time.sleep(0.3)
    return value


def send(wei: httpx.Client, key: str, account: str, person: str, moments: list[datetime], name: str) -> None:
    batch = [
        {"event": name, "timestamp": moment.isoformat(),
         "properties": {"distinct_id": person, "$groups": {"company": account}}}
        for moment in moments
    ]  # fmt: skip
    answer = wei.post(
        "/batch/", json={"api_key": key, "batch": batch, "sent_at": datetime.now(UTC).isoformat()}
    )
    assert answer.status_code == 200, answer.text


def test_from_falling_use_to_a_goal_that_is_counted(company: Installation, browser, visit, product) -> None:
    write_key = company.out("source", "add", "loop-web", "--product", "Loop").strip()
    with closing(company.signed_in("wei", "correct horse battery")) as wei:
        wei.put("/api/v1/reach/limits", json={"person_week": 0, "account_week": 0})
        account = made(wei, "accounts", name="环路精工", key="loop-ltd", stage="value", tier="A")
        person = made(wei, f"accounts/{account['id']}/people", name="林云", key="loop-reader")
        me = next(one for one in wei.get("/api/v1/staff").json()["items"] if one["name"] == "Wei")
        team = [{"staff_id": me["id"], "role": "sales", "is_owner": True}]
        answer = wei.put(f"/api/v1/accounts/{account['id']}/team", json={"members": team})
        assert answer.status_code == 200, answer.text
        of_product = next(one for one in wei.get("/api/v1/products").json()["items"] if one["name"] == "Loop")
        channel = made(wei, "reach/channels", kind="in_app", name="Loop inbox", product_id=of_product["id"])
        secret = made(wei, f"reach/channels/{channel['id']}/secret")["secret"]
        made(wei, "plays", **PLAY)
        assert wei.post("/api/v1/plays/come_back/switch", json={"on": True}).status_code == 200

        now = datetime.now(UTC)
        busy = [now - timedelta(days=30 + n % 25, minutes=n) for n in range(60)]
        send(wei, write_key, "loop-ltd", "loop-reader", busy, "order_opened")
        send(wei, write_key, "loop-ltd", "loop-reader", [now - timedelta(days=5)], "order_opened")
        until(
            lambda: (
                len(wei.get(f"/api/v1/accounts/{account['id']}/events", params={"limit": 100}).json()) >= 61
            ),
            what="the events do not arrive",
        )

        visitor = visit(language="en", size=WIDE)
        page = visitor.page
        visitor.go("/signals/kinds/")
        page.get_by_role("button", name="Look now").click()
        run = until(
            lambda: next(
                (one for one in wei.get("/api/v1/play-runs", params={"play": "come_back"}).json()["items"]
                 if one["account_id"] == account["id"]), None),
            what="no play is proposed",
        )  # fmt: skip
        assert (run["state"], run["arm"], run["assignee_id"]) == ("proposed", "treated", me["id"])

        visitor.go("/bench/")
        page.get_by_role("link", name="环路精工").first.click()
        visitor.quiet()
        visitor.go(f"/play-runs/{run['id']}/")
        expect(page.locator("main")).to_contain_text("Have a look, 林云.")
        page.get_by_role("button", name="Confirm").click()
        page.get_by_role("button", name="Do it at once").click()
        until(
            lambda: [one["state"] for one in wei.get("/api/v1/reach/messages", params={"person_id": person["id"]}).json()["items"]]
            == ["sent"],
            what="the message is not placed",
        )  # fmt: skip

        there = Set(channel, secret, person, account)
        signature = hmac.new(secret.encode(), b"loop-reader", hashlib.sha256).hexdigest()
        reader, told = opened(browser, product, company.url, there, signature=signature)
        reader.get_by_role("button", name="Messages, 1 unread").click()
        expect(reader.get_by_role("dialog", name="Messages")).to_contain_text("Have a look, 林云.")
        reader.context.close()
        assert told == []

        send(wei, write_key, "loop-ltd", "loop-reader", [datetime.now(UTC)], "report_opened")
        visitor.go("/plays/")
        until(
            lambda: any(
                one["name"] == "report_opened"
                for one in wei.get(f"/api/v1/accounts/{account['id']}/events", params={"limit": 20}).json()
            ),
            what="the return does not arrive",
        )
        page.get_by_role("button", name="Look now").click()
        until(
            lambda: wei.get(f"/api/v1/play-runs/{run['id']}").json()["goal_reached_at"],
            what="the goal is not seen",
        )
        outcome = wei.get("/api/v1/plays/come_back/outcome").json()
        assert outcome["so_far"]["treated"][0] == 1
        visitor.go("/plays/come_back/")
        expect(page.locator("main")).to_contain_text("Opens a report again")
        expect(page.locator("main")).to_contain_text(
            re.compile(r"1 of \d+ (has|have) reached the goal so far")
        )
        assert visitor.troubles() == []


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "light"), (PHONE, "light"), (WIDE, "dark")], ids=str)
def test_the_pages_of_plays_are_sound(visit, size, theme) -> None:
    visitor = visit(language="zh-hans", size=size, theme=theme)
    pages = [
        "/plays/",
        "/plays/usage_fall/",
        "/plays/usage_fall/edit/",
        "/plays/new/",
        "/plan/",
        "/plan/settings/",
        "/warning/",
        "/warning/backtest/",
        "/warning/models/",
        "/play-runs/",
    ]
    wrong = {path: found for path in pages if (found := findings(visitor, path, narrow=size == PHONE))}
    assert wrong == {}
