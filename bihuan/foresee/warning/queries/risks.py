"""The risk of accounts: as the model in force says it, or nothing but their health."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max, QuerySet

from bihuan.base.access import Actor
from bihuan.foresee.health.queries import active_model, current_health, reasons, reasons_in_words
from bihuan.foresee.health.queries import model_of as health_model_of
from bihuan.foresee.warning.models import Risk
from bihuan.foresee.warning.queries.settings import champion
from bihuan.foresee.warning.queries.words import changes_in_words, risk_reasons_in_words

MOST_ASKED = 50_000


@dataclass(frozen=True, kw_only=True)
class RiskOf:
    """What is known of an account's risk. `source` "model": `probability` is that it is lost within the model's horizon, None
    when it pays nothing now. `source` "health": the model cannot be believed, so there is no probability; `health` ranks
    instead. `rank` 1 is who needs help first; `reasons` and `changes` are sentences in the reader's language."""

    account_id: int
    probability: float | None
    reasons: tuple[str, ...]
    changes: tuple[str, ...]
    source: str
    model_id: int | None
    rank: int | None
    band: str
    health: float | None
    day: date | None


def last_scored(*, on: date | None = None) -> date | None:
    """The newest day with risks, of those not after `on`."""
    rows = Risk.objects.all() if on is None else Risk.objects.filter(day__lte=on)
    found: date | None = rows.aggregate(last=Max("day"))["last"]
    return found


def risks_now(actor: Actor, *, on: date | None = None) -> QuerySet[Risk]:
    """The risks of the last scored day (not after `on`) by the model in force, within the territory, the highest first; none
    while health stands in."""
    row = champion()
    rows: QuerySet[Risk] = Risk.objects.visible_to(actor)
    day = last_scored(on=on)
    if row is None or day is None:
        return rows.none()
    return rows.filter(day=day, model=row).select_related("account", "model")


def risk_of(account_ids: Iterable[int]) -> dict[int, RiskOf]:
    """Of each of the accounts; one that is neither scored nor has a health is left out. ValueError for more than 50,000."""
    wanted = list(dict.fromkeys(account_ids))
    if len(wanted) > MOST_ASKED:
        raise ValueError(f"{len(wanted)} accounts are more than {MOST_ASKED}")
    row = champion()
    if row is None:
        return _by_health(wanted)
    found = {}
    day = last_scored()
    rows = Risk.objects.filter(model=row, account_id__in=wanted).select_related("model")
    for one in rows.filter(day=day) if day is not None else ():
        found[one.account_id] = RiskOf(
            account_id=one.account_id, probability=one.probability, reasons=tuple(risk_reasons_in_words(one)),
            changes=tuple(changes_in_words(one)), source="model", model_id=row.pk, rank=one.rank, band=one.band,
            health=None, day=one.day,
        )  # fmt: skip
    for account_id in wanted:
        found.setdefault(account_id, RiskOf(
            account_id=account_id, probability=None, reasons=(), changes=(), source="model", model_id=row.pk, rank=None,
            band="", health=None, day=None,
        ))  # fmt: skip
    return found


def _by_health(wanted: list[int]) -> dict[int, RiskOf]:
    """Ranked by health among all accounts, the lowest first; no probability."""
    health = current_health()
    order = sorted(
        (one for one in health.values() if one.score is not None), key=lambda one: (one.score, one.account_id)
    )
    rank = {one.account_id: place for place, one in enumerate(order, start=1)}
    model = active_model()
    checked = health_model_of(model[0]) if model is not None else None
    found = {}
    for account_id in wanted:
        one = health.get(account_id)
        if one is None:
            continue
        stored: list[list[Any]] = []
        if checked is not None and one.override is None:
            stored = reasons(model=checked, parts=one.parts, floor=one.floor)
        found[account_id] = RiskOf(
            account_id=account_id, probability=None, reasons=tuple(reasons_in_words(stored)), changes=(), source="health",
            model_id=None, rank=rank.get(account_id), band=one.band, health=one.score, day=one.day,
        )  # fmt: skip
    return found
