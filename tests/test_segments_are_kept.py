"""Segments through pages, REST and jobs: described, changed, previewed, written down, compared, counted, removed."""

from datetime import timedelta

import pytest
from cast import NOW, SYSTEM, TODAY
from django.core.exceptions import ValidationError

from bihuan.base.bus.models import OutboxFact
from bihuan.base.personal import everything_of
from bihuan.know.accounts.actions import change_account, erase_person
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.explore.queries import ask
from bihuan.understand.segments.actions import (
    add_segment,
    change_segment,
    count_segments,
    freeze_segment,
    keep_list,
)
from bihuan.understand.segments.models import Segment, SegmentSize
from tests.events import happened, store_events

pytestmark = pytest.mark.django_db
FORM = {"key": "big", "title": "大客户", "unit": "account", "rule": "account.size > 100", "behaviour": "", "description": "重点"}  # fmt: skip


@pytest.fixture
def client(cast, event_home):
    return cast.client("oli")


def facts():
    return [fact.name for fact in OutboxFact.objects.order_by("pk") if fact.name.startswith("segment")]


def test_a_segment_is_described_changed_and_removed_in_the_browser(client, cast):
    assert client.get("/segments/new/").status_code == 200
    client.post("/segments/new/", FORM)
    row = Segment.objects.get(key="big")
    assert (row.size, row.counted_on, row.owner) == (1, TODAY, cast.oli) or row.counted_on is not None
    page = client.get(f"/segments/{row.pk}/").content.decode()
    assert "云杉仪器" in page and "松涛软件" not in page and "@big" in page
    assert "大客户" in client.get("/segments/").content.decode()
    told = client.post(f"/segments/{row.pk}/edit/", FORM | {"rule": "account.size >"}).content.decode()
    assert "cannot be read" in told
    client.post(f"/segments/{row.pk}/edit/", FORM | {
        "rule": "behaviour.exports == 0", "behaviour": "exports: {event: report_exported, last: 7d}",
    })  # fmt: skip
    row.refresh_from_db()
    assert row.behaviour == {"exports": {"event": "report_exported", "last": "7d"}}
    assert row.size == 2
    assert "report_exported" in client.get(f"/segments/{row.pk}/edit/").content.decode()
    client.post(f"/segments/{row.pk}/remove/")
    assert not Segment.objects.exists()
    assert facts() == ["segment_added", "segment_changed", "segment_removed"]


def test_the_form_shows_who_that_would_be(client):
    page = client.post("/segments/preview/", FORM).content.decode()
    assert "云杉仪器" in page and "<strong>1</strong>" in page
    assert "unknown name" in client.post("/segments/preview/", FORM | {"rule": "x.y > 3"}).content.decode()
    assert "not YAML" in client.post("/segments/preview/", FORM | {"behaviour": "{"}).content.decode()
    assert "Write a rule" in client.post("/segments/preview/", {"unit": "account"}).content.decode()
    assert not Segment.objects.exists()


def test_writing_down_keeps_who_was_in_when_others_move(client, cast):
    live = add_segment(key="big", title="x", rule="account.size > 100", by=SYSTEM, at=NOW)
    client.post(f"/segments/{live.pk}/freeze/", {"key": "big-then", "title": "当时"})
    kept = Segment.objects.get(key="big-then")
    change_account(account=cast.yunshan, size=10, by=SYSTEM, at=NOW)
    change_account(account=cast.songtao, size=1000, by=SYSTEM, at=NOW)

    def members(key):
        answer = ask(question={"kind": "segment", "segment": key}, actor=SYSTEM, at=NOW)
        return [row[1] for row in answer.rows]

    assert (kept.mode, kept.size) == ("static", 1)
    assert (members("@big"), members("@big-then")) == (["songtao"], ["yunshan"])
    assert "当时" in client.get(f"/segments/{kept.pk}/").content.decode()
    client.post(f"/segments/{kept.pk}/edit/", {"title": "那时", "description": ""})
    kept.refresh_from_db()
    assert kept.title == "那时"
    with pytest.raises(ValidationError, match="no rule"):
        change_segment(segment=kept, rule="account.size > 1", by=SYSTEM, at=NOW)
    with pytest.raises(ValidationError, match="already exists"):
        freeze_segment(segment=live, key="big-then", title="x", by=SYSTEM, at=NOW)


def test_who_dropped_out_of_a_funnel_becomes_a_segment(cast, event_home):
    ts = NOW - timedelta(days=2)
    store_events(
        happened("look", ts=ts, account=cast.yunshan, person=cast.lin), happened("look", ts=ts, account=cast.songtao, person=cast.he),
        happened("buy", ts=ts + timedelta(hours=1), account=cast.yunshan, person=cast.lin),
    )  # fmt: skip
    rest = cast.rest("an")
    funnel = {"kind": "funnel", "unit": "account", "steps": ["look", "buy"], "list": {"dropped_after": 1},
              "period": {"from": "2026-11-01", "to": "2026-11-18"}}  # fmt: skip
    told = rest.post(
        "/api/v1/ask/segment",
        {"key": "dropped", "title": "没买", "question": funnel},
        content_type="application/json",
    )
    assert (told.status_code, told.json()) == (201, {"key": "dropped", "unit": "account", "size": 1})
    trend = {"kind": "trend", "segment": "@dropped", "every": "all", "period": funnel["period"]}
    assert ask(question=trend, actor=SYSTEM, at=NOW).rows == (("all", 1),)
    wrong = rest.post(
        "/api/v1/ask/segment", {"key": "x", "title": "x", "question": trend}, content_type="application/json"
    )
    assert wrong.status_code == 422
    wrong = rest.post(
        "/api/v1/ask/segment",
        {"key": "x", "title": "x", "question": {"kind": "?"}},
        content_type="application/json",
    )
    assert wrong.status_code == 422


def test_rest_does_what_the_pages_do(cast, event_home):
    rest = cast.rest("oli")

    def send(method, path, body=None):
        return getattr(rest, method)(f"/api/v1/segments{path}", body, content_type="application/json")

    document = {"key": "big", "title": "大客户", "rule": "behaviour.x == 0 && account.size > 100",
                "behaviour": {"x": {"event": "look", "count": "days"}}}  # fmt: skip
    made = send("post", "", document)
    assert made.status_code == 201
    assert {name: made.json()[name] for name in document} == document
    assert send("post", "", document).status_code == 422
    wrong = send("post", "", document | {"key": "x", "behaviour": {"x": {"last": "9"}}})
    assert wrong.status_code == 422 and "behaviour" in wrong.content.decode()
    assert send("patch", "/big", {"rule": "account.size < 100"}).json()["rule"] == "account.size < 100"
    assert send("get", "/big/members").json()["items"] == [
        {"id": cast.songtao.pk, "key": "songtao", "name": "松涛软件"}
    ]
    assert cast.rest("song").get("/api/v1/segments/big/members").json()["items"] == []
    assert send("post", "/big/freeze", {"key": "then", "title": "x"}).json()["mode"] == "static"
    ids = [cast.lin.pk, 987654]
    assert (
        send("post", "/lists", {"key": "l", "title": "x", "unit": "person", "members": ids}).status_code
        == 201
    )
    assert [row["id"] for row in send("get", "/l/members").json()["items"]] == [cast.lin.pk]
    assert send("delete", "/big").status_code == 204
    assert {row["key"] for row in send("get", "").json()["items"]} == {"then", "l"}


def test_live_segments_are_counted_for_each_day_and_one_that_broke_does_not_stop_the_others(cast, event_home):
    change_account(account=cast.yunshan, props={"vip": True}, by=SYSTEM, at=NOW)
    add_segment(key="vip", title="x", rule="account.vip", by=SYSTEM, at=NOW)
    big = add_segment(key="big", title="x", rule="account.size > 50", by=SYSTEM, at=NOW)
    keep_list(key="list", title="x", unit="account", ids=[], by=SYSTEM, at=NOW)
    change_account(account=cast.yunshan, props={}, size=1, by=SYSTEM, at=NOW)
    tomorrow = TODAY + timedelta(days=1)
    failed = count_segments(day=tomorrow, by=SYSTEM, at=NOW)
    assert list(failed) == ["vip"] and "no account has 'vip'" in failed["vip"]
    assert list(SegmentSize.objects.filter(segment=big).values_list("day", "size")) == [
        (TODAY, 2),
        (tomorrow, 1),
    ]
    page = cast.client("oli").get(f"/segments/{Segment.objects.get(key='vip').pk}/").content.decode()
    assert "no account has" in page
    with pytest.raises(QuestionError, match="no account has"):
        ask(question={"kind": "trend", "segment": "@vip"}, actor=SYSTEM, at=NOW)


def test_segments_are_compared_on_a_page(client):
    big = add_segment(key="big", title="大客户", rule="account.size > 100", by=SYSTEM, at=NOW)
    add_segment(key="small", title="小客户", rule="account.size < 100", by=SYSTEM, at=NOW)
    for against in ("rest", "small", "nobody"):
        page = client.get(f"/segments/{big.pk}/compare/?against={against}").content.decode()
        assert ("there is no segment" in page) == (against == "nobody")
        assert ("Active people" in page) == (against != "nobody")


def test_a_person_is_told_their_lists_and_erased_from_them(cast, event_home):
    keep_list(key="guests", title="嘉宾", unit="person", ids=[cast.lin.pk, cast.he.pk], by=SYSTEM, at=NOW)
    assert everything_of(cast.lin.pk)["segments"] == [{"segment__key": "guests", "segment__title": "嘉宾"}]
    erase_person(person_id=cast.lin.pk, by=SYSTEM, at=NOW)
    answer = ask(question={"kind": "segment", "segment": "@guests"}, actor=SYSTEM, at=NOW)
    assert [row[1] for row in answer.rows] == ["he"]


def test_pages_and_the_nightly_count_speak_the_readers_language(client, cast):
    from bihuan.base.jobs.models import Job
    from bihuan.base.jobs.run import Run
    from bihuan.understand.segments.jobs import count

    row = add_segment(key="big", title="大客户", rule="account.size > 100", by=SYSTEM, at=NOW)
    job = Job.objects.create(name="segments.count", run_at=NOW, created_at=NOW)
    count(Run(row=job, at=NOW + timedelta(days=1)))
    assert job.result == {"day": (TODAY + timedelta(days=1)).isoformat(), "failed": {}}
    assert row.sizes.count() == 2
    cast.oli.language = "zh-hans"
    cast.oli.save()
    client.cookies["django_language"] = "zh-hans"
    for path in ("", f"{row.pk}/", f"{row.pk}/compare/", "new/"):
        page = client.get(f"/segments/{path}", headers={"Accept-Language": "zh-hans"}).content.decode()
        assert "分群" in page, path
