"""Every operation that no router knows is refused without a write key and with a wrong or revoked one."""

import base64
import json
from urllib.parse import urlencode

import httpx
import pytest
from access_matrix import WRITE_KEY

from bihuan.capture.ingest.rules.paths import CAPTURE_PATHS
from tests.installation import Installation

CALL = {
    "type": "track",
    "event": "e",
    "userId": "u",
    "distinct_id": "u",
    "specversion": "1.0",
    "id": "1",
    "source": "s",
}


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    made = Installation(tmp_path_factory.mktemp("keys"), ready=True)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def keys(own) -> dict[str, str]:
    """What somebody may hold, and one that is good."""
    good = own.out("source", "add", "web", "--product", "Demo").strip()
    revoked = own.out("source", "add", "old", "--product", "Demo").strip()
    own.out("source", "revoke", "old")
    return {"good": good, "revoked": revoked, "wrong": "bhw_" + "x" * 32, "short": "x"}


def sent(own: Installation, path: str, key: str | None) -> httpx.Response:
    """One event to that path, with the key in every place where a format looks for one."""
    body, query, headers = dict(CALL), "", {}
    if key is not None:
        body |= {"api_key": key, "writeKey": key, "token": key}
        query = "?" + urlencode({"token": key})
        basic = base64.b64encode(f"{key}:".encode()).decode()
        headers["authorization"] = f"Basic {basic}" if path.startswith("/v1/") else f"Bearer {key}"
    content = json.dumps(body | {"batch": [CALL]} if path.strip("/").endswith("batch") else body)
    if path.startswith("/sa"):
        content = urlencode({"data": content})
    return httpx.post(own.url + path + query, content=content, headers=headers, timeout=30)


def test_every_path_of_capture_is_listed():
    listed = {one.partition(" ")[2].rstrip("/") for one in WRITE_KEY}
    assert {path.rstrip("/") for path in CAPTURE_PATHS} == listed


def test_only_a_good_write_key_opens(own, keys):
    for path in sorted(CAPTURE_PATHS):
        assert sent(own, path, keys["good"]).json()["rejected"] == [], path
        for held in ("revoked", "wrong", "short"):
            answer = sent(own, path, keys[held])
            assert (answer.status_code, answer.json()["status"]) == (401, 0), (path, held, answer.text)
        answer = sent(own, path, None)
        assert (answer.status_code, answer.json()["status"]) == (401, 0), path


def test_nothing_but_sending_is_done_at_the_paths(own, keys):
    for path in sorted(CAPTURE_PATHS):
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            answer = httpx.request(
                method, own.url + path, headers={"authorization": f"Bearer {keys['good']}"}
            )
            assert answer.status_code in (401, 404, 405), (method, path, answer.status_code)
