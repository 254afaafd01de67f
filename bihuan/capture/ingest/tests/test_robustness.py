"""Whatever is sent to a running server, at any path of capture: an answer comes, and it is never our fault."""

import gzip
import json
import socket
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.capture.ingest.rules.formats import FORMATS

paths = st.sampled_from(
    [path + slash for _decode, paths in FORMATS.values() for path in paths for slash in ("", "/")]
)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.just("\ud83d")
    | st.just("a\0b"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
words = st.sampled_from(
    ["type", "event", "userId", "anonymousId", "groupId", "traits", "context", "properties", "batch", "timestamp",
     "messageId", "distinct_id", "time", "_track_id", "original_id", "login_id", "item_id", "specversion", "id", "source",
     "data", "subject", "person", "account", "sentAt", "sent_at", "uuid", "$set", "$set_once", "token"]
)  # fmt: skip
kinds = st.sampled_from(
    ["track", "identify", "group", "alias", "page", "profile_set", "item_set", "track_signup", "1.0", "$identify",
     "$groupidentify", "$create_alias", "2026-11-22T08:00:00Z", "u1", "a1", "guest"]
)  # fmt: skip
objects = st.dictionaries(words, json_values | kinds, max_size=9)
bodies = (
    objects | st.lists(objects, max_size=5) | st.fixed_dictionaries({"batch": st.lists(objects, max_size=5)})
)
ANSWERS = {200, 400, 401, 408, 413, 415}
many = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def client(server):
    with httpx.Client(base_url=server.url, timeout=30) as made:
        yield made


@many
@given(paths, bodies, st.booleans(), st.booleans())
def test_any_json_with_a_good_key_is_answered(
    server, key, client, path: str, body, packed: bool, form: bool
) -> None:
    if isinstance(body, dict):
        body = body | {"api_key": key, "writeKey": key}
    content = json.dumps(body).encode()
    if form or path.startswith("/sa"):
        content = urlencode({"data": content.decode()}).encode()
    headers = {"authorization": f"Bearer {key}"}
    if packed:
        content, headers = gzip.compress(content), headers | {"content-encoding": "gzip"}
    answer = client.post(f"{path}?token={key}", content=content, headers=headers)
    assert answer.status_code in ANSWERS, answer.text
    told = answer.json()
    if answer.status_code == 200:
        assert told["status"] == 1
        assert all(one["reason"] and one["index"] >= 0 for one in told["rejected"])
    else:
        assert told["detail"]


@many
@given(
    paths,
    st.binary(max_size=300),
    st.sampled_from(["", "gzip", "deflate", "br", "identity"]),
    st.text(max_size=20),
)
def test_any_bytes_are_answered(
    server, key, client, path: str, body: bytes, encoding: str, query: str
) -> None:
    answer = client.post(
        path, params={"_": query, "token": key}, content=body, headers={"content-encoding": encoding}
    )
    assert answer.status_code in ANSWERS, answer.text
    assert answer.json()["detail"] if answer.status_code != 200 else answer.json()


@many
@given(paths, st.sampled_from(["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]))
def test_other_methods_are_answered(server, client, path: str, method: str) -> None:
    assert client.request(method, path).status_code in {204, 401, 403, 404, 405}


def test_a_client_that_goes_away_in_the_middle_leaves_the_server_well(server, key) -> None:
    for cut in (b"", b"{", b'{"api_key":'):
        with socket.create_connection(("127.0.0.1", server.port)) as wire:
            wire.sendall(b"POST /batch/ HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\n" + cut)
    assert server.post({"api_key": key, "batch": [{"event": "a", "distinct_id": "u"}]}).status_code == 200


def test_every_number_of_text_in_a_header_is_answered(server, client) -> None:
    for length in ("-1", "9" * 30, "abc", "0"):
        with socket.create_connection(("127.0.0.1", server.port)) as wire:
            wire.sendall(f"POST /batch/ HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n".encode())
            wire.settimeout(10)
            status = int((wire.recv(4096) or b"HTTP/1.1 400")[9:12])
            assert 400 <= status < 500


def test_memory_does_not_grow_with_what_is_refused(server, key, client) -> None:
    def resident() -> int:
        assert server.process is not None
        with open(f"/proc/{server.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    bomb = gzip.compress(b"0" * 60_000_000)
    wide = json.dumps({"api_key": key, "batch": [{}] * 50_001}).encode()
    for _warm in range(6):
        client.post("/batch/", content=bomb, headers={"content-encoding": "gzip"})
        client.post("/batch/", content=wide)
    before = resident()
    for _again in range(25):
        assert client.post("/batch/", content=bomb, headers={"content-encoding": "gzip"}).status_code == 413
        assert client.post("/batch/", content=wide).status_code == 413
    assert resident() - before < 60 * 1024, "kilobytes"
