"""The capture paths answer as the served description says, whatever it allows or forbids, and keep none of it in memory."""

import base64
import socket
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache

import httpx
import jsonschema_rs
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bihuan.capture.ingest.api.described import TAG
from bihuan.capture.ingest.rules.formats import FORMATS

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
          response_schema_conformance]  # fmt: skip
PATHS = sorted(path for _decode, paths in FORMATS.values() for path in paths)
SHOWN = {path: f"{path}/" if path in FORMATS["posthog"][1] else path for path in PATHS}
ALLOWED, FORBIDDEN = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
MOST_GROWTH = 24 * 1024  # kilobytes, in three thousand requests
quick = settings(max_examples=20, deadline=None, database=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
                 suppress_health_check=list(HealthCheck))  # fmt: skip


@pytest.fixture(scope="module")
def document(server) -> dict:
    return httpx.get(server.url + "/api/v1/openapi.json", timeout=30).json()


@pytest.fixture(scope="module")
def fuzz(server, document) -> Callable[..., dict[int, list]]:
    """`fuzz(path, mode, key=…)`: sends what the description allows or what it does not; what was sent, by status."""
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=server.url)

    @cache  # what was made once is sent again by whoever asks for the same
    def run(path: str, mode: GenerationMode, *, key: str) -> dict[int, list]:
        operation, sent = schema[SHOWN[path]]["POST"], defaultdict[int, list](list)

        @quick
        @given(case=operation.as_strategy(generation_mode=mode), slash=st.booleans())
        def send(case, slash: bool) -> None:
            give_key(case, key)
            case.path = path + "/" * slash
            answer = case.call_and_validate(checks=CHECKS, timeout=30)
            sent[answer.status_code].append(answer.request)

        send()
        return sent

    return run


def give_key(case, key: str) -> None:
    """The key in every place where a format looks for one."""
    case.query = {**(case.query or {}), "token": key}
    basic = base64.b64encode(f"{key}:".encode()).decode()
    scheme = f"Basic {basic}" if case.path.startswith("/v1/") else f"Bearer {key}"
    case.headers = {**(case.headers or {}), "authorization": scheme}
    if isinstance(case.body, dict) and "json" in (case.media_type or ""):
        case.body = case.body | {"api_key": key, "writeKey": key}


def test_every_capture_path_is_described(document) -> None:
    described = {
        path
        for path, operations in document["paths"].items()
        if TAG in operations.get("post", {}).get("tags", [])
    }
    assert described == set(SHOWN.values())


@pytest.mark.parametrize("path", PATHS)
def test_it_answers_as_described_whatever_is_sent(fuzz, key, path: str) -> None:
    assert 200 in fuzz(path, ALLOWED, key=key), "what the description allows is taken"
    assert 400 in fuzz(path, FORBIDDEN, key=key), "what it forbids is not"
    assert fuzz(path, ALLOWED, key="bhw_wrong").keys() <= {400, 401}, "nothing is taken without a key"


@pytest.mark.parametrize("path", PATHS)
def test_the_example_of_the_description_is_taken_with_a_key_and_refused_without(
    server, key, document, path: str
) -> None:
    basic = base64.b64encode(f"{key}:".encode()).decode()
    good = {"authorization": f"Basic {basic}" if path.startswith("/v1/") else f"Bearer {key}"}
    binary = {"ce-specversion": "1.0", "ce-id": path, "ce-source": "/x", "ce-type": "t", "ce-subject": "a"}
    for kind, one in document["paths"][SHOWN[path]]["post"]["requestBody"]["content"].items():
        more = binary if (path, kind) == ("/api/v1/events", "application/json") else {}
        for given_key, status in ((key, 200), ("bhw_wrong", 401)):
            text = _with_key(one["example"], given_key)
            query = {"token": given_key} if path.startswith("/sa") else {}
            how = {"data": text} if kind.endswith("urlencoded") else {"json": text}
            headers = {"content-type": kind} | more | (good if given_key == key else {})
            answer = httpx.post(server.url + path, params=query, headers=headers, timeout=30, **how)
            assert answer.status_code == status, (kind, answer.text)
            assert status != 200 or answer.json()["rejected"] == [], answer.text


def _with_key(example, key: str):
    """The example with this key instead of the one that stands for it."""
    if isinstance(example, dict):
        return {name: _with_key(value, key) for name, value in example.items()}
    if isinstance(example, list):
        return [_with_key(one, key) for one in example]
    return example.replace("bhw_…", key) if isinstance(example, str) else example


def test_an_answer_that_is_not_described_would_be_noticed(document) -> None:
    operation = document["paths"]["/batch/"]["post"]
    taken = operation["responses"]["200"]["content"]["application/json"]["schema"] | {
        "components": document["components"]
    }
    jsonschema_rs.validate(taken, {"status": 1, "accepted": 1, "duplicates": 0, "rejected": []})
    for wrong in ({"status": 1}, {"status": 0, "accepted": 1, "duplicates": 0, "rejected": []}):
        with pytest.raises(jsonschema_rs.ValidationError):
            jsonschema_rs.validate(taken, wrong)


def resident(server) -> int:
    """Kilobytes of memory that the server has."""
    assert server.process is not None
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def test_memory_does_not_grow_with_what_is_sent(server, key, fuzz) -> None:
    sent = [
        one
        for path in PATHS
        for mode in (ALLOWED, FORBIDDEN)
        for many in fuzz(path, mode, key=key).values()
        for one in many
    ]
    with requests.Session() as session:
        for turn in range(6):
            if turn == 1:  # the first is the warm-up
                before = resident(server)
            for one in sent:
                assert session.send(one, timeout=30).status_code < 500
    assert resident(server) - before < MOST_GROWTH


def test_what_the_server_keeps_shows_in_its_memory(server) -> None:
    """Bodies that never end stay where they are: the measure of the test above sees them."""
    before = resident(server)
    with ExitStack() as wires:
        for _held in range(6):
            wire = wires.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            wire.sendall(
                b"POST /batch/ HTTP/1.1\r\nhost: x\r\ncontent-length: 18000000\r\n\r\n" + b" " * 16_000_000
            )
        assert _within(10, lambda: resident(server) - before > MOST_GROWTH)


def _within(seconds: float, true: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.1)
    return true()
