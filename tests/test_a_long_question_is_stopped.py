"""A question under way can be looked at and stopped by whoever asked it, on the page, by REST and at the command line."""

import threading
import time
from contextlib import ExitStack

import pytest
from cast import NOW

from bihuan.capture.store import Cancelled, Watch, current_watch, get_store, watched
from bihuan.understand.engine.answer import Answer
from bihuan.understand.explore import queries, registry, running
from bihuan.understand.explore.running import under_way
from tests.events import happened, store_events

pytestmark = pytest.mark.django_db
JSON = "application/json"
NAME = "page-1234"
FOREVER = "SELECT sum(a.name_id + b.name_id + c.name_id + d.name_id) AS n FROM events a, events b, events c, events d"


@pytest.fixture
def used(cast, event_home):
    """One customer looks once."""
    store_events(happened("look", ts=NOW, account=cast.yunshan, person=cast.lin))
    return cast


@pytest.fixture
def meanwhile():
    """A kind of question that takes as long as what is done meanwhile, and gives nothing before it was stopped."""
    done = []

    def answer(*, question, actor, at):
        watch = current_watch()
        watch.expect(4)
        watch.step()
        done[0]()
        watch.step()
        return Answer(kind="slow", question={}, definition=(), columns=(), rows=(), summary={})

    registry.register_kind(registry.Kind(name="slow", permission="explore.view", answer=answer, example=""))
    yield done.append
    registry._kinds.pop("slow")


def test_the_page_sees_how_far_it_is_and_stops_it(used, meanwhile):
    an, mei = used.client("an"), used.client("mei")
    seen = []

    def look_and_stop():
        seen.append(an.get(f"/explore/running/{NAME}/").json())
        seen.append(mei.get(f"/explore/running/{NAME}/").json())
        assert mei.post(f"/explore/running/{NAME}/stop/").status_code == 200
        current_watch().check()
        assert an.post(f"/explore/running/{NAME}/stop/").json() == {"running": False}

    meanwhile(look_and_stop)
    page = an.post("/explore/compose/", {"do": "ask", "mode": "yaml", "text": "kind: slow", "running": NAME},
                   headers={"HX-Request": "true"}).content.decode()  # fmt: skip
    own, other = seen
    assert (own["running"], own["kind"], own["progress"]) == (True, "slow", 0.25)
    assert other == {"running": False}, "the question of somebody else is not seen"
    assert "You stopped this question" in page
    assert an.get(f"/explore/running/{NAME}/").json() == {"running": False}
    assert used.client("pan").get(f"/explore/running/{NAME}/").status_code == 403


def test_a_program_sees_how_far_it_is_and_stops_it(used, meanwhile):
    rest, seen = used.rest("an"), []

    def look_and_stop():
        seen.extend(rest.get("/api/v1/ask/running").json())
        assert rest.delete("/api/v1/ask/running/another-one").status_code == 404
        assert used.rest("mei").delete(f"/api/v1/ask/running/{NAME}").status_code == 404
        assert rest.delete(f"/api/v1/ask/running/{NAME}").status_code == 204

    meanwhile(look_and_stop)
    stopped = rest.post(f"/api/v1/ask?running={NAME}", {"kind": "slow"}, JSON)
    assert stopped.status_code == 409 and "stopped" in stopped.json()["detail"]
    assert [one["name"] for one in seen] == [NAME]
    assert rest.get("/api/v1/ask/running").json() == []
    assert rest.post("/api/v1/ask?running=short", {"kind": "slow"}, JSON).status_code == 422


def test_a_second_question_of_the_same_name_ends_the_first(used):
    an = used.actor("an")
    with under_way(name=NAME, kind="trend", actor=an):
        first = current_watch()
        with under_way(name=NAME, kind="trend", actor=an):
            assert first.cancelled and not current_watch().cancelled


def test_a_statement_of_the_engine_is_interrupted(used):
    """Four times the events by each other would take years."""
    store_events(*[happened("look", ts=NOW, account=used.yunshan, person=used.lin) for _n in range(3_000)])
    store, watch, said = get_store(), Watch(), []

    def ask():
        with watched(watch):
            try:
                store.execute(FOREVER)
            except Exception as error:  # whatever it is: the test looks at it
                said.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    until = time.monotonic() + 30
    while watch.progress() is None and time.monotonic() < until:
        time.sleep(0.01)
    how_far = watch.progress()
    watch.cancel()
    asking.join(timeout=30)
    assert 0 <= how_far <= 1
    assert not asking.is_alive() and isinstance(said[0], Cancelled)
    assert store.count() > 3_000, "the index is sound"
    with watched(watch), pytest.raises(Cancelled):
        store.count()


def test_over_many_events_the_page_comes_first(used, monkeypatch):
    assert "data-ask-now" not in used.client("an").get("/explore/").content.decode()
    monkeypatch.setattr(queries, "MANY_EVENTS", 0)
    page = used.client("an").get("/explore/").content.decode()
    assert "data-ask-now" in page and "Press Ask to get the answer" in page and "SQL and time" not in page


def test_one_person_has_only_so_many_long_questions_under_way(used, meanwhile, monkeypatch):
    monkeypatch.setattr(running, "LONG_SECONDS", 0.0)
    an, rest, mei = used.client("an"), used.rest("an"), used.rest("mei")
    yaml = {"do": "ask", "mode": "yaml", "text": "kind: trend", "running": "fifth-one"}
    with (
        under_way(name="first-one", kind="trend", actor=used.actor("an")),
        under_way(name="second-one", kind="funnel", actor=used.actor("an")),
    ):
        assert rest.post("/api/v1/ask", {"kind": "trend"}, JSON).status_code == 200
        with under_way(name="third-one", kind="path", actor=used.actor("an")):
            refused = rest.post("/api/v1/ask?running=fourth-one", {"kind": "trend"}, JSON)
            assert refused.status_code == 429 and refused["Content-Type"] == "application/problem+json"
            detail = refused.json()["detail"]
            assert "first-one (trend" in detail and "DELETE /api/v1/ask/running/NAME" in detail
            page = an.post("/explore/compose/", yaml, headers={"HX-Request": "true"}).content.decode()
            assert "Stop one of them, or wait until it ends" in page
            assert all(
                f"/explore/running/{name}/stop/" in page for name in ("first-one", "second-one", "third-one")
            )
            assert mei.post("/api/v1/ask", {"kind": "trend"}, JSON).status_code == 200, (
                "others are not in the way"
            )
            used_name = under_way(name="third-one", kind="trend", actor=used.actor("an"))
            with used_name:
                assert current_watch() is not None, (
                    "a question that takes the place of another is one more of none"
                )


def test_short_questions_are_never_too_many(used):
    an = used.actor("an")
    with ExitStack() as stack:
        for n in range(30):  # a dashboard
            stack.enter_context(under_way(name=f"tile-{n:04}", kind="trend", actor=an))
        assert len(running.running_of(actor=an)) == 30


def test_a_question_without_a_name_is_seen_and_stopped_too(used, meanwhile):
    rest, seen = used.rest("an"), []

    def stop_it():
        seen.extend(rest.get("/api/v1/ask/running").json())
        assert rest.delete(f"/api/v1/ask/running/{seen[0]['name']}").status_code == 204

    meanwhile(stop_it)
    assert rest.post("/api/v1/ask", {"kind": "slow"}, JSON).status_code == 409
    assert [one["kind"] for one in seen] == ["slow"]
