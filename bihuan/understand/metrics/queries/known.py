"""Which metrics there are: those that apps declare and those that people define here."""

from bihuan.base.metrics import Metric, declared_metrics
from bihuan.understand.engine.formula import names_of
from bihuan.understand.metrics.models import OwnMetric
from bihuan.understand.metrics.rules import Branch


def known_metrics() -> dict[str, Metric]:
    """Every metric by key, the declared ones first."""
    return declared_metrics() | {row.key: row.metric() for row in OwnMetric.objects.all()}


def branches_of(metrics: dict[str, Metric]) -> dict[str, Branch]:
    """The metrics that have drivers, as branches of trees; drivers that are gone are left out."""
    found = {
        key: Branch(how=metric.how, drivers=tuple(driver for driver in metric.drivers if driver in metrics))
        for key, metric in metrics.items()
    }
    return {key: branch for key, branch in found.items() if branch.drivers}


def inputs_of(metric: Metric) -> frozenset[str]:
    """The keys that its formula speaks of."""
    return names_of(metric.formula, field="formula") if metric.formula else frozenset()
