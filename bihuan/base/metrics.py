"""Metrics: one number for all accounts of a territory and a period. Apps declare them in metrics.py.

A metric gets its value in one of three ways: a question document (its time is filled in), a measure put together over accounts,
or a formula over other metrics. Drivers make a tree: the metric is their product or their sum, and a change of it is divided
among them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise

Text = str | Promise
KEY = re.compile(r"^[a-z][a-z0-9_]{0,59}\Z")


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric. `kind` says how to write a value, as of a measure; `layer` whom it is about; who may see it needs
    `permission` beside that of the page, when there is one.

    One source: `question` (its value is the headline number that `pick` names, else the last column of the first row);
    `measure` with `over` (sum, mean of accounts that have a value, count of those above 0, share: that count of those that
    have a value); `formula` over keys of metrics.
    """

    key: str
    title: Text
    definition: Text
    unit: Text = ""
    kind: str = "number"
    higher_is_better: bool = True
    layer: Literal["customer", "person", "product"] = "customer"
    permission: str = ""
    question: Mapping[str, Any] | None = None
    pick: str = ""
    measure: str = ""
    over: Literal["sum", "mean", "count", "share"] = "sum"
    formula: str = ""
    how: Literal["product", "sum"] = "product"
    drivers: tuple[str, ...] = ()


_metrics: dict[str, Metric] = {}


def register_metric(metric: Metric) -> Metric:
    """Make a metric known under its key; ValueError for a second one and for one without exactly one source."""
    if metric.key in _metrics:
        raise ValueError(f"the metric {metric.key!r} is declared twice")
    if not KEY.match(metric.key):
        raise ValueError(f"the key {metric.key!r} of a metric is not small letters, digits and _")
    if sum(bool(source) for source in (metric.question, metric.measure, metric.formula)) != 1:
        raise ValueError(f"the metric {metric.key!r} needs a question, a measure or a formula")
    _metrics[metric.key] = metric
    return metric


def declared_metrics() -> dict[str, Metric]:
    """Every declared metric by key (a copy)."""
    return dict(_metrics)
