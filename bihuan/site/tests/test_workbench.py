"""The workbench, through HTTP."""

from datetime import timedelta

from django.utils import timezone

from bihuan.know.accounts.actions import add_follow_up
from bihuan.know.accounts.models import FollowUp
from bihuan.serve.tickets.actions import answer_ticket, open_ticket
from bihuan.serve.tickets.queries import promised_by


def text_of(cast, name, path="/", **params):
    page = cast.client(name).get(path, params)
    assert page.status_code == 200
    return page.content.decode()


def test_who_needs_us_comes_with_the_reason_the_days_and_the_owner(cards):
    text = text_of(cards, "mei")
    assert "云杉仪器" in text
    assert "¥480k" in text
    assert "champion silent" in text
    assert "−12" in text
    assert "renews in" in text
    assert "Song" in text
    assert "1 of 2" in text


def test_an_account_of_unknown_health_is_counted_but_not_ranked(cards):
    assert "松涛软件" not in text_of(cards, "mei").split('id="needs"')[1].split("</section>")[0]


def test_another_territory_sees_its_own_customers_only(cards):
    text = text_of(cards, "bei")
    assert "云杉仪器" not in text
    assert "Health is not known yet" in text


def test_mine_means_the_accounts_i_serve(cards):
    assert "云杉仪器" in text_of(cards, "song", scope="mine")
    assert "云杉仪器" not in text_of(cards, "mei", scope="mine")


def test_an_empty_installation_says_the_way_on(cast, event_home):
    assert "No customers here yet" in text_of(cast, "mei")


def test_a_note_is_written_from_the_dialog(cards):
    client = cards.client("song")
    htmx = {"HX-Request": "true", "HX-Target": "dialog-body"}
    path = f"/accounts/{cards.yunshan.pk}/follow-ups/note/"
    assert "Note about 云杉仪器" in client.get(path, headers=htmx).content.decode()
    refused = client.post(path, {"text": ""}, headers=htmx)
    assert 'aria-invalid="true"' in refused.content.decode()
    answer = client.post(path, {"text": "Called."}, headers=htmx)
    assert answer.status_code == 204
    assert "follow-ups-changed" in answer["HX-Trigger"]
    assert FollowUp.objects.get().text == "Called."


def test_a_colleague_outside_the_territory_is_refused_beside_the_field(cards):
    path = f"/accounts/{cards.yunshan.pk}/follow-ups/task/"
    page = cards.client("song").post(path, {"text": "Visit", "assignee": cards.bei.pk})
    assert "territory does not hold" in page.content.decode()
    assert "Visit" in page.content.decode()
    assert not FollowUp.objects.exists()


def test_a_foreign_account_and_an_unknown_kind_are_not_found(cards):
    assert cards.client("bei").get(f"/accounts/{cards.yunshan.pk}/follow-ups/note/").status_code == 404
    assert cards.client("song").get(f"/accounts/{cards.yunshan.pk}/follow-ups/poem/").status_code == 404


def test_my_follow_up_is_done_and_can_be_undone(cards):
    now = timezone.now()
    yesterday = timezone.localdate() - timedelta(days=1)
    mei = cards.actor("mei")
    row = add_follow_up(
        account=cards.yunshan,
        kind="task",
        text="Visit them",
        assignee=cards.song,
        due_on=yesterday,
        by=mei,
        at=now,
    )
    client = cards.client("song")
    assert "Visit them" in client.get("/").content.decode()
    assert cards.client("bei").post(f"/follow-ups/{row.pk}/done/").status_code == 404
    client.post(f"/follow-ups/{row.pk}/done/")
    page = client.get("/").content.decode()
    assert "Visit them" not in page.split("data-toast")[0]
    token = page.split("undo:")[1].split('"')[0]
    client.post(
        "/undo/", {"token": token}, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/"}
    )
    row.refresh_from_db()
    assert row.done_at is None


def test_promises_due_are_tickets_by_their_limits_beside_what_colleagues_asked(cards):
    now = timezone.now()
    song, mine = cards.actor("song"), {"account": cards.yunshan, "by": cards.actor("mei")}
    late = open_ticket(subject="Export fails", at=now - timedelta(days=10), priority="high", **mine)
    open_ticket(subject="Given away", at=now - timedelta(days=9), assignee=cards.people["qin"], **mine)
    waiting = open_ticket(subject="Their turn", at=now - timedelta(days=8), **mine)
    answer_ticket(ticket=waiting, by=song, at=now)
    for number in range(3):
        open_ticket(subject=f"Older {number}", at=now - timedelta(days=20 + number), **mine)
    rows, number = promised_by(song, before=now + timedelta(days=1))
    assert [row.subject for row in rows] == ["Older 2", "Older 1", "Older 0"] and number == 4
    rows, _number = promised_by(song, before=now + timedelta(days=1), limit=9)
    assert [row.pk for row in rows][-1] == late.pk, (
        "not what somebody else took, nor what waits for the customer"
    )
    part = text_of(cards, "song").split("Promises due")[1].split("</section>")[0]
    assert "Older 2" in part and "1 more ticket is due" in part and "First response" in part
    assert "Older" not in text_of(cards, "bei"), "another territory"
    assert [row.subject for row in promised_by(cards.actor("qin"), before=now)[0]] == ["Given away"]


def test_a_program_reads_the_promises_that_the_workbench_shows(cards):
    now, mei = timezone.now(), cards.actor("mei")
    yesterday = timezone.localdate(now) - timedelta(days=1)
    late = open_ticket(account=cards.yunshan, subject="Export fails", by=mei, at=now - timedelta(days=10))
    other = open_ticket(account=cards.yunshan, subject="And this", by=mei, at=now - timedelta(days=9))
    asked = add_follow_up(
        account=cards.yunshan, kind="question", text="When do they renew?", assignee=cards.song, due_on=yesterday, by=mei, at=now
    )  # fmt: skip
    song = cards.rest("song")
    found = song.get("/api/v1/workbench/promises").json()
    assert [(one["kind"], one["id"]) for one in found["rows"]] == [
        ("ticket", late.pk), ("ticket", other.pk), ("question", asked.pk)
    ]  # fmt: skip
    assert found["tickets_due"] == 2 and all(one["overdue"] for one in found["rows"])
    first, question = found["rows"][0], found["rows"][2]
    assert (first["account"], first["waits_for"], first["due_on"]) == ("云杉仪器", "first_response", None)
    assert (question["text"], question["due_on"]) == ("When do they renew?", yesterday.isoformat())
    answer_ticket(ticket=other, by=cards.actor("song"), at=now)
    few = song.get("/api/v1/workbench/promises?limit=1").json()
    assert [one["id"] for one in few["rows"]] == [late.pk, asked.pk] and few["tickets_due"] == 1
    assert cards.rest("bei").get("/api/v1/workbench/promises").json() == {"tickets_due": 0, "rows": []}
    assert song.get("/api/v1/workbench/promises?limit=0").status_code == 422
