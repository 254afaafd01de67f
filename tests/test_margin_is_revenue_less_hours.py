"""The margin of a customer: revenue a month less what our recorded hours cost, on the page of who brings most."""

from datetime import timedelta

import pytest
from cast import SYSTEM
from django.utils import timezone

from bihuan.act.plays.actions import add_play, propose_play, switch_play
from bihuan.act.plays.models import PlayRun
from bihuan.act.work.models import WorkItem
from bihuan.foresee.tiers.queries import BY, shared
from bihuan.understand.metrics.queries import values_as_of

pytestmark = pytest.mark.django_db


def measured(name, account):
    found = values_as_of(day=timezone.localdate(), names=[name], account_ids=[account.pk])
    return found.by_measure[name].tolist()[0]


@pytest.fixture
def worked(cast, contracts, event_home, settings):
    """Ten hours of a work item and five written down on a play for Songtao, a month ago; nothing for Yunshan."""
    settings.HOUR_COSTS = "300"
    at = timezone.now() - timedelta(days=30)
    play = add_play(key="rescue", name="Rescue", name_zh="挽回", trigger={"kind": "manual"}, hold_out=0,
                    steps=[{"kind": "task", "title": "Call"}], goal={"event": "login"}, by=SYSTEM, at=at)  # fmt: skip
    switch_play(play=play, on=True, by=SYSTEM, at=at)
    run = propose_play(
        play_id=play.pk, account_id=cast.songtao.pk, by=SYSTEM, at=at, assignee_id=cast.song.pk, origin="x"
    )
    PlayRun.objects.filter(pk=run.pk).update(minutes=300)
    WorkItem.objects.filter(account=cast.songtao).update(state="done", done_at=at, effort_seconds=36_000)
    return cast


def test_hours_of_work_and_of_plays_are_taken_off_a_month(worked) -> None:
    items = WorkItem.objects.filter(account=worked.songtao).count()
    cost = (10 * items + 5) * 300 / 3
    assert items == 1
    assert measured("hours_cost", worked.songtao) == pytest.approx(cost)
    assert measured("margin", worked.songtao) == pytest.approx(5000 - cost)
    assert measured("margin", worked.yunshan) == pytest.approx(40000), "no hour was recorded"


def test_hours_of_more_than_ninety_days_ago_cost_nothing_now(worked) -> None:
    PlayRun.objects.update(opened_at=timezone.now() - timedelta(days=100))
    WorkItem.objects.update(
        opened_at=timezone.now() - timedelta(days=120), done_at=timezone.now() - timedelta(days=100)
    )
    assert measured("margin", worked.songtao) == pytest.approx(5000)


def test_who_costs_more_than_they_bring_stands_below_the_curve(worked) -> None:
    WorkItem.objects.filter(account=worked.songtao).update(effort_seconds=100 * 3600)
    by = next(one for one in BY if one.name == "margin")
    found = shared(by, day=timezone.localdate(), actor=SYSTEM)
    assert [row[1] for row in found.rows] == ["云杉仪器"] and found.found.top_share == 1.0
    assert [(row[1], round(row[3])) for row in found.below] == [("松涛软件", 5000 - 105 * 100)]
    page = worked.client("mei").get("/tiers/pareto/?by=margin").content.decode()
    assert "Cost more than they bring" in page and "costs of the product are not in it" in page
    assert "松涛软件" in page
