"""What was answered is there, once, whatever happens to the server."""

import signal
import threading
import time
from contextlib import suppress
from uuid import uuid4

import httpx
import pytest

from bihuan.capture.ingest.tests.conftest import Server
from bihuan.capture.store import Store


@pytest.fixture
def own(tmp_path):
    made = Server(tmp_path / "home")
    made.start()
    yield made
    made.stop(signal.SIGKILL)


def body(key: str, ids: list[str]) -> dict:
    return {"api_key": key, "batch": [{"event": "e", "distinct_id": "u1", "uuid": one} for one in ids]}


def test_a_kill_after_the_answer_loses_nothing_and_doubles_nothing(own: Server) -> None:
    key = own.run("source", "add", "web", "--product", "Demo")
    answered: list[str] = []
    sent: list[list[str]] = []

    def send() -> None:
        while True:
            ids = [str(uuid4()) for _ in range(20)]
            sent.append(ids)
            try:
                if own.post(body(key, ids)).status_code != 200:
                    return
            except httpx.TransportError:
                return
            answered.extend(ids)

    for _round in range(2):
        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        before, until = len(answered), time.monotonic() + 60
        while len(answered) < before + 100 and time.monotonic() < until:
            time.sleep(0.01)
        own.stop(signal.SIGKILL)
        for thread in threads:
            thread.join()
        own.start()
    for ids in sent:  # every sender tries again what it sent, as SDKs do
        assert own.post(body(key, ids)).status_code == 200
    assert len(answered) >= 200
    stored = [row["event_id"] for row in own.events()]
    assert set(answered) <= set(stored)
    assert sorted(stored) == sorted(one for ids in sent for one in ids)
    own.stop()
    store = Store(own.home)
    assert store.execute("SELECT count(*) AS n FROM events WHERE source_id <> 0")["n"][0].as_py() == len(
        stored
    )
    store.close()


def test_a_graceful_stop_finishes_what_was_accepted(own: Server) -> None:
    key = own.run("source", "add", "web", "--product", "Demo")
    ids = [str(uuid4()) for _ in range(5000)]
    answers: list[int] = []

    def send() -> None:
        with suppress(httpx.TransportError):  # it came after the door was shut
            answers.append(own.post(body(key, ids)).status_code)

    thread = threading.Thread(target=send)
    thread.start()
    time.sleep(0.15)
    own.stop()
    thread.join()
    assert own.process is not None
    assert own.process.returncode in (0, -signal.SIGTERM)
    assert len(own.events()) in ((5000,) if answers == [200] else (0, 5000))


def test_a_second_server_on_one_home_says_why_it_does_not_start(own: Server) -> None:
    second = own.open_process(own.port + 1 if own.port < 65_000 else own.port - 1)
    _out, error = second.communicate(timeout=60)
    assert second.returncode != 0
    assert "in use by process" in error
    assert httpx.options(own.url + "/batch/").status_code == 204


def test_a_server_starts_on_a_broken_index(own: Server) -> None:
    key = own.run("source", "add", "web", "--product", "Demo")
    assert own.post(body(key, ["a", "b"])).json()["accepted"] == 2
    own.stop()
    (own.home / "events" / "index.duckdb").write_bytes(b"nonsense" * 500)
    own.start()
    assert own.post(body(key, ["b", "c"])).json() == {
        "status": 1,
        "accepted": 1,
        "duplicates": 1,
        "rejected": [],
    }
    own.stop()
    store = Store(own.home)
    assert store.execute("SELECT count(*) AS n FROM events WHERE source_id <> 0")["n"][0].as_py() == 3
    assert len(store.status().set_aside) == 1
    store.close()
