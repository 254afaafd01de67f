"""How many units a plan needs and how long they take to come, measured in what came lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.understand.experiments.rules import POWER, Needed, days_until, units_needed
from bihuan.understand.explore.queries import ask
from bihuan.understand.stats.power import design_effect

#: Spans in which different units are counted, the longest telling when it cannot be said how long it takes.
SPANS = (7, 14, 28, 56)
MEASURED = 28
CORRELATION = 0.05
SMALLEST, MOST_UNITS = 1e-9, 1e12


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the calculator is told. `effect` is absolute. `share`: the metric is a share of units, else a mean with `spread`,
    its standard deviation between units. `base`: its value today, None to measure a share. `arrival`: the event at which they
    would see a variant, empty for any product event. `by_person`: accounts are assigned and people measured."""

    unit: str
    weights: tuple[int, ...]
    effect: float
    share: bool = True
    base: float | None = None
    spread: float | None = None
    metric: Mapping[str, Any] | None = None
    arrival: str = ""
    by_person: bool = False
    sequential: bool = False
    power: float = POWER


@dataclass(frozen=True, kw_only=True)
class Effort:
    """Units that a plan needs. `base` is the value that was reckoned with, `measured` whether it was read from the events;
    `arrivals`: (days, different units that came); `days`: until they have come, None when too few come to tell. `people`: of
    an account, when people are measured."""

    needed: Needed
    base: float
    measured: bool
    arrivals: tuple[tuple[int, int], ...]
    days: int | None
    people: float | None = None


def effort_of(plan: Plan, *, actor: Actor, at: datetime) -> Effort:
    """ValidationError says what is missing or wrong, by field: effect, base, spread, arrival; QuestionError as any question."""
    if abs(plan.effect) < SMALLEST:
        raise ValidationError({"effect": _("Write the smallest effect that would change what you do.")})
    measured = plan.share and plan.base is None
    base = _share_today(plan, actor=actor, at=at) if measured else plan.base or 0.0
    variances = _variances(plan, base)
    arrivals = tuple((days, _came(plan.unit, plan.arrival, days=days, actor=actor, at=at)) for days in SPANS)
    cluster = design = 1.0
    people: float | None = None
    if plan.by_person and plan.unit == "account":
        accounts = next(came for days, came in arrivals if days == MEASURED)
        if not accounts:
            raise ValidationError(
                {"arrival": _("Nobody came in 28 days, so the people of an account cannot be counted.")}
            )
        people = cluster = (
            _came("person", plan.arrival, days=MEASURED, actor=actor, at=at, of_accounts=True) / accounts
        )
        design = design_effect(sizes=[cluster], correlation=CORRELATION)  # type: ignore[arg-type]
    if max(variances) / plan.effect**2 > MOST_UNITS:
        raise ValidationError({"effect": _("More units than there are could show so small an effect.")})
    needed = units_needed(effect=plan.effect, variances=variances, weights=plan.weights, sequential=plan.sequential,
                          power=plan.power, design=design, cluster=max(cluster, 1.0))  # fmt: skip
    days = days_until(units=needed.total, arrivals=arrivals)
    return Effort(needed=needed, base=base, measured=measured, arrivals=arrivals, days=days, people=people)


def _variances(plan: Plan, base: float) -> tuple[float, float]:
    """Of one unit in the control and in the treatment; a share moves the way that is better, or that it can."""
    if not plan.share:
        if plan.spread is None or plan.spread <= 0:
            raise ValidationError({"spread": _("Write how far units lie apart, as a standard deviation.")})
        return plan.spread**2, plan.spread**2
    lower = (plan.metric or {}).get("higher_is_better") is False or base + plan.effect >= 1
    moved = base - plan.effect if lower else base + plan.effect
    if not 0 < base < 1:
        raise ValidationError({"base": _("Write a share between 0 and 1, such as 0.12.")})
    if not 0 < moved < 1:
        raise ValidationError({"effect": _("A share that moves so far leaves 0 to 1.")})
    return base * (1 - base), moved * (1 - moved)


def _share_today(plan: Plan, *, actor: Actor, at: datetime) -> float:
    """Share of the units that came in 28 days which did the metric's event; after the arrival, when one is named."""
    metric = dict(plan.metric or {})
    chosen = {name: metric[name] for name in ("event", "events", "where") if metric.get(name)}
    if (
        not plan.share
        or metric.get("kind", "conversion") != "conversion"
        or not {"event", "events"} & set(chosen)
    ):
        raise ValidationError({"base": _("Write what it is today; only a conversion is measured here.")})
    unit = "person" if plan.by_person else plan.unit
    period = {"last": f"{MEASURED}d"}
    if plan.arrival:
        question: dict[str, Any] = {
            "kind": "funnel", "unit": unit, "steps": [{"event": plan.arrival}, chosen], "period": period,
            "within": metric.get("within") or f"{MEASURED}d",
        }  # fmt: skip
        rate = ask(question=question, actor=actor, at=at).summary.get("rate")
        return float(rate or 0.0)
    came = _came(unit, "", days=MEASURED, actor=actor, at=at)
    did = _counted(unit, chosen, days=MEASURED, actor=actor, at=at)
    return did / came if came else 0.0


def _came(unit: str, event: str, *, days: int, actor: Actor, at: datetime, of_accounts: bool = False) -> int:
    """Different units with the event, or with any product event, in the last days; `of_accounts`: events without an account
    do not count."""
    chosen = ({"event": event} if event else {}) | ({"where": "has(account_id)"} if of_accounts else {})
    return _counted(unit, chosen, days=days, actor=actor, at=at)


def _counted(unit: str, chosen: Mapping[str, Any], *, days: int, actor: Actor, at: datetime) -> int:
    measure = "accounts" if unit == "account" else "people"
    question = {"kind": "trend", "measure": measure, "every": "all", "period": {"last": f"{days}d"}, **chosen}
    answer = ask(question=question, actor=actor, at=at)
    return sum(int(row[-1] or 0) for row in answer.rows)
