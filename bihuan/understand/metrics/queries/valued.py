"""Values of metrics in a period, within the actor's territory.

Questions are answered in the room above; it says how with `register_asker` when it is loaded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any, Protocol

import numpy as np
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from bihuan.base.access import Actor, Reach
from bihuan.base.measures import measures
from bihuan.base.metrics import Metric
from bihuan.capture.store import StoreError
from bihuan.know.accounts.models import Account
from bihuan.understand.engine.answer import Answer, QuestionError
from bihuan.understand.engine.formula import computed
from bihuan.understand.engine.kinds import KINDS
from bihuan.understand.metrics.queries.known import inputs_of
from bihuan.understand.metrics.queries.measured import values_as_of

#: Kinds of questions about a period; every other kind is asked as of its last day.
OF_A_PERIOD = frozenset(kind.name for kind in KINDS)


class Asker(Protocol):
    """Answers a question document within the actor's territory."""

    def __call__(self, *, question: Any, actor: Actor, at: datetime) -> Answer:
        """The answer."""
        ...


_askers: list[Asker] = []


def register_asker(asker: Asker) -> None:
    """Say how questions are answered; a second way is an error."""
    if _askers and _askers[0] is not asker:
        raise ValueError("two rooms answer questions for metrics")
    _askers[:] = [asker]


@dataclass(frozen=True, kw_only=True)
class Period:
    """Whole days, both included."""

    first: date
    last: date

    @property
    def before(self) -> "Period":
        """The period of the same length that ends the day before."""
        length = self.last - self.first + timedelta(days=1)
        return Period(first=self.first - length, last=self.last - length)

    @classmethod
    def of(cls, *, days: int, last: date) -> "Period":
        """So many days up to the last one."""
        return cls(first=last - timedelta(days=days - 1), last=last)


@dataclass(frozen=True, kw_only=True)
class Valued:
    """A value, or None and why: `forbidden`, `unavailable` (the events cannot be read now), the sentence of a wrong question,
    or nothing when there simply is none."""

    value: float | None = None
    reason: str = ""


def question_in(metric: Metric, period: Period) -> dict[str, Any]:
    """The metric's question with its time filled in."""
    question = dict(metric.question or {})
    if question.get("kind") in OF_A_PERIOD:
        question["period"] = {"from": period.first.isoformat(), "to": period.last.isoformat()}
        if question["kind"] == "trend":
            question["every"] = "all"
    else:
        question["as_of"] = period.last.isoformat()
    return question


def values_in(
    *, keys: Iterable[str], metrics: Mapping[str, Metric], period: Period, actor: Actor, at: datetime
) -> dict[str, Valued]:
    """The value of each of the keys; measures are computed together, and what a formula speaks of once."""
    wanted = _needed(keys, metrics)
    allowed = [key for key in wanted if not metrics[key].permission or actor.may(metrics[key].permission)]
    found = {key: Valued(reason="forbidden") for key in wanted if key not in allowed}
    found |= _measured(
        {key: metrics[key] for key in allowed if metrics[key].measure}, period=period, actor=actor
    )
    for key in allowed:
        if metrics[key].question:
            found[key] = _asked(metrics[key], period=period, actor=actor, at=at)
    for key in allowed:
        _compute(key, metrics, found, above=())
    return {key: found[key] for key in keys if key in found}


def _needed(keys: Iterable[str], metrics: Mapping[str, Metric]) -> list[str]:
    """The keys and all that their formulas speak of."""
    found: dict[str, None] = {}
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key in metrics and key not in found:
            found[key] = None
            waiting += sorted(inputs_of(metrics[key]))
    return list(found)


def _measured(wanted: Mapping[str, Metric], *, period: Period, actor: Actor) -> dict[str, Valued]:
    known = {key: metric for key, metric in wanted.items() if metric.measure in measures()}
    found = {key: Valued(reason=_("There is no such measure.")) for key in wanted if key not in known}
    if not known:
        return found
    ids = None if actor.reach == Reach.ALL else Account.objects.visible_to(actor).values_list("pk", flat=True)
    try:
        values = values_as_of(day=period.last, names=[m.measure for m in known.values()], account_ids=ids)
    except StoreError:
        return found | {key: Valued(reason="unavailable") for key in known}
    return found | {
        key: Valued(value=_together(values.by_measure[metric.measure], over=metric.over))
        for key, metric in known.items()
    }


def _together(column: np.ndarray[Any, np.dtype[np.float64]], *, over: str) -> float | None:
    """One number of a measure's values; a mean and a share of no account is none."""
    there = column[~np.isnan(column)]
    if over == "sum":
        return float(there.sum())
    above = float((there > 0).sum())
    if over == "count":
        return above
    if not len(there):
        return None
    return float(there.mean()) if over == "mean" else above / len(there)


def _asked(metric: Metric, *, period: Period, actor: Actor, at: datetime) -> Valued:
    if not _askers:
        return Valued(reason="unavailable")
    try:
        answer = _askers[0](question=question_in(metric, period), actor=actor, at=at)
    except PermissionDenied:
        return Valued(reason="forbidden")
    except QuestionError as error:
        return Valued(reason=str(error))
    except StoreError:
        return Valued(reason="unavailable")
    if metric.pick and metric.pick not in answer.summary:
        there = ", ".join(sorted(answer.summary))
        return Valued(reason=_("The answer has no headline number %(name)s; it has: %(there)s.")
                      % {"name": metric.pick, "there": there})  # fmt: skip
    value = answer.summary[metric.pick] if metric.pick else answer.rows[0][-1] if answer.rows else None
    if value is None:
        return Valued()
    try:
        number = float(value)
    except (TypeError, ValueError):
        return Valued(reason=_("%(value)s is no number.") % {"value": value})
    return Valued(value=number) if isfinite(number) else Valued()


def _compute(
    key: str, metrics: Mapping[str, Metric], found: dict[str, Valued], *, above: tuple[str, ...]
) -> Valued:
    """The value of a formula, after those that it speaks of."""
    if key in found:
        return found[key]
    if key not in metrics or key in above:
        told = (
            _("A metric that it is made of speaks of it.")
            if key in metrics
            else _("There is no metric %(key)s.")
        )
        return Valued(reason=told % {"key": key})
    names = sorted(inputs_of(metrics[key]))
    inputs = {name: _compute(name, metrics, found, above=(*above, key)) for name in names}
    value = computed(metrics[key].formula, {name: one.value for name, one in inputs.items()})
    reasons = [one.reason for one in inputs.values() if one.reason]
    if value is None or not isfinite(value):
        found[key] = Valued(reason=reasons[0] if reasons else "")
    else:
        found[key] = Valued(value=value)
    return found[key]
