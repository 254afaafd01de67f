"""Saved questions and dashboards through HTTP and REST: kept, shared, arranged, removed, undone; answers kept until the store grows."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from cast import NOW
from django.contrib.messages import get_messages

from bihuan.base.bus.models import OutboxFact
from bihuan.capture.store import get_store
from bihuan.understand.explore.actions import add_tile, save_dashboard, save_question
from bihuan.understand.explore.kept import Kept
from bihuan.understand.explore.models import Dashboard, SavedQuestion, Tile
from bihuan.understand.explore.queries import ask
from tests.events import happened, store_events

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 2, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
TREND = "kind: trend\nevent: look\nperiod: {from: 2026-11-01, to: 2026-11-10}\n"
JSON = "application/json"


@pytest.fixture
def used(cast, event_home):
    """Both customers look once."""
    store_events(
        happened("look", ts=START, account=cast.yunshan, person=cast.lin),
        happened("look", ts=START + timedelta(days=1), account=cast.songtao, person=cast.he),
    )
    return cast


def kept(cast, name, *, title="Looks", shared=False):
    return save_question(title=title, text=TREND, shared=shared, by=cast.actor(name), at=NOW)


def board(cast, name, *questions, **more):
    tiles = [(question, Tile.Width.HALF) for question in questions]
    return save_dashboard(title="Board", tiles=tiles, by=cast.actor(name), at=NOW, **more)


def undo(client, response):
    """Press the undo button of the toast that a post left behind."""
    undos = [m.extra_tags for m in get_messages(response.wsgi_request) if "undo:" in m.extra_tags]
    token = undos[-1].removeprefix("undo:")
    return client.post("/undo/", {"token": token})


def facts(name):
    return OutboxFact.objects.filter(name=name).count()


def test_a_question_is_saved_opened_and_put_on_a_dashboard(used):
    client, row = used.client("an"), board(used, "an")
    form = client.get("/explore/save/", {"q": TREND}).content.decode()
    assert 'value="Trend: look"' in form
    answer = client.post(
        "/explore/save/", {"title": "Looks", "text": TREND, "dashboard": row.pk, "shared": "on"}
    )
    assert answer["Location"] == f"/dashboards/{row.pk}/"
    question = SavedQuestion.objects.get()
    assert (question.kind, question.owner, question.shared) == ("trend", used.an, True)
    assert facts("question_saved") == 1
    opened = client.get(f"/questions/{question.pk}/")
    assert parse_qs(urlsplit(opened["Location"]).query)["q"] == [TREND]
    html = client.get(opened["Location"]).content.decode()
    assert "<h1>Looks" in html and "Save the change" not in html
    html = client.get("/explore/", {"q": TREND + "every: week\n", "saved": question.pk}).content.decode()
    assert "Save the change" in html
    assert "Looks" in client.get("/questions/").content.decode()


def test_what_cannot_be_asked_is_not_saved(used):
    answer = used.client("an").post("/explore/save/", {"title": "x", "text": "kind: dance"})
    assert answer.status_code == 200 and "cannot be asked" in answer.content.decode()
    assert not SavedQuestion.objects.exists()


def test_one_sees_ones_own_and_what_is_shared_and_changes_ones_own_only(used):
    mine, shared = kept(used, "an"), kept(used, "an", title="For all", shared=True)
    other = used.client("mei")
    listed = other.get("/questions/").content.decode()
    assert "For all" in listed and "Looks" not in listed
    assert other.get(f"/questions/{mine.pk}/").status_code == 404
    assert other.get(f"/questions/{shared.pk}/").status_code == 302
    for path in ("edit", "write", "remove"):
        assert other.post(f"/questions/{shared.pk}/{path}/", {"title": "x", "text": TREND}).status_code == 404
    assert used.client("pan").get("/questions/").status_code == 403


def test_sharing_needs_its_permission(used):
    """Sales may keep, and not share."""
    song = used.client("song")
    assert 'name="shared"' not in song.get("/explore/save/", {"q": TREND}).content.decode()
    song.post("/explore/save/", {"title": "Mine", "text": TREND, "shared": "on"})
    assert SavedQuestion.objects.get().shared is False
    body = {"title": "x", "text": TREND, "shared": True}
    refused = used.rest("song").post("/api/v1/saved-questions", body, JSON)
    assert refused.status_code == 403 and "explore.share" in refused.json()["detail"]
    assert used.rest("an").post("/api/v1/saved-questions", body, JSON).status_code == 201


def test_a_change_and_a_removal_are_undone(used):
    client, question = used.client("an"), kept(used, "an")
    changed = client.post(f"/questions/{question.pk}/write/", {"text": TREND + "every: week\n"})
    question.refresh_from_db()
    assert "every: week" in question.text
    undo(client, changed)
    question.refresh_from_db()
    assert question.text == TREND and facts("question_changed") == 2
    row = board(used, "an", question)
    removed = client.post(f"/questions/{question.pk}/remove/")
    assert client.get(f"/questions/{question.pk}/").status_code == 404
    assert "No tiles yet" in client.get(f"/dashboards/{row.pk}/").content.decode()
    undo(client, removed)
    assert f"/dashboards/{row.pk}/tiles/" in client.get(f"/dashboards/{row.pk}/").content.decode()
    gone = client.post(f"/dashboards/{row.pk}/remove/")
    assert client.get(f"/dashboards/{row.pk}/").status_code == 404
    undo(client, gone)
    assert client.get(f"/dashboards/{row.pk}/").status_code == 200


def test_tiles_are_arranged_with_buttons(used):
    client = used.client("an")
    row = board(
        used, "an", kept(used, "an", title="A"), kept(used, "an", title="B"), kept(used, "an", title="C")
    )
    first, second, third = row.tiles.all()

    def press(tile, step):
        return client.post(f"/dashboards/{row.pk}/tiles/{tile.pk}/{step}/")

    press(third, "earlier")
    press(first, "later")
    assert [tile.question.title for tile in row.tiles.all()] == ["C", "A", "B"]
    press(third, "earlier")
    press(first, "whole")
    assert [tile.width for tile in row.tiles.all()] == [3, 6, 3]
    undo(client, press(second, "drop"))
    assert [tile.question.title for tile in row.tiles.all()] == ["C", "A", "B"]
    assert press(first, "sideways").status_code == 404
    assert used.client("mei").post(f"/dashboards/{row.pk}/tiles/{first.pk}/later/").status_code == 404
    html = client.get(f"/dashboards/{row.pk}/?arrange=yes").content.decode()
    assert "earlier" in html and "draggable" not in html


def test_a_tile_whose_question_was_removed_is_no_place_to_move_to(used):
    client, hidden = used.client("an"), kept(used, "an", title="B")
    row = board(used, "an", kept(used, "an", title="A"), hidden, kept(used, "an", title="C"))
    removed = client.post(f"/questions/{hidden.pk}/remove/")
    last = row.tiles.all()[2]
    client.post(f"/dashboards/{row.pk}/tiles/{last.pk}/earlier/")
    assert [tile.question.title for tile in row.tiles.all()] == ["C", "B", "A"]
    undo(client, removed)
    html = client.get(f"/dashboards/{row.pk}/").content.decode()
    assert [html.index(f'id="tile-{tile.pk}"') for tile in row.tiles.all()] == sorted(
        html.index(f'id="tile-{tile.pk}"') for tile in row.tiles.all())  # fmt: skip


def test_filters_of_the_dashboard_stand_in_place_of_those_of_the_tiles(used):
    client, question = used.client("an"), kept(used, "an")
    row = board(used, "an", question, segment='account.key == "yunshan"')
    tile = row.tiles.get()

    def total(**filters):
        html = client.get(f"/dashboards/{row.pk}/tiles/{tile.pk}/", filters).content.decode()
        return re.search(r"<dt>Total</dt><dd>(?:<a [^>]*>)?(\d+)<", html)[1]

    html = client.get(f"/dashboards/{row.pk}/").content.decode()
    assert "segment=account.key%20%3D%3D%20%22yunshan%22" in html, "the tile is asked with what is saved"
    assert (total(), total(segment='account.key == "yunshan"'), total(period="7")) == ("2", "1", "0")
    assert "account.key" not in used.client("mei").get("/dashboards/").content.decode()


def test_a_shared_dashboard_shows_each_reader_their_own_territory(used):
    row = board(used, "an", kept(used, "an"), shared=True)
    tile = row.tiles.get()
    for name, total in (("mei", "2"), ("song", "1")):
        html = used.client(name).get(f"/dashboards/{row.pk}/tiles/{tile.pk}/").content.decode()
        assert re.search(rf"<dt>Total</dt><dd>(?:<a [^>]*>)?{total}<", html), name
    page = used.client("mei").get(f"/dashboards/{row.pk}/").content.decode()
    assert "By An" in page and "Arrange" not in page


def test_an_answer_is_kept_until_events_touch_its_days(used):
    an, song = used.actor("an"), used.actor("song")
    question = {"kind": "trend", "event": "look", "every": "all", "period": {"last": "28d"}}

    def total(actor=an, at=NOW, **other):
        answer = ask(question=question | other, actor=actor, at=at)
        return answer.kept, answer.summary["total"]

    fresh, first = total()
    assert (fresh, total()) == (False, (True, first))
    assert ask(question=dict(reversed(question.items())), actor=an, at=NOW).kept, (
        "the order of words is no matter"
    )
    assert total(song) == (False, 1), "another territory is another question"
    past = {"from": str(START.date() - timedelta(days=9)), "to": str(START.date() - timedelta(days=2))}
    assert (total(period=past)[0], total(period=past)[0]) == (False, True)
    store_events(happened("look", ts=START, account=used.yunshan, person=used.lin))
    assert total() == (False, first + 1), "an event came that it counts"
    assert total(period=past)[0], "days before that event are as they were"
    assert total(at=NOW + timedelta(days=40)) == (False, 0), "the last 28 days are others then"
    merge_people(used)
    assert not total(period=past)[0], "a correction may touch any day"


def merge_people(used):
    store = get_store()
    store.wait_applied(store.merge_people(from_ids=[used.lin.pk + 1000], to_id=used.lin.pk))


def test_what_is_kept_is_bounded_and_the_least_wanted_goes_first():
    kept = Kept(most_bytes=100)
    for name in "abcde":
        kept.put(name, name.upper(), size=25)
        kept.get("a")
    assert [name for name in "abcde" if kept.get(name)] == ["a", "c", "d", "e"]
    kept.put("large", "L", size=26)
    assert kept.get("large") is None
    kept.put("a", "again", size=1)
    kept.put("f", "F", size=24)
    assert [kept.get(name).value for name in "acdef"] == ["again", "C", "D", "E", "F"]


def test_programs_do_what_people_do(used):
    rest = used.rest("an")
    made = rest.post("/api/v1/saved-questions", {"title": "Looks", "text": TREND}, JSON)
    pk = made.json()["id"]
    assert (made.status_code, made.json()["kind"]) == (201, "trend")
    assert rest.patch(f"/api/v1/saved-questions/{pk}", {"title": "Seen"}, JSON).json()["title"] == "Seen"
    assert rest.patch(f"/api/v1/saved-questions/{pk}", {"text": "kind: dance"}, JSON).status_code == 422
    body = {"title": "Board", "last_days": 28, "tiles": [{"question_id": pk, "width": 6}]}
    row = rest.post("/api/v1/dashboards", body, JSON).json()
    assert [(tile["question_id"], tile["width"]) for tile in row["tiles"]] == [(pk, 6)]
    assert rest.put(f"/api/v1/dashboards/{row['id']}", body | {"tiles": []}, JSON).json()["tiles"] == []
    assert rest.post("/api/v1/dashboards", body | {"tiles": [{"question_id": 9999}]}, JSON).status_code == 422
    assert rest.post("/api/v1/dashboards", body | {"segment": "account.tier =="}, JSON).status_code == 422
    assert used.rest("mei").get(f"/api/v1/dashboards/{row['id']}").status_code == 404
    assert used.rest("mei").get("/api/v1/saved-questions").json()["count"] == 0
    assert rest.delete(f"/api/v1/dashboards/{row['id']}").status_code == 204
    assert rest.delete(f"/api/v1/saved-questions/{pk}").status_code == 204
    assert (
        rest.get("/api/v1/saved-questions").json()["count"]
        == rest.get("/api/v1/dashboards").json()["count"]
        == 0
    )


def test_a_tile_that_can_no_longer_be_asked_says_so(used):
    row = board(used, "an")
    question = kept(used, "an")
    add_tile(dashboard=row, question=question, by=used.actor("an"), at=NOW)
    SavedQuestion.objects.filter(pk=question.pk).update(text="kind: trend\nwhere: props.\n")
    html = used.client("an").get(f"/dashboards/{row.pk}/tiles/{row.tiles.get().pk}/").content.decode()
    assert "Look at the marked field" not in html and "Only events where" in html
    assert Dashboard.objects.count() == 1
