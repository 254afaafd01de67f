"""What people decide: which model is in force, what is warned of, how many customers can be helped."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.base.jobs import enqueue
from bihuan.foresee.warning.events import RiskModelPutInForce, WarningSettingsChanged
from bihuan.foresee.warning.models import RiskModel, Standing, Verdict, WarningSettings
from bihuan.foresee.warning.queries.settings import champion, ready
from bihuan.understand.stats.scorers import UnreadableScorer


@transaction.atomic
def put_in_force(*, model: RiskModel, by: Actor, at: datetime) -> RiskModel:
    """It gives the risks from now on, and the one before is retired; risks are computed anew. Going back to an earlier
    model is the same. ValidationError for one that is not usable."""
    row: RiskModel = RiskModel.objects.select_for_update().get(pk=model.pk)
    if row.standing == Standing.CHAMPION:
        return row
    if row.verdict != Verdict.USABLE:
        raise ValidationError(
            {"model": _("Its backtest found too little signal; only a usable model can be in force.")}
        )
    try:
        ready(row)
    except (UnreadableScorer, KeyError, TypeError, ValueError) as error:
        raise ValidationError(
            {"model": _("The model cannot be read: %(error)s") % {"error": error}}
        ) from None
    before = champion()
    if before is not None:
        before.standing, before.note = Standing.RETIRED, ["replaced", row.number]
        before.save(update_fields=["standing", "note"])
    row.standing, row.note, row.decided_by, row.decided_at = Standing.CHAMPION, ["chosen"], by.name, at
    row.save(update_fields=["standing", "note", "decided_by", "decided_at"])
    publish(RiskModelPutInForce(number=row.number, before=before.number if before else None), by=by, at=at)
    enqueue("warning.score", by=by, at=at, unique_key="warning.score.now")
    return row


@transaction.atomic
def keep_champion(*, model: RiskModel, by: Actor, at: datetime) -> RiskModel:
    """Decline a challenger: the model in force stays. ValidationError when it is no challenger."""
    row: RiskModel = RiskModel.objects.select_for_update().get(pk=model.pk)
    stays = champion()
    if row.standing != Standing.CHALLENGER or stays is None:
        raise ValidationError({"model": _("It is no challenger.")})
    row.standing, row.note, row.decided_by, row.decided_at = Standing.RETIRED, ["declined"], by.name, at
    row.save(update_fields=["standing", "note", "decided_by", "decided_at"])
    publish(RiskModelPutInForce(number=stays.number, before=stays.number), by=by, at=at)
    return row


@transaction.atomic
def change_settings(
    *, capacity: int, horizon: int, contraction: int, by: Actor, at: datetime
) -> WarningSettings:
    """What is warned of and how many can be helped; a new training is queued when what is warned of differs, and the list is
    made anew. Nothing happens when nothing differs."""
    row = WarningSettings.objects.select_for_update().first() or WarningSettings()
    before = (row.capacity, row.horizon, row.contraction) if row.pk else None
    if before == (capacity, horizon, contraction):
        return row
    row.capacity, row.horizon, row.contraction = capacity, horizon, contraction
    row.changed_by, row.changed_at = by.name, at
    row.full_clean()
    row.save()
    told: Any = WarningSettingsChanged(capacity=capacity, horizon=horizon, contraction=contraction)
    publish(told, by=by, at=at)
    enqueue("warning.train", by=by, at=at, unique_key="warning.train.now")
    return row
