"""A week to plan: two customers who pay, a play for each of them, people with time."""

from datetime import date
from decimal import Decimal

import pytest
from cast import NOW, SYSTEM

from bihuan.act.plays.actions import add_play, switch_play
from bihuan.act.plays.models import Play

MONDAY = date(2026, 11, 23)


@pytest.fixture
def rescue(cast, contracts, event_home) -> Play:
    """An hour and a half of sales for any customer; five points, worth a fifth of a year's revenue."""
    return play_of("rescue", minutes={"sales": 90}, effect="0.05")


def play_of(key: str, *, minutes: dict[str, int], effect: str = "0.05", **more) -> Play:
    """A play that is on, for everybody, with nobody held out."""
    row = add_play(
        key=key, name=key.title(), trigger={"kind": "manual"}, steps=[{"kind": "task", "title": "Call them"}],
        goal={"rule": "m.usage_trend >= 0.0"}, hold_out=0, minutes=minutes, assumed_effect=Decimal(effect), by=SYSTEM, at=NOW,
        **more,
    )  # fmt: skip
    return switch_play(play=row, on=True, by=SYSTEM, at=NOW)
