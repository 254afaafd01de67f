"""The bell: what concerns me is told once, in my language, and never what I did myself or do not want."""

from datetime import timedelta

import pytest
from cast import NOW, SYSTEM
from django.utils.translation import override
from drawings import END, START, chain, drawn, user

from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.act.processes.queries import forget
from bihuan.act.work import actions
from bihuan.act.work.models import WorkItem
from bihuan.base.notices.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def instance(cast):
    forget()
    xml = drawn("call", START, user("talk", role="service", limit="2h", remind="1h", escalateTo="manager"), END,
                chain("start", "talk", "end"))  # fmt: skip
    row = create_process(key="call", kind="process", name="Call", xml=xml, by=SYSTEM, at=NOW)
    publish_draft(process=row, by=SYSTEM, at=NOW)
    return actions.start_process(
        process=row, account=cast.yunshan, title="Call Yunshan", by=cast.actor("song"), at=NOW
    )


def told(person) -> list[str]:
    return list(Notice.objects.filter(user=person).order_by("pk").values_list("kind", flat=True))


def test_it_works(cast, instance) -> None:
    item = WorkItem.objects.get()
    actions.claim(item=item, by=cast.actor("qin"), at=NOW)
    assert told(cast.qin) == [], "nobody is told what they did themselves"
    WorkItem.objects.update(assignee=cast.qin, name_zh="打电话")
    for hours in (1, 2, 3):
        actions.ring(instance_id=instance.pk, by=SYSTEM, at=NOW + timedelta(hours=hours * 3))
    assert told(cast.qin) == ["work.soon", "work.late"]
    assert all(one.args["step_zh"] == "打电话" for one in Notice.objects.filter(user=cast.qin))
    assert told(cast.mei) == ["work.escalated"]
    WorkItem.objects.update(name_zh="")
    item.refresh_from_db()
    actions.complete(item=item, by=cast.actor("mei"), at=NOW)
    assert told(cast.song) == ["work.ended"]


def test_what_is_given_and_said_is_told_in_the_reader_s_language(cast, instance) -> None:
    item = WorkItem.objects.get()
    WorkItem.objects.update(name_zh="打电话")
    item.refresh_from_db()
    actions.delegate(item=item, to=cast.qin, by=cast.actor("mei"), at=NOW)
    actions.comment(instance=instance, item=item, text="@qin look", by=cast.actor("song"), at=NOW)
    assert told(cast.qin) == ["work.given", "work.mentioned"]
    given = Notice.objects.get(kind="work.given")
    with override("en"):
        assert given.text == "“Talk” lies on your bench – Call Yunshan"
    with override("zh-hans"):
        assert "打电话" in given.text


def test_an_escalation_is_told_within_the_territory_only(cast, instance) -> None:
    from bihuan.know.staff.actions import change_staff

    change_staff(staff=cast.bei, roles=["sales", "manager"], by=SYSTEM, at=NOW)
    actions.ring(instance_id=instance.pk, by=SYSTEM, at=NOW + timedelta(days=1))
    assert told(cast.bei) == [] and told(cast.mei) == ["work.escalated"]


def test_a_kind_that_is_switched_off_is_not_told(cast, instance) -> None:
    qin = cast.client("qin")
    page = qin.get("/notices/kinds/").content.decode()
    assert "Mentioned" in page and page.count("checked") >= 9
    qin.post("/notices/kinds/", {"kinds": ["work.mentioned"]})
    actions.delegate(item=WorkItem.objects.get(), to=cast.qin, by=cast.actor("mei"), at=NOW)
    assert told(cast.qin) == []
    qin.post("/notices/kinds/", {"kinds": ["work.mentioned", "work.given"]})
    actions.give_back(item=WorkItem.objects.get(), by=cast.actor("qin"), at=NOW)
    actions.delegate(item=WorkItem.objects.get(), to=cast.qin, by=cast.actor("mei"), at=NOW)
    assert told(cast.qin) == ["work.given"]


def test_the_bell_counts_opens_and_is_read(cast, instance) -> None:
    actions.delegate(item=WorkItem.objects.get(), to=cast.qin, by=cast.actor("mei"), at=NOW)
    qin, row = cast.client("qin"), Notice.objects.get(user=cast.qin)
    assert "1 notice not read" in qin.get("/bench/").content.decode()
    assert "1 notice not read" in qin.get("/notices/bell/").content.decode()
    assert "Talk" in qin.get("/notices/?unread=1").content.decode()
    assert cast.client("song").post(f"/notices/{row.pk}/open/").status_code == 404
    assert qin.post(f"/notices/{row.pk}/open/")["Location"] == f"/work-items/{WorkItem.objects.get().pk}/"
    assert "not read" not in qin.get("/notices/bell/").content.decode()
    assert "Nothing to read" in qin.get("/notices/?unread=1").content.decode()


def test_all_are_read_at_once_on_the_page_and_over_rest(cast, instance) -> None:
    actions.delegate(item=WorkItem.objects.get(), to=cast.qin, by=cast.actor("mei"), at=NOW)
    rest = cast.rest("qin")
    (row,) = rest.get("/api/v1/notices?unread=true").json()["items"]
    assert row["kind"] == "work.given" and "Call Yunshan" in row["text"]
    assert cast.rest("song").post(f"/api/v1/notices/{row['id']}/read").status_code == 404
    assert rest.post(f"/api/v1/notices/{row['id']}/read").json()["read_at"]
    Notice.objects.update(read_at=None)
    assert rest.post("/api/v1/notices/read").status_code == 204
    assert not Notice.objects.filter(user=cast.qin, read_at=None).exists()
    Notice.objects.update(read_at=None)
    cast.client("qin").post("/notices/read/")
    assert not Notice.objects.filter(user=cast.qin, read_at=None).exists()


def test_both_are_told_of_a_hand_over(cast, instance) -> None:
    from bihuan.know.absences.actions import end_absence, enter_absence
    from bihuan.know.staff.actions import add_staff

    tao = add_staff(
        username="tao", name="Tao", roles=["service"], reach="all", language="en", by=SYSTEM, at=NOW
    )
    actions.delegate(item=WorkItem.objects.get(), to=cast.qin, by=cast.actor("mei"), at=NOW)
    absence = enter_absence(
        staff=cast.qin, first_day=NOW.date(), last_day=NOW.date(), deputy=tao, by=cast.actor("qin"), at=NOW
    )
    actions.hand_over_open(absence_id=absence.pk, by=SYSTEM, at=NOW)
    assert told(tao) == ["work.handed_over"] and told(cast.qin) == ["work.given", "work.handed_over"]
    end_absence(absence=absence, by=cast.actor("qin"), at=NOW)
    actions.take_back(absence_id=absence.pk, by=SYSTEM, at=NOW)
    assert told(tao)[-1] == told(cast.qin)[-1] == "work.came_back"
