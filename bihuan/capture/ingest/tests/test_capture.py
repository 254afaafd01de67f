"""SDKs send, over HTTP, to a real server."""

import base64
import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import posthog
import pytest


def event(name: str = "opened", distinct_id: str = "u1", **more):
    return {"event": name, "distinct_id": distinct_id, "uuid": str(uuid4())} | more


def named(server, name: str) -> list[dict]:
    return [row for row in server.events() if row["name"] == name]


def test_it_works(server, batch) -> None:
    answer = server.post(batch(event("first", properties={"plan": "pro"})))
    assert answer.status_code == 200
    assert answer.json() == {"status": 1, "accepted": 1, "duplicates": 0, "rejected": []}
    [row] = named(server, "first")
    assert json.loads(row["props"]) == {"plan": "pro"}
    assert row["person_id"]


def test_the_posthog_client_is_understood(server, key) -> None:
    client = posthog.Posthog(key, host=server.url, gzip=True, sync_mode=False)
    for n in range(120):
        client.capture(
            "file_opened", distinct_id=f"p{n % 7}", properties={"n": n}, groups={"company": "acme"}
        )
    client.set(distinct_id="p1", properties={"email": "p1@example.org", "name": "Pia"})
    client.group_identify("company", "acme", {"name": "Acme"})
    client.flush()
    client.shutdown()
    rows = named(server, "file_opened")
    assert sorted(json.loads(row["props"])["n"] for row in rows) == list(range(120))
    assert len({row["person_id"] for row in rows}) == 7
    assert all(json.loads(row["props"])["$groups"] == {"company": "acme"} for row in rows)
    assert server.rows("SELECT name FROM accounts_person WHERE email = 'p1@example.org'") == [("Pia",)]
    assert server.rows("SELECT events >= 1 FROM identity_unknownaccount WHERE key = 'acme'") == [(1,)]


@pytest.mark.parametrize(
    "path", ["/capture/", "/capture", "/e/", "/i/v0/e/", "/batch/", "/batch", "/track", "/engage/"]
)
@pytest.mark.parametrize("packed", [False, True])
def test_every_path_takes_plain_and_packed_bodies(server, key, path: str, packed: bool) -> None:
    body = {"api_key": key} | event(f"at {path}")
    assert server.post(body, path=path, packed=packed).json()["accepted"] == 1


def test_old_and_browser_forms_are_taken(server, key) -> None:
    body = json.dumps([event("browser", properties={"token": key})]).encode()
    form = urlencode({"data": base64.b64encode(body).decode()})
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert server.post(form.encode(), path="/e/?ip=1&_=1795334400000", **kind).json()["accepted"] == 1
    packed = gzip.compress(json.dumps(event("browser", properties={"token": key})).encode())
    assert server.post(packed, path="/i/v0/e/?compression=gzip-js").json()["accepted"] == 1


def test_the_sender_clock_is_corrected(server, batch) -> None:
    wrong = datetime(2031, 5, 1, tzinfo=UTC)
    before = datetime.now(UTC)
    old = event("clock", timestamp=(wrong - timedelta(hours=3)).isoformat())
    server.post(batch(old, sent_at=wrong.isoformat()))
    [row] = named(server, "clock")
    assert timedelta(0) <= row["ts"] - (before - timedelta(hours=3)) < timedelta(seconds=20)


def test_a_bad_event_is_reported_by_index_and_kept_with_its_reason(server, batch) -> None:
    answer = server.post(
        batch(event("mixed"), event("", "u1"), event("mixed", "guest"), 7, event("mixed"))
    ).json()
    assert (answer["status"], answer["accepted"]) == (1, 2)
    assert [(one["index"], one["code"]) for one in answer["rejected"]] == [
        (1, "no_event_name"), (2, "refused_distinct_id"), (3, "not_an_object")]  # fmt: skip
    kept = server.rows("SELECT position, code, reason FROM ingest_rejectedevent ORDER BY id DESC LIMIT 3")
    assert [position for position, _code, _reason in kept] == [3, 2, 1]
    assert all(reason for _position, _code, reason in kept)


def test_a_request_without_one_good_event_is_a_bad_request_with_the_reason(server, batch) -> None:
    answer = server.post(batch(event("", "u1")))
    assert (answer.status_code, answer.json()["detail"]) == (400, "The event has no name.")


def test_a_repeated_event_is_acknowledged_and_stored_once(server, batch) -> None:
    body = batch(event("twice"), event("twice"))
    assert server.post(body).json()["accepted"] == 2
    assert server.post(body).json() == {"status": 1, "accepted": 0, "duplicates": 2, "rejected": []}
    assert len(named(server, "twice")) == 2


@pytest.mark.parametrize("key_sent", [None, "", "phc_unknown", 7, {"a": 1}])
def test_an_unknown_key_is_refused(server, key, key_sent) -> None:
    answer = server.post({"api_key": key_sent, "batch": [event()]})
    assert answer.status_code == 401
    assert "key" in answer.json()["detail"]


def test_a_revoked_key_is_refused_within_two_seconds(server) -> None:
    found = server.run("source", "add", "old", "--product", "Demo")
    body = {"api_key": found, "batch": [event("revoked")]}
    assert server.post(body).status_code == 200
    server.run("source", "revoke", "old")
    assert server.post(body).status_code == 401


@pytest.mark.parametrize("body", [b"", b"nonsense", b'{"api_key":', b"\x1f\x8bnonsense", b"[" * 50_000])
def test_what_is_not_json_is_a_bad_request(server, body: bytes) -> None:
    answer = server.post(body)
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_limits_are_kept(server, batch) -> None:
    assert server.post(b" " * (20 * 2**20 + 1)).status_code == 413
    assert server.post(b"0" * (40 * 2**20), packed=True).status_code == 413, (
        "a small body that unpacks to a large one"
    )
    assert server.post(batch(*[{}] * 50_001)).status_code == 413
    large = event("large", properties={"x": "y" * 33_000})
    assert server.post(batch(large)).status_code == 413
    assert server.post(batch(large, event("small"))).json()["accepted"] == 1


def test_a_body_of_unknown_length_is_counted(server) -> None:
    answer = httpx.post(server.url + "/batch/", content=(b" " * 2**20 for _ in range(25)), timeout=60)
    assert answer.status_code == 413


def test_browsers_of_other_origins_may_send(server) -> None:
    asked = {"origin": "https://app.example.com", "access-control-request-method": "POST",
             "access-control-request-headers": "content-type,x-more"}  # fmt: skip
    answer = httpx.options(server.url + "/e/", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://app.example.com"
    assert answer.headers["access-control-allow-headers"] == "content-type,x-more"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert server.post(b"{", origin="https://app.example.com").headers["access-control-allow-origin"]


def test_reading_with_get_is_refused(server) -> None:
    assert httpx.get(server.url + "/batch/").status_code == 405


def test_many_senders_at_once_lose_nothing(server, batch) -> None:
    bodies = [batch(*(event("crowd", f"c{n % 40}") for _ in range(25))) for n in range(80)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(server.post, bodies))
    assert {answer.status_code for answer in answers} == {200}
    rows = named(server, "crowd")
    assert len(rows) == len({row["event_id"] for row in rows}) == 2000
    assert len({row["person_id"] for row in rows}) == 40


def test_a_person_is_followed_from_anonymous_to_known(server, batch) -> None:
    server.post(batch(event("browse", "anon-x")))
    server.post(
        batch(
            event("$identify", "known-x", properties={"$anon_distinct_id": "anon-x"}), event("buy", "known-x")
        )
    )
    people = server.rows(
        "SELECT DISTINCT p.id, anonymous FROM identity_identity JOIN accounts_person p ON p.id = person_id "
        "WHERE distinct_id IN ('anon-x', 'known-x')"
    )
    assert len(people) == 1
    assert people[0][1] == 0
