"""The plays of the simulated company ran: both arms, decided and done, and a week that was planned; the same from one seed."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from cast import NOW
from django.db import transaction

from bihuan.act.plan.models import PlanState, WeekPlan
from bihuan.act.plays.models import Arm, PlayRun, State
from bihuan.act.work.models import WorkItem
from bihuan.base.access import system_actor
from bihuan.capture.store import get_store
from bihuan.config.plays_history import GOAL, PLAYS, play_plays
from bihuan.config.simulation import simulate
from bihuan.config.simulation.load import load_company

pytestmark = pytest.mark.django_db


def story(seed: int) -> list[tuple]:
    """What a seed leaves behind, and nothing of it stays."""
    with transaction.atomic():
        play_plays(seed=seed, at=NOW)
        rows = PlayRun.objects.order_by("pk")
        found = list(rows.values_list("play__key", "account__key", "arm", "state", "decided_at", "minutes"))
        transaction.set_rollback(True)
    return found


def test_two_plays_ran_with_a_hold_out_and_a_week_was_planned(event_home: Path) -> None:
    load_company(
        simulate(accounts=60, days=180, seed=7, until=date(2026, 11, 18)), by=system_actor("simulate"), at=NOW
    )
    assert story(3) == story(3)
    runs = play_plays(seed=7, at=NOW)
    assert runs == PlayRun.objects.count() > 10 and play_plays(seed=7, at=NOW) == 0, "once"
    ran = Counter(PlayRun.objects.filter(by_trigger=True).values_list("play__key", "arm"))
    assert {key for key, _arm in ran} == {PLAYS[0]["key"], PLAYS[1]["key"]}
    assert {arm for _key, arm in ran} == {Arm.TREATED, Arm.HELD}
    assert {State.DONE, State.DECLINED} & set(PlayRun.objects.values_list("state", flat=True))
    assert not PlayRun.objects.filter(opened_at__gt=NOW).exists()
    assert not WorkItem.objects.filter(done_at__gt=NOW).exists()
    planted = get_store().execute(f"SELECT count(*) AS n FROM events WHERE name = '{GOAL}'")["n"][0].as_py()
    assert planted > 0
    last, this = WeekPlan.objects.order_by("monday")
    assert (last.monday, this.monday) == (date(2026, 11, 9), date(2026, 11, 16)), (
        "this week's is on the workbench"
    )
    for plan in (last, this):
        assert plan.state == PlanState.PUBLISHED and plan.lines.planned().exists()
        assert not plan.lines.planned().filter(day=None).exists()
    assert PlayRun.objects.filter(origin__startswith="plan:2026-11-09").exclude(state=State.PROPOSED).exists()
    begun = PlayRun.objects.filter(origin__startswith="plan:2026-11-16")
    assert begun.filter(state=State.PROPOSED).exists(), "something waits to be looked at"
