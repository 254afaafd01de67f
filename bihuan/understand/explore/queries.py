"""Asking: a question as a document in, an answer out, within the actor's territory."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from bihuan.base.access import Actor, Reach
from bihuan.capture.sources.queries import source_names
from bihuan.capture.store import INTERNAL_SOURCE, CannotCompute, get_store
from bihuan.know.accounts.models import Account, Person
from bihuan.know.products.models import Product
from bihuan.understand.engine.answer import Answer, AnswerColumn, QuestionError
from bihuan.understand.engine.trend import (
    MOST_SERIES,
    OTHER,
    TrendQuestion,
    buckets,
    definition_of,
    plan_trend,
    read_trend,
)
from bihuan.understand.explore.registry import Kind, kind_of, register_kind

SEGMENT_COLUMNS = {"name": "string", "tier": "string", "stage": "string", "industry": "string", "country": "string",
                   "city": "string", "size": "int64", "region": "string", "key": "string"}  # fmt: skip


def ask(*, question: Any, actor: Actor, at: datetime) -> Answer:
    """Answer a question; QuestionError for a wrong one, PermissionDenied for one the actor may not ask."""
    if not isinstance(question, Mapping):
        raise QuestionError("question", "write a document with a kind, such as kind: trend")
    kind = kind_of(question)
    if not actor.may(kind.permission):
        raise PermissionDenied(kind.permission)
    started = perf_counter()
    answer = kind.answer(question=question, actor=actor, at=at)
    return replace(answer, question=dict(question), took_ms=1000 * (perf_counter() - started))


def accounts_in_reach(*, actor: Actor, fields: Mapping[str, str] = SEGMENT_COLUMNS) -> pa.Table:
    """account_id and the columns a segment may speak of, for the actor's territory; empty texts are nulls."""
    paths = ["region__name" if name == "region" else name for name in fields]
    rows = list(Account.objects.visible_to(actor).values_list("pk", *paths))
    columns = list(zip(*rows, strict=True)) or [()] * (len(fields) + 1)
    types = {"string": pa.string(), "int64": pa.int64()}
    arrays = [pa.array(columns[0], pa.int64())]
    for values, kind in zip(columns[1:], fields.values(), strict=True):
        arrays.append(pa.array([None if value == "" else value for value in values], types[kind]))
    return pa.table(arrays, names=["account_id", *fields])


def answer_trend(*, question: Mapping[str, Any], actor: Actor, at: datetime) -> Answer:
    """A measure of events over time."""
    asked = read_trend(question, today=timezone.localdate(at))
    limited = bool(asked.segment) or actor.reach != Reach.ALL
    table = ibis.table({"account_id": "int64", **SEGMENT_COLUMNS}, name="reach") if limited else None
    store = get_store()

    def build() -> ir.Table:
        return plan_trend(asked, events=store.table(), accounts=table, internal_source=INTERNAL_SOURCE)

    sql = store.sql(("trend", asked, limited), build)
    try:
        found = store.execute(sql, tables={"reach": accounts_in_reach(actor=actor)} if limited else None)
    except CannotCompute as error:
        raise QuestionError("where", f"it cannot be computed: {error}") from None
    return shape_trend(asked, found=found, sql=sql, at=at)


def shape_trend(asked: TrendQuestion, *, found: pa.Table, sql: str, at: datetime) -> Answer:
    """Rows for every bucket; of many series the biggest stay, the rest is summed where sums make sense."""
    values: dict[Any, dict[str | None, float | None]] = defaultdict(dict)
    totals: dict[str | None, float] = defaultdict(float)
    for row in found.to_pylist():
        bucket = row["bucket"]
        if isinstance(bucket, datetime):
            bucket = timezone.localtime(bucket) if asked.every == "hour" else bucket.date()
        values[bucket][row["series"]] = row["value"]
        totals[row["series"]] += row["value"] or 0
    series = sorted(totals, key=lambda name: (-totals[name], name or ""))
    kept, rest = series[:MOST_SERIES], series[MOST_SERIES:]
    sums = asked.measure == "count" or asked.measure.startswith("sum")
    names = names_of(asked.by, kept)
    order = buckets(asked) if asked.every != "hour" else sorted(values)
    rows: list[tuple[Any, ...]] = []
    for bucket in order:
        here = values.get(bucket, {})
        empty = 0.0 if sums or asked.measure in ("people", "accounts") else None
        if asked.by is None:
            rows.append((bucket, here.get(None, empty)))
            continue
        rows += [(bucket, names[name], here.get(name, empty)) for name in kept]
        if rest and sums:
            rows.append((bucket, OTHER, sum(here.get(name) or 0 for name in rest)))
    columns = [
        AnswerColumn(
            name=asked.every if asked.every != "all" else "period",
            type="date" if asked.every != "hour" else "time",
        )
    ]
    if asked.by:
        columns.append(AnswerColumn(name=asked.by, type="text"))
    columns.append(AnswerColumn(name=asked.measure, type="number"))
    summary: dict[str, Any] = {"series": len(series), "buckets": len(order)}
    if sums:
        summary["total"] = sum(totals.values())
    left_out = {"smaller series, not shown": len(rest)} if rest and not sums else {}
    return Answer(
        kind="trend", question={}, definition=definition_of(asked, zone=settings.TIME_ZONE), columns=tuple(columns),
        rows=tuple(rows), summary=summary, left_out=left_out, sql=sql, as_of=timezone.localtime(at).isoformat(),
    )  # fmt: skip


def names_of(by: str | None, values: list[str | None]) -> dict[str | None, str]:
    """What to call each series: names of accounts, people, products and sources instead of their ids."""
    names: dict[str | None, str] = {value: "—" if value is None else str(value) for value in values}
    named: dict[str | None, Any] = {"account": Account, "person": Person, "product": Product}
    if by in named:
        rows = named[by].objects.in_bulk([int(value) for value in values if value is not None])
        names |= {str(pk): str(row) for pk, row in rows.items()}
    if by == "source":
        names |= {str(pk): name for pk, name in source_names().items() if str(pk) in names}
    return names


register_kind(Kind(
    name="trend", permission="explore.view", answer=answer_trend,
    example="kind: trend\nmeasure: people\nevery: week\nperiod: {last: 84d}\n",
))  # fmt: skip
