"""posthog-js in Chromium, on a page of another origin: what it sends arrives, for the right person and account."""

import json
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from bihuan.capture.store import Store
from tests.installation import Installation

pytestmark = pytest.mark.browser
SCRIPT = Path(__file__).resolve().parents[2] / "node_modules/posthog-js/dist/array.no-external.js"
PAGE = """<!doctype html><meta charset="utf-8"><title>Elsewhere</title><link rel="icon" href="data:,"><script src="posthog.js"></script>
<script>
  posthog.init(%s, {api_host: %s, autocapture: false, disable_session_recording: true, advanced_disable_flags: true,
                    disable_compression: %s, capture_pageview: true, persistence: "memory",
                    opt_out_useragent_filter: true});
  posthog.capture("js_before");
  posthog.identify("js-user", {name: "江心"});
  posthog.group("company", "js-acme");
  posthog.capture("js_after", {n: 1, title: "订单"});
</script>"""


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address at which another server serves it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    (tmp_path / "posthog.js").write_bytes(SCRIPT.read_bytes())
    yield tmp_path, f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def events(home: Path, source: str) -> list[dict[str, Any]]:
    store = Store(home)
    groups = store.log.read(after=0, max_rows=50_000_000)
    rows = [row for group in groups if group.kind == 0 for row in group.events().to_pylist()]
    store.close()
    return [row | {"props": json.loads(row["props"])} for row in rows if row["name"].startswith(("js_", "$"))
            and json.loads(row["props"]).get("token", source) == source]  # fmt: skip


@pytest.mark.parametrize("plain", ["true", "false"])
def test_posthog_js_sends_from_another_origin(
    company: Installation, browser: Browser, elsewhere, plain: str
) -> None:
    folder, address = elsewhere
    key = company.out("source", "add", f"js-{plain}", "--product", "Web").strip()
    (folder / "index.html").write_text(
        PAGE % (json.dumps(key), json.dumps(company.url), plain), encoding="utf-8"
    )
    context = browser.new_context()
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: message.type == "error" and told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(address + "/index.html")
    until = time.monotonic() + 20
    found: list[dict[str, Any]] = []
    while time.monotonic() < until and "js_after" not in {row["name"] for row in found}:
        time.sleep(0.5)
        found = events(company.home, key)
    page.goto("about:blank")  # what is still waiting goes by a beacon
    time.sleep(1)
    found = events(company.home, key)
    context.close()
    assert told == []
    names = [row["name"] for row in found]
    assert {"$pageview", "js_before", "$identify", "$groupidentify", "js_after"} <= set(names)
    assert len(names) == len({row["event_id"] for row in found}), "each once"
    after = next(row for row in found if row["name"] == "js_after")
    assert (after["props"]["n"], after["props"]["title"]) == (1, "订单")
    assert after["props"]["$groups"] == {"company": "js-acme"}
    assert after["distinct_id"] == "js-user"
