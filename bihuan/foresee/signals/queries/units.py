"""One row a subject with what kinds of signals need of it: records, measures, behaviour, and the same some days before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from django.db.models import Count

from bihuan.base.access import Actor, Reach
from bihuan.base.measures import measures, product_measures
from bihuan.capture.store import INTERNAL_SOURCE, CannotCompute, get_store
from bihuan.foresee.signals.rules import Wanted
from bihuan.know.accounts.models import Account, AccountTeam, Membership
from bihuan.know.products.models import Product
from bihuan.know.staff.models import Region
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.segment import Behaviour, plan_behaviour
from bihuan.understand.metrics.queries import Catalogue, end_of, values_as_of
from bihuan.understand.segments.queries import units_of

#: Fields of an account that segments do not have: its owner among us, and the owner's name when they left.
OWNER_FIELDS = ("account.owner", "account.owner_left")
#: What a measure of many accounts is added up to; of other kinds the mean is taken.
ADDED = ("number", "money")
UNIT_OF = {
    "account": "account",
    "person": "person",
    "product": "product",
    "region": "account",
    "feature": "event",
}
MOST_FEATURES = 2_000
#: No id: whom nobody has.
NOBODY = -1
Ids = np.ndarray[Any, np.dtype[np.int64]]
Numbers = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(kw_only=True)
class Needed:
    """What some kinds about one subject need on a day; `take` says under which name a column will lie in the rows."""

    about: str
    day: date
    fields: dict[str, None] = field(default_factory=dict)
    measured: dict[tuple[str, date], str] = field(default_factory=dict)
    counted: dict[tuple[Any, int, str, date], tuple[str, Behaviour]] = field(default_factory=dict)

    def take(self, column: str, *, kind: Wanted) -> str:
        """The name of the column for this kind."""
        whose, _dot, name = column.partition(".")
        described = {one.name: one for one in kind.behaviour}
        day = self.day - timedelta(days=kind.against) if whose == "before" else self.day
        if whose == "behaviour" or (whose == "before" and name in described):
            one = described[name]
            key = (one.selector, one.days, one.count, day)
            return self.counted.setdefault(key, (f"counted.{len(self.counted)}", one))[0]
        if whose in ("m", "before"):
            return self.measured.setdefault((name, day), f"measured.{len(self.measured)}")
        self.fields[column] = None
        return column


def units_with(needed: Needed, *, actor: Actor) -> pa.Table:
    """`unit`, `account` (null for products, regions and features) and every column that was taken; numbers are doubles.
    QuestionError for a name that there is not."""
    if needed.about in ("account", "person"):
        return _accounts_or_people(needed, actor=actor)
    if needed.about == "region":
        return _regions(needed, actor=actor)
    if needed.about == "product":
        return _products(needed, actor=actor)
    return _features(needed, actor=actor)


def _accounts_or_people(needed: Needed, *, actor: Actor) -> pa.Table:
    fields = [one for one in needed.fields if one not in OWNER_FIELDS]
    rows = units_of(unit=needed.about, fields=fields, day=needed.day, actor=actor)
    for name in [one for one in OWNER_FIELDS if one in needed.fields]:
        owners = _owners(left=name == "account.owner_left")
        rows = rows.append_column(
            name, pa.array([owners.get(one) for one in rows["account"].to_pylist()], pa.string())
        )
    measured = _measured(needed)
    accounts = rows["account"].fill_null(NOBODY).to_numpy()
    for key, column in needed.measured.items():
        rows = rows.append_column(
            column, pa.array(_aligned(accounts, *measured[key], other=np.nan), from_pandas=True)
        )
    return _with_counts(rows, needed)


def _aligned(units: Ids, known: Ids, values: Numbers, *, other: float) -> Numbers:
    """The value of each unit; `known` are the ids that have one, in any order, and `other` is what the rest has."""
    if not len(known):
        return np.full(len(units), other)
    order = np.argsort(known, kind="stable")
    places = order[np.searchsorted(known, units, sorter=order).clip(max=len(known) - 1)]
    return np.where(known[places] == units, values[places], other)


def _with_counts(rows: pa.Table, needed: Needed) -> pa.Table:
    """`unit` holds ids."""
    units = rows["unit"].to_numpy()
    for (_selector, _days, _count, day), (column, one) in needed.counted.items():
        found = _counts(one, unit=UNIT_OF[needed.about], day=day, known_on=needed.day).drop_null()
        known, values = found["unit"].to_numpy(), found["value"].to_numpy().astype(np.float64)
        rows = rows.append_column(column, pa.array(_aligned(units, known, values, other=0.0)))
    return rows


def _owners(*, left: bool) -> dict[int, str]:
    rows = AccountTeam.objects.filter(is_owner=True, staff__is_active=not left)
    return dict(rows.values_list("account_id", "staff__name"))


def _measured(needed: Needed) -> dict[tuple[str, date], tuple[Ids, Numbers]]:
    """By measure and day (the accounts, their values); NaN where there is none."""
    found: dict[tuple[str, date], tuple[Ids, Numbers]] = {}
    for day in {day for _name, day in needed.measured}:
        names = sorted({name for name, on in needed.measured if on == day})
        try:
            values = values_as_of(day=day, names=names)
        except LookupError as error:
            raise QuestionError("measure", str(error.args[0])) from None
        found |= {(name, day): (values.account_ids, values.by_measure[name]) for name in names}
    return found


def counted(behaviour: Behaviour, *, unit: str, day: date, known_on: date) -> Mapping[Any, int]:
    """How often each unit did it in the days up to `day`, as far as it is known at the end of `known_on`."""
    found = _counts(behaviour, unit=unit, day=day, known_on=known_on)
    return dict(zip(found["unit"].to_pylist(), found["value"].to_pylist(), strict=True))


def _counts(behaviour: Behaviour, *, unit: str, day: date, known_on: date) -> pa.Table:
    """The same as columns `unit` and `value`."""
    store = get_store()
    key = ("signal", behaviour, unit, day, known_on)
    sql = store.sql(key, lambda: plan_behaviour(
        behaviour, unit=unit, events=store.table(), day=day, cutoff=end_of(known_on), internal_source=INTERNAL_SOURCE,
    ))  # fmt: skip
    try:
        return store.execute(sql)
    except CannotCompute as error:
        raise QuestionError(f"behaviour.{behaviour.name}", f"it cannot be computed: {error}") from None


def _regions(needed: Needed, *, actor: Actor) -> pa.Table:
    """A region's numbers are those of its accounts: numbers and money added up, other measures as the mean."""
    region_of = {
        pk: region for pk, region in Account.objects.visible_to(actor).values_list("pk", "region_id") if region is not None
    }  # fmt: skip
    regions = {row.pk: row for row in Region.objects.filter(pk__in=set(region_of.values())).order_by("pk")}
    ids = list(regions)
    columns: dict[str, Any] = {
        "unit": pa.array(ids, pa.int64()),
        "account": pa.array([None] * len(ids), pa.int64()),
    }
    for name in needed.fields:
        columns[name] = _field_of_regions(name.partition(".")[2], regions, region_of, day=needed.day)
    measured, known = _measured(needed), measures()
    for (name, day), column in needed.measured.items():
        add = known[name].kind in ADDED
        accounts, values = measured[name, day]
        of_account = {int(pk): float(v) for pk, v in zip(accounts, values, strict=True) if not np.isnan(v)}
        columns[column] = pa.array(_by_region(of_account, region_of, ids, add=add), pa.float64())
    for (_s, _d, _c, day), (column, one) in needed.counted.items():
        found = counted(one, unit="account", day=day, known_on=needed.day)
        sums = _by_region({pk: float(v) for pk, v in found.items()}, region_of, ids, add=True)
        columns[column] = pa.array([value or 0.0 for value in sums], pa.float64())
    return pa.table(columns)


def _by_region(
    values: Mapping[int, float], region_of: Mapping[int, int], ids: Sequence[int], *, add: bool
) -> list[float | None]:
    sums: dict[int, list[float]] = {}
    for account, value in values.items():
        region = region_of.get(account)
        if region is not None:
            sums.setdefault(region, []).append(value)
    return [None if one not in sums else sum(sums[one]) / (1 if add else len(sums[one])) for one in ids]


def _field_of_regions(
    name: str, regions: Mapping[int, Region], region_of: Mapping[int, int], *, day: date
) -> pa.Array:
    if name in ("name", "key"):
        texts = [row.name if name == "name" else row.code for row in regions.values()]
        return pa.array(texts, pa.string())
    numbers = dict.fromkeys(regions, 0.0)
    if name == "accounts":
        for region in region_of.values():
            numbers[region] += 1
    else:
        held = Membership.objects.valid_on(day).order_by().values("account_id")
        for account, people in held.annotate(people=Count("person_id", distinct=True)).values_list(
            "account_id", "people"
        ):
            if account in region_of:
                numbers[region_of[account]] += people
    return pa.array(list(numbers.values()), pa.float64())


def _products(needed: Needed, *, actor: Actor) -> pa.Table:
    """Products are about every account: who does not see them all has none."""
    found = Product.objects.order_by("pk") if actor.reach == Reach.ALL else Product.objects.none()
    rows = {row.pk: row for row in found}
    ids = list(rows)
    columns: dict[str, Any] = {
        "unit": pa.array(ids, pa.int64()),
        "account": pa.array([None] * len(ids), pa.int64()),
    }
    for name in needed.fields:
        texts = [row.name if name == "product.name" else row.code for row in rows.values()]
        columns[name] = pa.array(texts, pa.string())
    for (name, day), column in needed.measured.items():
        columns[column] = pa.array([_of_products(name, day).get(one) for one in ids], pa.float64())
    return _with_counts(pa.table(columns), needed)


def _of_products(name: str, day: date) -> dict[int, float]:
    known = product_measures()
    if name not in known:
        raise QuestionError(
            "measure", f"no measure of products is called {name!r}; there is: {', '.join(sorted(known))}"
        )
    catalogue = Catalogue(day=day)
    try:
        found = catalogue.run(known[name].sql(catalogue)).drop_null()
    finally:
        catalogue.close()
    return {
        int(pk): float(v)
        for pk, v in zip(found["product_id"].to_pylist(), found["value"].to_pylist(), strict=True)
    }


def _features(needed: Needed, *, actor: Actor) -> pa.Table:
    """Features are event names; like products they are about every account."""
    counts = {}
    if actor.reach == Reach.ALL:
        for (_s, _d, _c, day), (column, one) in needed.counted.items():
            counts[column] = counted(one, unit="event", day=day, known_on=needed.day)
    ids = sorted({str(name) for found in counts.values() for name in found})[:MOST_FEATURES]
    columns: dict[str, Any] = {
        "unit": pa.array(ids, pa.string()),
        "account": pa.array([None] * len(ids), pa.int64()),
    }
    columns |= {name: pa.array(ids, pa.string()) for name in needed.fields}
    columns |= {
        column: pa.array([float(counts.get(column, {}).get(one, 0)) for one in ids], pa.float64())
        for column, _behaviour in needed.counted.values()
    }
    return pa.table(columns)
