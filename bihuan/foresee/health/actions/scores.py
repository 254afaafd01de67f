"""Scoring all accounts as of a day."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from math import isnan

from django.db import transaction

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.foresee.health.actions.models import checked, ensure_model
from bihuan.foresee.health.events import HealthBandChanged, HealthComputed
from bihuan.foresee.health.models import HealthModel, HealthScore
from bihuan.foresee.health.rules import Model, Scores, score
from bihuan.understand.metrics.queries import Values, values_as_of

BATCH = 2_000
MOST_BAND_FACTS = 2_000


def compute_health(
    *,
    day: date,
    by: Actor,
    at: datetime,
    tell_bands: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Score every account as of the end of `day` with the model in force; replaces that day's scores.

    Returns the number of accounts. Publishes one fact for the whole, and one for each account whose band
    differs from its last one (when `tell_bands`), so that scoring a day again tells nothing twice; of these at most
    MOST_BAND_FACTS, for nobody reads more lines of "fell a band" after a change of the model.
    """
    row = ensure_model(at=at, rescore=False)
    model = checked(row.document)
    values = values_as_of(day=day, names=model.measures)
    scores = score(model=model, values=values.by_measure)
    rows = _rows(row=row, model=model, values=values, scores=scores, at=at)
    with transaction.atomic():
        before = _bands_before(day) if tell_bands else {}
        HealthScore.objects.filter(day=day).delete()
        for start in range(0, len(rows), BATCH):
            HealthScore.objects.bulk_create(rows[start : start + BATCH], batch_size=BATCH)
            if progress:
                progress(min(start + BATCH, len(rows)), len(rows))
        changed = [r for r in rows if before.get(r.account_id, r.band) != r.band][:MOST_BAND_FACTS]
        for r in changed:
            publish(
                HealthBandChanged(
                    account_id=r.account_id, before=before[r.account_id], after=r.band, score=r.score
                ),
                by=by,
                at=at,
            )
        publish(HealthComputed(day=day.isoformat(), accounts=len(rows), version=row.version), by=by, at=at)
    return len(rows)


def _rows(
    *, row: HealthModel, model: Model, values: Values, scores: Scores, at: datetime
) -> list[HealthScore]:
    """Unsaved rows."""
    names = [part.measure for part in model.parts]
    extra = [name for name in model.measures if name not in names]
    bands = scores.band_names(model)
    columns = {name: values.by_measure[name].tolist() for name in model.measures}
    points = {name: scores.points[:, index].tolist() for index, name in enumerate(names)}
    result = []
    for index, account_id in enumerate(values.account_ids.tolist()):
        parts = {name: [_number(columns[name][index], 4), _number(points[name][index], 1)] for name in names}
        parts |= {name: [_number(columns[name][index], 4), None] for name in extra}
        cap = scores.cap_of[index]
        result.append(
            HealthScore(
                account_id=account_id, day=values.day, model_id=row.pk, score=_number(scores.score[index], 1),
                raw=_number(scores.raw[index], 1), band=bands[index], coverage=round(float(scores.coverage[index]), 1),
                parts=parts, floor=model.floors[cap].reason[:200] if cap >= 0 else "", computed_at=at,
            )
        )  # fmt: skip
    return result


def _number(value: float, digits: int) -> float | None:
    return None if isnan(value) else round(float(value), digits)


def _bands_before(day: date) -> dict[int, str]:
    """The band that each account had last: earlier the same day, else on the last scored day before."""
    last = HealthScore.objects.filter(day__lte=day, day__gte=day - timedelta(days=35)).order_by("-day")
    newest = last.values_list("day", flat=True).first()
    if newest is None:
        return {}
    return dict(HealthScore.objects.filter(day=newest).values_list("account_id", "band"))
