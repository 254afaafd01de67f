"""The pages: who gets it and who does not, sending once, the log, templates, channels, limits and who declined."""

import re

import pytest
from cast import NOW, SYSTEM

from bihuan.act.reach.actions import opt_out, save_template, send_due
from bihuan.act.reach.models import Channel, Limits, Message, OptOut, State, Template, Why
from bihuan.know.products.actions import add_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def inside(channel):
    return channel("in_app", product=add_product(name="Web", by=SYSTEM, at=NOW))


@pytest.fixture
def text(template):
    return template(body_zh="{{ account.name }} 你好，我是 {{ my_name }}。")


def test_a_message_by_hand_shows_who_gets_it_and_is_sent_once(cast, inside, text):
    mei, said = cast.client("mei"), {"channel": inside.pk, "template": text.pk}
    opt_out(person=cast.he, kind="", how="staff", by=SYSTEM, at=NOW)
    page = mei.post("/reach/new/", said | {"do": "preview"}).content.decode()
    assert "1 message" in page and "何松" in page and "Wants no messages of this kind" in page
    assert "云杉仪器 你好，我是 Mei。" in page and not Message.objects.exists()
    key = re.search(r'name="key" value="([0-9a-f]{32})"', page.split("card-foot")[-1])[1]
    for _ in range(2):
        answer = mei.post("/reach/new/", said | {"do": "send", "key": key})
        assert answer.status_code == 302 and answer["location"] == f"/reach/?origin=hand%3A{key}"
    row = Message.objects.get()
    assert (row.person, row.account, row.by_name, row.state) == (cast.lin, cast.yunshan, "Mei", State.QUEUED)
    log = mei.get(answer["location"]).content.decode()
    assert "林云，合同快到期了" in log and "This sending" in log


@pytest.mark.parametrize(
    ("more", "number"), [({}, 2), ({"stage": "value"}, 1), ({"tier": "C"}, 0), ({"online": "on"}, 2)]
)
def test_the_audience_is_narrowed(cast, inside, text, event_home, more, number):
    from bihuan.capture.presence.queries import forget

    forget()
    page = cast.client("mei").post(
        "/reach/new/", {"channel": inside.pk, "template": text.pk, "do": "preview"} | more
    )
    assert len(page.context["found"].chosen) == number


def test_a_segment_of_accounts_or_of_people_chooses(cast, inside, text, event_home):
    from bihuan.understand.segments.actions import add_segment

    add_segment(key="large", title="大客户", rule="account.size > 500", by=SYSTEM, at=NOW)
    said = {"channel": inside.pk, "template": text.pk, "do": "preview", "segment": "@large"}
    page = cast.client("mei").post("/reach/new/", said)
    assert [one.person for one in page.context["found"].chosen] == [cast.lin]


def test_nobody_writes_outside_the_territory(cast, inside, text):
    page = cast.client("song").post(
        "/reach/new/", {"channel": inside.pk, "template": text.pk, "do": "preview"}
    )
    assert [one.account for one in page.context["found"].chosen] == [cast.yunshan]
    answer = cast.client("song").post(
        "/reach/new/",
        {"channel": inside.pk, "template": text.pk, "do": "preview", "account": cast.songtao.pk},
    )
    assert answer.status_code == 422


def test_a_template_that_needs_a_plays_values_is_not_sent_by_hand(cast, inside, template):
    said = {"channel": inside.pk, "template": template().pk, "do": "preview"}
    answer = cast.client("mei").post("/reach/new/", said)
    assert answer.status_code == 422 and "data.days" in answer.content.decode()


def test_one_message_tells_its_tries_and_is_cancelled(cast, inside, send):
    row = send(inside)
    mei = cast.client("mei")
    assert "合同还有 30 天到期" in mei.get(f"/reach/{row.pk}/").content.decode()
    assert mei.post(f"/reach/{row.pk}/cancel/").status_code == 302
    row.refresh_from_db()
    assert row.state == State.CANCELLED
    send_due(at=NOW)
    row.refresh_from_db()
    assert row.state == State.CANCELLED
    assert cast.client("bei").get(f"/reach/{row.pk}/").status_code == 404
    assert cast.client("pan").get("/reach/").status_code == 403


def test_what_is_unclear_is_settled_by_whoever_looks(cast, box, channel, send):
    box.answers["end"] = ["drop", "drop"]
    to = channel("email")
    first = send(to)
    send(to, key="2", template=first.template)
    send_due(at=NOW)
    song = cast.client("song")
    one, two = Message.objects.order_by("pk")
    assert "The line broke after the last byte" in song.get(f"/reach/{one.pk}/").content.decode()
    song.post(f"/reach/{one.pk}/arrived/")
    song.post(f"/reach/{two.pk}/retry/")
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.state, two.state) == (State.SENT, State.QUEUED)
    from bihuan.base.notices.models import Notice

    assert Notice.objects.filter(user=cast.song, kind="reach.unclear").count() == 2


FULL = {
    "name": "欢迎",
    "kinds": ["in_app", "email"],
    "subject_zh": "你好 {{ person.name }}",
    "body_zh": "欢迎",
    "shows": "inbox",
}


@pytest.mark.parametrize(
    ("change", "field"),
    [({"subject_zh": "{{ person.salary }}"}, "subject_zh"), ({"body_zh": "{% load x %}{{ person.name"}, "body_zh"),
     ({"link": "javascript:alert(1)"}, "link"), ({"link": "https://a b"}, "link"), ({"subject_en": "Hi"}, "body_en"),
     ({"kinds": []}, "kinds"), ({"link_zh": "去"}, "link")],
)  # fmt: skip
def test_a_template_is_checked_when_it_is_saved(cast, change, field):
    mark = cast.client("mark")
    answer = mark.post("/reach/templates/new/", FULL | change)
    assert answer.status_code == 200 and field in answer.context["form"].errors
    assert not Template.objects.exists()


def test_a_template_is_written_seen_as_a_customer_reads_it_and_removed(cast):
    mark = cast.client("mark")
    assert mark.post("/reach/templates/new/", FULL).status_code == 302
    row = Template.objects.get()
    page = mark.get(f"/reach/templates/{row.pk}/?account=yunshan").content.decode()
    assert "你好 林云" in page
    assert mark.post(f"/reach/templates/{row.pk}/edit/", FULL | {"name": "欢迎你"}).status_code == 302
    mark.post(f"/reach/templates/{row.pk}/remove/")
    assert mark.get(f"/reach/templates/{row.pk}/").status_code == 404
    assert cast.client("song").get("/reach/templates/new/").status_code == 403


def test_a_channel_is_added_changed_and_removed(cast, home):
    mei = cast.client("mei")
    assert "WeCom robot" in mei.get("/reach/channels/new/").content.decode()
    assert (
        mei.post("/reach/channels/new/wecom/", {"name": "群", "token": "no good", "active": "on"}).status_code
        == 200
    )
    said = {"name": "群", "token": "0123456789", "active": "on", "account": cast.yunshan.pk}
    assert mei.post("/reach/channels/new/wecom/", said).status_code == 302
    row = Channel.objects.get()
    assert "0123456789" not in mei.get(f"/reach/channels/{row.pk}/edit/").content.decode()
    mei.post(f"/reach/channels/{row.pk}/edit/", {"name": "新群"})
    row.refresh_from_db()
    assert (row.name, row.active, row.credentials["token"]) == ("新群", False, "0123456789")
    mei.post(f"/reach/channels/{row.pk}/remove/")
    assert mei.get(f"/reach/channels/{row.pk}/").status_code == 404
    assert cast.client("oli").get("/reach/channels/").status_code == 403


def test_the_page_of_an_inbox_says_what_to_embed_and_its_secret_once(cast, inside):
    mei = cast.client("mei")
    page = mei.get(f"/reach/channels/{inside.pk}/").content.decode()
    assert "https://bihuan.example/r/reach.js" in page and inside.public_id in page and "bhi_" not in page
    assert "bhi_" in mei.post(f"/reach/channels/{inside.pk}/secret/").content.decode()


def test_limits_and_who_declined_are_kept_on_pages(cast):
    mei, song = cast.client("mei"), cast.client("song")
    assert mei.post("/reach/limits/", {"person_week": 5, "account_week": 9}).status_code == 302
    kept = Limits.objects.get()
    assert (kept.person_week, kept.account_week, kept.business_hours) == (5, 9, False)
    assert song.post("/reach/declined/new/", {"person": "he@songtao.example"}).status_code == 200, (
        "outside the territory"
    )
    assert (
        song.post("/reach/declined/new/", {"person": "LIN@yunshan.example", "kind": "email"}).status_code
        == 302
    )
    row = OptOut.objects.get()
    assert (row.person, row.kind, row.by_name) == (cast.lin, "email", "Song")
    assert "林云" in song.get("/reach/declined/").content.decode()
    assert cast.client("bei").get(f"/reach/declined/{row.pk}/").status_code == 404
    song.post(f"/reach/declined/{row.pk}/")
    assert not OptOut.objects.exists()


def test_a_call_is_a_task_of_the_owner_once(cast, channel, send):
    from bihuan.know.accounts.models import FollowUp

    row = send(channel("call"))
    send_due(at=NOW)
    send_due(at=NOW)
    task = FollowUp.objects.get(kind="task")
    assert task.assignee == cast.song and "林云" in task.text
    row.refresh_from_db()
    assert row.state == State.SENT
    cast.songtao.team.all().delete()
    assert (
        send(row.channel, key="2", template=row.template, account=cast.songtao, person=cast.he).reason
        == Why.NO_OWNER
    )


def test_what_is_kept_of_a_person_is_told_and_erased(cast, inside, send):
    from bihuan.act.reach.personal import erase, tell

    send(inside)
    opt_out(person=cast.lin, kind="email", how="link", by=SYSTEM, at=NOW)
    told = tell(cast.lin.pk)
    assert told["messages"][0]["subject"] == "林云，合同快到期了" and told["declined"][0]["kind"] == "email"
    assert erase(cast.lin.pk) == 2 and erase(cast.lin.pk) == 0
    assert not Message.objects.exists()


def test_english_readers_get_english_when_there_is_some(cast, inside, send):
    row = save_template(
        values=FULL | {"subject_en": "Hello {{ person.name }}", "body_en": "Welcome"}, by=SYSTEM, at=NOW
    )
    assert send(inside, template=row).subject == "你好 林云"
    cast.lin.props = {"language": "en-GB"}
    assert send(inside, key="2", template=row).subject == "Hello 林云"


def test_a_group_is_nobody_by_name(cast, channel, template, there):
    from django.core.exceptions import ValidationError

    from bihuan.act.reach.actions import send_message

    group, text = channel("wecom", token="0123456789"), template(body_zh="{{ account.name }}")
    answer = cast.client("mei").post(
        "/reach/new/", {"channel": group.pk, "template": text.pk, "do": "preview"}
    )
    assert answer.status_code == 422 and "speaks to a person" in answer.content.decode()
    with pytest.raises(ValidationError, match="say to whom"):
        send_message(
            key="k", channel=group, template=text, account=cast.yunshan, person=None, by=SYSTEM, at=NOW
        )


def test_what_the_platform_sends_is_signed_by_the_accounts_owner(cast, inside, send, text):
    assert send(inside, template=text, by=SYSTEM).body == "云杉仪器 你好，我是 Song。"


def test_a_message_to_very_many_is_queued_by_the_worker(cast, inside, text, monkeypatch):
    from bihuan.act.reach import actions
    from bihuan.act.reach.actions import mailing
    from bihuan.act.reach.queries import audience_of
    from bihuan.base.jobs.models import Job
    from bihuan.base.jobs.queue import claim
    from bihuan.base.jobs.worker import run_one

    monkeypatch.setattr(mailing, "AT_ONCE", 1)
    found = audience_of(actor=cast.actor("mei"), channel=inside, at=NOW)
    for _ in range(2):
        n = actions.send_to_all(
            chosen=found.chosen, key="k", channel=inside, template=text, by=cast.actor("mei"), at=NOW
        )
    assert n == 2 and not Message.objects.exists() and Job.objects.filter(name="reach.queue").count() == 1
    for row in claim(at=NOW, limit=500):
        if row.name == "reach.queue":
            run_one(row=row, at=NOW)
    job = Job.objects.get(name="reach.queue")
    assert (job.state, job.result, job.done) == ("done", {"queued": 2}, 2)
    assert {(row.by_name, row.body[-4:]) for row in Message.objects.all()} == {("Mei", "Mei。")}
