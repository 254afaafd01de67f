"""Who asks for an event that never arrived is told so, with names near it, instead of a silent 0: on the page, over REST, in a terminal."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from cast import NOW, SYSTEM

from bihuan.config.commands.printed import as_table
from bihuan.understand.explore.queries import ask
from tests.events import happened, store_events

pytestmark = pytest.mark.django_db
PERIOD = {"from": "2026-11-01", "to": "2026-11-17"}
WRONG = "no event 'report_exportd' has ever arrived; near it: report_exported"


@pytest.fixture
def used(cast, event_home):
    store_events(
        happened(
            "report_exported", ts=datetime(2026, 11, 2, tzinfo=UTC), account=cast.yunshan, person=cast.lin
        ),
        happened("login", ts=datetime(2026, 11, 2, tzinfo=UTC), account=cast.yunshan, person=cast.lin),
    )
    return cast


@pytest.mark.parametrize("question", [
    {"kind": "trend", "event": "report_exportd"},
    {"kind": "funnel", "steps": ["login", "report_exportd"]},
    {"kind": "retention", "start": "login", "return": {"event": "report_exportd"}},
    {"kind": "trend", "series": [{"event": "login"}, {"events": ["login", "report_exportd"]}]},
])  # fmt: skip
def test_it_is_noted_wherever_the_event_stands(used, question):
    answer = ask(question=question | {"period": PERIOD}, actor=SYSTEM, at=NOW)
    assert answer.notes == (WRONG,)
    assert answer.document()["notes"] == [WRONG]


def test_nothing_is_noted_of_events_that_arrived_or_when_none_did(used):
    assert (
        ask(question={"kind": "trend", "event": "login", "period": PERIOD}, actor=SYSTEM, at=NOW).notes == ()
    )
    assert ask(question={"kind": "trend", "period": PERIOD}, actor=SYSTEM, at=NOW).notes == ()
    (alone,) = ask(question={"kind": "trend", "event": "zzz", "period": PERIOD}, actor=SYSTEM, at=NOW).notes
    assert alone == "no event 'zzz' has ever arrived"


def test_before_anything_arrived_nothing_is_a_mistake(cast, event_home):
    assert (
        ask(question={"kind": "trend", "event": "login", "period": PERIOD}, actor=SYSTEM, at=NOW).notes == ()
    )


def test_rest_and_the_page_say_it(used):
    question = {"kind": "trend", "event": "report_exportd", "period": PERIOD}
    found = used.rest("mei").post("/api/v1/ask", question, content_type="application/json").json()
    assert found["notes"] == [WRONG]
    client = used.client("mei")
    client.cookies["django_language"] = "zh-hans"
    address = "/explore/?" + urlencode({"q": "kind: trend\nevent: report_exportd\n"})
    text = client.get(address, headers={"hx-request": "true", "hx-target": "answer"}).content.decode()
    assert "从未收到过事件" in text and "相近的事件名：report_exported" in text


def test_a_terminal_prints_units_currencies_and_shares():
    columns = [
        {"name": "account", "type": "text", "unit": ""}, {"name": "mrr", "type": "money", "unit": "CNY"},
        {"name": "rate", "type": "percent", "unit": ""}, {"name": "median", "type": "number", "unit": "d"},
        {"name": "count", "type": "number", "unit": ""},
    ]  # fmt: skip
    answer = {
        "kind": "revenue", "definition": ["x"], "columns": columns, "left_out": {},
        "summary": {"mrr": 20190, "rate": 0.125, "accounts": 3, "duration_p50_days": 4.2, "currency": "CNY"},
        "rows": [["云杉", 20190, 0.125, 4.2, 12345]],
    }  # fmt: skip
    text = as_table(answer)
    for said in ("¥20,190", "12.5%", "4.2 d", "12345"):
        assert said in text
    lines = {
        line.split()[0]: line.split(maxsplit=1)[1]
        for line in text.splitlines()
        if line[:1].isalpha() and " " in line
    }
    assert lines["mrr"] == "¥20,190" and lines["rate"] == "12.5%" and lines["duration_p50_days"] == "4.2 d"
    assert lines["accounts"] == "3"
