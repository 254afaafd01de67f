"""A company that never was, with a known truth: one seed, one company, to the byte."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from . import cast
from .accounts import Accounts, account_columns, make_accounts, team_columns, tiers
from .arrays import Floats
from .calendar import activity_by_day, midnights, seconds_of_day
from .churn import NEVER, Fate, live
from .contracts import contract_columns
from .events import EVENT_NAMES, EventChunk, World, calibrate, event_chunks, make_props, may_use
from .people import chain_columns, make_spells, membership_columns, people_columns
from .tickets import ticket_columns

ZONE = "Asia/Shanghai"
PEOPLE_PER_ACCOUNT = 26.7
EVENTS_PER_ACCOUNT_YEAR = 4_000


@dataclass(frozen=True, kw_only=True)
class Company:
    """Tables by importer's noun, in the order in which they load; events as chunks; the truth behind them.

    The window is the `days` days before `until`; nothing happens from `until` on, except contract ends.
    """

    seed: int
    days: int
    until: date
    tables: dict[str, pa.Table]
    truth: pa.Table  # account × month: hazard and what it is made of (docs/SIMULATION.md)
    account_keys: list[str]
    product_codes: list[str]
    people: int
    expected_events: int
    world: World = field(repr=False)
    thin: float
    per_day: float

    @property
    def name(self) -> str:
        """What tells this company from another: used in chunk keys, so that loading twice stores once."""
        size = f"{len(self.account_keys)}-{self.people}-{self.expected_events}"
        return f"sim-{self.seed}-{size}-{self.days}-{self.until}"

    @property
    def first(self) -> date:
        """The first day of the window."""
        return self.until - timedelta(days=self.days)

    def events(self) -> Iterator[EventChunk]:
        """All events; may be called again and gives the same."""
        return event_chunks(world=self.world, thin=self.thin, per_day=self.per_day)


def simulate(
    *,
    accounts: int = 300,
    days: int = 365,
    seed: int = 7,
    until: date,
    events: int | None = None,
    people: int | None = None,
) -> Company:
    """The company; about `events` and `people`, or as many as fit the number of accounts."""
    if accounts < 1 or days < 60:
        raise ValueError("A company needs at least 1 account and 60 days.")
    streams = [np.random.default_rng([seed, part]) for part in range(6)]
    first = until - timedelta(days=days)
    busy = activity_by_day(first=first, days=days)
    midnight = midnights(first=first, days=days, zone=ZONE)
    clocks = (seconds_of_day(workday=True), seconds_of_day(workday=False))

    made = make_accounts(
        rng=streams[0],
        count=accounts,
        people=people or round(accounts * PEOPLE_PER_ACCOUNT),
        days=days,
        events=len(EVENT_NAMES),
    )
    fate = live(rng=streams[1], accounts=made, days=days, first=first)
    spells = make_spells(rng=streams[2], accounts=made, fate=fate, days=days)
    lines, revenue = contract_columns(rng=streams[3], accounts=made, fate=fate, days=days, first=first)
    tier = tiers(mrr=revenue)
    stage = _stages(accounts=made, fate=fate, days=days, luck=streams[4].random(accounts))
    tables: dict[str, dict[str, Any] | list[dict[str, Any]]] = {
        "regions": cast.regions(),
        "teams": cast.teams(),
        "products": cast.products(),
        "staff": cast.staff(),
        "accounts": account_columns(accounts=made, tier=tier, stage=stage, first=first),
        "account_team": team_columns(rng=streams[4], accounts=made, tier=tier),
        "people": people_columns(rng=streams[4], spells=spells),
        "memberships": membership_columns(accounts=made, spells=spells, first=first),
        "chain": chain_columns(
            rng=streams[4], accounts=made, spells=spells, fate=fate, days=days, first=first
        ),
        "contract_lines": lines,
        "tickets": ticket_columns(
            rng=streams[5],
            accounts=made,
            spells=spells,
            fate=fate,
            busy=busy,
            midnight=midnight,
            clock=clocks[0],
            days=days,
        ),
    }
    world = World(
        spells=spells,
        usage=fate.usage,
        adopted=may_use(adopted=made.adopted, products=made.products),
        busy=busy,
        midnight=midnight,
        clocks=clocks,
        props=make_props(days=days),
        seed=seed,
    )
    target = events if events is not None else round(accounts * EVENTS_PER_ACCOUNT_YEAR * days / 365)
    thin, per_day = calibrate(world=world, target=target)
    return Company(
        seed=seed,
        days=days,
        until=until,
        tables={noun: _table(content) for noun, content in tables.items()},
        truth=fate.truth,
        account_keys=made.keys,
        product_codes=[code for code, *_ in cast.PRODUCTS],
        people=spells.people,
        expected_events=target,
        world=world,
        thin=thin,
        per_day=per_day,
    )


def _table(content: dict[str, Any] | list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(content) if isinstance(content, list) else pa.table(content)


def _stages(*, accounts: Accounts, fate: Fate, days: int, luck: Floats) -> list[str]:
    """The life-cycle stage as the team would have set it: it notices three of five accounts in distress."""
    felt = fate.distress[:, -1]
    age = days - accounts.signed_up
    to_due = 365 - age % 365
    stages = []
    for n in range(len(accounts)):
        if fate.left[n] <= days:
            stages.append("lost")
        elif (felt[n] > 0.6 or fate.left[n] != NEVER) and luck[n] < 0.6:
            stages.append("at_risk")
        elif age[n] < 60:
            stages.append("onboarding")
        elif to_due[n] <= 60 and accounts.term[n]:
            stages.append("renewal")
        elif age[n] < 200:
            stages.append("adoption")
        else:
            stages.append("value")
    return stages
