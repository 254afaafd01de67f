"""What raises signals: so far a metric that is out of order."""

from datetime import date

from bihuan.base.access import system_actor
from bihuan.base.bus import Delivery, reaction
from bihuan.foresee.signals.actions import raise_signal
from bihuan.foresee.signals.queries import METRIC_ALERT
from bihuan.understand.metrics.events import MetricAlerted
from bihuan.understand.metrics.queries import known_metrics


@reaction(MetricAlerted)
def signal_a_metric_out_of_order(fact: MetricAlerted, *, context: Delivery) -> None:
    """One for each alert and day; a metric that is gone meanwhile is nobody's matter."""
    metric = known_metrics().get(fact.metric)
    if metric is None:
        return
    raise_signal(
        kind=METRIC_ALERT, day=date.fromisoformat(fact.day), origin=f"{METRIC_ALERT}:{fact.alert_id}:{fact.day}",
        about=str(metric.title), metric=fact.metric, needs=metric.permission,
        seen={"rule": fact.rule, "side": fact.side, "value": fact.value, "bound": fact.bound},
        by=system_actor("signals"), at=context.at,
    )  # fmt: skip
