"""An older installation gets today's goals of the plays that ship, unless somebody wrote others."""

from importlib import import_module

import pytest
from cast import NOW, SYSTEM
from django.apps import apps

from bihuan.act.plays import actions
from bihuan.act.plays.actions.shipped import SHIPPED
from bihuan.act.plays.models import Play

MIGRATION = import_module("bihuan.act.plays.migrations.0004_goals_as_they_ship")
OLD = {
    "champion_change": {"goal": {"rule": "m.champion_silent_days < 14.0", "title": "A champion in touch again"}},
    "usage_fall": {
        "audience": "account.stage != 'lost' && m.usage_trend < 0.0",
        "goal": {"rule": "m.usage_trend >= 0.0", "title": "Use no longer falls"},
    },
}  # fmt: skip
TODAY = {one["key"]: one for one in SHIPPED}


@pytest.fixture
def old(db) -> None:
    """As an installation of before was left behind: switched on, and nothing else done."""
    actions.ensure_plays(at=NOW)
    for key, fields in OLD.items():
        actions.switch_play(play=Play.objects.get(key=key), on=True, by=SYSTEM, at=NOW)
        Play.objects.filter(key=key).update(**fields)


def renewed(key: str) -> Play:
    MIGRATION.renew(apps, None)
    return Play.objects.get(key=key)


@pytest.mark.parametrize("key", OLD)
def test_what_nobody_edited_is_as_it_ships(old, key) -> None:
    row = renewed(key)
    assert {name: getattr(row, name) for name in ("audience", "goal")} == {
        name: TODAY[key][name] for name in ("audience", "goal")
    }
    assert row.status == "on"


@pytest.mark.parametrize("key", OLD)
def test_what_somebody_wrote_stays(old, key) -> None:
    mine = {"rule": "m.days_silent < 3.0", "title": "Mine"}
    actions.change_play(play=Play.objects.get(key=key), goal=mine, by=SYSTEM, at=NOW)
    assert renewed(key).goal == mine


@pytest.mark.parametrize("key", OLD)
def test_a_change_of_something_else_is_no_edit_of_the_goal(old, key) -> None:
    actions.change_play(play=Play.objects.get(key=key), hold_out=25, by=SYSTEM, at=NOW)
    row = renewed(key)
    assert (row.hold_out, row.goal) == (25, TODAY[key]["goal"])


def test_a_play_of_ones_own_of_the_same_words_stays(old) -> None:
    own = actions.add_play(
        key="mine", name="Mine", trigger={"kind": "manual"}, steps=[{"kind": "task", "title": "Call"}],
        goal=OLD["champion_change"]["goal"], by=SYSTEM, at=NOW,
    )  # fmt: skip
    assert renewed("mine").goal == own.goal
