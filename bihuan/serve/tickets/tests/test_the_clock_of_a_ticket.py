"""Limits in service time, pauses, due times: the rules by hypothesis, and what happens to tickets."""

from datetime import UTC, date, datetime, timedelta

import pytest
from cast import NOW, SYSTEM
from hypothesis import given
from hypothesis import strategies as st

from bihuan.base.bus.models import OutboxFact
from bihuan.base.calendars import Version, Versions, read_calendar, service_time_between
from bihuan.base.calendars.actions import add_calendar, set_version, use_calendar
from bihuan.base.jobs.models import Job
from bihuan.serve.tickets import actions
from bihuan.serve.tickets.models import Ticket
from bihuan.serve.tickets.queries import limits_by_priority
from bihuan.serve.tickets.rules import SHIPPED, Limits, spent, times_of

OFFICE = read_calendar(
    {"hours": ["09:00-12:00", "13:00-18:00"], "holidays": "CN"}, zone="Asia/Shanghai", years=[2026]
)
CALENDAR = Versions(versions=(Version(valid_from=None, calendar=OFFICE),))
MINUTE = timedelta(minutes=1)
moments = st.integers(0, 30 * 24 * 60).map(lambda n: datetime(2026, 9, 20, tzinfo=UTC) + n * MINUTE)


def times(pauses=(), opened=NOW, answered=None, solved=None, limits=SHIPPED["high"]):
    return times_of(calendar=CALENDAR, limits=limits, opened_at=opened, first_response_at=answered, resolved_at=solved,
                    pauses=pauses)  # fmt: skip


@given(
    found=st.lists(moments, min_size=6, max_size=6, unique=True).map(sorted), minutes=st.integers(1, 3_000)
)
def test_a_ticket_is_late_exactly_when_more_service_time_than_the_limit_has_passed_without_its_pauses(
    found, minutes
):
    opened, a, b, c, d, solved = found
    pauses = [(a, b), (c, d)]
    told = times(
        pauses, opened=opened, answered=a, solved=solved, limits=Limits(response=1, resolution=minutes)
    )
    taken = spent(calendar=CALENDAR, begin=opened, end=solved, pauses=pauses)
    assert told.resolution_service_minutes == taken / MINUTE
    assert (solved > told.resolve_due_at) == (taken > minutes * MINUTE)
    assert told.due_at is None, "nothing is due of what is solved"


@given(found=st.lists(moments, min_size=3, max_size=3, unique=True).map(sorted))
def test_a_pause_moves_the_due_time_on_by_its_service_time_and_nothing_else(found):
    opened, begin, end = found
    limits = Limits(response=60, resolution=50_000)
    before = times(opened=opened, answered=begin, limits=limits).resolve_due_at
    after = times([(begin, end)], opened=opened, answered=begin, limits=limits).resolve_due_at
    moved = service_time_between(calendar=CALENDAR, start=before, end=after)
    assert moved == service_time_between(calendar=CALENDAR, start=begin, end=end)


def test_while_the_clock_stands_still_nothing_is_due():
    told = times([(NOW, None)], answered=NOW)
    assert (told.due_at, told.resolve_due_at) == (None, None) and told.response_due_at


def test_until_the_first_response_the_nearer_limit_is_due_and_then_the_solution():
    assert times().due_at == times().response_due_at == NOW + timedelta(hours=1)
    assert times(answered=NOW).due_at == times().resolve_due_at


@pytest.fixture
def ticket(cast):
    return actions.open_ticket(account=cast.yunshan, subject="无法登录", priority="high", by=SYSTEM, at=NOW)


def hours(n):
    return NOW + timedelta(hours=n)


@pytest.mark.django_db
def test_waiting_for_the_customer_stops_the_clock_and_their_reply_lets_it_run_on(ticket):
    # Wednesday 10:30 in Shanghai; eight hours of service time: 6.5 on Wednesday, 1.5 on Thursday.
    assert ticket.resolve_due_at == datetime(2026, 11, 19, 2, 30, tzinfo=UTC)
    waiting = actions.answer_ticket(ticket=ticket, by=SYSTEM, at=hours(0.5))
    assert (waiting.due_at, waiting.response_service_minutes) == (None, 30)
    again = actions.resume_ticket(ticket=ticket, by=SYSTEM, at=hours(4.5))
    assert again.due_at == datetime(2026, 11, 19, 6, 30, tzinfo=UTC), (
        "three hours on: one of the four was lunch, and so is one before 14:30"
    )
    assert actions.resume_ticket(ticket=ticket, by=SYSTEM, at=hours(5)).due_at == again.due_at
    solved = actions.solve_ticket(ticket=ticket, by=SYSTEM, at=hours(5.5))
    assert (solved.resolution_service_minutes, solved.resolution_hours, solved.late) == (90, 5.5, False)
    assert [(one.begins_at, one.ends_at) for one in ticket.pauses.all()] == [(hours(0.5), hours(4.5))]
    assert OutboxFact.objects.filter(name="ticket_resumed").count() == 1


@pytest.mark.django_db
def test_one_that_is_solved_while_it_waits_is_measured_up_to_the_wait(ticket):
    actions.answer_ticket(ticket=ticket, by=SYSTEM, at=hours(2))
    solved = actions.solve_ticket(ticket=ticket, by=SYSTEM, at=hours(200))
    assert (solved.response_service_minutes, solved.resolution_service_minutes) == (60 + 30, 90), (
        "12:00 to 13:00 is lunch"
    )
    assert solved.late is True, "an hour was the limit of the first response"
    assert solved.resolve_due_at > solved.resolved_at


@pytest.mark.django_db
def test_a_reopened_ticket_goes_on_from_where_its_clock_stood(ticket):
    actions.solve_ticket(ticket=ticket, by=SYSTEM, at=hours(1))
    back = actions.reopen_ticket(ticket=ticket, by=SYSTEM, at=hours(24))
    assert service_time_between(calendar=CALENDAR, start=hours(24), end=back.due_at) == timedelta(hours=7)


@pytest.mark.django_db
def test_another_priority_has_other_limits_at_once(ticket):
    assert actions.change_ticket(ticket=ticket, priority="urgent", by=SYSTEM, at=NOW).due_at == hours(0.5)


@pytest.mark.django_db
def test_other_limits_and_calendars_move_open_tickets_and_never_what_was_due_for_solved_ones(cast, ticket):
    solved = actions.open_ticket(account=cast.yunshan, subject="b", priority="high", by=SYSTEM, at=NOW)
    solved = actions.solve_ticket(ticket=solved, by=SYSTEM, at=hours(1))
    actions.change_limits(priority="high", limits=Limits(response=10, resolution=20), by=SYSTEM, at=NOW)
    assert actions.measure_tickets(by=SYSTEM, at=NOW) == 1
    ticket.refresh_from_db()
    assert ticket.due_at == NOW + 10 * MINUTE
    night = add_calendar(
        key="n", name="Night", zone="Asia/Shanghai", definition={"hours": ["20:00-24:00"]}, by=SYSTEM, at=NOW
    )
    use_calendar(calendar=night, account_id=cast.yunshan.pk, by=SYSTEM, at=NOW)
    assert actions.measure_tickets(by=SYSTEM, at=NOW) == 1
    ticket.refresh_from_db()
    assert ticket.due_at == datetime(2026, 11, 18, 12, 10, tzinfo=UTC)
    set_version(
        calendar=night,
        valid_from=date(2026, 11, 18),
        definition={"hours": ["21:00-24:00"]},
        by=SYSTEM,
        at=NOW,
    )
    seen = []
    assert actions.measure_tickets(by=SYSTEM, at=NOW, progress=lambda *told: seen.append(told)) == 1
    ticket.refresh_from_db()
    assert ticket.due_at == datetime(2026, 11, 18, 13, 10, tzinfo=UTC) and seen == [(1, 1)]
    after = Ticket.objects.get(pk=solved.pk)
    assert (after.response_due_at, after.resolve_due_at) == (solved.response_due_at, solved.resolve_due_at)
    assert OutboxFact.objects.filter(name="tickets_measured").last().payload == {"looked_at": 1, "changed": 1}


@pytest.mark.django_db
def test_imported_tickets_are_measured_by_the_job_and_their_elapsed_times_stay(cast):
    rows = [{"key": "A", "account_key": "yunshan", "subject": "a", "opened_at": NOW, "state": "closed",
             "first_response_at": hours(1), "resolved_at": hours(35.5)},
            {"key": "B", "account_key": "yunshan", "subject": "b", "opened_at": NOW, "state": "pending",
             "first_response_at": hours(1)}, {"key": "C", "account_key": "yunshan", "subject": "c", "opened_at": NOW}]  # fmt: skip
    actions.import_tickets(rows=rows, by=SYSTEM, at=NOW)
    assert actions.measure_tickets(by=SYSTEM, at=hours(40)) == 3
    closed, waiting, fresh = Ticket.objects.order_by("key")
    assert (closed.resolution_hours, closed.resolution_service_minutes, closed.late) == (
        35.5,
        14.5 * 60,
        None,
    )
    assert waiting.due_at is None and waiting.pauses.get().begins_at == hours(1)
    assert fresh.due_at == fresh.response_due_at == hours(1), "S is promised an answer within an hour"
    assert actions.measure_tickets(by=SYSTEM, at=hours(41)) == 0, "a second time changes nothing"
    actions.import_tickets(
        rows=[rows[1] | {"state": "closed", "resolved_at": hours(60)}], by=SYSTEM, at=hours(61)
    )
    actions.measure_tickets(by=SYSTEM, at=hours(61))
    waiting.refresh_from_db()
    assert waiting.pauses.get().ends_at == hours(60) and waiting.resolution_service_minutes == 60


@pytest.mark.django_db
def test_the_list_finds_what_is_overdue_and_says_it_in_words(cast, ticket):
    later = actions.open_ticket(account=cast.yunshan, subject="later", priority="low", by=SYSTEM, at=NOW)
    Ticket.objects.filter(pk=later.pk).update(due_at=datetime(2999, 1, 1, tzinfo=UTC))
    done = actions.open_ticket(account=cast.yunshan, subject="done", by=SYSTEM, at=NOW)
    actions.solve_ticket(ticket=done, by=SYSTEM, at=hours(1))
    Ticket.objects.filter(pk=ticket.pk).update(due_at=datetime(2026, 1, 1, tzinfo=UTC))
    client = cast.client("qin")
    page = client.get("/tickets/?overdue=true").content.decode()
    assert "无法登录" in page and "overdue by" in page and "later" not in page
    page = client.get("/tickets/?overdue=false").content.decode()
    assert "无法登录" not in page and "due in" in page and "in time" in page
    page = client.get("/tickets/?sort=due_at").content.decode()
    assert page.index("无法登录") < page.index(">later<") < page.index(">done<"), (
        "what has no due time comes last"
    )
    found = cast.rest("qin").get("/api/v1/tickets?overdue=true").json()
    assert [one["id"] for one in found["items"]] == [ticket.pk]


@pytest.mark.django_db
def test_a_customers_reply_is_a_button_and_the_page_tells_limits_and_pauses(cast, ticket):
    client, where = cast.client("qin"), f"/tickets/{ticket.pk}/"
    client.post(f"{where}answer/")
    page = client.get(where).content.decode()
    assert "Customer replied" in page and "clock stopped" in page and "When the clock stood still" in page
    client.post(f"{where}resume/")
    page = client.get(where).content.decode()
    assert "Customer replied" not in page and "let the clock run on" in page
    moved = (
        cast.rest("qin").patch(f"/api/v1{where.rstrip('/')}", {"state": "pending"}, "application/json").json()
    )
    assert (moved["state"], moved["due_at"]) == ("pending", None)
    moved = (
        cast.rest("qin").patch(f"/api/v1{where.rstrip('/')}", {"state": "open"}, "application/json").json()
    )
    assert moved["state"] == "open" and moved["due_at"]


@pytest.mark.django_db
def test_limits_are_written_on_a_page_or_over_rest_and_the_list_says_that_it_is_measured_anew(cast, ticket):
    said = {f"{name}_{what}": minutes for name in ("low", "medium", "high", "urgent")
            for what, minutes in (("response", 15), ("resolution", 90))}  # fmt: skip
    client = cast.client("mei")
    assert "shorter than" in client.post("/tickets/limits/", said | {"low_resolution": 5}).content.decode()
    assert client.post("/tickets/limits/", said).status_code == 302
    assert set(limits_by_priority().values()) == {Limits(response=15, resolution=90)}
    rest = cast.rest("mei")
    assert (
        rest.put(
            "/api/v1/ticket-limits/urgent", {"response": 5, "resolution": 60}, "application/json"
        ).status_code
        == 204
    )
    assert rest.get("/api/v1/ticket-limits").json()["urgent"] == {"response": 5, "resolution": 60}
    assert (
        rest.put(
            "/api/v1/ticket-limits/urgent", {"response": 5, "resolution": 1}, "application/json"
        ).status_code
        == 422
    )
    assert cast.client("qin").get("/tickets/limits/").status_code == 403
    Job.objects.create(name="tickets.measure", args={}, run_at=NOW, created_at=NOW)
    assert "being computed anew" in client.get("/tickets/").content.decode()
