"""The kinds of questions about events, for whoever asks them: read → plans → shape."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from bihuan.understand.engine import (
    attribution,
    funnel,
    lifecycle,
    path,
    process,
    retention,
    stickiness,
    trend,
)
from bihuan.understand.engine.answer import Answer
from bihuan.understand.engine.fields import Field


@dataclass(frozen=True, kw_only=True)
class EventKind:
    """A kind of question. What `read` gives has a `scope` and may have `by`.

    read(raw, *, today) → question, or QuestionError. plans(question, *, events, reach, internal_source, traits) →
    expressions by name. shape(question, *, found, zone, today, names) → Answer, from each plan's rows.
    """

    name: str
    read: Callable[..., Any]
    plans: Callable[..., Mapping[str, ir.Table]]
    shape: Callable[..., Answer]
    fields: tuple[Field, ...]
    example: str
    required: tuple[str, ...] = ()


KINDS = (
    EventKind(
        name="trend", read=trend.read_trend, plans=trend.plans_of_trend, shape=trend.shape_trend, fields=trend.FIELDS,
        example="kind: trend\nmeasure: people\nevery: week\nperiod: {last: 84d}\n",
    ),
    EventKind(
        name="funnel", read=funnel.read_funnel, plans=funnel.plans_of_funnel, shape=funnel.shape_funnel,
        fields=funnel.FIELDS, required=("steps",),
        example="kind: funnel\nunit: account\nsteps:\n  - trial_started\n  - event: report_exported\n"
        "    where: 'props.rows > 10'\n  - {events: [order_paid, contract_signed], label: bought}\nwithin: 14d\n"
        "period: {last: 84d}\n",
    ),
    EventKind(
        name="retention", read=retention.read_retention, plans=retention.plans_of_retention,
        shape=retention.shape_retention, fields=retention.FIELDS,
        example="kind: retention\nunit: person\nstart: trial_started\nevery: week\nperiods: 6\nperiod: {last: 84d}\n",
    ),
    EventKind(
        name="stickiness", read=stickiness.read_stickiness, plans=stickiness.plans_of_stickiness,
        shape=stickiness.shape_stickiness, fields=stickiness.FIELDS,
        example="kind: stickiness\nunit: person\nevery: day\nperiod: {last: 28d}\n",
    ),
    EventKind(
        name="lifecycle", read=lifecycle.read_lifecycle, plans=lifecycle.plans_of_lifecycle,
        shape=lifecycle.shape_lifecycle, fields=lifecycle.FIELDS,
        example="kind: lifecycle\nunit: account\nevery: week\nperiod: {last: 84d}\n",
    ),
    EventKind(
        name="process", read=process.read_process, plans=process.plans_of_process, shape=process.shape_process,
        fields=process.FIELDS,
        example="kind: process\nunit: props.ticket\nshow: follows\nperiod: {last: 365d}\n",
    ),
    EventKind(
        name="path", read=path.read_path, plans=path.plans_of_path, shape=path.shape_path, fields=path.FIELDS,
        example="kind: path\nfrom: trial_started\nsteps: 5\nperiod: {last: 28d}\n",
    ),
    EventKind(
        name="attribution", read=attribution.read_attribution, plans=attribution.plans_of_attribution,
        shape=attribution.shape_attribution, fields=attribution.FIELDS, required=("touch", "conversion"),
        example="kind: attribution\nunit: account\ntouch: {events: [webinar_joined, ad_clicked, mail_opened]}\n"
        "conversion: order_paid\nmodel: position\nwithin: 30d\nperiod: {last: 84d}\n",
    ),
)  # fmt: skip
