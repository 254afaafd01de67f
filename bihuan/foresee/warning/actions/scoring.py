"""Scoring: the risk of every paying account as of a day, by the model in force."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import numpy as np
from django.db import transaction

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.foresee.signals.actions import raise_signal
from bihuan.foresee.warning import rules
from bihuan.foresee.warning.events import RisksComputed
from bihuan.foresee.warning.models import Band, Risk, RiskModel
from bihuan.foresee.warning.queries.dataset import features_of, learnable
from bihuan.foresee.warning.queries.settings import champion, ready, settings_now
from bihuan.foresee.warning.queries.words import RISK_HIGH
from bihuan.know.accounts.models import Account
from bihuan.understand.metrics.queries import values_over

BATCH = 2_000


def score_accounts(
    *, day: date, by: Actor, at: datetime, progress: Callable[[int, int], None] | None = None
) -> int:
    """Replaces that day's risks; returns the number of accounts. Nothing without a model in force: there is no probability
    then. An account that comes onto the list that the team can work through raises a signal."""
    model = champion()
    if model is None:
        return 0
    rows = _rows(model, day=day)
    with transaction.atomic():
        before = _listed_before(day)
        Risk.objects.filter(day=day).delete()
        for start in range(0, len(rows), BATCH):
            Risk.objects.bulk_create(rows[start : start + BATCH], batch_size=BATCH)
            if progress is not None:
                progress(min(start + BATCH, len(rows)), len(rows))
        _tell([row for row in rows if row.band == Band.LIST and row.account_id not in before], by=by, at=at)
        publish(RisksComputed(day=day.isoformat(), accounts=len(rows), model=model.number), by=by, at=at)
    return len(rows)


def _rows(model: RiskModel, *, day: date) -> list[Risk]:
    """The highest risk first."""
    said, capacity = ready(model), settings_now().capacity
    values = values_over(days=rules.live_days(day), names=learnable())
    revenue = np.nan_to_num(values[-1].by_measure[rules.REVENUE])
    paying = revenue > 0
    matrix = features_of(values, names=said.scorer.features, horizon=said.horizon)[paying]
    accounts, worth = values[-1].account_ids[paying], revenue[paying]
    if not len(accounts):
        return []
    risk = said.scale.probabilities(said.scorer.log_odds(matrix))
    reasons = rules.reasons_of(scorer=said.scorer, matrix=matrix)
    changes = rules.changes_of(scorer=said.scorer, scale=said.scale, matrix=matrix, targets=said.targets)
    order = np.lexsort((accounts, -risk)).tolist()
    return [
        Risk(
            account_id=int(accounts[place]), day=day, model=model, probability=round(float(risk[place]), 6), rank=rank,
            band=rules.band_of(rank, capacity=capacity), value=round(12 * float(worth[place]), 2), reasons=reasons[place],
            changes=changes[place],
        )
        for rank, place in enumerate(order, start=1)
    ]  # fmt: skip


def _listed_before(day: date) -> set[int]:
    """Who stood on the list when it was made last, that day or within the week before."""
    last = Risk.objects.filter(day__lte=day, day__gte=day - timedelta(days=8)).order_by("-day")
    newest = last.values_list("day", flat=True).first()
    if newest is None:
        return set()
    return set(Risk.objects.filter(day=newest, band=Band.LIST).values_list("account_id", flat=True))


def _tell(rows: list[Risk], *, by: Actor, at: datetime) -> None:
    """One signal each; there are at most as many as the team can help a week."""
    accounts = Account.objects.in_bulk([row.account_id for row in rows])
    for row in rows:
        raise_signal(
            kind=RISK_HIGH, account=accounts[row.account_id], about=accounts[row.account_id].name, day=row.day,
            seen={"risk": row.probability, "rank": row.rank, "reasons": row.reasons, "horizon": row.model.horizon},
            origin=f"warning:{row.account_id}:{row.day}", needs="warning.view", by=by, at=at,
        )  # fmt: skip
