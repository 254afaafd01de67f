"""A ticket from opened to rated: its times, its facts, its pages."""

from datetime import timedelta

import pytest
from cast import NOW, SYSTEM
from django.core.exceptions import ValidationError

from bihuan.base.bus.models import OutboxFact
from bihuan.serve.tickets import actions
from bihuan.serve.tickets.models import State, Ticket
from bihuan.serve.tickets.queries import open_tickets_by_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(cast):
    return actions.open_ticket(account=cast.yunshan, subject="无法登录", priority="high", by=SYSTEM, at=NOW)


def test_the_first_answer_sets_the_response_time_and_solving_the_resolution_time(ticket):
    actions.answer_ticket(ticket=ticket, by=SYSTEM, at=NOW + timedelta(minutes=30))
    actions.answer_ticket(ticket=ticket, by=SYSTEM, at=NOW + timedelta(minutes=50))
    solved = actions.solve_ticket(ticket=ticket, by=SYSTEM, at=NOW + timedelta(hours=3))
    actions.solve_ticket(ticket=ticket, by=SYSTEM, at=NOW + timedelta(hours=5))
    assert (solved.response_minutes, solved.resolution_hours) == (30, 3)
    names = list(
        OutboxFact.objects.filter(name__startswith="ticket").order_by("id").values_list("name", flat=True)
    )
    assert names == ["ticket_opened", "ticket_answered", "ticket_solved"]


def test_a_reopened_ticket_has_no_resolution_time(ticket):
    actions.solve_ticket(ticket=ticket, by=SYSTEM, at=NOW + timedelta(hours=1))
    with pytest.raises(ValidationError, match="reopen"):
        actions.answer_ticket(ticket=ticket, by=SYSTEM, at=NOW + timedelta(hours=2))
    back = actions.reopen_ticket(ticket=ticket, by=SYSTEM, at=NOW + timedelta(hours=2))
    assert (back.state, back.resolution_hours) == (State.OPEN, None)


def test_an_answer_to_a_reopened_ticket_is_a_change_of_its_state(ticket):
    actions.answer_ticket(ticket=ticket, by=SYSTEM, at=NOW)
    actions.solve_ticket(ticket=ticket, by=SYSTEM, at=NOW)
    actions.reopen_ticket(ticket=ticket, by=SYSTEM, at=NOW)
    actions.answer_ticket(ticket=ticket, by=SYSTEM, at=NOW)
    fact = OutboxFact.objects.latest("id")
    assert (fact.name, fact.payload["before"], fact.payload["after"]) == (
        "ticket_changed", {"state": "open"}, {"state": "pending"},
    )  # fmt: skip


def test_a_change_over_rest_that_is_refused_in_part_changes_nothing(cast, ticket):
    actions.solve_ticket(ticket=ticket, by=SYSTEM, at=NOW)
    where, body = f"/api/v1/tickets/{ticket.pk}", {"priority": "low", "state": "pending"}
    assert cast.rest("qin").patch(where, body, content_type="application/json").status_code == 422
    assert Ticket.objects.get().priority == "high"


def test_answers_before_the_question_and_wrong_ratings_are_refused(ticket):
    with pytest.raises(ValidationError, match="before"):
        actions.answer_ticket(ticket=ticket, by=SYSTEM, at=NOW - timedelta(minutes=1))
    with pytest.raises(ValidationError):
        actions.rate_ticket(ticket=ticket, satisfaction=6, by=SYSTEM, at=NOW)
    assert Ticket.objects.get().state == State.OPEN


def test_only_unsolved_tickets_are_open_ones(cast, ticket):
    assert open_tickets_by_account() == {cast.yunshan.pk: 1}
    actions.solve_ticket(ticket=ticket, by=SYSTEM, at=NOW)
    assert open_tickets_by_account(account_ids=[cast.yunshan.pk]) == {}


def test_a_ticket_goes_its_way_in_the_browser(cast):
    client = cast.client("qin")
    client.post(
        "/tickets/new/",
        {"account": cast.yunshan.pk, "subject": "报表为空", "family": "technical", "priority": "urgent"},
    )
    ticket = Ticket.objects.get()
    where = f"/tickets/{ticket.pk}/"
    for step, state in (("answer", "pending"), ("solve", "solved"), ("reopen", "open"), ("solve", "solved")):
        client.post(f"{where}{step}/")
        ticket.refresh_from_db()
        assert ticket.state == state
    client.post(f"{where}rate/", {"satisfaction": "9"})
    client.post(f"{where}rate/", {"satisfaction": "4"})
    ticket.refresh_from_db()
    assert ticket.satisfaction == 4
    assert client.post(f"{where}dance/").status_code == 404
    page = client.get(where).content.decode()
    assert "报表为空" in page and "answered first" in page
    client.post(
        f"{where}edit/",
        {"account": ticket.account_id, "subject": "报表为空白", "family": "technical", "priority": "low"},
    )
    ticket.refresh_from_db()
    assert (ticket.subject, ticket.priority) == ("报表为空白", "low")


def test_ticked_tickets_are_solved_at_once_and_the_list_finds_them(cast, ticket):
    client = cast.client("qin")
    answer = client.post("/tickets/", {"do": "batch", "action": "solve", "ids": [ticket.pk]})
    assert answer.status_code == 302
    ticket.refresh_from_db()
    assert ticket.state == State.SOLVED
    page = client.get("/tickets/?q=登录&priority=high").content.decode()
    assert "无法登录" in page
    assert "无法登录" not in client.get("/tickets/?q=登录&priority=low").content.decode()


def test_tickets_over_rest(cast, ticket):
    from bihuan.base.access.actions import create_token

    _row, secret = create_token(
        staff=cast.qin, name="t", scopes=["tickets.view", "tickets.edit"], by=SYSTEM, at=NOW
    )
    client = cast.client("qin")
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    made = client.post(
        "/api/v1/tickets", {"account_id": cast.yunshan.pk, "subject": "你好"}, content_type="application/json"
    )
    where = f"/api/v1/tickets/{made.json()['id']}"
    moved = client.patch(
        where, {"state": "solved", "satisfaction": 5, "escalated": True}, content_type="application/json"
    ).json()
    assert (moved["state"], moved["satisfaction"], moved["escalated"]) == ("solved", 5, True)
    assert client.patch(where, {"state": "gone"}, content_type="application/json").status_code == 422
    assert client.patch(where, {"satisfaction": 9}, content_type="application/json").status_code == 422
    assert client.get("/api/v1/tickets?state=solved").json()["count"] == 1


def test_a_second_import_of_tickets_changes_nothing(cast):
    row = {
        "key": "T-1",
        "account_key": "yunshan",
        "subject": "x",
        "opened_at": NOW,
        "satisfaction": 4,
        "state": "closed",
    }
    first = actions.import_tickets(rows=[row, row | {"key": "T-2", "account_key": "no"}], by=SYSTEM, at=NOW)
    second = actions.import_tickets(rows=[row], by=SYSTEM, at=NOW)
    assert (first.created, len(first.rejected), second.unchanged) == (1, 1, 1)
