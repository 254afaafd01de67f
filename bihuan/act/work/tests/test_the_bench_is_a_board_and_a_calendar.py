"""The bench as a board, on which cards are moved, and as a calendar; filters stay when the view changes."""

import json
from datetime import timedelta

import pytest
from cast import NOW, SYSTEM
from django.test import Client
from django.utils import timezone
from drawings import END, START, chain, drawn, user

from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.act.processes.queries import forget
from bihuan.act.work.actions import start_process
from bihuan.act.work.models import WorkItem
from bihuan.act.work.queries import waiting_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(cast):
    """Two steps wait: one of the service queue, one on the bench of Qin, who started it."""
    forget()
    xml = drawn("visit", START, '<parallelGateway id="g"/>', user("plan", role="service", assign="starter", limit="2d"),
                user("go", role="service"), '<parallelGateway id="j"/>', END,
                chain("start", "g", "plan", "j", "end"), chain("g", "go", "j"))  # fmt: skip
    row = create_process(key="visit", kind="process", name="Visit", xml=xml, by=SYSTEM, at=NOW)
    publish_draft(process=row, by=SYSTEM, at=NOW)
    start_process(process=row, account=cast.yunshan, by=cast.actor("qin"), at=timezone.now())
    return row


def item(element: str) -> WorkItem:
    return WorkItem.objects.get(element=element)


def column(page: str, title: str) -> str:
    """The part of the board between this column's head and the next."""
    return page.split(f'aria-label="{title}">', 1)[1].split("</section>", 1)[0]


def move(client: Client, element: str, to: str, **headers: str):
    return client.post(
        "/bench/move/", {"item": item(element).pk, "to": to, "back": "/bench/?view=board"}, headers=headers
    )


def undo(client: Client, answer):
    """Press the undo of the toast."""
    token = json.loads(answer["HX-Trigger"])["toast"]["undo"]
    return client.post("/undo/", {"token": token}, headers={"HX-Request": "true"})


def test_it_works(cast, visit) -> None:
    page = cast.client("qin").get("/bench/?view=board").content.decode()
    assert "Go" in column(page, "To take") and "Plan" not in column(page, "To take")
    assert "Plan" in column(page, "Next seven days")
    assert 'name="view" value="board" form="list-form"' in page


def test_an_overdue_item_stands_in_its_column(cast, visit) -> None:
    WorkItem.objects.filter(element="plan").update(due_at=timezone.now() - timedelta(hours=1))
    assert "Plan" in column(cast.client("qin").get("/bench/?view=board").content.decode(), "Overdue")


def test_the_clock_of_a_paused_item_stands_still(cast, visit) -> None:
    """Its time limit is over by the calendar, but its instance was paused before: it is not overdue."""
    WorkItem.objects.filter(element="plan").update(
        due_at=timezone.now() - timedelta(hours=1), left_seconds=3_600
    )
    qin = cast.client("qin")
    page = qin.get("/bench/?view=board").content.decode()
    assert "Plan" not in column(page, "Overdue")
    assert "Plan" in column(page, "No limit or paused")
    assert "Plan" not in qin.get("/bench/?late=true").content.decode()
    assert "Plan" in qin.get("/bench/?late=false").content.decode()
    assert waiting_for(cast.actor("qin"), at=timezone.now()).late == 0
    assert "overdue" not in qin.get("/bench/?view=calendar").content.decode()


def test_a_card_is_taken_put_back_and_the_move_undone(cast, visit) -> None:
    qin = cast.client("qin")
    assert move(qin, "go", "me")["Location"] == "/bench/?view=board"
    assert item("go").assignee == cast.qin
    answer = move(qin, "go", "queue", **{"HX-Request": "true"})
    assert answer.status_code == 204 and "list-changed" in answer["HX-Trigger"]
    assert item("go").assignee is None and item("go").state == "open"
    assert undo(qin, answer).status_code == 204
    assert item("go").assignee == cast.qin


def test_an_undo_is_refused_when_somebody_moved_it_since(cast, visit) -> None:
    qin = cast.client("qin")
    answer = move(qin, "go", "me", **{"HX-Request": "true"})
    move(cast.client("mei"), "go", "me")
    assert item("go").assignee == cast.mei
    assert "moved it since" in undo(qin, answer)["HX-Trigger"]
    assert item("go").assignee == cast.mei


def test_a_manager_gives_on_the_board_of_all_work(cast, visit) -> None:
    mei = cast.client("mei")
    page = mei.get("/work-items/?view=board").content.decode()
    assert "Plan" in column(page, "Qin") and "Go" in column(page, "Nobody")
    move(mei, "go", f"staff:{cast.qin.pk}")
    assert item("go").assignee == cast.qin


def test_what_is_not_theirs_is_not_moved(cast, visit) -> None:
    assert move(cast.client("bei"), "go", "me").status_code == 404
    move(cast.client("song"), "plan", "me")
    assert item("plan").assignee == cast.qin
    move(cast.client("qin"), "plan", "staff:999999")
    assert item("plan").assignee == cast.qin
    assert cast.client("qin").post("/bench/move/", {"item": "x", "to": "me"}).status_code == 404


def test_a_move_leads_nowhere_else(cast, visit) -> None:
    there = {"item": item("go").pk, "to": "me", "back": "https://elsewhere.example/"}
    assert cast.client("qin").post("/bench/move/", there)["Location"] == "/bench/"


def test_the_board_of_a_queue_has_a_column_a_role(cast, visit) -> None:
    page = cast.client("qin").get("/bench/queue/?view=board").content.decode()
    assert "Plan" in column(page, "On my bench") and "Go" in column(page, "Service")


def test_the_board_of_one_process_has_its_steps_in_order(cast, visit) -> None:
    page = cast.client("mei").get(f"/work-items/?view=board&by=step&process={visit.pk}").content.decode()
    assert "Plan" in column(page, "Plan") and "Go" in column(page, "Go")
    without = cast.client("mei").get("/work-items/?view=board&by=step").content.decode()
    assert 'aria-label="Nobody"' in without


def test_a_column_says_how_many_more_there_are(cast, visit) -> None:
    row = item("go")
    for n in range(34):
        WorkItem.objects.create(
            instance=row.instance, name=f"Extra {n}", kind="extra", role="service", opened_at=NOW
        )
    page = cast.client("qin").get("/bench/?view=board").content.decode()
    assert "5 more" in column(page, "To take")


def test_the_calendar_puts_items_on_their_day(cast, visit) -> None:
    due = timezone.localtime(item("plan").due_at)
    qin = cast.client("qin")
    page = qin.get(f"/bench/?view=calendar&on={due.date()}").content.decode()
    assert f'id="day-{due.date()}"' in page and "Plan" in page and f"{due:%H:%M}" in page
    week = qin.get(f"/bench/?view=calendar&span=week&on={due.date()}").content.decode()
    assert week.count("<td") == 7 and "Plan" in week
    other = qin.get("/bench/?view=calendar&on=2020-01-01").content.decode()
    assert "Nothing is due in these days" in other


def test_the_calendar_names_what_is_overdue_and_what_has_no_limit(cast, visit) -> None:
    WorkItem.objects.filter(element="plan").update(due_at=timezone.now() - timedelta(hours=30))
    move(cast.client("qin"), "go", "me")
    page = cast.client("qin").get("/bench/?view=calendar").content.decode()
    assert "1 overdue" in page and "1 without a time limit" in page
    assert "Plan" in cast.client("qin").get("/bench/?late=true").content.decode()


@pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31", "x", "2026-02-31"])
def test_a_day_that_nobody_means_is_no_error(cast, visit, on: str) -> None:
    for span in ("month", "week", "century"):
        assert cast.client("qin").get(f"/bench/?view=calendar&span={span}&on={on}").status_code == 200


def test_filters_stay_when_the_view_changes(cast, visit) -> None:
    page = cast.client("qin").get("/bench/?q=plan&late=false").content.decode()
    assert "?q=plan&amp;late=false&amp;view=board" in page
    board = cast.client("qin").get("/bench/?q=plan&view=board").content.decode()
    assert "Go" not in column(board, "To take")
    assert "?q=plan&amp;view=calendar" in board


def test_htmx_gets_the_part_alone(cast, visit) -> None:
    for view in ("list", "board", "calendar"):
        part = cast.client("qin").get(
            f"/bench/?view={view}", headers={"HX-Request": "true", "HX-Target": "list"}
        )
        assert b"<html" not in part.content and b'id="list"' in part.content


def test_a_board_asks_a_bounded_number_of_questions(cast, visit, django_assert_max_num_queries) -> None:
    qin, row = cast.client("qin"), item("go")
    qin.get("/bench/?view=board")
    for n in range(40):
        WorkItem.objects.create(
            instance=row.instance, name=f"Extra {n}", kind="extra", role="service", opened_at=NOW
        )
    with django_assert_max_num_queries(22):
        qin.get("/bench/?view=board")
