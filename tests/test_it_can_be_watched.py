"""Machines watch the house: alive, ready, numbers, and a log whose lines name their request."""

import asyncio
import json
import logging

from django.test import Client

from bihuan.base.jobs.models import Job
from bihuan.base.logs import JsonLines, Lines, WithRequest, new_request_id, request_id
from bihuan.base.meters import exposition, gauge
from bihuan.config.requests import route, with_ids
from tests.cast import NOW


def ask(app, path="/", headers=()):
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": path, "headers": list(headers), "query_string": b""}
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]), sent[-1]["body"]


def test_healthz_answers_without_asking_anybody():
    from bihuan.config.asgi import application

    status, headers, body = ask(application, "/healthz")
    assert (status, body) == (200, b"ok\n")
    assert len(headers[b"x-request-id"]) == 16


def test_readyz_is_200_when_all_is_well_and_503_with_the_reason_when_not(cast, event_home, monkeypatch):
    assert Client().get("/readyz").json() == {"ready": True, "wrong": {}}
    monkeypatch.setattr("bihuan.site.meters.ROOM", 2**62)
    answer = Client().get("/readyz")
    assert (answer.status_code, list(answer.json()["wrong"])) == (503, ["disk"])


def test_metrics_are_for_a_token_that_may_see_the_system(cast, event_home):
    Job.objects.create(name="x", run_at=NOW, created_at=NOW, state="parked")
    assert Client().get("/metrics").status_code == 401
    assert cast.rest("song").get("/metrics").status_code == 403
    text = cast.rest("root").get("/metrics").content.decode()
    assert 'bihuan_records{noun="accounts"} 2.0' in text
    assert 'bihuan_jobs{state="parked"} 1.0' in text
    assert 'bihuan_store{what="behind"} 0.0' in text


def test_a_gauge_that_fails_is_left_out_and_the_others_answer(db, caplog):
    @gauge("bihuan_test_broken", "Fails.")
    def broken():
        raise RuntimeError("no")

    try:
        text = exposition().decode()
    finally:
        from bihuan.base import meters

        del meters._gauges["bihuan_test_broken"]
    assert "bihuan_test_broken" not in text and "bihuan_jobs" in text
    assert "bihuan_test_broken" in caplog.text


def test_each_request_is_measured_and_logged_with_its_id_and_without_secrets(caplog):
    async def app(scope, receive, send):
        assert request_id.get() == "proxy-id-1"
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    caplog.set_level(logging.INFO, "bihuan.requests")
    secret = "s" * 43
    measured = with_ids(app, kind_of=lambda path: "test")
    _status, headers, _body = ask(measured, f"/sign-in/link/{secret}/", [(b"x-request-id", b"proxy-id-1")])
    assert headers[b"x-request-id"] == b"proxy-id-1"
    assert 'bihuan_request_seconds_count{kind="test",status="2xx"} 1.0' in exposition().decode()
    assert secret not in caplog.text and "/sign-in/link/ssss…/" in caplog.text


def test_an_id_that_a_stranger_made_up_is_taken_only_when_it_is_plain():
    assert new_request_id("abc-DEF_1.2") == "abc-DEF_1.2"
    for bad in ("", "short", "a b c d e f", 'x"};drop', "x" * 65, "line\nbreak123"):
        assert new_request_id(bad) != bad
    assert route("/accounts/12/") == "/accounts/12/"


def test_a_line_of_the_log_is_one_line_or_one_json_object():
    record = logging.LogRecord("bihuan", logging.WARNING, "f", 1, "first\nsecond %s", ("x",), None)
    record.status = 404
    token = request_id.set("r-12345678")
    WithRequest().filter(record)
    request_id.reset(token)
    said = json.loads(JsonLines().format(record))
    assert (said["message"], said["request_id"], said["status"]) == ("first\nsecond x", "r-12345678", 404)
    assert "\n" not in JsonLines().format(record)
    assert Lines("%(message)s").format(record) == "first\\nsecond x"
    try:
        raise ValueError("why")
    except ValueError as error:
        record.exc_info = (type(error), error, error.__traceback__)
    assert "ValueError: why" in json.loads(JsonLines().format(record))["error"]
