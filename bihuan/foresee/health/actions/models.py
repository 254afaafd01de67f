"""Changing the health model: every edit is a new version, checked before it counts."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_noop

from bihuan.base.access import Actor, system_actor
from bihuan.base.bus import publish
from bihuan.base.jobs import enqueue
from bihuan.base.measures import measures
from bihuan.foresee.health.actions.standard import STANDARD
from bihuan.foresee.health.events import HealthModelChanged
from bihuan.foresee.health.models import HealthModel
from bihuan.foresee.health.rules import Model, ModelError, read_model


def checked(document: dict[str, Any]) -> Model:
    """The model of a document; ValidationError names each place and problem."""
    try:
        return read_model(document, known={name: m.higher_is_better for name, m in measures().items()})
    except ModelError as error:
        raise ValidationError(
            {"document": [f"{place}: {text}" for place, text in error.problems.items()]}
        ) from error


@transaction.atomic
def save_model(
    *, document: dict[str, Any], by: Actor, at: datetime, note: str = "", rescore: bool = True
) -> HealthModel:
    """Put a document in force as the next version; all accounts are scored anew in the background, unless the
    caller does it (`rescore=False`)."""
    checked(document)
    active = HealthModel.objects.select_for_update().filter(active=True).first()
    if active is not None and active.document == document:
        return active
    last = HealthModel.objects.aggregate(last=Max("version"))["last"] or 0
    HealthModel.objects.filter(active=True).update(active=False)
    row = HealthModel.objects.create(version=last + 1, document=document, note=note, active=True,
                                     created_by=by.name, created_at=at)  # fmt: skip
    publish(HealthModelChanged(version=row.version, note=note), by=by, at=at)
    if rescore:
        enqueue("health.compute", by=by, at=at)
    return row


def ensure_model(*, at: datetime, rescore: bool = True) -> HealthModel:
    """The model in force; the first one is the standard model. `rescore` as for `save_model`."""
    found = HealthModel.objects.filter(active=True).first()
    return found or save_model(
        document=STANDARD,
        by=system_actor("Bihuan"),
        at=at,
        note=gettext_noop("Standard model"),
        rescore=rescore,
    )
