"""From bytes to drafts, purely."""

import base64
import gzip
import json
import zlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import UUID

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bihuan.capture.ingest.rules.body import unpack
from bihuan.capture.ingest.rules.clock import (
    EARLIEST,
    NO_TIME,
    happened,
    micros,
    read_time,
    read_times,
    sent_from_query,
)
from bihuan.capture.ingest.rules.draft import BadRequest
from bihuan.capture.ingest.rules.posthog import decode
from bihuan.capture.ingest.rules.steps import correct_clocks, take_steps

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
moments = st.datetimes(datetime(2001, 1, 1), datetime(2026, 11, 22), timezones=st.just(UTC))
spans = st.timedeltas(timedelta(0), timedelta(days=3))
skews = st.timedeltas(timedelta(days=-9000), timedelta(days=9000))


def taken(body: object):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    delivery = take_steps(decode(raw), new_id=lambda: UUID(int=7))
    times = correct_clocks([delivery], [NOW])
    assert len(times) == len(delivery.drafts)
    assert all(EARLIEST <= time <= micros(NOW) for time in times)
    delivery.rejections.sort(key=lambda rejection: rejection.index)
    return delivery


# The clock


@given(moments, spans, spans, skews)
def test_a_wrong_clock_is_corrected_whatever_its_error(then, waited, travelled, skew) -> None:
    sent = then + waited
    received = micros(sent + travelled)
    corrected = happened(
        np.array([micros(then + skew)]), behind=received - micros(sent + skew), received_at=received
    )
    assert corrected.tolist() == [micros(then + travelled)]


@given(moments, st.none() | moments, moments)
def test_nothing_happens_after_we_know_of_it(timestamp, sent_at, received_at) -> None:
    received = micros(received_at)
    behind = 0 if sent_at is None else received - micros(sent_at)
    [corrected] = happened(np.array([micros(timestamp)]), behind=behind, received_at=received).tolist()
    assert corrected == NO_TIME or EARLIEST <= corrected <= received


def test_without_a_timestamp_the_event_happened_when_it_came() -> None:
    assert happened(np.array([NO_TIME]), behind=5, received_at=micros(NOW)).tolist() == [micros(NOW)]


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.integers())))
@example("9999-99-99")
@example(10**30)
@example(float("nan"))
def test_reading_a_time_never_fails(value) -> None:
    found = read_time(value)
    assert found is None or found.tzinfo is not None


@pytest.mark.parametrize(
    "value",
    ["2026-11-22T08:00:00Z", "2026-11-22T16:00:00+08:00", "2026-11-22T08:00:00", 1795334400, 1795334400000],
)
def test_times_are_read_in_the_forms_sdks_send(value) -> None:
    assert read_time(value) == NOW


iso = st.builds(
    lambda moment, spec, zone, sep: moment.isoformat(sep=sep, timespec=spec) + zone,
    st.datetimes(), st.sampled_from(["auto", "seconds", "milliseconds", "microseconds", "minutes"]),
    st.sampled_from(["Z", "+00:00", "+08:00", "-0330", ""]), st.sampled_from(["T", " "]),
)  # fmt: skip
times_sent = iso | st.none() | st.text(max_size=30) | st.integers() | st.floats() | st.dates().map(str)


@given(st.lists(iso, min_size=16, max_size=30) | st.lists(times_sent, min_size=16, max_size=30))
def test_reading_many_times_at_once_says_what_reading_each_says(values) -> None:
    each = [NO_TIME if (moment := read_time(value)) is None else micros(moment) for value in values]
    assert read_times(values).tolist() == each


def test_posthog_js_says_in_the_query_when_it_sent() -> None:
    assert sent_from_query("1795334400000") == NOW
    assert sent_from_query("abc") is None


# The body


def test_bodies_are_unpacked_in_every_form() -> None:
    plain = b'{"event": "a"}'
    form = b"data=" + quote(base64.b64encode(plain)).encode()
    assert unpack(plain) == plain
    assert unpack(gzip.compress(plain), encoding="gzip") == plain
    assert unpack(gzip.compress(plain), content_type="text/plain") == plain, "posthog-js names no encoding"
    assert unpack(zlib.compress(plain), encoding="deflate") == plain
    assert unpack(form, content_type="application/x-www-form-urlencoded") == plain
    assert unpack(plain, content_type="application/x-www-form-urlencoded") == plain, "curl -d says form"


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (gzip.compress(b"x" * 100, mtime=0)[:-9], "gzip", 400),
        (b"plain", "gzip", 400),
        (b"\x1f\x8bnonsense", "", 400),
        (gzip.compress(b"0" * 5_000, mtime=0), "gzip", 413),
        (gzip.compress(b"0" * 900, mtime=0) + gzip.compress(b"0" * 900, mtime=0), "gzip", 413),
        (b"x", "br", 415),
        (b"data=%%%", "", 400),
    ],
)
def test_bad_bodies_are_refused_and_bombs_are_not_unpacked(body: bytes, encoding: str, status: int) -> None:
    with pytest.raises(BadRequest) as refused:
        unpack(body, encoding=encoding, limit=1000)
    assert refused.value.status == status


# Decoding and steps


def test_one_event_an_array_and_a_batch_are_read() -> None:
    event = {"event": "a", "distinct_id": "u1", "uuid": "1"}
    for body in ({"api_key": "k"} | event, {"api_key": "k", "batch": [event]}, [{"api_key": "k"} | event],
                 {"event": "a", "uuid": "1", "properties": {"token": "k", "distinct_id": "u1"}}):  # fmt: skip
        delivery = taken(body)
        assert (delivery.key, len(delivery.drafts), delivery.rejections) == ("k", 1, [])
        assert (delivery.drafts[0].name, delivery.drafts[0].distinct_id) == ("a", "u1")


def test_bad_events_are_rejected_by_index_and_the_good_ones_kept() -> None:
    good = {"event": "a", "distinct_id": "u1"}
    batch = [
        good, {"distinct_id": "u1"}, {"event": "a"}, {"event": "a", "distinct_id": "null"}, 7,
        good | {"properties": []},
        good | {"properties": {"x": "y" * 40_000}}, good | {"timestamp": "yesterday"}, good | {"event": 5},
        good | {"timestamp": "1970-01-01T00:00:00Z"}, good | {"uuid": "x" * 300}, good,
    ]  # fmt: skip
    delivery = taken({"api_key": "k", "batch": batch})
    assert [draft.index for draft in delivery.drafts] == [0, 11]
    assert [(one.index, one.code) for one in delivery.rejections] == [
        (1, "no_event_name"), (2, "no_distinct_id"), (3, "refused_distinct_id"), (4, "not_an_object"),
        (5, "properties_not_an_object"), (6, "properties_too_large"), (7, "bad_timestamp"),
        (8, "bad_event_name"), (9, "timestamp_out_of_range"), (10, "bad_event_id"),
    ]  # fmt: skip
    assert all(one.reason.endswith(".") for one in delivery.rejections)


def test_too_many_events_are_refused() -> None:
    with pytest.raises(BadRequest) as refused:
        decode(b'{"batch": [' + b",".join([b"{}"] * 50_001) + b"]}")
    assert refused.value.status == 413


@pytest.mark.parametrize("body", [b"", b"nonsense", b'{"a":', b'"text"', b'{"batch": 7}', b"[" * 100_000])
def test_what_is_not_json_of_events_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(BadRequest) as refused:
        taken(body)
    assert refused.value.status == 400


def test_half_characters_and_nan_do_not_lose_the_batch() -> None:
    body = rb'{"api_key":"k","batch":[{"event":"a","distinct_id":"u","properties":{"t":"\ud83d","n":NaN}}]}'
    props = json.loads(taken(body).drafts[0].props)
    assert props == {"t": "\ufffd", "n": None}


def test_groups_identify_alias_and_traits_are_understood() -> None:
    batch = [
        {"event": "a", "distinct_id": 7, "properties": {"$groups": {"company": " acme "}}},
        {"event": "$identify", "distinct_id": "u",
         "properties": {"$anon_distinct_id": "anon", "$set": {"name": "A"}}},
        {"event": "$create_alias", "distinct_id": "u", "properties": {"alias": "other"}},
        {"event": "$groupidentify", "distinct_id": "$company_acme",
         "properties": {"$group_type": "company", "$group_key": "acme"}},
        {"event": "$identify", "distinct_id": "u", "properties": {"$anon_distinct_id": "null"},
         "$set_once": {"b": 1}},
    ]  # fmt: skip
    named, identify, alias, group, nobody = taken({"api_key": "k", "batch": batch}).drafts
    assert (named.company, named.distinct_id) == ("acme", "7")
    assert named.said is None
    assert (identify.said.identified, identify.said.same_as, identify.said.set) == (
        True,
        "anon",
        {"name": "A"},
    )
    assert (alias.said.identified, alias.said.same_as) == (False, "other")
    assert (group.company, group.said.person) == ("acme", False)
    assert (nobody.said.same_as, nobody.said.set_once) == (None, {"b": 1})


def test_traits_hold_no_nul() -> None:
    event = {"api_key": "k", "event": "a", "distinct_id": "u", "properties": {"$set": {"a\0": ["\0b", 1]}}}
    assert taken(event).drafts[0].said.set == {"a": ["b", 1]}


def test_an_event_without_an_id_is_known_again_by_its_content_and_time() -> None:
    event = {"api_key": "k", "event": "a", "distinct_id": "u", "timestamp": "2026-11-22T07:00:00.123Z"}
    first, again, other = (
        taken(event | more).drafts[0].event_id for more in ({}, {}, {"properties": {"x": 1}})
    )
    assert first == again != other
    del event["timestamp"]
    assert taken(event).drafts[0].event_id == str(UUID(int=7))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(
    ["event", "distinct_id", "properties", "timestamp", "uuid", "batch", "$set", "sent_at", "api_key"]
)


@given(st.dictionaries(keys, json_values) | st.lists(st.dictionaries(keys, json_values), max_size=4))
def test_any_json_is_taken_rejected_or_refused_but_never_breaks(body) -> None:
    with suppress(BadRequest):
        for draft in taken(json.dumps(body).encode()).drafts:
            assert isinstance(json.loads(draft.props), dict)


@given(st.binary(max_size=200))
def test_any_bytes_are_taken_or_refused(body: bytes) -> None:
    with suppress(BadRequest):
        assert all(json.loads(draft.props) is not None for draft in taken(unpack(body)).drafts)
