"""Keeping the stage that a product's numbers say, and a person's judgement in place of it."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction
from django.db.models import OuterRef, Subquery

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.capture.store import get_store
from bihuan.know.products.models import Product
from bihuan.understand.metrics.events import (
    ProductStageMoved,
    ProductStageOverridden,
    ProductStageOverrideEnded,
    ProductStagesCounted,
)
from bihuan.understand.metrics.models import KeptStage, StageOverride
from bihuan.understand.metrics.queries import numbers_on
from bihuan.understand.metrics.rules import RULES, ProductNumbers, stage_of


def keep_stages(*, day: date, products: Iterable[Product], by: Actor, at: datetime) -> int:
    """Count their numbers as of the day and keep them with the stage and the reason, in place of what was kept for that day;
    how many. One fact for all, and one for each whose stage differs from the one kept last before. StoreError when the
    events cannot be read now."""
    rows = list(products)
    if not rows:
        return 0
    store = get_store()
    seq = store.applied_seq  # before counting: what comes meanwhile is counted again
    numbers = numbers_on(day=day, products=rows)
    _keep(rows, numbers, day=day, log=store.log.id, seq=seq, by=by, at=at)
    return len(rows)


@transaction.atomic
def _keep(
    products: list[Product], numbers: dict[int, ProductNumbers], *, day: date, log: str, seq: int, by: Actor, at: datetime
) -> None:  # fmt: skip
    newest = (
        KeptStage.objects.filter(product=OuterRef("product"), day__lte=day).order_by("-day").values("day")
    )
    kept_last = KeptStage.objects.filter(product__in=products, day=Subquery(newest[:1]))
    last = {row.product_id: row for row in kept_last}
    for product in products:
        found = stage_of(numbers[product.pk])
        kept = {"stage": found.stage or "", "why": found.why, "counts": asdict(numbers[product.pk]), "rules": RULES,
                "log": log, "seq": seq, "counted_at": at}  # fmt: skip
        KeptStage.objects.update_or_create(product=product, day=day, defaults=kept)
        before = last.get(product.pk)
        if before is not None and before.stage != (found.stage or ""):
            publish(
                ProductStageMoved(product_id=product.pk, day=day.isoformat(), before=before.stage, stage=found.stage or "",
                                  why=found.why),
                by=by, at=at,
            )  # fmt: skip
    fact = ProductStagesCounted(day=day.isoformat(), product_ids=tuple(one.pk for one in products))
    publish(fact, by=by, at=at)


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
