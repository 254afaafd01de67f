"""What Segment's, Sensors' and CloudEvents' senders send becomes the same drafts."""

import base64
import gzip
import json
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.capture.ingest.rules.draft import BadRequest, Delivery, Request
from bihuan.capture.ingest.rules.formats import FORMATS, format_at
from bihuan.capture.ingest.rules.paths import is_capture
from bihuan.capture.ingest.rules.steps import correct_clocks, take_steps

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def taken(path: str, body: object, *, headers=None, query=None) -> Delivery:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = format_at(path)
    assert found is not None
    request = Request(path=path, headers=headers or {}, query=query or {})
    delivery = take_steps(found[1](raw, request), new_id=uuid4)
    correct_clocks([delivery], [NOW])
    return delivery


# Segment


def test_segment_calls_are_understood() -> None:
    batch = [
        {"type": "track", "event": "Opened", "userId": "u1", "messageId": "m1", "properties": {"n": 1},
         "timestamp": "2026-11-22T07:00:00Z", "context": {"groupId": "acme", "ip": "1.2.3.4"}},
        {"type": "identify", "userId": "u1", "anonymousId": "a1", "traits": {"email": "u@example.org"}},
        {"type": "identify", "anonymousId": "a1", "traits": {"plan": "pro"}},
        {"type": "group", "userId": "u1", "groupId": "acme", "traits": {"size": 5}},
        {"type": "alias", "userId": "u1", "previousId": "old"},
        {"type": "page", "anonymousId": "a1", "name": "Home", "properties": {}},
        {"type": "screen", "userId": "u1", "name": "Start"},
    ]  # fmt: skip
    delivery = taken("/v1/batch", {"batch": batch, "writeKey": "k", "sentAt": "2026-11-22T07:00:01Z"})
    assert (delivery.key, delivery.rejections) == ("k", [])
    track, identify, anonymous, group, alias, page, screen = delivery.drafts
    assert (track.name, track.distinct_id, track.event_id, track.company) == ("Opened", "u1", "m1", "acme")
    assert json.loads(track.props) == {"$context": {"groupId": "acme", "ip": "1.2.3.4"}, "n": 1}
    assert track.said is None
    assert identify.name == "$identify"
    assert (identify.said.identified, identify.said.same_as) == (True, "a1")
    assert identify.said.set == {"email": "u@example.org"}
    assert json.loads(identify.props) == {"$set": {"email": "u@example.org"}}
    assert (anonymous.distinct_id, anonymous.said.identified, anonymous.said.same_as) == ("a1", False, None)
    assert (group.name, group.company) == ("$groupidentify", "acme")
    assert (alias.said.same_as, alias.said.identified) == ("old", False)
    assert (page.name, page.distinct_id, json.loads(page.props)) == ("$pageview", "a1", {"$name": "Home"})
    assert screen.name == "$screen"


@pytest.mark.parametrize("call", ["identify", "track", "page", "screen", "group", "alias"])
def test_segment_single_calls_name_their_type_in_the_path(call: str) -> None:
    body = {"userId": "u1", "event": "Opened", "groupId": "acme", "previousId": "old"}
    basic = "Basic " + base64.b64encode(b"the-key:").decode()
    delivery = taken(f"/v1/{call}", body, headers={"authorization": basic})
    assert (delivery.key, len(delivery.drafts)) == ("the-key", 1)


def test_segment_calls_that_are_wrong_are_rejected_by_index() -> None:
    batch = [{"type": "dance", "userId": "u"}, {"type": "track", "event": "a"}, 7,
             {"type": "track", "event": "a", "userId": "u", "properties": [1]}, {"type": "track", "userId": "u"}]  # fmt: skip
    rejections = sorted((one.index, one.code) for one in taken("/v1/batch", {"batch": batch}).rejections)
    assert rejections == [
        (0, "unknown_type"), (1, "no_distinct_id"), (2, "not_an_object"), (3, "properties_not_an_object"),
        (4, "no_event_name")]  # fmt: skip


# Sensors Analytics


def form(records: object, *, many: bool = True, packed: bool = True) -> bytes:
    text = json.dumps(records).encode()
    data = base64.b64encode(gzip.compress(text) if packed else text).decode()
    return urlencode({"data_list" if many else "data": data, "gzip": int(packed)}).encode()


def test_sensors_records_are_understood() -> None:
    records = [
        {"type": "track", "event": "ViewProduct", "distinct_id": "a1", "time": 1795330800000, "_track_id": 5,
         "properties": {"price": 3, "$groups": {"company": "acme"}}},
        {"type": "track_signup", "event": "$SignUp", "distinct_id": "u1", "original_id": "a1", "time": 1795330800000},
        {"type": "profile_set", "distinct_id": "u1", "time": 1795330800000, "properties": {"name": "林"}},
        {"type": "profile_set_once", "distinct_id": "u1", "time": 1795330800000, "properties": {"first": 1}},
        {"type": "profile_increment", "distinct_id": "u1", "time": 1795330800000, "properties": {"visits": 1}},
        {"type": "item_set", "item_type": "book", "item_id": "7", "time": 1795330800000, "properties": {"p": 1}},
        {"type": "track", "event": "Buy", "distinct_id": "u1", "login_id": "u1", "anonymous_id": "a1",
         "time": 1795330800000},
    ]  # fmt: skip
    delivery = taken("/sa", form(records), query={"project": "default", "token": "k"})
    assert (delivery.key, delivery.rejections) == ("k", [])
    view, sign_up, set_, once, increment, item, buy = delivery.drafts
    assert (view.name, view.distinct_id, view.company) == ("ViewProduct", "a1", "acme")
    assert view.event_id.startswith("s-")
    assert (sign_up.said.identified, sign_up.said.same_as) == (True, "a1")
    assert (set_.name, set_.said.set, set_.said.set_once) == ("$set", {"name": "林"}, None)
    assert (once.name, once.said.set_once) == ("$set_once", {"first": 1})
    assert increment.name == "$profile_increment"
    assert (item.name, item.said.person) == ("$item_set", False)
    assert json.loads(item.props) == {"$item_type": "book", "$item_id": "7", "p": 1}
    assert buy.said.identified


def test_sensors_track_id_is_part_of_the_event_id() -> None:
    record = {"type": "track", "event": "a", "distinct_id": "u", "time": 1795330800000, "_track_id": 5}
    first, again, other = (
        taken("/sa", form(record | more, many=False, packed=packed), query={"token": "k"}).drafts[0].event_id
        for more, packed in (({}, True), ({}, False), ({"_track_id": 6}, True))
    )
    assert first == again != other


@pytest.mark.parametrize("body", [b"", b"x=1", b"data=%%%", b"data=bm9uc2Vuc2U", b"\xff"])
def test_sensors_forms_that_hold_nothing_are_bad_requests(body: bytes) -> None:
    with pytest.raises(BadRequest) as refused:
        taken("/sa", body)
    assert refused.value.status == 400


# CloudEvents


def cloud_event(**more) -> dict:
    return {"specversion": "1.0", "id": "1", "source": "/meter", "type": "tokens", "subject": "acme",
            "time": "2026-11-22T07:00:00Z", "data": {"tokens": 12}} | more  # fmt: skip


def test_cloud_events_are_understood_one_and_many() -> None:
    headers = {"authorization": "Bearer k", "content-type": "application/cloudevents+json"}
    one = taken("/api/v1/events", cloud_event(), headers=headers)
    assert one.key == "k"
    [draft] = one.drafts
    assert (draft.name, draft.event_id, draft.company, draft.said.person) == (
        "tokens",
        "/meter#1",
        "acme",
        False,
    )
    assert json.loads(draft.props) == {"$source": "/meter", "$subject": "acme", "tokens": 12}
    many = taken(
        "/api/v1/events", [cloud_event(), cloud_event(id="2", person="u1", account="yun", data="text")]
    )
    named = many.drafts[1]
    assert (named.distinct_id, named.company, named.said) == ("u1", "yun", None)
    assert json.loads(named.props)["data"] == "text"


def test_cloud_events_in_binary_mode_carry_attributes_in_headers() -> None:
    headers = {f"ce-{name}": str(value) for name, value in cloud_event().items() if name != "data"}
    [draft] = taken("/api/v1/events", {"tokens": 3}, headers=headers).drafts
    assert (draft.name, json.loads(draft.props)["tokens"]) == ("tokens", 3)


def test_cloud_events_that_are_wrong_are_rejected_by_index() -> None:
    batch = [
        cloud_event(specversion="0.3"),
        cloud_event(id=None),
        cloud_event(type=None),
        cloud_event(source=3),
    ]
    rejections = sorted((one.index, one.code) for one in taken("/api/v1/events", batch).rejections)
    assert rejections == [(0, "bad_specversion"), (1, "no_id"), (2, "no_event_name"), (3, "no_source")]


def test_a_get_at_the_shared_path_is_a_question_to_the_api() -> None:
    assert not is_capture(path="/api/v1/events", method="GET")
    assert is_capture(path="/api/v1/events", method="POST")
    assert is_capture(path="/batch/", method="GET")


# All of them

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
words = st.sampled_from(
    ["type", "event", "userId", "anonymousId", "groupId", "traits", "context", "properties", "batch", "timestamp",
     "messageId", "distinct_id", "time", "_track_id", "original_id", "item_id", "specversion", "id", "source", "data",
     "subject", "person", "account", "writeKey", "sentAt", "api_key", "data_base64"]
)  # fmt: skip
kinds = st.sampled_from(
    ["track", "identify", "group", "alias", "page", "profile_set", "item_set", "track_signup", "1.0"]
)
objects = st.dictionaries(words, json_values | kinds, max_size=9)
paths = st.sampled_from([path for _decode, paths in FORMATS.values() for path in paths])


@given(
    paths,
    objects | st.lists(objects, max_size=4) | st.fixed_dictionaries({"batch": st.lists(objects, max_size=4)}),
)
def test_any_json_in_any_format_is_taken_rejected_or_refused(path: str, body) -> None:
    raw = form(body, many=isinstance(body, list)) if path.startswith("/sa") else json.dumps(body).encode()
    with suppress(BadRequest):
        for draft in taken(path, raw).drafts:
            assert isinstance(json.loads(draft.props), dict)


@given(paths, st.binary(max_size=200), st.text(max_size=20))
def test_any_bytes_in_any_format_are_taken_or_refused(path: str, body: bytes, header: str) -> None:
    refused: BadRequest | None = None
    drafts = []
    try:
        drafts = taken(path, body, headers={"authorization": header, "content-encoding": header}).drafts
    except BadRequest as error:
        refused = error
    assert all(isinstance(json.loads(draft.props), dict) for draft in drafts)
    assert refused is None or (400 <= refused.status < 500 and refused.detail), "ours is never the fault"
