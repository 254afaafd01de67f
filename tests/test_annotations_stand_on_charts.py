"""Annotations through HTTP and REST: written from a chart, told on every chart over time and in files, changed, removed, undone."""

import json
import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from cast import NOW
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError

from bihuan.base.bus.models import OutboxFact
from bihuan.know.products.actions import add_product
from bihuan.understand.annotations.actions import add_annotation
from bihuan.understand.annotations.models import Annotation
from bihuan.understand.annotations.queries import MOST_MARKS
from bihuan.understand.explore.actions import save_dashboard, save_question
from tests.events import happened, store_events

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 2, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
PERIOD = "period: {from: 2026-11-01, to: 2026-11-10}\n"
TREND = f"kind: trend\nevent: look\n{PERIOD}"
JSON = "application/json"


@pytest.fixture
def used(cast, event_home):
    """One customer looks once."""
    store_events(happened("look", ts=START, account=cast.yunshan, person=cast.lin))
    return cast


def release(cast, **more):
    fields = {"title": "云台 3.2", "kind": "release", "first_on": date(2026, 11, 4)} | more
    return add_annotation(by=cast.actor("an"), at=NOW, **fields)


def charts(html):
    """The options of the charts of a page."""
    return [
        json.loads(text)
        for text in re.findall(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)
    ]


def lines(html):
    """The marks of its first chart: (where, label)."""
    marks = [one for one in charts(html)[0]["series"] if one.get("marks")]
    return [(line["xAxis"], line["name"]) for line in marks[0]["markLine"]["data"]] if marks else []


def undo(client, response):
    undos = [m.extra_tags for m in get_messages(response.wsgi_request) if "undo:" in m.extra_tags]
    return client.post("/undo/", {"token": undos[-1].removeprefix("undo:")})


@pytest.mark.parametrize(("question", "where"), [
    (TREND, "2026-11-04"),
    (TREND + "every: week\n", "2026-11-02"),
    (f"kind: lifecycle\nunit: account\n{PERIOD}", "2026-11-04"),
    (f"kind: funnel\nunit: account\nsteps: [look, buy]\nevery: day\n{PERIOD}", "2026-11-04"),
])  # fmt: skip
def test_every_question_over_time_tells_it(used, question, where):
    release(used)
    html = used.client("an").get("/explore/", {"q": question}).content.decode()
    assert lines(html) == [(where, "云台 3.2")]
    assert "data-marks-toggle" in html and "Annotate" in html


def test_what_is_no_chart_over_time_is_not_annotated(used):
    release(used)
    html = used.client("an").get("/explore/", {"q": TREND + "every: all\nby: event\n"}).content.decode()
    assert charts(html) and "marks" not in json.dumps(charts(html)) and "Annotate" not in html


def test_it_is_written_from_a_dialog_on_the_chart_and_undone(used):
    client, here = used.client("mei"), "http://testserver/explore/?q=kind%3A+trend"
    headers = {"HX-Request": "true", "HX-Target": "dialog-body", "HX-Current-URL": here}
    form = client.get("/annotations/new/", {"on": "2026-11-04"}, headers=headers).content.decode()
    assert 'value="2026-11-04"' in form and 'value="/explore/?q=kind%3A+trend"' in form
    said = {"title": "双十一", "kind": "campaign", "first_on": "2026-11-04", "last_on": "2026-11-06",
            "to": "/explore/?q=kind%3A+trend"}  # fmt: skip
    answer = client.post("/annotations/new/", said)
    assert answer["Location"] == "/explore/?q=kind%3A+trend"
    row = Annotation.objects.get()
    assert (row.title, row.kind, row.last_on, row.author) == (
        "双十一",
        "campaign",
        date(2026, 11, 6),
        used.mei,
    )
    html = client.get("/explore/", {"q": TREND}).content.decode()
    (marks,) = [one for one in charts(html)[0]["series"] if one.get("marks")]
    assert marks["markArea"]["data"] == [[{"xAxis": "2026-11-04"}, {"xAxis": "2026-11-06"}]]
    undo(client, answer)
    assert lines(client.get("/explore/", {"q": TREND}).content.decode()) == []


def test_nobody_is_led_away_by_the_address_to_go_back_to(used):
    said = {"title": "x", "kind": "other", "first_on": "2026-11-04", "to": "//elsewhere.example/"}
    assert used.client("an").post("/annotations/new/", said)["Location"] == "/annotations/"


def test_a_change_and_a_removal_are_undone(used):
    client, row = (
        used.client("an"),
        release(used, product=add_product(name="云台", by=used.actor("root"), at=NOW)),
    )
    said = {"title": "3.3", "kind": "incident", "first_on": "2026-11-05"}
    changed = client.post(f"/annotations/{row.pk}/", said)
    html = client.get("/explore/", {"q": TREND}).content.decode()
    assert lines(html) == [("2026-11-05", "3.3")]
    undo(client, changed)
    assert lines(client.get("/explore/", {"q": TREND}).content.decode()) == [
        ("2026-11-04", "云台 3.2 (云台)")
    ]
    assert OutboxFact.objects.filter(name="annotation_changed").count() == 2
    removed = client.post(f"/annotations/{row.pk}/remove/")
    assert client.get(f"/annotations/{row.pk}/").status_code == 404
    assert "No annotations yet" in client.get("/annotations/").content.decode()
    undo(client, removed)
    assert client.get(f"/annotations/{row.pk}/").status_code == 200


def test_it_stands_in_files_on_dashboards_and_on_the_size_of_a_segment(used):
    release(used)
    client = used.client("an")
    file = client.get("/explore/export/", {"q": TREND, "format": "csv"}).content.decode("utf-8-sig")
    assert "Release: 2026-11-04 云台 3.2" in file
    question = save_question(title="Looks", text=TREND, by=used.actor("an"), at=NOW)
    board = save_dashboard(title="Board", tiles=[(question, 3)], by=used.actor("an"), at=NOW)
    tile = client.get(f"/dashboards/{board.pk}/tiles/{board.tiles.get().pk}/").content.decode()
    assert lines(tile) == [("2026-11-04", "云台 3.2")]


def test_who_may_not_write_reads_and_who_may_not_read_sees_none(used):
    row = release(used)
    html = used.client("song").get("/explore/", {"q": TREND}).content.decode()
    assert lines(html) and "Annotate" not in html and f"/annotations/{row.pk}/" not in html
    assert used.client("song").get("/annotations/").status_code == 200
    assert used.client("song").post("/annotations/new/", {}).status_code == 403
    assert used.client("pan").get("/annotations/").status_code == 403


def test_it_ends_on_or_after_the_day_it_begins(used):
    with pytest.raises(ValidationError, match="ends before it begins"):
        release(used, last_on=date(2026, 11, 3))
    said = {"title": "x", "kind": "other", "first_on": "2026-11-04", "last_on": "2026-11-01"}
    assert "ends before it begins" in used.client("an").post("/annotations/new/", said).content.decode()


def test_a_pipeline_writes_its_releases_over_rest(used):
    rest = used.rest("an")
    made = rest.post("/api/v1/annotations", {"title": "3.2", "first_on": "2026-11-04"}, JSON)
    assert made.status_code == 201 and made.json()["kind"] == "release"
    address = f"/api/v1/annotations/{made.json()['id']}"
    changed = rest.patch(address, {"last_on": "2026-11-06", "kind": "campaign"}, JSON).json()
    assert (changed["title"], changed["last_on"], changed["kind"]) == ("3.2", "2026-11-06", "campaign")
    assert rest.patch(address, {"last_on": None}, JSON).json()["last_on"] is None
    assert rest.patch(address, {"title": None}, JSON).status_code == 422
    assert rest.patch(address, {"last_on": "2026-11-01"}, JSON).status_code == 422
    assert rest.patch(address, {"product_id": 987}, JSON).status_code == 422
    for days, n in (("first=2026-11-04&last=2026-11-04", 1), ("first=2026-11-05", 0), ("last=2026-11-03", 0)):
        assert rest.get(f"/api/v1/annotations?{days}").json()["count"] == n
    assert rest.delete(address).status_code == 204
    assert rest.get(address).status_code == 404
    assert (
        used.rest("song")
        .post("/api/v1/annotations", {"title": "x", "first_on": "2026-11-04"}, JSON)
        .status_code
        == 403
    )


def test_only_the_newest_are_drawn_and_the_others_counted(used):
    for n in range(MOST_MARKS + 2):
        release(used, title=f"release {n}", first_on=date(2026, 11, 3 + n % 7))
    page = used.client("an").get("/explore/", {"q": TREND}).content.decode()
    drawn = " · ".join(name for _where, name in lines(page)).split(" · ")
    assert len(drawn) == MOST_MARKS and "release 0" not in drawn and "release 7" not in drawn
    assert "and 2 older ones, not drawn" in page and 'href="/annotations/"' in page
    file = used.client("mei").get("/explore/export/", {"q": TREND, "format": "csv"}).content.decode()
    assert "Older annotations, not listed: 2" in file
