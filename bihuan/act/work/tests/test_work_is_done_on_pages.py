"""Pages of work: start, bench, item, instance; for who may, and not for others."""

import re

import pytest
from cast import NOW, SYSTEM
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from drawings import END, START, chain, drawn, field, user

from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.act.processes.queries import forget
from bihuan.act.work.models import Comment, File, Instance, WorkItem

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


@pytest.fixture
def asked(cast):
    """A step of the customer waits."""
    forget()
    checks = '<x:check title="Read the terms" required="true"/>'
    xml = drawn("ask", START, user("agree", role="customer", fields=field("people", "number"), checks=checks), user("go"), END,
                chain("start", "agree", "go", "end"))  # fmt: skip
    row = create_process(key="ask", kind="process", name="Ask", xml=xml, by=SYSTEM, at=NOW)
    publish_draft(process=row, by=SYSTEM, at=NOW)
    cast.client("song").post(f"/processes/{row.pk}/start/", {"account": cast.yunshan.pk})
    return WorkItem.objects.get()


def test_a_customer_does_an_item_by_a_link_and_sees_nothing_else(cast, asked) -> None:
    made = cast.client("song").post(f"/work-items/{asked.pk}/link/", {"name": "Lin, Yunshan"})
    shown = cast.client("song").get(made["Location"]).content.decode()
    link = re.search(r"/do/[\w-]+/", shown)[0]
    guest = Client(headers={"Accept-Language": "en"})
    page = guest.get(link).content.decode()
    assert "Read the terms" in page and "云杉" not in page
    assert guest.post(link, {"people": "3"}).status_code == 422
    assert "This is done" in guest.post(link, {"people": "3", "ticks": "0"}).content.decode()
    asked.refresh_from_db()
    assert (asked.state, asked.done_by_name, asked.values) == ("done", "Lin, Yunshan", {"people": 3})
    assert "This is done" in guest.post(link, {"people": "4", "ticks": "0"}).content.decode()
    assert guest.get("/do/nothing-of-the-kind/").status_code == 404
    assert guest.get(f"/work-items/{asked.pk}/").status_code == 302


def test_people_talk_and_attach_at_an_item(cast, asked, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    song = cast.client("song")
    file = SimpleUploadedFile("../../offer.pdf", b"%PDF")
    song.post(f"/work-items/{asked.pk}/say/", {"text": "@mei please look", "file": file})
    page = song.get(f"/work-items/{asked.pk}/").content.decode()
    assert "please look" in page and "offer.pdf" in page
    assert list(Comment.objects.get().mentions.all()) == [cast.mei]
    kept = File.objects.get()
    answer = song.get(f"/work-files/{kept.pk}/")
    assert b"".join(answer.streaming_content) == b"%PDF"
    assert answer["Content-Disposition"] == 'attachment; filename="offer.pdf"'
    assert cast.client("bei").get(f"/work-files/{kept.pk}/").status_code == 404
    song.post(f"/work-items/{asked.pk}/say/", {"file": SimpleUploadedFile("x.html", b"<script>")})
    assert File.objects.count() == 1
