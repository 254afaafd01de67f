"""A person's judgement in place of the stage that a product's numbers say."""

from datetime import datetime

from django.db import transaction

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.know.products.models import Product
from bihuan.understand.metrics.events import ProductStageOverridden, ProductStageOverrideEnded
from bihuan.understand.metrics.models import StageOverride


@transaction.atomic
def override_stage(*, product: Product, stage: str, reason: str, by: Actor, at: datetime) -> StageOverride:
    """Let `stage` count until it is ended; an earlier one ends. ValidationError names the field that is wrong."""
    row = StageOverride(
        product=product, stage=stage, reason=reason.strip(), author_id=by.user_id, author_name=by.name, created_at=at
    )  # fmt: skip
    StageOverride.objects.filter(product=product, ended_at=None).update(ended_at=at)
    row.full_clean()
    row.save()
    fact = ProductStageOverridden(product_id=product.pk, override_id=row.pk, stage=stage, reason=row.reason)
    publish(fact, by=by, at=at)
    return row


@transaction.atomic
def end_stage_override(*, product: Product, by: Actor, at: datetime) -> None:
    """Let the numbers count again; without an override nothing happens."""
    if StageOverride.objects.filter(product=product, ended_at=None).update(ended_at=at):
        publish(ProductStageOverrideEnded(product_id=product.pk), by=by, at=at)


@transaction.atomic
def restore_stage_override(*, override: StageOverride, by: Actor, at: datetime) -> StageOverride | None:
    """Take the end of an override back; None when another one counts meanwhile."""
    row: StageOverride = StageOverride.objects.select_for_update().get(pk=override.pk)
    if row.ended_at is None or StageOverride.objects.filter(product=row.product_id, ended_at=None).exists():
        return None
    row.ended_at = None
    row.save()
    fact = ProductStageOverridden(
        product_id=row.product_id, override_id=row.pk, stage=row.stage, reason=row.reason
    )
    publish(fact, by=by, at=at)
    return row
