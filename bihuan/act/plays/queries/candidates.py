"""For the weekly plan: which play could be run for which account now, what it may bring and what it takes."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.utils import timezone

from bihuan.act.plays.models import OPEN, Aim, Arm, Play, PlayRun, State, Status
from bihuan.act.plays.queries.effects import PlayEffect, effects
from bihuan.act.plays.queries.whom import NotTold, audiences_of
from bihuan.act.plays.rules import NOTHING, Danger, Stake, arm_of, share_kept, weight_of
from bihuan.base.access import system_actor
from bihuan.base.measures import measures
from bihuan.foresee.health.queries import current_health
from bihuan.foresee.warning.queries import risks_now
from bihuan.know.accounts.models import AccountTeam
from bihuan.understand.metrics.queries import values_as_of

MONTHS = 12


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """`effect` is the share of `value` (revenue a year in the organisation's currency) that the play is expected to keep or
    gain, 0 to 1, with its standard error; of a play that keeps it takes in the account's risk (`rules/staking.py`). `basis` is
    measured, pooled or assumed. `minutes` by role; `owner_ids` serve the account, its owner first."""

    account_id: int
    play_id: int
    play_key: str
    play_title: str
    effect: float
    effect_se: float
    basis: str
    value: Decimal
    minutes: dict[str, int]
    owner_ids: tuple[int, ...]
    reason: str


def candidates(*, at: datetime) -> list[Candidate]:
    """Of every play that is on: accounts of its audience that are not held out of it, that it does not rest for, and that
    nobody works on already. Plays of which it cannot be told are left out; their page says why."""
    plays = list(Play.objects.filter(status=Status.ON))
    if not plays:
        return []
    day = timezone.localdate(at)
    audiences = audiences_of(plays, day=day)
    met = resting(plays, at=at)
    value = revenue_of_a_year(day=day)
    owners = serving()
    known = effects(at=at)
    danger = danger_on(day) if any(play.aim == Aim.KEEP for play in plays) else NOTHING
    found = []
    for play in plays:
        audience = audiences[play.pk]
        if isinstance(audience, NotTold):
            continue
        base = _of_play(play)
        share, error = shares_of(play, known[play.pk])
        weighs = danger if play.aim == Aim.KEEP else NOTHING
        usual = weighs.usual(audience)
        for account in sorted(audience - met[play.pk]):
            if arm_of(play=play.key, account_id=account, hold_out=play.hold_out) == Arm.HELD:
                continue
            found.append(Candidate(
                account_id=account, value=value.get(account, Decimal(0)), owner_ids=owners.get(account, ()),
                effect=share_kept(share=share, account=account, danger=weighs, usual=usual),
                effect_se=error * weight_of(account, danger=weighs, usual=usual), basis=known[play.pk].basis, **base
            ))  # fmt: skip
    return found


def _of_play(play: Play) -> dict[str, Any]:
    return {
        "play_id": play.pk, "play_key": play.key, "play_title": play.said_name, "minutes": dict(play.minutes),
        "reason": play.said_about,
    }  # fmt: skip


def shares_of(play: Play, known: PlayEffect) -> tuple[float, float]:
    """(share of a year's revenue kept or gained in the mean of the audience, its standard error): effect × worth of a goal."""
    worth = float(play.worth)
    return known.pooled.value * worth, known.pooled.error * worth


def danger_on(day: date, *, account_ids: Collection[int] | None = None) -> Danger:
    """How much every account (or each of these) is in danger on a day: as the early warning says it; while there is too little
    signal for that, by health (100 − score), which ranks and is no probability."""
    rows = risks_now(system_actor("plays"), on=day)
    if rows.exists():
        known = rows if account_ids is None else rows.filter(account__in=account_ids)
        return Danger(by_account=dict(known.values_list("account_id", "probability")), probability=True)
    scores = current_health(on=day, account_ids=account_ids).values()
    return Danger(
        by_account={one.account_id: 100 - one.score for one in scores if one.score is not None},
        probability=False,
    )


def stake_of(account_ids: Collection[int], *, day: date) -> dict[int, Stake]:
    """What stands at stake when runs open on a day: what a later comparison matches by, and the outcome adds up."""
    value, health = revenue_of_a_year(day=day), current_health(on=day, account_ids=account_ids)
    danger = danger_on(day, account_ids=account_ids)
    return {
        one: Stake(
            value=value.get(one), band=str(health[one].band) if one in health else "",
            danger=danger.by_account.get(one), chance=danger.probability,
        )
        for one in account_ids
    }  # fmt: skip


def resting(plays: list[Play], *, at: datetime) -> dict[int, set[int]]:
    """By play the accounts that it met too lately, or that are being met; one that was skipped rests for a week."""
    found: dict[int, set[int]] = {play.pk: set() for play in plays}
    rest = {play.pk: at - timedelta(days=play.rest) for play in plays}
    longest = min(rest.values())
    rows = PlayRun.objects.filter(play__in=plays).filter(opened_at__gt=longest) | PlayRun.objects.filter(
        play__in=plays, state__in=OPEN
    )
    for play, account, opened, state in rows.values_list(
        "play_id", "account_id", "opened_at", "state"
    ).distinct():
        if state in OPEN or opened > (at - timedelta(days=7) if state == State.SKIPPED else rest[play]):
            found[play].add(account)
    return found


def revenue_of_a_year(*, day: Any) -> dict[int, Decimal]:
    """Twelve times the revenue of a month, by account; empty where no contracts are kept."""
    if "mrr" not in measures():
        return {}
    values = values_as_of(day=day, names=["mrr"])
    column = values.by_measure["mrr"]
    return {
        int(values.account_ids[place]): Decimal(str(round(float(column[place]) * MONTHS, 2)))
        for place in np.flatnonzero(~np.isnan(column)).tolist()
    }


def serving() -> dict[int, tuple[int, ...]]:
    """By account those of us who serve it and are with us, its owner first."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = AccountTeam.objects.filter(staff__is_active=True).order_by("-is_owner", "pk")
    for account, staff in rows.values_list("account_id", "staff_id"):
        if staff not in found[account]:
            found[account].append(staff)
    return {account: tuple(staff) for account, staff in found.items()}
