"""What is meant for somebody who is away goes to their deputy or the queue, and comes back when it was not begun."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cast import SYSTEM
from django.core.exceptions import ValidationError
from drawings import END, START, chain, drawn, user

from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.act.processes.queries import forget
from bihuan.act.work import actions
from bihuan.act.work.models import HandOver, WorkItem
from bihuan.base.bus.models import OutboxFact
from bihuan.base.jobs import Run
from bihuan.base.jobs.models import Job
from bihuan.base.jobs.worker import drain
from bihuan.know.absences.actions import change_absence, end_absence, enter_absence
from bihuan.know.absences.jobs import turn
from bihuan.know.absences.models import Absence

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
#: A Monday morning; the injected clock of these tests starts here.
MONDAY = datetime(2026, 11, 16, 10, tzinfo=ZONE)
FRIDAY = date(2026, 11, 20)


def process(key: str, *steps: str, ids: tuple[str, ...]):
    forget()
    xml = drawn(key, START, *steps, END, chain("start", *ids, "end"))
    row = create_process(key=key, kind="process", name=key, xml=xml, by=SYSTEM, at=MONDAY)
    publish_draft(process=row, by=SYSTEM, at=MONDAY)
    return row


def started(cast, row, by: str = "qin", at: datetime = MONDAY) -> WorkItem:
    instance = actions.start_process(process=row, account=cast.yunshan, by=cast.actor(by), at=at)
    return instance.items.get()


def away(
    cast, who: str, *, to: str = "", at: datetime = MONDAY, first: date | None = None, last: date = FRIDAY
) -> Absence:
    return enter_absence(staff=cast.people[who], first_day=first or at.date(), last_day=last,
                         deputy=cast.people[to] if to else None, by=cast.actor(who), at=at)  # fmt: skip


@pytest.fixture
def tao(cast):
    """A colleague of Qin: the same role, the same team."""
    from bihuan.know.staff.actions import add_staff

    cast.people["tao"] = add_staff(username="tao", name="Tao", roles=["service"], reach="team", team=cast.qin.team,
                                   language="en", by=SYSTEM, at=MONDAY)  # fmt: skip
    return cast.people["tao"]


@pytest.fixture
def call(cast, tao):
    return process("call", user("talk", role="service", assign="starter", limit="2d"), ids=("talk",))


def test_what_comes_to_somebody_who_is_away_goes_to_the_deputy(cast, call) -> None:
    away(cast, "qin", to="tao")
    item = started(cast, call)
    assert (item.assignee, item.state) == (cast.tao, "claimed")
    fact = OutboxFact.objects.get(name="step_handed_over")
    assert (fact.payload["from_id"], fact.payload["to_id"]) == (cast.qin.pk, cast.tao.pk)


def test_a_deputy_who_is_away_has_a_deputy(cast, call) -> None:
    from bihuan.know.staff.actions import change_staff

    change_staff(staff=cast.mei, roles=["manager", "service"], by=SYSTEM, at=MONDAY)
    cast.mei.refresh_from_db()
    away(cast, "qin", to="tao")
    away(cast, "tao", to="mei")
    assert started(cast, call).assignee == cast.mei


def test_deputies_in_a_circle_leave_it_to_the_queue(cast, call) -> None:
    away(cast, "qin", to="tao")
    away(cast, "tao", to="qin")
    item = started(cast, call)
    assert (item.assignee, item.role, item.state) == (None, "service", "open")


@pytest.mark.parametrize("deputy", ["", "song", "bei"])
def test_without_a_deputy_who_fits_it_goes_to_the_queue(cast, call, deputy) -> None:
    away(cast, "qin", to=deputy)
    assert started(cast, call).assignee is None


def test_a_step_without_a_role_stays_when_nobody_fits(cast, tao) -> None:
    row = process("own", user("talk", role="", assign="starter", limit="2d"), ids=("talk",))
    away(cast, "qin")
    assert started(cast, row).assignee == cast.qin


def test_what_is_due_before_the_return_goes_when_the_absence_begins(cast, call) -> None:
    soon = started(cast, call)
    later, free = started(cast, call), started(cast, call)
    WorkItem.objects.filter(pk=later.pk).update(due_at=MONDAY + timedelta(days=9))
    WorkItem.objects.filter(pk=free.pk).update(due_at=None)
    away(cast, "qin", to="tao")
    drain(at=MONDAY + timedelta(minutes=1))
    whose = {row.pk: row.assignee for row in WorkItem.objects.all()}
    assert whose == {soon.pk: cast.tao, later.pk: cast.qin, free.pk: cast.qin}


def test_a_planned_absence_begins_and_ends_with_its_days(cast, call) -> None:
    item = started(cast, call)
    row = away(cast, "qin", to="tao", first=date(2026, 11, 17))
    drain(at=MONDAY + timedelta(minutes=1))
    assert (row.state, WorkItem.objects.get().assignee) == ("planned", cast.qin)

    def clock(at: datetime) -> None:
        turn(Run(row=Job(name="absences.turn", run_at=at, created_at=at), at=at))
        drain(at=at)

    clock(datetime(2026, 11, 17, 0, 1, tzinfo=ZONE))
    row.refresh_from_db()
    item.refresh_from_db()
    assert (row.state, item.assignee) == ("away", cast.tao)
    clock(datetime(2026, 11, 20, 23, 59, tzinfo=ZONE))
    row.refresh_from_db()
    assert row.state == "away"
    clock(datetime(2026, 11, 21, 0, 1, tzinfo=ZONE))
    row.refresh_from_db()
    item.refresh_from_db()
    assert (row.state, item.assignee) == ("over", cast.qin), "what the deputy has not begun comes back"


def test_what_the_deputy_has_begun_stays_with_them(cast, tao) -> None:
    row = process("list", user("talk", role="service", assign="starter", checks='<x:check title="Phone"/>', limit="2d"),
                  ids=("talk",))  # fmt: skip
    begun, untouched = started(cast, row), started(cast, row)
    absence = away(cast, "qin", to="tao")
    drain(at=MONDAY + timedelta(minutes=1))
    actions.tick(item=begun, line=0, done=True, by=cast.actor("tao"), at=MONDAY)
    end_absence(absence=absence, by=cast.actor("qin"), at=MONDAY + timedelta(hours=2))
    drain(at=MONDAY + timedelta(hours=2))
    begun.refresh_from_db()
    untouched.refresh_from_db()
    assert (begun.assignee, untouched.assignee) == (cast.tao, cast.qin)
    assert OutboxFact.objects.filter(name="step_handed_over", payload__back=True).count() == 1


def test_a_hand_over_told_twice_happens_once(cast, call) -> None:
    started(cast, call)
    absence = away(cast, "qin", to="tao")
    for _again in range(2):
        actions.hand_over_open(absence_id=absence.pk, by=SYSTEM, at=MONDAY)
    assert HandOver.objects.count() == 1
    end_absence(absence=absence, by=cast.actor("qin"), at=MONDAY)
    assert [actions.take_back(absence_id=absence.pk, by=SYSTEM, at=MONDAY) for _again in range(2)] == [1, 0]


def test_another_deputy_gets_what_the_first_has_not_begun(cast, call) -> None:
    from bihuan.know.staff.actions import add_staff

    wu = add_staff(
        username="wu", name="Wu", roles=["service"], reach="all", language="en", by=SYSTEM, at=MONDAY
    )
    item = started(cast, call)
    absence = away(cast, "qin", to="tao")
    drain(at=MONDAY + timedelta(minutes=1))
    change_absence(absence=absence, first_day=absence.first_day, last_day=absence.last_day, deputy=wu, note="",
                   by=cast.actor("qin"), at=MONDAY + timedelta(hours=1))  # fmt: skip
    drain(at=MONDAY + timedelta(hours=1))
    item.refresh_from_db()
    assert item.assignee == wu
    assert HandOver.objects.filter(back_at=None).count() == 1


def test_an_escalation_to_a_role_whose_people_are_all_away_goes_to_a_deputy(cast, tao) -> None:
    row = process("late", user("talk", role="service", limit="1h", escalateTo="manager"), ids=("talk",))
    item = started(cast, row)
    away(cast, "mei", to="oli")
    actions.ring(instance_id=item.instance_id, by=SYSTEM, at=MONDAY + timedelta(hours=5))
    item.refresh_from_db()
    assert (item.role, item.assignee) == ("manager", cast.oli)


def test_an_escalation_waits_in_the_queue_when_somebody_is_there(cast, tao) -> None:
    row = process("late", user("talk", role="service", limit="1h", escalateTo="manager"), ids=("talk",))
    item = started(cast, row)
    actions.ring(instance_id=item.instance_id, by=SYSTEM, at=MONDAY + timedelta(hours=5))
    item.refresh_from_db()
    assert (item.role, item.assignee) == ("manager", None)


def test_nothing_is_given_to_somebody_who_is_away(cast, call) -> None:
    item = started(cast, call)
    away(cast, "tao")
    with pytest.raises(ValidationError, match="away until 2026-11-20"):
        actions.delegate(item=item, to=cast.tao, by=cast.actor("qin"), at=MONDAY)


def test_a_deputy_votes_for_whoever_is_away_and_once(cast, tao) -> None:
    row = process("vote", user("agree", role="sales", approvers="manager", approval="all"), ids=("agree",))
    item = started(cast, row, by="song")
    actions.ask_also(item=item, who=cast.qin, by=cast.actor("song"), at=MONDAY)
    with pytest.raises(actions.NotTheirs):
        actions.vote(item=item, approved=True, by=cast.actor("tao"), at=MONDAY)
    away(cast, "qin", to="tao")
    actions.vote(item=item, approved=True, by=cast.actor("tao"), at=MONDAY)
    vote = item.votes.get(approver="qin")
    assert (vote.approved, vote.by) == (True, cast.tao)
    with pytest.raises(actions.NotTheirs):
        actions.vote(item=item, approved=True, by=cast.actor("tao"), at=MONDAY)
    actions.vote(item=item, approved=True, by=cast.actor("mei"), at=MONDAY)
    item.refresh_from_db()
    assert item.state == "done"
