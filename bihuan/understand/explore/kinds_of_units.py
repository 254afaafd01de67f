"""Survival, clusters and trees made askable: which rows each of them needs, and what makes its answer of them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pyarrow as pa
from django.utils import timezone

from bihuan.base.access import Actor
from bihuan.base.rules import RuleError, evaluate
from bihuan.understand.engine import cluster, survival, tree
from bihuan.understand.engine.answer import Answer, QuestionError
from bihuan.understand.engine.fields import schema_of
from bihuan.understand.engine.units import fields_in, truth_of
from bihuan.understand.explore.kept import of_rows
from bihuan.understand.explore.lives import with_lives
from bihuan.understand.explore.reach import only_visible
from bihuan.understand.explore.registry import Kind, register_kind
from bihuan.understand.explore.units import units_of


def answer_survival(*, question: Mapping[str, Any], actor: Actor, at: datetime) -> Answer:
    """How long until it happens."""
    asked = survival.read_survival(question, today=timezone.localdate(at))
    moments = [m.name for m in (asked.start, asked.end) if m is not None and m.kind == "field"]
    named = [name for name in (asked.duration, asked.event, asked.by) if name is not None]
    rows = units_of(unit=asked.unit, fields=[*named, *moments, *asked.columns], segment=asked.segment, day=asked.as_of,
                    actor=actor)  # fmt: skip
    for name, field in (("duration", asked.duration), ("event", asked.event), ("by", asked.by)):
        if field is not None:
            rows = rows.append_column(name, rows[field])
    if asked.duration is None:
        rows = with_lives(rows, question=asked)
    return _remembered(
        "survival", asked, rows, lambda: survival.shape_survival(asked, rows=rows), actor=actor
    )


def answer_cluster(*, question: Mapping[str, Any], actor: Actor, at: datetime) -> Answer:
    """Which units are alike."""
    asked = cluster.read_cluster(question, today=timezone.localdate(at))
    rows = units_of(
        unit=asked.unit, fields=asked.measures, segment=asked.segment, day=asked.as_of, actor=actor
    )

    def make() -> Answer:
        found = cluster.clusters_of(asked, rows=rows)
        if asked.listed is not None:
            return cluster.members_of(asked, asked.listed, found=found, rows=rows)
        return cluster.shape_cluster(asked, found=found)

    return _remembered("cluster", asked, rows, make, actor=actor)


def answer_tree(*, question: Mapping[str, Any], actor: Actor, at: datetime) -> Answer:
    """What separates those who did."""
    asked = tree.read_tree(question, today=timezone.localdate(at))
    rows = units_of(unit=asked.unit, fields=[*asked.columns, *fields_in(asked.did)], segment=asked.segment,
                    day=asked.as_of, actor=actor)  # fmt: skip
    try:
        did = [truth_of(evaluate(asked.did, _record(row))) for row in rows.to_pylist()]
    except RuleError as error:
        raise QuestionError("did", str(error)) from None
    rows = rows.append_column("did", pa.array(did, pa.bool_()))
    return _remembered("tree", asked, rows, lambda: tree.shape_tree(asked, rows=rows), actor=actor)


def _remembered(kind: str, asked: Any, rows: pa.Table, make: Callable[[], Answer], *, actor: Actor) -> Answer:
    """The answer computed from these rows, or the one that was computed from the same before."""
    answer: Answer
    answer, was_kept = of_rows((kind, asked), rows=rows, make=make, size=4 * rows.nbytes + 10_000)
    return replace(answer if asked.listed is None else only_visible(answer, actor=actor), kept=was_kept)


def _record(row: Mapping[str, Any]) -> dict[str, Any]:
    """{"account": {…}, "person": {…}, "m": {…}} of a row, for a rule."""
    record: dict[str, Any] = {"account": {}, "person": {}, "m": {}}
    for name, value in row.items():
        whose, dot, field = name.partition(".")
        if dot:
            record[whose][field] = value
    return record


def register_unit_kinds() -> None:
    """Make the three askable."""
    for kind in (
        Kind(
            name="survival", permission="explore.view", answer=answer_survival, fields=survival.FIELDS,
            schema=schema_of("survival", survival.FIELDS),
            example="kind: survival\nunit: account\nstart: contract\nend: contract\nat: [3, 6, 12, 24]\nby: account.tier\n",
        ),
        Kind(
            name="cluster", permission="explore.view", answer=answer_cluster, fields=cluster.FIELDS,
            schema=schema_of("cluster", cluster.FIELDS, required=("measures",)),
            example="kind: cluster\nunit: account\nmeasures: [m.active_people, m.active_days, m.features, account.size]\n",
        ),
        Kind(
            name="tree", permission="explore.view", answer=answer_tree, fields=tree.FIELDS,
            schema=schema_of("tree", tree.FIELDS, required=("did", "columns")),
            example="kind: tree\nunit: account\ndid: m.days_silent > 14.0\n"
            "columns: [account.industry, account.tier, account.size, account.stage]\n",
        ),
    ):  # fmt: skip
        register_kind(kind)
