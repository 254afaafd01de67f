"""Pages of work: start, bench, item, instance; for who may, and not for others."""

import pytest
from cast import NOW, SYSTEM
from drawings import END, START, chain, drawn, field, user

from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.act.processes.queries import forget
from bihuan.act.work.models import Instance, WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(cast):
    forget()
    checks = '<x:check title="Slides" required="true"/>'
    xml = drawn("visit", START, user("plan", assign="starter", fields=field("people", "number"), checks=checks, limit="2d"),
                user("go", role="service"), END, chain("start", "plan", "go", "end"))  # fmt: skip
    row = create_process(key="visit", kind="process", name="Visit", xml=xml, by=SYSTEM, at=NOW)
    publish_draft(process=row, by=SYSTEM, at=NOW)
    return row


def test_it_works(cast, visit) -> None:
    song = cast.client("song")
    assert song.get(f"/processes/{visit.pk}/start/").status_code == 200
    started = song.post(f"/processes/{visit.pk}/start/", {"account": cast.yunshan.pk, "title": ""})
    item = WorkItem.objects.get()
    assert started.url == f"/work-items/{item.pk}/"
    page = song.get(started.url).content.decode()
    assert "Slides" in page
    refused = song.post(f"/work-items/{item.pk}/complete/", {"people": ""})
    assert refused.status_code == 422
    assert song.post(f"/work-items/{item.pk}/ticks/0/", {"done": "1"}).status_code == 302
    wrong = song.post(f"/work-items/{item.pk}/complete/", {"people": "many"})
    assert "is a number" in wrong.content.decode()
    assert song.post(f"/work-items/{item.pk}/complete/", {"people": "3"}).status_code == 302
    assert "Go" in cast.client("qin").get("/bench/queue/").content.decode()
    instance = Instance.objects.get()
    assert song.get(f"/instances/{instance.pk}/").status_code == 200
    assert song.get("/instances/").status_code == 200
    for path in ("/bench/", "/bench/queue/", "/work-items/"):
        assert cast.client("mei").get(path).status_code == 200


def test_what_lies_outside_the_territory_is_not_found(cast, visit) -> None:
    cast.client("song").post(f"/processes/{visit.pk}/start/", {"account": cast.yunshan.pk})
    instance, item = Instance.objects.get(), WorkItem.objects.get()
    for path in (f"/instances/{instance.pk}/", f"/work-items/{item.pk}/"):
        assert cast.client("bei").get(path).status_code == 404
    assert cast.client("bei").post(f"/work-items/{item.pk}/complete/", {}).status_code == 404


def test_a_partner_sees_a_bench_and_no_instances(cast, visit) -> None:
    assert cast.client("pan").get("/bench/").status_code == 200
    assert cast.client("pan").get("/instances/").status_code == 403


def test_managers_pause_resume_and_end(cast, visit) -> None:
    cast.client("song").post(f"/processes/{visit.pk}/start/", {"account": cast.yunshan.pk})
    pk, mei = Instance.objects.get().pk, cast.client("mei")
    mei.post(f"/instances/{pk}/pause/", {"reason": "holiday"})
    assert Instance.objects.get().state == "paused"
    mei.post(f"/instances/{pk}/resume/")
    mei.post(f"/instances/{pk}/end/", {"reason": "twice"})
    assert Instance.objects.get().state == "cancelled"
    assert cast.client("song").post(f"/instances/{pk}/pause/", {"reason": "x"}).status_code == 403


def test_programs_do_the_same_over_rest(cast, visit) -> None:
    song, base = cast.rest("song"), "/api/v1"
    made = song.post(
        f"{base}/instances",
        {"process": "visit", "account_id": cast.yunshan.pk},
        content_type="application/json",
    )
    assert made.status_code == 201, made.content
    (item,) = song.get(f"{base}/work-items").json()["items"]
    done = song.post(
        f"{base}/work-items/{item['id']}/complete", {"values": {"people": 2}}, content_type="application/json"
    )
    assert done.status_code == 422
    assert (
        song.post(f"{base}/work-items/{item['id']}/ticks/0", {}, content_type="application/json").status_code
        == 200
    )
    done = song.post(
        f"{base}/work-items/{item['id']}/complete", {"values": {"people": 2}}, content_type="application/json"
    )
    assert done.json()["state"] == "done"
    assert [row["element"] for row in song.get(f"{base}/instances/{made.json()['id']}/items").json()] == [
        "plan",
        "go",
    ]
    assert cast.rest("bei").get(f"{base}/instances/{made.json()['id']}").status_code == 404
    assert song.get(f"{base}/processes/visit").json()["published_version"] == 1
    assert b"<process" in song.get(f"{base}/processes/visit/versions/1/file").content
