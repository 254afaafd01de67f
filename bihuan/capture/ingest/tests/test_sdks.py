"""The real clients of other houses, each pointed at the server: their events arrive, once, with person and account."""

import gzip
import json

import httpx
import pytest
import sensorsanalytics
from cloudevents.v1.http import CloudEvent, to_binary, to_structured
from segment.analytics.client import Client as Segment


@pytest.fixture(scope="module")
def sender(server):
    """A source of its own for each client, so that none can arrive by another's key."""
    return lambda code: server.run("source", "add", code, "--product", "Demo")


def named(server, name: str) -> list[dict]:
    return [row for row in server.events() if row["name"] == name]


@pytest.mark.parametrize("packed", [False, True])
def test_the_segment_client_is_understood(server, sender, packed: bool) -> None:
    failures: list[object] = []
    key = sender(f"segment-{packed}")
    client = Segment(key, host=server.url, gzip=packed, on_error=lambda error, items: failures.append(error))
    name = f"Segment opened {packed}"
    for n in range(60):
        client.track(f"seg{n % 5}", name, {"n": n}, context={"groupId": "seg-acme"})
    client.identify("seg1", {"email": f"seg1{packed}@example.org", "name": "Sigrid"})
    client.page(user_id="seg1", category="docs", name="Home", properties={"path": "/"})
    client.group("seg1", "seg-acme", {"size": 3})
    client.alias("seg-old", "seg1")
    client.flush()
    client.join()
    assert failures == []
    rows = named(server, name)
    assert sorted(json.loads(row["props"])["n"] for row in rows) == list(range(60))
    assert len({row["person_id"] for row in rows}) == 5
    assert server.rows("SELECT name FROM accounts_person WHERE email LIKE 'seg1%'") == [("Sigrid",)]
    assert server.rows("SELECT count(*) FROM identity_unknownaccount WHERE key = 'seg-acme'") == [(1,)]
    pages = named(server, "$pageview")
    assert json.loads(pages[-1]["props"])["$name"] == "Home"


@pytest.mark.parametrize("many", [False, True])
def test_the_sensors_client_is_understood(server, sender, many: bool) -> None:
    url = f"{server.url}/sa?project=default&token={sender(f'sensors-{many}')}"
    consumer = sensorsanalytics.BatchConsumer(url) if many else sensorsanalytics.DefaultConsumer(url)
    client = sensorsanalytics.SensorsAnalytics(consumer)
    who = f"sa{many}"
    for n in range(30):
        client.track(f"{who}-anon", f"SensorsOpened{many}", {"n": n, "plan": "专业版"})
    client.track_signup(who, f"{who}-anon", {"channel": "web"})
    client.profile_set(who, {"name": "盛", "email": f"{who}@example.org"})
    client.profile_set_once(who, {"first_seen": "2026-11-01"})
    client.profile_increment(who, {"visits": 1})
    client.item_set("book", "7", {"price": 12})
    client.close()
    rows = named(server, f"SensorsOpened{many}")
    assert sorted(json.loads(row["props"])["n"] for row in rows) == list(range(30))
    people = server.rows(
        "SELECT DISTINCT p.name, p.anonymous FROM identity_identity JOIN accounts_person p ON p.id = person_id "
        f"WHERE distinct_id IN ('{who}', '{who}-anon')"
    )
    assert people == [("盛", 0)], "before and after the sign-up it is one person"
    assert {json.loads(row["props"])["$item_id"] for row in named(server, "$item_set")} == {"7"}


def test_the_cloudevents_client_is_understood(server, sender) -> None:
    auth = {"authorization": f"Bearer {sender('meter')}"}
    for number, write in enumerate((to_structured, to_binary)):
        event = CloudEvent(
            {"type": "tokens", "source": "/meter", "id": str(number), "subject": "ce-acme"}, {"n": number}
        )
        headers, body = write(event)
        for expected in ({"accepted": 1, "duplicates": 0}, {"accepted": 0, "duplicates": 1}):
            answer = httpx.post(server.url + "/api/v1/events", content=body, headers=headers | auth)
            assert answer.status_code == 200
            assert answer.json().items() >= expected.items()
    rows = named(server, "tokens")
    assert sorted(json.loads(row["props"])["n"] for row in rows) == [0, 1]
    assert {row["person_id"] for row in rows} == {None}
    assert server.rows("SELECT count(*) FROM identity_unknownaccount WHERE key = 'ce-acme'") == [(1,)]


@pytest.mark.parametrize(
    ("path", "headers", "body"),
    [
        ("/v1/batch", {"authorization": "Basic d3Jvbmc6"}, {"batch": [{"type": "track", "event": "a", "userId": "u"}]}),
        ("/v1/track", {}, {"event": "a", "userId": "u"}),
        ("/sa?token=wrong", {}, b"data=eyJ0eXBlIjoidHJhY2siLCJldmVudCI6ImEiLCJkaXN0aW5jdF9pZCI6InUifQ=="),
        ("/api/v1/events", {"authorization": "Bearer wrong"}, {"specversion": "1.0", "id": "1", "source": "s", "type": "t"}),
        ("/api/v1/events", {}, {"specversion": "1.0", "id": "1", "source": "s", "type": "t"}),
    ],
)  # fmt: skip
def test_each_format_refuses_a_wrong_or_missing_key(server, key, path: str, headers, body) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    for packed in (content, gzip.compress(content)):
        assert httpx.post(server.url + path, content=packed, headers=headers).status_code == 401


def test_reading_events_over_rest_still_asks_for_a_token(server) -> None:
    assert httpx.get(server.url + "/api/v1/events").status_code == 401
