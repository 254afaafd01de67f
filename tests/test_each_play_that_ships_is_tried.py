"""Each of the twelve plays that ship, tried on a history: it would have met whom it is for, and nobody else. Every kind of trigger
and of step besides."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cast import NOW, SYSTEM, TODAY
from django.conf import settings
from events import happened, store_events

from bihuan.act.plays import actions
from bihuan.act.plays.actions.shipped import SHIPPED
from bihuan.act.plays.models import Arm, Play, PlayRun
from bihuan.act.plays.queries import audiences_of, dry_run
from bihuan.act.plays.rules.definition import DefinitionError, read_steps
from bihuan.act.processes.queries import forget
from bihuan.act.processes.shipped import ship
from bihuan.earn.contracts.actions import add_contract
from bihuan.foresee.warning.models import Risk, RiskModel
from bihuan.know.accounts.actions import change_account, end_membership
from bihuan.know.accounts.models import Membership
from bihuan.know.chain.actions import set_chain_member
from bihuan.serve.tickets.actions import open_ticket, rate_ticket, solve_ticket

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


def noon(days_ago: int) -> datetime:
    return datetime.combine(TODAY - timedelta(days=days_ago), time(12), tzinfo=ZoneInfo(settings.TIME_ZONE))


def used(cast: Any, **days: int) -> None:
    """So many events of Lin at Yunshan, `d40=100`: a hundred, forty days ago."""
    store_events(*(
        happened("look", ts=noon(int(day[1:])) + timedelta(seconds=n), account=cast.yunshan, person=cast.lin)
        for day, number in days.items() for n in range(number)
    ))  # fmt: skip


def signed(cast: Any, *, seats: int, ends: int | None = None) -> None:
    """A contract of Yunshan that began two years ago, and ends in so many days."""
    add_contract(
        account=cast.yunshan, key="X", starts_on=TODAY - timedelta(days=700),
        ends_on=None if ends is None else TODAY + timedelta(days=ends),
        lines=[{"name": "Pro", "seats": seats, "mrr": Decimal(1000)}], by=SYSTEM, at=NOW,
    )  # fmt: skip


def rated(cast: Any, *, satisfaction: int) -> None:
    ticket = open_ticket(account=cast.yunshan, subject="x", by=SYSTEM, at=noon(5))
    solve_ticket(ticket=ticket, by=SYSTEM, at=noon(4))
    rate_ticket(ticket=ticket, satisfaction=satisfaction, by=SYSTEM, at=noon(4))


def silent(cast: Any, days: int) -> None:
    set_chain_member(account=cast.yunshan, person=cast.lin, role="user", stance=2, influence=3,
                     last_contact_on=TODAY - timedelta(days=days), by=SYSTEM, at=NOW)  # fmt: skip


def stalls(cast: Any) -> None:
    change_account(account=cast.yunshan, stage="onboarding", by=SYSTEM, at=NOW)
    used(cast, d3=2)


def seats_idle(cast: Any) -> None:
    signed(cast, seats=10)
    used(cast, d3=2)


def grows(cast: Any) -> None:
    signed(cast, seats=1)
    used(cast, d120=1, d40=3, d5=60)


def stays_content(cast: Any) -> None:
    signed(cast, seats=10)
    rated(cast, satisfaction=5)


def asks_much(cast: Any) -> None:
    for number in range(3):
        open_ticket(account=cast.yunshan, subject=str(number), by=SYSTEM, at=noon(3))


PAST: dict[str, Callable[[Any], None]] = {
    "onboarding_stall": stalls,
    "seat_activation": seats_idle,
    "champion_change": lambda cast: silent(cast, 40),
    "usage_fall": lambda cast: used(cast, d120=1, d40=100, d5=30),
    "feature_adoption": lambda cast: used(cast, d3=2),
    "renewal": lambda cast: signed(cast, seats=10, ends=52),
    "payment_late": lambda cast: store_events(happened("payment_overdue", ts=noon(3), account=cast.yunshan)),
    "low_satisfaction": lambda cast: rated(cast, satisfaction=2),
    "expansion": grows,
    "dormant_revival": lambda cast: used(cast, d40=5),
    "advocate": stays_content,
    "training_refresh": asks_much,
}


def test_every_play_that_ships_has_a_past_here() -> None:
    assert set(PAST) == {one["key"] for one in SHIPPED} and len(PAST) == 12


@pytest.mark.parametrize("key", PAST)
def test_its_dry_run_names_whom_it_is_for_and_nobody_else(cast, event_home, key) -> None:
    actions.ensure_plays(at=NOW)
    play = Play.objects.get(key=key)
    play.hold_out = 0
    before = dry_run(play, day=TODAY)
    assert (before.runs, before.now) == (0, 0), "nothing has happened yet"
    PAST[key](cast)
    found = dry_run(play, day=TODAY)
    assert {account for account, _often in found.accounts} == {cast.yunshan.pk}
    assert found.now == 1 and 1 <= found.runs <= 12


def play_of(trigger: dict[str, Any], **more: Any) -> Play:
    fields = {"key": "mine", "name": "Mine", "steps": [{"kind": "task", "title": "Call"}], "hold_out": 0,
              "goal": {"event": "thanked"}, "trigger": trigger} | more  # fmt: skip
    row = actions.add_play(**fields, by=SYSTEM, at=NOW)
    return actions.switch_play(play=row, on=True, by=SYSTEM, at=NOW)


def test_a_date_opens_one_run_at_each_of_its_distances(cast, event_home) -> None:
    signed(cast, seats=10, ends=91)
    play_of({"kind": "date", "measure": "days_to_renewal", "days": [90, 60]})
    opened = []
    for days in (0, 1, 2, 10, 31, 32):
        actions.look_for_plays(by=SYSTEM, at=NOW + timedelta(days=days))
        opened.append(PlayRun.objects.count())
    assert opened == [0, 1, 1, 1, 2, 2]


def test_a_risk_at_or_above_its_level_opens_a_run(cast, event_home) -> None:
    signed(cast, seats=10)
    model = RiskModel.objects.create(number=1, standing="champion", verdict="usable", horizon=90, as_of=TODAY, trained_at=NOW,
                                     trained_by="test")  # fmt: skip
    for rank, (account, risk) in enumerate(((cast.yunshan, 0.6), (cast.songtao, 0.2)), start=1):
        Risk.objects.create(account=account, day=TODAY, model=model, probability=risk, rank=rank, band="list")
    play_of({"kind": "risk", "level": 0.5})
    actions.look_for_plays(by=SYSTEM, at=NOW)
    assert [run.account for run in PlayRun.objects.all()] == [cast.yunshan]


def test_a_signal_at_least_so_grave_opens_a_run(cast, event_home) -> None:
    play_of({"kind": "signal", "signals": ["no_use"], "least": "warning"})
    told = {"kind": "no_use", "account_id": cast.yunshan.pk, "person_id": None, "by": SYSTEM, "at": NOW}
    assert actions.meet_signal(signal_id=1, severity="info", **told) == []
    (run,) = actions.meet_signal(signal_id=2, severity="critical", **told)
    assert (run.account, run.arm) == (cast.yunshan, Arm.TREATED)


def test_a_visit_a_training_and_a_process_are_begun(cast, event_home) -> None:
    forget()
    ship(by=SYSTEM, at=NOW)
    kinds = [{"kind": "visit", "title": "Visit"}, {"kind": "training", "title": "Teach"},
             {"kind": "process", "title": "Go and see", "process": "customer_visit", "values": {"aim": "know"}}]  # fmt: skip
    play = play_of({"kind": "manual"}, steps=kinds)
    run = actions.propose_play(
        play_id=play.pk, account_id=cast.yunshan.pk, by=SYSTEM, at=NOW, assignee_id=cast.song.pk, origin="x"
    )
    actions.confirm_run(run=run, by=cast.actor("song"), at=NOW)
    assert actions.carry_due(at=LATER) == 3
    assert [(step.problem, step.instance_id is not None) for step in run.steps.order_by("number")] == [
        ("", True)
    ] * 3


def test_somebody_who_left_the_decision_chain_sets_it_off_too(cast, event_home) -> None:
    silent(cast, 2)
    membership = Membership.objects.get(account=cast.yunshan, person=cast.lin)
    end_membership(membership=membership, ends_on=TODAY - timedelta(days=1), by=SYSTEM, at=NOW)
    actions.ensure_plays(at=NOW)
    play = Play.objects.get(key="champion_change")
    play.hold_out = 0
    assert [account for account, _often in dry_run(play, day=TODAY).accounts] == [cast.yunshan.pk]


@pytest.mark.parametrize(
    ("days", "met"), [({"d59": 10, "d40": 50, "d5": 20}, True), ({"d59": 10, "d40": 50, "d5": 70}, False)]
)
def test_use_that_falls_is_seen_of_a_customer_of_sixty_days(cast, event_home, days, met) -> None:
    used(cast, **days)
    actions.ensure_plays(at=NOW)
    play = Play.objects.get(key="usage_fall")
    play.hold_out = 0
    assert dry_run(play, day=TODAY).now == met
    assert (cast.yunshan.pk in audiences_of([play], day=TODAY)[play.pk]) == met


def test_use_that_comes_back_reaches_the_goal_of_a_customer_of_sixty_days(cast, event_home) -> None:
    used(cast, d59=10, d40=50, d5=20)
    actions.ensure_plays(at=NOW)
    play = Play.objects.get(key="usage_fall")
    Play.objects.filter(pk=play.pk).update(hold_out=0)
    actions.switch_play(play=play, on=True, by=SYSTEM, at=NOW)
    told = {"kind": "usage_fell", "severity": "warning", "account_id": cast.yunshan.pk, "person_id": None}
    (run,) = actions.meet_signal(signal_id=1, by=SYSTEM, at=NOW, **told)
    assert actions.watch_goals(by=SYSTEM, at=NOW) == (0, 0)
    later = NOW + timedelta(days=20)
    store_events(*(
        happened("look", ts=later - timedelta(days=2, seconds=n), account=cast.yunshan, person=cast.lin)
        for n in range(60)
    ))  # fmt: skip
    assert actions.watch_goals(by=SYSTEM, at=later) == (1, 0)
    run.refresh_from_db()
    assert run.goal_reached_at == later


@pytest.mark.parametrize(
    "values", [[], {"aim": ["know"]}, {"aim": None}, dict.fromkeys(map(str, range(41)), 1)]
)
def test_values_that_no_form_could_hold_are_refused(values) -> None:
    step = {"kind": "process", "title": "x", "process": "customer_visit", "values": values}
    with pytest.raises(DefinitionError, match="values"):
        read_steps([step])
