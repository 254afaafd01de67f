"""The stage of products as of a day: as it was kept, or from numbers counted now; and the one that somebody set.

Counting reads every event of a product, so `actions.keep_stages` keeps what came of it, and what is kept for a day answers all
looks. What is not kept yet (a product of today, a day of the past, rules that were just changed) is counted at the look.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bihuan.base.access import Actor, Reach
from bihuan.base.measures import product_measures
from bihuan.capture.store import INTERNAL_SOURCE, get_store
from bihuan.know.products.models import Product
from bihuan.understand.metrics.models import KeptStage, StageOverride
from bihuan.understand.metrics.queries.measured import USAGE_DAYS, Catalogue, end_of
from bihuan.understand.metrics.rules.stages import (
    RULES,
    Core,
    ProductNumbers,
    Staged,
    core_of,
    stage_of,
)

QUARTER = timedelta(days=3 * USAGE_DAYS)
REVENUE = "mrr"
_USE = f"""
    WITH pair AS (
        SELECT product_id, account_id, min(day) AS first,
               count(*) FILTER (WHERE day > $now1) AS now, count(*) FILTER (WHERE day > $now2 AND day <= $now1) AS last,
               count(*) FILTER (WHERE day > $then1 AND day <= $then) AS was,
               count(*) FILTER (WHERE day > $then2 AND day <= $then1) AS was_last
        FROM events
        WHERE product_id IS NOT NULL AND account_id IS NOT NULL AND source_id <> {INTERNAL_SOURCE}
              AND ts < $cutoff AND received_at < $cutoff AND day <= $day
        GROUP BY product_id, account_id
    )
    SELECT product_id, min(first) AS first,
           count(*) FILTER (WHERE now > 0) AS active, count(*) FILTER (WHERE last > 0) AS last,
           count(*) FILTER (WHERE last > 0 AND now = 0) AS lost,
           count(*) FILTER (WHERE was > 0) AS active_before, count(*) FILTER (WHERE was_last > 0) AS last_before,
           count(*) FILTER (WHERE was_last > 0 AND was = 0) AS lost_before
    FROM pair GROUP BY product_id
"""
COUNTS = ("active", "last", "lost", "active_before", "last_before", "lost_before")


@dataclass(frozen=True, kw_only=True)
class ProductStage:
    """A product's numbers as of a day, the stage that they say, and the one that somebody set instead, when there is one.
    `kept_at`: when they were counted; None: at this look."""

    product: Product
    day: date
    numbers: ProductNumbers
    computed: Staged
    override: StageOverride | None
    kept_at: datetime | None

    @property
    def stage(self) -> str | None:
        """The one in force; None: nothing is known."""
        return self.override.stage if self.override else self.computed.stage

    @property
    def core(self) -> Core | None:
        """The core metric of the stage in force."""
        return core_of(self.stage, self.numbers) if self.stage else None


def numbers_open_to(actor: Actor) -> bool:
    """Whether somebody may see the numbers behind a stage: they are of every account, and of revenue."""
    needed = [one.permission for one in product_measures().values() if one.permission]
    return actor.reach == Reach.ALL and all(actor.may(permission) for permission in needed)


def stages_on(*, day: date, products: Iterable[Product] | None = None) -> list[ProductStage]:
    """Of every account, by name of the product; StoreError when something must be counted and the events cannot be read now."""
    rows = list(Product.objects.all() if products is None else products)
    kept = {one.product_id: one for one in KeptStage.objects.filter(day=day, rules=RULES, product__in=rows)}
    counted = numbers_on(day=day, products=[row for row in rows if row.pk not in kept])
    overrides = {row.product_id: row for row in StageOverride.objects.filter(ended_at=None, product__in=rows)}
    found = []
    for product in rows:
        at = kept.get(product.pk)
        numbers = at.numbers if at else counted[product.pk]
        found.append(ProductStage(
            product=product, day=day, numbers=numbers, computed=at.staged if at else stage_of(numbers),
            override=overrides.get(product.pk), kept_at=at.counted_at if at else None,
        ))  # fmt: skip
    return found


def numbers_on(*, day: date, products: Iterable[Product]) -> dict[int, ProductNumbers]:
    """Counted now, by product; StoreError when the events cannot be read."""
    rows = list(products)
    if not rows:
        return {}
    used = _used(day)
    revenue, before = revenue_on(day), revenue_on(day - QUARTER)
    found = {}
    for product in rows:
        use = used.get(product.pk)
        counts: dict[str, int] = {name: int(use[name]) if use else 0 for name in COUNTS}
        sold = product.pk in revenue or product.pk in before
        found[product.pk] = ProductNumbers(
            age_days=(day - use["first"]).days if use else None,
            revenue=revenue.get(product.pk, 0.0) if sold else None,
            revenue_before=before.get(product.pk, 0.0) if sold else None, **counts,
        )  # fmt: skip
    return found


def to_count(*, day: date) -> list[Product]:
    """Products whose stage of the day is not kept, or may be another now: by the rules, by events that came since and touch
    days up to it, or by their revenue."""
    kept = {one.product_id: one for one in KeptStage.objects.filter(day=day, rules=RULES)}
    store, revenue, before = get_store(), revenue_on(day), revenue_on(day - QUARTER)

    def changed(row: KeptStage) -> bool:
        if row.log != store.log.id or store.touched_after(row.seq, until=day):
            return True
        sold = row.product_id in revenue or row.product_id in before
        now = (revenue.get(row.product_id, 0.0), before.get(row.product_id, 0.0)) if sold else (None, None)
        return now != (row.numbers.revenue, row.numbers.revenue_before)

    return [one for one in Product.objects.all() if one.pk not in kept or changed(kept[one.pk])]


def _used(day: date) -> dict[int, Any]:
    """Counts of accounts by product."""
    window = timedelta(days=USAGE_DAYS)
    then = day - QUARTER
    days = {"day": day, "now1": day - window, "now2": day - 2 * window, "then": then, "then1": then - window,
            "then2": then - 2 * window, "cutoff": end_of(day)}  # fmt: skip
    return {row["product_id"]: row for row in get_store().execute(_USE, days).to_pylist()}


def revenue_on(day: date) -> dict[int, float]:
    """Revenue a month by product, where a room above counts it."""
    if REVENUE not in product_measures():
        return {}
    catalogue = Catalogue(day=day)
    try:
        rows = catalogue.run(product_measures()[REVENUE].sql(catalogue)).to_pylist()
    finally:
        catalogue.close()
    return {row["product_id"]: float(row["value"]) for row in rows if row["value"] is not None}
