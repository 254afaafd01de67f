"""A customer's product on another origin embeds the script: a pop-up is seen and followed, a banner closed, the inbox read; and
what its reader did arrives as events with person and account."""

import hashlib
import hmac
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.installation import Installation
from tests.journeys.conftest import PHONE, WIDE
from tests.journeys.test_every_page import AXE, RUN_AXE, TOO_WIDE

pytestmark = pytest.mark.browser
#: The strictest policy that a product can have: nothing inline, no eval, no style but that of its own.
PAGE = """<!doctype html><html lang="%(language)s"><meta charset="utf-8"><title>Product</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; script-src %(home)s; connect-src %(home)s">
<main><h1>Product</h1><button>Work</button></main>
<script src="%(home)s/r/reach.js" defer data-channel="%(channel)s" data-id="%(who)s" data-signature="%(signature)s"></script></html>"""


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def product(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """The folder of the customer's pages, and their address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield tmp_path, f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Set:
    """What was set up: the channel, its secret, the person, the account."""

    channel: dict[str, Any]
    secret: str
    person: dict[str, Any]
    account: dict[str, Any]


def made(wei: httpx.Client, path: str, **body: Any) -> dict[str, Any]:
    answer = wei.post(f"/api/v1/{path}", json=body)
    assert answer.status_code in (200, 201, 202), answer.text
    found: dict[str, Any] = answer.json()
    return found


def set_up(wei: httpx.Client, who: str) -> Set:
    owner = made(wei, "products", name=f"Product of {who}")
    account = wei.get("/api/v1/accounts", params={"limit": 1}).json()["items"][0]
    person = made(wei, f"accounts/{account['id']}/people", name="林云", key=who)
    channel = made(wei, "reach/channels", kind="in_app", name=f"Inbox {who}", product_id=owner["id"])
    secret = made(wei, f"reach/channels/{channel['id']}/secret")["secret"]
    for n, shows in enumerate(("popup", "banner", "inbox")):
        text = made(
            wei, "reach/templates", name=f"{who} {shows}", kinds=["in_app"], subject_zh=f"{shows} for {{{{ person.name }}}}",
            body_zh="<img src=x onerror=alert(1)> {{ account.name }}", link="https://app.example/renew", link_zh="Renew",
            shows=shows,
        )  # fmt: skip
        key = f"{who}-{n}"
        made(
            wei,
            "reach/messages",
            key=key,
            channel_id=channel["id"],
            template_id=text["id"],
            person_id=person["id"],
        )
    until = time.monotonic() + 90
    while states(wei, person) != {"sent"}:
        assert time.monotonic() < until, "the worker places nothing"
        time.sleep(0.2)
    return Set(channel, secret, person, account)


def messages(wei: httpx.Client, person: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = wei.get(
        "/api/v1/reach/messages", params={"person_id": person["id"]}
    ).json()["items"]
    return found


def states(wei: httpx.Client, person: dict[str, Any]) -> set[str]:
    return {one["state"] for one in messages(wei, person)}


def opened(
    browser: Browser, product: tuple[Path, str], home: str, there: Set, *, signature: str, **look: Any
) -> tuple[Page, list[str]]:
    folder, address = product
    text = PAGE % {"home": home, "channel": there.channel["public_id"], "who": there.person["key"], "signature": signature,
                   "language": look.pop("language", "en")}  # fmt: skip
    (folder / "index.html").write_text(text, encoding="utf-8")
    page = browser.new_context(**look).new_page()
    told: list[str] = []
    page.on("console", lambda message: message.type == "error" and told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(address + "/index.html")
    return page, told


def test_what_a_reader_does_with_a_message_arrives(company: Installation, browser: Browser, product) -> None:
    with closing(company.signed_in("wei", "correct horse battery")) as wei:
        made_limits = wei.put("/api/v1/reach/limits", json={"person_week": 0, "account_week": 0})
        assert made_limits.status_code == 200
        there = set_up(wei, "reader-1")
        signature = hmac.new(there.secret.encode(), b"reader-1", hashlib.sha256).hexdigest()
        page, told = opened(
            browser,
            product,
            company.url,
            there,
            signature=signature,
            viewport={"width": WIDE[0], "height": WIDE[1]},
        )
        page.context.route("https://app.example/**", lambda route: route.fulfill(body="renewed"))
        popup = page.get_by_role("dialog", name="popup for 林云")
        expect(popup).to_be_visible()
        expect(popup).to_contain_text("<img src=x onerror=alert(1)> ")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "BIHUAN-INBOX", (
            "the focus stays in the pop-up"
        )
        page.evaluate(AXE)
        assert page.evaluate(RUN_AXE) == []
        with page.context.expect_page() as followed:
            popup.get_by_role("link", name="Renew").click()
        assert followed.value.url == "https://app.example/renew"
        page.bring_to_front()
        popup.focus()
        page.keyboard.press("Escape")
        expect(popup).to_be_hidden()
        banner = page.get_by_role("status")
        expect(banner).to_contain_text("banner for 林云")
        banner.get_by_role("button", name="Close").click()
        bell = page.get_by_role("button", name="Messages, 1 unread")
        bell.click()
        inbox = page.get_by_role("dialog", name="Messages")
        expect(inbox.get_by_role("listitem")).to_have_count(3)
        page.keyboard.press("Escape")
        expect(inbox).to_be_hidden()
        expect(page.get_by_role("button", name="Messages, 0 unread")).to_be_focused()
        page.reload()
        expect(page.get_by_role("button", name="Messages, 0 unread")).to_be_visible()
        expect(page.get_by_role("status")).to_have_count(0)
        page.context.close()
        assert told == []
        question = {
            "kind": "trend",
            "measure": "count",
            "every": "all",
            "period": {"from": "2020-01-01", "to": "2030-01-01"},
        }
        wanted = {"message_opened": 3, "message_clicked": 1}
        until, found = time.monotonic() + 30, {}
        while found != wanted and time.monotonic() < until:
            for name in wanted:
                answer = wei.post("/api/v1/ask", json=question | {"event": name}).json()
                found[name] = sum(row[-1] for row in answer["rows"])
            time.sleep(0.3)
        assert found == wanted
        events = wei.get(f"/api/v1/accounts/{there.account['id']}/events", params={"limit": 50}).json()
        clicked = [one for one in events if one["name"] == "message_clicked"]
        assert [one["person_id"] for one in clicked] == [there.person["id"]]


def test_without_a_signature_nothing_is_shown_and_on_a_phone_it_fits(
    company: Installation, browser: Browser, product
) -> None:
    with closing(company.signed_in("wei", "correct horse battery")) as wei:
        wei.put("/api/v1/reach/limits", json={"person_week": 0, "account_week": 0})
        there = set_up(wei, "reader-2")
        page, _told = opened(browser, product, company.url, there, signature="0" * 64)
        page.wait_for_timeout(2_000)
        assert page.locator("bihuan-inbox").count() == 0
        page.context.close()
        signature = hmac.new(there.secret.encode(), b"reader-2", hashlib.sha256).hexdigest()
        page, told = opened(
            browser, product, company.url, there, signature=signature, language="zh-CN",
            viewport={"width": PHONE[0], "height": PHONE[1]},
        )  # fmt: skip
        popup = page.get_by_role("dialog", name="popup for 林云")
        popup.get_by_role("button", name="关闭").click()
        page.get_by_role("button", name="消息，").click()
        expect(page.get_by_role("dialog", name="消息")).to_be_visible()
        assert page.evaluate(TOO_WIDE) is None
        page.context.close()
        assert told == []
