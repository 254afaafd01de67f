"""Comments, files and links for those outside, over REST."""

import pytest
from cast import NOW, SYSTEM
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from drawings import END, START, chain, drawn, user

from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.act.processes.queries import forget
from bihuan.act.work.actions import start_process
from bihuan.act.work.actions.talking import MOST_BYTES
from bihuan.act.work.models import File, WorkItem
from bihuan.base.notices.models import Notice

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}


@pytest.fixture
def item(cast, settings, tmp_path) -> WorkItem:
    settings.MEDIA_ROOT = tmp_path
    forget()
    xml = drawn(
        "ask", START, user("agree", role="customer"), user("go"), END, chain("start", "agree", "go", "end")
    )
    row = create_process(key="ask", kind="process", name="Ask", xml=xml, by=SYSTEM, at=NOW)
    publish_draft(process=row, by=SYSTEM, at=NOW)
    start_process(process=row, account=cast.yunshan, by=cast.actor("song"), at=NOW)
    return WorkItem.objects.get()


def test_comments_are_written_and_read(cast, item) -> None:
    song, where = cast.rest("song"), f"/api/v1/work-items/{item.pk}/comments"
    made = song.post(where, {"text": "@mei look"}, **JSON)
    assert made.status_code == 201 and made.json()["mentions"] == [cast.mei.pk]
    assert Notice.objects.get(user=cast.mei).kind == "work.mentioned"
    about = song.post(f"/api/v1/instances/{item.instance_id}/comments", {"text": "all"}, **JSON)
    assert about.json()["item_id"] is None
    assert [one["text"] for one in song.get(where).json()["items"]] == ["@mei look", "all"]
    assert song.post(where, {"text": "  "}, **JSON).status_code == 422
    assert (
        cast.rest("bei").get(where).status_code
        == cast.rest("bei").post(where, {"text": "x"}, **JSON).status_code
        == 404
    )


def test_files_are_sent_and_fetched_within_bounds(cast, item, settings) -> None:
    song, where = cast.rest("song"), f"/api/v1/work-items/{item.pk}/files"
    sent = song.post(where, {"file": SimpleUploadedFile("../../报价.pdf", b"%PDF")})
    assert sent.status_code == 201 and (sent.json()["name"], sent.json()["size"]) == ("报价.pdf", 4)
    got = song.get(f"/api/v1/work-files/{sent.json()['id']}")
    assert b"".join(got.streaming_content) == b"%PDF"
    assert (
        got["Content-Disposition"].startswith("attachment")
        and got["Content-Type"] == "application/octet-stream"
    )
    assert [one["id"] for one in song.get(where).json()["items"]] == [sent.json()["id"]]
    assert cast.rest("bei").get(f"/api/v1/work-files/{sent.json()['id']}").status_code == 404
    assert song.post(where, {"file": SimpleUploadedFile("x.html", b"<p>")}).status_code == 422
    assert (
        song.post(where, {"file": SimpleUploadedFile("big.bin", b"0" * (MOST_BYTES + 1))}).status_code == 422
    )
    assert song.post(where, {}).status_code == 422
    assert File.objects.count() == 1


def test_a_link_is_made_listed_and_revoked(cast, item) -> None:
    song, where = cast.rest("song"), f"/api/v1/work-items/{item.pk}/links"
    made = song.post(where, {"name": "Lin, Yunshan"}, **JSON)
    assert made.status_code == 201
    path = made.json()["url"].removeprefix("http://testserver")
    assert Client().get(path).status_code == 200
    (listed,) = song.get(where).json()["items"]
    assert "url" not in listed and listed["revoked_at"] is None
    assert cast.rest("bei").post(f"/api/v1/work-links/{listed['id']}/revoke").status_code == 404
    assert cast.rest("pan").post(f"/api/v1/work-links/{listed['id']}/revoke").status_code == 404
    assert song.post(f"/api/v1/work-links/{listed['id']}/revoke").json()["revoked_at"]
    assert Client().get(path).status_code == 404


def test_links_are_revoked_on_the_page(cast, item) -> None:
    song = cast.client("song")
    path = (
        cast.rest("song").post(f"/api/v1/work-items/{item.pk}/links", {"name": "Lin"}, **JSON).json()["url"]
    )
    page = song.get(f"/work-items/{item.pk}/").content.decode()
    assert "Links that are valid" in page and "Lin" in page
    song.post(f"/work-links/{item.invitations.get().pk}/revoke/")
    assert Client().get(path.removeprefix("http://testserver")).status_code == 404
    assert "Links that are valid" not in song.get(f"/work-items/{item.pk}/").content.decode()


def test_a_link_is_only_for_steps_of_those_outside(cast, item) -> None:
    from bihuan.act.work.actions import complete

    complete(item=item, by=SYSTEM, at=NOW)
    go = WorkItem.objects.get(element="go")
    assert (
        cast.rest("song").post(f"/api/v1/work-items/{go.pk}/links", {"name": "x"}, **JSON).status_code == 422
    )
