"""What a play was good for: effect, hours, cost, value per hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.utils import timezone

from bihuan.act.plays.models import Aim, Arm, Play, PlayRun, State
from bihuan.act.plays.queries.candidates import shares_of
from bihuan.act.plays.queries.effects import LOOKED_BACK, PlayEffect, effects
from bihuan.act.plays.queries.reaching import days_of_events
from bihuan.act.plays.queries.results import minutes_of
from bihuan.act.plays.queries.whom import accounts_of
from bihuan.act.plays.rules import Stake, read_goal, revenue_of
from bihuan.foresee.health.queries import current_health
from bihuan.know.accounts.models import Account
from bihuan.understand.stats.holdout import Matched, matched

SHOWN = 365


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Of the last year. `hours` are those of work items and those written down; `cost` at the rate of the installation;
    `gained` is what it kept or gained of a year's revenue of the treated accounts, by the rule of the weekly plan
    (`rules/staking.py`) from the pooled effect × worth and the stakes when it met them, with the interval of the effect at
    95 %; of `unweighed` of them the danger is not known, so that they count as usual (0 where it does not count). Per hour None
    without hours. Money is in the organisation's currency."""

    play: Play
    effect: PlayEffect
    runs: int
    treated: int
    held: int
    month: int
    states: dict[str, int]
    hours: float
    cost: Decimal
    gained: Decimal
    gained_low: Decimal
    gained_high: Decimal
    unweighed: int

    @property
    def per_hour(self) -> tuple[Decimal, Decimal, Decimal] | None:
        """(value, low, high) of an hour."""
        if self.hours <= 0:
            return None
        hours = Decimal(str(self.hours))
        return self.gained / hours, self.gained_low / hours, self.gained_high / hours


def outcomes(*, at: datetime) -> list[Outcome]:
    """Of every play, by key."""
    known = effects(at=at)
    rows = PlayRun.objects.filter(opened_at__gt=at - LOOKED_BACK).exclude(state=State.SKIPPED)
    month = at - timedelta(days=30)
    counted = {
        row["play"]: row for row in rows.order_by().values("play").annotate(
            runs=Count("pk"), treated=Count("account", distinct=True, filter=Q(arm=Arm.TREATED)),
            held=Count("account", distinct=True, filter=Q(arm=Arm.HELD)),
            month=Count("account", distinct=True, filter=Q(arm=Arm.TREATED, opened_at__gt=month)), stated=Sum("minutes"),
        )
    }  # fmt: skip
    states: dict[int, dict[str, int]] = {}
    for play, state, number in (
        rows.filter(arm=Arm.TREATED).order_by().values_list("play", "state").annotate(n=Count("pk"))
    ):
        states.setdefault(play, {})[state] = number
    stakes = _stakes(at=at)
    spent = _minutes(at=at)
    return [
        _outcome(play, known[play.pk], counted.get(play.pk, {}), states.get(play.pk, {}), stakes.get(play.pk, {}),
                 spent.get(play.pk, 0))
        for play in Play.objects.all()
    ]  # fmt: skip


def outcome_of(play: Play, *, at: datetime) -> Outcome:
    """Of one play."""
    return next(one for one in outcomes(at=at) if one.play.pk == play.pk)


def _outcome(
    play: Play,
    effect: PlayEffect,
    counted: dict[str, int],
    states: dict[str, int],
    stakes: dict[int, Stake],
    worked: int,
) -> Outcome:
    hours = ((counted.get("stated") or 0) + worked) / 60
    share, error = shares_of(play, effect)
    keeps = play.aim == Aim.KEEP
    gained = [
        revenue_of(stakes, share=one, weighs=keeps)
        for one in (share, share - 1.96 * error, share + 1.96 * error)
    ]
    return Outcome(
        play=play, effect=effect, runs=counted.get("runs", 0), treated=counted.get("treated", 0), held=counted.get("held", 0),
        month=counted.get("month", 0), states=states, hours=hours,
        cost=Decimal(str(round(hours, 4))) * Decimal(settings.HOUR_COSTS), gained=gained[0], gained_low=gained[1],
        gained_high=gained[2], unweighed=sum(keeps and one.danger is None for one in stakes.values()),
    )  # fmt: skip


def _stakes(*, at: datetime) -> dict[int, dict[int, Stake]]:
    """By play the stakes of its treated accounts, each once, as they were when its first run opened."""
    found: dict[int, dict[int, Stake]] = {}
    rows = (
        PlayRun.objects.filter(arm=Arm.TREATED, opened_at__gt=at - LOOKED_BACK)
        .exclude(state=State.SKIPPED)
        .exclude(value=None)
    )
    lines = rows.order_by("opened_at").values_list("play_id", "account_id", "value", "danger", "chance")
    for play, account, value, danger, chance in lines.iterator():
        stake = Stake(value=value, danger=danger, chance=chance)
        found.setdefault(play, {}).setdefault(account, stake)
    return found


def _minutes(*, at: datetime) -> dict[int, int]:
    runs = dict(
        PlayRun.objects.filter(
            arm=Arm.TREATED, opened_at__gt=at - LOOKED_BACK, started_at__isnull=False
        ).values_list("pk", "play_id")
    )
    found: dict[int, int] = {}
    for run, minutes in minutes_of(list(runs)).items():
        found[runs[run]] = found.get(runs[run], 0) + minutes
    return found


def matched_of(play: Play, *, at: datetime) -> Matched | None:
    """Treated accounts against those that the play never met, of the same health band, tier and years with us; for plays
    without hold-out, and weaker than one. The others are watched over one window from the middle day of the treated."""
    rows = list(
        PlayRun.objects.filter(play=play, arm=Arm.TREATED, closed_at__isnull=False, goal_due__lte=at)
        .filter(opened_at__gt=at - LOOKED_BACK)
        .exclude(state=State.SKIPPED).order_by("opened_at").select_related("account")[:20_000]
    )  # fmt: skip
    if not rows:
        return None
    first: dict[int, PlayRun] = {}
    for row in rows:
        first.setdefault(row.account_id, row)
    starts = sorted(row.opened_at for row in first.values())
    start = starts[len(starts) // 2]
    met = PlayRun.objects.filter(play=play).exclude(state=State.SKIPPED).values("account_id")
    others = list(Account.objects.exclude(pk__in=met).filter(created_at__lte=at).exclude(stage="lost"))
    health = current_health(on=timezone.localdate(start))
    reached = _reached_by_others(play, others, start=start, at=at)
    if reached is None:
        return None
    bands = {account: str(one.band) for account, one in health.items()}
    return matched(
        treated=[(_stratum(row.account, row.band or bands.get(row.account_id, ""), start), row.goal_reached_at is not None)
                 for row in first.values()],
        others=[(_stratum(one, bands.get(one.pk, ""), start), one.pk in reached) for one in others],
    )  # fmt: skip


def _stratum(account: Account, band: str, start: datetime) -> str:
    years = (start.date() - account.signed_up_on).days // 365 if account.signed_up_on else -1
    return f"{band}|{account.tier}|{min(years, 3)}"


def _reached_by_others(
    play: Play, others: list[Account], *, start: datetime, at: datetime
) -> set[int] | None:
    """Those that did it within a window of the same length; None when it cannot be told."""
    goal = read_goal(play.goal)
    end = min(start + timedelta(days=play.window), at)
    ids = {one.pk for one in others}
    if goal.events:
        days = days_of_events(events=goal.events, since=start, until=end, accounts=ids)
        return {account for account, found in days.items() if found}
    (inside,) = accounts_of([goal.rule], day=timezone.localdate(end))
    return set(inside) & ids if isinstance(inside, dict) else None
